//! Tiers of value: high, medium, low.

use super::{Assignment, Segment, Values};
use crate::{
    domain::{Currency, Customers, Day, Money},
    error::{Error, ErrorKind},
    math::quantile::{Mixed, Share, quantiles},
    summary::Summaries,
};

/// Where a value goes that equals a cut point.
///
/// `Lower` and `Upper` speak of values, not of scores: for recency the lower value (fewer days) is the
/// better one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Ties {
    /// To the lower values: intervals are closed on the right, as in `pandas.qcut` and R's `rfm`. Equal
    /// values share a score. The default of scores by quantiles and by fixed cuts.
    Lower,
    /// To the upper values: intervals are closed on the left. Equal values share a score.
    Upper,
    /// Some to either side, so that the groups are of equal size: among equals, those earlier in the order
    /// of customers get the lower score. For ranks alone, and their default.
    Split,
}

/// Where one tier ends and the next begins. Each list ascends strictly.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TierRule {
    /// Shares of revenue (or of the value to come), each above 0 and at most 1, from the best customer down:
    /// `[0.8, 0.95]` puts the fewest customers who together made 80 % into the first tier, those who
    /// complete 95 % into the second, the rest into the last. An amount below zero counts as zero; where
    /// there is nothing above it everybody is in the last tier.
    CumulativeShare(Vec<f64>),
    /// Quantiles of type 7 of the amounts, each between 0 and 1: `[0.5, 0.8]` puts the best fifth of the
    /// customers into the first tier and the lower half into the last.
    Quantile(Vec<f64>),
    /// Amounts.
    Fixed(Vec<Money>),
}

/// Puts customers into tiers by their net totals, or by their value to come.
///
/// There is one tier more than the rule has numbers; names go from the best tier to the worst. Shares and
/// quantiles are read to nine decimals.
///
/// # Example
/// ```
/// use patronage::{
///     domain::{Columns, Currency, Day, Ledger, Policies},
///     rfm::ValueTiers,
///     summary::Observation,
/// };
///
/// let day = Day::ymd(2026, 3, 14)?;
/// let days = [day; 4];
/// let columns = Columns::new(&[1_u64, 2, 3, 4][..], &days, &[50, 700, 100, 150]);
/// let ledger = Ledger::from_columns(Currency::EUR, &columns, Policies::default())?;
/// let people = Observation::until(day).summarise(&ledger)?;
///
/// let tiers = ValueTiers::cumulative(&[0.8, 0.95]).assign(&people)?;
/// assert_eq!(tiers.names().collect::<Vec<_>>(), ["High", "Medium", "Low"]);
/// assert_eq!(tiers.sizes(), [2, 1, 1]);
/// assert_eq!(
///     tiers.segments()[1].rule,
///     "net total at least 1.00 EUR and below 1.50 EUR: completes 95 % of revenue"
/// );
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ValueTiers {
    rule: TierRule,
    names: Vec<String>,
    ties: Ties,
}

impl ValueTiers {
    /// Tiers by a rule.
    pub fn new(rule: TierRule) -> Self {
        let tiers = rule.len() + 1;
        let names = match tiers {
            2 => vec!["High".to_owned(), "Low".to_owned()],
            3 => ["High", "Medium", "Low"].map(str::to_owned).to_vec(),
            _ => (1..=tiers).map(|tier| format!("Tier {tier}")).collect(),
        };
        Self { rule, names, ties: Ties::Upper }
    }

    /// By shares of revenue: [`TierRule::CumulativeShare`].
    pub fn cumulative(shares: &[f64]) -> Self {
        Self::new(TierRule::CumulativeShare(shares.to_vec()))
    }

    /// By quantiles of customers: [`TierRule::Quantile`].
    pub fn quantiles(quantiles: &[f64]) -> Self {
        Self::new(TierRule::Quantile(quantiles.to_vec()))
    }

    /// By amounts: [`TierRule::Fixed`].
    pub fn fixed(cuts: &[Money]) -> Self {
        Self::new(TierRule::Fixed(cuts.to_vec()))
    }

    /// Names, from the best tier to the worst. By default High, (Medium,) Low for two or three tiers, and
    /// Tier 1, Tier 2 ... for more.
    #[must_use]
    pub fn names(self, names: &[&str]) -> Self {
        Self { names: names.iter().map(|&name| name.to_owned()).collect(), ..self }
    }

    /// Where a total goes that equals a cut: [`Ties::Upper`], the default, puts it into the better tier,
    /// [`Ties::Lower`] into the worse. Equal totals are always in one tier.
    #[must_use]
    pub fn ties(self, ties: Ties) -> Self {
        Self { ties, ..self }
    }

