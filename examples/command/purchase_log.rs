//! A study of a log of purchases: who stops buying, and what was known before.

use lexopt::Parser;
use patronage::{
    churn::{
        ByPurchases, ChurnDefinition, ChurnEstimator, Past, Predictors, PurchaseGaps, Snapshots, Studied,
        Study,
    },
    cltv::{MbgNbd, ParetoNbd},
    domain::{Activity, Day, Ledger},
    feature::{Features, PurchaseFeature, Windows},
};

use super::{Command, Fault, say, text};

/// The options of a study, for `--help`.
pub(crate) const HELP: &str = "\
  --window DAYS         without a purchase, after which a customer has left (default: the fewest after
                        which fewer than 10 % return, where the log is long enough to tell)
  --gap DAYS            between what is known and the days that decide (default: 0)
  --every DAYS          from one snapshot to the next (default: the window)
  --newcomers DAYS      who has been known for less is too new (default: 0)
";

/// What the command line says of a study.
#[derive(Default)]
pub(crate) struct StudyOptions {
    window: Option<u32>,
    gap: u32,
    every: Option<u32>,
    newcomers: u32,
}

impl StudyOptions {
    /// Takes an option of a study; `Ok(false)` if it is none.
    pub(crate) fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "window" => self.window = Some(days(name, parser)?),
            "gap" => self.gap = days(name, parser)?,
            "every" => self.every = Some(days(name, parser)?),
            "newcomers" => self.newcomers = days(name, parser)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether one was given.
    pub(crate) fn any(&self) -> bool {
        self.window.is_some() || self.every.is_some() || self.gap > 0 || self.newcomers > 0
    }

    /// The examples of the log, and the models of purchases that answer for them.
    pub(crate) fn run(
        &self,
        command: &Command,
        file: &str,
    ) -> Result<(Studied, Vec<Box<dyn ChurnEstimator>>), Fault> {
        let (ledger, as_of) = command.read(file)?;
        let window = self.window.map_or_else(|| suggested(&ledger, as_of), Ok)?;
        let definition = ChurnDefinition::inactive(window)?;
        say(format!("churn is {definition}, {} days after a snapshot", self.gap));
        let study = Study::new(definition, as_of).gap(self.gap).newcomers(self.newcomers);
        let first = ledger.first_day().ok_or("the file has no rows")?;
        let first = first.plus(i32::try_from(window).unwrap_or(i32::MAX));
        let on = Snapshots::rolling(first, self.every.unwrap_or(window))?;
        let studied = study.run(&on, &ledger, &Activity::default(), recipe)?;
        for snapshot in studied.snapshots() {
            say(format!("{}: {}", snapshot.day, snapshot.census()));
        }
        let (buyers, ahead) = (studied.buyers(), study.known_after());
        let models: Vec<Box<dyn ChurnEstimator>> = vec![
            Box::new(ByPurchases::alive(ParetoNbd::default()).among(buyers)),
            Box::new(ByPurchases::no_purchase(ParetoNbd::default(), ahead).among(buyers)),
            Box::new(ByPurchases::no_purchase(MbgNbd::default(), ahead).among(buyers)),
        ];
        Ok((studied, models))
    }
}

/// What is known of everybody's purchases up to a day, and of those of the last 30, 90 and 180 days.
fn recipe(past: &Past) -> Result<Predictors, patronage::Error> {
    let (people, day) = (past.customers(), past.day());
    let ever = Features::of_purchases(&past.summaries()?, &PurchaseFeature::ALL).without(&["margin"])?;
    let recent = Windows::last(&[30, 90, 180])?.features(past.ledger(), day, people);
    Ok(Predictors::of(&ever.rows_of(people).join(&recent)?))
}

fn suggested(ledger: &Ledger, as_of: Day) -> Result<u32, Fault> {
    let gaps = PurchaseGaps::of(ledger, as_of);
    let window =
        gaps.suggest(PurchaseGaps::FEW_RETURN).map_err(|error| format!("{error}; --window says them"))?;
    let share = 100.0 * window.returning;
    let (days, lapsed) = (window.days, window.lapsed);
    say(format!(
        "after {days} days without a purchase {share:.1} % of {lapsed} returned (--window says another)"
    ));
    Ok(days)
}

fn days(name: &str, parser: &mut Parser) -> Result<u32, Fault> {
    let text = text(parser)?;
    text.parse().map_err(|_| format!("--{name}: `{text}` is not a number of days").into())
}
