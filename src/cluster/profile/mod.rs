//! What each cluster is like, in the units of the business.

mod medoid;
mod rule;
mod text;
mod words;

pub use self::{
    rule::{Bound, Condition, Rule},
    words::Words,
};

use super::{Labels, Points};
use crate::{
    domain::{CustomerId, Day, People},
    error::{Error, ErrorKind},
    feature::Features,
    math::{
        parallel,
        quantile::{Share, encode, quantiles},
    },
};

/// A difference below this many standard deviations sets no cluster apart: half of one is a medium effect
/// (Cohen 1988).
pub const MEDIUM_EFFECT: f64 = 0.5;

/// Every cluster described: how large, what is typical, what sets it apart, who stands for it, and a short rule.
///
/// It holds the ids of the medoid customers, and can forget them.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Profiles {
    as_of: Day,
    features: Vec<String>,
    clusters: Vec<ClusterProfile>,
    noise: u64,
}

/// One cluster described. Features are in the order of [`Profiles::features`].
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ClusterProfile {
    /// Customers in it, at least 1.
    pub size: u64,
    /// Their share of all customers, noise among them, from 0 to 1.
    pub share: f64,
    /// The median of each feature in its own unit; `None` where no value is known.
    pub medians: Vec<Option<f64>>,
    /// For each scaled feature the mean of the cluster less the mean of all other customers, in standard
    /// deviations of all: beyond [`MEDIUM_EFFECT`] it sets the cluster apart.
    pub differences: Vec<f64>,
    /// The customer nearest to all others of the cluster, by the sum of distances in scaled features.
    /// `None` once that customer was forgotten.
    pub medoid: Option<CustomerId>,
    /// A rule in the units of the features that comes close to the cluster.
    pub rule: Rule,
}

impl Profiles {
    /// Describes the clusters of `labels`: medians and rules by `features`, in their own units; differences and
    /// medoids by `scaled`, the same features as they were clustered.
    ///
    /// Time grows with the number of clusters times that of customers: it is meant for groups that are few.
    ///
    /// # Errors
    /// If the tables or the labels differ in rows or columns, a scaled value is missing, or a cluster is empty.
    pub fn of(features: &Features, scaled: &Features, labels: &Labels) -> Result<Self, Error> {
        if features.customers() != scaled.customers() {
            return Err(ErrorKind::Misaligned { what: "scaled features", other: "the features" }.into());
        }
        if !features.names().eq(scaled.names()) {
            return Err(Error::parameter("scaled features", scaled.width(), "are not the features scaled"));
        }
        if labels.len() != features.len() {
            let (expected, found) = (features.len(), labels.len());
            return Err(ErrorKind::Length { what: "labels", expected, found }.into());
        }
        let points = Points::of(scaled)?;
        let members = members(labels);
        if let Some(empty) = members.iter().position(Vec::is_empty) {
            return Err(Error::parameter("cluster", empty, "has no customer"));
        }
        let rules = rule::Rules::of(features);
        let everyone = Moments::of(&points, None);
        let describe = |(cluster, rows): (usize, Vec<u32>)| ClusterProfile {
            size: rows.len() as u64,
            share: rows.len() as f64 / labels.len() as f64,
            medians: (0..features.width()).map(|column| median(features, column, &rows)).collect(),
            differences: everyone.differences(&Moments::of(&points, Some(&rows))),
            medoid: features.customers().get(medoid::of(&points, &rows) as usize),
            rule: rules.describe(labels, cluster, rows.len()),
        };
        Ok(Self {
            as_of: features.as_of(),
            features: features.names().map(str::to_owned).collect(),
            clusters: parallel::map(members.into_iter().enumerate().collect(), describe),
            noise: labels.noise(),
        })
    }

    /// The day as of which the customers were seen.
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The names of the features, in the order of every list in a [`ClusterProfile`].
    pub fn features(&self) -> impl ExactSizeIterator<Item = &str> {
        self.features.iter().map(String::as_str)
    }

    /// The clusters, by their numbers.
    pub fn clusters(&self) -> &[ClusterProfile] {
        &self.clusters
    }

    /// Customers in no cluster.
    pub fn noise(&self) -> u64 {
        self.noise
    }

    /// The features that set a cluster apart, the largest difference first, with the difference: those
    /// beyond [`MEDIUM_EFFECT`]. Nothing for a number without a cluster.
    pub fn sets_apart(&self, cluster: usize) -> Vec<(&str, f64)> {
        let differences = self.clusters.get(cluster).map_or(&[][..], |cluster| &cluster.differences);
        let named = self.features().zip(differences.iter().copied());
        let mut apart: Vec<(&str, f64)> = named.filter(|(_, by)| by.abs() >= MEDIUM_EFFECT).collect();
        apart.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        apart
    }
}

impl People for Profiles {
    fn holds(&self, id: &CustomerId) -> bool {
        self.clusters.iter().any(|cluster| cluster.medoid.as_ref() == Some(id))
    }

    fn forget(&mut self, id: &CustomerId) -> bool {
        let held = self.holds(id);
        for cluster in &mut self.clusters {
            cluster.medoid.take_if(|medoid| medoid == id);
        }
        held
    }
}

/// The rows of each cluster, ascending.
fn members(labels: &Labels) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); labels.clusters()];
    for (row, cluster) in labels.iter().enumerate() {
        if let Some(cluster) = cluster {
            members[cluster].push(row as u32);
        }
    }
    members
}

