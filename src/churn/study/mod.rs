//! Examples made of logs: features before a day, what became of customers after it.

mod buyers;
mod definition;
mod gaps;
mod past;
mod snapshot;
mod standing;
mod tests;

use self::standing::{Ahead, Outcome};
pub use self::{
    buyers::Buyers,
    definition::ChurnDefinition,
    gaps::{PurchaseGaps, SuggestedWindow},
    past::Past,
    snapshot::{Census, Present, Snapshot, Studied},
};
use super::{Examples, Predictors};
use crate::{
    domain::{Activity, Customers, Day, Ledger, Tick},
    error::{Error, ErrorKind},
    summary::{Histories, History, HistoryTable, Observation, Summaries},
};

/// How examples are made of logs of purchases and activity, so that no feature knows the future.
///
/// On the day of a snapshot whoever is a customer by the [definition](ChurnDefinition) is eligible. Who had left already
/// is listed apart and never scored, and so is who is too new. A recipe makes the features; it is given the [`Past`]
/// alone, which ends with the day. After the gap, if there is one, come the days that decide who churned.
///
/// The recipe is a closure that borrows nothing and owns nothing (`Copy + 'static`): it can hold numbers, names and
/// [`Windows`](crate::feature::Windows), and neither a log nor a reference to one. What a host has put into a `static`
/// no type can keep from it; [`Examples::suspicions`] names the columns that all but tell the outcome. Here is a recipe
/// that holds windows:
///
/// ```
/// use patronage::{
///     churn::{ChurnDefinition, Past, Predictors, Snapshots, Study},
///     domain::{Activity, Policies},
///     feature::Windows,
///     simulate::Bakery,
/// };
///
/// let bakery = Bakery::new(1);
/// let ledger = bakery.books()?.ledger(Policies::default())?;
/// let windows = Windows::last(&[30, 90])?;
/// let study = Study::new(ChurnDefinition::inactive(60)?, bakery.last_day()).newcomers(30);
/// let on = Snapshots::rolling(bakery.last_day().plus(-240), 60)?;
/// let studied = study.run(&on, &ledger, &Activity::default(), move |past: &Past| {
///     Ok(Predictors::of(&windows.features(past.ledger(), past.day(), past.customers())))
/// })?;
/// assert_eq!(studied.snapshots().len(), 4);
/// let census = studied.census();
/// assert_eq!(studied.examples().len() as u64, census.eligible);
/// assert!(census.already_churned > 0);
/// # Ok::<(), patronage::Error>(())
/// ```
///
/// One that looks into the whole ledger, and so into the future, does not compile:
///
/// ```compile_fail
/// # use patronage::{
/// #     churn::{ChurnDefinition, Past, Predictors, Snapshots, Study},
/// #     domain::{Activity, Policies},
/// #     feature::Windows,
/// #     simulate::Bakery,
/// # };
/// # let bakery = Bakery::new(1);
/// # let ledger = bakery.books()?.ledger(Policies::default())?;
/// # let windows = Windows::last(&[30, 90])?;
/// # let study = Study::new(ChurnDefinition::inactive(60)?, bakery.last_day()).newcomers(30);
/// # let on = Snapshots::rolling(bakery.last_day().plus(-240), 60)?;
/// let whole = &ledger;
/// let studied = study.run(&on, &ledger, &Activity::default(), move |past: &Past| {
///     Ok(Predictors::of(&windows.features(whole, past.day(), past.customers())))
/// })?;
/// # Ok::<(), patronage::Error>(())
/// ```
///
/// Nor does one that owns a copy of it:
///
/// ```compile_fail
/// # use patronage::{
/// #     churn::{ChurnDefinition, Past, Predictors, Snapshots, Study},
/// #     domain::{Activity, Policies},
/// #     feature::Windows,
/// #     simulate::Bakery,
/// # };
/// # let bakery = Bakery::new(1);
/// # let ledger = bakery.books()?.ledger(Policies::default())?;
/// # let windows = Windows::last(&[30, 90])?;
/// # let study = Study::new(ChurnDefinition::inactive(60)?, bakery.last_day()).newcomers(30);
/// # let on = Snapshots::rolling(bakery.last_day().plus(-240), 60)?;
/// let whole = ledger.clone();
/// let studied = study.run(&on, &ledger, &Activity::default(), move |past: &Past| {
///     Ok(Predictors::of(&windows.features(&whole, past.day(), past.customers())))
/// })?;
/// # Ok::<(), patronage::Error>(())
/// ```
///
/// What became of customers is told by [`Studied`] alone, after all features are made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Study {
    definition: ChurnDefinition,
    as_of: Day,
    gap: u32,
    least_days: u32,
    least_purchases: u32,
}

