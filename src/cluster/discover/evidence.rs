//! What speaks for and against a number of groups.

use std::fmt;

use crate::{
    cluster::{Gap, Labels, Points, Silhouette, Spread, Valley},
    error::Error,
};

/// What was found for a number of groups. Indices are `None` where they are not defined.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Evidence {
    /// The number of groups asked for.
    pub groups: usize,
    /// The number found that hold points.
    pub found: usize,
    /// Number of points in no group.
    pub noise: u64,
    /// Points in the smallest group.
    pub smallest: u64,
    /// The same as a share of all points.
    pub smallest_share: f64,
    /// The within-cluster sum of squares, or inertia.
    pub within: f64,
    /// The mean silhouette width.
    pub silhouette: Option<f64>,
    /// The index of Caliński and Harabasz.
    pub calinski_harabasz: Option<f64>,
    /// The index of Davies and Bouldin.
    pub davies_bouldin: Option<f64>,
    /// The gap statistic, if it was asked for.
    pub gap: Option<Gap>,
    /// The shallowest valley between two groups.
    pub valley: Option<Valley>,
    /// The stability of the least stable group: its mean Jaccard similarity. `None` if the number was rejected before.
    pub stability: Option<f64>,
    /// Why this number of groups does not stand; `None` if it does.
    pub rejected: Option<Rejection>,
}

/// Why a number of groups does not stand: the first reason in this order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Rejection {
    /// Fewer or more groups were found.
    OtherNumber,
    /// A group is too small.
    TooSmall,
    /// Two groups are one: there is no valley between them that is deep enough.
    NoValley,
    /// A group does not come back when the points are drawn anew.
    Unstable,
}

impl Evidence {
    pub(super) const HEADINGS: &str =
        "groups  smallest      within  silhouette     CH      DB     gap  valley  stability  rejected";

    pub(super) fn of(groups: usize, points: &Points<'_>, labels: &Labels) -> Result<Self, Error> {
        let sizes: Vec<u64> = labels.sizes().into_iter().filter(|&size| size > 0).collect();
        let smallest = sizes.iter().copied().min().unwrap_or(0);
        // All noise: there is no spread within groups.
        let spread = if sizes.is_empty() { None } else { Some(Spread::of(points, labels)?) };
        Ok(Self {
            groups,
            found: sizes.len(),
            noise: labels.noise(),
            smallest,
            smallest_share: smallest as f64 / points.len() as f64,
            within: spread.as_ref().map_or(0.0, Spread::within),
            silhouette: Silhouette::of(points, labels).ok().map(|silhouette| silhouette.mean()),
            calinski_harabasz: spread.as_ref().and_then(Spread::calinski_harabasz),
            davies_bouldin: spread.as_ref().and_then(Spread::davies_bouldin),
            gap: None,
            valley: Valley::shallowest(points, labels)?,
            stability: None,
            rejected: None,
        })
    }
}

/// The sum of squares of all points as one group.
pub(super) fn spread_of_one(points: &Points<'_>) -> Result<f64, Error> {
    Ok(Spread::of(points, &Labels::of_valid(1, vec![0; points.len()]))?.within())
}

/// A line of a table.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        let short = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
        let rejected = match self.rejected {
            None => "",
            Some(Rejection::OtherNumber) => "not so many",
            Some(Rejection::TooSmall) => "too small",
            Some(Rejection::NoValley) => "no valley",
            Some(Rejection::Unstable) => "unstable",
        };
        write!(
            f,
            "{:6}  {:8}  {:10.4e}  {:>10}  {:>7}  {:>6}  {:>6}  {:>6}  {:>9}  {rejected}",
            self.groups,
            self.smallest,
            self.within,
            digits(self.silhouette),
            short(self.calinski_harabasz),
            digits(self.davies_bouldin),
            digits(self.gap.map(|gap| gap.gap())),
            digits(self.valley.map(|valley| valley.depth)),
            digits(self.stability),
        )
    }
}
