//! The maximum of a smooth surface, by Newton's method in a trust region (Nocedal & Wright 2006, chapter 4).
//!
//! A surface here is a log-likelihood over log-parameters: a sum over up to a million rows, so that its value
//! carries rounding noise that hides the last steps. Those are judged by the gradient.

use super::symmetric::{Symmetric, dot};

/// A surface at one point.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Curve {
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Symmetric,
}

/// What is to be maximised. What is not finite counts as worse than anything else.
pub(crate) trait Surface {
    fn value(&self, at: &[f64]) -> f64;

    fn curve(&self, at: &[f64]) -> Curve;
}

/// How a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// At a maximum.
    Converged,
    /// Where the gradient is as good as zero, but some direction stays undecided: a parameter lies on its
    /// bound or still runs towards it, or the Hessian is singular.
    Flat,
    StepLimit,
    /// No step, however small, led up.
    NoProgress,
    /// The start was not finite.
    NotFinite,
}

/// Where a search ended, and how.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Peak {
    pub(crate) at: Vec<f64>,
    pub(crate) curve: Curve,
    /// Points tried after the start.
    pub(crate) steps: u32,
    pub(crate) ended: Ended,
    /// The largest slope of a parameter that is free to move, over the size of the value (at least 1).
    pub(crate) gradient_size: f64,
}

/// The search.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Newton {
    /// At most so many points are tried.
    pub(crate) steps: u32,
    /// At a maximum `gradient_size` is at most this.
    pub(crate) tolerance: f64,
    /// Every parameter stays within this distance of zero.
    pub(crate) bound: f64,
}

impl Default for Newton {
    fn default() -> Self {
        Self { steps: 200, tolerance: 1e-9, bound: 30.0 }
    }
}

/// Half of it is the gain a Newton step promises; the parameters are then within a millionth of their
/// standard errors, before polishing.
const DECREMENT: f64 = 1e-12;
/// Newton steps after convergence is seen: each doubles the digits.
const POLISHING: u32 = 3;
/// A parameter that would still move so far, though nothing is gained, is not determined.
const UNDECIDED: f64 = 1e-3;
const MOST_RADIUS: f64 = 8.0;
/// A Newton step this short is not worth taking.
const SETTLED: f64 = 1e-9;
/// Each failure makes the next step four times shorter.
const MOST_FAILURES: u32 = 20;

impl Newton {
    /// Climbs from `start`, which is first brought within the bound.
    pub(crate) fn maximise(&self, surface: &dyn Surface, start: &[f64]) -> Peak {
        let at: Vec<f64> = start.iter().map(|x| x.clamp(-self.bound, self.bound)).collect();
        let curve = surface.curve(&at);
        if !curve.is_finite() || at.iter().any(|x| x.is_nan()) {
            return Peak { at, curve, steps: 0, ended: Ended::NotFinite, gradient_size: f64::NAN };
        }
        let mut here = Local::of(at, curve, self.bound);
        let (mut radius, mut polished, mut failed) = (1.0, 0, 0);
        for steps in 0..self.steps {
            let near = here.is_near(self.tolerance);
            let done = near && (here.length < SETTLED || polished == POLISHING || failed > 0);
            if done || failed > MOST_FAILURES {
                return here.end(steps, self);
            }
            polished += u32::from(near);
            let (at, promised) = here.step(radius);
            if at == here.at {
                return here.end(steps, self);
            }
            let there = here.look(surface, at, failed > 0);
            let moved = there.as_ref().map_or(radius, |there| distance(&there.at, &here.at));
            let ratio = there.as_ref().map_or(f64::NEG_INFINITY, |there| here.gain(there, promised));
            if ratio < 0.25 {
                radius = 0.25 * moved.min(radius);
            } else if ratio > 0.75 && moved > 0.8 * radius {
                radius = (2.0 * radius).min(MOST_RADIUS);
            }
            match there {
                Some(there) if ratio > 1e-4 => (here, failed) = (there, 0),
                _ => failed += 1,
            }
        }
        Peak { ended: Ended::StepLimit, ..here.end(self.steps, self) }
    }
}

