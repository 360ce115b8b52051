//! Survival: the order of rows, weights, split rows and threads change nothing that they should not.

use patronage::churn::survival::{
    Covariates, Cox, CoxModel, KaplanMeier, Lifetimes, LogRank, NelsonAalen, Ties, WeibullAft, Weighting,
};

use crate::agrees::survival::{Made, made};

fn reversed<T: Clone>(rows: &[T]) -> Vec<T> {
    // Not quite: rows of equal time must change places in more ways than one.
    let (even, odd): (Vec<_>, Vec<_>) = rows.iter().cloned().enumerate().partition(|(row, _)| row % 3 == 0);
    odd.into_iter().rev().chain(even).map(|(_, value)| value).collect()
}

fn shuffled(made: &Made) -> Made {
    Made {
        durations: reversed(&made.durations),
        events: reversed(&made.events),
        columns: made.columns.clone().map(|column| reversed(&column)),
        weights: reversed(&made.weights.iter().map(|weight| weight / 3.0).collect::<Vec<_>>()),
        strata: reversed(&made.strata),
        entries: reversed(&made.entries),
    }
}

fn all(made: &Made) -> Lifetimes<'_> {
    let seen = made.lifetimes().weighted(&made.weights).unwrap();
    seen.in_strata(&made.strata).unwrap().entered(&made.entries).unwrap()
}

#[test]
fn the_order_of_rows_changes_no_bit() {
    let mut a = made(300, 5, true);
    a.weights.iter_mut().for_each(|weight| *weight /= 3.0);
    let mut b = shuffled(&made(300, 5, true));
    let (one, other) = (all(&a), all(&b));
    assert_eq!(KaplanMeier::of(&one), KaplanMeier::of(&other));
    assert_eq!(NelsonAalen::of(&one), NelsonAalen::of(&other));
    assert_eq!(KaplanMeier::by_stratum(&one), KaplanMeier::by_stratum(&other));
    let groups =
        |made: &Made| -> Vec<u32> { made.columns[1].iter().map(|&kind| u32::from(kind > 0.0)).collect() };
    let test = |seen: &Lifetimes<'_>, made: &Made| LogRank::of(seen, &groups(made), Weighting::Peto).unwrap();
    assert_eq!(test(&one, &a), test(&other, &b));
    for ties in [Ties::Efron, Ties::Breslow] {
        let fit = |seen: &Lifetimes<'_>, made: &Made| {
            Cox::default().ties(ties).fit(seen, &made.covariates()).unwrap()
        };
        assert_eq!(fit(&one, &a), fit(&other, &b));
    }
    (a.strata, b.strata) = (Vec::new(), Vec::new());
    let fit = |made: &Made| {
        let seen = made.lifetimes().weighted(&made.weights).unwrap().entered(&made.entries).unwrap();
        WeibullAft.fit_with(&seen, &made.covariates()).unwrap()
    };
    assert_eq!(fit(&a), fit(&b));
}

#[test]
fn threads_change_no_bit() {
    let made = made(40_000, 9, false);
    let fit = || {
        let cox = Cox::default().fit(&made.lifetimes(), &made.covariates()).unwrap();
        (
            cox,
            WeibullAft.fit_with(&made.lifetimes(), &made.covariates()).unwrap(),
            KaplanMeier::of(&made.lifetimes()),
        )
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(fit);
    assert_eq!(on(1), on(3));
}

/// A row with a weight of 3, three times.
fn repeated(made: &Made) -> Made {
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "weights are 1, 2 and 3")]
    fn each<T: Clone>(rows: &[T], weights: &[f64]) -> Vec<T> {
        let times = |(row, &weight): (&T, &f64)| vec![row.clone(); weight as usize];
        rows.iter().zip(weights).flat_map(times).collect()
    }
    let weights = &made.weights;
    Made {
        durations: each(&made.durations, weights),
        events: each(&made.events, weights),
        columns: made.columns.clone().map(|column| each(&column, weights)),
        weights: Vec::new(),
        strata: each(&made.strata, weights),
        entries: each(&made.entries, weights),
    }
}

#[track_caller]
fn near(found: f64, known: f64) {
    assert!((found - known).abs() <= 1e-9 * known.abs().max(1.0), "{found} {known}");
}

#[track_caller]
fn alike(one: &CoxModel, other: &CoxModel) {
    for (one, other) in one.coefficients().iter().zip(other.coefficients()) {
        near(one.value, other.value);
        near(one.std_error, other.std_error);
    }
    near(one.log_likelihood(), other.log_likelihood());
    near(one.concordance().unwrap(), other.concordance().unwrap());
    for (one, other) in one.baselines().iter().zip(other.baselines()) {
        assert_eq!(one.times(), other.times());
        one.hazard().iter().zip(other.hazard()).for_each(|(one, other)| near(*one, *other));
    }
}

