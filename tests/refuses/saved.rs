//! What is read back is checked as if it were made anew.

use patronage::{
    domain::Policies,
    simulate::Bakery,
    summary::{Observation, Summaries},
};
use serde_json::{Value, json};

#[test]
fn summaries_come_back_as_they_were_or_not_at_all() {
    let bakery = Bakery::new(3).customers(20);
    let ledger = bakery.books().unwrap().ledger(Policies::default()).unwrap();
    let people = Observation::until(bakery.last_day()).summarise(&ledger).unwrap();
    let saved = serde_json::to_value(&people).unwrap();
    assert_eq!(serde_json::from_value::<Summaries>(saved.clone()).unwrap(), people);

    let spoilt = |spoil: fn(&mut Value)| {
        let mut saved = saved.clone();
        spoil(&mut saved);
        serde_json::from_value::<Summaries>(saved).unwrap_err().to_string()
    };
    let short = spoilt(|saved| drop(saved["columns"]["orders"].as_array_mut().unwrap().pop()));
    assert!(short.contains("the columns differ in length"), "{short}");
    let zero = spoilt(|saved| saved["columns"]["orders"][1] = json!(0));
    assert!(zero.contains("row: `1` cannot have been observed"), "{zero}");
    let late = spoilt(|saved| saved["columns"]["last"][0] = json!("9999-12-31"));
    assert!(late.contains("row: `0` cannot have been observed"), "{late}");
    let twice = spoilt(|saved| saved["customers"][1] = saved["customers"][0].clone());
    assert!(twice.contains("must ascend"), "{twice}");
}