impl Curve {
    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|slope| slope.is_finite())
            && self.hessian.is_finite()
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum: f64, (a, b)| sum.hypot(a - b))
}

/// A point and the surface about it, along the axes of its Hessian.
struct Local {
    at: Vec<f64>,
    curve: Curve,
    bound: f64,
    axes: Vec<Axis>,
    /// g' |H|^-1 g over the free parameters.
    decrement: f64,
    /// Of the whole Newton step.
    length: f64,
    gradient_size: f64,
}

/// An eigenvector of the negated Hessian, restricted to the parameters that are free to move.
struct Axis {
    direction: Vec<f64>,
    slope: f64,
    /// The eigenvalue: positive where the surface bends down.
    bend: f64,
    /// Its size, kept off zero.
    stiffness: f64,
    singular: bool,
}

impl Local {
    fn of(at: Vec<f64>, curve: Curve, bound: f64) -> Self {
        // A parameter on its bound stays there if it would leave.
        let free: Vec<usize> =
            (0..at.len()).filter(|&i| at[i].abs() < bound || at[i] * curve.gradient[i] < 0.0).collect();
        let mut negated = Symmetric::zeros(free.len());
        for (row, &i) in free.iter().enumerate() {
            for (column, &j) in free.iter().enumerate().take(row + 1) {
                negated.set(row, column, -curve.hessian.get(i, j));
            }
        }
        let eigen = negated.eigen();
        let most = eigen.values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        let noise = 4.0 * free.len() as f64 * f64::EPSILON * most;
        let axes: Vec<Axis> = (eigen.values.iter().zip(&eigen.vectors))
            .map(|(&bend, vector)| {
                let mut direction = vec![0.0; at.len()];
                free.iter().zip(vector).for_each(|(&i, entry)| direction[i] = *entry);
                let slope = dot(&direction, &curve.gradient);
                let stiffness = bend.abs().max(noise).max(1e-8 * slope.abs()).max(f64::MIN_POSITIVE);
                Axis { direction, slope, bend, stiffness, singular: bend.abs() <= noise }
            })
            .collect();
        let steepest = free.iter().fold(0.0, |most: f64, &i| most.max(curve.gradient[i].abs()));
        Self {
            decrement: axes.iter().map(|axis| axis.slope * (axis.slope / axis.stiffness)).sum(),
            length: length(&axes.iter().map(|axis| axis.slope / axis.stiffness).collect::<Vec<_>>()),
            gradient_size: steepest / curve.value.abs().max(1.0),
            at,
            curve,
            bound,
            axes,
        }
    }

    /// Whether a Newton step promises nothing more.
    fn is_near(&self, tolerance: f64) -> bool {
        let saddle = self.axes.iter().any(|axis| axis.bends_up() && !axis.singular);
        !saddle && self.decrement <= DECREMENT && self.gradient_size <= tolerance
    }

    fn is_flat(&self) -> bool {
        self.length > UNDECIDED
            || self.axes.iter().any(|axis| axis.singular || axis.bends_up())
            || self.at.iter().any(|x| x.abs() >= self.bound)
    }

    fn end(self, steps: u32, search: &Newton) -> Peak {
        // The size of the value is no measure where its terms cancel; the decrement then tells.
        let is_top = self.gradient_size <= search.tolerance || self.decrement <= DECREMENT;
        let ended = match is_top {
            true if self.is_flat() => Ended::Flat,
            true => Ended::Converged,
            false => Ended::NoProgress,
        };
        Peak { at: self.at, curve: self.curve, steps, ended, gradient_size: self.gradient_size }
    }

