//! One task on column files, for the script in `benches/peers/` that runs the rivals beside it.
//!
//! `peers DIR TASK RUNS` reads the columns in DIR, runs TASK that many times, writes the result for the
//! comparison, and prints one line of JSON.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use patronage::{
    domain::{Columns, Currency, Day, Ledger, Policies},
    rfm::{Dimension, Scheme, SegmentMap},
    summary::{Grain, Observation, Summaries, TotalsTable},
};

#[path = "workload/churn.rs"]
mod churn;
#[path = "workload/clusters.rs"]
mod clusters;
#[path = "workload/memory.rs"]
mod memory;
#[path = "workload/models.rs"]
mod models;
#[path = "workload/survival.rs"]
mod survival;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Test runs and plain `cargo bench` pass flags; this bench does nothing without a workload.
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [directory, task, runs] = arguments.as_slice() else {
        println!("usage: peers DIR TASK RUNS (see benches/peers/README.md)");
        return Ok(());
    };
    let directory = PathBuf::from(directory);
    let runs: usize = runs.parse()?;
    match task.as_str() {
        "summaries" => summaries(&directory, runs),
        "totals" => totals(&directory, runs),
        "rfm" => rfm(&directory, runs),
        other => {
            let no_task = || Err(format!("no task `{other}`").into());
            let found = models::run(&directory, other, runs)
                .or_else(|| clusters::run(&directory, other, runs))
                .or_else(|| survival::run(&directory, other, runs))
                .or_else(|| churn::run(&directory, other, runs));
            found.unwrap_or_else(no_task)
        }
    }
}

struct Workload {
    customers: Vec<u64>,
    days: Vec<Day>,
    amounts: Vec<i64>,
}

impl Workload {
    fn read(directory: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let days = read(&directory.join("days.i32"), i32::from_le_bytes)?;
        Ok(Self {
            customers: read(&directory.join("customers.u64"), u64::from_le_bytes)?,
            days: days.into_iter().map(Day::from_epoch_days).collect::<Result<_, _>>()?,
            amounts: read(&directory.join("amounts.i64"), i64::from_le_bytes)?,
        })
    }
}

fn summaries(directory: &Path, runs: usize) -> Result<(), Box<dyn std::error::Error>> {
    let data = Workload::read(directory)?;
    let until = read(&directory.join("until.i32"), i32::from_le_bytes)?;
    let until = Day::from_epoch_days(until.first().copied().unwrap_or_default())?;
    // The ledger is kept beside the table, as a host keeps it that explains or forgets customers.
    let ((_, people), timing) = time(runs, || -> Result<(Ledger, Summaries), patronage::Error> {
        let columns = Columns::new(&data.customers, &data.days, &data.amounts);
        let ledger = Ledger::from_columns(Currency::USD, &columns, Policies::default())?;
        let people = Observation::until(until).summarise(&ledger)?;
        Ok((ledger, people))
    })?;
    let out = directory.join("ours-summaries");
    fs::create_dir_all(&out)?;
    let ids = people.customers().iter().filter_map(|id| id.as_integer());
    write(&out.join("customers.u64"), ids.map(u64::to_le_bytes))?;
    write(&out.join("x.u32"), people.iter().map(|one| one.repeats().to_le_bytes()))?;
    write(&out.join("t_x.i32"), people.iter().map(|one| one.recency().days().to_le_bytes()))?;
    write(&out.join("t.i32"), people.iter().map(|one| one.age().days().to_le_bytes()))?;
    let means = people.iter().map(|one| one.mean_repeat_spend().unwrap_or(0.0));
    write(&out.join("repeat_mean.f64"), means.map(f64::to_le_bytes))?;
    timing.print("summaries", data.days.len(), &out);
    Ok(())
}

