//! Pareto/NBD against itself, its special cases, and customers whose truth is known.

use patronage::{
    cltv::{ParetoNbd, ParetoNbdModel, Prior},
    domain::{Currency, Day, Horizon, Rate, Tick},
    model::{
        AliveProbability, DiscountedPurchases, Parametric, PurchaseDistribution, PurchaseEstimator,
        PurchaseForecast,
    },
    simulate::{Cohort, Population, Process, Spend},
    summary::{Histories, History, HistoryTable, Observation, Summaries},
};

const MUSIC: [f64; 4] = [0.553_277_10, 10.577_684_17, 0.606_239_87, 11.668_730_58];
const LAWS: [[f64; 4]; 6] = [
    MUSIC,
    [0.05, 0.3, 5.0, 40.0],
    [12.0, 3.0, 1.0, 2.0],
    [200.0, 180.0, 0.2, 900.0],
    [3.0, 50.0, 30.0, 0.5],
    [1.5, 0.01, 2.0, 30.0],
];

fn model([r, alpha, s, beta]: [f64; 4]) -> ParetoNbdModel {
    ParetoNbdModel::new(Tick::Week, r, alpha, s, beta).unwrap()
}

fn history(x: u32, recency: f64, age: f64) -> History {
    History::new(x, recency, age).unwrap()
}

fn histories() -> HistoryTable {
    let rows = [(0, 0.0, 40.0), (1, 2.0, 38.0), (2, 30.0, 38.0), (40, 37.0, 38.0), (300, 20.0, 20.0)];
    HistoryTable::new(Tick::Week, rows.map(|(x, recency, age)| history(x, recency, age)).to_vec())
}

#[track_caller]
fn close(found: f64, known: f64, tolerance: f64) {
    assert!((found - known).abs() <= tolerance * known.abs().max(1e-300), "{found} is not {known}");
}

#[track_caller]
fn sum_and_mean(probabilities: &[f64], mean: f64) {
    close(probabilities.iter().sum(), 1.0, 1e-10);
    close((0_u32..).zip(probabilities).map(|(k, p)| f64::from(k) * p).sum(), mean, 1e-9);
}

#[test]
fn distributions_sum_to_one_and_have_the_expected_mean() {
    let mut room = vec![0.0; 60_000];
    for law in LAWS.map(model) {
        for weeks in [0, 1, 39, 500] {
            let horizon = Horizon::weeks(weeks);
            let mean = law.expected_purchases_new(horizon);
            if mean < 1000.0 {
                law.distribution_new_into(horizon, &mut room);
                sum_and_mean(&room, mean);
            }
            let people = histories();
            for (history, mean) in people.rows().iter().zip(law.expected_purchases(&people, horizon)) {
                if mean < 1000.0 {
                    law.distribution_into(history, horizon, &mut room);
                    sum_and_mean(&room, mean);
                }
            }
        }
    }
}

#[test]
fn more_room_changes_no_probability() {
    for law in LAWS.map(model) {
        let (mut few, mut many) = ([0.0; 5], [0.0; 1000]);
        law.distribution_new_into(Horizon::weeks(50), &mut few);
        law.distribution_new_into(Horizon::weeks(50), &mut many);
        few.iter().zip(many).for_each(|(few, many)| assert!((few - many).abs() < 1e-13, "{few} {many}"));
    }
}

#[test]
fn the_unit_of_time_does_not_matter() {
    let [r, alpha, s, beta] = MUSIC;
    let (weekly, daily) =
        (model(MUSIC), ParetoNbdModel::new(Tick::Day, r, 7.0 * alpha, s, 7.0 * beta).unwrap());
    let (people, rate) = (histories(), Rate::yearly(0.1).unwrap());
    let year = Horizon::years(1);
    for (a, b) in [
        (weekly.p_alive(&people), daily.p_alive(&people)),
        (weekly.expected_purchases(&people, year), daily.expected_purchases(&people, year)),
        (
            weekly.discounted_purchases(&people, rate).unwrap(),
            daily.discounted_purchases(&people, rate).unwrap(),
        ),
    ] {
        a.iter().zip(b).for_each(|(a, b)| close(*a, b, 1e-11));
    }
}

