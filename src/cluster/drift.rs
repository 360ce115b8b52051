//! Whether groups that were found once still fit later customers.

use std::fmt;

use super::{Labels, Points};
use crate::{
    domain::Day,
    error::{Error, ErrorKind},
    feature::{Baseline, Features, LARGE_SHIFT, SOME_SHIFT, Shift, smooth_shares, stability_index},
};

/// What the clusters and their features were like when they were learned: the yardstick for later customers. It
/// holds no customer.
#[derive(Clone, PartialEq, Debug)]
pub struct ClusterBaseline {
    features: Baseline,
    /// Rows in each cluster, and noise last.
    counts: Vec<u64>,
    /// The mean of each cluster by feature, and the root mean square distance from it.
    centres: Vec<(Vec<f64>, f64)>,
}

/// How far later customers have drifted from those that the clusters were learned from.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Drift {
    /// The day of the baseline.
    pub since: Day,
    /// The day of the later customers.
    pub as_of: Day,
    /// The population stability index of each feature.
    pub features: Vec<Shift>,
    /// The population stability index of the shares of the clusters, noise among them.
    pub shares: f64,
    /// Each cluster, by its number.
    pub clusters: Vec<ClusterDrift>,
}

/// How one cluster has changed.
#[derive(Clone, Copy, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ClusterDrift {
    /// Its share of all customers then, from 0 to 1.
    pub share_then: f64,
    /// Its share now.
    pub share_now: f64,
    /// How far its mean has moved, in root mean square distances of its members from their mean then; `None`
    /// where nobody is in it now, or all were alike then.
    pub centroid_shift: Option<f64>,
}

/// What drift means for the clusters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum DriftGrade {
    /// Every index is below [`SOME_SHIFT`]: go on.
    Stable,
    /// Some index is from there to [`LARGE_SHIFT`]: look at the features and clusters that moved.
    Shifting,
    /// Some index is above: learn the clusters anew, and match them to these.
    Shifted,
}

impl ClusterBaseline {
    /// Keeps what the clusters and the features they were found by are like; `scaled` as they were clustered.
    ///
    /// # Errors
    /// If there is no row, a value is missing, the labels are not one a row, or the square of a distance is too
    /// large a number.
    pub fn of(scaled: &Features, labels: &Labels) -> Result<Self, Error> {
        let points = checked(scaled, labels)?;
        let spread = |(cluster, centre): (usize, Vec<f64>)| {
            let radius = radius(&points, labels, cluster, &centre);
            (centre, radius)
        };
        let centres: Vec<_> = centres(&points, labels).into_iter().enumerate().map(spread).collect();
        if centres.iter().any(|(_, radius)| !radius.is_finite()) {
            return Err(ErrorKind::Overflow { what: "distance from the mean of a cluster" }.into());
        }
        Ok(Self { features: Baseline::of(scaled)?, counts: counts(labels), centres })
    }

    /// Holds later customers against the baseline: `labels` are those the model assigned to `scaled`, which the
    /// scaling learned then has scaled.
    ///
    /// # Errors
    /// As [`of`](Self::of), and if the features or the number of clusters differ from those of the baseline.
    pub fn drift(&self, scaled: &Features, labels: &Labels) -> Result<Drift, Error> {
        let points = checked(scaled, labels)?;
        if labels.clusters() != self.centres.len() {
            return Err(Error::parameter(
                "clusters",
                labels.clusters(),
                "are not as many as in the baseline",
            ));
        }
        let features = self.features.shifts(scaled)?;
        let now = counts(labels);
        let share =
            |counts: &[u64], cluster: usize| counts[cluster] as f64 / counts.iter().sum::<u64>() as f64;
        let moved = centres(&points, labels);
        let cluster = |(cluster, (centre, radius)): (usize, &(Vec<f64>, f64))| {
            let shift = distance(centre, &moved[cluster]) / radius;
            ClusterDrift {
                share_then: share(&self.counts, cluster),
                share_now: share(&now, cluster),
                centroid_shift: Some(shift).filter(|shift| shift.is_finite() && now[cluster] > 0),
            }
        };
        Ok(Drift {
            since: self.features.as_of(),
            as_of: scaled.as_of(),
            features,
            shares: stability_index(&smooth_shares(&self.counts), &smooth_shares(&now)),
            clusters: self.centres.iter().enumerate().map(cluster).collect(),
        })
    }
}

