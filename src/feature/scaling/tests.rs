//! Does scaling agree with scikit-learn, turn back, and refuse what it cannot do?
#![cfg(test)]
#![allow(
    clippy::float_cmp,
    clippy::unreadable_literal,
    clippy::panic,
    clippy::similar_names,
    reason = "exact answers are compared, and stand as they were printed"
)]

use ndarray::array;
use proptest::prelude::*;

use super::{Features, LearnedStep, Scaler, Scaling, Step};
use crate::domain::{CustomerId, Customers, Day};

fn table(columns: &[(&str, &[f64])]) -> Features {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    let people: Customers = (0..rows as u32).map(CustomerId::from).collect();
    let value = |&value: &f64| (!value.is_nan()).then_some(value);
    let columns =
        columns.iter().map(|(name, column)| ((*name).to_owned(), column.iter().map(value).collect()));
    Features::new(people, Day::MIN, columns).unwrap()
}

/// For i from 0 to 39: `((7919 i² + 31 i) mod 1009) / 7`; `37 i mod 11`, or 0 where 5 divides i;
/// `1.25 ((104729 i mod 997) - 300)`.
fn made() -> [Vec<f64>; 3] {
    let whole = |of: fn(u32) -> u32| (0..40).map(move |i| f64::from(of(i)));
    [
        whole(|i| (i * i * 7919 + i * 31) % 1009).map(|x| x / 7.0).collect(),
        whole(|i| if i % 5 == 0 { 0 } else { i * 37 % 11 }).collect(),
        whole(|i| i * 104_729 % 997).map(|x| (x - 300.0) * 1.25).collect(),
    ]
}

fn people() -> Features {
    let [a, b, c] = made();
    table(&[("a", &a), ("b", &b), ("c", &c)])
}

/// Rows 0, 1, 7 and 39.
#[track_caller]
fn agrees(scaled: &Features, known: [f64; 12]) {
    let rows = scaled.matrix().unwrap();
    let found = [0, 1, 7, 39].map(|row| rows.row(row).to_vec()).concat();
    for (found, known) in found.iter().zip(known) {
        assert!((found - known).abs() < 1e-12, "{found} is not {known}");
    }
}

#[test]
fn scales_agree_with_scikit_learn() {
    // scikit-learn 1.9.1: StandardScaler, RobustScaler and MinMaxScaler of made(), and of log1p of the first two
    // columns and sign(x) log1p(|x|) of the third; scipy 1.17: (rankdata - 1) / 39.
    let logs = |step| Scaling::by([Step::Log1p, step]).column("c", [Step::SignedLog, step]);
    for (scaling, known) in [
        (Scaling::standard(), STANDARD),
        (Scaling::robust(), ROBUST),
        (Scaling::min_max(), MIN_MAX),
        (logs(Step::Standard), LOG_STANDARD),
        (logs(Step::Robust), LOG_ROBUST),
        (logs(Step::MinMax), LOG_MIN_MAX),
        (Scaling::rank(), RANK),
    ] {
        let scaler = scaling.fit(&people()).unwrap();
        assert_eq!(scaler.constant().count(), 0);
        agrees(&scaler.apply(&people()).unwrap(), known);
    }
}

#[rustfmt::skip]
const STANDARD: [f64; 12] = [
    -2.2537278011684694, -1.1292896169151738, -1.6176247301640732, 1.1365148167174506, 0.06730865266381833, -1.453729760093912,
    0.7734110414083611, 0.6656077874533144, -0.4703599396729453, -0.09039372932694639, -0.5309904821256777, 1.060568076209696,
];
#[rustfmt::skip]
const LOG_STANDARD: [f64; 12] = [
    -5.147009378154171, -1.3989363774469998, -1.504491367836388, 0.710459656879482, 0.42593899656456324, -1.4738608076774422,
    0.5747722155458442, 0.8074510101097174, 0.1083995931986196, 0.17321645748520106, -0.1532651429817775, 0.8569889983895392,
];
#[rustfmt::skip]
const ROBUST: [f64; 12] = [
    -1.4053398058252426, -0.56, -1.0, 0.7475728155339803, 0.08, -0.8965922444183314,
    0.5169902912621357, 0.4, -0.27614571092831963, -0.031553398058252496, -0.24, 0.6897767332549941,
];
#[rustfmt::skip]
const LOG_ROBUST: [f64; 12] = [
    -5.974908242690358, -0.756768269724233, -1.0227499126626527, 0.570385105328089, 0.056369509625050156, -1.0080253403373802,
    0.41876431111494467, 0.22636568355950898, -0.247408897503248, -0.029944886726804048, -0.20171538456983393, 0.11244932191776394,
];
#[rustfmt::skip]
const MIN_MAX: [f64; 12] = [
    0.0, 0.0, 0.0, 0.8825870646766167, 0.4, 0.045454545454545414,
    0.7880597014925372, 0.6000000000000001, 0.3181818181818181, 0.56318407960199, 0.2, 0.7427685950413223,
];
#[rustfmt::skip]
const LOG_MIN_MAX: [f64; 12] = [
    0.0, 0.0, 0.0, 0.9750736398292201, 0.6711877414712396, 0.012493703560991998,
    0.9524861969406648, 0.8115075629572489, 0.6578717933595992, 0.8856405282286792, 0.45815690999132624, 0.9632091449725809,
];
#[rustfmt::skip]
const RANK: [f64; 12] = [
    0.0, 0.1282051282051282, 0.0, 0.8461538461538461, 0.5512820512820513, 0.05128205128205128,
    0.7948717948717948, 0.717948717948718, 0.358974358974359, 0.48717948717948717, 0.3974358974358974, 0.8461538461538461,
];

