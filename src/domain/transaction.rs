//! What customers do with money: transactions of one or more lines, and refunds.

use super::{CustomerId, Day, Money, decimal::Decimal, pending::Entry};
use crate::{Error, error::ErrorKind};

/// How much of a product: pieces, kilograms, hours. Exact to a thousandth.
///
/// # Example
/// ```
/// use patronage::domain::Quantity;
///
/// assert_eq!(Quantity::parse("1.25")?, Quantity::of_thousandths(1250));
/// assert_eq!(Quantity::pieces(2), Quantity::of_thousandths(2000));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Quantity(i64);

impl Quantity {
    /// So many thousandths.
    pub const fn of_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// So many whole pieces.
    pub const fn pieces(count: i32) -> Self {
        Self(count as i64 * 1000)
    }

    /// Reads a plain decimal number, exactly.
    ///
    /// # Errors
    /// If the text is no number, has more than three decimals, or does not fit.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let units = Decimal::parse(text).and_then(|number| number.to_units(3));
        units.map(Self).map_err(|rule| Error::parameter("quantity", text, rule))
    }

    /// The quantity in thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }
}

/// One line of a transaction: what it comes to, and what is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Line {
    pub(crate) amount: Money,
    pub(crate) product: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) quantity: Option<Quantity>,
    pub(crate) unit_price: Option<Money>,
    pub(crate) discount: Option<Money>,
    pub(crate) cost: Option<Money>,
}

impl Line {
    /// A line that comes to `amount`, after its discount.
    pub fn new(amount: Money) -> Self {
        Self {
            amount,
            product: None,
            category: None,
            quantity: None,
            unit_price: None,
            discount: None,
            cost: None,
        }
    }

    /// A line of `quantity` times `unit_price`, exactly.
    ///
    /// # Errors
    /// If the product is not a whole number of minor units, or does not fit.
    pub fn priced(quantity: Quantity, unit_price: Money) -> Result<Self, Error> {
        let thousandths = i128::from(quantity.0) * i128::from(unit_price.minor());
        if thousandths % 1000 != 0 {
            let rule = "times the quantity is not a whole number of minor units";
            return Err(Error::parameter("unit price", unit_price, rule));
        }
        let minor =
            i64::try_from(thousandths / 1000).map_err(|_| ErrorKind::Overflow { what: "line amount" })?;
        let amount = Money::of_minor(minor, unit_price.currency());
        Ok(Self { quantity: Some(quantity), unit_price: Some(unit_price), ..Self::new(amount) })
    }

    /// The line as a row of a transaction.
    pub(super) fn on<'a>(&'a self, transaction: Entry<'a>) -> Entry<'a> {
        Entry {
            amount: self.amount.minor(),
            product: self.product.as_deref(),
            category: self.category.as_deref(),
            quantity: self.quantity,
            unit_price: self.unit_price.map(Money::minor),
            discount: self.discount.map(Money::minor),
            cost: self.cost.map(Money::minor),
            ..transaction
        }
    }

    /// What was sold.
    #[must_use]
    pub fn product(self, product: impl Into<String>) -> Self {
        Self { product: Some(product.into()), ..self }
    }

    /// The category of what was sold.
    #[must_use]
    pub fn category(self, category: impl Into<String>) -> Self {
        Self { category: Some(category.into()), ..self }
    }

    /// How much was sold.
    #[must_use]
    pub fn quantity(self, quantity: Quantity) -> Self {
        Self { quantity: Some(quantity), ..self }
    }

    /// The price of one, for a line whose amount is stated; [`Line::priced`] knows it.
    #[must_use]
    pub fn unit_price(self, unit_price: Money) -> Self {
        Self { unit_price: Some(unit_price), ..self }
    }

    /// What was taken off the price; the line's amount is already without it.
    #[must_use]
    pub fn discount(self, discount: Money) -> Self {
        Self { discount: Some(discount), ..self }
    }

    /// What the line cost the business.
    #[must_use]
    pub fn cost(self, cost: Money) -> Self {
        Self { cost: Some(cost), ..self }
    }
}

/// A customer, or nobody known, pays on a day.
///
/// # Example
/// ```
/// use patronage::domain::{Currency, Day, Line, Money, Transaction};
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let bread = Line::new(Money::parse("4.20", Currency::EUR)?).category("bread");
/// let cake = Line::new(Money::parse("3.10", Currency::EUR)?).category("cake");
/// let receipt = Transaction::of_lines("anna", day, [bread, cake])?.order("R-1042");
/// assert_eq!(receipt.amount().to_string(), "7.30 EUR");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transaction {
    pub(crate) customer: Option<CustomerId>,
    pub(crate) day: Day,
    /// The moment in nanoseconds, where it is known: it tells two equal purchases of a day apart.
    pub(crate) moment: Option<i128>,
    pub(crate) amount: Money,
    pub(crate) order: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) lines: Vec<Line>,
}

impl Transaction {
    /// A transaction of one amount.
    pub fn new(customer: impl Into<CustomerId>, day: Day, amount: Money) -> Self {
        Self {
            customer: Some(customer.into()),
            day,
            moment: None,
            amount,
            order: None,
            channel: None,
            lines: Vec::new(),
        }
    }

    /// A transaction of one amount at an instant, on the day that the instant falls on in `zone` (an IANA
    /// name, such as `Europe/Berlin`).
    ///
    /// # Errors
    /// As for [`day_in_zone`].
    pub fn at(
        customer: impl Into<CustomerId>,
        instant: jiff::Timestamp,
        zone: &str,
        amount: Money,
    ) -> Result<Self, Error> {
        let moment = Some(instant.as_nanosecond());
        Ok(Self { moment, ..Self::new(customer, day_in_zone(instant, zone)?, amount) })
    }