/// The days on which a study looks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshots(Days);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Days {
    /// Ascending and distinct.
    On(Vec<Day>),
    Rolling {
        first: Day,
        every: u32,
    },
}

impl Snapshots {
    /// These days, each once.
    ///
    /// # Errors
    /// If there is none.
    pub fn on(days: &[Day]) -> Result<Self, Error> {
        let mut days = days.to_vec();
        days.sort_unstable();
        days.dedup();
        if days.is_empty() {
            return Err(ErrorKind::Empty { what: "days of snapshots" }.into());
        }
        Ok(Self(Days::On(days)))
    }

    /// A first day and each so many days later, until the last whose outcomes are known.
    ///
    /// # Errors
    /// If they are 0 days apart.
    pub fn rolling(first: Day, every: u32) -> Result<Self, Error> {
        if every == 0 {
            return Err(Error::parameter("days between snapshots", every, "must be at least 1"));
        }
        Ok(Self(Days::Rolling { first, every }))
    }

    /// The days, none of them before the logs begin.
    fn days(&self, begin: Day, last: Day) -> Vec<Day> {
        match &self.0 {
            Days::On(days) => days.clone(),
            Days::Rolling { first, every } => {
                let every = i32::try_from(*every).unwrap_or(i32::MAX);
                let steps = i64::from(begin.since(*first).max(0));
                let skipped = (steps + i64::from(every) - 1) / i64::from(every) * i64::from(every);
                let first = first.plus(i32::try_from(skipped).unwrap_or(i32::MAX));
                let next = |day: &Day| Some(day.plus(every)).filter(|later| later > day);
                std::iter::successors(Some(first), next).take_while(|&day| day <= last).collect()
            }
        }
    }
}

impl Study {
    /// A study of who leaves by a definition, in logs that are whole up to `as_of`: an outcome counts as known if all
    /// its days are.
    pub fn new(definition: ChurnDefinition, as_of: Day) -> Self {
        Self { definition, as_of, gap: 0, least_days: 0, least_purchases: 0 }
    }

    /// So many days between the snapshot and the days that decide, in which one could act. Who leaves in them counts for
    /// neither side, where the definition tells the day.
    #[must_use]
    pub fn gap(self, days: u32) -> Self {
        Self { gap: days.min(definition::MOST_DAYS), ..self }
    }

    /// Who has been known for less than so many days is too new.
    #[must_use]
    pub fn newcomers(self, days: u32) -> Self {
        Self { least_days: days, ..self }
    }

    /// Who has made fewer purchases is too new.
    #[must_use]
    pub fn least_purchases(self, purchases: u32) -> Self {
        Self { least_purchases: purchases, ..self }
    }

    /// What it means that a customer churned.
    pub fn definition(&self) -> &ChurnDefinition {
        &self.definition
    }

    /// So many days after a snapshot its outcomes are known.
    pub fn known_after(&self) -> u32 {
        self.gap + self.definition.horizon
    }

    /// Makes the examples: the rows of each snapshot, one snapshot below the other.
    ///
    /// Purchase histories are [attached](Predictors::with_histories) where all rows have one.
    ///
    /// # Errors
    /// If nobody is eligible whose outcome is known, or the recipe fails or gives rows of other customers, of another
    /// day, or columns that differ from snapshot to snapshot.
    pub fn run(
        &self,
        on: &Snapshots,
        ledger: &Ledger,
        activity: &Activity,
        recipe: impl Fn(&Past) -> Result<Predictors, Error> + Copy + 'static,
    ) -> Result<Studied, Error> {
        let begin =
            ledger.first_day().into_iter().chain(activity.events().iter().map(crate::domain::Event::day));
        let last = self.as_of.plus(-i32::try_from(self.known_after()).unwrap_or(i32::MAX));
        let days = on.days(begin.min().unwrap_or(Day::MAX), last);
        let (mut tables, mut churned, mut snapshots) = (Vec::new(), Vec::new(), Vec::new());
        let mut buyers = Vec::new();
        for day in days {
            let (past, seen) = self.look(day, ledger, activity)?;
            let known = i64::from(self.as_of.since(day)) >= i64::from(self.known_after());
            let mut snapshot = Snapshot::of(&past, &seen, known);
            if known && !past.customers.is_empty() {
                let (table, outcomes) = self.examples_of(&past, &seen, ledger, activity, recipe)?;
                snapshot.tell(&past.customers, &outcomes, churned.len());
                let counts = (0..).zip(&outcomes).filter(|(_, outcome)| **outcome != Outcome::InGap);
                let (rows, outcomes): (Vec<u32>, Vec<bool>) =
                    counts.map(|(row, outcome)| (row, *outcome == Outcome::Churned)).unzip();
                tables.push(if rows.len() < table.len() { table.take(&rows)? } else { table });
                churned.extend(outcomes);
                buyers.push(buyers::On::of(&seen.buyers));
            }
            snapshots.push(snapshot);
        }
        if churned.is_empty() {
            return Err(ErrorKind::Empty { what: "eligible customers whose outcome is known" }.into());
        }
        let examples = Examples::new(Predictors::stack(&tables)?, churned)?.known_after(self.known_after());
        let buyers = Buyers::new(buyers, &examples);
        Ok(Studied { examples, snapshots, buyers })
    }

