//! One model, judged in one call.

use std::fmt;

use super::{
    auc::Auc,
    gain::{Gain, Grade},
    outcomes::Outcomes,
    recalibration::Recalibration,
    reliability::Bins,
};
use crate::error::Error;

/// How good the probabilities of a model were.
///
/// It shows itself as a small table.
///
/// # Example
/// ```
/// use patronage::churn::{Grade, Outcomes};
///
/// let probabilities = [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.9];
/// let churned = [false, false, false, true, false, true, false, true];
/// let judgement = Outcomes::new(&probabilities, &churned)?.judge()?;
/// assert_eq!(judgement.auc.value(), 12.0 / 15.0);
/// assert_eq!(judgement.grade, Grade::Excellent);
/// println!("{judgement}");
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Judgement {
    /// The weight of the customers it was judged by: their number, without weights.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub customers: f64,
    /// The weight of those who churned.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub churned: f64,
    /// Whether those who churned were ranked before those who stayed: [`Outcomes::auc`].
    pub auc: Auc,
    /// [`Outcomes::average_precision`].
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub average_precision: f64,
    /// [`Outcomes::log_loss`].
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub log_loss: f64,
    /// [`Outcomes::brier`].
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub brier: f64,
    /// [`Outcomes::calibration_error`] over ten bins of equal width.
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub calibration_error: f64,
    /// [`Outcomes::recalibration`]; `None` where there is no slope.
    pub recalibration: Option<Recalibration>,
    /// [`Outcomes::deciles`].
    pub deciles: Vec<Gain>,
    /// [`Outcomes::lift_quality`].
    #[cfg_attr(feature = "serde", serde(with = "super::saved::exact"))]
    pub lift_quality: f64,
    /// The grade of that.
    pub grade: Grade,
}

impl Outcomes {
    /// Judges the probabilities by every measure.
    ///
    /// # Errors
    /// If nobody churned or nobody stayed.
    pub fn judge(&self) -> Result<Judgement, Error> {
        let lift_quality = self.lift_quality()?;
        Ok(Judgement {
            customers: self.customers(),
            churned: self.churned(),
            auc: self.auc()?,
            average_precision: self.average_precision()?,
            log_loss: self.log_loss(),
            brier: self.brier(),
            calibration_error: self.calibration_error(Bins::default())?,
            recalibration: self.recalibration().ok(),
            deciles: self.deciles()?,
            lift_quality,
            grade: Grade::of(lift_quality),
        })
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = 100.0 * self.churned / self.customers;
        writeln!(f, "customers          {}, of whom {} churned ({rate:.1} %)", self.customers, self.churned)?;
        writeln!(f, "AUC                {}", self.auc)?;
        writeln!(f, "average precision  {:.4}", self.average_precision)?;
        writeln!(f, "log loss           {:.4}", self.log_loss)?;
        writeln!(f, "Brier score        {:.4}", self.brier)?;
        writeln!(f, "calibration error  {:.4}", self.calibration_error)?;
        match &self.recalibration {
            Some(found) => {
                let Recalibration { intercept, slope, .. } = found;
                writeln!(f, "calibration slope  {slope:.3}, intercept {intercept:.3}")?;
            }
            None => writeln!(f, "calibration slope  none")?,
        }
        if let Some(top) = self.deciles.first() {
            writeln!(f, "lift of top tenth  {:.2}", top.lift)?;
        }
        write!(f, "lift quality       {:.1} % ({})", 100.0 * self.lift_quality, self.grade)
    }
}
