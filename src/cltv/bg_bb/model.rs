//! What a fitted BG/BB can do.

use super::{NAMES, likelihood::Seen};
use crate::{
    cltv::{
        bounds,
        lifetime::{Lifetime, sum_falling},
    },
    domain::{Horizon, Rate, Tick},
    error::Error,
    model::{
        AliveProbability, DiscountedPurchases, Parameter, Parametric, PurchaseDistribution, PurchaseForecast,
    },
    summary::History,
};

/// A fitted [`BgBb`](super::BgBb), or one of given parameters.
///
/// # Units
/// There is one opportunity a tick, the next of them a tick from now. A horizon is turned into ticks, and a
/// fraction of a tick counts as that fraction of the opportunity at its end: 365 days of a yearly model are
/// 0.9993 opportunities. A rate discounts by the tick. Histories that are not whole numbers of
/// opportunities count as the nearest that are.
///
/// # Example
/// ```
/// use patronage::{
///     cltv::BgBbModel,
///     domain::{Horizon, Tick},
///     model::{AliveProbability, PurchaseForecast},
///     summary::HistoryTable,
/// };
///
/// let donors = BgBbModel::new(Tick::Year, 1.20352, 0.74972, 0.65672, 2.78344)?;
/// let two = HistoryTable::from_columns(Tick::Year, &[0, 6], &[0.0, 6.0], &[6.0, 6.0])?;
/// let alive = donors.p_alive(&two);
/// assert!((alive[0] - 0.11).abs() < 0.005 && (alive[1] - 0.93).abs() < 0.005);
/// assert!((donors.expected_purchases_new(Horizon::years(5)) - 1.9381).abs() < 5e-5);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "saved::Saved", try_from = "saved::Saved"))]
pub struct BgBbModel {
    tick: Tick,
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl BgBbModel {
    /// A model of given parameters, with an opportunity every `tick`.
    ///
    /// # Errors
    /// If a parameter is not from 1e-15 to 1e15.
    pub fn new(tick: Tick, alpha: f64, beta: f64, gamma: f64, delta: f64) -> Result<Self, Error> {
        Ok(Self {
            tick,
            alpha: bounds::positive("alpha", alpha)?,
            beta: bounds::positive("beta", beta)?,
            gamma: bounds::positive("gamma", gamma)?,
            delta: bounds::positive("delta", delta)?,
        })
    }

    /// With `beta`, how likely customers buy at an opportunity: with `alpha / (alpha + beta)` on average.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// See [`alpha`](Self::alpha).
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// With `delta`, how likely customers leave before an opportunity: with `gamma / (gamma + delta)` on
    /// average.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// See [`gamma`](Self::gamma).
    pub fn delta(&self) -> f64 {
        self.delta
    }

    fn people(&self) -> People {
        let lifetime = Lifetime { gamma: self.gamma, delta: self.delta };
        People { alpha: self.alpha, beta: self.beta, lifetime }
    }

    /// The probability that a customer of this history was there at the last opportunity, and what is known
    /// of one who was.
    fn known(&self, history: &History) -> (f64, People) {
        let seen = Seen::nearest(history);
        let (x, last) = (f64::from(seen.repeats), f64::from(seen.last));
        let missed = f64::from(seen.opportunities) - last;
        let known = self.people().after(x, last);
        let (there, lifetime) = (known.silence(), known.lifetime);
        // Of having left right after the last purchase, one opportunity later, and so on: each in relation
        // to the first of them.
        let longer = Lifetime { gamma: self.gamma + 1.0, ..lifetime };
        let ratio = |k: f64| there.after(k).lasting() * longer.after(k).lasting();
        let ln_term = |k: f64| there.ln_survival(k) + longer.ln_survival(k);
        let left = if missed > 0.0 { sum_falling(missed, missed, ratio, ln_term) } else { 0.0 };
        // Of having stayed, in relation to the same.
        let odds = (self.gamma + lifetime.delta).ln() - self.gamma.ln();
        let stayed = (there.ln_survival(missed) + lifetime.ln_survival(missed) + odds).exp();
        let alive = if left > 0.0 { stayed / (stayed + left) } else { 1.0 };
        (alive, known.after(0.0, missed))
    }
}

/// What is known of the buying and leaving of customers who are there.
#[derive(Clone, Copy)]
struct People {
    alpha: f64,
    beta: f64,
    lifetime: Lifetime,
}

impl People {
    /// After so many purchases at so many opportunities.
    fn after(self, purchases: f64, opportunities: f64) -> Self {
        Self {
            alpha: self.alpha + purchases,
            beta: self.beta + (opportunities - purchases),
            lifetime: self.lifetime.after(opportunities),
        }
    }

