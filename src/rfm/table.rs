//! What each segment is worth.

use std::fmt;

use crate::{
    domain::{Currency, Day, Money},
    error::{Error, ErrorKind},
    model::Assignment,
    summary::Summaries,
};

/// A row for each segment, empty ones too, and one for all customers together.
///
/// Printed, it is a table in plain text. A value that does not exist (the mean order of no orders, a share
/// of no revenue) is `None`, and printed as a dash. All of it holds [as of](Self::as_of) one day: the end of
/// the observation that was summed up.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Columns, Currency, Day, Ledger, Policies},
///     rfm::{SegmentTable, ValueTiers},
///     summary::Observation,
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day; 3];
/// let columns = Columns::new(&[1_u64, 2, 3][..], &days, &[600, 300, 100]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// let people = Observation::until(day.plus(7)).summarise(&ledger)?;
/// let table = SegmentTable::of(&ValueTiers::cumulative(&[0.8]).assign(&people)?, &people)?;
///
/// assert_eq!(table.as_of(), day.plus(7));
/// assert_eq!(table.rows()[0].revenue_share, Some(0.9));
/// assert_eq!(
///     table.to_string(),
///     "segment  customers  share %  revenue EUR  share %  orders  mean order  median idle days\n\
///      High             2     66.7         9.00     90.0       2        4.50               7.0\n\
///      Low              1     33.3         1.00     10.0       1        1.00               7.0\n\
///      all              3    100.0        10.00    100.0       3        3.33               7.0"
/// );
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SegmentTable {
    as_of: Day,
    currency: Currency,
    rows: Vec<SegmentRow>,
    all: SegmentRow,
}

/// One segment in numbers.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SegmentRow {
    /// The segment's name.
    pub name: String,
    /// Number of customers.
    pub customers: u64,
    /// Share of all customers, 0 to 1; `None` if there are none at all.
    pub share: Option<f64>,
    /// Net money: purchases less refunds.
    pub revenue: Money,
    /// Share of all revenue; `None` unless all revenue together is above zero. Below 0 where more came back
    /// than was bought, and above 1 for the others then.
    pub revenue_share: Option<f64>,
    /// Number of orders.
    pub orders: u64,
    /// Revenue per order, rounded to the minor unit, halves to even; `None` without orders.
    pub mean_order: Option<Money>,
    /// Median days since the last purchase, the mean of the middle two of an even number; `None` without
    /// customers.
    pub median_idle_days: Option<f64>,
}

impl SegmentTable {
    /// Sums up the customers of each segment.
    ///
    /// # Errors
    /// [`ErrorKind::Misaligned`] if the customers of the two differ; [`ErrorKind::Overflow`] if revenue
    /// does not fit.
    pub fn of(segments: &Assignment, people: &Summaries) -> Result<Self, Error> {
        if segments.customers() != people.customers() {
            return Err(ErrorKind::Misaligned { what: "summaries", other: "the assignment" }.into());
        }
        let mut sums = vec![Sum::default(); segments.segments().len()];
        let until = people.as_of();
        let values = people.totals().iter().zip(people.orders()).zip(people.last_days());
        for (&number, ((&total, &orders), &last)) in segments.index().iter().zip(values) {
            sums[usize::from(number)].add(total, orders, until.since(last));
        }
        let all = Sum::of_all(&sums);
        let whole = (all.idle.len(), all.revenue);
        let row = |name: &str, sum: Sum| sum.row(name, whole, people.currency());
        let rows = segments.names().zip(sums).map(|(name, sum)| row(name, sum));
        let rows = rows.collect::<Result<_, _>>()?;
        Ok(Self { as_of: until, currency: people.currency(), rows, all: row("all", all)? })
    }

    /// The segments, in the order of the assignment.
    pub fn rows(&self) -> &[SegmentRow] {
        &self.rows
    }

    /// The row of a segment, if there is one of that name.
    pub fn of_segment(&self, name: &str) -> Option<&SegmentRow> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// All customers together.
    pub fn all(&self) -> &SegmentRow {
        &self.all
    }

    /// The end of the observation: the day as of which all this holds.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of all money here.
    pub fn currency(&self) -> Currency {
        self.currency
    }
}

/// A segment on its way.
#[derive(Clone, Default)]
struct Sum {
    revenue: i128,
    orders: u64,
    idle: Vec<i32>,
}

impl Sum {
    fn add(&mut self, total: i64, orders: u32, idle: i32) {
        self.revenue += i128::from(total);
        self.orders += u64::from(orders);
        self.idle.push(idle);
    }

    fn of_all(sums: &[Self]) -> Self {
        Self {
            revenue: sums.iter().map(|sum| sum.revenue).sum(),
            orders: sums.iter().map(|sum| sum.orders).sum(),
            idle: sums.iter().flat_map(|sum| &sum.idle).copied().collect(),
        }
    }

    fn row(self, name: &str, whole: (usize, i128), currency: Currency) -> Result<SegmentRow, Error> {
        let (everybody, revenue) = whole;
        let customers = self.idle.len();
        Ok(SegmentRow {
            name: name.to_owned(),
            customers: customers as u64,
            share: (everybody > 0).then(|| customers as f64 / everybody as f64),
            revenue: money(self.revenue, currency)?,
            revenue_share: (revenue > 0).then(|| self.revenue as f64 / revenue as f64),
            orders: self.orders,
            mean_order: match self.orders {
                0 => None,
                orders => Some(money(divide(self.revenue, orders), currency)?),
            },
            median_idle_days: median(self.idle),
        })
    }
}

