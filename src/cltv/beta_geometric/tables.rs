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
    /// By what is left of the key: one more than the place of a table that may be that of the key.
    places: Vec<u32>,
}

/// Enough that few keys share a place.
const PLACES: usize = 1 << 10;

impl<'a, T> Kept<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>) -> Self {
        Self { shared, own: Vec::new(), places: vec![0; PLACES] }
    }

    #[inline]
    pub(super) fn get(&mut self, key: Key, make: impl FnOnce() -> T) -> &T {
        let place = (key.0.wrapping_add(KEPT.wrapping_mul(key.1.cast_unsigned()))) as usize % PLACES;
        let known = (self.places[place] as usize).wrapping_sub(1);
        let is_known = self.own.get(known).is_some_and(|(of, _)| *of == key);
        let at = if is_known { known } else { self.find(key, place, make) };
        &self.own[at].1
    }

    /// Takes the table from the shared ones, or makes it, and says where it is now.
    #[cold]
    fn find(&mut self, key: Key, place: usize, make: impl FnOnce() -> T) -> usize {
        let table = self.shared.get(key).unwrap_or_else(|| {
            let table = Arc::new(make());
            if key.0 < KEPT {
                self.shared.keep(key, &table);
            }
            table
        });
        // Another key may have the place.
        let at = (self.places[place] as usize).checked_sub(1).unwrap_or(self.own.len());
        match self.own.get_mut(at) {
            Some(own) => *own = (key, table),
            None => self.own.push((key, table)),
        }
        self.places[place] = at as u32 + 1;
        at
    }
}