    /// The point that the quadratic model holds for the best within the radius and the bound, and the gain
    /// it promises there. Where the surface bends up, the step goes as far as it may.
    fn step(&self, radius: f64) -> (Vec<f64>, f64) {
        let pull = |axis: &Axis| {
            let least = if axis.bends_up() && !axis.singular { axis.stiffness * radius } else { 0.0 };
            axis.slope.abs().max(least).copysign(axis.slope)
        };
        let pulls: Vec<(f64, f64)> = self.axes.iter().map(|axis| (pull(axis), axis.stiffness)).collect();
        let mut at = self.at.clone();
        for (axis, along) in self.axes.iter().zip(within(&pulls, radius)) {
            at.iter_mut().zip(&axis.direction).for_each(|(x, entry)| *x += along * entry);
        }
        for x in &mut at {
            *x = x.clamp(-self.bound, self.bound);
        }
        let moved: Vec<f64> = at.iter().zip(&self.at).map(|(there, here)| there - here).collect();
        let bending = dot(&moved, &self.curve.hessian.times(&moved));
        let promised = dot(&moved, &self.curve.gradient) + 0.5 * bending;
        (at, promised)
    }

    /// The rounding of the value, a sum of many terms.
    fn noise(&self) -> f64 {
        64.0 * f64::EPSILON * self.curve.value.abs()
    }

    /// What a step gained, as a share of what was promised. Below the noise the value cannot tell, and the
    /// share is that by which the decrement fell.
    fn gain(&self, there: &Self, promised: f64) -> f64 {
        let gained = there.curve.value - self.curve.value;
        if promised > self.noise() {
            gained / promised
        } else if gained >= -self.noise() {
            1.0 - there.decrement / self.decrement.max(f64::MIN_POSITIVE)
        } else {
            f64::NEG_INFINITY
        }
    }

    /// The surface at a point; nothing if it is not finite, or if a look at the value alone, which is
    /// cheaper where a step has just failed, finds it lower.
    fn look(&self, surface: &dyn Surface, at: Vec<f64>, wary: bool) -> Option<Self> {
        if wary && !(surface.value(&at) >= self.curve.value - self.noise()) {
            return None;
        }
        let curve = surface.curve(&at);
        curve.is_finite().then(|| Self::of(at, curve, self.bound))
    }
}

impl Axis {
    fn bends_up(&self) -> bool {
        self.bend < 0.0
    }
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().fold(0.0, |sum: f64, entry| sum.hypot(*entry))
}

