//! Models of purchases as models of churn.

use std::{collections::BTreeMap, fmt};

use super::{Buyers, ChurnEstimator, ChurnModel, Contributions, Examples, Predictors, Scale};
use crate::{
    domain::{CustomerId, Horizon, People, Tick},
    error::{Error, ErrorKind},
    model::{AliveProbability, PurchaseDistribution, PurchaseEstimator, in_blocks},
    summary::{Histories, History, HistoryTable},
};

/// The probability that a customer has left already, `1 - P(alive)`, by any model of purchases.
///
/// It answers from the purchase histories [behind the rows](Predictors::with_histories), and looks at no column. It is
/// not the probability of no purchase within some days: who is alive may pause. For that see [`NoPurchase`].
///
/// # Example
/// ```
/// use patronage::{
///     churn::{Alive, ChurnModel, Predictors},
///     cltv::{ParetoNbd, ParetoNbdModel},
///     domain::Tick,
///     feature::Features,
///     model::PurchaseEstimator,
///     simulate::Bakery,
///     domain::Policies,
///     summary::Observation,
/// };
///
/// let bakery = Bakery::new(1);
/// let ledger = bakery.books()?.ledger(Policies::default())?;
/// let people = Observation::until(bakery.last_day()).every(Tick::Week).summarise(&ledger)?;
/// let fit = ParetoNbd::default().fit(&people)?;
/// let known = Predictors::of(&Features::rfm(&people)).with_histories(&people)?;
/// let gone = Alive::new(fit.model).probabilities(&known)?;
/// assert!(gone.iter().all(|share| (0.0..=1.0).contains(share)));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        into = "saved::Saved<M>",
        from = "saved::Saved<M>",
        bound(serialize = "M: Clone + serde::Serialize", deserialize = "M: serde::Deserialize<'de>")
    )
)]
pub struct Alive<M> {
    model: M,
}

/// The probability that a customer makes no purchase within so many days, by a model of purchases that knows how likely
/// each number of them is.
///
/// It answers as [`Alive`] does. With a gap before the days that decide, it is the days from the snapshot on that it
/// looks at.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        into = "saved::SavedWithin<M>",
        from = "saved::SavedWithin<M>",
        bound(serialize = "M: Clone + serde::Serialize", deserialize = "M: serde::Deserialize<'de>")
    )
)]
pub struct NoPurchase<M> {
    model: M,
    days: u32,
}

/// Learns a model of purchases, to answer as [`Alive`] or as [`NoPurchase`] does.
///
/// In a study it learns from [everybody](Self::among) on the latest day of the examples. Without that, from the histories
/// of the examples alone: of a customer in several rows the latest, so that no purchase counts twice. The examples of a
/// study are still customers, and a model that sees those alone finds that nobody leaves.
#[derive(Clone, Debug)]
pub struct ByPurchases<E> {
    estimator: E,
    tick: Tick,
    among: Option<Buyers>,
    within: Option<u32>,
    name: String,
}

impl<M> Alive<M> {
    /// What a model says.
    pub fn new(model: M) -> Self {
        Self { model }
    }

    /// The model of purchases.
    pub fn model(&self) -> &M {
        &self.model
    }
}

impl<M> NoPurchase<M> {
    /// What a model says of the next so many days.
    pub fn within(days: u32, model: M) -> Self {
        Self { model, days }
    }

    /// The model of purchases.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The days.
    pub fn days(&self) -> u32 {
        self.days
    }
}

impl<E: PurchaseEstimator> ByPurchases<E> {
    /// The probability that customers have left, by what is learned. The model thinks in weeks.
    pub fn alive(estimator: E) -> Self {
        let name = format!("{}, not alive", estimator.name());
        Self { estimator, tick: Tick::Week, among: None, within: None, name }
    }

    /// The probability of no purchase within so many days, by what is learned. The model thinks in weeks.
    pub fn no_purchase(estimator: E, days: u32) -> Self {
        let name = format!("{}, no purchase", estimator.name());
        Self { estimator, tick: Tick::Week, among: None, within: Some(days), name }
    }

