//! Models of churn and their measures on column files, for the script in `benches/peers/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use patronage::churn::Outcomes;

use super::{Timing, read, time, write};

type Failure = Box<dyn std::error::Error>;

/// `None` if the task is not one of these.
pub(crate) fn run(directory: &Path, task: &str, runs: usize) -> Option<Result<(), Failure>> {
    let work: fn(&Task<'_>) -> Result<(), Failure> = match task {
        "auc" => |task| task.auc(),
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
        let churned: Vec<bool> = read(&self.directory.join("churned.u8"), u8::from_le_bytes)?
            .iter()
            .map(|one| *one == 1)
            .collect();
        let (auc, timing) = time(self.runs, || Outcomes::new(&scores, &churned)?.auc())?;
        self.finish("value.f64", &[auc.value()], scores.len(), &timing)
    }

    fn finish(&self, file: &str, answer: &[f64], rows: usize, timing: &Timing) -> Result<(), Failure> {
        let out: PathBuf = self.directory.join(format!("ours-{}", self.name));
        fs::create_dir_all(&out)?;
        write(&out.join(file), answer.iter().map(|real| real.to_le_bytes()))?;
        timing.print(self.name, rows, &out);
        Ok(())
    }
}
