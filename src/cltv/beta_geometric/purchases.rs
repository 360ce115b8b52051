//! How many purchases to expect.
//!
//! A [`Staying`] customer of rate λ who leaves with probability p makes (1 - e^(-λ p t)) / p purchases in t on
//! average. Over λ and p, with τ = t / rate and z = t / (rate + t), that is
//! E[(1 - (1 + p τ)^-shape) / p] = shape ∫ (1 - u)^(a - 2) 2F1(a + b - 1 - shape, a; a + b; u) du,
//! u from 0 to z: (1 - z)^(a - 1) times a power series in z. Unlike the form of the paper, it has no pole at
//! a = 1 and needs no a + b > 1. Where the series serves not, the mean over p is taken by quadrature.
//!
//! Beside τ it depends on x alone. Over l = ln(1 + τ) it has no singularity within π of the real line, so that
//! for each x short polynomials serve all rows whose l lies in the same piece.

use super::{
    BetaGeometric, Staying,
    beta_rule::BetaRule,
    chebyshev::Chebyshev,
    tables::{KEPT, Kept, Shared},
};
use crate::{
    math::lanes::{self, LANES, each, gather},
    summary::History,
};

/// The purchases of who has not left over l, by x and piece; `None` where a polynomial does not serve.
pub(super) type Piece = Option<Chebyshev>;

pub(super) fn expected_into(
    model: &BetaGeometric,
    rows: &[History],
    time: f64,
    shared: &Shared<Piece>,
    out: &mut [f64],
) {
    let mut tables = Tables { model, pieces: model.pieces(), kept: Kept::new(shared) };
    lanes::answer(
        rows,
        out,
        #[inline(always)]
        |rows, out| {
            *out = model.p_alive_of(rows);
            let lengths = lanes::ln_1p(&gather(rows, |row| time / (model.alpha + row.age())));
            for ((row, length), out) in rows.iter().zip(lengths).zip(out) {
                let ahead = tables.purchases(row, length);
                // An endless number of purchases of nobody is none.
                *out = if *out > 0.0 { *out * ahead } else { 0.0 };
            }
        },
    );
}

impl BetaGeometric {
    /// How many pieces of l to a unit: the more, the more of those who do not leave at once leave within one.
    fn pieces(&self) -> f64 {
        // The mean of p times the shape, which is closer to a the larger x is.
        let leaving = self.a.max(self.r * (self.a / (self.a + self.b)));
        (4.0 + leaving).min(MOST_PIECES).ceil()
    }
}

const MOST_PIECES: f64 = 64.0;

/// What rows with the same x share.
struct Tables<'a> {
    model: &'a BetaGeometric,
    pieces: f64,
    kept: Kept<'a, Piece>,
}

impl Tables<'_> {
    /// The purchases of a customer of this history who has not left, for l = ln(1 + τ).
    #[inline(always)]
    fn purchases(&mut self, row: &History, length: f64) -> f64 {
        let Self { model, pieces, kept } = self;
        if length.is_finite() && row.repeats() < KEPT {
            let piece = (length * *pieces) as i32;
            let make =
                || model.staying(row).piece(f64::from(piece) / *pieces, f64::from(piece + 1) / *pieces);
            if let Some(polynomial) = kept.get((row.repeats(), piece), make) {
                return (length * polynomial.at(length)).min(model.staying(row).all_purchases());
            }
        }
        model.staying(row).purchases(length)
    }
}

impl Staying {
    /// Purchases without end: E[1 / p], infinite where too many hardly ever leave.
    #[inline]
    pub(super) fn all_purchases(&self) -> f64 {
        if self.a > 1.0 { (self.a + self.b - 1.0) / (self.a - 1.0) } else { f64::INFINITY }
    }

    /// For l, reckoned for itself; endless if it is not finite.
    #[cold]
    fn purchases(&self, length: f64) -> f64 {
        let all = self.all_purchases();
        if length.is_finite() { Ahead::up_to(self, length).at(length).min(all) } else { all }
    }

    #[cold]
    fn piece(&self, start: f64, end: f64) -> Piece {
        let ahead = Ahead::up_to(self, end);
        // Of parameters for which no series serves rows are rare: a quadrature for each is less work.
        let is_rare = end <= LONGEST && matches!(ahead.way, Way::Quadrature(_));
        if is_rare { None } else { Chebyshev::of(start, end, |length| ahead.at(length) / length) }
    }
}

