//! One customer's rows to one row of the table: the only place where purchases are counted.

use super::Grain;
use crate::domain::{Day, History, rows::NONE};

/// A customer's rows by day, as far as the observation sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) days: &'a [Day],
    /// Minor units.
    pub(crate) amounts: &'a [i64],
    /// Codes of orders, [`NONE`] for a row without.
    pub(crate) orders: Option<&'a [u32]>,
    /// Minor units.
    pub(crate) costs: Option<&'a [Option<i64>]>,
}

impl<'a> Seen<'a> {
    pub(crate) fn of(history: History<'a>) -> Self {
        Self {
            days: history.days(),
            amounts: history.amounts(),
            orders: history.orders(),
            costs: history.costs(),
        }
    }

    /// The rows from one day to another, both included, and how many come before them.
    pub(crate) fn between(self, from: Day, until: Day) -> (usize, Self) {
        // Most often all rows are seen, which the ends show.
        if self.days.first().is_none_or(|&first| first >= from)
            && self.days.last().is_none_or(|&last| last <= until)
        {
            return (0, self);
        }
        let start = self.days.partition_point(|&day| day < from);
        let end = self.days.partition_point(|&day| day <= until).max(start);
        let seen = Self {
            days: &self.days[start..end],
            amounts: &self.amounts[start..end],
            orders: self.orders.map(|orders| &orders[start..end]),
            costs: self.costs.map(|costs| &costs[start..end]),
        };
        (start, seen)
    }

    /// The cost of a row; 0 where it is not known.
    fn cost(&self, row: usize) -> i64 {
        self.costs.and_then(|costs| *costs.get(row)?).unwrap_or(0)
    }
}

/// What the rows come to, in whole numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reckoned {
    pub(crate) first: Day,
    pub(crate) last: Day,
    pub(crate) purchases: u32,
    pub(crate) days: u32,
    pub(crate) orders: u32,
    pub(crate) total: i64,
    pub(crate) repeat_total: i64,
    pub(crate) gap_squares: u64,
    pub(crate) margin: Option<i64>,
    /// Orders and rows merged into another purchase of their day.
    pub(crate) merged: u32,
}

/// The net amount and the cost of one order, or of one row without an order.
#[derive(Clone, Copy, Debug)]
struct Order {
    code: u32,
    day: Day,
    net: i64,
    cost: i64,
    /// All rows are zero: kept by policy, so a purchase.
    free: bool,
    /// A row on which something was bought has been seen, so `day` is a day of purchase.
    bought: bool,
}

/// `None` if there is no purchase among the rows. `scratch` is reused from customer to customer.
pub(crate) fn reckon(seen: Seen<'_>, grain: Grain, scratch: &mut Scratch) -> Option<Reckoned> {
    if seen.orders.is_none() && grain == Grain::Day {
        return reckon_days(seen);
    }
    let mut count = Count::new(grain);
    visit(seen, scratch, |order| count.purchase(order));
    let total = seen.amounts.iter().sum();
    count.finish(total, margin(seen, total))
}

/// The same where no row has an order and a day is one purchase: most often so, and done in one pass with hardly
/// a branch.
fn reckon_days(seen: Seen<'_>) -> Option<Reckoned> {
    let start = seen.amounts.iter().position(|&amount| amount >= 0)?;
    let first = seen.days[start];
    let (mut last, mut rows, mut days, mut gap_squares) = (first, 0, 1, 0);
    let (mut spent, mut first_spent) = (0, 0);
    let mut total: i64 = seen.amounts[..start].iter().sum();
    for (&day, &amount) in seen.days[start..].iter().zip(&seen.amounts[start..]) {
        total += amount;
        if amount < 0 {
            continue;
        }
        let gap = u64::from(day.since(last).unsigned_abs());
        gap_squares += gap * gap;
        days += u32::from(day != last);
        rows += 1;
        spent += amount;
        first_spent += if day == first { amount } else { 0 };
        last = day;
    }
    Some(Reckoned {
        first,
        last,
        purchases: days,
        days,
        orders: days,
        total,
        repeat_total: spent - first_spent,
        gap_squares,
        margin: margin(seen, total),
        merged: rows - days,
    })
}

