//! BG/NBD and MBG/NBD against themselves, and against customers whose truth is known.

use patronage::{
    cltv::{BgNbd, BgNbdModel, MbgNbd, MbgNbdModel, Nbd, NbdModel, Prior},
    domain::{Currency, Day, Horizon, Rate, Tick},
    model::{Parametric, PurchaseEstimator, PurchaseModel},
    simulate::{Cohort, Person, Population, Process, Spend},
    summary::{Histories, History, HistoryTable},
};

const MUSIC: [f64; 4] = [0.242_594_53, 4.413_602_08, 0.792_922_12, 2.425_907_34];
const LAWS: [[f64; 4]; 6] = [
    MUSIC,
    [0.5, 2.0, 0.2, 0.3],
    [12.0, 3.0, 1.0, 2.0],
    [200.0, 180.0, 0.02, 900.0],
    [3.0, 50.0, 30.0, 0.5],
    [1.5, 0.01, 2.0, 30.0],
];

fn bg(tick: Tick, [r, alpha, a, b]: [f64; 4]) -> BgNbdModel {
    BgNbdModel::new(tick, r, alpha, a, b).unwrap()
}

fn mbg(tick: Tick, [r, alpha, a, b]: [f64; 4]) -> MbgNbdModel {
    MbgNbdModel::new(tick, r, alpha, a, b).unwrap()
}

/// Both models with the same parameters, and NBD.
fn models(law: [f64; 4]) -> [Box<dyn PurchaseModel>; 3] {
    let nobody_leaves = NbdModel::new(Tick::Week, law[0], law[1]).unwrap();
    [Box::new(bg(Tick::Week, law)), Box::new(mbg(Tick::Week, law)), Box::new(nobody_leaves)]
}

const ROWS: [(u32, f64, f64); 7] = [
    (0, 0.0, 0.0),
    (0, 0.0, 40.0),
    (1, 2.0, 38.0),
    (2, 30.0, 38.0),
    (7, 36.5, 38.0),
    (70, 37.0, 38.0),
    (300, 20.0, 20.0),
];

fn table(tick: Tick, unit: f64) -> HistoryTable {
    let rows = ROWS.map(|(x, recency, age)| History::new(x, recency * unit, age * unit).unwrap());
    HistoryTable::new(tick, rows.to_vec())
}

#[track_caller]
fn close(found: f64, known: f64, tolerance: f64) {
    assert!((found - known).abs() <= tolerance * known.abs().max(1e-290), "{found} is not {known}");
}

