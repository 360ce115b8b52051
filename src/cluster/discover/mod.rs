//! How many groups there are, if there are any.

mod evidence;
mod sample;

use std::fmt;

pub use self::evidence::{Evidence, Rejection};
use super::{
    Bootstrap, Clusterer, Clustering, Family, GapCurve, GapStatistic, KMeans, LabelOrder, Points,
    quality::MOST_REPEATS,
};
use crate::error::Error;

/// Asks how many groups there are among points, if any: every number of groups from 2 up is tried and weighed, and
/// the answer is the largest number that stands, or that there is no structure.
///
/// A number of groups stands if
/// 1. that many are found, and none is [too small](Self::least_share);
/// 2. between every two of them there is a [valley](super::Valley) that is [deep enough](Self::least_depth): a group that was
///    cut in two has none, nor have points that are spread evenly or in one bell curve;
/// 3. each of them [comes back](Self::least_stability) when the points are drawn anew.
///
/// The other indices stand in the evidence and do not decide: they are highest for some number of groups even where
/// there is none. Groups of other shapes than k-means finds need a [family](Self::run_with) that finds them.
///
/// # Example
/// ```
/// use ndarray::Array2;
/// use patronage::cluster::{Answer, Discover, Points};
///
/// // Three round groups of forty, by a spiral.
/// let groups = Array2::from_shape_fn((120, 2), |(row, column)| {
///     let (angle, away) = (row as f64 * 2.4, (row as f64 / 120.0).sqrt());
///     let middle = [[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]][row % 3][column];
///     middle + away * if column == 0 { angle.cos() } else { angle.sin() }
/// });
/// let found = Discover::new(6, 7).run(&Points::new(groups.view())?)?;
/// assert_eq!(found.groups(), Some(3));
///
/// // One such group.
/// let one = groups.slice(ndarray::s![..;3, ..]);
/// assert!(matches!(Discover::new(6, 7).run(&Points::new(one)?)?.answer, Answer::NoStructure));
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Discover {
    most: usize,
    seed: u64,
    least_share: f64,
    least_rows: usize,
    least_depth: f64,
    least_stability: f64,
    resamples: usize,
    references: usize,
    sample: usize,
}

/// What was found, and all that speaks for and against it.
#[derive(Debug)]
pub struct Discovery {
    /// The groups, or that there are none.
    pub answer: Answer,
    /// What was found for each number of groups, from 2 on.
    pub evidence: Vec<Evidence>,
    /// The gap statistic from one group on, if it was asked for.
    pub gaps: Option<GapCurve>,
    /// Number of points that the evidence is of.
    pub sampled: usize,
}

/// The groups that there are.
pub enum Answer {
    /// So many groups, as many as the clustering has.
    Groups(usize, Clustering),
    /// No number of groups stands.
    NoStructure,
}

impl Discover {
    /// Tries up to `most` groups. The defaults: groups of at least 8 points and 1 % of all, valleys at least 1.6
    /// deep, stability at least 0.75 in 20 resamples, 10 references for the gap statistic, and a sample of 4,000.
    pub fn new(most: usize, seed: u64) -> Self {
        Self {
            most,
            seed,
            least_share: 0.01,
            least_rows: 8,
            least_depth: 1.6,
            least_stability: 0.75,
            resamples: 20,
            references: 10,
            sample: 4_000,
        }
    }

    /// The least share of the points that a group must hold, from 0 to 1.
    #[must_use]
    pub fn least_share(self, share: f64) -> Self {
        Self { least_share: share, ..self }
    }

    /// The least number of points, of the sample where one is drawn, that a group must hold.
    #[must_use]
    pub fn least_rows(self, rows: usize) -> Self {
        Self { least_rows: rows, ..self }
    }

    /// How deep the [shallowest valley](super::Valley) must be. Above 1; less finds more groups, and more often some
    /// where there are none.
    #[must_use]
    pub fn least_depth(self, depth: f64) -> Self {
        Self { least_depth: depth, ..self }
    }

    /// The least [stability](super::Stability) that each group must have: its mean Jaccard similarity, from 0 to 1.
    #[must_use]
    pub fn least_stability(self, jaccard: f64) -> Self {
        Self { least_stability: jaccard, ..self }
    }

    /// How often points are drawn anew for the stability of numbers of groups that are not rejected before; 0 leaves
    /// it out.
    #[must_use]
    pub fn resamples(self, resamples: usize) -> Self {
        Self { resamples, ..self }
    }

    /// How many sets of reference points the gap statistic is measured by; 0 leaves it out. It takes most of the
    /// time.
    #[must_use]
    pub fn references(self, references: usize) -> Self {
        Self { references, ..self }
    }

    /// The most points to look at: of more, so many are drawn, and all are assigned to the groups found among those.
    #[must_use]
    pub fn sample(self, rows: usize) -> Self {
        Self { sample: rows, ..self }
    }

