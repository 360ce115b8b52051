//! A profile as text.

use std::fmt;

use super::{Profiles, Words};

impl fmt::Display for Profiles {
    /// A paragraph a cluster, with a suggested name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names(&Words::default());
        for (number, (cluster, name)) in self.clusters.iter().zip(names).enumerate() {
            writeln!(f, "{number}  {name}: {} customers, {:.1} %", cluster.size, 100.0 * cluster.share)?;
            let medians = self.features().zip(&cluster.medians).map(|(feature, median)| match median {
                Some(median) => format!("{feature} {}", short(*median)),
                None => format!("{feature} unknown"),
            });
            writeln!(f, "   median {}", medians.collect::<Vec<_>>().join(", "))?;
            let apart = self.sets_apart(number);
            let apart = apart.iter().map(|(feature, by)| format!("{feature} {by:+.1} sd"));
            let apart: Vec<String> = apart.collect();
            if !apart.is_empty() {
                writeln!(f, "   set apart by {}", apart.join(", "))?;
            }
            let (precision, recall) = (100.0 * cluster.rule.precision, 100.0 * cluster.rule.recall);
            write!(f, "   about: {} ", cluster.rule)?;
            writeln!(f, "(true of {recall:.0} % of them; {precision:.0} % of whom it is true are of them)")?;
            if let Some(medoid) = &cluster.medoid {
                writeln!(f, "   most typical: {medoid}")?;
            }
        }
        match self.noise {
            0 => Ok(()),
            noise => writeln!(f, "-  in no cluster: {noise} customers"),
        }
    }
}

/// A number as one reads it: two decimals at most, none where it is large.
fn short(value: f64) -> String {
    if value.abs() >= 1000.0 || value.fract() == 0.0 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [(1234.5, "1234"), (0.5, "0.5"), (12.0, "12"), (3.999, "4"), (-0.126, "-0.13")] {
            assert_eq!(short(value), text);
        }
    }
}