#[test]
fn distributions_sum_to_one_and_have_the_expected_mean() {
    let mut room = vec![0.0; 20_000];
    let mut tried = 0;
    for model in LAWS.into_iter().flat_map(models) {
        for weeks in [0, 1, 39, 500] {
            let horizon = Horizon::weeks(weeks);
            let people = table(Tick::Week, 1.0);
            for (history, mean) in people.rows().iter().zip(model.expected_purchases(&people, horizon)) {
                if mean < 200.0 {
                    model.distribution_into(history, horizon, &mut room);
                    // Where more than nothing lies beyond the room, the tail is heavy.
                    if room[19_000..].iter().sum::<f64>() < 1e-18 {
                        close(room.iter().sum(), 1.0, 1e-10);
                        let found = (0_u32..).zip(&room).map(|(k, p)| f64::from(k) * p).sum();
                        close(found, mean, 1e-9);
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn a_new_customer_is_one_without_a_history() {
    let newborn = HistoryTable::new(Tick::Week, vec![History::default()]);
    for model in LAWS.into_iter().flat_map(models) {
        for horizon in [Horizon::days(3), Horizon::years(2), Horizon::endless()] {
            let known = model.expected_purchases(&newborn, horizon)[0];
            assert_eq!(model.expected_purchases_new(horizon).to_bits(), known.to_bits());
        }
    }
}

#[test]
fn the_unit_of_time_leaves_predictions_alone() {
    for law in LAWS {
        let days = [law[0], 7.0 * law[1], law[2], law[3]];
        let pairs: [(Box<dyn PurchaseModel>, Box<dyn PurchaseModel>); 2] = [
            (Box::new(bg(Tick::Week, law)), Box::new(bg(Tick::Day, days))),
            (Box::new(mbg(Tick::Week, law)), Box::new(mbg(Tick::Day, days))),
        ];
        for (weekly, daily) in pairs {
            let (weeks, days) = (table(Tick::Week, 1.0), table(Tick::Day, 7.0));
            let horizon = Horizon::weeks(39);
            let rate = Rate::yearly(0.1).unwrap();
            let answers = |model: &dyn PurchaseModel, people: &HistoryTable| {
                let mut all = model.p_alive(people);
                all.extend(model.expected_purchases(people, horizon));
                all.extend(model.discounted_purchases(people, rate).unwrap());
                all
            };
            for (week, day) in answers(&*weekly, &weeks).into_iter().zip(answers(&*daily, &days)) {
                close(week, day, 1e-11);
            }
            // A model reads histories of any tick.
            for (week, day) in answers(&*weekly, &days).into_iter().zip(answers(&*daily, &days)) {
                close(week, day, 1e-11);
            }
        }
    }
}

#[test]
fn a_subset_scores_as_within_the_whole() {
    let people = table(Tick::Week, 1.0);
    let rate = Rate::yearly(0.1).unwrap();
    for model in LAWS.into_iter().flat_map(models) {
        for weeks in [1, 39, 2000] {
            let all = model.expected_purchases(&people, Horizon::weeks(weeks));
            let worth = model.discounted_purchases(&people, rate).unwrap();
            for (row, history) in people.rows().iter().enumerate() {
                let one = HistoryTable::new(Tick::Week, vec![*history]);
                let alone = model.expected_purchases(&one, Horizon::weeks(weeks));
                assert_eq!(alone[0].to_bits(), all[row].to_bits());
                let alone = model.discounted_purchases(&one, rate).unwrap();
                assert_eq!(alone[0].to_bits(), worth[row].to_bits());
            }
        }
    }
}

#[test]
fn a_through_one_is_continuous() {
    let people = table(Tick::Week, 1.0);
    let at = |a: f64| {
        let law = [0.243, 4.414, a, 2.426];
        let horizons = [Horizon::days(1), Horizon::weeks(39), Horizon::years(100)];
        let models = models(law);
        let answers = models.iter().flat_map(|model| {
            horizons.iter().flat_map(|&horizon| model.expected_purchases(&people, horizon))
        });
        answers.collect::<Vec<f64>>()
    };
    let (one, below, above) = (at(1.0), at(1.0 - 1e-6), at(1.0 + 1e-6));
    for ((one, below), above) in one.iter().zip(below).zip(above) {
        close(f64::midpoint(below, above), *one, 1e-10);
    }
    for (one, near) in one.into_iter().zip(at(1.0 + 1e-13)) {
        close(near, one, 1e-11);
    }
}

#[test]
fn endless_time_is_the_limit_of_a_long_one() {
    let people = table(Tick::Week, 1.0);
    for law in [[0.5, 2.0, 3.0, 4.0], [12.0, 3.0, 40.0, 2.0]] {
        for model in &models(law)[..2] {
            let long = model.expected_purchases(&people, Horizon::years(u32::MAX));
            let endless = model.expected_purchases(&people, Horizon::endless());
            let later = model.discounted_purchases(&people, Rate::yearly(1e-12).unwrap()).unwrap();
            for ((long, endless), later) in long.into_iter().zip(endless).zip(later) {
                close(long, endless, 1e-4);
                close(later, endless, 1e-4);
            }
        }
    }
    for model in &models([0.5, 2.0, 1.0, 4.0]) {
        assert!(model.expected_purchases_new(Horizon::endless()).is_infinite());
    }
}

/// (1 - e^(-δ step)) by e^(-δ t) over so many steps of the growth of E[Y(t)], at most and at least.
#[test]
fn discounted_purchases_lie_between_early_and_late_payment() {
    let people = table(Tick::Week, 1.0);
    let rate = Rate::yearly(0.5).unwrap();
    let by_day = rate.continuous_per(Tick::Day);
    for model in models(MUSIC) {
        let (mut early, mut late) = (vec![0.0; people.len()], vec![0.0; people.len()]);
        let mut before = vec![0.0; people.len()];
        for month in 1..800_u32 {
            let until = model.expected_purchases(&people, Horizon::days(30 * month));
            let [first, last] = [month - 1, month].map(|month| (-by_day * 30.0 * f64::from(month)).exp());
            for row in 0..people.len() {
                early[row] += (until[row] - before[row]) * first;
                late[row] += (until[row] - before[row]) * last;
            }
            before = until;
        }
        let found = model.discounted_purchases(&people, rate).unwrap();
        for ((found, early), late) in found.into_iter().zip(early).zip(late) {
            assert!(late <= found * (1.0 + 1e-9) && found <= early * (1.0 + 1e-9), "{late} {found} {early}");
        }
    }
}

const WEEKS: u32 = 39;

fn population(process: Process) -> Population {
    let first = Day::ymd(1997, 1, 1).unwrap();
    let spend = Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::USD).unwrap();
    let until = first.plus(7 * 2 * WEEKS.cast_signed() + 7);
    Population::new(Cohort::new(20_000, first, first).unwrap(), process, spend, until, 5).unwrap()
}

/// The history of the first weeks, and the purchases of as many more.
fn seen(person: &Person) -> (History, u32) {
    let end = f64::from(WEEKS);
    let times: Vec<f64> = person.sales.iter().map(|sale| sale.after).collect();
    let early = times.iter().filter(|&&time| time <= end);
    let (repeats, recency) = early.fold((0, 0.0), |(count, _), &time| (count + 1, time));
    let late = times.iter().filter(|&&time| time > end && time <= 2.0 * end).count();
    (History::new(repeats - 1, recency, end).unwrap(), u32::try_from(late).unwrap())
}

/// Sums within four standard errors of what was expected.
#[track_caller]
fn expected(what: &str, pairs: impl Iterator<Item = (f64, f64)>) {
    let (mut gap, mut spread) = (0.0, 0.0);
    for (found, expected) in pairs {
        gap += found - expected;
        spread += (found - expected) * (found - expected);
    }
    assert!(gap.abs() <= 4.0 * spread.sqrt(), "{what}: off by {gap}, {} allowed", 4.0 * spread.sqrt());
}

fn meets_its_truth(model: &dyn PurchaseModel, process: Process) {
    let people: Vec<Person> = population(process).people().collect();
    let rows: Vec<(History, u32)> = people.iter().map(seen).collect();
    let table = HistoryTable::new(Tick::Week, rows.iter().map(|row| row.0).collect());
    let horizon = Horizon::weeks(WEEKS);
    let ahead = model.expected_purchases(&table, horizon);
    let alive = model.p_alive(&table);
    let stayed = people.iter().map(|person| f64::from(u8::from(person.truth.lifetime > f64::from(WEEKS))));
    let new = model.expected_purchases_new(horizon);
    expected("new", rows.iter().map(|row| (f64::from(row.0.repeats()), new)));
    // Of all, and of each count of purchases apart.
    for group in [None, Some(0), Some(1), Some(2), Some(5)] {
        let is_of = |row: usize| group.is_none_or(|repeats| rows[row].0.repeats() == repeats);
        let of_group = || (0..rows.len()).filter(|&row| is_of(row));
        assert!(of_group().count() > 100);
        expected("ahead", of_group().map(|row| (f64::from(rows[row].1), ahead[row])));
        let stayed: Vec<f64> = stayed.clone().collect();
        expected("alive", of_group().map(|row| (stayed[row], alive[row])));
        for k in [0_u32, 1, 3] {
            let probability = |history: &History| {
                let mut room = [0.0; 4];
                model.distribution_into(history, horizon, &mut room);
                room[k as usize]
            };
            let hits = of_group()
                .take(3000)
                .map(|row| (f64::from(u8::from(rows[row].1 == k)), probability(&rows[row].0)));
            expected("distribution", hits);
        }
    }
    let mut room = [0.0; 6];
    model.distribution_new_into(horizon, &mut room);
    for (k, &probability) in (0..).zip(&room) {
        expected("new", rows.iter().map(|row| (f64::from(u8::from(row.0.repeats() == k)), probability)));
    }
}

#[test]
fn bg_forecasts_meet_simulated_customers() {
    let law @ [r, alpha, a, b] = [0.6, 5.0, 0.8, 2.4];
    meets_its_truth(&bg(Tick::Week, law), Process::bg_nbd(r, alpha, a, b, Tick::Week).unwrap());
}

#[test]
fn mbg_forecasts_meet_simulated_customers() {
    let law @ [r, alpha, a, b] = [0.6, 5.0, 0.8, 2.4];
    meets_its_truth(&mbg(Tick::Week, law), Process::mbg_nbd(r, alpha, a, b, Tick::Week).unwrap());
}

fn simulated(process: Process, tick: Tick) -> HistoryTable {
    let unit = Tick::Week.days() / tick.days();
    let population = population(process);
    let rows = population.people().take(4000).map(|person| {
        let (history, _) = seen(&person);
        History::new(history.repeats(), history.recency() * unit, history.age() * unit).unwrap()
    });
    HistoryTable::new(tick, rows.collect())
}

#[test]
fn a_fit_finds_the_truth_in_any_unit_and_order() {
    let law = [0.6, 5.0, 0.8, 2.4];
    let process = Process::mbg_nbd(law[0], law[1], law[2], law[3], Tick::Week).unwrap();
    let (weeks, days) = (simulated(process, Tick::Week), simulated(process, Tick::Day));
    let fit = MbgNbd::default().fit(&weeks).unwrap();
    assert!(fit.stop().is_converged() && fit.readiness().is_ready());
    for (estimate, truth) in fit.estimates().iter().zip(law) {
        assert!((estimate.value - truth).abs() < 4.0 * estimate.std_error.unwrap(), "{estimate:?}");
    }
    let daily = MbgNbd::default().fit(&days).unwrap();
    close(daily.model.alpha(), 7.0 * fit.model.alpha(), 1e-7);
    close(daily.model.b(), fit.model.b(), 1e-7);
    let repeats: u32 = weeks.rows().iter().map(History::repeats).sum();
    close(daily.log_likelihood(), fit.log_likelihood() - f64::from(repeats) * 7_f64.ln(), 1e-12);

    let backwards = HistoryTable::new(Tick::Week, weeks.rows().iter().rev().copied().collect());
    assert_eq!(MbgNbd::default().fit(&backwards).unwrap(), fit);
    let sum: f64 = weeks.rows().iter().map(|row| fit.model.log_likelihood(row)).sum();
    close(fit.log_likelihood(), sum, 1e-12);
}

#[test]
fn weights_count_as_rows_do() {
    let process = Process::bg_nbd(0.6, 5.0, 0.8, 2.4, Tick::Week).unwrap();
    let people = simulated(process, Tick::Week);
    let twice: Vec<History> = people.rows().iter().chain(people.rows()).copied().collect();
    let twice = BgNbd::default().fit(&HistoryTable::new(Tick::Week, twice)).unwrap();
    let weighted = people.clone().weights(vec![2.0; people.len()]).unwrap();
    assert_eq!(BgNbd::default().fit(&weighted).unwrap().model, twice.model);
    let nobody_leaves = Nbd::default().fit(&weighted).unwrap();
    assert!(nobody_leaves.log_likelihood() < twice.log_likelihood());
}

#[test]
fn a_prior_holds_a_fit_from_few_near_to_it() {
    let process = Process::bg_nbd(0.6, 5.0, 0.8, 2.4, Tick::Week).unwrap();
    let few = HistoryTable::new(Tick::Week, simulated(process, Tick::Week).rows()[..30].to_vec());
    let close_to = |question: BgNbd| {
        let fit = question.fit(&few).unwrap();
        fit.model.parameters().into_iter().map(|parameter| parameter.value).collect::<Vec<_>>()
    };
    let firm = |centre| Prior::log_normal(centre, 1e-4).unwrap();
    let held = BgNbd::default().prior("alpha", firm(5.0)).unwrap().prior("a", firm(0.8)).unwrap();
    let found = close_to(held);
    close(found[1], 5.0, 1e-3);
    close(found[2], 0.8, 1e-3);
    let error = BgNbd::default().prior("beta", firm(1.0)).unwrap_err();
    assert_eq!(error.to_string(), "parameter: `beta` is none of r, alpha, a, b");
}
