//! The partial likelihood of Cox (1972), its slope and its curvature.
//!
//! With φ = w e^(x β), S0, S1 and S2 the sums of φ, φ x and φ x x' over a risk set, and T0, T1 those over the d rows
//! that leave at its time, Efron's (1977) log-likelihood is the sum over times of
//! Σ w x β - w̄ Σ over l < d of ln(S0 - l/d T0); Breslow's (1974) has l = 0 throughout.
//!
//! Of the curvature, Σ S2 / S0 over times is turned round to a sum over rows, each times the hazard that it has lived
//! through: a step costs one pass of width² a row, and no more.

use std::ops::Range;

use super::{Ties, risk_sets::RiskSets};
use crate::{
    churn::survival::squares::{dot, sum_of_squares},
    math::{parallel, special::Compensated, symmetric::Symmetric},
};

/// The likelihood at some coefficients (of the scaled columns), and what its derivatives need.
pub(super) struct Point {
    pub(super) coefficients: Vec<f64>,
    pub(super) log_likelihood: f64,
    /// x β of each row, and φ over e to the largest of them in the stratum.
    pub(super) scores: Vec<f64>,
    pub(super) shifts: Vec<f64>,
    phi: Vec<f64>,
    pub(super) sums: Vec<BlockSums>,
}

/// Over the l of a block: Σ w̄ / s, Σ l/d w̄ / s, and the same of s² with (l/d)² besides, where s = S0 - l/d T0.
#[derive(Clone, Copy, Default)]
pub(super) struct BlockSums {
    /// S0, over the stratum's shift.
    pub(super) at_risk: f64,
    /// Σ w of those who leave.
    pub(super) events: f64,
    pub(super) first: [f64; 2],
    second: [f64; 3],
}

/// The slope and the negated curvature.
pub(super) struct Slope {
    pub(super) gradient: Vec<f64>,
    pub(super) information: Symmetric,
    /// The curvature before what is known of the means is taken off: what its rounding is measured by.
    pub(super) whole: Vec<f64>,
}

impl RiskSets {
    pub(super) fn point(&self, coefficients: &[f64], ties: Ties) -> Point {
        let scores = self.scores(coefficients);
        let most = |rows: &[f64]| rows.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shifts: Vec<f64> =
            self.strata.iter().map(|stratum| most(&scores[stratum.rows.clone()])).collect();
        let phi = self.phi(&scores, &shifts);
        let (mut sums, mut total) = (vec![BlockSums::default(); self.blocks.len()], Compensated::default());
        for (stratum, shift) in self.strata.iter().zip(&shifts) {
            let mut upto = stratum.rows.end;
            let mut at_risk = Running::new(self.late.is_some());
            for block in stratum.blocks.clone().rev() {
                let place = &self.blocks[block];
                (place.start..upto).rev().for_each(|row| at_risk.add(phi[row]));
                upto = place.start;
                if let Some(late) = &self.late {
                    late.leaving[block].iter().for_each(|&row| at_risk.add(-phi[row as usize]));
                }
                let events: f64 = self.of.weights[place.rows()].iter().sum();
                let of_events: f64 = phi[place.rows()].iter().sum();
                let (found, logs) =
                    BlockSums::of(at_risk.total().max(of_events), of_events, events, place.deaths, ties);
                sums[block] = found;
                let linear =
                    place.rows().map(|row| self.of.weights[row] * (scores[row] - shift)).sum::<f64>();
                total.add(linear - logs);
            }
        }
        Point {
            coefficients: coefficients.to_vec(),
            log_likelihood: total.total(),
            scores,
            shifts,
            phi,
            sums,
        }
    }

    fn scores(&self, coefficients: &[f64]) -> Vec<f64> {
        parallel::column(self.rows(), parallel::BLOCK, |rows: Range<usize>, scores: &mut [f64]| {
            for (column, coefficient) in self.of.columns.iter().zip(coefficients) {
                for (score, number) in scores.iter_mut().zip(&column[rows.clone()]) {
                    *score += coefficient * number;
                }
            }
        })
    }

    fn phi(&self, scores: &[f64], shifts: &[f64]) -> Vec<f64> {
        let mut phi = scores.to_vec();
        for (stratum, shift) in self.strata.iter().zip(shifts) {
            phi[stratum.rows.clone()].iter_mut().for_each(|score| *score -= shift);
        }
        let work = phi.chunks_mut(parallel::BLOCK).zip(self.of.weights.chunks(parallel::BLOCK)).collect();
        parallel::map(work, |(phi, weights): (&mut [f64], &[f64])| {
            for (phi, weight) in phi.iter_mut().zip(weights) {
                *phi = weight * phi.exp();
            }
        });
        phi
    }

    pub(super) fn slope(&self, point: &Point) -> Slope {
        let (spent, residuals) = self.spent(point);
        let columns: Vec<&[f64]> = self.of.columns.iter().map(Vec::as_slice).collect();
        let gradient = parallel::map(columns.clone(), |column| dot(column, &residuals));
        let mut information = sum_of_squares(self.rows(), self.width(), |rows, tile| {
            for (column, tile) in columns.iter().zip(tile) {
                tile.left = &column[rows.clone()];
                tile.times(&spent[rows.clone()]);
            }
        });
        let whole = (0..self.width()).map(|at| information.get(at, at)).collect();
        information.add_scaled(&self.squared_means(point), -1.0);
        Slope { gradient, information, whole }
    }

