//! A line of log odds fitted to what happened: logistic regression on one number.

use super::super::judge::{Outcomes, log_odds};
use crate::math::special::logistic;

/// Log odds as a line of other log odds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Line {
    pub(crate) intercept: f64,
    pub(crate) slope: f64,
}

/// Customers of one log odds: the weight of what counts as churned, and of what counts as stayed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) churned: f64,
    pub(crate) stayed: f64,
}

/// A line where the likelihood is greatest, and how sure it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Fitted {
    pub(crate) line: Line,
    /// Standard errors of intercept and slope.
    pub(crate) std_errors: [f64; 2],
}

impl Line {
    pub(crate) fn at(self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }
}

/// The points of outcomes.
pub(crate) fn points(outcomes: &Outcomes) -> Vec<Point> {
    let point = |tie: crate::churn::judge::Tie| Point {
        x: log_odds(tie.score),
        churned: tie.churned,
        stayed: tie.stayed,
    };
    outcomes.ties().map(point).collect()
}

/// The line of greatest likelihood. Where both kinds are to be found on either side of any number that is
/// always there; elsewhere the search ends after a hundred steps.
pub(crate) fn fit_line(points: &[Point]) -> Fitted {
    let (mean, spread) = spread(points);
    let standard: Vec<Point> =
        points.iter().map(|point| Point { x: (point.x - mean) / spread, ..*point }).collect();
    let start = Line { intercept: log_odds(rate(points)), slope: 0.0 };
    let (line, hessian) = climb(&standard, start);
    let [[aa, ab], [_, bb]] = inverse(hessian);
    let shift = mean / spread;
    let line = Line { intercept: line.intercept - line.slope * shift, slope: line.slope / spread };
    let variances = [aa + shift * shift * bb - 2.0 * shift * ab, bb / (spread * spread)];
    Fitted { line, std_errors: variances.map(|variance| variance.max(0.0).sqrt()) }
}

/// The intercept of greatest likelihood at a slope of 1: with it as many are expected to churn as did.
pub(crate) fn fit_intercept(points: &[Point]) -> f64 {
    let whole: f64 = points.iter().map(|point| point.churned).sum();
    let odds = log_odds(rate(points));
    let ends = points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
        (low.min(odds - point.x), high.max(odds - point.x))
    });
    // What is expected rises with the intercept, so the root stays between two ends, and a step of Newton's that
    // leaves them is one to their middle.
    let (mut low, mut high) = ends;
    let mut intercept = 0.0_f64.clamp(low, high);
    for _ in 0..MOST_STEPS {
        let (mut excess, mut curve) = (-whole, 0.0);
        for point in points {
            let (chance, other) = (logistic(intercept + point.x), logistic(-intercept - point.x));
            excess += (point.churned + point.stayed) * chance;
            curve += (point.churned + point.stayed) * chance * other;
        }
        if excess > 0.0 {
            high = intercept;
        } else {
            low = intercept;
        }
        let step = intercept - excess / curve;
        let next = if step > low && step < high { step } else { low + 0.5 * (high - low) };
        let moved = (next - intercept).abs();
        intercept = next;
        if moved <= 2.0 * f64::EPSILON * intercept.abs() {
            break;
        }
    }
    intercept
}

/// The share that counts as churned.
pub(crate) fn rate(points: &[Point]) -> f64 {
    let sum = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>();
    sum(|point| point.churned) / sum(|point| point.churned + point.stayed)
}

/// Mean and standard deviation, which is 1 where all are equal.
fn spread(points: &[Point]) -> (f64, f64) {
    let weight = |point: &Point| point.churned + point.stayed;
    let whole: f64 = points.iter().map(weight).sum();
    let mean = points.iter().map(|point| weight(point) * point.x).sum::<f64>() / whole;
    let squares: f64 = points.iter().map(|point| weight(point) * (point.x - mean).powi(2)).sum();
    let spread = (squares / whole).sqrt();
    (mean, if spread > 0.0 { spread } else { 1.0 })
}

type Hessian = [[f64; 2]; 2];

/// A step this short is the last: the next one would be its square.
const SETTLED: f64 = 1e-9;
const MOST_STEPS: usize = 100;
const MOST_HALVINGS: usize = 60;

/// Newton's method from a start, halving steps that lead up nowhere.
fn climb(points: &[Point], start: Line) -> (Line, Hessian) {
    let mut line = start;
    let mut loss = loss_of(points, line);
    let mut hessian = [[1.0, 0.0], [0.0, 1.0]];
    for _ in 0..MOST_STEPS {
        let (gradient, curvature) = slopes(points, line);
        hessian = curvature;
        let [[aa, ab], [_, bb]] = inverse(hessian);
        let step = [aa * gradient[0] + ab * gradient[1], ab * gradient[0] + bb * gradient[1]];
        let moved = |part: f64| Line {
            intercept: line.intercept - part * step[0],
            slope: line.slope - part * step[1],
        };
        let parts = std::iter::successors(Some(1.0), |part| Some(0.5 * part)).take(MOST_HALVINGS);
        let mut tried = parts.map(|part| (moved(part), loss_of(points, moved(part))));
        // Near the end the loss no longer tells one step from another.
        let slack = 4.0 * f64::EPSILON * loss.abs();
        let Some((next, lower)) = tried.find(|(_, found)| *found <= loss + slack) else { break };
        (line, loss) = (next, lower);
        if step.iter().all(|part| part.abs() <= SETTLED) {
            break;
        }
    }
    (line, hessian)
}

