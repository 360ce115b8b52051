//! Are categories numbered alike now and later, and turned to numbers by the rule that was stated?
#![cfg(test)]
#![allow(clippy::float_cmp, reason = "exact answers are compared")]

use super::{Base, Categories, OneHot, Unseen};
use crate::domain::{CustomerId, Customers, Day, People};

fn table(columns: &[(&str, &[Option<&str>])]) -> Categories {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    let people: Customers = (0..rows as u32).map(CustomerId::from).collect();
    let columns = columns.iter().map(|&(name, values)| (name.to_owned(), values.to_vec()));
    Categories::new(people, Day::MIN, columns).unwrap()
}

fn learned() -> Categories {
    let plans = [Some("yearly"), None, Some("monthly"), Some("yearly"), Some("trial")];
    table(&[("plan", &plans), ("sex", &[Some("f"), Some("m"), Some("m"), None, Some("m")])])
}

fn later() -> Categories {
    table(&[
        ("sex", &[Some("x"), Some("m"), None]),
        ("plan", &[Some("trial"), Some("lifetime"), Some("monthly")]),
    ])
}

#[test]
fn what_is_no_table_is_refused() {
    let people: Customers = [1_u32, 2].map(CustomerId::from).into_iter().collect();
    let new = |columns: &[(&str, &[Option<&str>])]| {
        let columns = columns.iter().map(|&(name, values)| (name.to_owned(), values.to_vec()));
        Categories::new(people.clone(), Day::MIN, columns).unwrap_err().to_string()
    };
    assert_eq!(new(&[("a", &[None])]), "categories: expected 2 rows, found 1");
    assert!(new(&[("a", &[None; 2]), ("a", &[None; 2])]).contains("given twice"));
    assert!(new(&[("a", &[None, Some("")])]).contains("empty"));
}

#[test]
fn columns_are_read_joined_and_forgotten() {
    let mut all = learned();
    assert_eq!(all.levels("plan").unwrap(), ["monthly", "trial", "yearly"]);
    assert_eq!(all.codes(0).unwrap(), [2, Categories::MISSING, 0, 2, 1]);
    assert_eq!(
        (all.get(0, 0), all.get(1, 0), all.get(9, 0), all.get(0, 9)),
        (Some("yearly"), None, None, None)
    );
    assert_eq!(all.missing().collect::<Vec<_>>(), [("plan", 1), ("sex", 1)]);
    let (plan, sex) = (all.select(&["plan"]).unwrap(), all.select(&["sex"]).unwrap());
    assert_eq!(plan.clone().join(&sex).unwrap(), all);
    assert!(plan.clone().join(&plan).is_err() && plan.join(&later()).is_err());
    assert!(all.select(&["shoe"]).is_err() && all.levels("shoe").is_err());
    let some: Customers = [4_u32, 7].map(CustomerId::from).into_iter().collect();
    assert_eq!(all.rows_of(&some).column("plan").unwrap().collect::<Vec<_>>(), [Some("trial"), None]);
    assert!(all.forget(&4_u32.into()) && !all.holds(&4_u32.into()) && !all.forget(&4_u32.into()));
    assert_eq!((all.len(), all.levels("plan").unwrap().len()), (4, 3));
}

#[test]
fn later_customers_are_numbered_as_the_earlier_were() {
    let (recoded, unseen) = learned().vocabulary().recode(&later()).unwrap();
    assert_eq!(recoded.names().collect::<Vec<_>>(), ["plan", "sex"]);
    assert_eq!(recoded.codes(0).unwrap(), [1, Categories::MISSING, 0]);
    assert_eq!(recoded.codes(1).unwrap(), [Categories::MISSING, 1, Categories::MISSING]);
    assert_eq!(unseen, [("plan".to_owned(), 1), ("sex".to_owned(), 1)]);
    assert!(learned().vocabulary().recode(&learned().select(&["sex"]).unwrap()).is_err());
}

