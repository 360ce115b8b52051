//! The joint likelihood of the plain parameters and the effects.
//!
//! A customer's parameters are those of the model, their logarithms shifted by effects times covariates. So the
//! derivatives in the effects are those in the shifted logarithms, times the covariates.

use std::{cmp::Ordering, marker::PhantomData, ops::Range, sync::Arc};

use super::{
    kernel::{Kernel, Shifted},
    table::Standardised,
};
use crate::{
    cltv::{
        Collapsed,
        collapse::Row,
        distinct::{Weighted, join_equal},
        search::{Evidence, Likelihood},
    },
    domain::Day,
    error::Error,
    math::{newton::Curve, symmetric::Symmetric},
    summary::Histories,
};

/// Distinct histories with covariates, by covariates first.
#[derive(Clone)]
pub(super) struct Cases {
    /// Not in the order of a [`Collapsed`] alone.
    pub(super) histories: Collapsed,
    /// Of each row the place of its covariates.
    profiles: Vec<usize>,
    covariates: Arc<Profiles>,
}

impl Weighted for (usize, Row) {
    fn weight(&mut self) -> &mut f64 {
        self.1.weight()
    }
}

/// Distinct rows of covariates of both processes, standardised.
struct Profiles {
    width: usize,
    values: Vec<f64>,
}

impl Profiles {
    fn at(&self, profile: usize) -> &[f64] {
        &self.values[profile * self.width..][..self.width]
    }
}

impl Cases {
    /// # Errors
    /// As [`Collapsed::of`].
    pub(super) fn of(people: &dyn Histories, processes: &[Standardised; 2]) -> Result<Self, Error> {
        // Of the whole only the scale and the count are kept.
        let whole = Collapsed::of(people)?;
        let columns: Vec<&[f64]> =
            processes.iter().flat_map(|process| &process.columns).map(|column| &*column.values).collect();
        let covariates_order = |a: usize, b: usize| {
            let orders = columns.iter().map(|values| values[a].total_cmp(&values[b]));
            orders.fold(Ordering::Equal, Ordering::then)
        };
        let mut rows: Vec<(usize, Row)> = Vec::with_capacity(people.len());
        let mut place = 0;
        people.for_each(|history, weight| {
            if weight > 0.0 {
                let (recency, age) = (history.recency() / whole.scale, history.age() / whole.scale);
                rows.push((place, Row { repeats: history.repeats(), recency, age, weight }));
            }
            place += 1;
        });
        join_equal(&mut rows, |a, b| covariates_order(a.0, b.0).then_with(|| a.1.order(&b.1)));

        let mut covariates = Profiles { width: columns.len(), values: Vec::new() };
        let mut profiles = Vec::with_capacity(rows.len());
        for (at, &(place, _)) in rows.iter().enumerate() {
            let profile = match (profiles.last(), at.checked_sub(1)) {
                (Some(&last), Some(before)) if covariates_order(rows[before].0, place) == Ordering::Equal => {
                    last
                }
                (Some(&last), _) => last + 1,
                (None, _) => 0,
            };
            if profiles.last() != Some(&profile) {
                covariates.values.extend(columns.iter().map(|values| values[place]));
            }
            profiles.push(profile);
        }
        let histories = Collapsed { rows: rows.into_iter().map(|(_, row)| row).collect(), ..whole };
        Ok(Self { histories, profiles, covariates: Arc::new(covariates) })
    }
}

impl Evidence for Cases {
    fn len(&self) -> usize {
        self.histories.len()
    }

    fn sample(&self, every: usize) -> Self {
        let middles = self.profiles.chunks(every.max(1)).filter_map(|chunk| chunk.get(chunk.len() / 2));
        Self {
            histories: self.histories.sample(every),
            profiles: middles.copied().collect(),
            covariates: Arc::clone(&self.covariates),
        }
    }

    fn customers(&self) -> f64 {
        self.histories.customers()
    }

    fn as_of(&self) -> Option<Day> {
        self.histories.as_of()
    }

    fn log_scale(&self) -> f64 {
        self.histories.log_scale()
    }
}

/// The likelihood over the four logarithms and the effects.
pub(super) struct Joint<B: Kernel> {
    rows: B::Rows,
    profiles: Vec<usize>,
    covariates: Arc<Profiles>,
    /// Effects on purchase; the others are on dropout.
    purchases: usize,
    base: PhantomData<fn() -> B>,
}

impl<B: Kernel> Joint<B> {
    pub(super) fn new(cases: Cases, purchases: usize) -> Self {
        let Cases { histories, profiles, covariates } = cases;
        Self { rows: B::rows(histories), profiles, covariates, purchases, base: PhantomData }
    }

    /// Runs of rows with the same covariates.
    fn runs(&self, rows: Range<usize>) -> impl Iterator<Item = (Range<usize>, &[f64])> {
        let mut start = rows.start;
        self.profiles[rows].chunk_by(PartialEq::eq).filter_map(move |run| {
            let rows = start..start + run.len();
            start = rows.end;
            Some((rows, self.covariates.at(*run.first()?)))
        })
    }