/// The negative log-likelihood.
fn loss_of(points: &[Point], line: Line) -> f64 {
    // ln(1 + e^x) without overflow.
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    points
        .iter()
        .map(|point| {
            let odds = line.at(point.x);
            point.churned * softplus(-odds) + point.stayed * softplus(odds)
        })
        .sum()
}

fn slopes(points: &[Point], line: Line) -> ([f64; 2], Hessian) {
    let (mut gradient, mut hessian) = ([0.0; 2], [[0.0; 2]; 2]);
    for &Point { x, churned, stayed } in points {
        let chance = logistic(line.at(x));
        let excess = stayed * chance - churned * logistic(-line.at(x));
        let curve = (churned + stayed) * chance * logistic(-line.at(x));
        gradient = [gradient[0] + excess, gradient[1] + excess * x];
        hessian[0][0] += curve;
        hessian[0][1] += curve * x;
        hessian[1][1] += curve * x * x;
    }
    hessian[1][0] = hessian[0][1];
    (gradient, hessian)
}

/// The inverse; of what has none, that of its diagonal, as far as that goes.
fn inverse([[aa, ab], [_, bb]]: Hessian) -> Hessian {
    let determinant = aa * bb - ab * ab;
    if determinant > f64::EPSILON * aa * bb {
        return [[bb, -ab], [-ab, aa]].map(|row| row.map(|entry| entry / determinant));
    }
    let over = |entry: f64| if entry > f64::MIN_POSITIVE { 1.0 / entry } else { 0.0 };
    [[over(aa), 0.0], [0.0, over(bb)]]
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact answers are compared")]
mod tests {
    use super::*;

    fn point(x: f64, churned: f64, stayed: f64) -> Point {
        Point { x, churned, stayed }
    }

    #[test]
    fn two_places_are_met_exactly() {
        // 1 of 4 at 2, 3 of 5 at 6: the line runs through the log odds -ln 3 and ln 1.5.
        let found = fit_line(&[point(2.0, 1.0, 3.0), point(6.0, 3.0, 2.0)]);
        let (low, high) = (-3.0_f64.ln(), 1.5_f64.ln());
        let slope = (high - low) / 4.0;
        assert!((found.line.slope - slope).abs() < 1e-14);
        assert!((found.line.intercept - (low - 2.0 * slope)).abs() < 1e-14);
        // Woolf: the variance of log odds is the sum of 1 over the counts.
        let known = ((1.0 + 1.0 / 3.0 + 1.0 / 3.0 + 0.5) / 16.0_f64).sqrt();
        assert!((found.std_errors[1] - known).abs() < 1e-13);
    }

    #[test]
    fn what_has_no_line_ends() {
        for points in [
            vec![point(1.0, 2.0, 2.0)],
            vec![point(-36.0, 0.0, 2.0), point(36.0, 2.0, 0.0)],
            vec![point(-36.0, 1e-300, 1e300), point(36.0, 1e300, 1e-300)],
        ] {
            let found = fit_line(&points);
            assert!(found.line.intercept.is_finite() && found.line.slope.is_finite(), "{found:?}");
            assert!(fit_intercept(&points).is_finite());
        }
    }

    #[test]
    fn the_intercept_makes_the_mean_right() {
        let points = [point(-2.0, 1.0, 9.0), point(0.0, 2.0, 5.0), point(3.0, 4.0, 2.0)];
        let shift = fit_intercept(&points);
        let expected: f64 = points.iter().map(|p| (p.churned + p.stayed) * logistic(shift + p.x)).sum();
        assert!((expected - 7.0).abs() < 1e-12);
    }

    #[test]
    fn the_intercept_of_what_was_sure_and_wrong_is_found() {
        // Of a thousand that were sure to stay fifty left, of as many sure to leave a hundred.
        let far = 36.0;
        let points = [point(-far, 50.0, 950.0), point(far, 100.0, 900.0)];
        let shift = fit_intercept(&points);
        let expected: f64 = points.iter().map(|p| (p.churned + p.stayed) * logistic(shift + p.x)).sum();
        assert!((expected - 150.0).abs() < 1e-9, "{shift} {expected}");
        assert!((shift - ((0.15_f64 / 0.85).ln() - far)).abs() < 1e-9);
    }
}
