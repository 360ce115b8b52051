//! The log-likelihood of rows and its derivatives, a chunk of rows at a time.
//!
//! Terms are standardised on the way, so that the search is well conditioned whatever the units are. The sums of
//! blocks of rows are joined in their order: the number of threads changes no bit.

use std::{borrow::Cow, ops::Range};

use super::{
    design::{Design, Encoding, MISSING, Part, Term},
    moments::Weights,
    separation::Span,
};
use crate::{
    churn::{Examples, schema::Aligned},
    math::{
        lanes::{self, LANES, Lanes},
        parallel, simd,
        symmetric::Symmetric,
    },
};

/// Rows at a time: their terms stay within a core's nearest cache.
const CHUNK: usize = 128;
/// At most so many blocks of rows have sums of their own.
const MOST_BLOCKS: usize = 32;

type Chunk = [f64; CHUNK];

/// Rows to learn from, in the terms of a design.
pub(super) struct Rows<'a> {
    columns: Vec<Source<'a>>,
    terms: &'a [Term],
    churned: Cow<'a, [bool]>,
    /// One each if there are none.
    weights: Option<Cow<'a, [f64]>>,
}

enum Source<'a> {
    Numbers { values: Cow<'a, [f64]>, fill: f64 },
    Codes(Cow<'a, [u32]>),
}

/// The log-likelihood at a point, its gradient, and the Hessian, negated: first the intercept, then the terms.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Sums {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    /// The lower triangle, row after row.
    triangle: Vec<f64>,
}

