//! The columns beneath a ledger: a row for each line of a purchase, refund or order.

use super::{Day, Quantity};

/// No order, product, category or channel.
pub(crate) const NONE: u32 = u32::MAX;

/// A column of texts as codes into a list of distinct texts in ascending order. Empty where no row has one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Coded {
    pub(crate) names: Vec<std::sync::Arc<str>>,
    pub(crate) codes: Vec<u32>,
}

impl Coded {
    pub(crate) fn name(&self, row: usize) -> Option<&str> {
        let code = self.codes.get(row)?;
        Some(self.names.get(*code as usize)?)
    }
}

/// What may be known of a row beyond day and amount. A column is empty where no row has a value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) days: Vec<Day>,
    /// Minor units.
    pub(crate) amounts: Vec<i64>,
    pub(crate) order: Coded,
    pub(crate) product: Coded,
    pub(crate) category: Coded,
    pub(crate) channel: Coded,
    pub(crate) quantity: Vec<Option<Quantity>>,
    /// Minor units.
    pub(crate) unit_price: Vec<Option<i64>>,
    /// Minor units.
    pub(crate) discount: Vec<Option<i64>>,
    /// Minor units.
    pub(crate) cost: Vec<Option<i64>>,
}

impl Rows {
    /// The rows at `places`, in that order.
    pub(crate) fn select(&self, places: &[u32]) -> Self {
        let coded =
            |column: &Coded| Coded { names: column.names.clone(), codes: gather(&column.codes, places) };
        Self {
            days: gather(&self.days, places),
            amounts: gather(&self.amounts, places),
            order: coded(&self.order),
            product: coded(&self.product),
            category: coded(&self.category),
            channel: coded(&self.channel),
            quantity: gather(&self.quantity, places),
            unit_price: gather(&self.unit_price, places),
            discount: gather(&self.discount, places),
            cost: gather(&self.cost, places),
        }
    }

    /// Takes out the rows in a range.
    pub(crate) fn drain(&mut self, range: std::ops::Range<usize>) {
        fn cut<T>(column: &mut Vec<T>, range: std::ops::Range<usize>) {
            if !column.is_empty() {
                column.drain(range);
            }
        }
        cut(&mut self.days, range.clone());
        cut(&mut self.amounts, range.clone());
        cut(&mut self.order.codes, range.clone());
        cut(&mut self.product.codes, range.clone());
        cut(&mut self.category.codes, range.clone());
        cut(&mut self.channel.codes, range.clone());
        cut(&mut self.quantity, range.clone());
        cut(&mut self.unit_price, range.clone());
        cut(&mut self.discount, range.clone());
        cut(&mut self.cost, range);
    }
}

fn gather<T: Copy>(column: &[T], places: &[u32]) -> Vec<T> {
    if column.is_empty() {
        return Vec::new();
    }
    places.iter().map(|&place| column[place as usize]).collect()
}