#[test]
fn later_customers_are_scaled_and_centroids_turned_back_as_by_scikit_learn() {
    let later = table(&[("c", &[-1000.0, 77.0]), ("a", &[200.0, 12.5]), ("b", &[3.5, 0.0])]);
    for (scaling, scaled, back) in [
        (
            Scaling::standard(),
            [
                3.097275203386534,
                -0.08226613103355568,
                -3.4800675718704492,
                -1.9192901133837816,
                -1.1292896169151738,
                -0.27070606704202177,
            ],
            [95.4485653995943, 1.4350333869903182, 805.4472100406896],
        ),
        (
            Scaling::robust(),
            [1.9927184466019414, 0.0, -2.1750881316098707, -1.1929611650485437, -0.56, -0.15017626321974148],
            [100.37142857142858, -0.875, 1167.4375],
        ),
        (
            Scaling::min_max(),
            [
                1.3930348258706466,
                0.35000000000000003,
                -0.5165289256198348,
                0.08706467661691542,
                0.0,
                0.3735537190082644,
            ],
            [43.07142857142858, -6.999999999999999, 1924.0],
        ),
    ] {
        let scaler = scaling.fit(&people()).unwrap();
        // The columns come in the order learned.
        let found = scaler.apply(&later).unwrap();
        for (found, known) in found.matrix().unwrap().iter().zip(scaled) {
            assert!((found - known).abs() < 1e-12, "{found} is not {known}");
        }
        let found = scaler.invert(array![[0.3, -0.7, 1.9]].view()).unwrap();
        for ((found, known), (name, scaled)) in
            found.iter().zip(back).zip([("a", 0.3), ("b", -0.7), ("c", 1.9)])
        {
            assert!((found / known - 1.0).abs() < 1e-12, "{found} is not {known}");
            assert_eq!(scaler.invert_value(name, scaled).unwrap(), *found);
        }
    }
}

#[test]
fn what_is_missing_stays_missing_and_is_not_learned_from() {
    // scikit-learn 1.9.1, the first column of made() with NaN in rows 3, 12, 21, 30 and 39.
    let mut a = made()[0].clone();
    a.iter_mut().skip(3).step_by(9).for_each(|value| *value = f64::NAN);
    let holed = table(&[("a", &a)]);
    for (scaling, known) in [
        (Scaling::standard(), [-2.1265349142190533, 1.0918279001879327, 0.7471328975175116]),
        (Scaling::robust(), [-1.376744186046512, 0.6860465116279071, 0.4651162790697675]),
        (Scaling::min_max(), [0.0, 0.8825870646766167, 0.7880597014925372]),
    ] {
        let scaled = scaling.fit(&holed).unwrap().apply(&holed).unwrap();
        for (row, known) in [0, 1, 7].into_iter().zip(known) {
            assert!((scaled.get(row, 0).unwrap() - known).abs() < 1e-12);
        }
        assert_eq!(scaled.missing().collect::<Vec<_>>(), [("a", 5)]);
        assert_eq!(scaled.get(39, 0), None);
    }
}

