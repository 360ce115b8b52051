//! Survival on column files, for the script in `benches/peers/`.
//!
//! `DIR/durations.f64` and `events.u8` are the lifetimes, `covariates.f64` one column after the other.

use std::{fs, path::Path};

use patronage::churn::survival::{Covariates, Cox, Interval, KaplanMeier, Lifetimes};

use super::{read, time, write};

type Failure = Box<dyn std::error::Error>;

/// `None` if the task is not one of these.
pub(crate) fn run(directory: &Path, task: &str, runs: usize) -> Option<Result<(), Failure>> {
    match task {
        "cox" => Some(cox(directory, runs)),
        "kaplan_meier" => Some(kaplan_meier(directory, runs)),
        _ => None,
    }
}

fn lifetimes(directory: &Path) -> Result<(Vec<f64>, Vec<bool>), Failure> {
    let durations = read(&directory.join("durations.f64"), f64::from_le_bytes)?;
    let events = read(&directory.join("events.u8"), u8::from_le_bytes)?;
    Ok((durations, events.into_iter().map(|event| event == 1).collect()))
}

fn cox(directory: &Path, runs: usize) -> Result<(), Failure> {
    let (durations, events) = lifetimes(directory)?;
    let values = read(&directory.join("covariates.f64"), f64::from_le_bytes)?;
    let columns =
        || values.chunks(durations.len()).enumerate().map(|(at, column)| (format!("x{at}"), column));
    let (model, timing) = time(runs, || {
        Cox::default().fit(&Lifetimes::new(&durations, &events)?, &Covariates::new(columns())?)
    })?;
    let out = directory.join("ours-cox");
    fs::create_dir_all(&out)?;
    let coefficients = || model.coefficients().iter();
    write(&out.join("coefficients.f64"), coefficients().map(|one| one.value.to_le_bytes()))?;
    write(&out.join("std_errors.f64"), coefficients().map(|one| one.std_error.to_le_bytes()))?;
    write(&out.join("log_likelihood.f64"), [model.log_likelihood().to_le_bytes()].into_iter())?;
    let concordance = model.concordance().unwrap_or(f64::NAN);
    write(&out.join("concordance.f64"), [concordance.to_le_bytes()].into_iter())?;
    timing.print("cox", durations.len(), &out);
    Ok(())
}

/// The curve, its median and an interval at every time, as the rival gives them.
fn kaplan_meier(directory: &Path, runs: usize) -> Result<(), Failure> {
    let (durations, events) = lifetimes(directory)?;
    let ((curve, intervals), timing) = time(runs, || -> Result<_, Failure> {
        let curve = KaplanMeier::of(&Lifetimes::new(&durations, &events)?);
        let intervals = curve.intervals(0.95, Interval::LogLog)?;
        Ok((curve, intervals))
    })?;
    let out = directory.join("ours-kaplan_meier");
    fs::create_dir_all(&out)?;
    write(&out.join("times.f64"), curve.times().iter().map(|time| time.to_le_bytes()))?;
    write(&out.join("survival.f64"), curve.survival().iter().map(|share| share.to_le_bytes()))?;
    write(&out.join("lower.f64"), intervals.iter().map(|(low, _)| low.to_le_bytes()))?;
    timing.print("kaplan_meier", durations.len(), &out);
    Ok(())
}