    /// φ times the hazard that each row has lived through, and the events less that.
    fn spent(&self, point: &Point) -> (Vec<f64>, Vec<f64>) {
        let mut hazards = vec![0.0; self.hazards()];
        for stratum in &self.strata {
            for (step, block) in stratum.blocks.clone().enumerate() {
                let at = stratum.hazards + step;
                hazards[at + 1] = hazards[at] + point.sums[block].first[0];
            }
        }
        let since = |row: usize| self.late.as_ref().map_or(0.0, |late| hazards[late.hazards[row] as usize]);
        let mut spent: Vec<f64> = Vec::with_capacity(self.rows());
        for (row, phi) in point.phi.iter().enumerate() {
            spent.push(phi * (hazards[self.exits[row] as usize] - since(row)));
        }
        let mut residuals: Vec<f64> = spent.iter().map(|spent| -spent).collect();
        for (block, sums) in self.blocks.iter().zip(&point.sums) {
            for row in block.rows() {
                // Of those who leave together, one is at risk while some of the others have left.
                spent[row] = (spent[row] - point.phi[row] * sums.first[1]).max(0.0);
                residuals[row] = self.of.weights[row] - spent[row];
            }
        }
        (spent, residuals)
    }

    /// Σ over blocks and l of w̄ (S1 - l/d T1)(S1 - l/d T1)' / s².
    fn squared_means(&self, point: &Point) -> Symmetric {
        let tied = point.sums.iter().any(|sums| sums.second[1] > 0.0);
        let work = self.of.columns.iter().map(Vec::as_slice).collect();
        let sums = parallel::map(work, |column| self.running_sums(point, column, tied));
        let of = |place: usize| -> Vec<f64> { point.sums.iter().map(|sums| sums.second[place]).collect() };
        let [zero, one, two] = [of(0), of(1), of(2)];
        let mut squares = sum_of_squares(self.blocks.len(), self.width(), |blocks, tile| {
            for ((risk, deaths), tile) in sums.iter().zip(tile) {
                tile.left = &risk[blocks.clone()];
                tile.times(&zero[blocks.clone()]);
                if tied {
                    tile.less(&deaths[blocks.clone()], &one[blocks.clone()]);
                }
            }
        });
        if tied {
            squares.add_scaled(
                &sum_of_squares(self.blocks.len(), self.width(), |blocks, tile| {
                    for ((risk, deaths), tile) in sums.iter().zip(tile) {
                        tile.left = &deaths[blocks.clone()];
                        tile.times(&two[blocks.clone()]);
                        tile.less(&risk[blocks.clone()], &one[blocks.clone()]);
                    }
                }),
                1.0,
            );
        }
        squares
    }

    /// S1 of a column for each block and, where somebody leaves together with others, T1.
    pub(super) fn running_sums(&self, point: &Point, column: &[f64], tied: bool) -> (Vec<f64>, Vec<f64>) {
        let mut risk = vec![0.0; self.blocks.len()];
        let mut deaths = vec![0.0; if tied { self.blocks.len() } else { 0 }];
        let product = |row: usize| point.phi[row] * column[row];
        for stratum in &self.strata {
            let mut upto = stratum.rows.end;
            let mut sum = Running::new(self.late.is_some());
            for block in stratum.blocks.clone().rev() {
                let place = &self.blocks[block];
                (place.start..upto).rev().for_each(|row| sum.add(product(row)));
                upto = place.start;
                if let Some(late) = &self.late {
                    late.leaving[block].iter().for_each(|&row| sum.add(-product(row as usize)));
                }
                risk[block] = sum.total();
                if tied {
                    deaths[block] = place.rows().map(product).sum();
                }
            }
        }
        (risk, deaths)
    }
}

impl BlockSums {
    /// And w̄ Σ ln s.
    fn of(at_risk: f64, of_events: f64, events: f64, deaths: usize, ties: Ties) -> (Self, f64) {
        let mut found = Self { at_risk, events, ..Self::default() };
        if deaths == 1 || ties == Ties::Breslow {
            found.first[0] = events / at_risk;
            found.second[0] = events / at_risk / at_risk;
            return (found, events * at_risk.ln());
        }
        let mean = events / deaths as f64;
        let mut logs = 0.0;
        for left in 0..deaths {
            let part = left as f64 / deaths as f64;
            let sum = at_risk - part * of_events;
            logs += sum.ln();
            let (first, second) = (mean / sum, mean / sum / sum);
            found.first[0] += first;
            found.first[1] += part * first;
            found.second[0] += second;
            found.second[1] += part * second;
            found.second[2] += part * part * second;
        }
        (found, mean * logs)
    }
}

/// A sum over a risk set. Where rows are taken off again, it carries what each step lost.
enum Running {
    Plain(f64),
    Exact(Compensated),
}

impl Running {
    fn new(late: bool) -> Self {
        if late { Self::Exact(Compensated::default()) } else { Self::Plain(0.0) }
    }

    fn add(&mut self, term: f64) {
        match self {
            Self::Plain(sum) => *sum += term,
            Self::Exact(sum) => sum.add(term),
        }
    }

    fn total(&self) -> f64 {
        match self {
            Self::Plain(sum) => *sum,
            Self::Exact(sum) => sum.total(),
        }
    }
}
