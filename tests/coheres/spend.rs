//! Models of spend on simulated customers, whose own mean is known; margins and where they come from.

use patronage::{
    cltv::{GammaGamma, NormalNormal, SpendCheck, TwoPart},
    domain::{Columns, Currency, Day, Ledger, Policies, Tick},
    model::{SpendEstimator, SpendForecast, Stop},
    simulate::{Cohort, Population, Process, Spend},
    summary::{Grain, Observation, Spend as Seen, SpendTable},
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Beta, Binomial, Distribution, Gamma, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Whether a mean of differences is 0, within four standard errors.
fn averages_to_zero(differences: &[f64]) {
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let variance = differences.iter().map(|each| (each - mean).powi(2)).sum::<f64>() / count;
    assert!(mean.abs() < 4.0 * (variance / count).sqrt(), "{mean} is not 0, of {variance} / {count}");
}

#[test]
fn simulated_spend_is_found_again() {
    let first = Day::ymd(2020, 1, 1).unwrap();
    let truth = [6.25, 3.74, 15.44];
    let population = Population::new(
        Cohort::new(4000, first, first).unwrap(),
        Process::pareto_nbd(1.2, 8.0, 0.6, 12.0, Tick::Week).unwrap(),
        Spend::gamma_gamma(truth[0], truth[1], truth[2], Currency::USD).unwrap(),
        first.plus(364),
        11,
    )
    .unwrap();
    // The repeat purchases themselves: merged by days they would be larger.
    let people: Vec<_> = population.people().collect();
    let repeats = |person: &patronage::simulate::Person| person.sales.len() as u32 - 1;
    let mean = |person: &patronage::simulate::Person| {
        let total: f64 = person.sales[1..].iter().map(|sale| sale.amount.major()).sum();
        if person.sales.len() > 1 { total / f64::from(repeats(person)) } else { 0.0 }
    };
    let (purchases, means): (Vec<u32>, Vec<f64>) =
        people.iter().map(|person| (repeats(person), mean(person))).unzip();
    let table = SpendTable::from_columns(Currency::USD, &purchases, &means).unwrap();

    let fit = GammaGamma::default().fit(&table).unwrap();
    assert_eq!(fit.stop(), Stop::Converged);
    for (found, truth) in fit.estimates().iter().zip(truth) {
        assert!((found.value - truth).abs() < 4.0 * found.std_error.unwrap(), "{found:?} {truth}");
    }
    let check = SpendCheck::of(&table);
    assert!(check.p_value().unwrap() > 1e-4, "{check:?}");

    // What is expected of customers is their own mean on average, among the frequent and the rare as well.
    let expected = fit.model.expected_spend(&table);
    for (least, most) in [(0, 0), (1, 1), (2, 4), (5, u32::MAX)] {
        let rows = purchases.iter().zip(&expected).zip(&people);
        let group = rows.filter(|((x, _), _)| (least..=most).contains(*x));
        let differences: Vec<f64> =
            group.map(|((_, expected), person)| expected - person.truth.mean_spend).collect();
        assert!(differences.len() > 300);
        averages_to_zero(&differences);
    }
}

#[test]
fn simulated_margins_are_found_again() {
    let truth = [2.0, 9.0, 4.0];
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(5);
    let between = Normal::new(truth[0], truth[2]).unwrap();
    let rows: Vec<(u32, f64, f64)> = (0..4000_u32)
        .map(|row| {
            let (x, own) = (1 + row % 9, between.sample(&mut chance));
            (x, own, Normal::new(own, truth[1] / f64::from(x).sqrt()).unwrap().sample(&mut chance))
        })
        .collect();
    let purchases: Vec<u32> = rows.iter().map(|row| row.0).collect();
    let means: Vec<f64> = rows.iter().map(|row| row.2).collect();
    let table = SpendTable::from_columns(Currency::EUR, &purchases, &means).unwrap();
    let fit = NormalNormal::default().fit(&table).unwrap();
    assert_eq!(fit.stop(), Stop::Converged);
    for (found, truth) in fit.estimates().iter().zip(truth) {
        assert!((found.value - truth).abs() < 4.0 * found.std_error.unwrap(), "{found:?} {truth}");
    }
    let expected = fit.model.expected_spend(&table);
    averages_to_zero(&expected.iter().zip(&rows).map(|(expected, row)| expected - row.1).collect::<Vec<_>>());
    let gains = table.rows().iter().map(|row| fit.model.gain_probability(row));
    averages_to_zero(
        &gains.zip(&rows).map(|(gain, row)| gain - f64::from(u8::from(row.1 > 0.0))).collect::<Vec<_>>(),
    );
}

#[test]
fn margins_are_a_purchase_and_need_every_cost() {
    let day = Day::ymd(2024, 5, 1).unwrap();
    let (customers, days) = ([1, 1, 2], [day, day.plus(3), day]);
    let columns = Columns::new(&customers[..], &days, &[1000, 400, 500]);
    let observe = |columns: &Columns| {
        let ledger = Ledger::from_columns(Currency::EUR, columns, Policies::default()).unwrap();
        Observation::until(day.plus(9)).summarise(&ledger).unwrap()
    };
    let known = SpendTable::of_margins(&observe(&columns.costs(&[200, 100, 900]))).unwrap();
    let rows: Vec<(u32, f64)> = known.rows().iter().map(|row| (row.purchases(), row.mean())).collect();
    assert_eq!(rows, [(2, 5.5), (1, -4.0)]);
    let refused = SpendTable::of_margins(&observe(&columns)).unwrap_err();
    assert_eq!(refused.to_string(), "margin: `unknown in row 0` needs the cost of every row");
}

/// A customer's own mean, and the mean of so many amounts about it: Gamma-Gamma of p, q, v.
fn amounts([p, q, v]: [f64; 3], count: u64, chance: &mut Xoshiro256PlusPlus) -> (f64, f64) {
    let rate = Gamma::new(q, 1.0 / v).unwrap().sample(chance);
    let count = count as f64;
    let mean =
        if count > 0.0 { Gamma::new(p * count, 1.0 / (rate * count)).unwrap().sample(chance) } else { 0.0 };
    (p / rate, mean)
}

#[test]
fn simulated_gains_and_losses_are_found_again() {
    let (truth, mut chance) =
        ([0.8, 3.2, 4.0, 3.5, 15.0, 2.5, 4.0, 9.0], Xoshiro256PlusPlus::seed_from_u64(8));
    let risk = Beta::new(truth[0], truth[1]).unwrap();
    let [of_gains, of_losses] = [2, 5].map(|at| [truth[at], truth[at + 1], truth[at + 2]]);
    let people: Vec<(Seen, f64, f64)> = (0..4000_u64)
        .map(|row| {
            let (purchases, own) = (1 + row % 12, risk.sample(&mut chance));
            let losses = Binomial::new(purchases, own).unwrap().sample(&mut chance);
            let (own_gain, gain) = amounts(of_gains, purchases - losses, &mut chance);
            let (own_loss, loss) = amounts(of_losses, losses, &mut chance);
            let seen = Seen::signed((purchases - losses) as u32, gain, losses as u32, loss).unwrap();
            (seen, own, (1.0 - own) * own_gain - own * own_loss)
        })
        .collect();
    let table = SpendTable::new(Currency::EUR, people.iter().map(|person| person.0).collect());
    let fit = TwoPart::default().fit(&table).unwrap();
    assert_eq!(fit.stop(), Stop::Converged);
    assert!(fit.readiness().is_ready(), "{:?}", fit.readiness());
    for (found, truth) in fit.estimates().iter().zip(truth) {
        assert!((found.value - truth).abs() < 4.0 * found.std_error.unwrap(), "{found:?} {truth}");
    }
    // What is expected is the truth on average, among those with losses and without.
    let expected = fit.model.expected_spend(&table);
    for with_losses in [false, true] {
        let group = expected.iter().zip(&people).filter(|(_, person)| (person.0.losses() > 0) == with_losses);
        let (margins, risks): (Vec<f64>, Vec<f64>) = group
            .map(|(expected, (seen, own, mean))| (expected - mean, fit.model.loss_probability(seen) - own))
            .unzip();
        assert!(margins.len() > 1000);
        averages_to_zero(&margins);
        averages_to_zero(&risks);
    }
}

/// The margins of a table of a few rows, `(customer, day, amount, cost, order)`.
fn margins(
    rows: &[(u64, i32, i64, i64, &str)],
    seen: fn(Observation) -> Observation,
) -> Vec<(u32, f64, u32, f64)> {
    let day = Day::ymd(2024, 5, 1).unwrap();
    let customers: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<Day> = rows.iter().map(|row| day.plus(row.1)).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let costs: Vec<i64> = rows.iter().map(|row| row.3).collect();
    let orders: Vec<&str> = rows.iter().map(|row| row.4).collect();
    let columns = Columns::new(&customers, &days, &amounts).costs(&costs);
    let columns = if orders.iter().all(|order| order.is_empty()) { columns } else { columns.orders(&orders) };
    let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
    let table = SpendTable::of_purchase_margins(&ledger, &seen(Observation::until(day.plus(30)))).unwrap();
    table.rows().iter().map(|row| (row.gains(), row.gain_mean(), row.losses(), row.loss_mean())).collect()
}

#[test]
fn margins_of_purchases_are_gains_and_losses() {
    let plain = [
        (1, 0, 1000, 400, ""),
        (1, 3, 500, 900, ""),
        (1, 3, 200, 100, ""),
        (2, 40, 9, 1, ""),
        (3, 1, 700, 700, ""),
    ];
    // On day 3 a loss of 4 and a gain of 1; customer 2 comes after the end; customer 3 gained nothing.
    assert_eq!(margins(&plain, |seen| seen), [(1, 6.0, 1, 3.0), (1, 0.0, 0, 0.0)]);
    assert_eq!(margins(&plain, |seen| seen.grain(Grain::Order)), [(2, 3.5, 1, 4.0), (1, 0.0, 0, 0.0)]);
    assert_eq!(
        margins(&plain, |seen| seen.from(Day::ymd(2024, 5, 2).unwrap())),
        [(0, 0.0, 1, 3.0), (1, 0.0, 0, 0.0)]
    );

    // Order a lost 2 by its refund, for the goods did not come back; order b came to nothing; a refund
    // without an order is no purchase.
    let orders = [
        (1, 0, 1000, 400, "a"),
        (1, 8, -800, 0, "a"),
        (1, 1, 300, 100, "b"),
        (1, 2, -300, -100, "b"),
        (1, 5, 900, 500, "c"),
        (1, 5, 100, 80, "c"),
        (1, 9, -50, 0, ""),
    ];
    assert_eq!(margins(&orders, |seen| seen), [(1, 4.2, 1, 2.0)]);
}

#[test]
fn margins_of_purchases_need_every_cost() {
    let day = Day::ymd(2024, 5, 1).unwrap();
    let (customers, days) = ([1, 1, 2], [day, day.plus(3), day]);
    let columns = Columns::new(&customers[..], &days, &[1000, 400, 500]);
    let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
    let refused = |seen| SpendTable::of_purchase_margins(&ledger, &seen).unwrap_err().to_string();
    assert_eq!(
        refused(Observation::until(day.plus(9))),
        "margin: `unknown in row 0` needs the cost of every row"
    );
    let backwards = Observation::until(day).from(day.plus(1));
    assert_eq!(
        refused(backwards),
        Observation::until(day).from(day.plus(1)).summarise(&ledger).unwrap_err().to_string()
    );
}

proptest! {
    #[test]
    fn margins_of_purchases_have_the_rows_of_the_summaries(
        rows in prop::collection::vec((0..5_u64, 0..30_i32, -500..900_i64, -50..700_i64, 0..6_usize), 1..60),
        from in prop::option::of(0..20_i32),
        by_order: bool,
        with_orders: bool,
    ) {
        let start = Day::ymd(2026, 3, 1).unwrap();
        let customers: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let days: Vec<Day> = rows.iter().map(|row| start.plus(row.1)).collect();
        let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let costs: Vec<i64> = rows.iter().map(|row| row.3).collect();
        let orders: Vec<&str> = rows.iter().map(|row| ["", "", "a", "b", "c", "d"][row.4]).collect();
        let columns = Columns::new(&customers, &days, &amounts).costs(&costs);
        let columns = if with_orders { columns.orders(&orders) } else { columns };
        let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default()).unwrap();
        let until = Observation::until(start.plus(25));
        let seen = from.map_or(until, |from| until.from(start.plus(from)));
        let seen = seen.grain(if by_order { Grain::Order } else { Grain::Day });
        let people = seen.summarise(&ledger).unwrap();
        let table = SpendTable::of_purchase_margins(&ledger, &seen).unwrap();
        let purchases: Vec<u32> = table.rows().iter().map(Seen::purchases).collect();
        prop_assert_eq!(&purchases, people.purchases());
        // Where nothing was given back, all money is of purchases.
        if amounts.iter().all(|&amount| amount > 0) {
            let means = SpendTable::of_margins(&people).unwrap();
            for (found, known) in table.rows().iter().zip(means.rows()) {
                prop_assert!((found.mean() - known.mean()).abs() < 1e-9, "{:?} {:?}", found, known);
            }
        }
    }
}
