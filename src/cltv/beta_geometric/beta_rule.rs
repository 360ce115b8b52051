//! Means over a beta distribution, for any of its parameters.

use crate::math::{
    lanes::{self, LANES, Lanes, gather},
    quadrature::{NODES, WEIGHTS},
    simd,
};

/// A quadrature rule for the mean of a function of p, where p is beta distributed: all weights are positive
/// and sum to 1.
///
/// It runs over y = ln(p / (1 - p)), where the density is smooth and falls exponentially on both sides, in
/// panels from the mode outwards. Far out, where the function has become constant, one node at 0 or 1 stands
/// for the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct BetaRule {
    nodes: Vec<(f64, f64)>,
}

/// So far out e^y is nothing beside 1.
const FAR: f64 = 40.0;
/// Past the last bend by so much, panels may grow.
const PAST: f64 = 4.0;
const WIDEST: f64 = 2.0;
/// A part below this share adds nothing.
const NOTHING: f64 = 1e-18;
/// A beta distribution this narrow is a point.
const POINT: f64 = 1e-8;

impl BetaRule {
    /// For functions that between 0 and 1/`steep` are all but constant, and smooth functions of ln p above,
    /// falling no faster than 1/p or p^-`steep`.
    pub(super) fn set(&mut self, a: f64, b: f64, steep: f64) {
        self.nodes.clear();
        let deviation = (a.recip() + b.recip()).sqrt();
        let mean = a / (a + b);
        if deviation < POINT {
            self.nodes.push((mean, 1.0));
            return;
        }
        let density = Density { a, b, mean, mode: (a / b).ln() };
        let width = WIDEST.min(2.5 * deviation);
        let sum = 1.0 + a + b;
        let mut totals = Totals { weight: 0.0, over: 0.0, least: steep.max(1.0).recip() };
        let low = density.mode.min(-(steep + 1.0).ln()).min(-sum.ln());
        let high = density.mode.max(sum.ln()).max((steep + 1.0).ln());
        let sides = [Side { sign: -1.0, edge: -low, slope: a }, Side { sign: 1.0, edge: high, slope: b }];
        for side in sides {
            self.walk(&density, &side, width, &mut totals);
        }
        for (_, weight) in &mut self.nodes {
            *weight /= totals.weight;
        }
    }

    /// Adds panels from the mode to one side.
    fn walk(&mut self, density: &Density, side: &Side, mut width: f64, totals: &mut Totals) {
        let mut start = 0.0;
        loop {
            let before = totals.weight;
            let mut over = 0.0;
            for (node, weight) in NODES.iter().zip(&WEIGHTS) {
                let (p, density) = density.at(side.sign * (start + width * node));
                let weight = width * weight * density;
                self.nodes.push((p, weight));
                totals.weight += weight;
                over += weight / p.max(totals.least);
            }
            totals.over += over;
            start += width;
            let nothing = totals.weight - before <= NOTHING * totals.weight && over <= NOTHING * totals.over;
            let y = side.sign * (density.mode + side.sign * start);
            if nothing {
                return;
            }
            if y > side.edge + FAR {
                let (_, density) = density.at(side.sign * start);
                self.nodes.push((f64::from(u8::from(side.sign > 0.0)), density / side.slope));
                totals.weight += density / side.slope;
                return;
            }
            if y > side.edge + PAST {
                width = (2.0 * width).min((16.0 / side.slope).max(width));
            }
        }
    }

    /// The mean of a function of eight p at a time.
    pub(super) fn mean(&self, of: impl Fn(&Lanes) -> Lanes) -> f64 {
        simd::run(
            #[inline(always)]
            || self.weigh(of),
        )
    }

    #[inline(always)]
    fn weigh(&self, of: impl Fn(&Lanes) -> Lanes) -> f64 {
        let mut sums = [0.0; LANES];
        for nodes in self.nodes.chunks(LANES) {
            // Beyond the last node 1 stands for p, without a weight.
            let mut eight = [(1.0, 0.0); LANES];
            eight.iter_mut().zip(nodes).for_each(|(to, node)| *to = *node);
            let found = of(&gather(&eight, |node| node.0));
            for at in 0..LANES {
                sums[at] += eight[at].1 * found[at];
            }
        }
        lanes::sum(&sums)
    }
}

/// The density of y, 1 at its mode.
struct Density {
    a: f64,
    b: f64,
    mean: f64,
    mode: f64,
}

impl Density {
    /// p and the density, so far from the mode.
    fn at(&self, away: f64) -> (f64, f64) {
        // ln(1 - mean + mean e^away), which may be near 0 or far below it.
        let growth = if away > -1.0 || self.mean < 0.5 {
            (self.mean * away.exp_m1()).ln_1p()
        } else {
            (self.b / (self.a + self.b) + self.mean * away.exp()).ln()
        };
        let p = self.mean * (away - growth).exp();
        (p.min(1.0), (self.a * away - (self.a + self.b) * growth).exp())
    }
}

struct Totals {
    weight: f64,
    /// Of the weights over p: the steepest function.
    over: f64,
    /// Below it the function is constant.
    least: f64,
}

/// A direction from the mode.
struct Side {
    sign: f64,
    /// Past it, in this direction, the density is an exponential and the function constant.
    edge: f64,
    /// By which the density falls there.
    slope: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::lanes::each;

    #[test]
    fn powers_have_their_means() {
        let mut rule = BetaRule::default();
        let sizes = [1e-12, 1e-3, 0.3, 1.0, 7.0, 1e4, 1e9, 1e15];
        for (a, b) in sizes.into_iter().flat_map(|a| sizes.map(|b| (a, b))) {
            rule.set(a, b, 1.0);
            // E[p] = a / (a + b), and E[p^2] = E[p] (a + 1) / (a + b + 1).
            let mean = a / (a + b);
            for (found, known) in [
                (rule.mean(|_| [1.0; LANES]), 1.0),
                (rule.mean(|p| *p), mean),
                (rule.mean(|p| each(p, |p| p * p)), mean * ((a + 1.0) / (a + b + 1.0))),
            ] {
                assert!((found / known - 1.0).abs() < 1e-12, "{a} {b}: {found} {known}");
            }
        }
    }

    #[test]
    fn one_over_p_has_its_mean() {
        let mut rule = BetaRule::default();
        for (a, b) in [(1.5, 1e-3), (2.0, 3.0), (40.0, 1e6), (1e5, 2.0)] {
            rule.set(a, b, 1e30);
            let known = (a + b - 1.0) / (a - 1.0);
            assert!((rule.mean(|p| each(p, f64::recip)) / known - 1.0).abs() < 1e-12, "{a} {b}");
        }
    }
}
