//! A lifetime in whole periods whose chance to end differs from customer to customer: beta-geometric.

use crate::math::{
    quadrature::{NODES, WEIGHTS, panels},
    special::{Compensated, Rising, ln_rising},
};

/// At the end of each period the customer leaves with a probability θ of their own, beta distributed with
/// `gamma` and `delta`. The survival function is S(t) = B(gamma, delta + t) / B(gamma, delta).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Lifetime {
    pub(super) gamma: f64,
    pub(super) delta: f64,
}

impl Lifetime {
    /// The lifetime left to one who has lasted so many periods.
    pub(super) fn after(self, periods: f64) -> Self {
        Self { delta: self.delta + periods, ..self }
    }

    /// The mean share that lasts one period, S(1).
    pub(super) fn lasting(self) -> f64 {
        self.delta / (self.gamma + self.delta)
    }

    /// ln S(t), for real t >= 0.
    pub(super) fn ln_survival(self, t: f64) -> f64 {
        -ln_ratio(self.delta, self.gamma, t).max(0.0)
    }

    pub(super) fn survival(self, t: f64) -> f64 {
        self.ln_survival(t).exp()
    }

    /// The periods to be lasted of the next `horizon`, S(1) + S(2) + ... + S(horizon); a fraction of a period
    /// counts as that fraction of its term. Infinite if the horizon is and gamma is at most 1.
    pub(super) fn periods(self, horizon: f64) -> f64 {
        if horizon.is_infinite() {
            return if self.gamma > 1.0 { self.delta / (self.gamma - 1.0) } else { f64::INFINITY };
        }
        let (whole, part) = (horizon.floor(), horizon.fract());
        let last = if part > 0.0 { part * self.survival(whole + 1.0) } else { 0.0 };
        self.lasting() * self.after(1.0).sum(whole) + last
    }

    /// S(0) + S(1) + ... + S(terms - 1), for delta >= 1:
    /// (gamma + delta - 1) / (gamma - 1) (1 - (delta)_n / (gamma + delta - 1)_n) for n terms, where (a)_n is a
    /// rising factorial. At gamma = 1 the singularity is removable.
    fn sum(self, terms: f64) -> f64 {
        let Self { gamma, delta } = self;
        let over = gamma - 1.0;
        let middle = delta + over / 2.0;
        // ln of the ratio of the two rising factorials. Close to 1 it is the integral of the derivative
        // between the two arguments, by three points of Gauss and Legendre.
        let ln = if over.abs() < 0.05 * delta {
            let slope = |at: f64| Rising::of(middle + at * over / 2.0, terms).first;
            let end = 0.6_f64.sqrt();
            over * (5.0 * slope(-end) + 8.0 * slope(0.0) + 5.0 * slope(end)) / 18.0
        } else {
            ln_ratio(delta + over.min(0.0), over.abs(), terms).copysign(over)
        };
        let shrunk =
            if over.abs() < 1e-100 { Rising::of(delta, terms).first } else { -(-ln).exp_m1() / over };
        ((delta + over) * shrunk).clamp(0.0, terms)
    }

    /// S(1) e^-rate + S(2) e^(-2 rate) + ... without end. Infinite where that is.
    pub(super) fn discounted_periods(self, rate: f64) -> f64 {
        if !(rate > 0.0) {
            return if rate < 0.0 { f64::INFINITY } else { self.periods(f64::INFINITY) };
        }
        let next = self.after(1.0);
        let ratio = |k: f64| (-rate).exp() * next.after(k).lasting();
        let ln_term = |k: f64| next.ln_survival(k) - rate * k;
        // If every period were lasted; and where nothing is left of a term, that of the last.
        let most = -(-rate).exp_m1().recip();
        let end = (HEAD + 800.0 / rate).min(1e300);
        self.lasting() * (-rate).exp() * sum_falling(end, most, ratio, ln_term).min(most)
    }
}

/// ln of (a + more)_n / (a)_n.
fn ln_ratio(a: f64, more: f64, n: f64) -> f64 {
    // Of two equal forms the one whose terms are small, so that little cancels.
    if more < n {
        ln_rising(a + n, more) - ln_rising(a, more)
    } else {
        ln_rising(a + more, n) - ln_rising(a, n)
    }
}

/// Terms that are added one by one; the rest of the sum is an integral.
pub(super) const HEAD: f64 = 1024.0;
/// What is less than this part of a sum does not change it.
const NEGLIGIBLE: f64 = 1e-17;