fn median(features: &Features, column: usize, rows: &[u32]) -> Option<f64> {
    let known: Vec<i64> =
        rows.iter().filter_map(|&row| features.get(row as usize, column)).map(encode).collect();
    let half = Share { part: 1, whole: 2 };
    quantiles(known.iter().copied(), &[half]).first().map(|median| median.real())
}

/// The number of rows, and of each column the mean and the standard deviation.
struct Moments {
    rows: f64,
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Moments {
    /// Of the rows given, or of all.
    fn of(points: &Points<'_>, rows: Option<&[u32]>) -> Self {
        let count = rows.map_or(points.len(), <[u32]>::len) as f64;
        let moments = points.columns().into_iter().map(|column| {
            let sum = |of: &dyn Fn(f64) -> f64| match rows {
                Some(rows) => rows.iter().map(|&row| of(column[row as usize])).sum::<f64>(),
                None => column.iter().map(|&value| of(value)).sum::<f64>(),
            };
            // Divided before they are summed, so that no sum overflows.
            let mean = sum(&|value| value / count);
            let larger = |most: f64, value: f64| most.max((value - mean).abs());
            let largest = match rows {
                Some(rows) => rows.iter().fold(0.0, |most, &row| larger(most, column[row as usize])),
                None => column.iter().fold(0.0, |most, &value| larger(most, value)),
            };
            let scale = if largest > 0.0 && largest.is_finite() { largest } else { 1.0 };
            let square = sum(&|value| ((value - mean) / scale).powi(2) / count);
            (mean, square.sqrt() * scale)
        });
        let (means, deviations) = moments.unzip();
        Self { rows: count, means, deviations }
    }

    /// How far a part of these rows lies from the rest of them, in standard deviations of all.
    fn differences(&self, part: &Self) -> Vec<f64> {
        let rest = self.rows - part.rows;
        let pairs = self.means.iter().zip(&part.means).zip(&self.deviations);
        // The mean of the rest is (n mean - m part) / (n - m), so the part lies n / (n - m) times as far from
        // it as from the mean of all.
        let difference = |((all, part), deviation): ((&f64, &f64), &f64)| {
            let away = (part - all) / deviation * (self.rows / rest);
            if away.is_finite() { away } else { 0.0 }
        };
        pairs.map(difference).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Customers;

    fn table(columns: &[(&str, &[f64])]) -> Features {
        let people: Customers = (0..columns[0].1.len() as u64).map(CustomerId::from).collect();
        let columns = columns
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().copied().map(Some).collect()));
        Features::new(people, Day::default(), columns).unwrap()
    }

    fn shop() -> (Features, Labels) {
        let table = table(&[
            ("orders", &[1.0, 2.0, 1.0, 9.0, 12.0, 10.0, 1.0]),
            ("idle_days", &[100.0, 90.0, 80.0, 5.0, 3.0, 4.0, 2.0]),
        ]);
        let numbers = [Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None];
        (table, Labels::new(2, &numbers).unwrap())
    }

    #[test]
    fn a_cluster_is_described_in_its_own_units() {
        let (table, labels) = shop();
        let profile = Profiles::of(&table, &table, &labels).unwrap();
        let often = &profile.clusters()[1];
        assert_eq!((often.size, profile.noise()), (3, 1));
        assert_eq!(often.medians, [Some(10.0), Some(4.0)]);
        assert_eq!(often.medoid, Some(5_u32.into()));
        assert_eq!(often.rule.to_string(), "orders at least 9");
        // By numpy: (mean of the three - mean of the four) / std of all seven, ddof 0.
        for (found, known) in
            often.differences.iter().zip([1.983_109_680_683_447_8, -1.483_297_344_222_942_5])
        {
            assert!((found - known).abs() < 1e-12, "{found} is not {known}");
        }
        assert_eq!(
            profile.sets_apart(1).iter().map(|apart| apart.0).collect::<Vec<_>>(),
            ["orders", "idle_days"]
        );
        assert!(profile.sets_apart(2).is_empty());
        assert_eq!(profile.names(&Words::default()), ["lapsed, rare", "frequent, recent"]);
    }

    #[test]
    fn the_medoid_can_be_forgotten() {
        let (table, labels) = shop();
        let mut profile = Profiles::of(&table, &table, &labels).unwrap();
        assert!(profile.holds(&5_u32.into()) && profile.forget(&5_u32.into()));
        assert!(!profile.holds(&5_u32.into()) && !profile.forget(&5_u32.into()));
        assert_eq!(profile.clusters()[1].medoid, None);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (features, labels) = shop();
        let renamed = table(&[("orders", &[0.0; 7]), ("days", &[0.0; 7])]);
        let fewer = table(&[("orders", &[0.0; 6]), ("idle_days", &[0.0; 6])]);
        assert!(Profiles::of(&features, &renamed, &labels).is_err());
        assert!(Profiles::of(&features, &fewer, &labels).is_err());
        assert!(Profiles::of(&features, &features, &Labels::new(2, &[Some(0)]).unwrap()).is_err());
        assert!(Profiles::of(&features, &features, &Labels::new(2, &[Some(0); 7]).unwrap()).is_err());
    }

    #[test]
    fn one_cluster_of_everybody_differs_from_nobody() {
        let same = table(&[("orders", &[3.0; 4]), ("huge", &[1e308, -1e308, 1e308, -1e308])]);
        let profile = Profiles::of(&same, &same, &Labels::new(1, &[Some(0); 4]).unwrap()).unwrap();
        assert_eq!(profile.clusters()[0].differences, [0.0, 0.0]);
        assert_eq!(profile.clusters()[0].rule.to_string(), "everyone");
        assert_eq!(profile.names(&Words::default()), ["average"]);
    }
}
