//! How many purchases to expect.
//!
//! A [`Staying`] customer of rate λ who leaves with probability p makes (1 - e^(-λ p t)) / p purchases in t on
//! average. Over λ and p, with τ = t / rate and z = t / (rate + t), that is
//! E[(1 - (1 + p τ)^-shape) / p] = shape ∫ (1 - u)^(a - 2) 2F1(a + b - 1 - shape, a; a + b; u) du,
//! u from 0 to z: (1 - z)^(a - 1) times a power series in z. Its coefficients depend on x alone, and so serve
//! all rows of a block with the same x. Unlike the form of the paper, it has no pole at a = 1 and needs no
//! a + b > 1.

use super::{
    BetaGeometric, Staying,
    beta_rule::BetaRule,
    chebyshev::Chebyshev,
    tables::{KEPT, Kept, Shared},
};
use crate::{
    math::lanes::{self, LANES, gather},
    summary::History,
};

pub(super) fn expected_into(
    model: &BetaGeometric,
    rows: &[History],
    time: f64,
    shared: &Shared<Chebyshev>,
    out: &mut [f64],
) {
    let mut tables = Tables::new(shared);
    model.p_alive_into(rows, out);
    for (rows, out) in rows.chunks(LANES).zip(out.chunks_mut(LANES)) {
        let ratio = gather(rows, |row| time / (model.alpha + row.age()));
        let length = lanes::ln_1p(&ratio);
        let (mut factor, mut exponent, mut all) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (at, row) in rows.iter().enumerate() {
            let staying = model.staying(row);
            all[at] = staying.all_purchases();
            let found = tables.purchases(row, &staying, Time { ratio: ratio[at], length: length[at] });
            (factor[at], exponent[at]) = found.unwrap_or((all[at], 0.0));
        }
        let power = lanes::exp(&exponent);
        for (at, out) in out.iter_mut().enumerate() {
            // An endless number of purchases of nobody is none.
            *out = if *out > 0.0 { *out * (factor[at] * power[at]).min(all[at]) } else { 0.0 };
        }
    }
}

/// A time as τ and as ln(1 + τ).
#[derive(Clone, Copy)]
struct Time {
    ratio: f64,
    length: f64,
}

impl Staying {
    /// Purchases without end: E[1 / p], infinite where too many hardly ever leave.
    pub(super) fn all_purchases(&self) -> f64 {
        if self.a > 1.0 { (self.a + self.b - 1.0) / (self.a - 1.0) } else { f64::INFINITY }
    }

    /// By quadrature over p, for τ = t / rate.
    fn purchases(&self, ratio: f64, rule: &mut BetaRule) -> f64 {
        rule.set(self.a, self.b, ratio * (1.0 + self.shape));
        self.mean_purchases(ratio, rule)
    }

    fn mean_purchases(&self, ratio: f64, rule: &BetaRule) -> f64 {
        rule.mean(|p| {
            let some = -(-self.shape * (p * ratio).ln_1p()).exp_m1();
            if p * ratio * self.shape > 1e-300 { some / p } else { self.shape * ratio }
        })
    }
}

/// A series serves all z up to its tier's.
const TIERS: [f64; 7] = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875];
const MOST_TERMS: usize = 320;
/// A series whose terms cancel to less than this share is no use.
const LEAST_LEFT: f64 = 0.02;

/// The series met so far, by x and tier.
struct Tables<'a> {
    coefficients: Vec<f64>,
    kept: Vec<Option<Series>>,
    /// The purchases of who has not left over ln(1 + τ), by x and the whole part of that: for longer times.
    longer: Kept<'a, Chebyshev>,
    rule: BetaRule,
}

impl<'a> Tables<'a> {
    fn new(shared: &'a Shared<Chebyshev>) -> Self {
        let kept = vec![None; KEPT as usize * TIERS.len()];
        let longer = Kept::new(shared);
        Self { coefficients: Vec::new(), kept, longer, rule: BetaRule::default() }
    }

    /// The purchases of who has not left, as a factor and an exponent of e; `None` of an endless time.
    fn purchases(&mut self, row: &History, staying: &Staying, time: Time) -> Option<(f64, f64)> {
        if time.ratio == 0.0 {
            return Some((0.0, 0.0));
        }
        if time.ratio.is_infinite() {
            return None;
        }
        let z = time.ratio / (1.0 + time.ratio);
        let purchases = match TIERS.iter().position(|&most| z <= most) {
            Some(tier) => self.by_series(row, staying, tier, z, time.length),
            None => self.by_interpolation(row, staying, time.length).map(|purchases| (purchases, 0.0)),
        };
        purchases.or_else(|| Some((staying.purchases(time.ratio, &mut self.rule), 0.0)))
    }