    /// Learns from all customers of a study, those who had left among them: from the histories of the latest day of the
    /// examples. Customers who are judged by are not learned from; the others stand for them.
    #[must_use]
    pub fn among(self, buyers: &Buyers) -> Self {
        Self { among: Some(buyers.clone()), ..self }
    }

    /// The unit of time in which the model thinks.
    #[must_use]
    pub fn every(self, tick: Tick) -> Self {
        Self { tick, ..self }
    }
}

impl<E> ChurnEstimator for ByPurchases<E>
where
    E: PurchaseEstimator,
    E::Model: PurchaseDistribution + fmt::Debug + 'static,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn complexity(&self) -> u32 {
        1
    }

    fn learn(&self, examples: &Examples) -> Result<Box<dyn ChurnModel>, Error> {
        let histories = match &self.among {
            Some(buyers) => buyers.to_learn(examples, self.tick)?,
            None => latest(examples, self.tick)?,
        };
        let model = self.estimator.fit(&histories)?.model;
        Ok(match self.within {
            None => Box::new(Alive::new(model)),
            Some(days) => Box::new(NoPurchase::within(days, model)),
        })
    }
}

/// It holds those it was told to learn [among](Self::among).
impl<E> People for ByPurchases<E> {
    fn holds(&self, id: &CustomerId) -> bool {
        self.among.as_ref().is_some_and(|buyers| buyers.holds(id))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        self.among.as_mut().is_some_and(|buyers| buyers.forget(id))
    }
}

/// The latest history of each customer, by their ids.
fn latest(examples: &Examples, tick: Tick) -> Result<HistoryTable, Error> {
    let table = examples.predictors();
    let all = histories(table)?;
    let weight = |row: usize| examples.weights().map_or(1.0, |weights| weights[row]);
    let mut rows: BTreeMap<&CustomerId, usize> = BTreeMap::new();
    for (row, id) in table.customers().iter().enumerate().filter(|(row, _)| weight(*row) > 0.0) {
        let last = rows.entry(id).or_insert(row);
        if table.days()[*last] < table.days()[row] {
            *last = row;
        }
    }
    if rows.is_empty() {
        return Err(ErrorKind::Empty { what: "examples" }.into());
    }
    let mut read = vec![History::default(); table.len()];
    all.read(0, tick, &mut read);
    let kept = HistoryTable::new(tick, rows.values().map(|&row| read[row]).collect());
    match examples.weights() {
        Some(weights) => kept.weights(rows.values().map(|&row| weights[row]).collect()),
        None => Ok(kept),
    }
}

fn histories(of: &Predictors) -> Result<HistoryTable, Error> {
    let refused =
        || Error::parameter("purchase histories", "none", "are what a model of purchases answers from");
    of.histories().ok_or_else(refused)
}

impl<M: AliveProbability + fmt::Debug> ChurnModel for Alive<M> {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        checked(self.model.p_alive(&histories(of)?).into_iter().map(|alive| 1.0 - alive).collect())
    }

    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        by_history(self.probabilities(of)?)
    }
}

impl<M: PurchaseDistribution + fmt::Debug> ChurnModel for NoPurchase<M> {
    fn probabilities(&self, of: &Predictors) -> Result<Vec<f64>, Error> {
        let horizon = Horizon::days(self.days);
        checked(in_blocks(&histories(of)?, self.model.tick(), |rows, out| {
            for (row, none) in rows.iter().zip(out) {
                self.model.distribution_into(row, horizon, std::slice::from_mut(none));
            }
        }))
    }

    fn contributions(&self, of: &Predictors) -> Result<Contributions, Error> {
        by_history(self.probabilities(of)?)
    }
}

