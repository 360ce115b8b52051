//! Models of churn and their measures on column files, for the script in `benches/peers/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use patronage::{
    churn::{Boosting, ChurnModel, Examples, Forest, Logistic, Outcomes, Penalty, Predictors},
    domain::{CustomerId, Customers, Day},
    feature::Features,
};

use super::{Timing, read, time, write};

type Failure = Box<dyn std::error::Error>;

/// `None` if the task is not one of these.
pub(crate) fn run(directory: &Path, task: &str, runs: usize) -> Option<Result<(), Failure>> {
    let work: fn(&Task) -> Result<(), Failure> = match task {
        "auc" => |task| task.auc(),
        "forest" => |task| task.forest(),
        "boosting" => |task| task.boosting(),
        "logistic" => |task| task.logistic(),
        _ => return None,
    };
    Some(work(&Task { directory: directory.to_owned(), name: task.to_owned(), runs }))
}

struct Task {
    directory: PathBuf,
    name: String,
    runs: usize,
}

impl Task {
    /// The area under the ROC curve of `scores.f64` against `churned.u8`.
    fn auc(&self) -> Result<(), Failure> {
        let scores = read(&self.directory.join("scores.f64"), f64::from_le_bytes)?;
        let churned = read(&self.directory.join("churned.u8"), u8::from_le_bytes)?;
        let churned: Vec<bool> = churned.iter().map(|one| *one == 1).collect();
        let (auc, timing) = time(self.runs, || Outcomes::new(&scores, &churned)?.auc())?;
        self.finish("value.f64", &[auc.value()], scores.len(), &timing)
    }

    /// A forest of 300 trees on `x.f64` and `churned.u8`: its Brier score and log loss on the later rows.
    fn forest(&self) -> Result<(), Failure> {
        let learn = self.examples("")?;
        let (model, timing) = time(self.runs, || Forest::new(300, 1).leaf_rows(5).fit(&learn))?;
        self.judge(&model, learn.len(), &timing)
    }

    /// As [`forest`](Self::forest), 200 boosted trees of at most 5 questions to a leaf.
    fn boosting(&self) -> Result<(), Failure> {
        let learn = self.examples("")?;
        let way = Boosting::new(1).rounds(200).learning_rate(0.1).depth(5).columns(1.0);
        let (model, timing) = time(self.runs, || way.fit(&learn))?;
        self.judge(&model, learn.len(), &timing)
    }

    /// Brier score and log loss of the later rows.
    fn judge(&self, model: &dyn ChurnModel, rows: usize, timing: &Timing) -> Result<(), Failure> {
        let later = self.examples("later_")?;
        let judged = Outcomes::new(&model.probabilities(later.predictors())?, later.churned())?;
        self.finish("value.f64", &[judged.brier(), judged.log_loss()], rows, timing)
    }

    /// Columns of numbers, one after the other, and who churned.
    fn examples(&self, name: &str) -> Result<Examples, Failure> {
        let values = read(&self.directory.join(format!("{name}x.f64")), f64::from_le_bytes)?;
        let churned = read(&self.directory.join(format!("{name}churned.u8")), u8::from_le_bytes)?;
        let people: Customers = (0..churned.len() as u32).map(CustomerId::from).collect();
        let some =
            |(at, column): (usize, &[f64])| (format!("x{at}"), column.iter().copied().map(Some).collect());
        let columns = values.chunks(churned.len()).enumerate().map(some);
        let known = Predictors::of(&Features::new(people, Day::default(), columns)?);
        Ok(Examples::new(known, churned.iter().map(|one| *one == 1).collect())?)
    }

    /// What a ridge of strength 1 and the loss add up to, on the columns of `x.f64`.
    fn logistic(&self) -> Result<(), Failure> {
        let examples = self.examples("")?;
        let (model, timing) = time(self.runs, || Logistic::new(Penalty::ridge(1.0)).fit(&examples))?;
        let squares: f64 = model.coefficients().iter().map(|one| one.value * one.value).sum();
        self.finish("value.f64", &[squares / 2.0 - model.log_likelihood()], examples.len(), &timing)
    }

    fn finish(&self, file: &str, answer: &[f64], rows: usize, timing: &Timing) -> Result<(), Failure> {
        let out = self.directory.join(format!("ours-{}", self.name));
        fs::create_dir_all(&out)?;
        write(&out.join(file), answer.iter().map(|real| real.to_le_bytes()))?;
        timing.print(&self.name, rows, &out);
        Ok(())
    }
}
