//! Values against lifetimes, against sums by hand, and against simulated customers.

use patronage::{
    cltv::{BgNbdModel, GammaGammaModel, NextPurchaseForecast, TwoPartModel, Valuation},
    domain::{Currency, Horizon, Money, Rate, Tick},
    model::{AliveProbability, LifetimeValue, Margin, PurchaseForecast, Readiness, SpendForecast},
    summary::{Histories, History, Spend, SpendTable, Spends},
};

use crate::host::{Again, Steady, summaries_of_three};

/// BG/NBD at the estimates of variant B, with time in thousandths of a week.
fn in_thousandths() -> BgNbdModel {
    BgNbdModel::new(Tick::Day, 0.242_592_89, 4_413.531_12, 0.792_886_26, 2.425_753_96).unwrap()
}

/// As lifetimes sees them: times rounded to hundredths of a week, a month of 4.345 weeks.
struct AsLifetimes(BgNbdModel);

impl AliveProbability for AsLifetimes {
    fn tick(&self) -> Tick {
        Tick::Week
    }

    fn p_alive_into(&self, _: &[History], out: &mut [f64]) {
        out.fill(1.0);
    }
}

impl PurchaseForecast for AsLifetimes {
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        let thousandths = |weeks: f64| (weeks * 100.0).round() * 10.0;
        let rows = rows.iter().map(|row| {
            History::new(row.repeats(), thousandths(row.recency()), thousandths(row.age())).unwrap()
        });
        let months = (1..=12).find(|&count| Horizon::months(count) == horizon).unwrap();
        self.0.expected_purchases_into(&rows.collect::<Vec<_>>(), Horizon::days(4345 * months), out);
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.0.expected_purchases_new(horizon)
    }
}

/// Gamma-Gamma at the estimates of variant B: p (v + x m) / (p x + q - 1).
struct Spent;

impl SpendForecast for Spent {
    fn currency(&self) -> Currency {
        Currency::USD
    }

    fn expected_spend_into(&self, rows: &[Spend], out: &mut [f64]) {
        let (p, q, v) = (6.248_802_36, 3.744_588_49, 15.447_748_43);
        for (out, row) in out.iter_mut().zip(rows) {
            let x = f64::from(row.purchases());
            *out = p * (v + x * row.mean()) / (p * x + q - 1.0);
        }
    }
}

/// What lifetimes' `customer_lifetime_value(time=12, discount_rate=0.01, freq='W')` gives, in cents.
const BY_LIFETIMES: [f64; 3] = [3627.8496, 463.7466, 834.4093];

fn a_year<'a>(buying: &'a dyn PurchaseForecast, spend: &'a dyn SpendForecast) -> Valuation<'a> {
    Valuation::new(buying, spend).horizon(Horizon::months(12)).discount(Rate::monthly(0.01).unwrap())
}

#[test]
fn a_year_by_months_is_that_of_lifetimes() {
    let buying = AsLifetimes(in_thousandths());
    // In a currency of four decimals a value keeps its digits: 36.278496 is 36.2785.
    let to_cent = a_year(&buying, &Spent).value(&summaries_of_three(Tick::Week)).unwrap();
    for (found, known) in to_cent.to_come().iter().zip(BY_LIFETIMES) {
        assert!((*found as f64 - known).abs() <= 0.5, "{found} {known}");
    }
    // To the digits of the source by the same sum, without rounding to cents.
    let people = summaries_of_three(Tick::Week);
    let each = Spent.expected_spend(&people as &dyn Spends);
    let until = |months| buying.expected_purchases(&people as &dyn Histories, Horizon::months(months));
    for (row, known) in BY_LIFETIMES.into_iter().enumerate() {
        let month = |k: u32| {
            (until(k)[row] - if k > 1 { until(k - 1)[row] } else { 0.0 }) / 1.01_f64.powf(f64::from(k))
        };
        let value = 100.0 * each[row] * (1..=12).map(month).sum::<f64>();
        assert!((value - known).abs() < 2e-4, "{value} {known}");
    }
}

#[test]
fn a_month_of_the_calendar_explains_the_difference_to_lifetimes() {
    let buying = BgNbdModel::new(Tick::Week, 0.242_592_89, 4.413_531_12, 0.792_886_26, 2.425_753_96).unwrap();
    let values = a_year(&buying, &Spent).value(&summaries_of_three(Tick::Week)).unwrap();
    // Ours has 30.436875 days, lifetimes' 30.415: 0.07 % more time, and so at most so much more value.
    for (found, known) in values.to_come().iter().zip(BY_LIFETIMES) {
        let ratio = *found as f64 / known;
        assert!((1.0 - 1e-3..1.0 + 2e-3).contains(&ratio), "{ratio}");
    }
}

