//! Intake: rows in any order become a ledger, and every decision on the way is counted.

use std::{collections::HashMap, fmt};

use super::{
    ConsentRegister, Currency, CustomerId, Day, Duplicates, Finding, Findings, LaterDates, Ledger, Line,
    MissingCustomer, Money, People, Policies, Purpose, Refund, Refunds, Transaction, ZeroAmounts, build,
    ledger::UNNAMED,
    pending::{Entry, Pending, Who},
    rows::NONE,
};
use crate::error::{Error, ErrorKind};

/// Takes rows in, one by one and in any order, and builds a [`Ledger`].
///
/// # Example
/// ```
/// use patronage::domain::{Currency, Day, Finding, Intake, Money, Refund, Transaction};
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let mut intake = Intake::new(Currency::EUR);
/// intake.push(Transaction::new("anna", day, Money::parse("12.00", Currency::EUR)?).order("A1"))?;
/// intake.push(Transaction::new("ben", day, Money::parse("5.00", Currency::EUR)?))?;
/// intake.refund(Refund::new("anna", day.plus(2), Money::parse("2.00", Currency::EUR)?)?.of_order("A1"))?;
///
/// let ledger = intake.finish()?;
/// assert_eq!(ledger.customers().len(), 2);
/// assert_eq!(ledger.revenue().to_string(), "15.00 EUR");
/// assert_eq!(ledger.findings().count(Finding::Refund), 1);
/// # Ok::<(), patronage::Error>(())
/// ```
pub struct Intake {
    currency: Currency,
    policies: Policies,
    permission: Option<Permission>,
    findings: Findings,
    pending: Pending,
    /// How often a transaction without an order id came with the same content.
    unnamed: HashMap<(Option<u32>, String), u32>,
}

/// Whether a customer's rows may be used, asked once a customer.
struct Permission {
    ask: Box<dyn Fn(&CustomerId) -> bool + Send + Sync>,
    by_code: Vec<bool>,
}

