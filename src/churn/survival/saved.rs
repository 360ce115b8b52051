//! Curves as they are saved.

use super::{
    CumulativeIncidence, KaplanMeier, NelsonAalen,
    lifetimes::{LARGEST_SUM, LEAST_WEIGHT, check_length},
    risk_table::RiskTable,
};
use crate::{
    domain::saved::{Exact, SchemaVersion},
    error::{Error, ErrorKind},
};

/// A Kaplan-Meier curve is its table, from which it is reckoned again.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedSurvival {
    schema: SchemaVersion<1>,
    table: SavedTable,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedHazard {
    schema: SchemaVersion<1>,
    table: SavedTable,
    hazard: Vec<Exact>,
    variance: Vec<Exact>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedIncidence {
    schema: SchemaVersion<1>,
    cause: u32,
    times: Vec<Exact>,
    incidence: Vec<Exact>,
    variance: Vec<Exact>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedTable {
    times: Vec<Exact>,
    at_risk: Vec<Exact>,
    events: Vec<Exact>,
    censored: Vec<Exact>,
}

pub(super) fn exact(numbers: impl IntoIterator<Item = f64>) -> Vec<Exact> {
    numbers.into_iter().map(Exact).collect()
}

pub(super) fn plain(numbers: Vec<Exact>) -> Vec<f64> {
    numbers.into_iter().map(|number| number.0).collect()
}

/// The cells of a lower triangle, row by row.
pub(super) fn cells(size: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..size).flat_map(|row| (0..=row).map(move |column| (row, column)))
}

impl From<KaplanMeier> for SavedSurvival {
    fn from(curve: KaplanMeier) -> Self {
        Self { schema: SchemaVersion, table: curve.table.into() }
    }
}

impl TryFrom<SavedSurvival> for KaplanMeier {
    type Error = Error;

    fn try_from(saved: SavedSurvival) -> Result<Self, Error> {
        Ok(Self::reckon(saved.table.try_into()?))
    }
}

impl From<NelsonAalen> for SavedHazard {
    fn from(curve: NelsonAalen) -> Self {
        let (hazard, variance) = (exact(curve.hazard), exact(curve.variance));
        Self { schema: SchemaVersion, table: curve.table.into(), hazard, variance }
    }
}

impl TryFrom<SavedHazard> for NelsonAalen {
    type Error = Error;

    fn try_from(saved: SavedHazard) -> Result<Self, Error> {
        let table = RiskTable::try_from(saved.table)?;
        let (hazard, variance) = (plain(saved.hazard), plain(saved.variance));
        for (name, column) in [("hazard", &hazard), ("variance", &variance)] {
            check_length(name, table.times.len(), column.len())?;
            check_rising(name, column, f64::MAX)?;
        }
        Ok(Self { table, hazard, variance })
    }
}

impl From<CumulativeIncidence> for SavedIncidence {
    fn from(curve: CumulativeIncidence) -> Self {
        Self {
            schema: SchemaVersion,
            cause: curve.cause,
            times: exact(curve.times),
            incidence: exact(curve.incidence),
            variance: exact(curve.variance),
        }
    }
}

impl TryFrom<SavedIncidence> for CumulativeIncidence {
    type Error = Error;

    fn try_from(saved: SavedIncidence) -> Result<Self, Error> {
        let cause = saved.cause;
        if cause == 0 {
            return Err(Error::parameter("cause", cause, "is none by which anybody left"));
        }
        let (times, incidence, variance) =
            (plain(saved.times), plain(saved.incidence), plain(saved.variance));
        check_times(&times)?;
        check_length("incidence", times.len(), incidence.len())?;
        check_length("variance", times.len(), variance.len())?;
        check_rising("incidence", &incidence, 1.0)?;
        if let Some(below) = variance.iter().find(|variance| **variance < 0.0) {
            return Err(Error::parameter("variance", below, "must not be below 0"));
        }
        Ok(Self { cause, times, incidence, variance })
    }
}

impl From<RiskTable> for SavedTable {
    fn from(table: RiskTable) -> Self {
        let [times, at_risk] = [table.times, table.at_risk].map(exact);
        let [events, censored] = [table.events, table.censored].map(exact);
        Self { times, at_risk, events, censored }
    }
}

impl TryFrom<SavedTable> for RiskTable {
    type Error = Error;

    fn try_from(saved: SavedTable) -> Result<Self, Error> {
        let [times, at_risk] = [saved.times, saved.at_risk].map(plain);
        let [events, censored] = [saved.events, saved.censored].map(plain);
        check_times(&times)?;
        for (what, column) in [("at risk", &at_risk), ("events", &events), ("censored", &censored)] {
            check_length(what, times.len(), column.len())?;
        }
        for (at, n) in at_risk.iter().enumerate() {
            let [d, c] = [events[at], censored[at]];
            let weight = |number: f64| number == 0.0 || number >= LEAST_WEIGHT;
            let possible = weight(d) && weight(c) && d + c > 0.0 && *n >= d + c && *n < LARGEST_SUM;
            if !possible {
                return Err(Error::parameter("moment of a saved curve", at, "cannot have been seen"));
            }
        }
        Ok(Self { times, at_risk, events, censored })
    }
}

fn check_times(times: &[f64]) -> Result<(), Error> {
    let Some(first) = times.first() else { return Err(ErrorKind::Empty { what: "times" }.into()) };
    if !(*first >= 0.0 && times.is_sorted_by(|a, b| a < b)) {
        return Err(Error::parameter("times", times.len(), "must ascend, from 0 or later"));
    }
    Ok(())
}

fn check_rising(name: &'static str, column: &[f64], most: f64) -> Result<(), Error> {
    let inside = |number: &f64| (0.0..=most).contains(number);
    if !(column.is_sorted() && column.iter().all(inside)) {
        return Err(Error::parameter(name, column.len(), "must not fall, or be out of range"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::{Value, json};

    use super::*;
    use crate::churn::survival::Lifetimes;

    type Break = (&'static str, fn(&mut Value));

    #[track_caller]
    fn refuses<T: Serialize + DeserializeOwned + PartialEq + Debug>(curve: &T, breaks: &[Break]) {
        let saved = serde_json::to_value(curve).unwrap();
        assert_eq!(&serde_json::from_value::<T>(saved.clone()).unwrap(), curve);
        let newer: Break = ("saved with schema 2", |saved| saved["schema"] = 2.into());
        let unknown: Break = ("unknown field", |saved| saved["more"] = 1.into());
        for (rule, spoil) in breaks.iter().chain([&newer, &unknown]) {
            let mut spoilt = saved.clone();
            spoil(&mut spoilt);
            let error = serde_json::from_value::<T>(spoilt).unwrap_err().to_string();
            assert!(error.contains(rule), "{rule}: {error}");
        }
    }

    const DURATIONS: [f64; 5] = [2.0, 3.0, 3.0, 8.5, 9.0];

    #[test]
    fn what_makes_no_sense_is_refused() {
        let weights = [0.1, 0.7, 2.0, 1.0, 1.0];
        let entries = [0.0, 1.0, 2.5, 3.0, 0.0];
        let seen = Lifetimes::new(&DURATIONS, &[true, true, false, true, true]).unwrap();
        let seen = seen.weighted(&weights).unwrap().entered(&entries).unwrap();
        let unseen = "moment of a saved curve: `1` cannot have been seen";
        refuses(
            &KaplanMeier::of(&seen),
            &[
                ("times: there are none", |saved| saved["table"]["times"] = json!([])),
                ("must ascend", |saved| saved["table"]["times"][0] = "3.0".into()),
                ("must ascend", |saved| saved["table"]["times"][0] = "-1.0".into()),
                ("is not a finite number", |saved| saved["table"]["times"][3] = "inf".into()),
                ("events: expected 4 rows", |saved| {
                    drop(saved["table"]["events"].as_array_mut().unwrap().pop());
                }),
                (unseen, |saved| saved["table"]["at_risk"][1] = "0.5".into()),
                (unseen, |saved| saved["table"]["at_risk"][1] = "1e60".into()),
                (unseen, |saved| saved["table"]["events"][1] = "-0.1".into()),
                (unseen, |saved| saved["table"]["censored"][1] = "1e-200".into()),
            ],
        );
        let falls: [Break; 3] = [
            ("hazard: `4` must not fall", |saved| saved["hazard"][1] = "0.0".into()),
            ("variance: `4` must not fall", |saved| saved["variance"][0] = "-1.0".into()),
            ("hazard: expected 4 rows", |saved| saved["hazard"] = json!([])),
        ];
        refuses(&NelsonAalen::of(&seen), &falls);
        refuses(&NelsonAalen::one_by_one(&seen), &falls);
    }

    #[test]
    fn so_is_an_incidence_that_none_can_be() {
        let seen = Lifetimes::by_cause(&DURATIONS, &[1, 2, 0, 1, 1]).unwrap();
        refuses(
            &CumulativeIncidence::of(&seen, 1).unwrap(),
            &[
                ("cause: `0` is none", |saved| saved["cause"] = 0.into()),
                ("must ascend", |saved| saved["times"][1] = "1.0".into()),
                ("incidence: `4` must not fall", |saved| saved["incidence"][3] = "1.1".into()),
                ("incidence: `4` must not fall", |saved| saved["incidence"][0] = "0.9".into()),
                ("variance: `-0.5` must not be below 0", |saved| saved["variance"][0] = "-0.5".into()),
                ("variance: expected 4 rows", |saved| saved["variance"] = json!([])),
            ],
        );
    }
}
