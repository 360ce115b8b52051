//! Exponentials and logarithms of eight numbers at a time, in loops that compilers turn into vectors.
//!
//! Errors stay within two units in the last place. All is inlined, so that it takes the width of vectors of whoever
//! calls it, which [`super::simd`] chooses.

#![allow(
    clippy::inline_always,
    reason = "a function that is not inlined is compiled for the narrowest vectors"
)]

use super::simd;

/// Eight numbers.
pub(crate) type Lanes = [f64; LANES];

/// Numbers at a time.
pub(crate) const LANES: usize = 8;

/// One function of each. A plain loop becomes vectors, where `map` of an array does not.
#[inline(always)]
pub(crate) fn each(x: &Lanes, of: impl Fn(f64) -> f64) -> Lanes {
    let mut out = [0.0; LANES];
    for (out, x) in out.iter_mut().zip(x) {
        *out = of(*x);
    }
    out
}

/// A number of each of eight rows.
#[inline(always)]
pub(crate) fn gather<T>(rows: &[T; LANES], of: impl Fn(&T) -> f64) -> Lanes {
    let mut lanes = [0.0; LANES];
    for (lane, row) in lanes.iter_mut().zip(rows) {
        *lane = of(row);
    }
    lanes
}

/// Answers rows eight at a time, in the widest vectors, where something may stand already. Beside the last ones,
/// where they are fewer, stand copies of the first of them.
#[inline]
pub(crate) fn answer<T: Copy>(rows: &[T], out: &mut [f64], mut of: impl FnMut(&[T; LANES], &mut Lanes)) {
    let len = rows.len().min(out.len());
    let (eights, last) = rows[..len].as_chunks();
    let (outs, last_out) = out[..len].as_chunks_mut();
    simd::run(
        #[inline(always)]
        || {
            for (rows, out) in eights.iter().zip(outs) {
                of(rows, out);
            }
            if let Some(first) = last.first() {
                let (mut rows, mut out) = ([*first; LANES], [0.0; LANES]);
                rows[..last.len()].copy_from_slice(last);
                out[..last.len()].copy_from_slice(last_out);
                of(&rows, &mut out);
                last_out.copy_from_slice(&out[..last.len()]);
            }
        },
    );
}

/// Visits rows eight at a time, and says how many of them count: beside the last ones, where they are fewer, stand
/// copies of the first of them.
#[inline(always)]
pub(crate) fn visit<T: Copy>(rows: &[T], mut of: impl FnMut(&[T; LANES], usize)) {
    let (eights, last) = rows.as_chunks();
    for rows in eights {
        of(rows, LANES);
    }
    if let Some(first) = last.first() {
        let mut rows = [*first; LANES];
        rows[..last.len()].copy_from_slice(last);
        of(&rows, last.len());
    }
}

/// The sum, by halves: an order in which a compiler can make vectors of it.
#[inline(always)]
pub(crate) fn sum(lanes: &Lanes) -> f64 {
    let four = [lanes[0] + lanes[4], lanes[1] + lanes[5], lanes[2] + lanes[6], lanes[3] + lanes[7]];
    (four[0] + four[2]) + (four[1] + four[3])
}

const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// Added to a number, it leaves the nearest integer in the last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// 2^k and e^r - 1, where x = k ln 2 + r and r is nearest to 0.
#[inline(always)]
fn parts(x: f64) -> (f64, f64) {
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let square = r * r;
    let fourth = square * square;
    let pair = |at: usize| INVERSE_FACTORIALS[at] + INVERSE_FACTORIALS[at + 1] * r;
    // Pairs of pairs (Estrin), for a chain of products waits for each.
    let low = (pair(0) + pair(2) * square) + (pair(4) + pair(6) * square) * fourth;
    let high = (pair(8) + pair(10) * square) + INVERSE_FACTORIALS[12] * fourth;
    let sum = low + high * (fourth * fourth);
    let scale = f64::from_bits((rounded.to_bits() << 52).wrapping_add(1023 << 52));
    (scale, r + square * sum)
}

/// 1/2!, 1/3! ... 1/14!.
const INVERSE_FACTORIALS: [f64; 13] = {
    let (mut inverses, mut factorial, mut at) = ([0.0; 13], 1.0, 0);
    while at < 13 {
        factorial *= at as f64 + 2.0;
        inverses[at] = 1.0 / factorial;
        at += 1;
    }
    inverses
};

/// e^x for x up to 700; below -708 the least that is not 0, about 3e-308.
#[inline(always)]
pub(crate) fn exp(x: &Lanes) -> Lanes {
    each(x, |x| {
        let (scale, rest) = parts(x.max(-708.0));
        scale + scale * rest
    })
}

