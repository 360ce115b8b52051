//! Models of churn and their measures on column files, for the script in `benches/peers/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use patronage::{
    churn::{Examples, Logistic, Outcomes, Penalty, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::Features,
};

use super::{Timing, read, time, write};

type Failure = Box<dyn std::error::Error>;

/// `None` if the task is not one of these.
pub(crate) fn run(directory: &Path, task: &str, runs: usize) -> Option<Result<(), Failure>> {
    let work: fn(&Task<'_>) -> Result<(), Failure> = match task {
        "auc" => |task| task.auc(),
        "logistic" => |task| task.logistic(),
        _ => return None,
    };
    Some(work(&Task { directory, name: task, runs }))
}

struct Task<'a> {
    directory: &'a Path,
    name: &'a str,
    runs: usize,
}

impl Task<'_> {
    /// The area under the ROC curve of `scores.f64` against `churned.u8`.
    fn auc(&self) -> Result<(), Failure> {
        let scores = read(&self.directory.join("scores.f64"), f64::from_le_bytes)?;
        let churned = self.churned()?;
        let (auc, timing) = time(self.runs, || Outcomes::new(&scores, &churned)?.auc())?;
        self.finish("value.f64", &[auc.value()], scores.len(), &timing)
    }

    /// What a ridge of strength 1 and the loss add up to, on the columns of `x.f64`.
    fn logistic(&self) -> Result<(), Failure> {
        let churned = self.churned()?;
        let rows = churned.len();
        let values = read(&self.directory.join("x.f64"), f64::from_le_bytes)?;
        let people: Customers = (0..rows as u64).map(CustomerId::from).collect();
        let column =
            |(at, values): (usize, &[f64])| (format!("x{at}"), values.iter().copied().map(Some).collect());
        let numbers = Features::new(people, Day::default(), values.chunks(rows).enumerate().map(column))?;
        let examples = Examples::new(Predictors::of(&numbers), churned)?;
        let (model, timing) = time(self.runs, || Logistic::new(Penalty::ridge(1.0)).fit(&examples))?;
        let squares: f64 = model.coefficients().iter().map(|one| one.value * one.value).sum();
        self.finish("value.f64", &[squares / 2.0 - model.log_likelihood()], rows, &timing)
    }

    fn churned(&self) -> Result<Vec<bool>, Failure> {
        let churned = read(&self.directory.join("churned.u8"), u8::from_le_bytes)?;
        Ok(churned.iter().map(|one| *one == 1).collect())
    }

    fn finish(&self, file: &str, answer: &[f64], rows: usize, timing: &Timing) -> Result<(), Failure> {
        let out: PathBuf = self.directory.join(format!("ours-{}", self.name));
        fs::create_dir_all(&out)?;
        write(&out.join(file), answer.iter().map(|real| real.to_le_bytes()))?;
        timing.print(self.name, rows, &out);
        Ok(())
    }
}
