//! A scaling that was learned.

use ndarray::{Array2, ArrayView2};

use super::learned::{LearnedStep, ScaledColumn, each_block, refused};
use crate::{
    domain::Day,
    error::{Error, ErrorKind},
    feature::{Features, names},
};

/// What a [`Scaling`](super::Scaling) learned from customers. It holds no customer.
///
/// It scales tables with columns of the names it learned from, and turns scaled values back to the original units.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "super::saved::Saved", into = "super::saved::Saved"))]
pub struct Scaler {
    pub(super) as_of: Day,
    pub(super) customers: u64,
    pub(super) columns: Vec<ScaledColumn>,
}

impl Scaler {
    /// The day as of which it was learned.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// How many customers it was learned from.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// What was learned from a column, step by step; `None` if it is not here.
    pub fn steps(&self, name: &str) -> Option<&[LearnedStep]> {
        self.columns.iter().find(|column| column.name == name).map(|column| column.steps.as_slice())
    }

    /// Columns in which a step found no spread, and so left their scale as it was. They tell customers apart little or
    /// not at all.
    pub fn constant(&self) -> impl Iterator<Item = &str> {
        let constant = |column: &&ScaledColumn| column.steps.iter().any(LearnedStep::is_constant);
        self.columns.iter().filter(constant).map(|column| column.name.as_str())
    }

    /// Scales the customers of a table. The columns come out in the order learned; what is missing stays missing.
    ///
    /// # Errors
    /// If a column learned from is not there, or one is that was not learned from; if a value cannot be scaled: the
    /// error names its row and column.
    pub fn apply(&self, features: &Features) -> Result<Features, Error> {
        let places = names::places(&features.names, self.names())?;
        let mut values = vec![0.0; features.values.len()];
        let scaled = values.chunks_mut(features.len().max(1));
        for ((column, place), scaled) in self.columns.iter().zip(places).zip(scaled) {
            let original = features.column_at(place);
            each_block(scaled, |start, block| {
                block.copy_from_slice(&original[start..][..block.len()]);
                column.apply(block)
            })
            .map_err(|fault| refused(fault.at, original[fault.at], &column.name, fault.rule))?;
        }
        Ok(Features {
            as_of: features.as_of,
            customers: features.customers.clone(),
            names: self.names().map(str::to_owned).collect(),
            values,
        })
    }

    /// Turns rows in scaled units, such as centroids, back to the original ones: of shape `(rows, columns)`, the columns
    /// as [`names`](Self::names) has them. A rank becomes a quantile.
    ///
    /// # Errors
    /// If there are not as many columns as were learned from, a number is not finite, or one cannot be turned back.
    pub fn invert(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        if rows.ncols() != self.width() {
            return Err(Error::parameter(
                "columns",
                rows.ncols(),
                "is not the number of columns learned from",
            ));
        }
        let mut back = Array2::zeros(rows.dim());
        for ((column, scaled), mut original) in
            self.columns.iter().zip(rows.columns()).zip(back.columns_mut())
        {
            let mut values = scaled.to_vec();
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return Err(refused(row, values[row], &column.name, "must be finite"));
            }
            each_block(&mut values, |_, block| column.invert(block))
                .map_err(|fault| refused(fault.at, scaled[fault.at], &column.name, fault.rule))?;
            original.iter_mut().zip(values).for_each(|(original, value)| *original = value);
        }
        Ok(back)
    }

    /// Turns one scaled value of a column back to its original unit.
    ///
    /// # Errors
    /// If there is no column of that name, or the value is not finite or cannot be turned back.
    pub fn invert_value(&self, name: &str, scaled: f64) -> Result<f64, Error> {
        let column = self.columns.iter().find(|column| column.name == name).ok_or_else(|| {
            let present = self.names().collect::<Vec<_>>().join(", ");
            Error::from(ErrorKind::MissingColumn { name: name.to_owned(), present })
        })?;
        let rule = |rule| Error::parameter("scaled value", scaled, rule);
        if !scaled.is_finite() {
            return Err(rule("must be finite"));
        }
        let mut value = [scaled];
        column.invert(&mut value).map_err(|fault| rule(fault.rule))?;
        Ok(value[0])
    }
}