/// As [`exp`], but 0 below -708.
#[inline(always)]
pub(crate) fn exp_or_0(x: &Lanes) -> Lanes {
    let mut out = exp(x);
    for (out, x) in out.iter_mut().zip(x) {
        *out = if *x < -708.0 { 0.0 } else { *out };
    }
    out
}

/// e^x - 1 for x up to 700.
#[inline(always)]
pub(crate) fn exp_m1(x: &Lanes) -> Lanes {
    each(x, |x| {
        let (scale, rest) = parts(x.max(-708.0));
        (scale - 1.0) + scale * rest
    })
}

/// The bits of the root of 1/2, from which a mantissa runs to the root of 2.
const HALF_ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// The bits of 2^52: an integer in the last bits of it is that integer more.
const INTEGER: u64 = 0x4330_0000_0000_0000;

/// The series of ln((1 + s)/(1 - s)) - 2 s in powers of s^2, fitted (the C library of Sun Microsystems, 1993).
#[allow(clippy::excessive_precision, reason = "the coefficients stand as they are printed")]
const LOGARITHM: [f64; 7] = [
    6.666_666_666_666_735_13e-1,
    3.999_999_999_940_941_908e-1,
    2.857_142_874_366_239_149e-1,
    2.222_219_843_214_978_396e-1,
    1.818_357_216_161_805_012e-1,
    1.531_383_769_920_937_332e-1,
    1.479_819_860_511_658_591e-1,
];

/// ln(1 + x) for x >= 0.
#[inline(always)]
pub(crate) fn ln_1p(x: &Lanes) -> Lanes {
    each(x, |x| {
        let whole = 1.0 + x;
        // What the sum lost.
        let lost = (x - (whole - 1.0)) / whole;
        logarithm(whole, lost)
    })
}

/// ln x for x from 1e-307.
#[inline(always)]
pub(crate) fn ln(x: &Lanes) -> Lanes {
    each(x, |x| logarithm(x, 0.0))
}

/// ln(x (1 + lost)), where 1 + lost is 1.
#[inline(always)]
fn logarithm(x: f64, lost: f64) -> f64 {
    let bits = x.to_bits().wrapping_add(ONE - HALF_ROOT);
    let k = f64::from_bits((bits >> 52) | INTEGER) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + HALF_ROOT) - 1.0;
    let s = f / (2.0 + f);
    let square = s * s;
    let fourth = square * square;
    let pair = |at: usize| LOGARITHM[at] + LOGARITHM[at + 1] * square;
    let high = pair(4) + LOGARITHM[6] * fourth;
    let series = (pair(0) + pair(2) * fourth + high * (fourth * fourth)) * square;
    let half = 0.5 * f * f;
    k * LN_2_HIGH - ((half - (s * (half + series) + (k * LN_2_LOW + lost))) - f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight at a time, from a spread of sizes.
    fn all(from: f64, to: f64, found: impl Fn(&Lanes) -> Lanes, known: impl Fn(f64) -> f64) {
        for block in 0..4000 {
            let x: Lanes = std::array::from_fn(|lane| {
                from + (to - from) * f64::from(block * 8 + lane as u32) / 32_000.0
            });
            for (x, found) in x.iter().zip(found(&x)) {
                let known = known(*x);
                let error = (found - known).abs();
                assert!(error <= 2.0 * f64::EPSILON * known.abs(), "{x}: {found} is not {known}");
            }
        }
    }

    #[test]
    fn exponentials_are_those_of_the_library() {
        all(-707.0, 700.0, exp, f64::exp);
        all(-2.0, 2.0, exp, f64::exp);
        assert!(exp(&[-1e300; LANES]).iter().all(|&least| least > 0.0 && least < 1e-300));
        assert!(exp_or_0(&[-1e300; LANES]).iter().all(|none| *none == 0.0));
        all(-707.0, 700.0, exp_or_0, f64::exp);
        all(-1000.0, 0.0, exp_m1, f64::exp_m1);
        all(-1.5, 0.0, exp_m1, f64::exp_m1);
        all(0.0, 700.0, exp_m1, f64::exp_m1);
        all(0.0, 1.5, exp_m1, f64::exp_m1);
        all(0.0, 1e-9, exp_m1, f64::exp_m1);
    }

    #[test]
    fn logarithms_are_those_of_the_library() {
        for to in [1e-300, 1e-9, 1.0, 10.0, 1e6, 1e17, 1e300] {
            all(0.0, to, ln_1p, f64::ln_1p);
            all(to.max(1e-300) * 1e-7, to, ln, f64::ln);
        }
    }
}
