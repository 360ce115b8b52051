//! What a purchase will come to.

use super::forecast::rows_in_blocks;
use crate::{
    domain::Currency,
    summary::{Spend, Spends},
};

/// What a customer's next purchases come to on average.
pub trait SpendForecast: Send + Sync {
    /// The currency of the amounts.
    fn currency(&self) -> Currency;

    /// For each row the expected amount of a purchase, in major units; where there are no purchases, that
    /// of a customer of whom nothing is known.
    fn expected_spend_into(&self, rows: &[Spend], out: &mut [f64]);

    /// The expected amount of a purchase of each customer, in major units.
    fn expected_spend(&self, people: &dyn Spends) -> Vec<f64> {
        let answer = |rows: &[Spend], out: &mut [f64]| self.expected_spend_into(rows, out);
        rows_in_blocks(people.len(), |first, rows| people.read(first, rows), answer)
    }
}
