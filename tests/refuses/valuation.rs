//! Terms that cannot be met are refused, and the rule is named.

use patronage::{
    cltv::{Backtest, NextPurchaseForecast, Valuation},
    domain::{Currency, Day, Horizon, Money, Rate, Tick},
    model::{LifetimeValue, Margin},
    summary::{Observation, Spend, SpendTable},
};

use crate::host::{Again, Always, Steady, summaries_of_three, three};

const USD: Again = Again(Currency::USD);

fn refusal(valuation: &Valuation<'_>) -> String {
    valuation.value(&summaries_of_three(Tick::Week)).unwrap_err().to_string()
}

#[test]
fn without_end_there_must_be_a_discount_and_a_model_for_it() {
    let buying = Steady::weekly();
    let endless = Valuation::new(&buying, &USD).horizon(Horizon::endless());
    assert!(refusal(&endless).contains("Valuation::endless"));
    let free = Valuation::endless(&buying, &USD).discount(Rate::yearly(0.0).unwrap());
    assert!(refusal(&free).contains("must be above 0"));
    let draws = [buying; 20];
    let half = Valuation::endless(&buying, &USD).uncertain(&draws, &[USD; 20], 0.9).unwrap();
    assert!(refusal(&half).contains("Valuation::endless"));
    let whole = Valuation::endless(&buying, &USD).uncertain_endless(&draws, &[USD; 20], 0.9).unwrap();
    assert!(whole.value(&summaries_of_three(Tick::Week)).is_ok());
    let cost = Money::of_minor(5, Currency::USD);
    let served = Valuation::endless(&buying, &USD).cost_to_serve(cost, Tick::Month);
    assert!(refusal(&served).contains("no end to the cost"));
    let long = Valuation::new(&buying, &USD).horizon(Horizon::years(u32::MAX)).step(Tick::Day);
    assert!(refusal(&long).contains("more than 10,000 steps"));
}

#[test]
fn money_is_of_one_currency() {
    let (buying, euros) = (Steady::weekly(), Again(Currency::EUR));
    let differ = "currencies differ: expected USD, found EUR";
    assert_eq!(refusal(&Valuation::new(&buying, &euros)), differ);
    let cost = Money::of_minor(5, Currency::EUR);
    let served = Valuation::new(&buying, &USD).cost_to_serve(cost, Tick::Month);
    assert_eq!(refusal(&served), differ);
    assert_eq!(served.newcomer(Money::zero(Currency::USD)).unwrap_err().to_string(), differ);
    let (buyings, spends) = ([buying; 20], [euros; 20]);
    let drawn = Valuation::new(&buying, &USD).uncertain(&buyings, &spends, 0.9).unwrap();
    assert_eq!(refusal(&drawn), differ);
    assert!(Valuation::new(&buying, &USD).newcomer(Money::of_minor(-1, Currency::USD)).is_err());
}

#[test]
fn rows_of_spend_are_those_of_the_customers() {
    let buying = Steady::weekly();
    let table = |currency, rows: usize| SpendTable::new(currency, vec![Spend::default(); rows]);
    for rows in [0, 2, 4] {
        let rows_given = table(Currency::USD, rows);
        let valuation = Valuation::new(&buying, &USD).spends(&rows_given);
        assert_eq!(refusal(&valuation), format!("rows of spend: expected 3 rows, found {rows}"));
    }
    let euros = table(Currency::EUR, 3);
    let valuation = Valuation::new(&buying, &USD).spends(&euros);
    assert_eq!(refusal(&valuation), "currencies differ: expected USD, found EUR");
}

#[test]
fn shares_and_draws_are_in_their_range() {
    for bad in [-0.01, 1.01, f64::NAN, f64::INFINITY] {
        let error = Margin::share(bad).unwrap_err().to_string();
        assert_eq!(error, format!("margin: `{bad}` must be a share from 0 to 1"));
    }
    let (buying, people) = (Steady::weekly(), summaries_of_three(Tick::Week));
    let drawn = |buying: &[Steady], spend: &[Again], coverage| {
        let valuation = Valuation::new(&buying[0], &USD);
        valuation.uncertain(buying, spend, coverage).map(drop).unwrap_err().to_string()
    };
    assert!(drawn(&[buying; 19], &[USD; 19], 0.9).contains("must be 20 or more"));
    assert!(drawn(&[buying; 20], &[USD; 21], 0.9).contains("expected 20 rows, found 21"));
    for bad in [0.0, 1.0, f64::NAN] {
        assert!(drawn(&[buying; 20], &[USD; 20], bad).contains("between 0 and 1"));
        assert!(NextPurchaseForecast::new(&buying).coverage(bad).of(&people).is_err());
    }
    for bad in [Horizon::endless(), Horizon::days(0), Horizon::years(101)] {
        assert!(NextPurchaseForecast::new(&buying).horizon(bad).of(&people).is_err());
    }
}

#[test]
fn values_that_do_not_fit_are_refused() {
    assert_eq!(refusal(&Valuation::new(&Always(1e300), &USD)), "lifetime value is too large");
    for no_number in [f64::INFINITY, f64::NAN] {
        let model = Always(no_number);
        let words = "lifetime value: `NaN` is no number: a model gave none";
        assert_eq!(refusal(&Valuation::new(&model, &USD)), words);
        let newcomer = Valuation::new(&model, &USD).newcomer(Money::zero(Currency::USD));
        assert_eq!(newcomer.unwrap_err().to_string(), words);
    }
}

#[test]
fn a_holdout_follows_its_calibration() {
    let end = Day::ymd(1997, 9, 30).unwrap();
    let seen = Observation::until(end).every(Tick::Week);
    let error = seen.split(&three(), end).unwrap_err().to_string();
    assert_eq!(error, "holdout: `1997-09-30` must end after the observation");
    let early = Observation::until(Day::ymd(1996, 1, 1).unwrap()).split(&three(), end).unwrap();
    assert!(Backtest::new(&early).run(&[]).unwrap_err().is_empty());
    let split = seen.split(&three(), end.plus(30)).unwrap();
    assert!(Backtest::new(&split).spend(&Again(Currency::EUR)).run(&[]).is_err());
    let others = Observation::until(end).split(&three(), Day::MAX).unwrap();
    let error = Backtest::new(&others).tracking(&three()).run(&[]).unwrap_err().to_string();
    assert!(error.contains("more than 100 years"), "{error}");
}