#[test]
fn a_column_without_spread_is_moved_and_named() {
    let flat = table(&[("flat", &[0.1; 30]), ("most", &[vec![2.0; 20], vec![5.0; 10]].concat())]);
    for (scaling, constant, most) in [
        (Scaling::standard(), &["flat"][..], 2.0_f64.sqrt()),
        (Scaling::min_max(), &["flat"], 1.0),
        (Scaling::robust(), &["flat"], 1.0),
        (Scaling::robust().column("most", [Step::MinMax, Step::Standard]), &["flat"], 2.0_f64.sqrt()),
    ] {
        let scaler = scaling.fit(&flat).unwrap();
        assert_eq!(scaler.constant().collect::<Vec<_>>(), constant);
        let scaled = scaler.apply(&flat).unwrap();
        assert_eq!(scaled.get(7, 0), Some(0.0));
        assert!((scaled.get(29, 1).unwrap() - most).abs() < 1e-12, "{scaling:?}");
    }
    // Of a quarter that differs the quartiles know nothing.
    let most = table(&[("most", &[vec![2.0; 31], vec![5.0; 9]].concat())]);
    let scaler = Scaling::robust().fit(&most).unwrap();
    assert_eq!(
        (scaler.constant().next(), scaler.apply(&most).unwrap().get(39, 0)),
        (Some("most"), Some(3.0))
    );
    let rank = Scaling::rank().fit(&flat).unwrap();
    assert_eq!((rank.constant().next(), rank.apply(&flat).unwrap().get(0, 0)), (Some("flat"), Some(0.5)));
}

#[test]
fn what_cannot_be_scaled_is_refused() {
    let one = table(&[("a", &[1.0, f64::NAN, -3.0, 4.0])]);
    let say = |scaling: Scaling, table: &Features| scaling.fit(table).unwrap_err().to_string();
    let log = || Scaling::by([Step::Log1p]);
    assert_eq!(say(log(), &one), "row 2: must be above -1 for its logarithm: `-3.0 in column a`");
    assert_eq!(say(log(), &table(&[])), "customers to learn a scale from: there are none");
    let bare = Features::new(one.customers().clone(), Day::MIN, []).unwrap();
    assert_eq!(say(log(), &bare), "columns to learn a scale from: there are none");
    assert!(say(log(), &table(&[("a", &[f64::NAN; 2])])).contains("has no value"));
    assert_eq!(say(Scaling::rank().column("b", []), &one), "no column `b`; there are: a");
    let wide = table(&[("a", &[f64::MIN, f64::MAX])]);
    assert!(say(Scaling::standard(), &wide).contains("spans more"));
    assert!(Scaling::rank().fit(&wide).is_ok() && Scaling::log_standard().fit(&wide).is_ok());

    let scaler = log().fit(&table(&[("a", &[1.0, 2.0])])).unwrap();
    assert_eq!(scaler.apply(&one).unwrap_err().row(), Some(2));
    assert!(scaler.apply(&table(&[("b", &[1.0])])).unwrap_err().column() == Some("a"));
    assert!(scaler.apply(&table(&[("a", &[1.0]), ("b", &[1.0])])).unwrap_err().is_parameter());
    let tiny = Scaling::standard().fit(&table(&[("a", &[0.0, 1e-300])])).unwrap();
    assert!(
        tiny.apply(&table(&[("a", &[1.0, 1e300])])).unwrap_err().to_string().contains("row 1: is too far")
    );
    assert!(
        scaler.invert(array![[1.0, 2.0]].view()).is_err()
            && scaler.invert(array![[f64::NAN]].view()).is_err()
    );
    assert!(scaler.invert(array![[1000.0]].view()).unwrap_err().to_string().contains("turned back"));
    assert!(scaler.invert_value("b", 0.0).is_err() && scaler.invert_value("a", f64::INFINITY).is_err());
}

#[test]
fn threads_change_no_bit() {
    let long: Vec<f64> =
        (0..100_000_u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 8).sqrt()).collect();
    let long = table(&[("a", &long)]);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Scaling::log_standard().fit(&long).unwrap())
    };
    assert_eq!(on(1), on(3));
    let known = Scaling::log_standard().fit(&long).unwrap().apply(&long).unwrap();
    assert_eq!(known.len(), 100_000);
    let sum: f64 = known.column("a").unwrap().flatten().sum();
    assert!(sum.abs() < 1e-7, "{sum}");
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::{Log1p, MinMax, Rank, Robust, SignedLog, Standard};
    let step = prop::sample::select(vec![Log1p, SignedLog, Standard, Robust, MinMax, Rank]);
    prop::collection::vec(step, 0..4)
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -100.0..1e4_f64,
        2 => Just(0.0),
        1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL,
        1 => Just(f64::NAN),
        1 => prop::sample::select(vec![f64::MAX, f64::MIN, 1e308, -1e308, 5e-324]),
    ]
}

