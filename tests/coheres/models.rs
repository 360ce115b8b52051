//! What holds for every model of purchases, and for every fit.

use patronage::{
    cltv::{
        BgBbModel, BgNbd, BgNbdModel, Covariates, GammaGamma, MbgNbd, MbgNbdModel, Nbd, NbdModel,
        NormalNormal, ParetoNbd, ParetoNbdModel, WithCovariates,
    },
    domain::{Currency, Horizon, Rate, Tick},
    model::{
        Fit, ForecastEstimator, Parametric, PurchaseEstimator, PurchaseForecast, PurchaseModel,
        SpendEstimator,
    },
    summary::{Histories, History, HistoryTable, Spend, SpendTable},
};

use crate::host::story::{self, Leaving};

fn models() -> [Box<dyn PurchaseModel>; 5] {
    [
        Box::new(NbdModel::new(Tick::Week, 0.6, 9.0).unwrap()),
        Box::new(ParetoNbdModel::new(Tick::Week, 0.55, 10.6, 0.61, 11.7).unwrap()),
        Box::new(BgNbdModel::new(Tick::Week, 0.243, 4.41, 0.793, 2.43).unwrap()),
        Box::new(MbgNbdModel::new(Tick::Week, 0.525, 6.18, 0.891, 1.61).unwrap()),
        Box::new(BgBbModel::new(Tick::Week, 1.2, 0.75, 0.66, 2.78).unwrap()),
    ]
}

/// Several blocks of customers, with histories at whole weeks.
fn people() -> HistoryTable {
    let row = |row: u32| {
        let (age, x) = (20 + row % 31, row % 11);
        let recency = if x == 0 { 0 } else { x + row % (age - 10) };
        History::new(x, f64::from(recency.min(age)), f64::from(age)).unwrap()
    };
    HistoryTable::new(Tick::Week, (0..3000).map(row).collect())
}

fn answers(model: &dyn PurchaseModel, people: &dyn Histories) -> Vec<Vec<u64>> {
    let discounted = model.discounted_purchases(people, Rate::yearly(0.1).unwrap()).unwrap();
    let ahead = [1, 39, 4000].map(|weeks| model.expected_purchases(people, Horizon::weeks(weeks)));
    let all = [model.p_alive(people), discounted].into_iter().chain(ahead);
    all.map(|answers| answers.into_iter().map(f64::to_bits).collect()).collect()
}

#[test]
fn threads_change_no_bit_and_a_subset_scores_as_within_the_whole() {
    let people = people();
    let some: Vec<usize> = (0..people.len()).step_by(37).collect();
    let subset = HistoryTable::new(Tick::Week, some.iter().map(|&row| people.rows()[row]).collect());
    for model in models() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| answers(&*model, &people))
        };
        let all = on(1);
        assert!(on(2) == all && on(3) == all);
        for (all, part) in all.iter().zip(answers(&*model, &subset)) {
            assert!(some.iter().map(|&row| all[row]).eq(part));
        }
    }
}

#[test]
fn nothing_is_expected_of_no_time() {
    let people = people();
    for model in models() {
        assert!(
            model.expected_purchases(&people, Horizon::days(0)).iter().all(|&purchases| purchases == 0.0)
        );
        let mut room = [f64::NAN; 3];
        model.distribution_into(&people.rows()[7], Horizon::days(0), &mut room);
        assert!((room[0] - 1.0).abs() < 1e-12 && room[1] == 0.0 && room[2] == 0.0, "{room:?}");
    }
}

#[test]
fn who_never_leaves_buys_as_in_nbd() {
    let people = people();
    let nbd = NbdModel::new(Tick::Week, 0.7, 9.0).unwrap();
    let never: [Box<dyn PurchaseModel>; 3] = [
        Box::new(ParetoNbdModel::new(Tick::Week, 0.7, 9.0, 1e-15, 3.0).unwrap()),
        Box::new(BgNbdModel::new(Tick::Week, 0.7, 9.0, 1e-15, 3.0).unwrap()),
        Box::new(MbgNbdModel::new(Tick::Week, 0.7, 9.0, 1e-15, 3.0).unwrap()),
    ];
    let known = forecasts(&nbd, &people);
    for model in &never {
        for (found, known) in forecasts(&**model, &people).iter().zip(&known) {
            assert!((found / known - 1.0).abs() < 1e-9, "{found} {known}");
        }
    }
}

