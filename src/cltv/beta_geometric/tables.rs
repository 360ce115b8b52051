//! Tables that rows with the same x share, within a block and among the blocks of a table.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// x, and what else tells one table from another.
pub(super) type Key = (u32, i32);

/// Tables are kept of so many x, and so in bounded memory. Who buys more often is rare.
pub(super) const KEPT: u32 = 64;

/// The tables made so far, by any thread. What a table holds depends on its key alone, so it does not matter
/// who makes it.
pub(super) struct Shared<T>(Mutex<BTreeMap<Key, Arc<T>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Shared<T> {
    fn get(&self, key: Key) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    fn keep(&self, key: Key, table: &Arc<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(table));
    }
}

/// The tables that one block has met, looked up without a lock.
pub(super) struct Kept<'a, T> {
    shared: &'a Shared<T>,
    own: Vec<(Key, Arc<T>)>,
}

impl<'a, T> Kept<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        Self { shared, own: Vec::new() }
    }

    pub(super) fn get(&mut self, key: Key, make: impl FnOnce() -> T) -> &T {
        let place = match self.own.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(place) => place,
            Err(place) => {
                let table = self.shared.get(key).unwrap_or_else(|| {
                    let table = Arc::new(make());
                    if key.0 < KEPT {
                        self.shared.keep(key, &table);
                    }
                    table
                });
                self.own.insert(place, (key, table));
                place
            }
        };
        &self.own[place].1
    }
}