/// The purchases of who has not left, for l up to a longest one.
struct Ahead<'a> {
    staying: &'a Staying,
    way: Way,
}

enum Way {
    Series(Series),
    Quadrature(BetaRule),
}

/// For longer times, z above 7/8, a series would be too long.
const LONGEST: f64 = 3.0 * std::f64::consts::LN_2;

impl<'a> Ahead<'a> {
    fn up_to(staying: &'a Staying, length: f64) -> Self {
        let series = if length <= LONGEST { Series::of(staying, -(-length).exp_m1()) } else { None };
        let way = series.map_or_else(
            || {
                let mut rule = BetaRule::default();
                rule.set(staying.a, staying.b, length.exp_m1() * (1.0 + staying.shape));
                Way::Quadrature(rule)
            },
            Way::Series,
        );
        Self { staying, way }
    }

    fn at(&self, length: f64) -> f64 {
        match &self.way {
            Way::Series(series) => {
                let z = -(-length).exp_m1();
                let sum = polynomial(&series.coefficients, z);
                self.staying.shape * z * sum * (-series.power * length).exp()
            }
            Way::Quadrature(rule) => self.staying.mean_purchases(length.exp_m1(), rule),
        }
    }
}

impl Staying {
    /// By quadrature over p, for τ = t / rate.
    fn mean_purchases(&self, ratio: f64, rule: &BetaRule) -> f64 {
        rule.mean(|p| {
            let log = lanes::ln_1p(&each(p, |p| p * ratio));
            let mut purchases = lanes::exp_m1(&each(&log, |log| -self.shape * log));
            for (purchases, p) in purchases.iter_mut().zip(p) {
                let some = -*purchases / p;
                *purchases = if p * ratio * self.shape > 1e-300 { some } else { self.shape * ratio };
            }
            purchases
        })
    }
}

const MOST_TERMS: usize = 320;
/// A series whose terms cancel to less than this share is no use.
const LEAST_LEFT: f64 = 0.02;

/// (1 - z)^power times a series in z, up to a largest one. Its coefficients are a multiple of [`LANES`].
struct Series {
    power: f64,
    coefficients: Vec<f64>,
}

impl Series {
    fn of(staying: &Staying, most: f64) -> Option<Self> {
        let Staying { shape, a, b, .. } = *staying;
        // The second has positive terms always; the first has fewer.
        let forms = [(a + b - 1.0 - shape, a, a - 1.0), (shape + 1.0, b, shape)];
        forms.into_iter().find_map(|(p, q, power)| {
            let mut coefficients = Vec::new();
            if power.abs() * -(-most).ln_1p() >= 300.0 {
                return None;
            }
            append(p, q, a + b, power, most, &mut coefficients)?;
            coefficients.resize(coefficients.len().next_multiple_of(LANES), 0.0);
            Some(Self { power, coefficients })
        })
    }
}

/// The series of (1 - z)^-power ∫ (1 - u)^(power - 1) 2F1(p, q; c; u) du over z, u from 0 to z, as long as it
/// needs to be at z = `most`. `None` if that is too long, or too little is left of the terms.
fn append(p: f64, q: f64, c: f64, power: f64, most: f64, to: &mut Vec<f64>) -> Option<()> {
    // The derivative in z: (k + 1) next = term of 2F1 + (k + power) coefficient.
    let (mut inner, mut coefficient) = (1.0_f64, 0.0_f64);
    let (mut scale, mut sum, mut size, mut before) = (1.0, 0.0_f64, 0.0, 0.0_f64);
    for k in 0..MOST_TERMS {
        let at = k as f64;
        coefficient = (inner + (at + power) * coefficient) / (at + 1.0);
        to.push(coefficient);
        let term = coefficient * scale;
        sum += term;
        size += term.abs();
        let ratio = term.abs() / before;
        let rest = term.abs() * ratio.max(most) / (1.0 - ratio.max(most));
        let settled = at > 2.0 - p.min(q).min(power);
        if settled && rest >= 0.0 && rest <= 1e-17 * size {
            return (sum.abs() > LEAST_LEFT * size && size < 1e200).then_some(());
        }
        inner *= (p + at) * (q + at) / ((c + at) * (1.0 + at));
        scale *= most;
        before = term.abs();
    }
    None
}