#[test]
fn a_value_is_the_sum_of_its_discounted_steps() {
    let (buying, people) = (Steady::weekly(), summaries_of_three(Tick::Week));
    let spend = Again(Currency::USD);
    let valuation = Valuation::new(&buying, &spend)
        .horizon(Horizon::days(365))
        .margin(Margin::share(0.35).unwrap())
        .cost_to_serve(Money::of_minor(25, Currency::USD), Tick::Month);
    let values = valuation.value(&people).unwrap();
    let month = 365.2425 / 12.0;
    // Twelve steps, the last of 365 - 11 months; at 1.1^(days / 365.2425).
    let ends: Vec<f64> = (1..=12).map(|k| (f64::from(k) * month).min(365.0)).collect();
    let days: f64 =
        ends.iter().enumerate().map(|(k, end)| (end - month * k as f64) / 1.1_f64.powf(end / 365.2425)).sum();
    for (row, (x, mean, age)) in
        [(2.0, 22.35, 272.0), (1.0, 11.77, 272.0), (0.0, 10.0, 272.0)].into_iter().enumerate()
    {
        let rate = (0.5 + x) / (9.0 + age / 7.0) / 7.0;
        let known = 0.35 * mean * rate * days - 0.25 * days / month;
        assert_eq!(values.to_come()[row], (100.0 * known).round() as i64);
    }
    assert_eq!(values.realised(), [2591, 2629, 238]);
}

#[test]
fn short_steps_over_a_long_time_come_to_the_value_without_end() {
    let (buying, spend, people) = (Steady::weekly(), Again(Currency::USD), summaries_of_three(Tick::Week));
    let endless = Valuation::endless(&buying, &spend).value(&people).unwrap();
    let weeks = Valuation::new(&buying, &spend).horizon(Horizon::weeks(10_000)).step(Tick::Week);
    let weeks = weeks.value(&people).unwrap();
    for (row, (endless, weeks)) in endless.to_come().iter().zip(weeks.to_come()).enumerate() {
        // A purchase within a week is discounted half a week too much.
        let known = *endless as f64 * (-0.5 * 1.1_f64.ln() * 7.0 / 365.2425).exp();
        assert!((*weeks as f64 - known).abs() < 1.0, "row {row}: {weeks} {known}");
    }
    // By hand: 2.5 / (9 + 272 / 7) a week, 22.35 each, over ln(1.1) / 52.1775 weeks.
    let known = 2.5 / (9.0 + 272.0 / 7.0) * 22.35 / (1.1_f64.ln() * 7.0 / 365.2425);
    assert_eq!(endless.to_come()[0], (100.0 * known).round() as i64);
}

#[test]
fn an_interval_is_that_of_the_values_that_the_draws_give() {
    let (people, spend) = (summaries_of_three(Tick::Week), Again(Currency::USD));
    let draws: Vec<Steady> = (1..=21).map(|k| Steady { r: f64::from(k) * 0.1, ..Steady::weekly() }).collect();
    let spends = vec![spend; draws.len()];
    let middle = &draws[10];
    let valuation = Valuation::new(middle, &spend).uncertain(&draws, &spends, 0.8).unwrap();
    let values = valuation.value(&people).unwrap();
    // Of 21 in order the third and the nineteenth, by type 7.
    for (bound, draw) in [(values.low().unwrap(), 2), (values.high().unwrap(), 18)] {
        let alone = Valuation::new(&draws[draw], &spend).value(&people).unwrap();
        assert_eq!(bound, alone.to_come());
    }
    assert_eq!(values.coverage(), Some(0.8));
    let free = Money::zero(Currency::USD);
    let ends = [2, 18].map(|draw| Valuation::new(&draws[draw], &spend).newcomer(free).unwrap());
    assert_eq!(ends[0].interval, None);
    assert_eq!(valuation.newcomer(free).unwrap().interval, Some(ends.map(|newcomer| newcomer.value)));
    assert!(matches!(values.readiness(), Readiness::Degraded { needed: 365, found: 272, .. }));
    assert!(valuation.horizon(Horizon::days(365)).value(&people).unwrap().readiness().is_ready());
}

