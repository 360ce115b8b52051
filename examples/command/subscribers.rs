//! Subscribers who are made up, with what became of them.

use patronage::{
    churn::{Examples, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Fault;

/// So many: enough for every model.
const SUBSCRIBERS: u32 = 4000;

/// Who came lately, pays by the month, or had trouble is likelier to leave; one in twenty never said how content they
/// are. `noise` says nothing.
pub(crate) fn subscribers(seed: u64) -> Result<Examples, Fault> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut tenure, mut fee, mut tickets) = (Vec::new(), Vec::new(), Vec::new());
    let (mut content, mut noise, mut plan, mut churned) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..SUBSCRIBERS {
        let months = (-24.0 * (1.0 - chance.r#gen::<f64>()).ln()).floor().min(72.0);
        let monthly = chance.gen_bool(0.6);
        let price = 10.0 + 5.0 * f64::from(chance.gen_range(0_u8..9));
        let troubles = f64::from((0..4).filter(|_| chance.gen_bool(0.2)).count() as u8);
        let mark = f64::from(chance.gen_range(1_u8..=5));
        let score = -1.6 + if monthly { 1.2 } else { 0.0 } - 0.06 * months.min(36.0)
            + 0.6 * troubles
            + 0.02 * (price - 30.0)
            - 0.4 * (mark - 3.0);
        churned.push(chance.r#gen::<f64>() < 1.0 / (1.0 + (-score).exp()));
        tenure.push(Some(months));
        fee.push(Some(price));
        tickets.push(Some(troubles));
        content.push((!chance.gen_bool(0.05)).then_some(mark));
        noise.push(Some(chance.r#gen::<f64>()));
        plan.push(Some(if monthly { "monthly" } else { "yearly" }));
    }
    let people: Customers = (0..SUBSCRIBERS).map(CustomerId::from).collect();
    let named = [
        ("tenure_months", tenure),
        ("monthly_fee", fee),
        ("tickets", tickets),
        ("satisfaction", content),
        ("noise", noise),
    ];
    let numbers = named.map(|(name, column)| (name.to_owned(), column));
    let known = Predictors::of(&Features::new(people.clone(), Day::default(), numbers)?)
        .with_categories(&Categories::new(people, Day::default(), [("plan".to_owned(), plan)])?)?;
    Ok(Examples::new(known, churned)?)
}