/// The sum of coefficients, a multiple of [`LANES`], times ascending powers.
fn polynomial(coefficients: &[f64], z: f64) -> f64 {
    let square = z * z;
    let fourth = square * square;
    let eighth = fourth * fourth;
    let mut lanes = [0.0; LANES];
    for chunk in coefficients.chunks_exact(LANES).rev() {
        for (lane, coefficient) in lanes.iter_mut().zip(chunk) {
            *lane = *lane * eighth + coefficient;
        }
    }
    let pairs = [0, 2, 4, 6].map(|lane| lanes[lane] + lanes[lane + 1] * z);
    let [low, high] = [0, 2].map(|pair| pairs[pair] + pairs[pair + 1] * square);
    low + high * fourth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cltv::beta_geometric::Leaving, domain::Tick};

    const LAWS: [[f64; 4]; 9] = [
        [0.25, 4.0, 0.8, 2.5],
        [0.25, 4.0, 0.3, 0.1],
        [6.0, 4.0, 0.3, 0.1],
        [0.5, 4.0, 1.0, 20.0],
        [0.5, 4.0, 9.0, 0.01],
        [1e-3, 4.0, 1e-3, 1e3],
        [1e6, 4.0, 2.0, 20.0],
        [2.0, 4.0, 40.0, 60.0],
        [2.0, 4.0, 1e4, 3e4],
    ];
    const COUNTS: [u32; 7] = [0, 1, 2, 9, 63, 64, 300];
    const LENGTHS: [f64; 10] = [1e-12, 0.1, 0.24, 0.65, 1.3, 2.0, 2.08, 3.0, 6.99, 50.7];

    fn model(law: [f64; 4]) -> BetaGeometric {
        BetaGeometric::new(Leaving::AfterRepeats, Tick::Week, law).unwrap()
    }

    fn by_quadrature(staying: &Staying, length: f64) -> f64 {
        let mut rule = BetaRule::default();
        rule.set(staying.a, staying.b, length.exp_m1() * (1.0 + staying.shape));
        staying.mean_purchases(length.exp_m1(), &rule)
    }

    #[test]
    fn the_series_agrees_with_the_quadrature() {
        let (mut tried, mut served) = (0, 0);
        for (law, repeats) in LAWS[..6].iter().flat_map(|&law| COUNTS.map(|repeats| (law, repeats))) {
            let staying = model(law).staying(&History::new(repeats, 0.0, 36.0).unwrap());
            for length in LENGTHS.into_iter().filter(|&length| length < 2.079) {
                tried += 1;
                let ahead = Ahead::up_to(&staying, length);
                served += u32::from(matches!(ahead.way, Way::Series(_)));
                let (found, known) = (ahead.at(length), by_quadrature(&staying, length));
                assert!((found / known - 1.0).abs() < 1e-12, "{law:?} {repeats} {length}: {found} {known}");
            }
        }
        assert!(served > tried * 3 / 4, "{served} of {tried}");
    }

    #[test]
    fn pieces_agree_with_the_quadrature() {
        let (mut tried, mut served) = (0, 0);
        for (law, repeats) in LAWS.iter().flat_map(|&law| COUNTS.map(|repeats| (law, repeats))) {
            let (model, shared) = (model(law), Shared::default());
            let mut tables = Tables { model: &model, pieces: model.pieces(), kept: Kept::new(&shared) };
            let row = History::new(repeats, 0.0, 36.0).unwrap();
            for length in LENGTHS {
                let (found, known) =
                    (tables.purchases(&row, length), by_quadrature(&model.staying(&row), length));
                assert!((found / known - 1.0).abs() < 1e-12, "{law:?} {repeats} {length}: {found} {known}");
                if repeats < KEPT {
                    tried += 1;
                    let piece = (repeats, (length * tables.pieces) as i32);
                    served += u32::from(tables.kept.get(piece, || None).is_some());
                }
            }
        }
        assert!(served > tried * 3 / 4, "{served} of {tried}");
    }
}
