//! The names of columns: distinct, and not empty.

use crate::error::{Error, ErrorKind};

/// # Errors
/// If a name is empty or given twice.
pub(super) fn check(names: &[String]) -> Result<(), Error> {
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    match sorted.first().copied().filter(|name| name.is_empty()).or(twice) {
        Some(name) => Err(Error::parameter("feature name", name, "is empty or given twice")),
        None => Ok(()),
    }
}

/// Where a column is.
///
/// # Errors
/// If there is no column of that name.
pub(super) fn place(names: &[String], wanted: &str) -> Result<usize, Error> {
    names
        .iter()
        .position(|name| name == wanted)
        .ok_or_else(|| ErrorKind::MissingColumn { name: wanted.to_owned(), present: names.join(", ") }.into())
}

/// Where each column learned from is in a later table, which has them in any order, and no other.
///
/// # Errors
/// If a column is not there, or one is that was not learned from.
pub(super) fn places<'a>(
    names: &[String],
    learned: impl IntoIterator<Item = &'a str> + Clone,
) -> Result<Vec<usize>, Error> {
    let places = learned.clone().into_iter().map(|wanted| place(names, wanted)).collect::<Result<_, _>>()?;
    let known: Vec<&str> = learned.into_iter().collect();
    match names.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Error::parameter("column", name, "is none of those learned from")),
        None => Ok(places),
    }
}