fn totals(directory: &Path, runs: usize) -> Result<(), Box<dyn std::error::Error>> {
    let data = Workload::read(directory)?;
    let (table, timing) =
        time(runs, || TotalsTable::of(&Columns::new(&data.customers, &data.days, &data.amounts)))?;
    let out = directory.join("ours-totals");
    fs::create_dir_all(&out)?;
    let (all, no_day) = (table.totals(), Day::default());
    let ids = table.customers().iter().filter_map(|id| id.as_integer());
    write(&out.join("customers.u64"), ids.map(u64::to_le_bytes))?;
    write(&out.join("count.u64"), all.iter().map(|one| one.rows().to_le_bytes()))?;
    let day = |day: Option<Day>| day.unwrap_or(no_day).epoch_days().to_le_bytes();
    write(&out.join("first.i32"), all.iter().map(|one| day(one.first())))?;
    write(&out.join("last.i32"), all.iter().map(|one| day(one.last())))?;
    let sums = all.iter().map(|one| one.sum(Currency::USD).map(|sum| sum.minor().to_le_bytes()));
    write(&out.join("sum.i64"), sums.collect::<Result<Vec<_>, _>>()?.into_iter())?;
    timing.print("totals", data.days.len(), &out);
    Ok(())
}

/// Fifths, scores and segments of customers whose idle days, orders and money are given.
fn rfm(directory: &Path, runs: usize) -> Result<(), Box<dyn std::error::Error>> {
    let given = directory.join("rfm");
    let idle = read(&given.join("idle.i32"), i32::from_le_bytes)?;
    let frequency = read(&given.join("frequency.u32"), u32::from_le_bytes)?;
    let monetary = read(&given.join("monetary.i64"), i64::from_le_bytes)?;
    let people = people_of(&idle, &frequency, &monetary)?;
    let map = SegmentMap::standard();
    let ((scores, segments), timing) = time(runs, || -> Result<_, patronage::Error> {
        let scores = Scheme::fifths().fit(&people)?.score(&people)?;
        let segments = map.name(&scores)?;
        Ok((scores, segments))
    })?;
    let out = directory.join("ours-rfm");
    fs::create_dir_all(&out)?;
    for (file, dimension) in ["r.u8", "f.u8", "m.u8"].iter().zip(Dimension::ALL) {
        fs::write(out.join(file), scores.column(dimension))?;
    }
    write(&out.join("segment.u8"), segments.index().iter().map(|&index| [index as u8]))?;
    timing.print("rfm", idle.len(), &out);
    Ok(())
}

/// Customers with the values given: the last order brings the money, the others nothing.
fn people_of(idle: &[i32], frequency: &[u32], monetary: &[i64]) -> Result<Summaries, patronage::Error> {
    let until = Day::default().plus(20_000);
    let (mut ids, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for (id, ((&idle, &orders), &money)) in (0_u64..).zip(idle.iter().zip(frequency).zip(monetary)) {
        for order in 0..orders {
            ids.push(id);
            days.push(until.plus(-idle));
            amounts.push(if order == 0 { money } else { 0 });
        }
    }
    let columns = Columns::new(&ids, &days, &amounts);
    let ledger = Ledger::from_columns(Currency::USD, &columns, Policies::default())?;
    Observation::until(until).grain(Grain::Order).summarise(&ledger)
}

struct Timing {
    seconds: Vec<f64>,
    peak_bytes: Option<usize>,
}

/// Runs `work`, and keeps the last answer. The peak is what the first run allocates beyond what was there.
fn time<T, E>(runs: usize, work: impl Fn() -> Result<T, E>) -> Result<(T, Timing), E> {
    let mut first = None;
    let peak_bytes = memory::peak_bytes(|| first = Some(work()));
    let mut answer = match first {
        Some(answer) => answer?,
        None => work()?,
    };
    let mut seconds = Vec::new();
    for _ in 0..runs {
        drop(answer);
        let start = Instant::now();
        answer = work()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    Ok((answer, Timing { seconds, peak_bytes }))
}

impl Timing {
    fn median(&self) -> f64 {
        let mut seconds = self.seconds.clone();
        seconds.sort_unstable_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn print(&self, task: &str, rows: usize, out: &Path) {
        let Self { seconds, .. } = self;
        let peak_bytes = self.peak_bytes.unwrap_or_default();
        let out = out.display().to_string();
        println!(
            r#"{{"task":"{task}","seconds":{seconds:?},"peak_bytes_beyond_input":{peak_bytes},"rows":{rows},"out":{out:?}}}"#
        );
    }
}

fn read<T, const N: usize>(path: &Path, decode: fn([u8; N]) -> T) -> io::Result<Vec<T>> {
    let bytes = fs::read(path)?;
    Ok(bytes.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok()).map(decode).collect())
}

fn write<const N: usize>(path: &Path, values: impl Iterator<Item = [u8; N]>) -> io::Result<()> {
    fs::write(path, values.flatten().collect::<Vec<u8>>())
}
