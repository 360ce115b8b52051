//! What clustering found.

use super::{ClusterModel, LabelOrder, Labels, Points};
use crate::error::Error;

/// What was found among points: the model, without the points, and the label of each of them.
#[derive(Clone, PartialEq, Debug)]
pub struct Clustered<M> {
    /// What was learned.
    pub model: M,
    /// The cluster of each point learned from, in their order.
    pub labels: Labels,
}

impl<M: ClusterModel> Clustered<M> {
    /// A model, and the labels of the points it was learned from.
    pub fn new(model: M, labels: Labels) -> Self {
        Self { model, labels }
    }

    /// The same, behind the trait.
    pub fn boxed(self) -> Clustered<Box<dyn ClusterModel>>
    where
        M: 'static,
    {
        Clustered { model: Box::new(self.model), labels: self.labels }
    }

    /// Numbers the clusters in another order; `points` are those learned from.
    ///
    /// # Errors
    /// If the points are not of the number and width learned from, there is no such column, or the labels are not
    /// of the model.
    pub fn ordered(mut self, order: LabelOrder, points: &Points<'_>) -> Result<Self, Error> {
        self.check()?;
        points.check_width(self.model.width())?;
        if points.len() != self.labels.len() {
            return Err(Error::parameter("points", points.len(), "are not as many as were learned from"));
        }
        if let LabelOrder::Column(column) = order
            && column >= points.width()
        {
            return Err(Error::parameter("column", column, "is not one of the points"));
        }
        let numbers = self.labels.numbers_by(order, |column| means(points, &self.labels, column));
        self.renumber(&numbers);
        Ok(self)
    }

    /// Refuses labels that have other clusters than the model: a host may have put them together.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.labels.clusters() == self.model.clusters() {
            return Ok(());
        }
        Err(Error::parameter("labels", self.labels.clusters(), "have not as many clusters as the model"))
    }

    /// Gives cluster `c` the number `numbers[c]`, a permutation: the caller has checked.
    pub(crate) fn renumber(&mut self, numbers: &[usize]) {
        self.labels.renumber(numbers);
        self.model.renumber(numbers);
    }
}

/// The mean of a column in each cluster, weights aside.
fn means(points: &Points<'_>, labels: &Labels, column: usize) -> Vec<f64> {
    let mut means = vec![0.0; labels.clusters()];
    let sizes = labels.sizes();
    for (value, number) in points.rows().column(column).iter().zip(labels.iter()) {
        if let Some(number) = number {
            means[number] += value / sizes[number] as f64;
        }
    }
    means
}
