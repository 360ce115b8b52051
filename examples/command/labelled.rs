//! A plain table with a column that says who churned.

use std::collections::{BTreeMap, BTreeSet};

use patronage::{
    churn::{Examples, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::{Categories, Features},
};

use super::{Fault, say, table::Sheet};

/// What the columns of a table mean.
#[derive(Clone, Copy)]
pub(crate) struct Meaning<'a> {
    /// The column that says who churned.
    pub(crate) label: &'a str,
    /// The value of it that says so; otherwise the one of its two values that [reads so](POSITIVE).
    pub(crate) positive: Option<&'a str>,
    /// A column to be left out: it says who a row is, and nothing about the customer.
    pub(crate) id: Option<&'a str>,
}

/// Labels that say without being asked that a customer churned, in any case of letters.
const POSITIVE: [&str; 7] = ["1", "1.0", "yes", "y", "true", "t", "churned"];

/// So many values of a column are listed.
const MOST_LISTED: usize = 10;

/// A column of numbers or of categories is known by its cells: of numbers, if all that are not blank are.
pub(crate) fn read(path: &str, meaning: Meaning<'_>) -> Result<Examples, Fault> {
    let sheet = Sheet::open(path)?;
    let label = sheet.place(meaning.label)?;
    let id = meaning.id.map(|id| sheet.place(id)).transpose()?;
    if let Some(id) = id {
        check_ids(&sheet, id)?;
    }
    let (rows, churned) = outcomes(&sheet, label, meaning)?;
    // Rows are customers 0, 1, 2 ..., as of no day in particular.
    let people: Customers = (0..rows.len() as u64).map(CustomerId::from).collect();
    let (mut numbers, mut categories) = (Vec::new(), Vec::new());
    for (at, name) in sheet.header().iter().enumerate().filter(|&(at, _)| at != label && Some(at) != id) {
        let name = if name.is_empty() { format!("column {}", at + 1) } else { name.clone() };
        if let Ok(values) = sheet.known_numbers(at) {
            numbers.push((name, rows.iter().map(|&row| values[row]).collect()));
        } else {
            let texts: Vec<Option<&str>> = rows.iter().map(|&row| sheet.cell(row, at)).collect();
            warn_of_ids(&name, &texts);
            categories.push((name, texts));
        }
    }
    let known = Predictors::of(&Features::new(people.clone(), Day::default(), numbers)?)
        .with_categories(&Categories::new(people, Day::default(), categories)?)?;
    Ok(Examples::new(known, churned)?)
}

/// The rows that have a label, and whether they churned.
fn outcomes(sheet: &Sheet, label: usize, meaning: Meaning<'_>) -> Result<(Vec<usize>, Vec<bool>), Fault> {
    let labelled: Vec<(usize, &str)> =
        (0..sheet.rows()).filter_map(|row| Some((row, sheet.cell(row, label)?))).collect();
    let blank = sheet.rows() - labelled.len();
    if blank > 0 {
        say(format!("{blank} rows without a label in `{}` are left out", meaning.label));
    }
    let mut values: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, value) in &labelled {
        *values.entry(value).or_default() += 1;
    }
    let positive = positive(&values, meaning)?;
    Ok(labelled.into_iter().map(|(row, value)| (row, value == positive)).unzip())
}

fn positive<'a>(values: &BTreeMap<&'a str, usize>, meaning: Meaning<'a>) -> Result<&'a str, Fault> {
    let listed = || {
        let some = values.iter().take(MOST_LISTED).map(|(value, count)| format!("`{value}` ({count} rows)"));
        let more = if values.len() > MOST_LISTED { " ..." } else { "" };
        format!("the values of `{}` are {}{more}", meaning.label, some.collect::<Vec<_>>().join(", "))
    };
    if let Some(positive) = meaning.positive {
        if !values.contains_key(positive) {
            return Err(format!("no row has the label `{positive}`: {}", listed()).into());
        }
        return Ok(positive);
    }
    let found: Vec<&&str> =
        values.keys().filter(|value| POSITIVE.contains(&value.to_lowercase().as_str())).collect();
    match found[..] {
        [positive] if values.len() == 2 => {
            say(format!("churned is who has `{positive}` in `{}` (--positive says another)", meaning.label));
            Ok(positive)
        }
        _ => Err(format!("--positive must say which value stands for churned: {}", listed()).into()),
    }
}

/// A table has a row a customer.
fn check_ids(sheet: &Sheet, id: usize) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for row in 0..sheet.rows() {
        if let Some(text) = sheet.cell(row, id).filter(|text| !seen.insert(*text)) {
            return Err(format!(
                "line {}: `{text}` is the id of a row before: a row a customer",
                sheet.line(row)
            )
            .into());
        }
    }
    Ok(())
}

/// Says so where most cells differ.
fn warn_of_ids(name: &str, texts: &[Option<&str>]) {
    let distinct: BTreeSet<&str> = texts.iter().flatten().copied().collect();
    if distinct.len() * 2 > texts.len() && texts.len() > 2 {
        say(format!(
            "`{name}` has {} values in {} rows: if it is an id, say --id {name}",
            distinct.len(),
            texts.len()
        ));
    }
}