    /// The probability of buying at an opportunity.
    fn buying(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// How long no purchase may last, of one who is there: it is distributed as a lifetime.
    fn silence(&self) -> Lifetime {
        Lifetime { gamma: self.alpha, delta: self.beta }
    }

    fn purchases(&self, horizon: f64) -> f64 {
        self.buying() * self.lifetime.periods(horizon)
    }

    /// Writes how likely 0, 1, 2 ... purchases are within a horizon.
    fn distribution(&self, horizon: f64, out: &mut [f64]) {
        let horizon = horizon.min(MOST_OPPORTUNITIES);
        let (whole, part) = (horizon.floor(), horizon.fract());
        // Probabilities of being there with so many purchases, and of having left with so many.
        let mut there = vec![0.0; out.len()];
        out.fill(0.0);
        there.iter_mut().take(1).for_each(|nothing| *nothing = 1.0);
        let mut opportunity = 0.0;
        while opportunity < whole {
            self.pass(opportunity, &mut there, out);
            opportunity += 1.0;
        }
        if part == 0.0 {
            out.iter_mut().zip(&there).for_each(|(left, there)| *left += there);
            return;
        }
        // A share of the next opportunity: between the distributions before and after it.
        let before: Vec<f64> = out.iter().zip(&there).map(|(left, there)| left + there).collect();
        self.pass(opportunity, &mut there, out);
        for ((left, there), before) in out.iter_mut().zip(&there).zip(before) {
            *left = (1.0 - part) * before + part * (*left + there);
        }
    }

    /// One more opportunity, after so many.
    #[allow(clippy::cast_sign_loss, reason = "a count")]
    fn pass(&self, passed: f64, there: &mut [f64], left: &mut [f64]) {
        let lasting = self.lifetime.after(passed).lasting();
        let leaving = self.lifetime.gamma / (self.lifetime.gamma + self.lifetime.delta + passed);
        let reached = there.len().min(passed as usize + 2);
        let mut one_less = 0.0;
        for (count, (there, left)) in there.iter_mut().zip(left).take(reached).enumerate() {
            *left += *there * leaving;
            let stays = *there * lasting;
            let buys = self.after(count as f64, passed.max(count as f64)).buying();
            *there = stays * (1.0 - buys) + one_less;
            one_less = stays * buys;
        }
    }
}

/// A distribution looks no further ahead: its cost grows with the opportunities times the purchases.
const MOST_OPPORTUNITIES: f64 = 16_384.0;

impl AliveProbability for BgBbModel {
    fn tick(&self) -> Tick {
        self.tick
    }

    /// The probability that the customer is still there at the next opportunity, from 0 to 1.
    fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
        for (history, out) in rows.iter().zip(out) {
            let (alive, known) = self.known(history);
            *out = alive * known.lifetime.lasting();
        }
    }
}

impl PurchaseForecast for BgBbModel {
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        let horizon = horizon.in_ticks(self.tick);
        for (history, out) in rows.iter().zip(out) {
            let (alive, known) = self.known(history);
            // Of one who is gone nothing is expected, however long the horizon.
            *out = if alive > 0.0 { alive * known.purchases(horizon) } else { 0.0 };
        }
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.people().purchases(horizon.in_ticks(self.tick))
    }
}

impl PurchaseDistribution for BgBbModel {
    /// A horizon of more than 16,384 opportunities, or without end, is answered as one of so many.
    fn distribution_into(&self, history: &History, horizon: Horizon, out: &mut [f64]) {
        let (alive, known) = self.known(history);
        known.distribution(horizon.in_ticks(self.tick), out);
        for probability in out.iter_mut() {
            *probability *= alive;
        }
        out.iter_mut().take(1).for_each(|nothing| *nothing += 1.0 - alive);
    }