/// The days of the purchases after the first, ascending.
pub(crate) fn repeat_days(seen: Seen<'_>, grain: Grain, scratch: &mut Scratch, mut each: impl FnMut(Day)) {
    let mut last = None;
    visit(seen, scratch, |order| {
        if last.is_some_and(|last| last < order.day || grain == Grain::Order) {
            each(order.day);
        }
        last = Some(order.day);
    });
}

/// Purchases by whether they brought something, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Margins {
    pub(super) gains: u32,
    pub(super) losses: u32,
    pub(super) gained: i64,
    /// Not below zero.
    pub(super) lost: i64,
}

impl Margins {
    /// Adds the margin of a purchase, if there was one.
    fn add(&mut self, purchase: Option<(Day, i64)>) {
        let Some((_, margin)) = purchase else { return };
        if margin < 0 {
            self.losses += 1;
            self.lost -= margin;
        } else {
            self.gains += 1;
            self.gained += margin;
        }
    }
}

/// A cost is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct CostUnknown;

/// `None` if there is no purchase among the rows.
pub(super) fn margins(
    seen: Seen<'_>,
    grain: Grain,
    scratch: &mut Scratch,
) -> Option<Result<Margins, CostUnknown>> {
    let (mut sums, mut open) = (Margins::default(), None);
    visit(seen, scratch, |order| {
        let margin = order.net - order.cost;
        open = Some(match open {
            Some((day, before)) if day == order.day && grain == Grain::Day => (day, before + margin),
            before => {
                sums.add(before);
                (order.day, margin)
            }
        });
    });
    open?;
    sums.add(open);
    Some(margin(seen, 0).map(|_| sums).ok_or(CostUnknown))
}

/// Every order that is a purchase, and every row without an order that is one, by day.
fn visit(seen: Seen<'_>, scratch: &mut Scratch, mut each: impl FnMut(&Order)) {
    let Some(codes) = seen.orders else {
        for (row, (&day, &net)) in seen.days.iter().zip(seen.amounts).enumerate() {
            if net >= 0 {
                each(&Order::of(NONE, day, net, seen.cost(row)));
            }
        }
        return;
    };
    let mut cancelled = 0;
    for order in scratch.orders(seen, codes) {
        if order.net > 0 || order.free {
            each(order);
        } else {
            cancelled += u32::from(order.code != NONE);
        }
    }
    scratch.cancelled += cancelled;
}

/// Known only if the cost of all that was bought is known; a refund without one brought no goods back.
fn margin(seen: Seen<'_>, total: i64) -> Option<i64> {
    let mut cost = 0;
    for (known, &amount) in seen.costs?.iter().zip(seen.amounts) {
        match known {
            Some(known) => cost += known,
            None if amount < 0 => {}
            None => return None,
        }
    }
    Some(total - cost)
}

/// Room for the orders of one customer.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    orders: Vec<Order>,
    /// Orders with an id that came to nothing, since this was last looked at.
    pub(super) cancelled: u32,
}

impl Scratch {
    /// The orders among the rows, by the day of their first purchase, then by amount.
    fn orders(&mut self, seen: Seen<'_>, codes: &[u32]) -> &[Order] {
        let orders = &mut self.orders;
        orders.clear();
        for (row, ((&day, &net), &code)) in seen.days.iter().zip(seen.amounts).zip(codes).enumerate() {
            let row = Order::of(code, day, net, seen.cost(row));
            match orders.last_mut() {
                Some(order) if order.code == code && code != NONE => order.join(row),
                _ => orders.push(row),
            }
        }
        if has_split_orders(orders) {
            // By code and then by day, so that an order's parts meet in the order of their days.
            orders.sort_unstable_by_key(|order| (order.code, order.day, order.net));
            orders.dedup_by(|later, order| {
                let same = later.code == order.code && order.code != NONE;
                if same {
                    order.join(*later);
                }
                same
            });
        }
        // Not by code: codes of the same orders differ from a ledger to a shard.
        orders.sort_unstable_by_key(|order| (order.day, order.net, order.code == NONE));
        orders
    }
}

