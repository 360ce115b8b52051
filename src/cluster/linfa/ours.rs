//! Our ways to cluster behind linfa's traits.

use linfa::{
    DatasetBase,
    traits::{Fit, PredictInplace, Transformer},
};
use ndarray::{Array1, ArrayBase, ArrayView2, Axis, Data, Ix2};

use crate::{
    cluster::{
        ClusterModel, Clustered, Dbscan, DbscanModel, Hdbscan, HdbscanModel, HierarchicalCut,
        HierarchicalModel, KMeans, KMeansModel, Labels, Points,
    },
    error::Error,
};

/// A way to cluster and what it learns.
trait Learn {
    type Model: ClusterModel;

    fn learn(&self, points: &Points<'_>) -> Result<Clustered<Self::Model>, Error>;

    fn labels(&self, records: ArrayView2<'_, f64>) -> Result<Array1<Option<usize>>, Error> {
        Ok(self.learn(&Points::new(records)?)?.labels.iter().collect())
    }
}

/// The label of each row; none where it cannot be placed.
fn predict(model: &dyn ClusterModel, records: ArrayView2<'_, f64>, labels: &mut Array1<Option<usize>>) {
    labels.fill(None);
    let finite = |&row: &usize| records.row(row).iter().all(|number| number.is_finite());
    let placed: Vec<usize> = (0..records.nrows().min(labels.len())).filter(finite).collect();
    let assign =
        |records: ArrayView2<'_, f64>| -> Result<Labels, Error> { model.assign(&Points::new(records)?) };
    let found = if placed.len() == records.nrows() {
        assign(records)
    } else {
        assign(records.select(Axis(0), &placed).view())
    };
    for (row, label) in placed.into_iter().zip(found.iter().flat_map(Labels::iter)) {
        labels[row] = label;
    }
}

/// Puts a way to cluster and its model behind linfa's traits: `|way, points|` learns.
macro_rules! offer {
    ($way:ty => $model:ty, |$self:ident, $points:ident| $learn:expr) => {
        impl Learn for $way {
            type Model = $model;

            fn learn(&self, $points: &Points<'_>) -> Result<Clustered<$model>, Error> {
                let $self = self;
                $learn
            }
        }

        impl<D: Data<Elem = f64>, T> Fit<ArrayBase<D, Ix2>, T, Error> for $way {
            type Object = $model;

            fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<$model, Error> {
                let points = Points::new(dataset.records().view())?;
                let weights: Option<Vec<f64>> =
                    dataset.weights().map(|weights| weights.iter().copied().map(f64::from).collect());
                let found = match &weights {
                    Some(weights) => self.learn(&points.weighted(weights)?),
                    None => self.learn(&points),
                };
                Ok(found?.model)
            }
        }

        impl<D: Data<Elem = f64>> Transformer<&ArrayBase<D, Ix2>, Result<Array1<Option<usize>>, Error>>
            for $way
        {
            fn transform(&self, records: &ArrayBase<D, Ix2>) -> Result<Array1<Option<usize>>, Error> {
                self.labels(records.view())
            }
        }

        impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<Option<usize>>> for $model {
            fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, labels: &mut Array1<Option<usize>>) {
                predict(self, records.view(), labels);
            }

            fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<Option<usize>> {
                Array1::from_elem(records.nrows(), None)
            }
        }
    };
}

offer!(HierarchicalCut => HierarchicalModel, |way, points| way.fit(points));
offer!(KMeans => KMeansModel, |way, points| way.fit(points));
offer!(Dbscan => DbscanModel, |way, points| Ok(way.fit(points)?.clustered));
offer!(Hdbscan => HdbscanModel, |way, points| Ok(way.fit(points)?.clustered));
