//! The life of one simulated customer.

use super::{Population, chance::Chance, process::LeavingLaw};
use crate::domain::{CustomerId, Day, Money, Tick};

/// A simulated customer: the truth, and what could be seen of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Person {
    /// What no shop knows.
    pub truth: Truth,
    /// The purchases, by time; the first among them.
    pub sales: Vec<Sale>,
}

/// One purchase of a simulated customer.
///
/// Purchases happen at moments; their days are what a shop would write down. The first one is made at noon, so
/// that the days between two purchases are as often too few as too many. Two purchases may fall on one day.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sale {
    /// Ticks of the process since the customer's first purchase, 0 for the first itself.
    pub after: f64,
    /// The day.
    pub day: Day,
    /// The amount: at least one minor unit, at most 10^12 of them.
    pub amount: Money,
}

/// How a simulated customer tends to leave.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Leaving {
    /// At any time, at this rate a tick (μ).
    Rate(f64),
    /// After a purchase, with this probability (p).
    AfterPurchase(f64),
}

/// What no shop knows about a customer.
#[derive(Clone, PartialEq, Debug)]
pub struct Truth {
    /// The id.
    pub customer: CustomerId,
    /// The day of the first purchase.
    pub won_on: Day,
    /// The unit of time of what follows.
    pub tick: Tick,
    /// Purchases a tick while the customer is there (λ).
    pub rate: f64,
    /// How the customer tends to leave.
    pub leaving: Leaving,
    /// Ticks from the first purchase to leaving. Infinite if the customer leaves after a purchase and had not
    /// left when the observation ended: when they will is not decided yet.
    pub lifetime: f64,
    /// The mean of the customer's amounts in major units (p / ν), before they are rounded.
    pub mean_spend: f64,
    /// Whether the customer reached the most purchases allowed, so that later ones are missing.
    pub cut_short: bool,
}

impl Truth {
    /// Whether the customer is still there at noon of a day: known up to the end of the observation, and of
    /// no meaning before [`won_on`](Self::won_on).
    pub fn alive_on(&self, day: Day) -> bool {
        f64::from(day.since(self.won_on)) / self.tick.days() < self.lifetime
    }
}

const MOST_MINOR: f64 = 1e12;

/// Everything is drawn in one order, so that a later end draws on where an earlier one stopped.
pub(super) fn live(population: &Population, number: u64) -> Person {
    let mut chance = Chance::of(population.seed, number);
    let (mut truth, spending) = born(population, number, &mut chance);
    let mut sales = Vec::new();
    let mut clock = Clock { after: 0.0, lifetime: truth.lifetime };
    while let Some(day) = day_of(&truth, clock.after).filter(|&day| day <= population.until) {
        if sales.len() >= population.most_purchases as usize {
            truth.cut_short = true;
            break;
        }
        sales.push(Sale { after: clock.after, day, amount: spending.amount(&mut chance) });
        clock.leave(population.process.leaving, truth.leaving, &mut chance);
        if !clock.advance(truth.rate, &mut chance) {
            break;
        }
    }
    truth.lifetime = clock.lifetime;
    Person { truth, sales }
}

// A share of fewer than 2^31 days is whole days again.
#[allow(clippy::cast_possible_truncation)]
fn born(population: &Population, number: u64, chance: &mut Chance) -> (Truth, Spending) {
    let Population { process, spend, cohort, .. } = *population;
    let span = f64::from(cohort.last.since(cohort.first)) + 1.0;
    let won_on = cohort.first.plus((chance.share() * span) as i32);
    let rate = process.rate.draw(chance);
    let (leaving, lifetime) = match process.leaving {
        LeavingLaw::AtAnyTime(law) => {
            let mu = law.draw(chance);
            // A rate that underflowed to zero is a life without end.
            let lifetime = if mu > 0.0 { chance.wait() / mu } else { f64::INFINITY };
            (Leaving::Rate(mu), lifetime)
        }
        LeavingLaw::AfterPurchase { a, b, .. } => (Leaving::AfterPurchase(chance.beta(a, b)), f64::INFINITY),
    };
    let ln_nu = chance.ln_gamma(spend.q) - spend.v.ln();
    let truth = Truth {
        customer: number.into(),
        won_on,
        tick: process.tick,
        rate,
        leaving,
        lifetime,
        mean_spend: (spend.p.ln() - ln_nu).exp(),
        cut_short: false,
    };
    (truth, Spending { shape: spend.p, ln_nu, zero: Money::zero(spend.currency) })
}

/// The time of the purchase at hand, and of leaving.
struct Clock {
    after: f64,
    lifetime: f64,
}

impl Clock {
    /// Lets the customer leave after the purchase at hand, where the process has it so.
    fn leave(&mut self, law: LeavingLaw, leaving: Leaving, chance: &mut Chance) {
        let (LeavingLaw::AfterPurchase { first_too, .. }, Leaving::AfterPurchase(p)) = (law, leaving) else {
            return;
        };
        let may_leave = first_too || self.after > 0.0;
        if may_leave && chance.happens(p) {
            self.lifetime = self.after;
        }
    }

