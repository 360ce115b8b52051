//! Lifetimes and covariates that nothing can be learned from.

use patronage::{
    Error,
    churn::survival::{
        Covariates, Cox, Interval, KaplanMeier, Lifetimes, LogRank, Ties, TimeScale, WeibullAft, Weighting,
    },
};

const DURATIONS: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
const EVENTS: [bool; 6] = [true, true, false, true, true, false];

fn seen() -> Lifetimes<'static> {
    Lifetimes::new(&DURATIONS, &EVENTS).unwrap()
}

#[track_caller]
fn says<T>(result: Result<T, Error>, words: &str) {
    match result {
        Ok(_) => panic!("not refused: {words}"),
        Err(error) => assert_eq!(error.to_string(), words),
    }
}

fn cox(columns: &[(&str, [f64; 6])]) -> Result<(), Error> {
    let covariates = Covariates::new(columns.iter().map(|(name, column)| (*name, &column[..])))?;
    Cox::default().fit(&seen(), &covariates).map(|_| ())
}

fn weibull(columns: &[(&str, [f64; 6])]) -> Result<(), Error> {
    let covariates = Covariates::new(columns.iter().map(|(name, column)| (*name, &column[..])))?;
    WeibullAft.fit_with(&seen(), &covariates).map(|_| ())
}

#[test]
fn lifetimes_name_the_row() {
    says(Lifetimes::new(&[], &[]), "lifetimes: there are none");
    says(Lifetimes::new(&[1.0], &[]), "events: expected 1 rows, found 0");
    says(Lifetimes::new(&[1.0, -0.5], &[true; 2]), "row 1: duration must be finite and not below 0: `-0.5`");
    says(
        Lifetimes::by_cause(&[f64::INFINITY], &[1]),
        "row 0: duration must be finite and not below 0: `inf`",
    );
    says(seen().weighted(&[1.0, 1.0, 0.0, 1.0, 1.0, 1.0]), "row 2: weight must be from 1e-30 to 1e30: `0.0`");
    says(seen().weighted(&[f64::INFINITY; 6]), "row 0: weight must be from 1e-30 to 1e30: `inf`");
    says(seen().in_strata(&[1]), "strata: expected 6 rows, found 1");
    says(
        seen().entered(&[0.5, 1.0, 3.0, 0.0, 0.0, 0.0]),
        "row 2: entry must be before the duration: `3 of 3`",
    );
    says(seen().entered(&[f64::NAN; 6]), "row 0: entry must be finite and not below 0: `NaN`");
}

#[test]
fn covariates_name_the_column() {
    let no: [(&str, Vec<f64>); 0] = [];
    says(Covariates::new(no), "covariates: there are none");
    says(Covariates::new([("a", vec![1.0]), ("a", vec![1.0])]), "covariate: `a` is given twice");
    says(Covariates::new([("a", vec![1.0]), ("b", vec![])]), "covariate: expected 1 rows, found 0");
    let missing = [("a", vec![1.0, 2.0]), ("b", vec![1.0, f64::NAN])];
    says(Covariates::new(missing), "row 1: covariate must be finite, and not missing: `NaN in column b`");
}

#[test]
fn what_cox_cannot_learn() {
    let (x, y) = ([1.0, 0.0, 1.0, 0.0, 1.0, 1.0], [3.0, -1.0, 2.0, 5.0, 0.0, 1.0]);
    says(cox(&[("x", x), ("even", [7.0; 6])]), "covariate: `even` is constant");
    let both: [f64; 6] = std::array::from_fn(|row| 2.0 * x[row] - y[row]);
    let dependent = "covariates: `x, y and both` are collinear: one follows from the others";
    says(cox(&[("x", x), ("y", y), ("both", both)]), dependent);
    says(weibull(&[("x", x), ("y", y), ("both", both)]), dependent);
    let z = [0.3, 0.1, 0.7, 0.2, 0.9, 0.4];
    says(
        cox(&[("z", z), ("y", y), ("double", y.map(|y| 2.0 * y))]),
        "covariates: `y and double` are collinear: one follows from the others",
    );
    says(weibull(&[("even", [7.0; 6])]), "covariate: `even` is constant");
    // Whoever leaves has the largest value of all at risk.
    let separates =
        "orders all events at risk: the likelihood grows without end, so take it out or set a ridge";
    says(cox(&[("x", DURATIONS.map(|time| -time))]), &format!("covariate: `x` {separates}"));
    // Nobody of that kind leaves.
    let never = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
    says(cox(&[("never", never), ("y", y)]), &format!("covariate: `never` {separates}"));
    let fleeing = "orders the lifetimes: the likelihood grows without end, so take it out";
    says(weibull(&[("never", never), ("y", y)]), &format!("covariate: `never` {fleeing}"));
    // With a ridge all of these have an answer.
    for columns in [[("x", x), ("y", both)], [("x", DURATIONS), ("y", never)], [("x", x), ("y", x)]] {
        let columns = columns.map(|(name, column)| (name, column.to_vec()));
        let covariates = Covariates::new(columns).unwrap();
        assert!(Cox::default().ridge(0.1).unwrap().fit(&seen(), &covariates).is_ok());
    }
}