/// Probabilities that a host's model may have made; what rounding puts beyond the ends is put back.
fn checked(mut probabilities: Vec<f64>) -> Result<Vec<f64>, Error> {
    for (row, probability) in (0..).zip(&mut probabilities) {
        if !(-1e-6..=1.0 + 1e-6).contains(probability) {
            let (rule, text) = ("a model's answer must be from 0 to 1", probability.to_string());
            return Err(ErrorKind::Row { row, rule, text }.into());
        }
        *probability = probability.clamp(0.0, 1.0);
    }
    Ok(probabilities)
}

/// All that is known is the history: nothing without it, and all with it.
fn by_history(probabilities: Vec<f64>) -> Result<Contributions, Error> {
    Contributions::new(vec!["purchase history".to_owned()], Scale::Probability, 0.0, probabilities)
}

#[cfg(feature = "serde")]
mod saved {
    //! The wrapper as it is saved; the model inside checks itself.

    use super::{Alive, NoPurchase};
    use crate::model::SchemaVersion;

    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Saved<M> {
        schema: SchemaVersion<1>,
        alive: M,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct SavedWithin<M> {
        schema: SchemaVersion<1>,
        no_purchase_days: u32,
        model: M,
    }

    impl<M> From<Alive<M>> for Saved<M> {
        fn from(Alive { model }: Alive<M>) -> Self {
            Self { schema: SchemaVersion, alive: model }
        }
    }

    impl<M> From<Saved<M>> for Alive<M> {
        fn from(Saved { alive, .. }: Saved<M>) -> Self {
            Self::new(alive)
        }
    }

    impl<M> From<NoPurchase<M>> for SavedWithin<M> {
        fn from(NoPurchase { model, days }: NoPurchase<M>) -> Self {
            Self { schema: SchemaVersion, no_purchase_days: days, model }
        }
    }

    impl<M> From<SavedWithin<M>> for NoPurchase<M> {
        fn from(SavedWithin { no_purchase_days, model, .. }: SavedWithin<M>) -> Self {
            Self::within(no_purchase_days, model)
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use crate::{
        domain::{Customers, Day},
        feature::Features,
        model::{Fit, Parameter, Parametric, PurchaseForecast, Readiness},
    };

    /// Alive with probability `1 / (1 + x)`, and no purchase with half of that; it knows how many rows it has seen.
    #[derive(Clone, Copy, PartialEq, Debug)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    struct Known {
        rows: u64,
        ages: f64,
    }

    impl AliveProbability for Known {
        fn tick(&self) -> Tick {
            Tick::Week
        }

        fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
            for (row, out) in rows.iter().zip(out) {
                *out = if row.repeats() == 99 { f64::NAN } else { 1.0 / (1.0 + f64::from(row.repeats())) };
            }
        }
    }

    impl PurchaseForecast for Known {
        fn expected_purchases_into(&self, _: &[History], _: Horizon, out: &mut [f64]) {
            out.fill(0.0);
        }

        fn expected_purchases_new(&self, _: Horizon) -> f64 {
            0.0
        }
    }

    impl PurchaseDistribution for Known {
        fn distribution_into(&self, row: &History, horizon: Horizon, out: &mut [f64]) {
            out.fill(0.5 / (row.age() + horizon.in_ticks(Tick::Week)));
        }

        fn distribution_new_into(&self, _: Horizon, out: &mut [f64]) {
            out.fill(0.0);
        }
    }

    impl Parametric for Known {
        fn parameters(&self) -> Vec<Parameter> {
            Vec::new()
        }

        fn with_values(&self, _: &[f64]) -> Result<Self, Error> {
            Ok(*self)
        }
    }

    struct Counts;

    impl PurchaseEstimator for Counts {
        type Model = Known;

        fn name(&self) -> &'static str {
            "counts"
        }

        fn readiness(&self, _: &dyn Histories) -> Readiness {
            Readiness::Ready
        }

        fn fit(&self, people: &dyn Histories) -> Result<Fit<Known>, Error> {
            let mut model = Known { rows: 0, ages: 0.0 };
            people.for_each(|row, weight| {
                model.rows += 1;
                model.ages += weight * row.age();
            });
            Ok(Fit::given(model, model.rows))
        }
    }

