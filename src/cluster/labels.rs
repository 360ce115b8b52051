//! Which point is in which cluster.

use crate::{
    domain::{Customers, Day},
    error::{Error, ErrorKind},
    math::parallel::{self, BLOCK},
    model::{Assignment, Segment},
};

/// For each row the number of its cluster, counting from 0, or none where it is noise.
///
/// Clusters are numbered in a declared order: by size, the largest first, unless another is asked for
/// ([`LabelOrder`]).
///
/// # Example
/// ```
/// use patronage::cluster::Labels;
///
/// let labels = Labels::new(2, &[Some(0), None, Some(1), Some(0)])?;
/// assert_eq!((labels.sizes(), labels.noise()), (vec![2, 1], 1));
/// assert_eq!(labels.get(1), None);
/// # Ok::<(), patronage::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Labels {
    clusters: usize,
    /// [`NOISE`] where there is none.
    numbers: Vec<u32>,
}

/// Whether each of so many clusters is given a number of its own.
pub(crate) fn permutes(numbers: &[usize], clusters: usize) -> bool {
    let mut taken = vec![false; clusters];
    let own = |&number: &usize| taken.get_mut(number).is_some_and(|taken| !std::mem::replace(taken, true));
    numbers.len() == clusters && numbers.iter().all(own)
}

/// The number of what is in no cluster.
pub(crate) const NOISE: u32 = u32::MAX;

/// In what order clusters are numbered. Ties go by the first row in the cluster.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LabelOrder {
    /// The cluster with the most rows first. The default.
    #[default]
    Size,
    /// The cluster that holds the first row first.
    FirstRow,
    /// By the mean of a column, counting from 0: the highest first.
    Column(usize),
}

impl Labels {
    /// Labels of a host's own making.
    ///
    /// # Errors
    /// If a number is not below `clusters`, or there are more than 4,294,967,294 clusters.
    pub fn new(clusters: usize, numbers: &[Option<usize>]) -> Result<Self, Error> {
        if clusters >= NOISE as usize {
            return Err(ErrorKind::Overflow { what: "number of clusters" }.into());
        }
        if let Some(bad) = numbers.iter().flatten().find(|&&number| number >= clusters) {
            return Err(Error::parameter("cluster number", bad, "has no cluster"));
        }
        let number = |number: &Option<usize>| number.map_or(NOISE, |number| number as u32);
        Ok(Self { clusters, numbers: numbers.iter().map(number).collect() })
    }

    /// Of the caller's making: each number is below `clusters` or [`NOISE`].
    pub(crate) fn of_valid(clusters: usize, numbers: Vec<u32>) -> Self {
        debug_assert!(numbers.iter().all(|&number| number == NOISE || (number as usize) < clusters));
        Self { clusters, numbers }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Number of clusters; noise is none.
    pub fn clusters(&self) -> usize {
        self.clusters
    }

    /// The cluster of a row, counting from 0; `None` where it is noise, and past the end.
    pub fn get(&self, row: usize) -> Option<usize> {
        self.numbers.get(row).and_then(|&number| of(number))
    }

    /// The cluster of each row, `None` where it is noise.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<usize>> + '_ {
        self.numbers.iter().map(|&number| of(number))
    }

    /// The numbers as they are held, [`NOISE`] among them.
    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The number of rows in each cluster.
    pub fn sizes(&self) -> Vec<u64> {
        // Counts of every block are held at once.
        let size = BLOCK.max(self.clusters);
        let counts = parallel::map(self.numbers.chunks(size).collect(), |numbers| {
            let mut sizes = vec![0; self.clusters];
            for &number in numbers.iter().filter(|&&number| number != NOISE) {
                sizes[number as usize] += 1;
            }
            sizes
        });
        let mut sizes = vec![0; self.clusters];
        for (at, count) in counts.iter().flat_map(|counts| counts.iter().enumerate()) {
            sizes[at] += count;
        }
        sizes
    }

    /// The number of rows in no cluster.
    pub fn noise(&self) -> u64 {
        self.numbers.iter().filter(|&&number| number == NOISE).count() as u64
    }