#[test]
fn nbd_knows_no_unit_of_time() {
    let (people, horizon) = (people(), Horizon::weeks(20));
    let [weekly, daily] = [(Tick::Week, 9.0), (Tick::Day, 63.0)]
        .map(|(tick, alpha)| NbdModel::new(tick, 0.7, alpha).unwrap().expected_purchases(&people, horizon));
    for (week, day) in weekly.into_iter().zip(daily) {
        assert!((week / day - 1.0).abs() < 1e-12, "{week} {day}");
    }
}

fn forecasts(model: &dyn PurchaseModel, people: &HistoryTable) -> Vec<f64> {
    // Who has long been silent is left out: little makes one believe that they have left.
    let awake = |row: &&History| row.age() - row.recency() < 9.0;
    let awake = HistoryTable::new(Tick::Week, people.rows().iter().filter(awake).copied().collect());
    let mut all = model.expected_purchases(&awake, Horizon::weeks(20));
    all.extend(model.discounted_purchases(&awake, Rate::yearly(0.5).unwrap()).unwrap());
    let mut room = [0.0; 5];
    model.distribution_into(&awake.rows()[3], Horizon::weeks(20), &mut room);
    all.extend(room);
    all
}

fn shop() -> HistoryTable {
    let mut chance = story::chance(4);
    let leaving = Leaving::AfterPurchases { a: 0.8, b: 2.4, first: true };
    let row = |at: u32| story::history(0.8, 5.0, leaving, f64::from(30 + at % 20), &mut chance);
    HistoryTable::new(Tick::Week, (0..150).map(row).collect())
}

#[test]
fn a_fit_is_the_same_on_any_threads() {
    let people = shop();
    let estimators: [&dyn ForecastEstimator; 3] =
        [&ParetoNbd::default(), &BgNbd::default(), &MbgNbd::default()];
    for estimator in estimators {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let fit = pool.install(|| estimator.fit_forecast(&people).unwrap());
            (fit.estimates().to_vec(), fit.log_likelihood().to_bits(), fit.condition().to_bits())
        };
        assert!(on(1) == on(2) && on(1) == on(3));
    }
}

#[test]
fn the_order_of_customers_with_covariates_changes_no_bit() {
    let people = shop();
    let of = |row: usize| 0.1 * (row % 7) as f64 + 1e3 * (row % 3) as f64;
    let values: Vec<f64> = (0..people.len()).map(of).collect();
    let fit = |rows: Vec<History>, values: &[f64]| {
        let known = Covariates::none(rows.len()).column("distance", values).unwrap();
        let none = Covariates::none(rows.len());
        WithCovariates::new(BgNbd::default(), &known, &none)
            .fit(&HistoryTable::new(Tick::Week, rows))
            .unwrap()
    };
    let turned: Vec<f64> = values.iter().rev().copied().collect();
    let backwards = people.rows().iter().rev().copied().collect();
    assert_eq!(fit(people.rows().to_vec(), &values), fit(backwards, &turned));
}

#[track_caller]
fn same<M: Parametric>(weighted: &Fit<M>, doubled: &Fit<M>) {
    for (a, b) in weighted.estimates().iter().zip(doubled.estimates()) {
        assert!((a.value - b.value).abs() <= 1e-7 * b.value.abs(), "{a:?} {b:?}");
        let errors = [a, b].map(|one| one.std_error.unwrap());
        assert!((errors[0] / errors[1] - 1.0).abs() < 1e-5, "{a:?} {b:?}");
    }
    assert!((weighted.log_likelihood() - doubled.log_likelihood()).abs() < 1e-7);
    assert_eq!(weighted.customers().to_bits(), doubled.customers().to_bits());
    assert_eq!(weighted.readiness(), doubled.readiness());
}

