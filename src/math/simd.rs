//! Loops compiled once for every width of vectors, of which the processor's widest is taken at run time.

/// Work too long to be inlined as a closure: its `call` is marked `#[inline(always)]`.
pub(crate) use pulp::NullaryFnOnce as Work;

/// Runs `work` as compiled for the widest vectors of this processor.
///
/// Functions that `work` calls take part where they are inlined, so they are marked `#[inline(always)]`, as is the
/// closure itself. Every width gives the same bits: the compiler neither reorders sums of floats nor joins a product
/// with a sum.
#[inline(always)]
pub(crate) fn widest<R>(work: impl FnMut() -> R) -> R {
    run(Closure(work))
}

/// [`widest`] for a type.
#[inline(always)]
pub(crate) fn run<W: Work>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(work)
}

/// Called as `FnMut`: as `FnOnce` a closure that could be called again is called by way of a function that is not
/// inlined, whatever the closure is marked with, and so is left with the narrowest vectors.
struct Closure<F>(F);

impl<R, F: FnMut() -> R> Work for Closure<F> {
    type Output = R;

    #[inline(always)]
    fn call(mut self) -> R {
        (self.0)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_width_joins_a_product_with_a_sum() {
        // Joined, the square of 1 + e less 1 + 2 e is e squared; rounded in between it is 0.
        let numbers: Vec<f64> = (0..1000).map(|k| 1.0 + f64::from(k % 50) * f64::EPSILON).collect();
        let rest = widest(
            #[inline(always)]
            || numbers.iter().map(|x| x * x - (x + (x - 1.0))).fold(0.0, f64::max),
        );
        assert_eq!(rest.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn every_width_sums_in_the_order_written() {
        let numbers: Vec<f64> = (1..1000).map(|k| f64::from(k).sqrt()).collect();
        let sum = || numbers.iter().fold(0.0, |sum, x| sum + x * x.sin());
        assert_eq!(widest(sum).to_bits(), sum().to_bits());
    }
}
