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

    /// Drops the texts that no row names any more.
    pub(crate) fn forget_texts(&mut self) {
        let Self { order, product, category, channel, .. } = self;
        for texts in [order, product, category, channel] {
            texts.forget_unused();
        }
    }

    /// Drops texts that no row names, and columns in which no row has a value.
    pub(crate) fn forget_unused(&mut self) {
        fn drop_blank<T>(column: &mut Vec<Option<T>>) {
            if column.iter().all(Option::is_none) {
                column.clear();
            }
        }
        self.forget_texts();
        let Self { order, product, category, channel, .. } = self;
        for texts in [order, product, category, channel] {
            if texts.names.is_empty() {
                texts.codes.clear();
            }
        }
        drop_blank(&mut self.quantity);
        drop_blank(&mut self.unit_price);
        drop_blank(&mut self.discount);
        drop_blank(&mut self.cost);
    }
}

fn gather<T: Copy>(column: &[T], places: &[u32]) -> Vec<T> {
    if column.is_empty() {
        return Vec::new();
    }
    places.iter().map(|&place| column[place as usize]).collect()
}

impl Coded {
    /// Drops the texts that no row names any more.
    fn forget_unused(&mut self) {
        let mut used = vec![false; self.names.len()];
        for &code in &self.codes {
            if let Some(used) = used.get_mut(code as usize) {
                *used = true;
            }
        }
        let mut next = 0;
        let renamed: Vec<u32> = used
            .iter()
            .map(|&used| {
                next += u32::from(used);
                if used { next - 1 } else { NONE }
            })
            .collect();
        for code in &mut self.codes {
            *code = renamed.get(*code as usize).copied().unwrap_or(NONE);
        }
        let mut used = used.into_iter();
        self.names.retain(|_| used.next().unwrap_or(false));
    }
}
