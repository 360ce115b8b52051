//! BG/BB with itself, and with customers simulated by its story.

use patronage::{
    cltv::{BgBb, BgBbModel},
    domain::{Horizon, Rate, Tick},
    model::{
        AliveProbability, DiscountedPurchases, PurchaseDistribution, PurchaseEstimator, PurchaseForecast,
        Stop,
    },
    summary::{History, HistoryTable},
};
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution};
use rand_xoshiro::Xoshiro256PlusPlus;

const TRUTH: [f64; 4] = [1.2, 0.75, 0.66, 2.78];

fn truth() -> BgBbModel {
    let [alpha, beta, gamma, delta] = TRUTH;
    BgBbModel::new(Tick::Month, alpha, beta, gamma, delta).unwrap()
}

/// What a customer did at some opportunities, and then at some more.
struct Customer {
    history: History,
    alive: bool,
    later: u32,
}

fn simulated(customers: u32, seen: u32, later: u32) -> Vec<Customer> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(29);
    let (buying, leaving) = (Beta::new(TRUTH[0], TRUTH[1]).unwrap(), Beta::new(TRUTH[2], TRUTH[3]).unwrap());
    let mut one = |_| {
        let (p, theta) = (buying.sample(&mut chance), leaving.sample(&mut chance));
        let (mut there, mut alive, mut repeats, mut last, mut after) = (true, false, 0, 0, 0);
        for opportunity in 1..=seen + later {
            there = there && !chance.gen_bool(theta);
            let buys = there && chance.gen_bool(p);
            if opportunity == seen + 1 {
                alive = there;
            }
            match (buys, opportunity <= seen) {
                (true, true) => (repeats, last) = (repeats + 1, opportunity),
                (true, false) => after += 1,
                _ => {}
            }
        }
        let history = History::new(repeats, last.into(), seen.into()).unwrap();
        Customer { history, alive, later: after }
    };
    (0..customers).map(&mut one).collect()
}

/// Whether values average to what is expected, within four standard errors.
fn average(values: impl Iterator<Item = f64> + Clone, expected: f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    assert!(
        (mean - expected).abs() < 4.0 * (variance / count).sqrt() + 1e-12,
        "{mean} {expected}, of {count}"
    );
}

fn share(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

#[test]
fn simulated_customers_do_as_expected() {
    let all = simulated(60_000, 6, 5);
    let (model, six, five) = (truth(), Horizon::months(6), Horizon::months(5));
    average(all.iter().map(|one| one.history.repeats().into()), model.expected_purchases_new(six));
    let mut distribution = [0.0; 7];
    model.distribution_new_into(six, &mut distribution);
    for (count, probability) in (0..).zip(distribution) {
        average(all.iter().map(|one| share(one.history.repeats() == count)), probability);
    }
    for (repeats, last) in [(0, 0.0), (1, 1.0), (2, 4.0), (3, 6.0), (6, 6.0)] {
        let history = History::new(repeats, last, 6.0).unwrap();
        let table = HistoryTable::new(Tick::Month, vec![history]);
        let alike = all.iter().filter(|one| one.history == history);
        assert!(alike.clone().count() > 500);
        average(alike.clone().map(|one| share(one.alive)), model.p_alive(&table)[0]);
        average(alike.clone().map(|one| one.later.into()), model.expected_purchases(&table, five)[0]);
        let mut distribution = [0.0; 6];
        model.distribution_into(&history, five, &mut distribution);
        for (count, probability) in (0..).zip(distribution) {
            average(alike.clone().map(|one| share(one.later == count)), probability);
        }
    }
}

#[test]
fn the_parameters_are_found_again() {
    let rows = simulated(20_000, 8, 0).into_iter().map(|one| one.history).collect();
    let fit = BgBb::default().fit(&HistoryTable::new(Tick::Month, rows)).unwrap();
    assert_eq!(fit.stop(), Stop::Converged);
    for (found, truth) in fit.estimates().iter().zip(TRUTH) {
        assert!((found.value - truth).abs() < 4.0 * found.std_error.unwrap(), "{found:?} {truth}");
    }
}

#[test]
fn distributions_sum_to_one_and_have_the_mean() {
    for (alpha, beta, gamma, delta) in
        [(1.2, 0.75, 0.66, 2.78), (0.01, 3.0, 1.0, 40.0), (300.0, 200.0, 5.0, 1e4), (1e-6, 1e-6, 1e-6, 1e6)]
    {
        let model = BgBbModel::new(Tick::Week, alpha, beta, gamma, delta).unwrap();
        for history in [(0, 0.0, 0.0), (3, 5.0, 9.0), (40, 60.0, 60.0), (0, 0.0, 2000.0)] {
            let history = History::new(history.0, history.1, history.2).unwrap();
            let table = HistoryTable::new(Tick::Week, vec![history]);
            // 100 days are 14 2/7 weeks.
            for (horizon, most) in
                [(Horizon::weeks(1), 1), (Horizon::weeks(52), 52), (Horizon::days(100), 15)]
            {
                let mut distribution = vec![0.0; most + 1];
                model.distribution_into(&history, horizon, &mut distribution);
                let sum: f64 = distribution.iter().sum();
                let mean: f64 = distribution.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
                let expected = model.expected_purchases(&table, horizon)[0];
                assert!((sum - 1.0).abs() < 1e-12, "{sum}");
                assert!((mean - expected).abs() < 1e-10 * expected.max(1e-3), "{mean} {expected}");
            }
        }
    }
}

#[test]
fn the_discounted_sum_is_that_of_the_increments() {
    let rate = Rate::monthly(0.05).unwrap();
    let table = HistoryTable::from_columns(Tick::Month, &[3, 0], &[7.0, 0.0], &[9.0, 2.0]).unwrap();
    let discounted = truth().discounted_purchases(&table, rate).unwrap();
    let expected: Vec<Vec<f64>> =
        (0..800).map(|months| truth().expected_purchases(&table, Horizon::months(months))).collect();
    for (row, found) in discounted.into_iter().enumerate() {
        let steps = expected.windows(2).zip(1..);
        let known: f64 = steps.map(|(pair, at)| (pair[1][row] - pair[0][row]) * 1.05_f64.powi(-at)).sum();
        assert!((found / known - 1.0).abs() < 1e-11, "{found} {known}");
    }
}

#[test]
fn equal_rows_and_weights_are_the_same_and_the_order_is_no_matter() {
    let rows: Vec<History> = simulated(400, 5, 0).into_iter().map(|one| one.history).collect();
    let reversed: Vec<History> = rows.iter().rev().copied().collect();
    let fit = |rows: Vec<History>| BgBb::default().fit(&HistoryTable::new(Tick::Week, rows)).unwrap();
    let twice = HistoryTable::new(Tick::Week, rows.clone()).weights(vec![2.0; 400]).unwrap();
    let twice = BgBb::default().fit(&twice).unwrap();
    let doubled = fit([rows.clone(), rows.clone()].concat());
    assert_eq!(fit(rows), fit(reversed));
    assert_eq!((twice.model, twice.log_likelihood()), (doubled.model, doubled.log_likelihood()));
}
