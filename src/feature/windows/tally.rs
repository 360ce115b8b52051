//! The purchases of a customer in a window, counted.

use std::ops::RangeInclusive;

use crate::{
    domain::{Day, History},
    summary::{Grain, Scratch, Seen, reckon},
};

/// What a customer bought in a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Tally {
    pub(super) orders: u32,
    pub(super) days: u32,
    pub(super) last: Option<Day>,
    /// Minor units, as all money here; less what went back.
    pub(super) spend: i64,
    pub(super) refunds: u32,
    /// Not below zero.
    pub(super) refunded: i64,
    discount: i128,
    /// Before the discount, of the rows that state one.
    list_price: i128,
}

impl Tally {
    pub(super) fn of(history: History<'_>, window: RangeInclusive<Day>, scratch: &mut Scratch) -> Self {
        let (start, seen) = Seen::of(history).between(*window.start(), *window.end());
        // The sizes of a ledger's amounts fit together, so no sum of some overflows.
        let mut tally = Self { spend: seen.amounts.iter().sum(), ..Self::default() };
        for &amount in seen.amounts.iter().filter(|&&amount| amount < 0) {
            tally.refunds += 1;
            tally.refunded -= amount;
        }
        if let Some(discounts) = history.discounts() {
            tally.add_discounts(seen.amounts, &discounts[start..]);
        }
        if let Some(bought) = reckon(seen, Grain::Day, scratch) {
            (tally.orders, tally.days, tally.last) = (bought.orders, bought.days, Some(bought.last));
        }
        tally
    }

    fn add_discounts(&mut self, amounts: &[i64], discounts: &[Option<i64>]) {
        for (&amount, &discount) in amounts.iter().zip(discounts) {
            let Some(discount) = discount.filter(|&discount| discount >= 0 && amount >= 0) else { continue };
            self.discount += i128::from(discount);
            self.list_price += i128::from(amount) + i128::from(discount);
        }
    }

    /// Missing where no price is known.
    pub(super) fn discount_share(&self) -> Option<f64> {
        (self.list_price > 0).then(|| self.discount as f64 / self.list_price as f64)
    }
}