    /// Whether the tiers make sense.
    ///
    /// # Errors
    /// If the rule's numbers do not ascend strictly within their range or differ in currency, the names are
    /// not one more, or ties are split.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |value: String, rule| Err(Error::parameter("tiers", value, rule));
        if self.ties == Ties::Split {
            return refused("Split".to_owned(), "cannot share equals between tiers");
        }
        if !(1..=MOST_CUTS).contains(&self.rule.len()) {
            return refused(self.rule.len().to_string(), "must be from 1 to 9 numbers");
        }
        if self.names.len() != self.rule.len() + 1 {
            return refused(format!("{:?}", self.names), "must be one name more than numbers");
        }
        match &self.rule {
            TierRule::CumulativeShare(shares) if !ascend(shares, |share| share > 0.0 && share <= 1.0) => {
                refused(format!("{shares:?}"), "must ascend strictly, above 0 and at most 1")
            }
            TierRule::Quantile(shares) if !ascend(shares, |share| share > 0.0 && share < 1.0) => {
                refused(format!("{shares:?}"), "must ascend strictly, between 0 and 1")
            }
            TierRule::Fixed(cuts) => {
                for pair in cuts.windows(2) {
                    pair[0].currency().require(pair[1].currency())?;
                }
                if !cuts.is_sorted_by(|a, b| a.minor() < b.minor()) {
                    return refused(format!("{cuts:?}"), "must ascend strictly");
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Puts every customer into a tier by net total. The rule of each tier states its bounds and where they
    /// come from.
    ///
    /// # Errors
    /// If [`check`](Self::check) fails, a name is empty or given twice, fixed cuts are in another currency,
    /// or quantiles are asked of no customers.
    pub fn assign(&self, people: &Summaries) -> Result<Assignment, Error> {
        let totals = Amounts {
            customers: people.customers(),
            as_of: people.as_of(),
            currency: people.currency(),
            column: people.totals(),
            what: "net total",
            whole: "revenue",
        };
        self.assign_amounts(&totals)
    }

    /// Puts every customer into a tier by [value to come](Values::to_come).
    ///
    /// # Errors
    /// As [`assign`](Self::assign).
    pub fn assign_values(&self, values: &Values) -> Result<Assignment, Error> {
        let to_come = Amounts {
            customers: values.customers(),
            as_of: values.as_of(),
            currency: values.currency(),
            column: values.to_come(),
            what: "value to come",
            whole: "the value to come",
        };
        self.assign_amounts(&to_come)
    }

    fn assign_amounts(&self, amounts: &Amounts<'_>) -> Result<Assignment, Error> {
        self.check()?;
        let cuts = self.cuts(amounts)?;
        let upper = self.ties == Ties::Upper;
        let beyond = |amount: i64| cuts.iter().filter(|&&at| amount > at || upper && amount == at).count();
        let index = amounts.column.iter().map(|&amount| (cuts.len() - beyond(amount)) as u16).collect();
        let segments = self.segments(&cuts, amounts);
        Ok(Assignment::new(amounts.customers.clone(), segments, index)?.as_of(amounts.as_of))
    }

    /// The amounts that part the tiers, ascending: the last parts the two best.
    fn cuts(&self, amounts: &Amounts<'_>) -> Result<Vec<i64>, Error> {
        match &self.rule {
            TierRule::CumulativeShare(shares) => Ok(completing(amounts.column, shares)),
            TierRule::Quantile(shares) => {
                if amounts.column.is_empty() {
                    return Err(ErrorKind::Empty { what: "customers to put into tiers" }.into());
                }
                let shares: Vec<Share> = shares.iter().map(|&share| billionths(share)).collect();
                let found = quantiles(amounts.column.iter().copied(), &shares);
                // Amounts are whole: it is the next one above a quantile, or below it, that decides.
                let decides = |Mixed { floor, part }| match self.ties {
                    Ties::Upper => floor.saturating_add(i64::from(part > 0.0)),
                    Ties::Lower | Ties::Split => floor,
                };
                Ok(found.into_iter().map(|between| decides(between.whole())).collect())
            }
            TierRule::Fixed(cuts) => {
                for money in cuts {
                    amounts.currency.require(money.currency())?;
                }
                Ok(cuts.iter().map(|money| money.minor()).collect())
            }
        }
    }

    fn segments(&self, cuts: &[i64], amounts: &Amounts<'_>) -> Vec<Segment> {
        let &Amounts { what, whole, currency, .. } = amounts;
        let nobody = format!("of nobody, as there is no {}", whole.trim_start_matches("the "));
        let by_share = matches!(self.rule, TierRule::CumulativeShare(_));
        let (after, before) =
            if self.ties == Ties::Upper { ("at least", "below") } else { ("above", "at most") };
        let show = |word: &str, at: i64| {
            let money = Money::of_minor(at, currency);
            if at == i64::MAX && by_share { nobody.clone() } else { format!("{word} {money}") }
        };
        let tier = |(number, name): (usize, &String)| {
            // From the best tier down, so from the last cut down.
            let place = cuts.len() - number;
            let below = place.checked_sub(1).map(|place| show(after, cuts[place]));
            let above = cuts.get(place).map(|&at| show(before, at)).filter(|text| *text != nobody);
            let bounds: Vec<String> = [below, above].into_iter().flatten().collect();
            let bounds = if bounds.is_empty() { "anything".to_owned() } else { bounds.join(" and ") };
            let reason = self.rule.reason(number, whole);
            Segment { name: name.clone(), rule: format!("{what} {bounds}{reason}") }
        };
        self.names.iter().enumerate().map(tier).collect()
    }
}

/// A column of amounts, a row a customer.
struct Amounts<'a> {
    customers: &'a Customers,
    as_of: Day,
    currency: Currency,
    /// Minor units.
    column: &'a [i64],
    /// What an amount is, and what all together are.
    what: &'static str,
    whole: &'static str,
}

const MOST_CUTS: usize = 9;

impl TierRule {
    fn len(&self) -> usize {
        match self {
            Self::CumulativeShare(shares) | Self::Quantile(shares) => shares.len(),
            Self::Fixed(cuts) => cuts.len(),
        }
    }

    /// Where the bounds of a tier, counting from the best, come from.
    fn reason(&self, tier: usize, whole: &str) -> String {
        match self {
            Self::CumulativeShare(shares) => match shares.get(tier) {
                Some(&share) => format!(": completes {} % of {whole}", percent(share)),
                None => format!(": the rest of {whole}"),
            },
            Self::Quantile(shares) => match shares.iter().rev().nth(tier) {
                Some(&share) => format!(": beyond the {} % quantile", percent(share)),
                None => ": the rest of the customers".to_owned(),
            },
            Self::Fixed(_) => ": set by the business".to_owned(),
        }
    }
}

/// Without the digits that 0.07 * 100 has too many.
fn percent(share: f64) -> f64 {
    (share * 1e9).round() / 1e7
}

fn ascend(shares: &[f64], fits: impl Fn(f64) -> bool) -> bool {
    let parts = |share: &f64| billionths(*share).part;
    // NaN fits nothing.
    shares.iter().all(|&share| fits(share)) && shares.is_sorted_by(|a, b| parts(a) < parts(b))
}

/// `share` lies between 0 and 1.
fn billionths(share: f64) -> Share {
    #[expect(clippy::cast_sign_loss, reason = "between 0 and 1e9")]
    let part = (share * 1e9).round() as u64;
    Share { part, whole: 1_000_000_000 }
}

/// For each share, counting from the last, the total of the customer who completes it.
fn completing(totals: &[i64], shares: &[f64]) -> Vec<i64> {
    let mut descending: Vec<i64> = totals.iter().copied().filter(|&total| total > 0).collect();
    descending.sort_unstable_by(|a, b| b.cmp(a));
    let sum: i128 = descending.iter().map(|&total| i128::from(total)).sum();
    let mut sums = descending.iter().scan(0_i128, |brought, &total| {
        *brought += i128::from(total);
        Some((*brought, total))
    });
    let mut last = (0, i64::MAX);
    let mut cuts = Vec::with_capacity(shares.len());
    for &share in shares {
        let Share { part, whole } = billionths(share);
        let completes = |brought: i128| brought * i128::from(whole) >= sum * i128::from(part);
        while !completes(last.0) || last.1 == i64::MAX {
            let Some(next) = sums.next() else { break };
            last = next;
        }
        cuts.push(last.1);
    }
    cuts.reverse();
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Columns, Ledger, Policies},
        summary::Observation,
    };