impl Intake {
    /// Takes in rows of one currency, by the default [`Policies`].
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            policies: Policies::default(),
            permission: None,
            findings: Findings::default(),
            pending: Pending::default(),
            unnamed: HashMap::new(),
        }
    }

    /// What to do with the rows that need a decision: with those offered from now on.
    #[must_use]
    pub fn policies(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// Takes in only the rows of customers who have granted `purpose` on the day `on`; of whom nothing is
    /// known has not granted. The others are left out and counted.
    ///
    /// # Errors
    /// If a row has been offered before.
    pub fn consent(self, register: &ConsentRegister, purpose: Purpose, on: Day) -> Result<Self, Error> {
        if self.findings.rows() > 0 {
            return Err(Error::parameter(
                "consent",
                self.findings.rows(),
                "rows were offered before it was stated",
            ));
        }
        let register = register.clone();
        let ask = Box::new(move |id: &CustomerId| register.granted(id, &purpose, on));
        Ok(Self { permission: Some(Permission { ask, by_code: Vec::new() }), ..self })
    }

    /// The currency of every amount.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether every finding is an error, those of a door too.
    #[cfg(feature = "csv")]
    pub(crate) fn is_strict(&self) -> bool {
        self.policies.strict
    }

    /// Takes in one transaction.
    ///
    /// # Errors
    /// If a currency differs, or a policy refuses the row; the error names the row, counting from 0. Of a
    /// transaction with lines, those before the refused one have been taken in.
    #[allow(clippy::needless_pass_by_value, reason = "callers make it on the spot")]
    pub fn push(&mut self, transaction: Transaction) -> Result<(), Error> {
        let Transaction { customer, day, moment, amount, order, channel, lines } = &transaction;
        self.currency.require(amount.currency())?;
        let row = self.findings.rows();
        let mut entry = Entry::new(row, *day, amount.minor());
        entry.who = customer.as_ref().map(Who::of);
        entry.channel = channel.as_deref();
        entry.order = order.as_deref();
        // The low bits of the moment are as good a mark as any.
        entry.fingerprint = moment.map(|moment| (moment as i64).cast_unsigned());
        if lines.is_empty() {
            return self.entry(entry);
        }
        let rest = self.rest_of_lines(row, *amount, lines)?;
        let several = lines.len() > 1 || rest != 0;
        let unnamed = several && order.is_none();
        let (held_together, again) =
            if unnamed { self.name_for(entry.who, &transaction) } else { (None, false) };
        if again && !self.judge_again(&entry, lines.len() as u64)? {
            return Ok(());
        }
        entry.order = entry.order.or(held_together.as_deref());
        for line in lines {
            self.entry(line.on(Entry { row: self.findings.rows(), ..entry }))?;
        }
        if rest != 0 {
            self.entry(Entry { row: self.findings.rows(), amount: rest, ..entry })?;
        }
        Ok(())
    }

    /// Takes in one refund.
    ///
    /// # Errors
    /// As for [`push`](Self::push).
    #[allow(clippy::needless_pass_by_value, reason = "callers make it on the spot")]
    pub fn refund(&mut self, refund: Refund) -> Result<(), Error> {
        let Refund { customer, day, amount, order } = &refund;
        self.currency.require(amount.currency())?;
        let mut entry = Entry::new(self.findings.rows(), *day, amount.minor());
        entry.who = customer.as_ref().map(Who::of);
        entry.order = order.as_deref();
        entry.refunds_order = order.is_some();
        self.entry(entry)
    }

    /// What the lines leave of the amount, in minor units.
    fn rest_of_lines(&mut self, row: u64, amount: Money, lines: &[Line]) -> Result<i64, Error> {
        let mut sum = Money::zero(self.currency);
        for line in lines {
            sum = sum.checked_add(line.amount)?;
            for money in [line.unit_price, line.discount, line.cost].into_iter().flatten() {
                self.currency.require(money.currency())?;
            }
        }
        let rest = amount.minor().checked_sub(sum.minor());
        let rest = rest.ok_or(ErrorKind::Overflow { what: "the rest of a transaction's lines" })?;
        if rest != 0 {
            let text = || Money::of_minor(rest, self.currency).to_string();
            self.strictly("the lines do not add up to the amount", row, text)?;
            let currency = self.currency;
            self.findings.note(Finding::LinesDiffer, "the rest became a line", row, || {
                Money::of_minor(rest, currency).to_string()
            });
        }
        Ok(rest)
    }

    /// A name for a transaction of several lines without an order id, and whether the same came before. The
    /// name is made from its content, so that it does not depend on the order of intake, with a number where
    /// the same content comes again.
    fn name_for(&mut self, who: Option<Who<'_>>, transaction: &Transaction) -> (Option<String>, bool) {
        let Transaction { day, moment, amount, lines, channel, .. } = transaction;
        let content = format!("{day} {moment:?} {amount} {channel:?} {lines:?}");
        let code = self.code(who.filter(|who| !who.is_blank()));
        let times = self.unnamed.entry((code, content.clone())).or_default();
        *times += 1;
        (Some(format!("{UNNAMED}{content}#{times}")), *times > 1)
    }

    /// Whether the lines of a transaction that repeats an earlier one are kept. Their made-up name would hide
    /// from the sorting that they are duplicates.
    fn judge_again(&mut self, entry: &Entry<'_>, lines: u64) -> Result<bool, Error> {
        let (kept, treatment) = match self.policies.duplicates {
            Duplicates::Keep => (true, "kept"),
            Duplicates::Drop => (false, "left out"),
            Duplicates::Refuse => refuse("is an exact duplicate", entry.row, String::new)?,
        };
        self.note(Finding::ExactDuplicate, treatment, entry);
        self.findings.add(Finding::ExactDuplicate, lines - 1, treatment);
        if !kept {
            self.findings.add_rows(lines);
            self.findings.leave_out(lines);
        }
        Ok(kept)
    }

    fn strictly(&self, rule: &'static str, row: u64, text: impl FnOnce() -> String) -> Result<(), Error> {
        if self.policies.strict { refuse(rule, row, text) } else { Ok(()) }
    }

    /// Takes in one row, or leaves it out and counts it, or refuses it (and counts it as left out).
    pub(crate) fn entry(&mut self, mut entry: Entry<'_>) -> Result<(), Error> {
        entry.who = entry.who.filter(|who| !who.is_blank());
        entry.order = entry.order.filter(|order| !order.is_empty());
        self.findings.add_rows(1);
        let who = self.code(entry.who);
        let admitted = self.admit(who, &mut entry);
        match admitted {
            Ok(true) => self.pending.push(who, entry),
            Ok(false) | Err(_) => self.findings.leave_out(1),
        }
        admitted.map(|_| ())
    }

    fn admit(&mut self, who: Option<u32>, entry: &mut Entry<'_>) -> Result<bool, Error> {
        if self.pending.len() >= NONE as usize {
            return Err(ErrorKind::Overflow { what: "the number of rows" }.into());
        }
        Ok(self.permitted(who, entry)? && self.judge(entry)?)
    }

    /// Whether the policies keep a row. Counts what they decide.
    pub(super) fn judge(&mut self, entry: &mut Entry<'_>) -> Result<bool, Error> {
        Ok(self.judge_who(entry)? && self.judge_day(entry)? && self.judge_amount(entry)?)
    }

    pub(super) fn into_findings(self) -> Findings {
        self.findings
    }

    fn judge_who(&mut self, entry: &Entry<'_>) -> Result<bool, Error> {
        if entry.who.is_some() {
            return Ok(true);
        }
        let (kept, treatment) = match self.policies.missing_customer {
            MissingCustomer::Anonymous => (true, "kept for base rates, never scored"),
            MissingCustomer::Drop => (false, "left out"),
            MissingCustomer::Refuse => refuse("a customer is required", entry.row, String::new)?,
        };
        self.note(Finding::MissingCustomer, treatment, entry);
        Ok(kept)
    }

    fn judge_day(&mut self, entry: &Entry<'_>) -> Result<bool, Error> {
        let Some((as_of, later)) = self.policies.as_of.filter(|(as_of, _)| entry.day > *as_of) else {
            return Ok(true);
        };
        let (kept, treatment) = match later {
            LaterDates::Keep => (true, "kept"),
            LaterDates::SetAside => (false, "left out"),
            LaterDates::Refuse => refuse("is after as_of", entry.row, || entry.day.to_string())?,
        };
        let text = || format!("{} is after {as_of}", entry.day);
        self.findings.note(Finding::AfterAsOf, treatment, entry.row, text);
        Ok(kept)
    }

    fn judge_amount(&mut self, entry: &mut Entry<'_>) -> Result<bool, Error> {
        if entry.cancelling {
            let text = || entry.order.unwrap_or_default().to_owned();
            self.strictly("is on a cancelling order", entry.row, text)?;
            self.note(Finding::Cancelling, "counted; their amounts are taken as they are", entry);
        }
        match entry.amount {
            ..0 => self.judge_refund(entry),
            0 => self.judge_zero(entry),
            1.. => Ok(true),
        }
    }

    fn judge_refund(&mut self, entry: &mut Entry<'_>) -> Result<bool, Error> {
        let (kept, treatment) = match self.policies.refunds {
            Refunds::Net => (true, "net against the order if it is named, else the customer"),
            Refunds::NetCustomer => (true, "net against the customer"),
            Refunds::Ignore => (false, "left out"),
            Refunds::Refuse => {
                let text = || Money::of_minor(entry.amount, self.currency).to_string();
                refuse("an amount must not be negative", entry.row, text)?
            }
        };
        if self.policies.refunds == Refunds::NetCustomer {
            entry.order = None;
            entry.refunds_order = false;
        }
        self.note(Finding::Refund, treatment, entry);
        Ok(kept)
    }

    fn judge_zero(&mut self, entry: &Entry<'_>) -> Result<bool, Error> {
        let (kept, treatment) = match self.policies.zero_amounts {
            ZeroAmounts::Keep => (true, "kept as purchases"),
            ZeroAmounts::SetAside => (false, "left out"),
            ZeroAmounts::Refuse => refuse("an amount must not be zero", entry.row, || "0".to_owned())?,
        };
        self.note(Finding::ZeroAmount, treatment, entry);
        Ok(kept)
    }

    /// Notes a row by its day and amount.
    fn note(&mut self, finding: Finding, treatment: &str, entry: &Entry<'_>) {
        let text = || format!("{} {}", entry.day, Money::of_minor(entry.amount, self.currency));
        self.findings.note(finding, treatment, entry.row, text);
    }

    fn code(&mut self, who: Option<Who<'_>>) -> Option<u32> {
        let (code, new) = self.pending.customers.code(who?);
        if let Some(Permission { ask, by_code }) = self.permission.as_mut().filter(|_| new) {
            by_code.push(ask(self.pending.customers.id(code)));
        }
        Some(code)
    }

    fn permitted(&mut self, who: Option<u32>, entry: &Entry<'_>) -> Result<bool, Error> {
        let (Some(permission), Some(code)) = (&self.permission, who) else {
            return Ok(true);
        };
        let permitted = permission.by_code.get(code as usize).copied().unwrap_or(false);
        if !permitted {
            self.strictly("consent is required", entry.row, || entry.day.to_string())?;
            self.note(Finding::WithoutConsent, "left out", entry);
        }
        Ok(permitted)
    }

    /// For doors that count findings of their own, which the rows themselves do not show.
    #[cfg(feature = "csv")]
    pub(crate) fn findings_mut(&mut self) -> &mut Findings {
        &mut self.findings
    }

    /// Builds the ledger.
    ///
    /// # Errors
    /// If the amounts (or the costs) together do not fit an `i64` of minor units, or duplicates are refused
    /// and there is one.
    pub fn finish(self) -> Result<Ledger, Error> {
        build::from_rows(self.currency, self.policies, self.findings, self.pending.ranked())
    }
}

impl People for Intake {
    fn holds(&self, id: &CustomerId) -> bool {
        self.pending.holds(id)
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let Some(code) = self.pending.forget(id) else {
            return false;
        };
        self.unnamed.retain(|(of, _), _| *of != Some(code));
        self.findings.forget_samples();
        true
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Intake({} rows in {})", self.pending.len(), self.currency)
    }
}

pub(super) fn refuse<T>(rule: &'static str, row: u64, text: impl FnOnce() -> String) -> Result<T, Error> {
    Err(ErrorKind::Row { row, rule, text: text() }.into())
}