    /// The four logarithms of customers with these covariates.
    fn shifted(&self, at: &[f64], covariates: &[f64]) -> [f64; 4] {
        let (plain, effects) = at.split_at(4);
        let mut shifted = [0.0; 4];
        for (j, (shifted, plain)) in shifted.iter_mut().zip(plain).enumerate() {
            let shifts = effects.iter().zip(covariates).enumerate();
            *shifted =
                plain + shifts.map(|(k, (effect, value))| self.shift(j, k) * effect * value).sum::<f64>();
        }
        shifted
    }

    /// By how much parameter `j` follows effect `k`.
    fn shift(&self, j: usize, k: usize) -> f64 {
        <B::Model as Shifted>::SHIFTS[usize::from(k >= self.purchases)][j]
    }
}

impl<B: Kernel> Likelihood for Joint<B> {
    type Point = Vec<f64>;

    fn dimensions(&self) -> usize {
        4 + self.covariates.width
    }

    fn rows(&self) -> usize {
        self.profiles.len()
    }

    fn point(&self, coordinates: &[f64]) -> Vec<f64> {
        coordinates.to_vec()
    }

    fn value(&self, at: &Vec<f64>, rows: Range<usize>) -> f64 {
        let of = |(rows, covariates): (Range<usize>, &[f64])| {
            self.rows.value(&self.rows.point(&self.shifted(at, covariates)), rows)
        };
        self.runs(rows).map(of).sum()
    }

    fn add_curve(&self, at: &Vec<f64>, rows: Range<usize>, to: &mut Curve) {
        for (rows, covariates) in self.runs(rows) {
            let mut curve = Curve { value: 0.0, gradient: vec![0.0; 4], hessian: Symmetric::zeros(4) };
            self.rows.add_curve(&self.rows.point(&self.shifted(at, covariates)), rows, &mut curve);
            to.value += curve.value;
            // Of each coordinate, how the four logarithms follow it.
            let follow = |row: usize, j: usize| match row.checked_sub(4) {
                None => f64::from(u8::from(row == j)),
                Some(k) => self.shift(j, k) * covariates[k],
            };
            for row in 0..self.dimensions() {
                let along: [f64; 4] = std::array::from_fn(|j| follow(row, j));
                let bent = curve.hessian.times(&along);
                to.gradient[row] +=
                    along.iter().zip(&curve.gradient).map(|(a, slope)| a * slope).sum::<f64>();
                for column in 0..=row {
                    let sum: f64 = (0..4).map(|j| follow(column, j) * bent[j]).sum();
                    to.hessian.add(row, column, sum);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "weights are whole")]
mod tests {
    use super::*;
    use crate::{
        cltv::{BgNbd, Covariates, ParetoNbd, search::tests::derivatives_agree},
        domain::Tick,
        summary::HistoryTable,
    };

    fn cases() -> Cases {
        let repeats = [0, 3, 1, 2, 0, 7, 1, 0, 0];
        let recency = [0.0, 20.5, 1.7, 30.4, 0.0, 29.4, 5.0, 0.0, 0.0];
        let age = [38.9, 38.0, 38.9, 38.9, 38.9, 37.3, 32.0, 28.7, 38.9];
        let people = HistoryTable::from_columns(Tick::Week, &repeats, &recency, &age).unwrap();
        let online = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        let purchase = Covariates::none(9).column("online", &online).unwrap();
        let years: [f64; 9] = [30.0, 40.0, 50.0, 20.0, 30.0, 61.0, 30.0, 30.0, 30.0];
        let dropout = purchase.clone().column("age", &years).unwrap();
        let processes = [&purchase, &dropout]
            .map(|covariates| Standardised::of(covariates, "covariate", &people).unwrap());
        Cases::of(&people, &processes).unwrap()
    }

    #[test]
    fn equal_customers_are_one_row() {
        let cases = cases();
        // The first and the fifth are alike; the last differs by its covariate alone.
        assert_eq!((cases.len(), cases.customers()), (8, 9.0));
        assert_eq!(cases.histories.rows.iter().filter(|row| row.weight == 2.0).count(), 1);
        assert!(cases.profiles.is_sorted() && cases.profiles.last() == Some(&5));
        let sample = cases.sample(3);
        assert_eq!((sample.len(), sample.profiles.len()), (3, 3));
        assert_eq!(sample.histories.rows.iter().map(|row| row.weight).sum::<f64>(), 9.0);
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let at = [-0.6, -1.3, -0.5, -1.2, 0.4, -0.3, 0.2];
        derivatives_agree(&Joint::<ParetoNbd>::new(cases(), 1), &at);
        derivatives_agree(&Joint::<BgNbd>::new(cases(), 1), &at);
    }
}