    /// Customers 0, 1, 2 ... with these net totals in cents.
    fn people(totals: &[i64]) -> Summaries {
        let (mut ids, mut amounts) = (Vec::new(), Vec::new());
        for (id, &total) in (0_u64..).zip(totals) {
            // Whoever got money back has bought as well.
            ids.extend([id, id]);
            amounts.extend([total.max(0), total.min(0)]);
        }
        let days = vec![Day::MIN; ids.len()];
        let columns = Columns::new(&ids, &days, &amounts);
        let ledger = Ledger::from_columns(Currency::USD, &columns, Policies::default()).unwrap();
        Observation::until(Day::MIN).summarise(&ledger).unwrap()
    }

    fn tiers(tiers: &ValueTiers, totals: &[i64]) -> Vec<u16> {
        tiers.assign(&people(totals)).unwrap().index().to_vec()
    }

    #[test]
    fn the_fewest_who_complete_a_share_are_the_first_tier() {
        let rule = ValueTiers::cumulative(&[0.8, 0.95]);
        assert_eq!(tiers(&rule, &[50, 700, 100, 150]), [2, 0, 1, 0]);
        // 80 of 100 is 80 % exactly.
        assert_eq!(tiers(&rule, &[5, 80, 15]), [2, 0, 1]);
        // Below zero counts as zero, and so 80 of 100 again.
        assert_eq!(tiers(&rule, &[5, 80, 15, -60]), [2, 0, 1, 2]);
        // One customer completes both.
        assert_eq!(tiers(&rule, &[1, 99, 0]), [2, 0, 2]);
        assert_eq!(tiers(&ValueTiers::cumulative(&[1.0]), &[1, 99, 0]), [0, 0, 1]);
    }

