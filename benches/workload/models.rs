//! The purchase models on column files, for the script in `benches/peers/`.
//!
//! `MODEL_fit` learns from `DIR/x.u32`, `t_x.f64` and `age.f64` (in weeks), `MODEL_score` scores them by the
//! model of `DIR/parameters.f64` over as many weeks as `DIR/ahead.u32` says.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::Path,
};

use patronage::{
    cltv::{BgNbd, BgNbdModel, ParetoNbd, ParetoNbdModel},
    domain::{Horizon, Tick},
    model::{Parametric, PurchaseEstimator, PurchaseForecast},
    summary::{History, HistoryTable},
};

use super::{read, time, write};

type Failure = Box<dyn std::error::Error>;

/// `None` if the task is not one of these.
pub(crate) fn run(directory: &Path, task: &str, runs: usize) -> Option<Result<(), Failure>> {
    let one = Task { directory, name: task, runs };
    Some(match task {
        "bg_nbd_fit" => one.fit(&BgNbd::default()),
        "pareto_nbd_fit" => one.fit(&ParetoNbd::default()),
        "bg_nbd_score" => one.score(|[r, alpha, a, b]| BgNbdModel::new(Tick::Week, r, alpha, a, b)),
        "pareto_nbd_score" => {
            one.score(|[r, alpha, s, beta]| ParetoNbdModel::new(Tick::Week, r, alpha, s, beta))
        }
        _ => return None,
    })
}

struct Task<'a> {
    directory: &'a Path,
    name: &'a str,
    runs: usize,
}

impl Task<'_> {
    fn fit<E: PurchaseEstimator>(&self, estimator: &E) -> Result<(), Failure>
    where
        E::Model: Parametric,
    {
        let people = people(self.directory)?;
        let (fit, timing) = time(self.runs, || estimator.fit(&people))?;
        let out = self.directory.join(format!("ours-{}", self.name));
        fs::create_dir_all(&out)?;
        let estimates = || fit.estimates().iter();
        write(&out.join("estimates.f64"), estimates().map(|one| one.value.to_le_bytes()))?;
        let errors = estimates().map(|one| one.std_error.unwrap_or(f64::NAN).to_le_bytes());
        write(&out.join("std_errors.f64"), errors)?;
        write(&out.join("log_likelihood.f64"), [fit.log_likelihood().to_le_bytes()].into_iter())?;
        write(&out.join("converged.u8"), [[u8::from(fit.stop().is_converged())]].into_iter())?;
        timing.print(self.name, people.rows().len(), &out);
        Ok(())
    }

    fn score<M: PurchaseForecast>(
        &self,
        model: impl Fn([f64; 4]) -> Result<M, patronage::Error>,
    ) -> Result<(), Failure> {
        let four = |values: Vec<f64>| <[f64; 4]>::try_from(values).map_err(|_| "four parameters are needed");
        let model = model(four(read(&self.directory.join("parameters.f64"), f64::from_le_bytes)?)?)?;
        let ahead = read(&self.directory.join("ahead.u32"), u32::from_le_bytes)?;
        let ahead = Horizon::weeks(ahead.first().copied().unwrap_or_default());
        let people = people(self.directory)?;
        let ([p_alive, expected], timing) = time(self.runs, || -> Result<_, Failure> {
            Ok([model.p_alive(&people), model.expected_purchases(&people, ahead)])
        })?;
        let out = self.directory.join(format!("ours-{}", self.name));
        fs::create_dir_all(&out)?;
        write(&out.join("p_alive.f64"), p_alive.iter().map(|p| p.to_le_bytes()))?;
        write(&out.join("expected.f64"), expected.iter().map(|count| count.to_le_bytes()))?;
        timing.print(self.name, people.rows().len(), &out);
        Ok(())
    }
}

/// The rows, read one by one into their place: freed room would hide what is allocated afterwards.
fn people(directory: &Path) -> Result<HistoryTable, Failure> {
    let open = |name: &str| File::open(directory.join(name)).map(BufReader::new);
    let (mut repeats, mut recency, mut age) = (open("x.u32")?, open("t_x.f64")?, open("age.f64")?);
    let customers = usize::try_from(fs::metadata(directory.join("x.u32"))?.len())? / size_of::<u32>();
    let mut rows = Vec::with_capacity(customers);
    for _ in 0..customers {
        let repeats = u32::from_le_bytes(next(&mut repeats)?);
        let times = [f64::from_le_bytes(next(&mut recency)?), f64::from_le_bytes(next(&mut age)?)];
        rows.push(History::new(repeats, times[0], times[1])?);
    }
    Ok(HistoryTable::new(Tick::Week, rows))
}

fn next<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
