//! How often who leaves first has the higher score (Harrell, Lee & Mark 1996).

use std::ops::Range;

use super::risk_sets::RiskSets;
use crate::{churn::survival::risk_table::sorted, math::quantile::encode};

/// Of all pairs of which one is seen to leave while the other is at risk, and stays longer, the share in which the one
/// who leaves has the higher score; equal scores count a half. Pairs are weighed by both weights, and lie within a
/// stratum. `None` if there is no such pair.
pub(super) fn concordance(sets: &RiskSets, scores: &[f64]) -> Option<f64> {
    let (places, distinct) = ranks(scores);
    let mut pairs = Pairs { below: Tree::new(distinct), ..Pairs::default() };
    let enter = |rows: Range<usize>, pairs: &mut Pairs, present: &mut Vec<(usize, f64)>| {
        for (&place, &weight) in places[rows.clone()].iter().zip(&sets.of.weights[rows]) {
            present.push((place, weight));
            pairs.below.add(place, weight);
        }
    };
    for stratum in &sets.strata {
        let mut upto = stratum.rows.end;
        let mut present: Vec<(usize, f64)> = Vec::with_capacity(stratum.rows.len());
        for block in stratum.blocks.clone().rev() {
            let place = &sets.blocks[block];
            // Whoever is censored at this time stays longer than those who leave at it.
            enter(place.rows().end..upto, &mut pairs, &mut present);
            let leaving = sets.late.as_ref().map_or(&[][..], |late| &late.leaving[block]);
            // Who leaves at this time has entered before, so that all of them are in the tree.
            for &row in leaving {
                let (at, weight) = (places[row as usize], sets.of.weights[row as usize]);
                present.push((at, -weight));
                pairs.below.add(at, -weight);
            }
            for (&place, &weight) in places[place.rows()].iter().zip(&sets.of.weights[place.rows()]) {
                pairs.count(place, weight);
            }
            enter(place.rows(), &mut pairs, &mut present);
            upto = place.start;
        }
        pairs.below.clear(&present);
    }
    let all = pairs.concordant + pairs.tied + pairs.discordant;
    (all > 0.0).then(|| (pairs.concordant + 0.5 * pairs.tied) / all)
}

/// For each score its place among the distinct ones, ascending, and how many there are.
fn ranks(scores: &[f64]) -> (Vec<usize>, usize) {
    let key = |(row, score): (usize, &f64)| (encode(score + 0.0), row as u32);
    let order = sorted(scores.iter().enumerate().map(key).collect());
    let (mut places, mut distinct) = (vec![0; scores.len()], 0);
    for run in order.chunk_by(|a, b| a.0 == b.0) {
        for &(_, row) in run {
            places[row as usize] = distinct;
        }
        distinct += 1;
    }
    (places, distinct)
}

#[derive(Default)]
struct Pairs {
    below: Tree,
    concordant: f64,
    tied: f64,
    discordant: f64,
}

impl Pairs {
    /// Compares one who leaves with all who are in the tree.
    fn count(&mut self, place: usize, weight: f64) {
        let lower = self.below.before(place);
        let upto = self.below.before(place + 1);
        self.concordant += weight * lower.max(0.0);
        self.tied += weight * (upto - lower).max(0.0);
        self.discordant += weight * (self.below.total - upto).max(0.0);
    }
}

/// Sums over places that change one at a time (Fenwick 1994).
#[derive(Default)]
struct Tree {
    sums: Vec<f64>,
    total: f64,
}

impl Tree {
    fn new(places: usize) -> Self {
        Self { sums: vec![0.0; places + 1], total: 0.0 }
    }

    fn add(&mut self, place: usize, weight: f64) {
        self.total += weight;
        let mut at = place + 1;
        while let Some(sum) = self.sums.get_mut(at) {
            *sum += weight;
            at += at & at.wrapping_neg();
        }
    }

    /// The sum over the places before this one.
    fn before(&self, place: usize) -> f64 {
        let (mut at, mut sum) = (place, 0.0);
        while at > 0 {
            sum += self.sums[at];
            at &= at - 1;
        }
        sum
    }

    /// Makes the places that were added to 0 again, exactly.
    fn clear(&mut self, present: &[(usize, f64)]) {
        for &(place, _) in present {
            let mut at = place + 1;
            while let Some(sum) = self.sums.get_mut(at) {
                *sum = 0.0;
                at += at & at.wrapping_neg();
            }
        }
        self.total = 0.0;
    }
}