/// The steps pull / (stiffness + damping), with the least damping that keeps their length within the radius.
fn within(pulls: &[(f64, f64)], radius: f64) -> Vec<f64> {
    let mut damping = 0.0;
    let mut steps = Vec::new();
    // Newton's method on 1 / length, which is nearly straight in the damping: from below, never past it.
    for _ in 0..60 {
        steps = pulls.iter().map(|(pull, stiffness)| pull / (stiffness + damping)).collect();
        let reach = length(&steps);
        if reach <= radius * (1.0 + 1e-6) {
            return steps;
        }
        let slope: f64 = pulls
            .iter()
            .zip(&steps)
            .map(|((_, stiffness), step)| step / reach * (step / reach) / (stiffness + damping))
            .sum();
        damping += (reach / radius - 1.0) / slope;
    }
    let reach = length(&steps);
    steps.iter().map(|step| step * (radius / reach)).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// A surface by a closure for its value, gradient and the lower triangle of its Hessian by rows.
    struct By<F> {
        curve: F,
        calls: Cell<u32>,
    }

    impl<F: Fn(&[f64]) -> (f64, Vec<f64>, Vec<f64>)> Surface for By<F> {
        fn value(&self, at: &[f64]) -> f64 {
            self.calls.set(self.calls.get() + 1);
            (self.curve)(at).0
        }

        fn curve(&self, at: &[f64]) -> Curve {
            self.calls.set(self.calls.get() + 1);
            let (value, gradient, triangle) = (self.curve)(at);
            let mut hessian = Symmetric::zeros(at.len());
            let mut entries = triangle.into_iter();
            for row in 0..at.len() {
                for column in 0..=row {
                    hessian.set(row, column, entries.next().unwrap());
                }
            }
            Curve { value, gradient, hessian }
        }
    }

    fn climb(start: &[f64], curve: impl Fn(&[f64]) -> (f64, Vec<f64>, Vec<f64>)) -> Peak {
        let surface = By { curve, calls: Cell::new(0) };
        let peak = Newton::default().maximise(&surface, start);
        assert!(surface.calls.get() <= 2 * peak.steps + 1);
        assert!(!peak.at.iter().any(|x| x.abs() > 30.0));
        peak
    }

    fn near(peak: &Peak, known: &[f64], tolerance: f64) {
        assert_eq!(peak.ended, Ended::Converged, "{peak:?}");
        assert!(distance(&peak.at, known) <= tolerance, "{peak:?}");
    }

    fn rosenbrock(at: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
        let (x, y) = (at[0], at[1]);
        let bent = y - x * x;
        let value = -(100.0 * bent * bent + (1.0 - x) * (1.0 - x));
        let gradient = vec![400.0 * x * bent + 2.0 * (1.0 - x), -200.0 * bent];
        (value, gradient, vec![400.0 * y - 1200.0 * x * x - 2.0, 400.0 * x, -200.0])
    }

    #[test]
    fn climbs_rosenbrocks_valley() {
        let peak = climb(&[-1.2, 1.0], rosenbrock);
        near(&peak, &[1.0, 1.0], 1e-12);
        assert!(peak.steps < 40, "{}", peak.steps);
        // With the noise of a sum of a hundred million.
        let high = |at: &[f64]| {
            let (value, gradient, hessian) = rosenbrock(at);
            (value - 1e8, gradient, hessian)
        };
        near(&climb(&[-1.2, 1.0], high), &[1.0, 1.0], 1e-9);
    }

    #[test]
    fn an_ill_conditioned_quadratic_takes_a_few_steps() {
        let quadratic = |at: &[f64]| {
            let (x, y) = (at[0] - 2.0, at[1] + 3.0);
            (-0.5 * (1e5 * x * x + 1e-5 * y * y), vec![-1e5 * x, -1e-5 * y], vec![-1e5, 0.0, -1e-5])
        };
        let peak = climb(&[0.0, 0.0], quadratic);
        near(&peak, &[2.0, -3.0], 1e-9);
        assert!(peak.steps < 10, "{}", peak.steps);
    }

    #[test]
    fn a_flat_curved_ridge_is_followed_to_its_top() {
        // Stiff across the ridge y = x^2 / 4, and along it -1e-3 (x - 1)^4 - 1e-3 (x - 1)^2.
        let ridge = |at: &[f64]| {
            let (x, across, along) = (at[0], at[1] - at[0] * at[0] / 4.0, at[0] - 1.0);
            let value = -1e5 - 50.0 * across * across - 1e-3 * along.powi(4) - 1e-3 * along * along;
            let slope = 50.0 * across * x - 4e-3 * along.powi(3) - 2e-3 * along;
            let bend = 50.0 * across - 25.0 * x * x - 1.2e-2 * along * along - 2e-3;
            (value, vec![slope, -100.0 * across], vec![bend, 50.0 * x, -100.0])
        };
        let peak = climb(&[6.0, 2.0], ridge);
        near(&peak, &[1.0, 0.25], 1e-6);
    }

    #[test]
    fn a_saddle_is_left() {
        let saddle = |at: &[f64]| {
            let (x, y) = (at[0], at[1]);
            let value = x * x / 2.0 - x.powi(4) / 4.0 - y * y;
            (value, vec![x - x.powi(3), -2.0 * y], vec![1.0 - 3.0 * x * x, 0.0, -2.0])
        };
        let peak = climb(&[0.0, 0.0], saddle);
        near(&peak, &[peak.at[0].signum(), 0.0], 1e-12);
    }

    #[test]
    fn a_surface_without_a_top_ends_flat() {
        let line = |at: &[f64]| (at[0], vec![1.0], vec![0.0]);
        assert_eq!((climb(&[0.0], line).ended, climb(&[0.0], line).at[0]), (Ended::Flat, 30.0));
        let level = |at: &[f64]| (-(-at[0]).exp(), vec![(-at[0]).exp()], vec![-(-at[0]).exp()]);
        assert_eq!(climb(&[0.0], level).ended, Ended::Flat);
        let logistic = |at: &[f64]| {
            let p = (1.0 + (-at[0]).exp()).recip();
            (p, vec![p * (1.0 - p)], vec![p * (1.0 - p) * (1.0 - 2.0 * p)])
        };
        assert_eq!(climb(&[-5.0], logistic).ended, Ended::Flat);
        let constant = |_: &[f64]| (-3.0, vec![0.0; 2], vec![0.0; 3]);
        assert_eq!(climb(&[1.0, 2.0], constant).ended, Ended::Flat);
        let trough = |at: &[f64]| {
            let sum = at[0] + at[1] - 1.0;
            (-1e6 - sum * sum, vec![-2.0 * sum; 2], vec![-2.0; 3])
        };
        let peak = climb(&[4.0, 4.0], trough);
        assert_eq!(peak.ended, Ended::Flat);
        assert!((peak.at[0] + peak.at[1] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_top_beyond_the_bound_ends_on_it() {
        let far = |at: &[f64]| {
            let (x, y) = (at[0] - 50.0, at[1] - at[0]);
            (-x * x - y * y, vec![-2.0 * x + 2.0 * y, -2.0 * y], vec![-4.0, 2.0, -2.0])
        };
        let peak = climb(&[0.0, 0.0], far);
        assert_eq!((peak.ended, peak.at), (Ended::Flat, vec![30.0, 30.0]));
    }

    #[test]
    fn what_is_not_finite_is_worse() {
        // The top of ln x - x is at 1; below 0 there is nothing.
        let log = |at: &[f64]| (at[0].ln() - at[0], vec![at[0].recip() - 1.0], vec![-at[0].powi(-2)]);
        for start in [1e-3, 0.5, 3.0, 25.0] {
            near(&climb(&[start], log), &[1.0], 1e-9);
        }
        assert_eq!(climb(&[-1.0], log).ended, Ended::NotFinite);
        assert_eq!(climb(&[f64::NAN], |_| (0.0, vec![0.0], vec![-1.0])).ended, Ended::NotFinite);
        // A cliff: the slope points where nothing is.
        let cliff = |at: &[f64]| (if at[0] > 1.0 { f64::NAN } else { at[0] }, vec![1.0], vec![0.0]);
        let peak = climb(&[0.0], cliff);
        assert_eq!(peak.ended, Ended::NoProgress);
        assert!(peak.at[0] > 0.9 && peak.curve.value.is_finite());
    }

    #[test]
    fn a_top_at_zero_is_one() {
        // Noise in the slope, and a value that is small beside its terms.
        let noisy = |at: &[f64]| {
            let x = at[0] - 0.1;
            (-500.0 * x * x, vec![-1000.0 * x + 1e-8 * (1e9 * x).sin().signum()], vec![-1000.0])
        };
        near(&climb(&[1.0], noisy), &[0.1], 1e-9);
    }

    #[test]
    fn a_wrong_gradient_ends_without_progress() {
        let wrong = |at: &[f64]| (-at[0] * at[0], vec![1.0 + at[0]], vec![-1.0]);
        assert!(matches!(climb(&[0.0], wrong).ended, Ended::NoProgress | Ended::StepLimit));
    }
}
