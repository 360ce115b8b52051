//! Prototypes as they are kept.

use ndarray::{Array2, ArrayView2};

use super::{MixedPoints, search::Found, start::Prototypes, table::Table, without_empty};
use crate::{cluster::Labels, error::Error, model::Stop};

/// What [`KPrototypes`](super::KPrototypes) learned. A point is assigned to the nearest prototype; of several as near,
/// to that of the lowest number.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "super::saved::Saved", try_from = "super::saved::Saved"))]
pub struct KPrototypesModel {
    /// Of shape `(clusters, columns)`, of which there may be none.
    pub(super) means: Array2<f64>,
    pub(super) modes: Vec<Vec<u32>>,
    pub(super) gamma: f64,
    pub(super) cost: f64,
    pub(super) steps: u32,
    pub(super) stop: Stop,
}

impl KPrototypesModel {
    /// The model and the labels, without clusters that are empty.
    pub(super) fn of(found: &Found, prototypes: &Prototypes, gamma: f64) -> (Self, Labels) {
        let (labels, kept) = without_empty(&found.labels, prototypes.len());
        let width = prototypes.means.first().map_or(0, Vec::len);
        let means =
            Array2::from_shape_fn((kept.len(), width), |(row, column)| prototypes.means[kept[row]][column]);
        let modes = kept.iter().map(|&cluster| prototypes.modes[cluster].clone()).collect();
        let &Found { cost, steps, stop, .. } = found;
        (Self { means, modes, gamma, cost, steps, stop }, labels)
    }

    /// Number of clusters.
    pub fn clusters(&self) -> usize {
        self.modes.len()
    }

    /// The mean of each cluster, of shape `(clusters, columns of numbers)`.
    pub fn means(&self) -> ArrayView2<'_, f64> {
        self.means.view()
    }

    /// For each cluster the commonest code of each column, [`MixedPoints::MISSING`] where none of its points has one.
    pub fn modes(&self) -> &[Vec<u32>] {
        &self.modes
    }

    /// How much a category that differs weighs.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// The sum of the distances of the points learned from to their prototypes, times their weights.
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// How many steps the search took.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// How the search ended.
    pub fn stop(&self) -> Stop {
        self.stop
    }

    /// The cluster of each point. One that is as near to two clusters may have another label from the search, in
    /// which they had other numbers.
    ///
    /// # Errors
    /// If the points have not as many columns of numbers and of categories as those learned from.
    pub fn assign(&self, points: &MixedPoints<'_>) -> Result<Labels, Error> {
        let (numbers, categories) = points.widths();
        let rule = "is not the number of columns learned from";
        if numbers != self.means.ncols() {
            return Err(Error::parameter("columns of numbers", numbers, rule));
        }
        if self.modes.iter().any(|modes| modes.len() != categories) {
            return Err(Error::parameter("columns of categories", categories, rule));
        }
        let nearest = Table::plain(points).nearest(&Prototypes::given(&self.means, &self.modes), self.gamma);
        Ok(Labels::of_valid(self.clusters(), nearest.into_iter().map(|(number, _)| number).collect()))
    }

    /// Gives cluster `c` the number `numbers[c]`, a permutation.
    pub(super) fn renumber(&mut self, numbers: &[usize]) {
        let old = self.clone();
        for (from, &to) in numbers.iter().enumerate() {
            self.means.row_mut(to).assign(&old.means.row(from));
            self.modes[to].clone_from(&old.modes[from]);
        }
    }
}