#[test]
fn too_little_to_learn_from() {
    let one = Covariates::new([("x", vec![1.0])]).unwrap();
    let single = Lifetimes::new(&[1.0], &[true]).unwrap();
    says(Cox::default().fit(&single, &one), "a single lifetime is compared with none: needed 2, found 1");
    let two = Covariates::new([("x", vec![1.0, 2.0])]).unwrap();
    says(Cox::default().fit(&single, &two), "covariates: expected 1 rows, found 2");
    let nobody = Lifetimes::new(&[1.0, 2.0], &[false; 2]).unwrap();
    says(Cox::default().fit(&nobody, &two), "events: there are none");
    says(WeibullAft.fit(&nobody), "events: there are none");
    says(LogRank::of(&nobody, &[0, 1], Weighting::LogRank), "events: there are none");
    // Each stratum has one row: nobody is compared with anybody.
    let apart = Lifetimes::new(&[1.0, 2.0], &[true; 2]).unwrap().in_strata(&[1, 2]).unwrap();
    says(
        Cox::default().fit(&apart, &two),
        "covariate: `x` is constant among those at risk whenever somebody leaves",
    );
    says(
        LogRank::of(&apart, &[0, 1], Weighting::LogRank),
        "groups: `2` are never at risk together when somebody leaves",
    );
    says(WeibullAft.fit(&apart), "strata: `2` are given, but the shape is one for all");
    let at_once = Lifetimes::new(&[0.0, 2.0], &[true; 2]).unwrap();
    says(WeibullAft.fit(&at_once), "row 0: duration must be above 0: `0`");
    let equal = Lifetimes::new(&[2.0; 2], &[true; 2]).unwrap();
    says(
        WeibullAft.fit(&equal),
        "shape: `rho` has no bound: the lifetimes of those who left vary too little",
    );
}

#[test]
fn settings_out_of_range() {
    says(Cox::default().ties(Ties::Breslow).ridge(-1.0), "ridge: `-1` must be from 0 to 1e12");
    says(LogRank::of(&seen(), &[1; 6], Weighting::LogRank), "groups: `1` must be from 2 to 100");
    let odd = Weighting::FlemingHarrington { early: f64::NAN, late: 0.0 };
    says(LogRank::of(&seen(), &[1, 2, 1, 2, 1, 2], odd), "exponent: `NaN` must be finite and not below 0");
    let curve = KaplanMeier::of(&seen());
    says(curve.quantile(0.0), "share: `0` must be above 0 and at most 1");
    says(curve.intervals(1.0, Interval::Plain), "coverage: `1` must be above 0 and below 1");
    says(curve.restricted_mean(7.0), "limit: `7` lies beyond the last duration");
    let x = Covariates::new([("x", vec![1.0, 0.0, 1.0, 0.0, 1.0, 1.0])]).unwrap();
    let model = Cox::default().fit(&seen(), &x).unwrap();
    let other = Covariates::new([("y", vec![1.0])]).unwrap();
    says(model.partial_hazards(&other), "no column `x`; there are: y");
    says(model.survival(&x, f64::NAN), "time: `NaN` must be a number");
    assert_eq!(model.survival(&x, -1.0).unwrap(), [1.0; 6]);
    let plain = WeibullAft.fit(&seen()).unwrap();
    says(plain.survival(&x, f64::NAN), "time: `NaN` must not be below 0");
    says(plain.survival(&x, -1.0), "time: `-1` must not be below 0");
    let zero = [0.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let early = Lifetimes::new(&zero, &EVENTS).unwrap();
    says(model.proportionality(&early, &x, TimeScale::Log), "duration: `0` of an event has no logarithm");
}
