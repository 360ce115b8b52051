//! Rows on their way into a ledger, in the order in which they came.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;

use super::{
    CustomerId, Customers, Day, Quantity,
    rows::{Coded, NONE, Rows},
};

/// A customer as a row names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Who<'a> {
    Integer(u64),
    Text(&'a str),
}

impl<'a> Who<'a> {
    /// By the rule of [`CustomerId`].
    pub(crate) fn parse(text: &'a str) -> Self {
        CustomerId::canonical_integer(text).map_or(Self::Text(text), Self::Integer)
    }

    /// Whether there is nothing in it: that names nobody.
    pub(super) fn is_blank(self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    pub(super) fn id(self) -> CustomerId {
        match self {
            Self::Integer(number) => number.into(),
            Self::Text(text) => text.into(),
        }
    }

    pub(crate) fn of(id: &'a CustomerId) -> Self {
        match id.as_text() {
            Some(text) => Self::Text(text),
            None => Self::Integer(id.as_integer().unwrap_or_default()),
        }
    }
}

/// One row offered to intake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// The row's number, or the line of a file.
    pub(crate) row: u64,
    pub(crate) who: Option<Who<'a>>,
    pub(crate) day: Day,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) order: Option<&'a str>,
    /// The order carries the mark by which the host's cancelling orders are known.
    pub(crate) cancelling: bool,
    /// The order is an earlier one, which this row refunds.
    pub(crate) refunds_order: bool,
    pub(crate) product: Option<&'a str>,
    pub(crate) category: Option<&'a str>,
    pub(crate) channel: Option<&'a str>,
    pub(crate) quantity: Option<Quantity>,
    pub(crate) unit_price: Option<i64>,
    pub(crate) discount: Option<i64>,
    pub(crate) cost: Option<i64>,
    /// A hash of all that the source says in this row, mapped to a column or not.
    pub(crate) fingerprint: Option<u64>,
}

impl Entry<'_> {
    pub(crate) fn new(row: u64, day: Day, amount: i64) -> Self {
        Self {
            row,
            who: None,
            day,
            amount,
            order: None,
            cancelling: false,
            refunds_order: false,
            product: None,
            category: None,
            channel: None,
            quantity: None,
            unit_price: None,
            discount: None,
            cost: None,
            fingerprint: None,
        }
    }
}

/// Codes of customers in the order of their first row.
#[derive(Debug, Default)]
pub(super) struct Interner {
    integers: HashMap<u64, u32, RandomState>,
    texts: HashMap<Arc<str>, u32, RandomState>,
    ids: Vec<CustomerId>,
}

impl Interner {
    /// The customer's code, and whether it is new.
    pub(super) fn code(&mut self, who: Who<'_>) -> (u32, bool) {
        let next = self.ids.len() as u32;
        let known = match who {
            Who::Integer(number) => self.integers.get(&number),
            Who::Text(text) => self.texts.get(text),
        };
        if let Some(&code) = known {
            return (code, false);
        }
        match who {
            Who::Integer(number) => {
                self.integers.insert(number, next);
                self.ids.push(number.into());
            }
            Who::Text(text) => {
                let text: Arc<str> = text.into();
                self.texts.insert(Arc::clone(&text), next);
                self.ids.push(CustomerId::from_text(text));
            }
        }
        (next, true)
    }

    /// Forgets a customer; says the code they had.
    fn forget(&mut self, id: &CustomerId) -> Option<u32> {
        let code = match id.as_text() {
            Some(text) => self.texts.remove(text),
            None => self.integers.remove(&id.as_integer()?),
        }?;
        // The code stays taken by nobody, so that the others keep theirs.
        self.ids[code as usize] = CustomerId::from(0_u64);
        Some(code)
    }

    fn knows(&self, id: &CustomerId) -> Option<u32> {
        match id.as_text() {
            Some(text) => self.texts.get(text).copied(),
            None => self.integers.get(&id.as_integer()?).copied(),
        }
    }

