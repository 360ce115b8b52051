//! Any lifetimes and covariates: an answer of finite numbers, or a refusal.

use patronage::churn::survival::{
    Covariates, Cox, CumulativeIncidence, Interval, KaplanMeier, Lifetimes, LogRank, NelsonAalen,
    Proportionality, Ties, TimeScale, WeibullAft, Weighting,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Row {
    duration: f64,
    cause: u32,
    numbers: [f64; 2],
    weight: f64,
    stratum: u32,
    part: f64,
}

/// Few values, so that ties, constant and collinear columns and empty risk sets are common; and enormous ones.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0_i8..3).prop_map(f64::from),
        4 => -5.0..5.0,
        1 => prop::sample::select(vec![0.0, -0.0, 1e-300, 1e300, -1e308, f64::MAX, f64::MIN_POSITIVE]),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let duration = prop_oneof![
        4 => (0_u8..6).prop_map(f64::from),
        4 => 0.0..10.0,
        1 => prop::sample::select(vec![0.0, 1e-300, 1e300, f64::MAX, f64::MIN_POSITIVE]),
    ];
    let weight = prop_oneof![4 => Just(1.0), 2 => 0.1..3.0, 1 => prop::sample::select(vec![1e-30, 1e30])];
    (duration, 0_u32..3, [number(), number()], weight, 0_u32..3, 0.0..1.0).prop_map(
        |(duration, cause, numbers, weight, stratum, part)| Row {
            duration,
            cause,
            numbers,
            weight,
            stratum,
            part,
        },
    )
}

fn finite(numbers: impl IntoIterator<Item = f64>) -> bool {
    numbers.into_iter().all(f64::is_finite)
}

fn shares(numbers: impl IntoIterator<Item = f64>) -> bool {
    numbers.into_iter().all(|share| (0.0..=1.0).contains(&share))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_lifetimes(rows in prop::collection::vec(row(), 1..30), with in any::<[bool; 3]>()) {
        let of = |pick: fn(&Row) -> f64| -> Vec<f64> { rows.iter().map(pick).collect() };
        let durations = of(|row| row.duration);
        let causes: Vec<u32> = rows.iter().map(|row| row.cause).collect();
        let strata: Vec<u32> = rows.iter().map(|row| row.stratum).collect();
        let weights = of(|row| row.weight);
        let entries = of(|row| row.duration * row.part);
        let mut seen = Lifetimes::by_cause(&durations, &causes).unwrap();
        if with[0] {
            seen = seen.weighted(&weights).unwrap();
        }
        if with[1] {
            seen = seen.in_strata(&strata).unwrap();
        }
        if let (true, Ok(entered)) = (with[2], seen.clone().entered(&entries)) {
            seen = entered;
        }
        curves(&seen)?;
        for weighting in [Weighting::LogRank, Weighting::Wilcoxon, Weighting::Peto] {
            if let Ok(test) = LogRank::of(&seen, &strata, weighting) {
                prop_assert!(test.statistic() >= 0.0 && finite([test.statistic()]), "{test:?}");
                prop_assert!(shares([test.p_value()]));
            }
        }
        let (one, two) = (of(|row| row.numbers[0]), of(|row| row.numbers[1]));
        let covariates = Covariates::new([("one", one), ("two", two)]).unwrap();
        for cox in [Cox::default(), Cox::default().ties(Ties::Breslow).ridge(0.1).unwrap()] {
            if let Ok(model) = cox.fit(&seen, &covariates) {
                prop_assert!(finite(model.coefficients().iter().flat_map(|one| [one.value, one.std_error, one.ratio()])));
                prop_assert!(shares(model.concordance()) && finite([model.log_likelihood()]));
                prop_assert!(finite(model.partial_hazards(&covariates).unwrap()));
                let stratum = model.baselines()[0].stratum();
                prop_assert!(shares(model.survival_in(stratum, &covariates, 3.0).unwrap()));
                prop_assert!(shares([model.wald_test(), model.score_test()].map(|test| test.p_value())));
                for scale in [TimeScale::Rank, TimeScale::Log] {
                    if let Ok(tests) = model.proportionality(&seen, &covariates, scale) {
                        prop_assert!(shares(tests.iter().map(Proportionality::p_value)), "{tests:?}");
                    }
                }
            }
        }
        if let Ok(model) = WeibullAft.fit_with(&seen, &covariates).or_else(|_| WeibullAft.fit(&seen)) {
            prop_assert!(finite([model.shape(), model.scale(), model.log_likelihood()]));
            prop_assert!(finite(model.median(&covariates).unwrap()) && finite(model.mean(&covariates).unwrap()));
            for time in [0.0, 3.0, f64::MAX] {
                prop_assert!(shares(model.survival(&covariates, time).unwrap()));
            }
        }
    }
}

fn curves(seen: &Lifetimes<'_>) -> Result<(), TestCaseError> {
    for (_, curve) in KaplanMeier::by_stratum(seen).into_iter().chain([(9, KaplanMeier::of(seen))]) {
        prop_assert!(shares(curve.survival().iter().copied()) && finite(curve.variance()));
        prop_assert!(curve.survival().is_sorted_by(|a, b| a >= b));
        for interval in [Interval::LogLog, Interval::Plain] {
            let intervals = curve.intervals(0.9, interval).unwrap();
            prop_assert!(shares(intervals.iter().flat_map(|&(low, high)| [low, high])));
            prop_assert!(
                intervals.iter().zip(curve.survival()).all(|((low, high), s)| low <= s && s <= high)
            );
        }
        if let Ok(mean) = curve.restricted_mean(3.0) {
            prop_assert!((0.0..=3.0 + 1e-9).contains(&mean.mean) && finite([mean.std_error]), "{mean:?}");
        }
    }
    for curve in [NelsonAalen::of(seen), NelsonAalen::one_by_one(seen)] {
        prop_assert!(finite(curve.hazard().iter().chain(curve.variance()).copied()));
        prop_assert!(finite(curve.intervals(0.9).unwrap().into_iter().flat_map(|(low, high)| [low, high])));
    }
    for cause in [1, 2] {
        if let Ok(found) = CumulativeIncidence::of(seen, cause) {
            prop_assert!(
                shares(found.incidence().iter().copied()) && finite(found.variance().iter().copied())
            );
        }
    }
    Ok(())
}
