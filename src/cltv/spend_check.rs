//! Whether spend may be modelled apart from how often one buys.

use super::{distinct::Distinct, search::Evidence};
use crate::{
    math::special::normal_cdf,
    summary::{Spend, Spends},
};

/// Whom [`GammaGamma`](super::GammaGamma) uses and leaves out, and whether those who buy often spend more
/// or less on a purchase than others, which it takes not to be so.
///
/// Customers are counted by their weights.
///
/// # Example
/// ```
/// use patronage::{cltv::SpendCheck, domain::Currency, summary::SpendTable};
///
/// let means = [22.0, 12.0, 74.0, 0.0, 0.0, 40.0];
/// let people = SpendTable::from_columns(Currency::USD, &[2, 1, 7, 0, 3, 4], &means)?;
/// let check = SpendCheck::of(&people);
/// assert_eq!((check.used(), check.without_repeats(), check.not_positive()), (4.0, 1.0, 1.0));
/// assert!(check.correlation().is_some_and(|correlation| correlation > SpendCheck::NOTABLE));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SpendCheck {
    used: f64,
    without_repeats: f64,
    not_positive: f64,
    correlation: Option<f64>,
}

impl SpendCheck {
    /// A correlation of this size, either way, is more than the model can overlook: a medium effect (Cohen
    /// 1988).
    pub const NOTABLE: f64 = 0.3;

    /// Looks at all customers.
    pub fn of(people: &dyn Spends) -> Self {
        Self::used_of(people).0
    }

    /// The same, and the customers used.
    pub(super) fn used_of(people: &dyn Spends) -> (Self, Distinct<Spend>) {
        let all = Distinct::of_spends(people);
        let without_repeats = all.sum(|spend| f64::from(u8::from(spend.purchases() == 0)));
        let everyone = all.customers();
        let used = all.only(|spend| spend.purchases() > 0 && spend.mean() > 0.0);
        let customers = used.customers();
        let check = Self {
            used: customers,
            without_repeats,
            not_positive: (everyone - without_repeats - customers).max(0.0),
            correlation: correlation(&used),
        };
        (check, used)
    }

    /// Customers with repeat purchases whose mean is above 0.
    pub fn used(&self) -> f64 {
        self.used
    }

    /// Customers left out because they did not come back.
    pub fn without_repeats(&self) -> f64 {
        self.without_repeats
    }

    /// Customers left out because the mean of their repeat purchases is 0 or below.
    pub fn not_positive(&self) -> f64 {
        self.not_positive
    }

    /// Pearson's correlation of the number of repeat purchases with their mean amount, from -1 to 1, over
    /// the customers used. `None` if all of them are alike in one of the two.
    pub fn correlation(&self) -> Option<f64> {
        self.correlation
    }

    /// How likely a correlation at least as large is where there is none, by Fisher's transformation (1915).
    /// `None` with at most three customers. Among many customers a small correlation is unlikely too: look
    /// at its size first.
    pub fn p_value(&self) -> Option<f64> {
        let correlation = self.correlation.filter(|_| self.used > 3.0)?;
        Some(2.0 * normal_cdf(-correlation.abs().atanh() * (self.used - 3.0).sqrt()))
    }
}

fn correlation(used: &Distinct<Spend>) -> Option<f64> {
    let customers = used.customers();
    let x = |spend: &Spend| f64::from(spend.purchases());
    let (mean_x, mean_z) = (used.sum(x) / customers, used.sum(Spend::mean) / customers);
    let squares =
        used.sum(|spend| (x(spend) - mean_x).powi(2)) * used.sum(|spend| (spend.mean() - mean_z).powi(2));
    let products = used.sum(|spend| (x(spend) - mean_x) * (spend.mean() - mean_z));
    let correlation = products / squares.sqrt();
    correlation.is_finite().then(|| correlation.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::Currency, summary::SpendTable};

    #[test]
    fn the_correlation_is_that_of_the_definition() {
        let check = |purchases: &[u32], means: &[f64]| {
            SpendCheck::of(&SpendTable::from_columns(Currency::USD, purchases, means).unwrap())
        };
        // Anscombe's first quartet (1973), whose correlation is printed as 0.816; two rows are left out.
        let x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5, 0, 3];
        let z = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68, 0.0, -1.0];
        let quartet = check(&x, &z);
        assert!((quartet.correlation().unwrap() - 0.816).abs() < 5e-4);
        assert_eq!((quartet.used(), quartet.without_repeats(), quartet.not_positive()), (11.0, 1.0, 1.0));
        // 2 Phi(-atanh(r) sqrt(8)), r = 0.81642051634484: mpmath.
        assert!((quartet.p_value().unwrap() - 0.001_210_9).abs() < 1e-4);

        assert_eq!(check(&[1, 2, 3, 4], &[4.0, 3.0, 2.0, 1.0]).correlation(), Some(-1.0));
        assert_eq!(check(&[1, 2, 3, 4], &[5.0; 4]).correlation(), None);
        assert_eq!(check(&[], &[]).correlation(), None);
    }
}
