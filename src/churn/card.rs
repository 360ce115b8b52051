//! What is to be known of a model before it is used: the model card.

use std::fmt;

use super::{Balance, Comparison, Examples, Judgement, Verdict};
use crate::{
    domain::Day,
    error::{Error, ErrorKind},
    model::Readiness,
};

#[cfg(feature = "serde")]
use crate::model::SchemaVersion;

/// What a model is, when and of whom it was learned, how good it is, and for what it is not meant (after Mitchell et al.
/// 2019). It shows itself as Markdown, and holds no customer.
///
/// Numbers come from the [`Comparison`] in which the model was judged; words are the host's.
///
/// # Example
/// ```no_run
/// # use patronage::{Error, churn::*};
/// # fn card(comparison: &Comparison, examples: &Examples) -> Result<(), Error> {
/// let card = ModelCard::new("logistic regression", comparison, examples)?
///     .purpose("Whom to call before the yearly contract ends.")
///     .definition("No renewal within 30 days of the end of the contract.")
///     .not_for("Prices: who is likely to stay must not pay for it.");
/// println!("{card}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ModelCard {
    #[cfg(feature = "serde")]
    schema: SchemaVersion<1>,
    name: String,
    purpose: String,
    definition: String,
    not_for: Vec<String>,
    first_day: Day,
    last_day: Day,
    rows: u64,
    customers: u64,
    churned: u64,
    columns: Vec<Column>,
    readiness: Readiness,
    judgement: Judgement,
    verdict: String,
}

/// What a model looks at.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Column {
    name: String,
    missing: u64,
}

impl ModelCard {
    /// The card of a model of the comparison, which was made of these examples.
    ///
    /// # Errors
    /// If there is no model of that name, no example, or not as many churned and stayed as in the comparison.
    pub fn new(name: &str, comparison: &Comparison, examples: &Examples) -> Result<Self, Error> {
        let candidate = comparison.get(name)?;
        if examples.balance() != comparison.balance() {
            return Err(ErrorKind::Misaligned { what: "examples", other: "the comparison" }.into());
        }
        let known = examples.predictors();
        let none = || Error::from(ErrorKind::Empty { what: "examples" });
        let mut customers: Vec<_> = known.customers().iter().collect();
        customers.sort_unstable();
        customers.dedup();
        let columns =
            known.missing().map(|(name, missing)| Column { name: name.to_owned(), missing: missing as u64 });
        let Balance { churned, .. } = examples.balance();
        Ok(Self {
            #[cfg(feature = "serde")]
            schema: SchemaVersion,
            name: name.to_owned(),
            purpose: String::new(),
            definition: String::new(),
            not_for: Vec::new(),
            first_day: *known.days().iter().min().ok_or_else(none)?,
            last_day: *known.days().iter().max().ok_or_else(none)?,
            rows: examples.len() as u64,
            customers: customers.len() as u64,
            churned,
            columns: columns.collect(),
            readiness: examples.readiness(),
            judgement: candidate.judgement().clone(),
            verdict: match comparison.verdict(name)? {
                Verdict::IsTheRule => "It is the best simple rule itself.".to_owned(),
                Verdict::NoRule => "It was not compared with a simple rule.".to_owned(),
                verdict => format!("Its AUC is {verdict}."),
            },
        })
    }

    /// What it is for.
    #[must_use]
    pub fn purpose(self, text: &str) -> Self {
        Self { purpose: text.to_owned(), ..self }
    }

    /// What counts as churn.
    #[must_use]
    pub fn definition(self, text: &str) -> Self {
        Self { definition: text.to_owned(), ..self }
    }

    /// Something that it is not for; may be said several times.
    #[must_use]
    pub fn not_for(mut self, text: &str) -> Self {
        self.not_for.push(text.to_owned());
        self
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How good it was on rows that it had not learned from.
    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    /// How far the examples carry a classifier.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }
}

impl fmt::Display for ModelCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |text: &str| if text.is_empty() { "Not said.".to_owned() } else { text.to_owned() };
        writeln!(f, "# {}\n", self.name)?;
        writeln!(f, "## What for\n\n{}\n\nChurn: {}\n", said(&self.purpose), said(&self.definition))?;
        writeln!(f, "## Learned of whom\n")?;
        let share = 100.0 * self.churned as f64 / self.rows.max(1) as f64;
        writeln!(
            f,
            "{} rows of {} customers, {} to {}; {} churned ({share:.1} %). The data: {}.\n",
            self.rows, self.customers, self.first_day, self.last_day, self.churned, self.readiness
        )?;
        writeln!(f, "| it looks at | missing |\n|---|---|")?;
        for Column { name, missing } in &self.columns {
            writeln!(f, "| {} | {missing} |", name.replace('|', "\\|"))?;
        }
        writeln!(
            f,
            "\n## How good\n\nOn rows that it had not learned from:\n\n```text\n{}\n```\n",
            self.judgement
        )?;
        writeln!(f, "{}\n", self.verdict)?;
        writeln!(f, "## Not for\n")?;
        for text in &self.not_for {
            writeln!(f, "* {text}")?;
        }
        writeln!(f, "* Customers unlike those it was learned of: watch how scores and features move.")?;
        write!(f, "* Causes: what a customer's risk is made of is not what would change it.")
    }
}