    /// `None` where no table is kept.
    fn by_interpolation(&mut self, row: &History, staying: &Staying, log: f64) -> Option<f64> {
        let rule = &mut self.rule;
        let make = || {
            rule.set(staying.a, staying.b, (log.floor() + 1.0).exp() * (1.0 + staying.shape));
            Chebyshev::of(log.floor(), |log| staying.mean_purchases(log.exp_m1(), rule))
        };
        (row.repeats() < KEPT).then(|| self.longer.get((row.repeats(), log as i32), make).at(log))
    }

    fn by_series(
        &mut self,
        row: &History,
        staying: &Staying,
        tier: usize,
        z: f64,
        log: f64,
    ) -> Option<(f64, f64)> {
        let place = row.repeats() as usize * TIERS.len() + tier;
        let kept = self.kept.get(place).copied().flatten();
        let end = self.coefficients.len();
        let series = kept.unwrap_or_else(|| Series::of(staying, TIERS[tier], &mut self.coefficients));
        let sum = polynomial(&self.coefficients[series.first..series.first + series.terms], z);
        match self.kept.get_mut(place) {
            Some(room) => *room = Some(series),
            None => self.coefficients.truncate(end),
        }
        (series.terms > 0).then_some((staying.shape * z * sum, -series.power * log))
    }
}

/// (1 - z)^power times a series in z, whose coefficients lie in a run of the table; without terms if none
/// serves.
#[derive(Clone, Copy)]
struct Series {
    power: f64,
    first: usize,
    terms: usize,
}

impl Series {
    fn of(staying: &Staying, most: f64, to: &mut Vec<f64>) -> Self {
        let Staying { shape, a, b, .. } = *staying;
        let first = to.len();
        // The second has positive terms always; the first has fewer.
        let forms = [(a + b - 1.0 - shape, a, a - 1.0), (shape + 1.0, b, shape)];
        for (p, q, power) in forms {
            if power.abs() * -(-most).ln_1p() < 300.0 && append(p, q, a + b, power, most, to).is_some() {
                to.resize(first + (to.len() - first).next_multiple_of(LANES), 0.0);
                return Self { power, first, terms: to.len() - first };
            }
            to.truncate(first);
        }
        Self { power: 0.0, first, terms: 0 }
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

    #[test]
    fn the_series_agrees_with_the_quadrature() {
        let mut rule = BetaRule::default();
        let (mut tried, mut served) = (0, 0);
        for values in [
            [0.25, 4.0, 0.8, 2.5],
            [0.25, 4.0, 0.3, 0.1],
            [6.0, 4.0, 0.3, 0.1],
            [0.5, 4.0, 1.0, 20.0],
            [0.5, 4.0, 9.0, 0.01],
            [1e-3, 4.0, 1e-3, 1e3],
        ] {
            let model = BetaGeometric::new(Leaving::AfterRepeats, Tick::Week, values).unwrap();
            let shared = Shared::default();
            let mut tables = Tables::new(&shared);
            for repeats in [0, 1, 2, 9, 63, 64, 300] {
                let row = History::new(repeats, 0.0, 36.0).unwrap();
                let staying = model.staying(&row);
                for ratio in [1e-12, 0.1, 0.9, 3.0, 6.9] {
                    let z = ratio / (1.0 + ratio);
                    let tier = TIERS.iter().position(|&most| z <= most).unwrap();
                    tried += 1;
                    let found = tables.by_series(&row, &staying, tier, z, ratio.ln_1p());
                    let Some((factor, exponent)) = found else { continue };
                    let found = factor * exponent.exp();
                    served += 1;
                    let known = staying.purchases(ratio, &mut rule);
                    assert!(
                        (found / known - 1.0).abs() < 1e-12,
                        "{values:?} {repeats} {ratio}: {found} {known}"
                    );
                }
            }
        }
        assert!(served > tried * 3 / 4, "{served} of {tried}");
    }

    #[test]
    fn interpolation_agrees_with_the_quadrature() {
        let mut rule = BetaRule::default();
        for values in [
            [0.25, 4.0, 0.8, 2.5],
            [6.0, 4.0, 1e-3, 0.1],
            [1e6, 4.0, 2.0, 20.0],
            [1e-3, 4.0, 1.0, 1e3],
            [2.0, 4.0, 1e4, 3e4],
        ] {
            let model = BetaGeometric::new(Leaving::AfterRepeats, Tick::Week, values).unwrap();
            let shared = Shared::default();
            let mut tables = Tables::new(&shared);
            for repeats in [0, 1, 9, 63] {
                let row = History::new(repeats, 0.0, 36.0).unwrap();
                let staying = model.staying(&row);
                for log in [2.08, 2.5, 3.0, 6.99, 15.2, 50.7] {
                    let found = tables.by_interpolation(&row, &staying, log).unwrap();
                    let known = staying.purchases(f64::exp_m1(log), &mut rule);
                    assert!(
                        (found / known - 1.0).abs() < 1e-12,
                        "{values:?} {repeats} {log}: {found} {known}"
                    );
                }
            }
        }
    }
}