    pub(super) fn id(&self, code: u32) -> &CustomerId {
        &self.ids[code as usize]
    }
}

/// A column of texts, coded in the order of their first row.
#[derive(Debug, Default)]
pub(super) struct Texts {
    index: HashMap<Arc<str>, u32, RandomState>,
    names: Vec<Arc<str>>,
    codes: Vec<u32>,
}

impl Texts {
    fn push(&mut self, row: usize, text: Option<&str>) {
        let code = text.map(|text| self.code(text));
        push_sparse(&mut self.codes, row, code, NONE);
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.index.get(text) {
            return code;
        }
        let code = self.names.len() as u32;
        let name: Arc<str> = text.into();
        self.index.insert(Arc::clone(&name), code);
        self.names.push(name);
        code
    }

    /// Codes by the order of the texts, so that they do not depend on the order of the rows.
    fn ranked(self, rows: usize) -> Coded {
        let mut order: Vec<u32> = (0..self.names.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| self.names[a as usize].cmp(&self.names[b as usize]));
        let mut rank = vec![0; order.len()];
        for (place, &code) in order.iter().enumerate() {
            rank[code as usize] = place as u32;
        }
        let mut codes = self.codes;
        pad(&mut codes, rows, NONE);
        for code in &mut codes {
            *code = rank.get(*code as usize).copied().unwrap_or(NONE);
        }
        let names = order.iter().map(|&code| Arc::clone(&self.names[code as usize])).collect();
        Coded { names, codes }
    }
}

/// Pushes to a column that stays empty until its first value.
fn push_sparse<T: Copy>(column: &mut Vec<T>, row: usize, value: Option<T>, none: T) {
    if value.is_some() || !column.is_empty() {
        column.resize(row, none);
        column.push(value.unwrap_or(none));
    }
}

/// A column that stays empty, or stops short, has nothing to say of its last rows.
fn retain<T>(column: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    column.retain(|_| kept.next().copied().unwrap_or(true));
}

fn pad<T: Copy>(column: &mut Vec<T>, rows: usize, none: T) {
    if !column.is_empty() {
        column.resize(rows, none);
    }
}

/// The rows kept so far.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) customers: Interner,
    /// Codes of customers; [`NONE`] for nobody.
    pub(super) who: Vec<u32>,
    /// The rows' numbers as they were offered.
    pub(super) numbers: Vec<u64>,
    /// Rows that refund an earlier order.
    pub(super) refunds_of_orders: Vec<u32>,
    days: Vec<Day>,
    amounts: Vec<i64>,
    order: Texts,
    product: Texts,
    category: Texts,
    channel: Texts,
    quantity: Vec<Option<Quantity>>,
    unit_price: Vec<Option<i64>>,
    discount: Vec<Option<i64>>,
    cost: Vec<Option<i64>>,
    fingerprint: Vec<u64>,
}