    /// Whether the settings make sense.
    ///
    /// # Errors
    /// If fewer than 2 groups are to be tried, a share or similarity is not from 0 to 1, the depth is not finite or
    /// below 0, there is one reference, or the sample is empty.
    pub fn check(&self) -> Result<(), Error> {
        if self.most < 2 {
            return Err(Error::parameter("most", self.most, "must be at least 2"));
        }
        let (share, stability) = (self.least_share, self.least_stability);
        for (name, value) in [("least_share", share), ("least_stability", stability)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::parameter(name, value, "must be from 0 to 1"));
            }
        }
        if !(self.least_depth >= 0.0 && self.least_depth.is_finite()) {
            return Err(Error::parameter("least_depth", self.least_depth, "must be finite and at least 0"));
        }
        for (name, repeats) in [("resamples", self.resamples), ("references", self.references)] {
            if repeats > MOST_REPEATS {
                return Err(Error::parameter(name, repeats, "must be at most 1000000"));
            }
        }
        if self.references == 1 {
            return Err(Error::parameter("references", 1, "must be 0 or at least 2"));
        }
        if self.sample == 0 {
            return Err(Error::parameter("sample", 0, "must be at least 1"));
        }
        Ok(())
    }

    /// Looks for groups by k-means, the best of ten starts.
    ///
    /// # Errors
    /// If [`check`](Self::check) fails, or a sum of squares is too large.
    pub fn run(&self, points: &Points<'_>) -> Result<Discovery, Error> {
        let seed = self.seed;
        self.run_with(points, &|groups| Box::new(KMeans::new(groups, seed).restarts(10)))
    }

    /// Looks for groups by a family of clusterers, one for each number of groups. Weighted points are drawn by their
    /// weights, and handed to it without.
    ///
    /// # Errors
    /// As [`run`](Self::run), or if a clusterer refuses the points.
    pub fn run_with(&self, points: &Points<'_>, family: Family<'_>) -> Result<Discovery, Error> {
        self.check()?;
        match sample::drawn(points, self.sample, self.seed) {
            None => self.look(points, family),
            Some(drawn) => {
                let mut discovery = self.look(&drawn.points()?, family)?;
                if let Answer::Groups(_, found) = &mut discovery.answer {
                    found.labels = found.model.assign(points)?;
                    let numbers = found.labels.numbers_by(LabelOrder::Size, |_| Vec::new());
                    found.renumber(&numbers);
                }
                Ok(discovery)
            }
        }
    }

    fn look(&self, seen: &Points<'_>, family: Family<'_>) -> Result<Discovery, Error> {
        let (mut evidence, mut answer) = (Vec::new(), Answer::NoStructure);
        for groups in 2..=self.most.min(seen.len()) {
            let way = family(groups);
            let found = way.cluster(seen)?;
            let mut case = Evidence::of(groups, seen, &found.labels)?;
            case.rejected = self.rejection(&case);
            if case.rejected.is_none() && self.resamples > 0 {
                case.stability = Some(self.stability(&*way, seen, &found)?);
                case.rejected = self.unstable(&case);
            }
            if case.rejected.is_none() {
                answer = Answer::Groups(groups, found);
            }
            evidence.push(case);
        }
        let gaps = self.gaps(seen, &mut evidence, family)?;
        Ok(Discovery { answer, evidence, gaps, sampled: seen.len() })
    }

    /// Why so many groups do not stand, stability aside.
    fn rejection(&self, case: &Evidence) -> Option<Rejection> {
        if case.found != case.groups {
            return Some(Rejection::OtherNumber);
        }
        if case.smallest < self.least_rows as u64 || case.smallest_share < self.least_share {
            return Some(Rejection::TooSmall);
        }
        let deep = case.valley.is_some_and(|valley| valley.depth >= self.least_depth);
        (!deep).then_some(Rejection::NoValley)
    }

    fn unstable(&self, case: &Evidence) -> Option<Rejection> {
        case.stability.filter(|stability| *stability < self.least_stability).map(|_| Rejection::Unstable)
    }

    /// The similarity of the least stable group.
    fn stability(&self, way: &dyn Clusterer, seen: &Points<'_>, found: &Clustering) -> Result<f64, Error> {
        let groups = Bootstrap::new(self.resamples, self.seed).stability(way, seen, &found.labels)?;
        Ok(groups.into_iter().map(|group| group.map_or(0.0, |group| group.jaccard)).fold(1.0, f64::min))
    }

    /// The gap statistic up to the first number of groups that leaves no spread.
    fn gaps(
        &self,
        seen: &Points<'_>,
        evidence: &mut [Evidence],
        family: Family<'_>,
    ) -> Result<Option<GapCurve>, Error> {
        if self.references == 0 {
            return Ok(None);
        }
        let one = evidence::spread_of_one(seen)?;
        let within = std::iter::once(one).chain(evidence.iter().map(|case| case.within));
        let ln: Vec<f64> = within.take_while(|within| *within > 0.0).map(f64::ln).collect();
        let curve = GapStatistic::new(self.references, self.seed).beside(seen, &ln, family)?;
        for (case, gap) in evidence.iter_mut().zip(curve.gaps().iter().skip(1)) {
            case.gap = Some(*gap);
        }
        Ok(Some(curve))
    }
}

impl Discovery {
    /// The number of groups; `None` if there is no structure.
    pub fn groups(&self) -> Option<usize> {
        match self.answer {
            Answer::Groups(groups, _) => Some(groups),
            Answer::NoStructure => None,
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Groups(groups, found) => f.debug_tuple("Groups").field(groups).field(&found.model).finish(),
            Self::NoStructure => f.write_str("NoStructure"),
        }
    }
}

/// A table, a line for each number of groups.
impl fmt::Display for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.groups() {
            Some(groups) => writeln!(f, "{groups} groups (evidence of {} points)", self.sampled)?,
            None => writeln!(f, "no structure (evidence of {} points)", self.sampled)?,
        }
        writeln!(f, "{}", Evidence::HEADINGS)?;
        self.evidence.iter().try_for_each(|case| writeln!(f, "{case}"))
    }
}