#[test]
fn every_level_but_the_base_has_a_column() {
    for (hot, known) in [
        (OneHot::against(Base::None), &["plan=monthly", "plan=trial", "plan=yearly", "sex=f", "sex=m"][..]),
        (OneHot::against(Base::First), &["plan=trial", "plan=yearly", "sex=m"]),
        (OneHot::against(Base::Commonest), &["plan=monthly", "plan=trial", "sex=f"]),
        (OneHot::against(Base::First).base("plan", "trial"), &["plan=monthly", "plan=yearly", "sex=m"]),
    ] {
        let encoder = hot.fit(&learned()).unwrap();
        assert_eq!(encoder.names(), known);
        let numbers = encoder.apply(&learned()).unwrap();
        assert_eq!(numbers.names().collect::<Vec<_>>(), known);
        for (name, column) in numbers.names().map(|name| (name, numbers.column(name).unwrap())) {
            let (category, level) = name.split_once('=').unwrap();
            for (found, value) in column.zip(learned().column(category).unwrap()) {
                assert_eq!(found, value.map(|value| f64::from(u8::from(value == level))));
            }
        }
    }
    let twins = table(&[("a=b", &[Some("c")]), ("a", &[Some("b=c")])]);
    assert!(OneHot::against(Base::None).fit(&twins).unwrap_err().to_string().contains("given twice"));
    assert!(OneHot::against(Base::None).base("plan", "none").fit(&learned()).is_err());
    assert!(OneHot::against(Base::None).base("shoe", "none").fit(&learned()).is_err());
    let blank = OneHot::against(Base::Commonest).fit(&table(&[("a", &[None])])).unwrap();
    assert_eq!((blank.names().len(), blank.bases().next()), (0, Some(("a", None))));
}

#[test]
fn levels_not_seen_follow_the_rule() {
    let hot = |unseen| OneHot::against(Base::First).unseen(unseen).fit(&learned()).unwrap().apply(&later());
    let refused = hot(Unseen::Refuse).unwrap_err().to_string();
    assert_eq!(refused, "row 1: level was not learned from: `lifetime in column plan`");
    for (unseen, known) in [(Unseen::Missing, None), (Unseen::Zero, Some(0.0))] {
        let numbers = hot(unseen).unwrap();
        assert_eq!(numbers.column("plan=trial").unwrap().collect::<Vec<_>>(), [Some(1.0), known, Some(0.0)]);
        assert_eq!(numbers.column("sex=m").unwrap().collect::<Vec<_>>(), [known, Some(1.0), None]);
    }
}

#[cfg(feature = "serde")]
#[test]
fn what_is_saved_is_checked_when_read() {
    let first = include_str!("../../../tests/golden/encoder-1.json").trim_end();
    let encoder = OneHot::against(Base::Commonest).unseen(Unseen::Zero).fit(&learned()).unwrap();
    assert_eq!(serde_json::to_string(&encoder).unwrap(), first);
    assert_eq!(serde_json::from_str::<super::Encoder>(first).unwrap(), encoder);
    for (whole, broken) in [
        (r#""schema":1,"unseen""#, r#""schema":2,"unseen""#),
        ("[2,1]", "[2]"),
        ("[2,1]", "[3,1]"),
        (r#""f","m""#, r#""m","f""#),
        (r#""sex""#, r#""plan""#),
    ] {
        let file = first.replacen(whole, broken, 1);
        assert!(file != first && serde_json::from_str::<super::Encoder>(&file).is_err(), "{file}");
    }
    let table = serde_json::to_string(&learned()).unwrap();
    assert_eq!(serde_json::from_str::<Categories>(&table).unwrap(), learned());
    for broken in
        [table.replace("[2,4294967295", "[7,4294967295"), table.replace(r#"["plan","sex"]"#, r#"["plan"]"#)]
    {
        assert!(broken != table && serde_json::from_str::<Categories>(&broken).is_err());
    }
}
