//! Chance that can be repeated.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The stream of number `index` under a seed. It depends on nothing else, so that neither the number of streams nor
/// that of threads changes any.
pub(in crate::cluster) fn stream(seed: u64, index: usize) -> Xoshiro256PlusPlus {
    let mut of_seed = Xoshiro256PlusPlus::seed_from_u64(seed);
    let start: u64 = of_seed.r#gen();
    Xoshiro256PlusPlus::seed_from_u64(start.wrapping_add(index as u64))
}