impl Pending {
    pub(super) fn push(&mut self, who: Option<u32>, entry: Entry<'_>) {
        let row = self.days.len();
        self.who.push(who.unwrap_or(NONE));
        self.numbers.push(entry.row);
        self.days.push(entry.day);
        self.amounts.push(entry.amount);
        self.order.push(row, entry.order);
        self.product.push(row, entry.product);
        self.category.push(row, entry.category);
        self.channel.push(row, entry.channel);
        push_sparse(&mut self.quantity, row, entry.quantity.map(Some), None);
        push_sparse(&mut self.unit_price, row, entry.unit_price.map(Some), None);
        push_sparse(&mut self.discount, row, entry.discount.map(Some), None);
        push_sparse(&mut self.cost, row, entry.cost.map(Some), None);
        push_sparse(&mut self.fingerprint, row, entry.fingerprint, 0);
        if entry.refunds_order {
            self.refunds_of_orders.push(row as u32);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.days.len()
    }

    pub(super) fn holds(&self, id: &CustomerId) -> bool {
        self.customers.knows(id).is_some()
    }

    /// Takes out the rows of a customer; says the code they had.
    pub(super) fn forget(&mut self, id: &CustomerId) -> Option<u32> {
        let code = self.customers.forget(id)?;
        let kept: Vec<bool> = self.who.iter().map(|&who| who != code).collect();
        let moved: Vec<u32> = kept
            .iter()
            .scan(0, |next, &kept| {
                let place = *next;
                *next += u32::from(kept);
                Some(place)
            })
            .collect();
        self.refunds_of_orders.retain(|&row| kept[row as usize]);
        for row in &mut self.refunds_of_orders {
            *row = moved[*row as usize];
        }
        retain(&mut self.who, &kept);
        retain(&mut self.numbers, &kept);
        retain(&mut self.days, &kept);
        retain(&mut self.amounts, &kept);
        for texts in [&mut self.order, &mut self.product, &mut self.category, &mut self.channel] {
            retain(&mut texts.codes, &kept);
        }
        retain(&mut self.quantity, &kept);
        retain(&mut self.unit_price, &kept);
        retain(&mut self.discount, &kept);
        retain(&mut self.cost, &kept);
        retain(&mut self.fingerprint, &kept);
        Some(code)
    }

    /// The rows with codes that no longer depend on their order; rows themselves stay where they are.
    pub(super) fn ranked(self) -> Ranked {
        let rows = self.len();
        let customers: Customers = self.customers.ids.iter().cloned().collect();
        let rank: Vec<u64> = self.customers.ids.iter().map(|id| rank_of(&customers, id)).collect();
        // Nobody's rows come last.
        let nobody = customers.len() as u64;
        let keys = self.who.iter().map(|&code| rank.get(code as usize).copied().unwrap_or(nobody));
        let keys = keys.collect();
        let padded = |mut column: Vec<Option<i64>>| {
            pad(&mut column, rows, None);
            column
        };
        let mut quantity = self.quantity;
        pad(&mut quantity, rows, None);
        let mut fingerprint = self.fingerprint;
        pad(&mut fingerprint, rows, 0);
        Ranked {
            keys,
            customers,
            numbers: self.numbers,
            refunds_of_orders: self.refunds_of_orders,
            fingerprint,
            rows: Rows {
                days: self.days,
                amounts: self.amounts,
                order: self.order.ranked(rows),
                product: self.product.ranked(rows),
                category: self.category.ranked(rows),
                channel: self.channel.ranked(rows),
                quantity,
                unit_price: padded(self.unit_price),
                discount: padded(self.discount),
                cost: padded(self.cost),
            },
        }
    }
}

fn rank_of(customers: &Customers, id: &CustomerId) -> u64 {
    customers.position(id).unwrap_or(customers.len()) as u64
}

/// Rows whose every value is free of the order in which they came.
#[derive(Debug)]
pub(super) struct Ranked {
    pub(super) customers: Customers,
    /// The customer's place among the customers; their number for nobody.
    pub(super) keys: Vec<u64>,
    pub(super) numbers: Vec<u64>,
    pub(super) refunds_of_orders: Vec<u32>,
    pub(super) fingerprint: Vec<u64>,
    pub(super) rows: Rows,
}

impl Ranked {
    /// The order of two rows of one customer and day by all that is known of them.
    pub(super) fn compare(&self, a: u32, b: u32) -> Ordering {
        fn by<T: Ord>(column: &[T], a: u32, b: u32) -> Ordering {
            column.get(a as usize).cmp(&column.get(b as usize))
        }
        let rows = &self.rows;
        by(&rows.order.codes, a, b)
            .then_with(|| by(&rows.amounts, a, b))
            .then_with(|| by(&rows.product.codes, a, b))
            .then_with(|| by(&rows.category.codes, a, b))
            .then_with(|| by(&rows.channel.codes, a, b))
            .then_with(|| by(&rows.quantity, a, b))
            .then_with(|| by(&rows.unit_price, a, b))
            .then_with(|| by(&rows.discount, a, b))
            .then_with(|| by(&rows.cost, a, b))
            .then_with(|| by(&self.fingerprint, a, b))
    }
}