impl Drift {
    /// The largest population stability index of any feature and of the shares, graded.
    pub fn grade(&self) -> DriftGrade {
        let largest = self.features.iter().fold(self.shares, |most, shift| most.max(shift.index));
        if largest >= LARGE_SHIFT {
            DriftGrade::Shifted
        } else if largest >= SOME_SHIFT {
            DriftGrade::Shifting
        } else {
            DriftGrade::Stable
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade() {
            DriftGrade::Stable => "stable",
            DriftGrade::Shifting => "shifting",
            DriftGrade::Shifted => "shifted: learn the clusters anew",
        };
        writeln!(f, "from {} to {}: {grade}", self.since, self.as_of)?;
        for shift in &self.features {
            writeln!(f, "  {}: stability index {:.3}", shift.name, shift.index)?;
        }
        writeln!(f, "  shares of clusters: stability index {:.3}", self.shares)?;
        for (number, cluster) in self.clusters.iter().enumerate() {
            let (then, now) = (100.0 * cluster.share_then, 100.0 * cluster.share_now);
            write!(f, "  cluster {number}: {then:.1} % then, {now:.1} % now")?;
            match cluster.centroid_shift {
                Some(shift) => writeln!(f, ", centroid moved by {shift:.2} radii")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

fn checked<'a>(scaled: &'a Features, labels: &Labels) -> Result<Points<'a>, Error> {
    let points = Points::of(scaled)?;
    if labels.len() == points.len() {
        return Ok(points);
    }
    Err(ErrorKind::Length { what: "labels", expected: points.len(), found: labels.len() }.into())
}

/// Rows in each cluster, and noise last.
fn counts(labels: &Labels) -> Vec<u64> {
    let mut counts = labels.sizes();
    counts.push(labels.noise());
    counts
}

/// The mean of each cluster; of an empty one 0.
fn centres(points: &Points<'_>, labels: &Labels) -> Vec<Vec<f64>> {
    let mut centres = vec![vec![0.0; points.width()]; labels.clusters()];
    let sizes = labels.sizes();
    for (column, values) in points.columns().iter().enumerate() {
        for (value, cluster) in values.iter().zip(labels.iter()) {
            if let Some(cluster) = cluster {
                centres[cluster][column] += value / sizes[cluster] as f64;
            }
        }
    }
    centres
}

/// The root mean square distance of the members of a cluster from its mean.
fn radius(points: &Points<'_>, labels: &Labels, cluster: usize, centre: &[f64]) -> f64 {
    let rows = points.rows();
    let members = labels.iter().zip(rows.rows()).filter(|(label, _)| *label == Some(cluster));
    let square = |value: &f64, centre: &f64| (value - centre).powi(2);
    let squares = members.map(|(_, row)| row.iter().zip(centre).map(|(x, c)| square(x, c)).sum::<f64>());
    let (sum, count) = squares.fold((0.0, 0.0), |(sum, count), square| (sum + square, count + 1.0));
    if count > 0.0 { (sum / count).sqrt() } else { 0.0 }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(feature = "serde")]
mod saved {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::ClusterBaseline;
    use crate::{
        domain::saved::{Exact, SchemaVersion},
        error::Error,
        feature::Baseline,
    };

    #[derive(Serialize, Deserialize)]
    struct Saved<B> {
        schema: SchemaVersion<1>,
        features: B,
        counts: Vec<u64>,
        centres: Vec<(Vec<Exact>, Exact)>,
    }

    impl Serialize for ClusterBaseline {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let centre = |(centre, radius): &(Vec<f64>, f64)| {
                (centre.iter().copied().map(Exact).collect(), Exact(*radius))
            };
            Saved {
                schema: SchemaVersion,
                features: &self.features,
                counts: self.counts.clone(),
                centres: self.centres.iter().map(centre).collect(),
            }
            .serialize(to)
        }
    }

    impl<'de> Deserialize<'de> for ClusterBaseline {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let saved = Saved::<Baseline>::deserialize(from)?;
            let width = saved.features.width();
            let fits = saved.counts.len() == saved.centres.len() + 1
                && saved.centres.iter().all(|(centre, radius)| centre.len() == width && radius.0 >= 0.0);
            if !fits {
                let clusters = saved.centres.len();
                let refused = Error::parameter("saved clusters", clusters, "do not fit their features");
                return Err(D::Error::custom(refused));
            }
            let centre = |(centre, radius): (Vec<Exact>, Exact)| {
                (centre.into_iter().map(|real| real.0).collect(), radius.0)
            };
            let centres = saved.centres.into_iter().map(centre).collect();
            Ok(Self { features: saved.features, counts: saved.counts, centres })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CustomerId, Customers};

    /// Two groups, `low` customers about 0 and `high` about 10, all of them so far to the right.
    fn shop(low: usize, high: usize, right: f64) -> (Features, Labels) {
        let wave = |row: usize| (row % 5) as f64 - 2.0;
        let values = (0..low).map(|row| Some(wave(row) + right));
        let values = values.chain((0..high).map(|row| Some(10.0 + wave(row) + right))).collect();
        let people: Customers = (0..(low + high) as u64).map(CustomerId::from).collect();
        let table = Features::new(people, Day::default(), [("x".to_owned(), values)]).unwrap();
        let labels: Vec<_> = (0..low + high).map(|row| Some(usize::from(row >= low))).collect();
        (table, Labels::new(2, &labels).unwrap())
    }

    #[test]
    fn the_same_customers_have_not_drifted() {
        let (table, labels) = shop(60, 40, 0.0);
        let drift = ClusterBaseline::of(&table, &labels).unwrap().drift(&table, &labels).unwrap();
        assert_eq!((drift.shares, drift.features[0].index, drift.grade()), (0.0, 0.0, DriftGrade::Stable));
        let same = ClusterDrift { share_then: 0.6, share_now: 0.6, centroid_shift: Some(0.0) };
        assert_eq!(drift.clusters[0], same);
    }

    #[test]
    fn shares_and_centroids_that_move_are_seen() {
        let (table, labels) = shop(60, 40, 0.0);
        let baseline = ClusterBaseline::of(&table, &labels).unwrap();
        let (later, labels) = shop(30, 70, 0.5);
        let drift = baseline.drift(&later, &labels).unwrap();
        // By hand: p = (60.5, 40.5, 0.5)/101.5, q = (30.5, 70.5, 0.5)/101.5.
        let known = 30.0 / 101.5 * ((60.5_f64 / 30.5).ln() + (70.5_f64 / 40.5).ln());
        assert!((drift.shares - known).abs() < 1e-12);
        // The values -2..2 lie sqrt(2) from their mean, in the root of the mean square.
        for cluster in &drift.clusters {
            assert!((cluster.centroid_shift.unwrap() - 0.5 / 2.0_f64.sqrt()).abs() < 1e-12);
        }
        assert_eq!(drift.grade(), DriftGrade::Shifted);
        assert!(drift.to_string().contains("cluster 1: 40.0 % then, 70.0 % now"));
    }

    #[test]
    fn an_empty_cluster_has_no_centroid() {
        let (table, labels) = shop(60, 40, 0.0);
        let baseline = ClusterBaseline::of(&table, &labels).unwrap();
        let (later, _) = shop(50, 0, 0.0);
        let drift = baseline.drift(&later, &Labels::new(2, &[Some(0); 50]).unwrap()).unwrap();
        assert_eq!(drift.clusters[1].centroid_shift, None);
        assert!(baseline.drift(&later, &Labels::new(1, &[Some(0); 50]).unwrap()).is_err());
        assert!(baseline.drift(&later, &labels).is_err());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_baseline_is_read_as_it_was_saved() {
        let (table, labels) = shop(7, 5, 0.1);
        let baseline = ClusterBaseline::of(&table, &labels).unwrap();
        let json = serde_json::to_string(&baseline).unwrap();
        let first = include_str!("../../tests/golden/cluster_baseline-1.json").trim_end();
        assert_eq!(json, first);
        assert_eq!(serde_json::from_str::<ClusterBaseline>(first).unwrap(), baseline);
        let newer = first.replacen(r#""schema":1"#, r#""schema":2"#, 1);
        assert!(
            serde_json::from_str::<ClusterBaseline>(&newer).unwrap_err().to_string().contains("schema 2")
        );
        let cut = json.replace(r#""counts":[7,5,0]"#, r#""counts":[7,5]"#);
        assert!(serde_json::from_str::<ClusterBaseline>(&cut).is_err());
    }
}
