//! Clustering of column files, for the script in `benches/peers/`.
//!
//! `DIR/points.f64` has one coordinate of all points after the other, `shape.u32` their number and width,
//! `settings.f64` what the task needs: k, or eps and the least points, or the least size of a cluster.

#![allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "settings are counts, and clusters few"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use ndarray::{Array2, ArrayView2, ShapeBuilder};
use patronage::cluster::{
    Dbscan, Hdbscan, Hierarchical, KMeans, Labels, Linkage, PointKind, Points, Silhouette,
};

use super::{Timing, read, time, write};

type Failure = Box<dyn std::error::Error>;

/// `None` if the task is not one of these.
pub(crate) fn run(directory: &Path, task: &str, runs: usize) -> Option<Result<(), Failure>> {
    let work: fn(&Task) -> Result<(), Failure> = match task {
        "k_means" => Task::k_means,
        #[cfg(feature = "linfa")]
        "k_means_linfa" => Task::k_means_linfa,
        "dbscan" => Task::dbscan,
        "hdbscan" => Task::hdbscan,
        "ward" => Task::ward,
        "silhouette" => Task::silhouette,
        _ => return None,
    };
    Some(Task::read(directory, task, runs).and_then(|task| work(&task)))
}

struct Task {
    directory: PathBuf,
    name: String,
    runs: usize,
    points: Array2<f64>,
    settings: Vec<f64>,
}

impl Task {
    fn read(directory: &Path, name: &str, runs: usize) -> Result<Self, Failure> {
        let shape = read(&directory.join("shape.u32"), u32::from_le_bytes)?;
        let [rows, width] = shape[..] else { return Err("a shape is two numbers".into()) };
        let values = read(&directory.join("points.f64"), f64::from_le_bytes)?;
        let points = Array2::from_shape_vec((rows as usize, width as usize).f(), values)?;
        let settings = read(&directory.join("settings.f64"), f64::from_le_bytes)?;
        Ok(Self { directory: directory.to_owned(), name: name.to_owned(), runs, points, settings })
    }

    fn setting(&self, number: usize) -> Result<f64, Failure> {
        Ok(*self.settings.get(number).ok_or("a setting is missing")?)
    }

    fn start(&self) -> Result<Array2<f64>, Failure> {
        let values = read(&self.directory.join("start.f64"), f64::from_le_bytes)?;
        let width = self.points.ncols();
        Ok(ArrayView2::from_shape((values.len() / width, width), &values)?.to_owned())
    }

    fn k_means(&self) -> Result<(), Failure> {
        let way = KMeans::starting_at(self.start()?).tolerance(0.0).max_steps(10_000);
        let (found, timing) = time(self.runs, || way.fit(&Points::new(self.points.view())?))?;
        self.write("value.f64", [found.model.inertia().to_le_bytes()])?;
        self.finish(&found.labels, &timing)
    }

    /// linfa's own, with what it takes for tolerance as small as it takes.
    #[cfg(feature = "linfa")]
    fn k_means_linfa(&self) -> Result<(), Failure> {
        use linfa::{
            DatasetBase,
            traits::{Fit, Predict},
        };
        use linfa_clustering::{KMeans, KMeansInit};

        let start = self.start()?;
        // It takes rows that are contiguous.
        let rows = self.points.as_standard_layout().into_owned();
        let data = DatasetBase::from(rows);
        let way = KMeans::params(start.nrows())
            .init_method(KMeansInit::Precomputed(start))
            .n_runs(1)
            .max_n_iterations(10_000)
            .tolerance(1e-9);
        let ((model, labels), timing) = time(self.runs, || -> Result<_, Failure> {
            let model = way.fit(&data)?;
            let labels = model.predict(&data.records);
            Ok((model, labels))
        })?;
        let centroids = model.centroids();
        let inertia = data.records.rows().into_iter().zip(&labels).map(|(row, &label)| {
            row.iter().zip(centroids.row(label)).map(|(x, c)| (x - c) * (x - c)).sum::<f64>()
        });
        self.write("value.f64", [inertia.sum::<f64>().to_le_bytes()])?;
        let numbers: Vec<_> = labels.iter().map(|&label| Some(label)).collect();
        self.finish(&Labels::new(centroids.nrows(), &numbers)?, &timing)
    }

    fn dbscan(&self) -> Result<(), Failure> {
        let way = Dbscan::new(self.setting(0)?, self.setting(1)? as usize);
        let (found, timing) = time(self.runs, || way.fit(&Points::new(self.points.view())?))?;
        let core = found.kinds().iter().map(|&kind| [u8::from(kind == PointKind::Core)]);
        self.write("core.u8", core)?;
        self.finish(&found.clustered.labels, &timing)
    }

    fn hdbscan(&self) -> Result<(), Failure> {
        let way = Hdbscan::new(self.setting(0)? as usize);
        let (found, timing) = time(self.runs, || way.fit(&Points::new(self.points.view())?))?;
        self.finish(found.labels(), &timing)
    }

    fn ward(&self) -> Result<(), Failure> {
        let way = Hierarchical::new(Linkage::Ward);
        let (tree, timing) = time(self.runs, || way.tree(&Points::new(self.points.view())?))?;
        self.write("heights.f64", tree.heights().map(f64::to_le_bytes))?;
        timing.print(&self.name, self.points.nrows(), &self.out());
        Ok(())
    }

    fn silhouette(&self) -> Result<(), Failure> {
        let labels = read(&self.directory.join("labels.u32"), u32::from_le_bytes)?;
        let clusters = labels.iter().max().map_or(0, |&last| last as usize + 1);
        let numbers: Vec<_> = labels.iter().map(|&label| Some(label as usize)).collect();
        let labels = Labels::new(clusters, &numbers)?;
        let (found, timing) = time(self.runs, || Silhouette::of(&Points::new(self.points.view())?, &labels))?;
        self.write("value.f64", [found.mean().to_le_bytes()])?;
        timing.print(&self.name, self.points.nrows(), &self.out());
        Ok(())
    }

    fn out(&self) -> PathBuf {
        self.directory.join(format!("ours-{}", self.name))
    }

    fn write<const N: usize>(
        &self,
        file: &str,
        values: impl IntoIterator<Item = [u8; N]>,
    ) -> Result<(), Failure> {
        fs::create_dir_all(self.out())?;
        Ok(write(&self.out().join(file), values.into_iter())?)
    }

    fn finish(&self, labels: &Labels, timing: &Timing) -> Result<(), Failure> {
        let number = |label: Option<usize>| label.map_or(-1, |label| label as i32);
        self.write("labels.i32", labels.iter().map(|label| number(label).to_le_bytes()))?;
        timing.print(&self.name, self.points.nrows(), &self.out());
        Ok(())
    }
}