/// f(0) + f(1) + ... + f(count - 1), where f(0) = 1, f falls smoothly, and after [`HEAD`] terms hardly.
///
/// `ratio(k)` is f(k + 1) / f(k) and `ln_term(y)` is ln f(y) at a real y. `bound` times f(k) is no less than
/// all terms after k.
pub(super) fn sum_falling(
    count: f64,
    bound: f64,
    ratio: impl Fn(f64) -> f64,
    ln_term: impl Fn(f64) -> f64,
) -> f64 {
    let (mut sum, mut term, mut k) = (Compensated::default(), 1.0, 0.0);
    while k < count.min(HEAD) {
        sum.add(term);
        term *= ratio(k);
        k += 1.0;
        if !(term * bound > NEGLIGIBLE * sum.total()) {
            return sum.total();
        }
    }
    for (at, weight) in tail(count) {
        sum.add(weight * ln_term(at).exp());
    }
    sum.total()
}

/// Places and weights whose weighted sum of a smooth f is that of f over [`HEAD`], `HEAD` + 1 ... `count` - 1.
///
/// By the rule of the midpoint a sum is an integral from half a step before the first term to half a step
/// before the end, which is taken over panels that double in width; what is left of the difference, a part
/// (c / HEAD)^2 / 24 where f falls as a power c, is taken off by differences at both ends.
pub(super) fn tail(count: f64) -> impl Iterator<Item = (f64, f64)> {
    let length = (count - HEAD).max(0.0);
    let nodes = panels(length, HEAD).flat_map(|(start, width)| {
        let node = move |(node, weight): (&f64, &f64)| (HEAD - 0.5 + start + width * node, width * weight);
        NODES.iter().zip(&WEIGHTS).map(node)
    });
    let ends = [(HEAD, 1.0), (HEAD - 1.0, -1.0), (count, -1.0), (count - 1.0, 1.0)];
    let ends = ends.into_iter().filter(move |_| length > 0.0);
    ends.map(|(at, sign)| (at, sign / 24.0)).chain(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, known: f64, tolerance: f64) -> bool {
        (found - known).abs() <= tolerance * known.abs()
    }

    /// By adding up the terms.
    fn added(life: Lifetime, periods: u32, rate: f64) -> f64 {
        let (mut sum, mut term) = (Compensated::default(), 1.0);
        for t in 0..periods {
            term *= life.after(t.into()).lasting() * (-rate).exp();
            sum.add(term);
        }
        sum.total()
    }

    #[test]
    fn the_closed_sum_is_the_sum_of_the_terms_and_passes_through_one() {
        for gamma in [1e-6, 0.3, 0.999_999, 1.0, 1.0 + 1e-13, 1.000_001, 1.04, 1.06, 2.5, 40.0, 1e4] {
            for delta in [1e-6, 0.4, 2.8, 50.0, 1e6] {
                let life = Lifetime { gamma, delta };
                for periods in [1, 2, 7, 100, 5000] {
                    let (found, known) = (life.periods(periods.into()), added(life, periods, 0.0));
                    assert!(close(found, known, 2e-12), "{gamma} {delta} {periods}: {found} {known}");
                    let half = f64::from(periods) + 0.5;
                    let between = known + 0.5 * life.survival(f64::from(periods) + 1.0);
                    assert!(close(life.periods(half), between, 2e-12));
                }
            }
        }
    }

    #[test]
    fn long_sums_are_the_sums_of_their_terms() {
        for (gamma, delta) in [(0.01, 0.5), (0.66, 2.78), (1.0, 1.0), (4.0, 900.0), (30.0, 2000.0)] {
            let life = Lifetime { gamma, delta };
            for rate in [1e-4, 0.0027, 0.05, 2.0] {
                let (found, known) = (life.discounted_periods(rate), added(life, 400_000, rate));
                assert!(close(found, known, 1e-11), "{gamma} {delta} {rate}: {found} {known}");
            }
            for count in [1025_u32, 1500, 40_000] {
                let ratio = |k: f64| life.after(k).lasting();
                let found = sum_falling(count.into(), count.into(), ratio, |y| life.ln_survival(y));
                let known = 1.0 + added(life, count - 1, 0.0);
                assert!(close(found, known, 1e-11), "{gamma} {delta} {count}: {found} {known}");
            }
        }
    }

    #[test]
    fn all_is_finite_at_the_ends() {
        for gamma in [1e-15, 1e-3, 1.0, 1e3, 1e15] {
            for delta in [1e-15, 1.0, 1e15] {
                let life = Lifetime { gamma, delta };
                for t in [0.0, 1.0, 1e3, 1e9] {
                    assert!((0.0..=1.0).contains(&life.survival(t)), "{gamma} {delta} {t}");
                    assert!((0.0..=t).contains(&life.periods(t)), "{gamma} {delta} {t}");
                }
                for rate in [1e-18, 1e-9, 0.1, 700.0] {
                    let found = life.discounted_periods(rate);
                    assert!(found >= 0.0 && found.is_finite(), "{gamma} {delta} {rate}: {found}");
                }
                assert!(life.periods(f64::INFINITY) >= life.periods(1e9) * (1.0 - 1e-9));
            }
        }
    }
}