    /// Goes on to the next purchase, unless the customer leaves before it.
    fn advance(&mut self, rate: f64, chance: &mut Chance) -> bool {
        let gap = chance.wait() / rate;
        let next = self.after + gap;
        // A rate of zero makes the gap infinite, and 0/0 is no gap either.
        if !(next < self.lifetime && next.is_finite()) {
            return false;
        }
        self.after = next;
        true
    }
}

/// The day of a moment; `None` past the last day there is.
#[allow(clippy::cast_possible_truncation)] // Compared with the last day first.
fn day_of(truth: &Truth, after: f64) -> Option<Day> {
    let days = (after * truth.tick.days() + 0.5).floor();
    let most = f64::from(Day::MAX.since(truth.won_on));
    (days <= most).then(|| truth.won_on.plus(days as i32))
}

struct Spending {
    shape: f64,
    ln_nu: f64,
    zero: Money,
}

impl Spending {
    #[allow(clippy::cast_possible_truncation)] // Clamped first.
    fn amount(&self, chance: &mut Chance) -> Money {
        let major = (chance.ln_gamma(self.shape) - self.ln_nu).exp();
        let currency = self.zero.currency();
        let minor = (major * currency.minor_per_major() as f64).round().clamp(1.0, MOST_MINOR);
        Money::of_minor(minor as i64, currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Currency,
        simulate::{Cohort, Process, Spend},
    };

    const CUSTOMERS: u32 = 20_000;

    fn new_year() -> Day {
        Day::ymd(2024, 1, 1).unwrap()
    }

    fn spend() -> Spend {
        Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::USD).unwrap()
    }

    fn population(process: Process, customers: u32, days: i32, seed: u64) -> Population {
        let cohort = Cohort::new(customers, new_year(), new_year()).unwrap();
        Population::new(cohort, process, spend(), new_year().plus(days), seed).unwrap()
    }

    /// The mean of a value over all people must lie within four standard errors of the truth.
    fn mean_is(truth: f64, of: &Population, value: impl Fn(&Person) -> f64) {
        let values: Vec<f64> = of.people().map(|person| value(&person)).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        assert!((mean - truth).abs() < 4.0 * error, "{mean} is not {truth} +- {error}");
    }

    /// Repeat purchases within so many ticks of the first.
    fn repeats(person: &Person, ticks: f64) -> f64 {
        person.sales.iter().skip(1).filter(|sale| sale.after <= ticks).count() as f64
    }

    // The expected numbers of purchases are those of the models at the maximum likelihood on CDNOW.

    #[test]
    fn pareto_nbd_buys_as_often_as_the_theory_says() {
        let (r, alpha, s, beta) = (0.553_277_10, 10.577_684_17, 0.606_239_87, 11.668_730_58);
        let process = Process::pareto_nbd(r, alpha, s, beta, Tick::Week).unwrap();
        let people = population(process, CUSTOMERS, 365, 1);
        for (weeks, expected) in [(1.0, 0.051_006_377), (9.0, 0.391_337_083_7), (52.0, 1.473_434_293_2)] {
            mean_is(expected, &people, |person| repeats(person, weeks));
        }
        mean_is(r / alpha, &people, |person| person.truth.rate);
        // P(alive at t) = (beta / (beta + t))^s.
        let alive = (beta / (beta + 52.0)).powf(s);
        mean_is(alive, &people, |person| f64::from(u8::from(person.truth.alive_on(new_year().plus(364)))));
    }

    #[test]
    fn bg_nbd_buys_as_often_as_the_theory_says() {
        let (r, alpha, a, b) = (0.242_594_53, 4.413_602_08, 0.792_922_12, 2.425_907_34);
        let process = Process::bg_nbd(r, alpha, a, b, Tick::Week).unwrap();
        let people = population(process, CUSTOMERS, 78 * 7 + 1, 2);
        for (weeks, expected) in [(3.0, 0.150_865_230_9), (32.0, 1.045_243_328), (78.0, 1.860_519_058)] {
            mean_is(expected, &people, |person| repeats(person, weeks));
        }
        // P(X(t) = 0) = (alpha / (alpha + t))^r.
        let none = (alpha / (alpha + 39.0)).powf(r);
        mean_is(none, &people, |person| f64::from(u8::from(repeats(person, 39.0) == 0.0)));
    }

    #[test]
    fn mbg_nbd_loses_some_after_the_first_purchase() {
        let (r, alpha, a, b) = (0.524_843_13, 6.183_085_10, 0.891_359_37, 1.614_002_17);
        let process = Process::mbg_nbd(r, alpha, a, b, Tick::Week).unwrap();
        let people = population(process, CUSTOMERS, 40 * 7, 3);
        let none = (a + b * (alpha / (alpha + 39.0)).powf(r)) / (a + b);
        mean_is(none, &people, |person| f64::from(u8::from(repeats(person, 39.0) == 0.0)));
        mean_is(a / (a + b), &people, |person| f64::from(u8::from(person.truth.lifetime == 0.0)));
    }

