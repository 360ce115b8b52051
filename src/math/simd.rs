//! Loops compiled once for every width of vectors, of which the processor's widest is taken at run time.

/// A closure, or, where that is too long to be inlined, a type whose `call` is marked `#[inline(always)]`.
pub(crate) use pulp::NullaryFnOnce as Work;

/// Runs `work` as compiled for the widest vectors of this processor.
///
/// Functions that `work` calls take part where they are inlined, so they are marked `#[inline(always)]`. Every
/// width gives the same bits: the compiler neither reorders sums of floats nor joins a product with a sum.
#[inline(always)]
pub(crate) fn widest<W: Work>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_gives_the_same_bits() {
        let numbers: Vec<f64> = (1..1000).map(|k| f64::from(k).sqrt()).collect();
        let sum = || numbers.iter().fold(0.0, |sum, x| sum + x * x.sin());
        assert_eq!(widest(sum).to_bits(), sum().to_bits());
    }
}