#[test]
fn weights_are_repeated_rows() {
    let one = made(200, 3, true);
    let other = repeated(&one);
    let weighted = one.lifetimes().weighted(&one.weights).unwrap();
    assert_eq!(KaplanMeier::of(&weighted), KaplanMeier::of(&other.lifetimes()));
    for made in [NelsonAalen::of, NelsonAalen::one_by_one] {
        assert_eq!(made(&weighted), made(&other.lifetimes()));
    }
    let test =
        |seen: &Lifetimes<'_>, made: &Made| LogRank::of(seen, &made.strata, Weighting::LogRank).unwrap();
    near(test(&weighted, &one).statistic(), test(&other.lifetimes(), &other).statistic());
    // Of an order among copies, as of Efron's ties, weights know nothing.
    for cox in [Cox::default().ties(Ties::Breslow), Cox::default().ties(Ties::Breslow).ridge(0.2).unwrap()] {
        let weighted = one.lifetimes().weighted(&one.weights).unwrap().in_strata(&one.strata).unwrap();
        let repeated = other.lifetimes().in_strata(&other.strata).unwrap();
        let found = cox.fit(&weighted, &one.covariates()).unwrap();
        alike(&found, &cox.fit(&repeated, &other.covariates()).unwrap());
    }
    let weighted = WeibullAft.fit_with(&weighted, &one.covariates()).unwrap();
    let repeated = WeibullAft.fit_with(&other.lifetimes(), &other.covariates()).unwrap();
    near(weighted.log_likelihood(), repeated.log_likelihood());
    near(weighted.median(&one.covariates()).unwrap()[7], repeated.median(&one.covariates()).unwrap()[7]);
    near(weighted.log_shape().std_error, repeated.log_shape().std_error);
}

/// A third and two thirds of each lifetime, as rows of their own.
fn split(made: &Made) -> Made {
    let thirds = |duration: f64| [duration / 3.0, duration / 1.5];
    let each = |column: &[f64]| -> Vec<f64> { column.iter().flat_map(|&number| [number; 3]).collect() };
    Made {
        durations: made.durations.iter().flat_map(|&end| [thirds(end)[0], thirds(end)[1], end]).collect(),
        events: made.events.iter().flat_map(|&event| [false, false, event]).collect(),
        columns: made.columns.clone().map(|column| each(&column)),
        weights: each(&made.weights),
        strata: made.strata.iter().flat_map(|&stratum| [stratum; 3]).collect(),
        entries: made.durations.iter().flat_map(|&end| [0.0, thirds(end)[0], thirds(end)[1]]).collect(),
    }
}

#[test]
fn split_rows_are_whole_rows() {
    for whole in [false, true] {
        let one = made(150, 4, whole);
        let other = split(&one);
        let of = |made: &Made, entered: bool| -> (CoxModel, f64, f64) {
            let seen = made.lifetimes().weighted(&made.weights).unwrap();
            let seen = if entered { seen.entered(&made.entries).unwrap() } else { seen };
            let test = LogRank::of(&seen, &made.strata, Weighting::LogRank).unwrap().statistic();
            let median = KaplanMeier::of(&seen).median().unwrap();
            let strata = seen.in_strata(&made.strata).unwrap();
            (Cox::default().fit(&strata, &made.covariates()).unwrap(), test, median)
        };
        let ((whole, test, median), (parts, of_parts, median_of_parts)) = (of(&one, false), of(&other, true));
        near(test, of_parts);
        assert_eq!(median, median_of_parts);
        near(whole.log_likelihood(), parts.log_likelihood());
        near(whole.concordance().unwrap(), parts.concordance().unwrap());
        for (one, other) in whole.coefficients().iter().zip(parts.coefficients()) {
            near(one.value, other.value);
            near(one.std_error, other.std_error);
        }
        let plain = WeibullAft.fit_with(&one.lifetimes(), &one.covariates()).unwrap();
        let seen = other.lifetimes().entered(&other.entries).unwrap();
        let parts = WeibullAft.fit_with(&seen, &other.covariates()).unwrap();
        near(plain.log_likelihood(), parts.log_likelihood());
        near(plain.shape(), parts.shape());
    }
}

#[test]
fn without_ties_the_methods_are_one() {
    let made = made(150, 6, false);
    let fit = |ties| Cox::default().ties(ties).fit(&made.lifetimes(), &made.covariates()).unwrap();
    let (efron, breslow) = (fit(Ties::Efron), fit(Ties::Breslow));
    assert_eq!(efron.coefficients(), breslow.coefficients());
    assert_eq!(efron.log_likelihood(), breslow.log_likelihood());
}

/// The score test of one column of 0 and 1 is the log-rank test, where no two leave at one time.
#[test]
fn the_score_test_is_the_log_rank_test() {
    let made = made(150, 6, false);
    let column = &made.columns[1];
    let cox =
        Cox::default().fit(&made.lifetimes(), &Covariates::new([("kind", &column[..])]).unwrap()).unwrap();
    let groups: Vec<u32> = column.iter().map(|&kind| u32::from(kind > 0.0)).collect();
    let test = LogRank::of(&made.lifetimes(), &groups, Weighting::LogRank).unwrap();
    near(cox.score_test().statistic, test.statistic());
}

#[test]
fn the_unit_of_a_covariate_does_not_matter() {
    let made = made(150, 6, true);
    let cox = Cox::default().ridge(0.05).unwrap();
    let one = cox.fit(&made.lifetimes(), &made.covariates()).unwrap();
    let millions: Vec<f64> = made.columns[2].iter().map(|number| 1e6 * number + 1e7).collect();
    let [x0, x1, _] = &made.columns;
    let covariates = Covariates::new([("x0", &x0[..]), ("x1", x1), ("x2", &millions)]).unwrap();
    let other = cox.fit(&made.lifetimes(), &covariates).unwrap();
    near(one.coefficients()[2].value, 1e6 * other.coefficients()[2].value);
    near(one.coefficients()[0].std_error, other.coefficients()[0].std_error);
    near(one.concordance().unwrap(), other.concordance().unwrap());
}