    #[test]
    fn equals_share_a_tier_on_the_side_that_is_asked_for() {
        let rule = ValueTiers::cumulative(&[0.5]);
        assert_eq!(tiers(&rule, &[30, 30, 30, 10]), [0, 0, 0, 1]);
        assert_eq!(tiers(&rule.ties(Ties::Lower), &[30, 30, 30, 10]), [1, 1, 1, 1]);
        let money = [10, 20].map(|minor| Money::of_minor(minor, Currency::USD));
        assert_eq!(tiers(&ValueTiers::fixed(&money), &[9, 10, 19, 20]), [2, 1, 1, 0]);
        assert_eq!(tiers(&ValueTiers::fixed(&money).ties(Ties::Lower), &[10, 11, 20, 21]), [2, 1, 1, 0]);
    }

    #[test]
    fn quantiles_agree_with_numpy() {
        // np.quantile([1, 2, 4, 7, 11, 16], [.5, .8]) = [5.5, 11]
        let rule = ValueTiers::quantiles(&[0.5, 0.8]);
        assert_eq!(tiers(&rule, &[16, 1, 2, 11, 4, 7]), [0, 2, 2, 0, 2, 1]);
        let assigned = rule.assign(&people(&[16, 1, 2, 11, 4, 7])).unwrap();
        let rules: Vec<&str> = assigned.segments().iter().map(|segment| &*segment.rule).collect();
        assert_eq!(
            rules,
            [
                "net total at least 0.11 USD: beyond the 80 % quantile",
                "net total at least 0.06 USD and below 0.11 USD: beyond the 50 % quantile",
                "net total below 0.06 USD: the rest of the customers",
            ]
        );
        assert!(rule.assign(&people(&[])).unwrap_err().is_empty());
    }

    #[test]
    fn without_revenue_everybody_is_in_the_last_tier() {
        let rule = ValueTiers::cumulative(&[0.8]);
        for ties in [Ties::Upper, Ties::Lower] {
            let assigned = rule.clone().ties(ties).assign(&people(&[0, -5])).unwrap();
            assert_eq!(assigned.index(), [1, 1]);
            let rules: Vec<&str> = assigned.segments().iter().map(|segment| &*segment.rule).collect();
            assert_eq!(rules[0], "net total of nobody, as there is no revenue: completes 80 % of revenue");
            assert_eq!(rules[1], "net total anything: the rest of revenue");
        }
        assert!(rule.assign(&people(&[])).unwrap().is_empty());
    }

    #[test]
    fn senseless_tiers_are_refused() {
        let euro = Money::of_minor(1, Currency::EUR);
        for bad in [
            ValueTiers::cumulative(&[]),
            ValueTiers::cumulative(&[0.0]),
            ValueTiers::cumulative(&[0.95, 0.8]),
            ValueTiers::cumulative(&[0.5, 0.500_000_000_01]),
            ValueTiers::cumulative(&[f64::NAN]),
            ValueTiers::cumulative(&[1.1]),
            ValueTiers::quantiles(&[1.0]),
            ValueTiers::quantiles(&[0.5]).names(&["one"]),
            ValueTiers::quantiles(&[0.5]).names(&["one", "one"]),
            ValueTiers::quantiles(&[0.5]).ties(Ties::Split),
            ValueTiers::fixed(&[euro, euro]),
            ValueTiers::fixed(&[euro]),
        ] {
            assert!(bad.assign(&people(&[1, 2])).is_err(), "{bad:?}");
        }
    }
}