    #[test]
    fn spend_is_gamma_gamma() {
        let process = Process::pareto_nbd(0.55, 10.6, 0.61, 11.7, Tick::Week).unwrap();
        let people = population(process, CUSTOMERS, 100, 4);
        let mean = spend().mean().unwrap();
        mean_is(mean, &people, |person| person.truth.mean_spend);
        mean_is(mean, &people, |person| person.sales[0].amount.major());
        // Around its mean an amount has the variance mean^2 / p.
        mean_is(1.0 / 6.25, &people, |person| {
            (person.sales[0].amount.major() / person.truth.mean_spend - 1.0).powi(2)
        });
    }

    #[test]
    fn more_customers_and_more_days_change_nobody() {
        let processes = [
            Process::pareto_nbd(0.9, 3.0, 0.6, 12.0, Tick::Week).unwrap(),
            Process::bg_nbd(0.9, 3.0, 0.8, 2.4, Tick::Week).unwrap(),
            Process::mbg_nbd(0.9, 90.0, 0.8, 2.4, Tick::Month).unwrap(),
        ];
        for process in processes {
            let (few, many) = (population(process, 50, 200, 9), population(process, 500, 200, 9));
            assert!(few.people().eq(many.people().take(50)));
            assert_eq!(many.person(50), few.person(50));
            assert_eq!((few.person(51), few.person(0)), (None, None));
            for (now, later) in few.people().zip(population(process, 50, 400, 9).people()) {
                assert_eq!(now.sales, later.sales[..now.sales.len()]);
                assert!(later.sales[now.sales.len()..].iter().all(|sale| sale.day > few.end()));
            }
            assert!(!few.people().eq(population(process, 50, 200, 10).people()));
        }
    }

    /// If this must change, it is a value-breaking change: numbers that users pinned will move.
    #[test]
    fn seed_7_is_stable() {
        let process = Process::pareto_nbd(0.55, 10.6, 0.61, 11.7, Tick::Week).unwrap();
        let people = population(process, 6, 365, 7);
        let seen: Vec<String> = (2..=3)
            .filter_map(|number| people.person(number))
            .flat_map(|person| person.sales)
            .map(|sale| format!("{} {}", sale.day, sale.amount.digits()))
            .collect();
        let known = [
            "2024-01-01 25.00",
            "2024-02-29 18.82",
            "2024-03-27 8.73",
            "2024-05-23 22.84",
            "2024-06-20 49.46",
            "2024-12-08 64.44",
            "2024-01-01 64.38",
        ];
        assert_eq!(seen, known);
    }

    #[test]
    fn every_purchase_is_in_order_and_in_the_window() {
        let process = Process::bg_nbd(2.0, 1.0, 0.1, 5.0, Tick::Day).unwrap();
        let cohort = Cohort::new(300, new_year(), new_year().plus(30)).unwrap();
        let people = Population::new(cohort, process, spend(), new_year().plus(60), 5).unwrap();
        let mut days_won = [0; 31];
        for Person { truth, sales } in people.people() {
            days_won[usize::try_from(truth.won_on.since(new_year())).unwrap()] += 1;
            assert_eq!((sales[0].day, sales[0].after), (truth.won_on, 0.0));
            assert!(sales.is_sorted_by(|a, b| a.after < b.after && a.day <= b.day));
            assert!(sales.iter().all(|sale| sale.day <= people.end() && sale.amount.minor() >= 1));
            assert!(sales.iter().all(|sale| sale.after <= truth.lifetime));
        }
        assert!(days_won.iter().all(|&won| won > 0));
        assert_eq!(people.ledger().unwrap().len(), people.purchases().count());
    }

    #[test]
    fn extreme_parameters_end() {
        let extremes = [1e-9, 1.0, 1e12];
        let until =
            |day: Day| Population::new(Cohort::new(3, Day::MIN, Day::MIN).unwrap(), fast(), spend(), day, 1);
        assert!(until(Day::MAX).unwrap().most_purchases(50).people().all(|person| person.truth.cut_short));
        for r in extremes {
            for alpha in extremes {
                for other in extremes {
                    let spend = Spend::gamma_gamma(r, other, alpha, Currency::BHD).unwrap();
                    for process in [
                        Process::pareto_nbd(r, alpha, other, r, Tick::Year).unwrap(),
                        Process::mbg_nbd(r, alpha, other, r, Tick::Day).unwrap(),
                    ] {
                        let extreme = Population { process, spend, ..population(process, 3, 5000, 1) };
                        for Person { truth, sales } in extreme.most_purchases(50).people() {
                            assert!(sales.len() <= 50 && truth.cut_short <= (sales.len() == 50));
                            assert!(!truth.rate.is_nan() && !truth.lifetime.is_nan());
                            assert!(!truth.mean_spend.is_nan());
                            let fits = |sale: &Sale| (1..=1_000_000_000_000).contains(&sale.amount.minor());
                            assert!(sales.iter().all(fits));
                        }
                    }
                }
            }
        }
    }

    fn fast() -> Process {
        Process::bg_nbd(1e12, 1.0, 1e-9, 1e12, Tick::Day).unwrap()
    }
}