    /// The new number of each cluster in the order asked for: `means` says the mean of a cluster in a column.
    pub(crate) fn numbers_by(&self, order: LabelOrder, means: impl Fn(usize) -> Vec<f64>) -> Vec<usize> {
        let (mut first, mut unseen) = (vec![usize::MAX; self.clusters], self.clusters);
        for (row, number) in self.iter().enumerate() {
            if unseen == 0 {
                break;
            }
            if let Some(number) = number.filter(|&number| first[number] == usize::MAX) {
                first[number] = row;
                unseen -= 1;
            }
        }
        let mut clusters: Vec<usize> = (0..self.clusters).collect();
        match order {
            LabelOrder::FirstRow => clusters.sort_by_key(|&cluster| first[cluster]),
            LabelOrder::Size => {
                let sizes = self.sizes();
                clusters.sort_by_key(|&cluster| (std::cmp::Reverse(sizes[cluster]), first[cluster]));
            }
            LabelOrder::Column(column) => {
                let means = means(column);
                clusters.sort_by(|&a, &b| means[b].total_cmp(&means[a]).then(first[a].cmp(&first[b])));
            }
        }
        let mut numbers = vec![0; self.clusters];
        for (number, cluster) in clusters.into_iter().enumerate() {
            numbers[cluster] = number;
        }
        numbers
    }

    /// Gives cluster `c` the number `numbers[c]`, a permutation: the caller has checked.
    pub(crate) fn renumber(&mut self, numbers: &[usize]) {
        parallel::map(self.numbers.chunks_mut(BLOCK).collect(), |rows| {
            for number in rows {
                *number = of(*number).map_or(NOISE, |number| numbers[number] as u32);
            }
        });
    }

    /// Hands the clusters on as segments of customers: `names` for the clusters in their order, and a segment
    /// "Noise" behind them where a row is noise.
    ///
    /// # Errors
    /// If `customers` are not as many as the rows, there is not a name a cluster, a name is empty or given
    /// twice, or there are more than 65,535 clusters.
    pub fn assignment(&self, customers: &Customers, as_of: Day, names: &[&str]) -> Result<Assignment, Error> {
        if names.len() != self.clusters {
            let (expected, found) = (self.clusters, names.len());
            return Err(ErrorKind::Length { what: "names of clusters", expected, found }.into());
        }
        let Ok(noise) = u16::try_from(self.clusters) else {
            return Err(ErrorKind::Overflow { what: "number of clusters" }.into());
        };
        let segment = |(number, name): (usize, &&str)| Segment {
            name: (*name).to_owned(),
            rule: format!("cluster {number}"),
        };
        let mut segments: Vec<Segment> = names.iter().enumerate().map(segment).collect();
        if self.noise() > 0 {
            segments.push(Segment { name: "Noise".to_owned(), rule: "in no cluster".to_owned() });
        }
        let index = self.iter().map(|number| number.map_or(noise, |number| number as u16)).collect();
        Ok(Assignment::new(customers.clone(), segments, index)?.as_of(as_of))
    }
}

fn of(number: u32) -> Option<usize> {
    (number != NOISE).then_some(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CustomerId;

    fn labels() -> Labels {
        Labels::new(3, &[Some(2), None, Some(0), Some(1), Some(0)]).unwrap()
    }

    #[test]
    fn clusters_are_numbered_in_the_order_asked_for() {
        let by = |order| {
            let mut labels = labels();
            let numbers = labels.numbers_by(order, |_| vec![1.0, 3.0, 2.0]);
            labels.renumber(&numbers);
            labels.iter().map(|number| number.map_or(-1, usize::cast_signed)).collect::<Vec<_>>()
        };
        assert_eq!(by(LabelOrder::Size), [1, -1, 0, 2, 0]);
        assert_eq!(by(LabelOrder::FirstRow), [0, -1, 1, 2, 1]);
        assert_eq!(by(LabelOrder::Column(0)), [1, -1, 2, 0, 2]);
        assert!(Labels::new(2, &[Some(2)]).is_err());
    }

    #[test]
    fn a_permutation_gives_each_cluster_a_number_of_its_own() {
        assert!(permutes(&[2, 0, 1], 3) && permutes(&[], 0));
        for bad in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 3]] {
            assert!(!permutes(bad, 3), "{bad:?}");
        }
    }

    #[test]
    fn noise_is_a_segment_of_its_own() {
        let people: Customers = (0..5_u32).map(CustomerId::from).collect();
        let segments = labels().assignment(&people, Day::default(), &["a", "b", "c"]).unwrap();
        assert_eq!(segments.names().collect::<Vec<_>>(), ["a", "b", "c", "Noise"]);
        assert_eq!(segments.sizes(), [2, 1, 1, 1]);
        assert!(labels().assignment(&people, Day::default(), &["a", "b"]).is_err());
    }
}