proptest! {
    #[test]
    fn any_table_is_scaled_to_finite_numbers_or_refused(
        steps in any_steps(),
        seen in prop::collection::vec(any_value(), 0..20),
        later in prop::collection::vec(any_value(), 0..20),
    ) {
        let Ok(scaler) = Scaling::by(steps).fit(&table(&[("a", &seen)])) else { return Ok(()) };
        let (seen, later) = (table(&[("a", &seen)]), table(&[("a", &later)]));
        // Whatever was learned from can be scaled.
        let scaled = scaler.apply(&seen).unwrap();
        prop_assert_eq!(scaled.missing().next(), seen.missing().next());
        for table in [Ok(scaled), scaler.apply(&later)].into_iter().flatten() {
            prop_assert!(table.values.iter().all(|value| !value.is_infinite()));
            for scaled in table.values.iter().filter(|value| !value.is_nan()) {
                if let Ok(back) = scaler.invert_value("a", *scaled) {
                    prop_assert!(back.is_finite());
                }
            }
        }
        #[cfg(feature = "serde")]
        {
            let saved = serde_json::to_string(&scaler).unwrap();
            prop_assert_eq!(serde_json::from_str::<Scaler>(&saved).unwrap(), scaler);
        }
    }

    #[test]
    fn plain_values_turn_back(
        steps in any_steps(),
        seen in prop::collection::vec(0.0..1e4_f64, 1..40),
    ) {
        let Ok(scaler) = Scaling::by(steps).fit(&table(&[("a", &seen)])) else { return Ok(()) };
        let scaled = scaler.apply(&table(&[("a", &seen)])).unwrap();
        let back = scaler.invert(scaled.matrix().unwrap()).unwrap();
        for (back, value) in back.iter().zip(&seen) {
            prop_assert!((back - value).abs() <= 1e-6 * (1.0 + value), "{back} {value}");
        }
    }
}

#[cfg(feature = "serde")]
mod saved {
    use super::*;

    /// A scaler as the first version saved it, of [`first`].
    const FIRST: &str = include_str!("../../../tests/golden/scaler-1.json");

    fn first() -> Scaler {
        let [a, b, c] = made();
        let few = [1.0, 2.0, 2.0, 5.0];
        let few: Vec<f64> = few.into_iter().cycle().take(40).collect();
        let flat = [7.0; 40];
        let table = table(&[("a", &a), ("b", &b), ("c", &c), ("few", &few), ("flat", &flat)]);
        let scaling = Scaling::by([Step::Log1p, Step::Standard])
            .column("b", [Step::Robust])
            .column("c", [Step::SignedLog, Step::MinMax])
            .column("few", [Step::Rank]);
        scaling.fit(&table).unwrap()
    }

    #[test]
    fn a_scaler_of_the_first_schema_is_read_and_still_written() {
        let read: Scaler = serde_json::from_str(FIRST).unwrap();
        assert_eq!(read, first());
        assert_eq!(serde_json::to_string(&read).unwrap(), FIRST.trim_end());
        assert!(FIRST.len() < 1024, "{} bytes", FIRST.len());
        let steps = read.steps("few").unwrap();
        let [LearnedStep::Rank(curve)] = steps else { panic!("{steps:?}") };
        assert_eq!(curve.values(), [1.0, 2.0, 5.0]);
        assert_eq!((read.customers(), read.as_of(), read.constant().next()), (40, Day::MIN, Some("flat")));
    }

    #[test]
    fn a_newer_schema_or_a_damaged_file_is_refused() {
        let newer = serde_json::from_str::<Scaler>(r#"{"schema":2,"columns":0}"#).unwrap_err().to_string();
        assert!(newer.starts_with("saved with schema 2, this version reads up to 1"), "{newer}");
        for (whole, broken, says) in [
            (r#""name":"b""#, r#""name":"a""#, "given twice"),
            (
                r#""scale":"1.0","constant":true"#,
                r#""scale":"2.0","constant":true"#,
                "could not have been learned",
            ),
            (r#""scale":""#, r#""scale":"-"#, "could not have been learned"),
            (r#""step":"Robust""#, r#""step":"Rank""#, "could not have been learned"),
            (r#""values":["1.0""#, r#""values":["2.0""#, "do not rise"),
            (r#""values":["1.0""#, r#""values":["0.5","1.0""#, "do not rise"),
            (r#""customers":40"#, r#""customers":0"#, "cannot be learned from"),
        ] {
            let file = FIRST.replacen(whole, broken, 1);
            let error = serde_json::from_str::<Scaler>(&file).unwrap_err().to_string();
            assert!(file != FIRST && error.contains(says), "{error}");
        }
    }
}