/// What is known of a chunk of rows: beyond their number all is 0.
struct Scratch {
    /// The intercept's ones, then a chunk a term.
    terms: Vec<Chunk>,
    weighted: Chunk,
    /// The logarithms of the odds.
    scores: Chunk,
    /// 1 for who churned, -1 for who stayed.
    signs: Chunk,
    weights: Chunk,
    slopes: Chunk,
    bends: Chunk,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        design: &'a Design,
        columns: &'a [Aligned<'a>],
        examples: &'a Examples,
        weights: &'a Weights,
    ) -> Self {
        let source = |(column, encoding): (&'a Aligned<'a>, &Encoding)| match (column, encoding) {
            (Aligned::Numbers(values), Encoding::Number { fill }) => {
                Source::Numbers { values: Cow::Borrowed(*values), fill: *fill }
            }
            (Aligned::Numbers(values), Encoding::Levels { .. }) => {
                Source::Numbers { values: Cow::Borrowed(*values), fill: 0.0 }
            }
            (Aligned::Codes(codes), _) => Source::Codes(Cow::Borrowed(codes.as_slice())),
        };
        Self {
            columns: columns.iter().zip(&design.encodings).map(source).collect(),
            terms: &design.terms,
            churned: Cow::Borrowed(examples.churned()),
            weights: weights.each.as_deref().map(Cow::Borrowed),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.churned.len()
    }

    pub(super) fn coordinates(&self) -> usize {
        self.terms.len() + 1
    }

    /// The weight of who churned, and of who stayed.
    pub(super) fn balance(&self) -> (f64, f64) {
        let mut balance = (0.0, 0.0);
        for (row, &churned) in self.churned.iter().enumerate() {
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[row]);
            *(if churned { &mut balance.0 } else { &mut balance.1 }) += weight;
        }
        balance
    }

    /// Every so many-th row, with the weight of those that it stands for.
    pub(super) fn sample(&self, every: usize) -> Rows<'_> {
        fn thin<T: Copy>(all: &[T], every: usize) -> Cow<'static, [T]> {
            all.iter().copied().step_by(every).collect()
        }
        let column = |source: &Source<'_>| match source {
            Source::Numbers { values, fill } => Source::Numbers { values: thin(values, every), fill: *fill },
            Source::Codes(codes) => Source::Codes(thin(codes, every)),
        };
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]) * every as f64;
        Rows {
            columns: self.columns.iter().map(column).collect(),
            terms: self.terms,
            churned: thin(&self.churned, every),
            weights: Some((0..self.len()).step_by(every).map(weight).collect()),
        }
    }

    /// The log-likelihood and its derivatives.
    pub(super) fn sums(&self, at: &[f64]) -> Sums {
        let zero = || Sums::zero(at.len());
        self.blocks(|rows| {
            let (mut sums, mut scratch) = (zero(), Scratch::new(at.len()));
            simd::widest(
                #[inline(always)]
                || {
                    for start in rows.clone().step_by(CHUNK) {
                        self.look(at, start..rows.end.min(start + CHUNK), &mut scratch);
                        sums.add(&mut scratch);
                    }
                },
            );
            sums
        })
        .iter()
        .fold(zero(), Sums::joined)
    }

    /// The least and the most that a direction adds to the score of any row, for the outcome that it had.
    pub(super) fn extent(&self, direction: &[f64]) -> (f64, f64) {
        let extents = self.blocks(|rows| {
            let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
            let mut scratch = Scratch::new(direction.len());
            for start in rows.clone().step_by(CHUNK) {
                let chunk = start..rows.end.min(start + CHUNK);
                let len = chunk.len();
                self.look(direction, chunk, &mut scratch);
                for (score, sign) in scratch.scores.iter().zip(&scratch.signs).take(len) {
                    (least, most) = (least.min(score * sign), most.max(score * sign));
                }
            }
            (least, most)
        });
        extents
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |all, part| (all.0.min(part.0), all.1.max(part.1)))
    }

    /// Of each coordinate.
    pub(super) fn spans(&self) -> Vec<Span> {
        let none = || vec![Span::NONE; self.coordinates()];
        let spans = self.blocks(|rows| {
            let (mut spans, mut scratch) = (none(), Scratch::new(self.coordinates()));
            for start in rows.clone().step_by(CHUNK) {
                let chunk = start..rows.end.min(start + CHUNK);
                self.look(&vec![0.0; self.coordinates()], chunk.clone(), &mut scratch);
                for (span, term) in spans.iter_mut().zip(&scratch.terms) {
                    let outcomes = self.churned[chunk.clone()].iter();
                    outcomes.zip(term).for_each(|(churned, x)| span.add(*churned, *x));
                }
            }
            spans
        });
        let mut all = none();
        for part in &spans {
            all.iter_mut().zip(part).for_each(|(all, part)| all.join(part));
        }
        all
    }

    fn blocks<T: Send>(&self, work: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
        let size = self.len().div_ceil(MOST_BLOCKS).max(parallel::BLOCK).next_multiple_of(CHUNK);
        parallel::map(parallel::ranges(self.len(), size), work)
    }

    /// Terms, scores, signs and weights of a chunk of rows.
    #[inline(always)]
    fn look(&self, at: &[f64], rows: Range<usize>, to: &mut Scratch) {
        let len = rows.len();
        to.scores.fill(at.first().copied().unwrap_or_default());
        for ((out, term), slope) in to.terms.iter_mut().skip(1).zip(self.terms).zip(at.iter().skip(1)) {
            self.standardise(term, rows.clone(), out);
            for (score, x) in to.scores.iter_mut().zip(&*out) {
                *score += slope * x;
            }
        }
        for (sign, churned) in to.signs.iter_mut().zip(&self.churned[rows.clone()]) {
            *sign = if *churned { 1.0 } else { -1.0 };
        }
        match &self.weights {
            Some(weights) => to.weights[..len].copy_from_slice(&weights[rows]),
            None => to.weights[..len].fill(1.0),
        }
        to.weights[len..].fill(0.0);
    }

    #[inline(always)]
    fn standardise(&self, term: &Term, rows: Range<usize>, out: &mut Chunk) {
        let len = rows.len();
        let (centre, scale) = (term.centre, term.spread.recip());
        // The two values of an indicator.
        let (set, unset) = ((1.0 - centre) * scale, -centre * scale);
        match (&self.columns[term.column], term.part) {
            (Source::Numbers { values, fill }, Part::Value) => {
                for (out, x) in out.iter_mut().zip(&values[rows]) {
                    let x = if x.is_nan() { *fill } else { *x };
                    *out = (x - centre) * scale;
                }
            }
            (Source::Numbers { values, .. }, _) => {
                for (out, x) in out.iter_mut().zip(&values[rows]) {
                    *out = if x.is_nan() { set } else { unset };
                }
            }
            (Source::Codes(codes), part) => {
                let wanted = if let Part::Level(level) = part { level } else { MISSING };
                for (out, code) in out.iter_mut().zip(&codes[rows]) {
                    *out = if *code == wanted { set } else { unset };
                }
            }
        }
        out[len..].fill(0.0);
    }
}