#[test]
fn a_newcomer_pays_back_on_the_day_that_the_sum_says() {
    let (buying, spend) = (Steady { r: 0.7, alpha: 7.0, tick: Tick::Day }, Again(Currency::USD));
    let usd = |minor| Money::of_minor(minor, Currency::USD);
    let valuation = Valuation::new(&buying, &spend).margin(Margin::share(0.5).unwrap());
    // The first purchase brings 5 dollars, each day after it half a dollar: 17.20 are there after 25 days.
    let newcomer = valuation.newcomer(usd(1720)).unwrap();
    assert_eq!(newcomer.payback_days, Some(25));
    assert_eq!(valuation.newcomer(usd(500)).unwrap().payback_days, Some(0));
    assert_eq!(valuation.newcomer(usd(18_751)).unwrap().payback_days, None);
    assert_eq!(valuation.newcomer(usd(0)).unwrap().ratio(), None);
    let month = 365.2425 / 12.0;
    let steps = (1..=12).map(|k| (f64::from(k) * month).min(365.0));
    let worth = steps.enumerate().map(|(k, end)| (end - month * k as f64) / 1.1_f64.powf(end / 365.2425));
    let known = 5.0 + 0.5 * worth.sum::<f64>();
    assert_eq!(newcomer.value, usd((100.0 * known).round() as i64));
    assert_eq!(newcomer.ratio(), Some(newcomer.value.minor() as f64 / 1720.0));
}

#[test]
fn the_next_purchase_is_due_when_its_distribution_says() {
    let (buying, people) = (Steady::weekly(), summaries_of_three(Tick::Day));
    let due = NextPurchaseForecast::new(&buying).horizon(Horizon::days(90)).of(&people).unwrap();
    let one = due.of(&1_u64.into()).unwrap();
    // P(none in t) = (rate / (rate + t))^(r + x), solved for t in days.
    let (shape, rate) = (2.5, 7.0 * 9.0 + 272.0);
    let within = |days: f64| 1.0 - f64::powf(rate / (rate + days), shape);
    assert!((one.probability - within(90.0)).abs() < 1e-12);
    let day = |share: f64| {
        let exact = rate * ((1.0 - share * within(90.0)).powf(-1.0 / shape) - 1.0);
        people.as_of().plus(exact.ceil() as i32)
    };
    let found = one.due.unwrap();
    assert_eq!((found.earliest, found.day, found.latest), (day(0.1), day(0.5), day(0.9)));
    // Of what differs from 0 by its rounding alone nobody can say when.
    let never = Steady { r: 1e-13, ..buying };
    let due = NextPurchaseForecast::new(&never).of(&people).unwrap();
    let bought_once = due.of(&3_u64.into()).unwrap();
    assert!(bought_once.due.is_none() && (0.0..1e-12).contains(&bought_once.probability));
}

#[test]
fn margins_are_valued_by_rows_of_their_own() {
    let sizes = |p, q, v| GammaGammaModel::new(Currency::USD, p, q, v).unwrap();
    let margins = TwoPartModel::new(1.0, 9.0, sizes(4.0, 3.0, 6.0), sizes(2.0, 5.0, 20.0)).unwrap();
    let rows = [(3, 15.0, 0, 0.0), (0, 0.0, 2, 12.0), (1, 9.0, 0, 0.0)];
    let rows = rows.map(|(gains, gain, losses, loss)| Spend::signed(gains, gain, losses, loss).unwrap());
    let table = SpendTable::new(Currency::USD, rows.to_vec());
    let (buying, people) = (Steady::weekly(), summaries_of_three(Tick::Week));
    let values = Valuation::new(&buying, &margins)
        .spends(&table)
        .horizon(Horizon::weeks(10))
        .discount(Rate::yearly(0.0).unwrap())
        .value(&people)
        .unwrap();
    // 10 weeks of (r + x) / (alpha + T), times (1 - pi) p (v + g y) / (p g + q - 1) less pi times the same of losses.
    let rates = [(2.5, 272.0), (1.5, 272.0), (0.5, 272.0)].map(|(r, days)| 10.0 * r / (9.0 + days / 7.0));
    let margins = [
        12.0 / 13.0 * (4.0 * (6.0 + 45.0) / 14.0) - 1.0 / 13.0 * (2.0 * 20.0 / 4.0),
        9.0 / 12.0 * (4.0 * 6.0 / 2.0) - 3.0 / 12.0 * (2.0 * (20.0 + 24.0) / 8.0),
        10.0 / 11.0 * (4.0 * (6.0 + 9.0) / 6.0) - 1.0 / 11.0 * (2.0 * 20.0 / 4.0),
    ];
    for (found, (rate, margin)) in values.to_come().iter().zip(rates.into_iter().zip(margins)) {
        assert_eq!(*found, (100.0_f64 * rate * margin).round() as i64);
    }
}