    /// A row for each customer and age in weeks.
    fn table(day: Day, ids: &[u32], repeats: &[u32]) -> Predictors {
        let people: Customers = ids.iter().map(|&id| CustomerId::from(id)).collect();
        let age = f64::from(day.since(Day::MIN));
        let rows = repeats.iter().map(|&x| History::new(x, 0.0, age).unwrap()).collect();
        let none = Predictors::of(&Features::new(people, day, []).unwrap());
        none.with_histories(&HistoryTable::new(Tick::Day, rows)).unwrap()
    }

    #[test]
    fn what_a_model_says_of_histories_is_a_probability_of_churn() {
        let model = Known { rows: 0, ages: 0.0 };
        let known = table(Day::MIN.plus(14), &[1, 2], &[0, 3]);
        assert_eq!(Alive::new(model).probabilities(&known).unwrap(), [0.0, 0.75]);
        // Two weeks of age, and two of horizon.
        assert_eq!(NoPurchase::within(14, model).probabilities(&known).unwrap(), [0.125; 2]);
        let why = Alive::new(model).contributions(&known).unwrap();
        assert_eq!((why.probability(1), why.reasons(1, 3)[0].contribution), (Some(0.75), 0.75));
        // A host's model that fails is no answer, and no history no question.
        let failed = Alive::new(model).probabilities(&table(Day::MIN.plus(14), &[1, 2], &[0, 99]));
        assert_eq!(failed.unwrap_err().row(), Some(1));
        let none = Predictors::of(&Features::new(Customers::default(), Day::MIN, []).unwrap());
        assert!(Alive::new(model).probabilities(&none).unwrap_err().is_parameter());
    }

    #[test]
    fn the_latest_row_of_a_customer_is_learned_from() {
        let day = |weeks: i32| Day::MIN.plus(7 * weeks);
        let tables =
            [table(day(3), &[1, 2], &[0, 0]), table(day(5), &[1], &[1]), table(day(4), &[1, 3], &[1, 0])];
        let examples = Examples::new(Predictors::stack(&tables).unwrap(), vec![true; 5]).unwrap();
        let fitted = |examples: &Examples, tick| {
            let learned = ByPurchases::alive(Counts).every(tick);
            format!("{:?}", learned.learn(examples).unwrap())
        };
        // Customers 1, 2 and 3 with ages of 5, 3 and 4 weeks.
        assert_eq!(fitted(&examples, Tick::Week), "Alive { model: Known { rows: 3, ages: 12.0 } }");
        assert_eq!(fitted(&examples, Tick::Day), "Alive { model: Known { rows: 3, ages: 84.0 } }");
        let weighted = examples.weighted(vec![1.0, 0.0, 2.0, 1.0, 1.0]).unwrap();
        assert_eq!(fitted(&weighted, Tick::Week), "Alive { model: Known { rows: 2, ages: 14.0 } }");
        let nobody = weighted.weighted(vec![0.0; 5]).unwrap();
        assert!(ByPurchases::no_purchase(Counts, 9).learn(&nobody).unwrap_err().is_empty());
        assert_eq!(ChurnEstimator::name(&ByPurchases::alive(Counts)), "counts, not alive");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_model_is_read_as_it_was_saved() {
        let alive = Alive::new(Known { rows: 3, ages: 0.5 });
        let saved = serde_json::to_string(&alive).unwrap();
        assert_eq!(saved, r#"{"schema":1,"alive":{"rows":3,"ages":0.5}}"#);
        assert_eq!(serde_json::from_str::<Alive<Known>>(&saved).unwrap(), alive);
        let within = NoPurchase::within(90, *alive.model());
        let saved = serde_json::to_string(&within).unwrap();
        assert_eq!(serde_json::from_str::<NoPurchase<Known>>(&saved).unwrap(), within);
        let newer = saved.replace(r#""schema":1"#, r#""schema":2"#);
        assert!(serde_json::from_str::<NoPurchase<Known>>(&newer).is_err());
    }
}