#[test]
fn a_weight_of_two_is_two_rows() {
    let people = shop();
    let twice = HistoryTable::new(Tick::Week, people.rows().repeat(2));
    let weighted = people.clone().weights(vec![2.0; people.len()]).unwrap();
    same(&Nbd::default().fit(&weighted).unwrap(), &Nbd::default().fit(&twice).unwrap());
    same(&MbgNbd::default().fit(&weighted).unwrap(), &MbgNbd::default().fit(&twice).unwrap());
    let table = |rows: Vec<Spend>| SpendTable::new(Currency::EUR, rows);
    let double = |of: &SpendTable| {
        let rows = of.rows().to_vec();
        (table(rows.repeat(2)), table(rows).weights(vec![2.0; of.rows().len()]).unwrap())
    };
    let (twice, weighted) = double(&story::amounts([6.0, 4.0, 15.0], 150, &mut story::chance(1)));
    same(&GammaGamma::default().fit(&weighted).unwrap(), &GammaGamma::default().fit(&twice).unwrap());
    let (twice, weighted) = double(&story::margins([2.0, 9.0, 4.0], 150, &mut story::chance(1)));
    same(&NormalNormal::default().fit(&weighted).unwrap(), &NormalNormal::default().fit(&twice).unwrap());
}

/// The mean of `found - known` is 0, within 4 standard errors and a share of the mean that is cut off.
#[track_caller]
fn no_bias(differences: &[f64], cut_off: f64) {
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
    assert!(mean.abs() <= 4.0 * (variance / count).sqrt() + cut_off, "{mean} of {variance}");
}

#[test]
fn forecasts_are_what_simulated_customers_do() {
    let [never, any_time, after_repeats, after_any] = [
        Leaving::Never,
        Leaving::AtAnyTime { s: 0.61, beta: 11.7 },
        Leaving::AfterPurchases { a: 0.793, b: 2.43, first: false },
        Leaving::AfterPurchases { a: 0.891, b: 1.61, first: true },
    ];
    let stories =
        [(0.6, 9.0, never), (0.55, 10.6, any_time), (0.243, 4.41, after_repeats), (0.525, 6.18, after_any)];
    // 2 % a week, continuously: after 600 weeks a purchase is worth 6e-6 of itself.
    let (decay, end) = (0.02, 600.0);
    let rate = Rate::weekly(f64::exp_m1(decay)).unwrap();
    for (model, (r, alpha, leaving)) in models().iter().zip(stories) {
        let mut chance = story::chance(11);
        let age = |row: u32| 10.0 + f64::from(row % 30);
        let lives: Vec<(f64, Vec<f64>)> = (0..6000)
            .map(|row| (age(row), story::repeat_times(r, alpha, leaving, age(row) + end, &mut chance)))
            .collect();
        let rows = lives.iter().map(|(age, times)| story::seen(times, *age)).collect();
        let people = HistoryTable::new(Tick::Week, rows);
        let after = |age: f64, times: &[f64], weeks: f64| -> Vec<f64> {
            times.iter().map(|at| at - age).filter(|&at| at > 0.0 && at <= weeks).collect()
        };
        let ahead = model.expected_purchases(&people, Horizon::weeks(40));
        let counts = lives.iter().map(|(age, times)| after(*age, times, 40.0).len() as f64);
        no_bias(&counts.zip(ahead).map(|(made, known)| made - known).collect::<Vec<_>>(), 0.0);
        let worth = model.discounted_purchases(&people, rate).unwrap();
        let made = lives
            .iter()
            .map(|(age, times)| after(*age, times, end).iter().map(|at| (-decay * at).exp()).sum::<f64>());
        let cut_off = 1e-5 * worth.iter().sum::<f64>() / worth.len() as f64;
        no_bias(&made.zip(worth).map(|(made, known)| made - known).collect::<Vec<_>>(), cut_off);
        let alive = model.p_alive(&people);
        let back: f64 =
            lives.iter().map(|(age, times)| f64::from(u8::from(times.iter().any(|at| at > age)))).sum();
        // Who comes back is alive; not all who are come back in time.
        assert!(back <= alive.iter().sum::<f64>() + 4.0 * back.sqrt());
    }
}