#[test]
fn nothing_happens_at_one() {
    // The expectation is written with 1/(s - 1).
    let at = |s: f64| model([0.55, 10.6, s, 11.7]);
    let (people, year) = (histories(), Horizon::weeks(52));
    let answers = |s: f64| {
        let mut all = at(s).expected_purchases(&people, year);
        all.push(at(s).expected_purchases_new(year));
        all.extend(at(s).discounted_purchases(&people, Rate::yearly(0.1).unwrap()).unwrap());
        all
    };
    for near in [1.0 - 1e-6, 1.0 - 1e-12, 1.0 + f64::EPSILON, 1.0 + 1e-9] {
        answers(1.0).iter().zip(answers(near)).for_each(|(a, b)| close(b, *a, 1e-5));
        let middle = [2.0 - near, near].map(answers);
        for (one, (a, b)) in answers(1.0).iter().zip(middle[0].iter().zip(&middle[1])) {
            close((a + b) / 2.0, *one, 1e-11);
        }
    }
}

#[test]
fn without_leaving_it_is_the_negative_binomial() {
    // NBD (Ehrenberg 1959): gamma of shape r + x and rate alpha + T after a history.
    let (r, alpha) = (0.7, 9.0);
    let nbd = model([r, alpha, 1e-14, 3.0]);
    let people = histories();
    for (history, (alive, expected)) in people
        .rows()
        .iter()
        .zip(nbd.p_alive(&people).iter().zip(nbd.expected_purchases(&people, Horizon::weeks(10))))
    {
        let (x, age) = (f64::from(history.repeats()), history.age());
        close(expected, alive * (r + x) / (alpha + age) * 10.0, 1e-12);
        if x < 10.0 {
            close(*alive, 1.0, 1e-11);
            let rising: f64 = (0..history.repeats()).map(|k| (r + f64::from(k)).ln()).sum();
            let known = rising + r * (alpha / (alpha + age)).ln() - x * (alpha + age).ln();
            close(nbd.log_likelihood(history), known, 1e-11);
        }
    }
    let mut found = [0.0; 6];
    nbd.distribution_new_into(Horizon::weeks(10), &mut found);
    let mut term = (alpha / (alpha + 10.0)).powf(r);
    for (k, found) in (0_u8..).map(f64::from).zip(found) {
        close(found, term, 1e-12);
        term *= (r + k) / (k + 1.0) * 10.0 / (alpha + 10.0);
    }
}

#[test]
fn an_endless_horizon_is_the_limit_of_long_ones() {
    for law in LAWS.map(model) {
        let (mut endless, mut long) = ([0.0; 20], [0.0; 20]);
        law.distribution_new_into(Horizon::endless(), &mut endless);
        law.distribution_new_into(Horizon::years(4_000_000_000), &mut long);
        endless.iter().zip(long).for_each(|(a, b)| assert!((a - b).abs() < 0.02, "{law:?} {a} {b}"));
        let [all, much] = [Horizon::endless(), Horizon::years(4_000_000_000)]
            .map(|horizon| law.expected_purchases_new(horizon));
        assert_eq!(all.is_infinite(), law.s() <= 1.0);
        assert!(all >= much);
    }
}

#[test]
fn a_discount_of_all_but_nothing_is_none() {
    let law = model([0.5, 10.0, 3.0, 20.0]);
    let people = histories();
    let endless = law.expected_purchases(&people, Horizon::endless());
    let discounted = law.discounted_purchases(&people, Rate::yearly(1e-9).unwrap()).unwrap();
    endless.iter().zip(discounted).for_each(|(a, b)| close(b, *a, 1e-8));
}

#[test]
fn an_interval_holds_its_share() {
    let law = model(MUSIC);
    let people = histories();
    let (low, high) = law.interval(&people.rows()[3], Horizon::weeks(39), 0.8).unwrap();
    let mut room = [0.0; 200];
    law.distribution_into(&people.rows()[3], Horizon::weeks(39), &mut room);
    let share: f64 = room[low as usize..=high as usize].iter().sum();
    assert!(share >= 0.8 && high > low, "{low} {high} {share}");
}

const FIRST: i32 = 19_723;