/// Whether the rows of some order do not stand together: a later refund, or a delivery in parts.
fn has_split_orders(orders: &[Order]) -> bool {
    let one_day = orders.first().map(|order| order.day) == orders.last().map(|order| order.day);
    // Within a day the ledger keeps the rows of an order together.
    !one_day && orders.iter().any(|order| order.code != NONE)
}

impl Order {
    /// Of one row.
    fn of(code: u32, day: Day, net: i64, cost: i64) -> Self {
        Self { code, day, net, cost, free: net == 0, bought: net >= 0 }
    }

    fn join(&mut self, row: Self) {
        if row.bought && !self.bought {
            self.day = row.day;
            self.bought = true;
        }
        self.net += row.net;
        self.cost += row.cost;
        self.free &= row.free;
    }
}

/// Counts purchases that come by day.
struct Count {
    grain: Grain,
    first: Day,
    last: Day,
    purchases: u32,
    days: u32,
    /// Orders with an id.
    named: u32,
    /// Orders of rows without an id: by the grain, one a day or one a row.
    unnamed: u32,
    last_unnamed: Option<Day>,
    /// Of all purchases, and of the first alone.
    spent: i64,
    first_spent: i64,
    gap_squares: u64,
    merged: u32,
}

impl Count {
    fn new(grain: Grain) -> Self {
        Self {
            grain,
            first: Day::MIN,
            last: Day::MIN,
            purchases: 0,
            days: 0,
            named: 0,
            unnamed: 0,
            last_unnamed: None,
            spent: 0,
            first_spent: 0,
            gap_squares: 0,
            merged: 0,
        }
    }

    fn purchase(&mut self, order: &Order) {
        let (day, amount, named) = (order.day, order.net, order.code != NONE);
        let new_day = self.days == 0 || day != self.last;
        if self.days == 0 {
            self.first = day;
        } else {
            // Purchases of one day are no gap apart.
            let gap = day.since(self.last).unsigned_abs();
            self.gap_squares += u64::from(gap) * u64::from(gap);
        }
        self.last = day;
        self.days += u32::from(new_day);
        let merged = !new_day && self.grain == Grain::Day;
        self.purchases += u32::from(!merged);
        self.merged += u32::from(merged);
        if named {
            self.named += 1;
        } else {
            let merged = self.grain == Grain::Day && self.last_unnamed == Some(day);
            self.unnamed += u32::from(!merged);
            self.last_unnamed = Some(day);
        }
        self.spent += amount;
        if self.purchases == 1 {
            self.first_spent += amount;
        }
    }

    fn finish(self, total: i64, margin: Option<i64>) -> Option<Reckoned> {
        (self.days > 0).then(|| Reckoned {
            first: self.first,
            last: self.last,
            purchases: self.purchases,
            days: self.days,
            orders: self.named + self.unnamed,
            total,
            repeat_total: self.spent - self.first_spent,
            gap_squares: self.gap_squares,
            margin,
            merged: self.merged,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_road_without_orders_counts_as_the_other_one(
            mut rows in prop::collection::vec((0_i32..9, -2_i64..4, prop::option::of(0_i64..3)), 0..12),
        ) {
            rows.sort_unstable();
            let days: Vec<Day> = rows.iter().map(|row| Day::default().plus(row.0)).collect();
            let amounts: Vec<i64> = rows.iter().map(|row| row.1).collect();
            let costs: Vec<Option<i64>> = rows.iter().map(|row| row.2).collect();
            for costs in [None, Some(&costs[..])] {
                let seen = Seen { days: &days, amounts: &amounts, orders: None, costs };
                let mut count = Count::new(Grain::Day);
                visit(seen, &mut Scratch::default(), |order| count.purchase(order));
                let total = amounts.iter().sum();
                prop_assert_eq!(reckon_days(seen), count.finish(total, margin(seen, total)));
            }
        }
    }
}