    /// What is known of the customers of a day of whom nobody knows yet whether they leave: whom to score.
    ///
    /// # Errors
    /// As [`run`](Self::run), but that nobody need be eligible.
    pub fn present(
        &self,
        day: Day,
        ledger: &Ledger,
        activity: &Activity,
        recipe: impl Fn(&Past) -> Result<Predictors, Error> + Copy + 'static,
    ) -> Result<Present, Error> {
        let (past, seen) = self.look(day, ledger, activity)?;
        let predictors = predictors(&past, &seen.buyers, recipe)?;
        Ok(Present { day, predictors, already_churned: seen.already_churned, too_new: seen.too_new })
    }

    /// The past of a day with its eligible customers, and who is not.
    fn look(&self, day: Day, ledger: &Ledger, activity: &Activity) -> Result<(Past, Seen), Error> {
        let (ledger, activity) = (ledger.until(day), activity.until(day));
        let buyers = Observation::until(day).summarise(&ledger)?;
        let (mut eligible, mut already_churned, mut too_new) = (Vec::new(), Vec::new(), Vec::new());
        for (id, standing) in self.definition.standings(&buyers, &activity, day) {
            let known_for = i64::from(day.since(standing.first));
            let new = known_for < i64::from(self.least_days) || standing.purchases < self.least_purchases;
            let list = match (standing.left, new) {
                (true, _) => &mut already_churned,
                (false, true) => &mut too_new,
                (false, false) => &mut eligible,
            };
            list.push(id);
        }
        let list = |ids: Vec<_>| ids.into_iter().collect::<Customers>();
        let seen = Seen { buyers, already_churned: list(already_churned), too_new: list(too_new) };
        Ok((Past { day, ledger, activity, customers: list(eligible) }, seen))
    }

    /// Features first, outcomes after.
    fn examples_of(
        &self,
        past: &Past,
        seen: &Seen,
        ledger: &Ledger,
        activity: &Activity,
        recipe: impl Fn(&Past) -> Result<Predictors, Error> + Copy + 'static,
    ) -> Result<(Predictors, Vec<Outcome>), Error> {
        let table = predictors(past, &seen.buyers, recipe)?;
        let days = |days: u32| past.day.plus(i32::try_from(days).unwrap_or(i32::MAX));
        let ahead = Ahead { day: past.day, gap_end: days(self.gap), end: days(self.known_after()) };
        let outcome = |id| self.definition.outcome(&id, ledger, activity, &ahead);
        Ok((table, past.customers.iter().map(outcome).collect()))
    }
}

/// What a snapshot shows besides its past.
struct Seen {
    buyers: Summaries,
    already_churned: Customers,
    too_new: Customers,
}

/// What the recipe makes, if it is a row for each customer of the past.
fn predictors(
    past: &Past,
    buyers: &Summaries,
    recipe: impl Fn(&Past) -> Result<Predictors, Error>,
) -> Result<Predictors, Error> {
    let table = recipe(past)?;
    let same = table.len() == past.customers.len();
    if !same || past.customers.iter().zip(table.customers()).any(|(wanted, found)| wanted != *found) {
        return Err(ErrorKind::Misaligned { what: "rows of the recipe", other: "the snapshot" }.into());
    }
    if let Some(day) = table.days().iter().find(|&&day| day != past.day) {
        return Err(Error::parameter("day of the recipe", day, "is not that of the snapshot"));
    }
    match histories(past, buyers) {
        Some(rows) => table.with_histories(&HistoryTable::new(Tick::Day, rows)),
        None => Ok(table),
    }
}

/// The purchase histories of all customers of a past, if all have one.
fn histories(past: &Past, buyers: &Summaries) -> Option<Vec<History>> {
    let mut all = vec![History::default(); buyers.len()];
    buyers.read(0, Tick::Day, &mut all);
    past.customers.iter().map(|id| Some(all[buyers.customers().position(&id)?])).collect()
}
