//! Sets that are joined by many threads at once.
#![allow(clippy::inline_always, reason = "only what is inlined has the widest vectors")]

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A forest of members, each below the least of its set once all is joined. Which threads join what in which
/// order does not change the sets.
#[derive(Debug)]
pub(crate) struct DisjointSets {
    /// Never greater than the member itself, so ways up end.
    above: Vec<AtomicU32>,
}

impl DisjointSets {
    /// Sets of one member each.
    pub(crate) fn new(members: usize) -> Self {
        Self { above: (0..members as u32).map(AtomicU32::new).collect() }
    }

    /// The member that stands for a set at this moment. It changes while others join sets, from which two that have
    /// the same are in one set for good.
    #[inline(always)]
    pub(crate) fn find(&self, mut member: u32) -> u32 {
        loop {
            let above = self.above[member as usize].load(Relaxed);
            if above == member {
                return member;
            }
            let next = self.above[above as usize].load(Relaxed);
            if next != above {
                // Halves the way. What another thread wrote meanwhile leads up as well, and may be lost.
                self.above[member as usize].store(next, Relaxed);
            }
            member = next;
        }
    }

    /// Joins two sets.
    #[inline(always)]
    pub(crate) fn join(&self, a: u32, b: u32) {
        let (mut a, mut b) = (self.find(a), self.find(b));
        while a != b {
            let (low, high) = (a.min(b), a.max(b));
            // Only one that still stands for its set is put below another.
            if self.above[high as usize].compare_exchange(high, low, Relaxed, Relaxed).is_ok() {
                return;
            }
            (a, b) = (self.find(low), self.find(high));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::parallel;
    use proptest::prelude::*;

    #[test]
    fn sets_are_those_of_a_plain_search() {
        let joins = proptest::collection::vec((0_u32..60, 0_u32..60), 0..60);
        proptest!(|(joins in joins)| {
            let sets = DisjointSets::new(60);
            parallel::map(joins.clone(), |(a, b)| sets.join(a, b));
            let mut least: Vec<u32> = (0..60).collect();
            for _ in 0..60 {
                for &(a, b) in &joins {
                    let low = least[a as usize].min(least[b as usize]);
                    (least[a as usize], least[b as usize]) = (low, low);
                }
            }
            prop_assert!((0..60).all(|member| sets.find(member) == least[member as usize]));
        });
    }
}