impl Scratch {
    fn new(coordinates: usize) -> Self {
        let zero = [0.0; CHUNK];
        let mut terms = vec![zero; coordinates];
        if let Some(ones) = terms.first_mut() {
            ones.fill(1.0);
        }
        Self { terms, weighted: zero, scores: zero, signs: zero, weights: zero, slopes: zero, bends: zero }
    }

    /// The log-likelihood of the chunk; for each row its derivatives in the score.
    #[inline(always)]
    fn derive(&mut self) -> f64 {
        let mut total = [0.0; LANES];
        for at in (0..CHUNK).step_by(LANES) {
            let eight = |from: &Chunk| -> Lanes { std::array::from_fn(|lane| from[at + lane]) };
            let (scores, signs, weights) = (eight(&self.scores), eight(&self.signs), eight(&self.weights));
            let odds = lanes::exp(&lanes::each(&scores, |score| -score.abs()));
            let near = lanes::ln_1p(&odds);
            for lane in 0..LANES {
                let (score, sign, odds) = (signs[lane] * scores[lane], signs[lane], odds[lane]);
                // The probability of the likelier outcome.
                let likelier = 1.0 / (1.0 + odds);
                let missed = if score >= 0.0 { odds * likelier } else { likelier };
                total[lane] -= weights[lane] * (near[lane] + (-score).max(0.0));
                self.slopes[at + lane] = weights[lane] * sign * missed;
                self.bends[at + lane] = weights[lane] * (odds * likelier * likelier);
            }
        }
        lanes::sum(&total)
    }
}

impl Sums {
    fn zero(coordinates: usize) -> Self {
        let triangle = vec![0.0; coordinates * (coordinates + 1) / 2];
        Self { value: 0.0, gradient: vec![0.0; coordinates], triangle }
    }

    fn joined(mut self, part: &Self) -> Self {
        self.value += part.value;
        self.gradient.iter_mut().zip(&part.gradient).for_each(|(sum, part)| *sum += part);
        self.triangle.iter_mut().zip(&part.triangle).for_each(|(sum, part)| *sum += part);
        self
    }

    #[inline(always)]
    fn add(&mut self, of: &mut Scratch) {
        self.value += of.derive();
        let mut rest = &mut self.triangle[..];
        for (at, slope) in self.gradient.iter_mut().enumerate() {
            let (before, own) = (&of.terms[..=at], &of.terms[at]);
            *slope += dots(&of.slopes, [own])[0];
            for ((weighted, x), bend) in of.weighted.iter_mut().zip(own).zip(&of.bends) {
                *weighted = x * bend;
            }
            let (row, after) = std::mem::take(&mut rest).split_at_mut(at + 1);
            rest = after;
            let (fours, last) = before.as_chunks::<4>();
            let (outs, last_out) = row.as_chunks_mut::<4>();
            for (out, four) in outs.iter_mut().zip(fours) {
                let sums = dots(&of.weighted, [&four[0], &four[1], &four[2], &four[3]]);
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
            }
            for (out, one) in last_out.iter_mut().zip(last) {
                *out += dots(&of.weighted, [one])[0];
            }
        }
    }

    /// The Hessian, negated.
    pub(super) fn information(&self) -> Symmetric {
        let size = self.gradient.len();
        let mut whole = Symmetric::zeros(size);
        let mut entries = self.triangle.iter();
        for row in 0..size {
            for (column, &entry) in (0..=row).zip(entries.by_ref()) {
                whole.set(row, column, entry);
            }
        }
        whole
    }

    pub(super) fn is_finite(&self) -> bool {
        let mut all = [self.value]
            .into_iter()
            .chain(self.gradient.iter().copied())
            .chain(self.triangle.iter().copied());
        all.all(f64::is_finite)
    }
}

/// The products of one chunk with some, so that it is read once.
#[inline(always)]
fn dots<const SOME: usize>(one: &Chunk, with: [&Chunk; SOME]) -> [f64; SOME] {
    let mut sums = [[0.0; LANES]; SOME];
    for at in (0..CHUNK).step_by(LANES) {
        for (sums, other) in sums.iter_mut().zip(with) {
            for (lane, sum) in sums.iter_mut().enumerate() {
                *sum += one[at + lane] * other[at + lane];
            }
        }
    }
    let mut out = [0.0; SOME];
    for (out, sums) in out.iter_mut().zip(&sums) {
        *out = lanes::sum(sums);
    }
    out
}