/// Weeks of a population won within twelve, and what each did in the `after` days after the end.
fn shop(customers: u32, [r, alpha, s, beta]: [f64; 4], days: i32, seed: u64) -> Population {
    let first = Day::from_epoch_days(FIRST).unwrap();
    Population::new(
        Cohort::new(customers, first, first.plus(83)).unwrap(),
        Process::pareto_nbd(r, alpha, s, beta, Tick::Week).unwrap(),
        Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::EUR).unwrap(),
        first.plus(days),
        seed,
    )
    .unwrap()
}

fn people(shop: &Population) -> Summaries {
    Observation::until(shop.end()).every(Tick::Week).summarise(&shop.ledger().unwrap()).unwrap()
}

#[test]
fn parameters_come_back() {
    let fit = ParetoNbd::default().fit(&people(&shop(6000, MUSIC, 500, 11))).unwrap();
    assert!(fit.stop().is_converged());
    for (estimate, truth) in fit.estimates().iter().zip(MUSIC) {
        let error = estimate.std_error.unwrap();
        // Days are whole and purchases of one day merge, which alone lowers the rate a little.
        assert!((estimate.value - truth).abs() < 4.0 * error, "{estimate:?}: not {truth}");
        assert!(error < 0.5 * truth);
    }
}

#[test]
fn forecasts_are_what_happens() {
    let shop = shop(6000, MUSIC, 365, 5);
    let (people, law) = (people(&shop), model(MUSIC));
    let (mut there, mut expected, mut variance) = (0.0, 0.0, 0.0);
    for (person, p) in shop.people().zip(law.p_alive(&people)) {
        there += f64::from(u8::from(person.truth.alive_on(shop.end())));
        expected += p;
        variance += p * (1.0 - p);
    }
    let away: f64 = there - expected;
    assert!(away.abs() < 4.0 * f64::sqrt(variance), "{there} {expected}");

    let later = self::people(&self::shop(6000, MUSIC, 365 + 26 * 7, 5));
    let bought: f64 = later.purchases().iter().zip(people.purchases()).map(|(b, a)| f64::from(b - a)).sum();
    let mut room = [0.0; 400];
    let (mut mean, mut square) = (0.0, 0.0);
    let mut rows = vec![History::default(); people.len()];
    people.read(0, Tick::Week, &mut rows);
    for history in rows.iter().step_by(20) {
        law.distribution_into(history, Horizon::weeks(26), &mut room);
        let moment =
            |power: i32| (0_u16..).zip(&room).map(|(k, p)| f64::from(k).powi(power) * p).sum::<f64>();
        mean += 20.0 * moment(1);
        square += 20.0 * (moment(2) - moment(1).powi(2));
    }
    let expected: f64 = law.expected_purchases(&people, Horizon::weeks(26)).iter().sum();
    close(mean, expected, 0.1);
    assert!((bought - expected).abs() < 4.0 * square.sqrt(), "{bought} {expected} {}", square.sqrt());
}

#[test]
fn weights_stand_for_rows_and_order_for_nothing() {
    let people = people(&shop(400, MUSIC, 300, 3));
    let mut rows = vec![History::default(); people.len()];
    people.read(0, Tick::Week, &mut rows);
    let fit =
        |rows: Vec<History>| ParetoNbd::default().fit(&HistoryTable::new(Tick::Week, rows)).unwrap().model;
    let plain = fit(rows.clone());
    rows.reverse();
    assert_eq!(fit(rows.clone()), plain);

    let twice = HistoryTable::new(Tick::Week, rows.clone()).weights(vec![2.0; rows.len()]).unwrap();
    let weighted = ParetoNbd::default().fit(&twice).unwrap().model;
    rows.extend_from_within(..);
    for (a, b) in weighted.parameters().iter().zip(fit(rows).parameters()) {
        close(a.value, b.value, 1e-9);
    }
}

#[test]
fn a_firm_belief_holds() {
    let people = people(&shop(300, MUSIC, 300, 3));
    let firm = Prior::log_normal(25.0, 1e-4).unwrap();
    let fit = ParetoNbd::default().prior("beta", firm).unwrap().fit(&people).unwrap();
    close(fit.model.beta(), 25.0, 1e-3);
    assert!(ParetoNbd::default().prior("gamma", firm).is_err());
}