    /// A transaction that comes to the sum of its lines.
    ///
    /// # Errors
    /// If there are no lines, their currencies differ, or the sum does not fit.
    pub fn of_lines(
        customer: impl Into<CustomerId>,
        day: Day,
        lines: impl IntoIterator<Item = Line>,
    ) -> Result<Self, Error> {
        let lines: Vec<Line> = lines.into_iter().collect();
        let first = lines.first().ok_or(ErrorKind::Empty { what: "lines of a transaction" })?;
        let nothing = Money::zero(first.amount.currency());
        let amount = lines.iter().try_fold(nothing, |sum, line| sum.checked_add(line.amount))?;
        Ok(Self::new(customer, day, amount).lines(lines))
    }

    /// Nobody known paid: the transaction counts in base rates only.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self { customer: None, ..self }
    }

    /// The order, receipt or invoice. Transactions of one customer with the same order are one order.
    #[must_use]
    pub fn order(self, order: impl Into<String>) -> Self {
        Self { order: Some(order.into()), ..self }
    }

    /// Where it was sold: shop, web, market.
    #[must_use]
    pub fn channel(self, channel: impl Into<String>) -> Self {
        Self { channel: Some(channel.into()), ..self }
    }

    /// The lines. If they do not add up to the amount (delivery, rounding), intake counts it as
    /// [`Finding::LinesDiffer`](super::Finding::LinesDiffer) and makes the rest a line of its own.
    #[must_use]
    pub fn lines(self, lines: impl IntoIterator<Item = Line>) -> Self {
        Self { lines: lines.into_iter().collect(), ..self }
    }

    /// Who paid, if known.
    pub fn customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }

    /// The day.
    pub fn day(&self) -> Day {
        self.day
    }

    /// What was paid.
    pub fn amount(&self) -> Money {
        self.amount
    }
}

/// Money that goes back to a customer.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Refund {
    pub(crate) customer: Option<CustomerId>,
    pub(crate) day: Day,
    pub(crate) amount: Money,
    pub(crate) order: Option<String>,
}

impl Refund {
    /// `amount` goes back; its sign does not matter.
    ///
    /// # Errors
    /// If the amount cannot change its sign ([`i64::MIN`] minor units).
    pub fn new(customer: impl Into<CustomerId>, day: Day, amount: Money) -> Result<Self, Error> {
        let minor = amount.minor().checked_abs().ok_or(ErrorKind::Overflow { what: "refund" })?;
        let amount = Money::of_minor(-minor, amount.currency());
        Ok(Self { customer: Some(customer.into()), day, amount, order: None })
    }

    /// Nobody known is paid back.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self { customer: None, ..self }
    }

    /// The order that is refunded, in part or whole.
    #[must_use]
    pub fn of_order(self, order: impl Into<String>) -> Self {
        Self { order: Some(order.into()), ..self }
    }
}

/// The day on which an instant falls in a zone, for transactions that carry a time.
///
/// # Example
/// ```
/// use patronage::domain::day_in_zone;
///
/// let late: jiff::Timestamp = "2026-03-14T23:30:00Z".parse().unwrap();
/// assert_eq!(day_in_zone(late, "Europe/Berlin")?.to_string(), "2026-03-15");
/// # Ok::<(), patronage::Error>(())
/// ```
///
/// # Errors
/// If the zone is not in the time zone database, or the year is before 1.
pub fn day_in_zone(instant: jiff::Timestamp, zone: &str) -> Result<Day, Error> {
    match instant.in_tz(zone) {
        Ok(local) => Day::try_from(&local),
        Err(_) => Err(Error::parameter("time zone", zone, "is not in the time zone database")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    #[test]
    fn a_line_of_a_price_is_exact_or_refused() {
        let price = Money::of_minor(199, Currency::EUR);
        assert_eq!(Line::priced(Quantity::pieces(-3), price).unwrap().amount.minor(), -597);
        assert_eq!(Line::priced(Quantity::of_thousandths(2000), price).unwrap().amount.minor(), 398);
        assert!(Line::priced(Quantity::of_thousandths(333), price).is_err());
        assert!(
            Line::priced(Quantity::of_thousandths(i64::MAX), Money::of_minor(i64::MAX, Currency::EUR))
                .is_err()
        );
    }

    #[test]
    fn an_instant_needs_its_zone() {
        let late: jiff::Timestamp = "2026-03-14T23:30:00Z".parse().unwrap();
        let amount = Money::of_minor(100, Currency::EUR);
        let on = |zone| Transaction::at("anna", late, zone, amount).map(|sale| sale.day().to_string());
        assert_eq!(on("UTC").unwrap(), "2026-03-14");
        assert_eq!(on("Europe/Berlin").unwrap(), "2026-03-15");
        assert_eq!(on("America/New_York").unwrap(), "2026-03-14");
        assert_eq!(
            on("Mars/Olympus").unwrap_err().to_string(),
            "time zone: `Mars/Olympus` is not in the time zone database"
        );
    }

    #[test]
    fn a_refund_is_negative_whatever_its_sign() {
        let refund = |minor| Refund::new("anna", Day::MIN, Money::of_minor(minor, Currency::EUR));
        assert_eq!(refund(500).unwrap(), refund(-500).unwrap());
        assert_eq!(refund(500).unwrap().amount.minor(), -500);
        assert!(refund(i64::MIN).is_err());
    }
}
