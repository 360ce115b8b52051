//! A backtest of customers few enough to reckon by hand.

use patronage::{
    cltv::{Backtest, BacktestReport, Outcome},
    domain::{Columns, Currency, Day, Ledger, Money, Policies, Tick},
    model::{Fit, Parameter, Parametric, PurchaseEstimator, Readiness},
    summary::{Histories, Observation, Split},
};

use crate::host::{Again, Steady};

/// Learns nothing: it is a weekly [`Steady`].
struct Given;

impl Parametric for Steady {
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn with_values(&self, _: &[f64]) -> Result<Self, patronage::Error> {
        Ok(*self)
    }
}

impl PurchaseEstimator for Given {
    type Model = Steady;

    fn name(&self) -> &'static str {
        "given"
    }

    fn readiness(&self, _: &dyn Histories) -> Readiness {
        Readiness::Ready
    }

    fn fit(&self, people: &dyn Histories) -> Result<Fit<Steady>, patronage::Error> {
        Ok(Fit::given(Steady::weekly(), people.len() as u64))
    }
}

/// Has no answer.
struct Unable;

impl PurchaseEstimator for Unable {
    type Model = Steady;

    fn name(&self) -> &'static str {
        "unable"
    }

    fn readiness(&self, people: &dyn Histories) -> Readiness {
        let found = people.len() as u64;
        Readiness::Refused { why: "few customers".to_owned(), needed: 100, found }
    }

    fn fit(&self, people: &dyn Histories) -> Result<Fit<Steady>, patronage::Error> {
        self.readiness(people).require()?;
        Ok(Fit::given(Steady::weekly(), 0))
    }
}

fn start() -> Day {
    Day::ymd(2024, 1, 1).unwrap()
}

/// Four weeks of calibration, two and three days of holdout; customer 4 comes in the holdout.
fn ledger() -> Ledger {
    let rows = [
        (1, 0, 1000),
        (1, 7, 2000),
        (1, 20, 4000),
        (1, 28, 1500),
        (2, 6, 500),
        (3, 27, 800),
        (3, 30, 700),
        (3, 44, 900),
        (4, 29, 9000),
        (4, 33, 9000),
    ];
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<Day> = rows.iter().map(|row| start().plus(row.1)).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    Ledger::from_columns(Currency::USD, &Columns::new(&ids, &days, &amounts), Policies::default()).unwrap()
}

fn split() -> Split {
    Observation::until(start().plus(27)).every(Tick::Week).split(&ledger(), start().plus(44)).unwrap()
}

fn report() -> BacktestReport {
    let (split, spend) = (split(), Again(Currency::USD));
    Backtest::new(&split).tracking(&ledger()).spend(&spend).run(&[&Unable, &Given]).unwrap()
}

#[test]
fn forecasts_are_held_against_the_holdout() {
    let report = report();
    assert_eq!((report.customers, report.actual), (3, 3));
    // (r + x) / (alpha + T) for 17 days: x 2, 0, 0 and T 27, 21, 0 days.
    let each = [2.5 / (9.0 + 27.0 / 7.0), 0.5 / 12.0, 0.5 / 9.0].map(|rate| rate * 17.0 / 7.0);
    let given = report.of("given").unwrap();
    let errors: Vec<f64> =
        each.iter().zip([1.0, 0.0, 2.0]).map(|(a, b): (&f64, f64)| (a - b).abs()).collect();
    assert!((given.accuracy.predicted - each.iter().sum::<f64>()).abs() < 1e-12);
    assert!((given.accuracy.mae - errors.iter().sum::<f64>() / 3.0).abs() < 1e-12);
    // 30 dollars a repeat purchase of customer 1, and 10 of who bought once.
    let known = 30.0 * each[0] + 10.0 * (each[1] + each[2]);
    let money = given.money.unwrap();
    assert_eq!(money.predicted, Money::of_minor((100.0 * known).round() as i64, Currency::USD));
    assert_eq!(money.actual, Money::of_minor(3100, Currency::USD));
    // One is the tenth of three, and 3 bought most, whom `given` ranks second.
    assert_eq!(given.top_decile_found, Some(0.0));
}

#[test]
fn weeks_are_tracked_for_the_customers_of_the_calibration() {
    let report = report();
    let weeks = report.weeks.as_ref().unwrap();
    assert_eq!(weeks.cumulative, [0, 1, 2, 2, 4, 4, 5]);
    assert_eq!(weeks.incremental, [0, 1, 1, 0, 2, 0, 1]);
    assert_eq!(weeks.calibration, 4);
    assert_eq!((weeks.ends[0], weeks.ends[6]), (start().plus(6), start().plus(44)));
    let tracked = report.of("given").unwrap().tracked.as_ref().unwrap();
    // Days as a customer at the end of each week, from the day of the first purchase: 0, 6 and 27.
    let days = [7.0 + 1.0, 14.0 + 8.0, 21.0 + 15.0, 28.0 + 22.0 + 1.0, 35.0 + 29.0 + 8.0, 42.0 + 36.0 + 15.0];
    let last = 45.0 + 39.0 + 18.0;
    let known: Vec<f64> = days.iter().chain([&last]).map(|days| 0.5 / 9.0 * days / 7.0).collect();
    assert!(tracked.cumulative.iter().zip(&known).all(|(found, known)| (found - known).abs() < 1e-12));
    let errors = known[4..]
        .iter()
        .zip([4.0, 4.0, 5.0])
        .map(|(known, actual): (&f64, f64)| (known - actual).abs() / actual);
    assert!((tracked.cumulative_mape.unwrap() - errors.sum::<f64>() / 3.0).abs() < 1e-12);
}

#[test]
fn who_cannot_answer_is_in_the_report_with_the_reason_and_the_naive_is_always_there() {
    let report = report();
    let names: Vec<&str> = report.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    assert_eq!(names, ["unable", "given", "naive"]);
    let why = "few customers: needed 100, found 3".to_owned();
    assert_eq!(report.candidates[0].outcome, Outcome::Refused { why });
    assert_eq!(report.tested().count(), 2);
    // x / T of 27 days for 17 days; who was won on the last day buys like all, 2 in 48 days.
    let naive = report.of("naive").unwrap().accuracy.predicted;
    assert!((naive - (17.0 * 2.0 / 27.0 + 17.0 * 2.0 / 48.0)).abs() < 1e-12);
}

#[test]
fn neither_the_order_of_candidates_nor_threads_change_a_bit() {
    let split = split();
    let (one, other) = (Backtest::new(&split).run(&[&Given]), Backtest::new(&split).run(&[&Unable, &Given]));
    assert_eq!(one.unwrap().of("given"), other.unwrap().of("given"));
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(report);
    assert_eq!(on(1), on(3));
}