fn money(minor: i128, currency: Currency) -> Result<Money, Error> {
    let minor = i64::try_from(minor).map_err(|_| ErrorKind::Overflow { what: "revenue" })?;
    Ok(Money::of_minor(minor, currency))
}

/// The quotient, halves to even.
fn divide(sum: i128, count: u64) -> i128 {
    let count = i128::from(count);
    let (floor, rest) = (sum.div_euclid(count), sum.rem_euclid(count));
    let up = match (2 * rest).cmp(&count) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => floor.rem_euclid(2),
        std::cmp::Ordering::Greater => 1,
    };
    floor + up
}

fn median(mut values: Vec<i32>) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let (below, &mut upper, _) = values.select_nth_unstable(last.div_ceil(2));
    // Of an even number the lower middle one is the largest of those below.
    let lower = if last % 2 == 0 { upper } else { below.iter().copied().max().unwrap_or(upper) };
    Some(f64::midpoint(f64::from(lower), f64::from(upper)))
}

impl fmt::Display for SegmentTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revenue = format!("revenue {}", self.currency);
        let head = ["segment", "customers", "share %", &revenue, "share %", "orders", "mean order", IDLE];
        let mut lines = vec![head.map(str::to_owned)];
        lines.extend(self.rows.iter().chain([&self.all]).map(SegmentRow::fields));
        let mut widths = [0; 8];
        for line in &lines {
            for (width, field) in widths.iter_mut().zip(line) {
                *width = (*width).max(field.chars().count());
            }
        }
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let [name, numbers @ ..] = line;
            write!(f, "{name:<0$}", widths[0])?;
            for (field, width) in numbers.iter().zip(&widths[1..]) {
                write!(f, "  {field:>width$}")?;
            }
        }
        Ok(())
    }
}

const IDLE: &str = "median idle days";

impl SegmentRow {
    fn fields(&self) -> [String; 8] {
        let percent = |share: Option<f64>| share.map(|share| format!("{:.1}", 100.0 * share));
        let dash = |field: Option<String>| field.unwrap_or_else(|| "-".to_owned());
        [
            self.name.clone(),
            self.customers.to_string(),
            dash(percent(self.share)),
            self.revenue.digits().to_string(),
            dash(percent(self.revenue_share)),
            self.orders.to_string(),
            dash(self.mean_order.map(|mean| mean.digits().to_string())),
            dash(self.median_idle_days.map(|days| format!("{days:.1}"))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::People,
        model::Segment,
        rfm::fixture::{Row, numbered},
    };

    fn table(rows: &[Row], index: &[u16]) -> SegmentTable {
        let people = numbered(rows);
        let segment = |name: &str| Segment { name: name.into(), rule: String::new() };
        let segments = ["a", "empty", "b"].map(segment).to_vec();
        let assignment = Assignment::new(people.customers().clone(), segments, index.to_vec()).unwrap();
        SegmentTable::of(&assignment, &people).unwrap()
    }

    #[test]
    fn segments_add_up_to_all() {
        let table = table(&[(4, 1, 1001), (9, 2, 500), (20, 1, 250), (2, 4, 249)], &[0, 2, 2, 0]);
        let a = table.of_segment("a").unwrap();
        assert_eq!((a.customers, a.orders, a.revenue.minor()), (2, 5, 1250));
        assert_eq!((a.share, a.revenue_share), (Some(0.5), Some(0.625)));
        assert_eq!((a.mean_order.unwrap().minor(), a.median_idle_days), (250, Some(3.0)));
        let empty = table.of_segment("empty").unwrap();
        assert_eq!((empty.customers, empty.share, empty.revenue_share), (0, Some(0.0), Some(0.0)));
        assert_eq!((empty.mean_order, empty.median_idle_days), (None, None));
        assert_eq!((table.all().customers, table.all().revenue.minor()), (4, 2000));
        assert_eq!((table.all().revenue_share, table.all().median_idle_days), (Some(1.0), Some(6.5)));
    }

    #[test]
    fn no_revenue_has_no_shares_and_prints_no_nan() {
        for rows in [&[(4, 1, -100), (9, 2, 0)][..], &[(4, 1, 0), (9, 2, 0)]] {
            let table = table(rows, &[0, 2]);
            assert!(table.rows().iter().all(|row| row.revenue_share.is_none()));
            assert!(!table.to_string().contains("NaN"));
        }
        assert_eq!(table(&[], &[]).all().share, None);
    }

    #[test]
    fn other_customers_are_refused() {
        let mut people = numbered(&[(4, 1, 100), (9, 2, 100)]);
        let segments = vec![Segment { name: "a".into(), rule: String::new() }];
        let assignment = Assignment::new(people.customers().clone(), segments, vec![0, 0]).unwrap();
        people.forget(&1_u32.into());
        assert!(SegmentTable::of(&assignment, &people).is_err());
    }

    #[test]
    fn means_round_halves_to_even_on_both_sides_of_zero() {
        for (sum, count, known) in [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (8, 3, 3), (-8, 3, -3)] {
            assert_eq!(divide(sum, count), known, "{sum} / {count}");
        }
    }

    #[test]
    fn medians_are_of_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![7]), Some(7.0));
        assert_eq!(median(vec![9, 1]), Some(5.0));
        assert_eq!(median(vec![9, 1, 2]), Some(2.0));
        assert_eq!(median(vec![9, 1, 2, 3]), Some(2.5));
    }
}
