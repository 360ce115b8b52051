//! What a purchase will come to.

use crate::{
    domain::Currency,
    math::parallel,
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
        let mut answers = vec![0.0; people.len()];
        let work: Vec<(usize, &mut [f64])> = answers.chunks_mut(BLOCK).enumerate().collect();
        let room = || vec![Spend::default(); BLOCK];
        parallel::map_with(work, room, |room, (block, out)| {
            let rows = &mut room[..out.len()];
            people.read(block * BLOCK, rows);
            self.expected_spend_into(rows, out);
        });
        answers
    }
}

const BLOCK: usize = 1024;