    /// A horizon of more than 16,384 opportunities, or without end, is answered as one of so many.
    fn distribution_new_into(&self, horizon: Horizon, out: &mut [f64]) {
        self.people().distribution(horizon.in_ticks(self.tick), out);
    }
}

impl DiscountedPurchases for BgBbModel {
    /// The sum over all opportunities to come, the next of them discounted by one tick.
    fn discounted_purchases_into(&self, rows: &[History], rate: Rate, out: &mut [f64]) {
        let rate = rate.continuous_per(self.tick);
        for (history, out) in rows.iter().zip(out) {
            let (alive, known) = self.known(history);
            let to_come = || known.buying() * known.lifetime.discounted_periods(rate);
            *out = if alive > 0.0 { alive * to_come() } else { 0.0 };
        }
    }
}

impl Parametric for BgBbModel {
    fn parameters(&self) -> Vec<Parameter> {
        bounds::parameters(NAMES, [self.alpha, self.beta, self.gamma, self.delta])
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let [alpha, beta, gamma, delta] = bounds::values(values)?;
        Self::new(self.tick, alpha, beta, gamma, delta)
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::BgBbModel;
    use crate::{
        domain::Tick,
        error::Error,
        model::{Exact, SchemaVersion},
    };

    /// The schema version comes first, so that a file of a newer one is refused before the rest is read.
    /// No file of another model is read as this one: its parameters have other names.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Saved {
        schema: SchemaVersion<1>,
        tick: Tick,
        alpha: Exact,
        beta: Exact,
        gamma: Exact,
        delta: Exact,
    }

    impl From<BgBbModel> for Saved {
        fn from(model: BgBbModel) -> Self {
            let BgBbModel { tick, alpha, beta, gamma, delta } = model;
            let [alpha, beta, gamma, delta] = [alpha, beta, gamma, delta].map(Exact);
            Self { schema: SchemaVersion, tick, alpha, beta, gamma, delta }
        }
    }

    impl TryFrom<Saved> for BgBbModel {
        type Error = Error;

        fn try_from(saved: Saved) -> Result<Self, Error> {
            Self::new(saved.tick, saved.alpha.0, saved.beta.0, saved.gamma.0, saved.delta.0)
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::summary::{Histories, HistoryTable};

    fn donors() -> BgBbModel {
        BgBbModel::new(Tick::Year, 1.203_522_31, 0.749_716_34, 0.656_718_17, 2.783_442_08).unwrap()
    }

    fn after_six(repeats: u32, last: f64) -> HistoryTable {
        HistoryTable::from_columns(Tick::Year, &[repeats], &[last], &[6.0]).unwrap()
    }

    #[test]
    fn donors_are_as_printed() {
        for (repeats, last, known) in [(0, 0.0, 0.11), (2, 4.0, 0.59), (6, 6.0, 0.93)] {
            let found = donors().p_alive(&after_six(repeats, last))[0];
            assert!((found - known).abs() <= 0.005, "{found} {known}");
        }
        for (years, known) in (1..).zip([0.4985, 0.9233, 1.2969, 1.6323, 1.9381]) {
            let found = donors().expected_purchases_new(Horizon::years(years));
            assert!((found - known).abs() <= 5e-5, "{found} {known}");
        }
    }

    #[test]
    fn an_empty_history_is_a_new_customer() {
        let new = HistoryTable::new(Tick::Year, vec![History::default()]);
        let horizon = Horizon::years(7);
        assert_eq!(donors().expected_purchases(&new, horizon)[0], donors().expected_purchases_new(horizon));
        let (mut known, mut found) = ([0.0; 9], [0.0; 9]);
        donors().distribution_into(&new.rows()[0], horizon, &mut found);
        donors().distribution_new_into(horizon, &mut known);
        assert_eq!(found, known);
        assert!(!new.is_empty());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let saved = serde_json::to_string(&donors()).unwrap();
        assert!(saved.starts_with(r#"{"schema":1,"tick":"Year","alpha":"1.20352231","#), "{saved}");
        assert_eq!(serde_json::from_str::<BgBbModel>(&saved).unwrap(), donors());
        for (whole, broken) in
            [(r#""schema":1"#, r#""schema":2"#), ("2.78344208", "0"), ("1.20352231", "1e99")]
        {
            assert!(serde_json::from_str::<BgBbModel>(&saved.replace(whole, broken)).is_err());
        }
    }
}
