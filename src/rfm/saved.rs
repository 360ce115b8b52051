//! Cuts as they are saved.

use super::{
    cut::Cut,
    cuts::{CutPoints, Cuts},
    scheme::Scheme,
};
use crate::{
    domain::{Currency, Day},
    error::Error,
    model::SchemaVersion,
};

/// The schema version comes first, so that a file of a newer one is refused before the rest is read.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Saved {
    schema: SchemaVersion<1>,
    as_of: Day,
    currency: Currency,
    customers: u64,
    scheme: Scheme,
    recency: CutPoints,
    frequency: CutPoints,
    monetary: CutPoints,
}

impl From<Cuts> for Saved {
    fn from(cuts: Cuts) -> Self {
        let [recency, frequency, monetary] = cuts.points;
        Self {
            schema: SchemaVersion,
            as_of: cuts.as_of,
            currency: cuts.currency,
            customers: cuts.customers,
            scheme: cuts.scheme,
            recency,
            frequency,
            monetary,
        }
    }
}

impl TryFrom<Saved> for Cuts {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self, Error> {
        saved.scheme.check()?;
        let points = [saved.recency, saved.frequency, saved.monetary];
        let levels = usize::from(saved.scheme.levels());
        for CutPoints { cuts, counts } in &points {
            let valid = cuts.iter().all(|cut| cut.is_valid());
            let ascend = cuts.is_sorted_by(|a, b| a.value() <= b.value());
            if cuts.len() + 1 != levels || counts.len() != levels || !valid || !ascend {
                let shown = format!("{:?}", cuts.iter().map(|cut| Cut::value(*cut)).collect::<Vec<_>>());
                return Err(Error::parameter("saved cuts", shown, "are not those of the scheme"));
            }
        }
        Ok(Self {
            scheme: saved.scheme,
            as_of: saved.as_of,
            currency: saved.currency,
            customers: saved.customers,
            points,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rfm::fixture::numbered;

    fn fitted() -> Cuts {
        let rows: Vec<_> = (1..40_u8).map(|i| (i.into(), 1 + u32::from(i) % 4, i64::from(i) * 137)).collect();
        Scheme::fifths().fit(&numbered(&rows)).unwrap()
    }

    #[test]
    fn cuts_are_read_as_they_were_saved_and_hold_no_customer() {
        let saved = serde_json::to_string(&fitted()).unwrap();
        assert!(saved.starts_with(r#"{"schema":1,"#), "{saved}");
        assert_eq!(serde_json::from_str::<Cuts>(&saved).unwrap(), fitted());
        assert!(saved.len() < 1024, "{} bytes", saved.len());
    }

    #[test]
    fn a_newer_schema_or_a_damaged_file_is_refused() {
        let saved = serde_json::to_string(&fitted()).unwrap();
        for (whole, broken, says) in [
            (r#""schema":1"#, r#""schema":2"#, "saved with schema 2, this version reads up to 1"),
            (r#""levels":5"#, r#""levels":4"#, "are not those of the scheme"),
            (r#""levels":5"#, r#""levels":0"#, "must be from 2 to 10"),
            (r#""part":0."#, r#""part":9."#, "are not those of the scheme"),
        ] {
            let file = saved.replacen(whole, broken, 1);
            let error = serde_json::from_str::<Cuts>(&file).unwrap_err().to_string();
            assert!(file != saved && error.contains(says), "{error}");
        }
    }
}
