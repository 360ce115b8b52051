//! The four parameters, and the integral over the unknown time of leaving.
//!
//! With a = r + x the likelihood of a history is (Fader & Hardie 2005, "A Note on Deriving the Pareto/NBD
//! Model", equation 18, before the integral is written as hypergeometric functions)
//!
//! ```text
//! Γ(a)/Γ(r) α^r β^s [ (α+T)^-a (β+T)^-s + s ∫ (α+y)^-a (β+y)^-(s+1) dy, y from t_x to T ]
//! ```
//!
//! Both terms are positive, and the integrand falls with y. So all is taken relative to its value at `t_x`: then
//! nothing overflows, and what underflows is as good as nothing.

use crate::math::{
    lanes::{self, LANES, Lanes, each, sum},
    quadrature::{NODES, WEIGHTS},
};

/// The parameters, in any unit of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Law {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) s: f64,
    pub(super) beta: f64,
}

/// The two terms in brackets, divided by `(α+t_x)^-a (β+t_x)^-s`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Ends {
    /// The customer is still there at T: from 0 to 1.
    pub(super) stayed: f64,
    /// The customer left between `t_x` and T.
    pub(super) left: f64,
}

impl Ends {
    pub(super) fn sum(self) -> f64 {
        self.stayed + self.left
    }

    pub(super) fn p_alive(self) -> f64 {
        self.stayed / self.sum()
    }
}

impl Law {
    /// The terms for `a` = r + x and times `t_x` and T.
    pub(super) fn ends(&self, a: f64, recency: f64, age: f64) -> Ends {
        let silence = Silence::of(self, a, recency, age);
        let mut mass = 0.0;
        silence.visit(|nodes| mass += sum(&nodes.mass));
        Ends { stayed: silence.stayed, left: self.s * silence.scale * mass }
    }
}

/// The time from the last purchase to the end of the observation, in the variable `u = ln((m+y)/(m+t_x))` with
/// m the lesser of α and β. Of the two powers that of m is then an exponential in u, and the other bends over
/// at a distance of at least π, so that few nodes are enough.
pub(super) struct Silence {
    /// `(α+T)^-a (β+T)^-s` over the same at `t_x`.
    pub(super) stayed: f64,
    /// What the sum over the nodes is to be multiplied with.
    pub(super) scale: f64,
    /// `ln((α+T)/(α+t_x))` and `ln((β+T)/(β+t_x))`.
    pub(super) logs: [f64; 2],
    /// Whether α is the lesser of the two.
    pub(super) alpha_is_low: bool,
    /// `(m+t_x) / (M+t_x)`, with M the greater.
    pub(super) ratio: f64,
    length: f64,
    /// `(T-t_x)/(m+t_x)`.
    growth: f64,
    /// No logarithm of the integrand falls faster than this.
    steepness: f64,
    low_power: f64,
    high_power: f64,
}

/// The nodes of a panel, at times y.
pub(super) struct Nodes {
    /// `ln((m+y)/(m+t_x))`.
    pub(super) low: Lanes,
    /// `ln((M+y)/(M+t_x))`.
    pub(super) high: Lanes,
    /// `(y-t_x)/(m+t_x)`.
    pub(super) growth: Lanes,
    /// Weight of the node times the integrand.
    pub(super) mass: Lanes,
}

/// Over the first panel the integrand falls by at most this power of e. With 16 nodes and [`WIDEST`] the
/// relative error is below 2e-15; with 8 nodes and the bounds of [`COARSE`] as well.
const STEEPEST: f64 = 12.0;
const WIDEST: f64 = 2.0;
const COARSE_STEEPEST: f64 = 3.0;
const COARSE_WIDEST: f64 = 1.0;

/// A rest of the integral below this share of it is left out.
const NOTHING: f64 = 1e-30;

/// Nodes on 0 to 1, and their weights.
type Rule = (Lanes, Lanes);

/// The rule of 16 nodes, in two halves.
const FINE: [Rule; 2] = [(part(NODES, 0), part(WEIGHTS, 0)), (part(NODES, 8), part(WEIGHTS, 8))];

const fn part(of: [f64; 2 * LANES], first: usize) -> Lanes {
    let (mut part, mut at) = ([0.0; LANES], 0);
    while at < LANES {
        part[at] = of[first + at];
        at += 1;
    }
    part
}

/// The rule of 8 nodes.
const COARSE: Rule = (
    [
        0.019_855_071_751_231_884,
        0.101_666_761_293_186_63,
        0.237_233_795_041_835_5,
        0.408_282_678_752_175_1,
        0.591_717_321_247_825,
        0.762_766_204_958_164_5,
        0.898_333_238_706_813_4,
        0.980_144_928_248_768_1,
    ],
    [
        0.050_614_268_145_188_13,
        0.111_190_517_226_687_24,
        0.156_853_322_938_943_64,
        0.181_341_891_689_181,
        0.181_341_891_689_181,
        0.156_853_322_938_943_64,
        0.111_190_517_226_687_24,
        0.050_614_268_145_188_13,
    ],
);

impl Silence {
    pub(super) fn of(law: &Law, a: f64, recency: f64, age: f64) -> Self {
        let (alpha, beta, span) = (law.alpha + recency, law.beta + recency, age - recency);
        let logs = [(span / alpha).ln_1p(), (span / beta).ln_1p()];
        let alpha_is_low = law.alpha <= law.beta;
        let [low, high] = if alpha_is_low { [alpha, beta] } else { [beta, alpha] };
        let [low_power, high_power] = if alpha_is_low { [a, law.s + 1.0] } else { [law.s + 1.0, a] };
        Self {
            stayed: (-a * logs[0] - law.s * logs[1]).exp(),
            scale: low / beta,
            alpha_is_low,
            ratio: low / high,
            length: if alpha_is_low { logs[0] } else { logs[1] },
            steepness: (low_power - 1.0).abs() + high_power,
            growth: span / low,
            logs,
            low_power,
            high_power,
        }
    }

    /// The panels from the last purchase on, each twice as wide as the one before, as long as they hold anything.
    #[inline]
    pub(super) fn visit(&self, mut visit: impl FnMut(&Nodes)) {
        let (mut start, mut width) = (0.0, WIDEST.min(STEEPEST / self.steepness));
        let mut so_far = 0.0;
        while start < self.length {
            let left = self.length - start;
            let panel = width.min(left);
            if panel <= COARSE_WIDEST && panel * self.steepness <= COARSE_STEEPEST {
                visit(&self.nodes(start, panel, &COARSE));
            } else {
                for rule in &FINE {
                    let nodes = self.nodes(start, panel, rule);
                    visit(&nodes);
                    so_far += sum(&nodes.mass);
                    if self.rest(&nodes, panel, rule) <= NOTHING * so_far {
                        return;
                    }
                }
            }
            start = if width < left { start + width } else { self.length };
            width = (2.0 * width).min(WIDEST);
        }
    }

    /// More than is left of the integral after some nodes: it falls with y.
    #[inline]
    fn rest(&self, nodes: &Nodes, width: f64, (_, weights): &Rule) -> f64 {
        let height = nodes.mass[LANES - 1] / (width * weights[LANES - 1]);
        height * (1.0 + self.growth) / (1.0 + nodes.growth[LANES - 1])
    }

    #[inline]
    fn nodes(&self, start: f64, width: f64, (nodes, weights): &Rule) -> Nodes {
        let low = each(nodes, |node| start + width * node);
        let growth = lanes::exp_m1(&low);
        let high = lanes::ln_1p(&each(&growth, |growth| self.ratio * growth));
        let mut mass = [0.0; LANES];
        for at in 0..LANES {
            mass[at] = (1.0 - self.low_power) * low[at] - self.high_power * high[at];
        }
        mass = lanes::exp(&mass);
        for (mass, weight) in mass.iter_mut().zip(weights) {
            *mass *= width * weight;
        }
        Nodes { low, high, growth, mass }
    }
}
