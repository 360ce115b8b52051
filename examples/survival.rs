//! How long customers stay, and what makes them leave sooner: CSV on standard output, and what else there is to say on
//! standard error.
//!
//! Without a file: simulated subscribers, whose hazards are known.

mod command;

use std::{io, process::ExitCode};

use command::{Command, Fault, choice, finish, number, say, table::Sheet, text};
use lexopt::Parser;
use patronage::churn::survival::{
    Covariates, Cox, CoxModel, Interval, KaplanMeier, Lifetimes, LogRank, Ties, TimeScale, Weighting,
};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const USAGE: &str = "\
How long customers stay, as CSV: covariate,coef,std_error of a Cox model with rows log_likelihood and concordance, or
the Kaplan-Meier curve where no covariates are named

  survival                                            simulated subscribers
  survival FILE --duration COLUMN --event COLUMN [--covariates A,B] [...]      a CSV with a header

  --duration COLUMN     how long each was seen, in any unit
  --event COLUMN        whether they left then: 1 or 0, true or false, yes or no
  --covariates A,B      what might matter. A column that holds more than numbers becomes a column of 0 and 1 for each
                        of its values but the first, up to 20 of them
  --strata COLUMN       groups with a baseline, or a curve, of their own
  --entry COLUMN        since when each is at risk, later than the beginning
  --weights COLUMN      how many equal rows each stands for
  --ties efron|breslow  what the likelihood of several events at one time is (default: efron)
  --ridge NUMBER        draws the coefficients towards 0 (default: 0)
  --seed NUMBER         of the simulated subscribers (default: 1)
";

#[derive(Default)]
struct Settings {
    duration: Option<String>,
    event: Option<String>,
    covariates: Vec<String>,
    strata: Option<String>,
    entry: Option<String>,
    weights: Option<String>,
    ties: Ties,
    ridge: f64,
    seed: Option<u64>,
}

fn main() -> ExitCode {
    finish(run())
}

fn run() -> Result<(), Fault> {
    let mut settings = Settings::default();
    let command = Command::read_from(Parser::from_env(), USAGE, |name, parser| settings.take(name, parser))?;
    match &command.file {
        Some(file) => settings.table(&Sheet::open(file)?),
        None if settings.duration.is_some() || settings.event.is_some() => {
            Err("columns are named, but no file is given".into())
        }
        None => settings.subscribers(),
    }
}

impl Settings {
    /// Takes an option of this example; `Ok(false)` if it is none.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "duration" => self.duration = Some(text(parser)?),
            "event" => self.event = Some(text(parser)?),
            "covariates" => {
                self.covariates = text(parser)?.split(',').map(|name| name.trim().to_owned()).collect();
            }
            "strata" => self.strata = Some(text(parser)?),
            "entry" => self.entry = Some(text(parser)?),
            "weights" => self.weights = Some(text(parser)?),
            "ties" => self.ties = choice(parser, &[("efron", Ties::Efron), ("breslow", Ties::Breslow)])?,
            "ridge" => self.ridge = number(name, parser)?,
            "seed" => self.seed = Some(number(name, parser)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn table(&self, sheet: &Sheet) -> Result<(), Fault> {
        let durations = sheet.numbers(self.duration.as_ref().ok_or("say which column is the --duration")?)?;
        let events = events(sheet, self.event.as_ref().ok_or("say which column is the --event")?)?;
        let column = |name: &Option<String>| name.as_ref().map(|name| sheet.numbers(name)).transpose();
        let (entries, weights) = (column(&self.entry)?, column(&self.weights)?);
        let strata = self.strata.as_ref().map(|name| sheet.texts(name)).transpose()?;
        let names = strata.as_ref().map_or_else(Vec::new, |strata| distinct(strata));
        let place = |text: &&str| names.binary_search(text).unwrap_or_default() as u32;
        let strata: Option<Vec<u32>> = strata.map(|strata| strata.iter().map(place).collect());
        let at_line = |error: patronage::Error| -> Fault {
            match error.row() {
                Some(row) => format!("line {}: {error}", sheet.line(row as usize)).into(),
                None => error.into(),
            }
        };
        let mut seen = Lifetimes::new(&durations, &events).map_err(at_line)?;
        if let Some(entries) = &entries {
            seen = seen.entered(entries).map_err(at_line)?;
        }
        if let Some(weights) = &weights {
            seen = seen.weighted(weights).map_err(at_line)?;
        }
        if let Some(strata) = &strata {
            seen = seen.in_strata(strata)?;
        }
        if self.covariates.is_empty() {
            return curves(&seen, &names);
        }
        let covariates = covariates(sheet, &self.covariates)?;
        let model = self.cox()?.fit(&seen, &covariates)?;
        write(&model)?;
        tell(&model, &seen, &covariates);
        Ok(())
    }

    fn cox(&self) -> Result<Cox, Fault> {
        Ok(Cox::default().ties(self.ties).ridge(self.ridge)?)
    }

    /// A thousand subscribers who were seen for up to two years.
    fn subscribers(&self) -> Result<(), Fault> {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(self.seed.unwrap_or(1));
        let (mut durations, mut events) = (Vec::new(), Vec::new());
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..1000 {
            let yearly = f64::from(u8::from(chance.gen_bool(0.4)));
            let tickets = f64::from(chance.gen_range(0_u8..5));
            let discount = 0.3 * chance.r#gen::<f64>();
            // Weibull: the longer they stay, the slower they leave.
            let score = -0.8 * yearly + 0.3 * tickets + 2.0 * discount;
            let lifetime = 20.0 * (-(1.0 - chance.r#gen::<f64>()).ln() / f64::exp(score)).powf(1.25);
            let seen: f64 = chance.gen_range(1.0..24.0);
            durations.push(lifetime.min(seen));
            events.push(lifetime <= seen);
            columns
                .iter_mut()
                .zip([yearly, tickets, discount])
                .for_each(|(column, number)| column.push(number));
        }
        let seen = Lifetimes::new(&durations, &events)?;
        let plans: Vec<u32> = columns[0].iter().map(|&yearly| u32::from(yearly > 0.0)).collect();
        for (plan, curve) in KaplanMeier::by_stratum(&seen.clone().in_strata(&plans)?) {
            let name = if plan == 1 { "yearly" } else { "monthly" };
            let mean = curve.restricted_mean(12.0)?;
            say(format!(
                "{name}: {:.0} % stay a year; of the first twelve months {:.2} on average (standard error {:.2})",
                100.0 * curve.survival_at(12.0),
                mean.mean,
                mean.std_error
            ));
        }
        let test = LogRank::of(&seen, &plans, Weighting::LogRank)?;
        say(format!("the plans differ: log-rank {:.1}, p {:.2e}", test.statistic(), test.p_value()));
        say("in truth: yearly -0.8, tickets 0.3, discount 2");
        let covariates = Covariates::new(["yearly", "tickets", "discount"].into_iter().zip(columns))?;
        let model = self.cox()?.fit(&seen, &covariates)?;
        write(&model)?;
        tell(&model, &seen, &covariates);
        Ok(())
    }
}

fn distinct<'a>(texts: &[&'a str]) -> Vec<&'a str> {
    let mut distinct = texts.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

fn events(sheet: &Sheet, name: &str) -> Result<Vec<bool>, Fault> {
    let event = |(row, text): (usize, &str)| match text.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "yes" => Ok(true),
        "0" | "0.0" | "false" | "no" => Ok(false),
        _ => Err(sheet.fault(row, name, "is none of 1, 0, true, false, yes, no", text)),
    };
    sheet.texts(name)?.into_iter().enumerate().map(event).collect()
}

/// More values of a category are most likely names.
const MOST_VALUES: usize = 20;

fn covariates<'a>(sheet: &Sheet, names: &[String]) -> Result<Covariates<'a>, Fault> {
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for name in names {
        let texts = sheet.texts(name)?;
        let numeric = texts.iter().filter(|text| text.parse::<f64>().is_ok()).count();
        // A column of numbers with something else here and there is a fault, and not a category.
        if 2 * numeric > texts.len() {
            columns.push((name.clone(), sheet.numbers(name)?));
            continue;
        }
        let values = distinct(&texts);
        if values.len() > MOST_VALUES {
            let why = format!(
                "column `{name}` holds {} different texts: numbers or up to {MOST_VALUES} are taken",
                values.len()
            );
            return Err(why.into());
        }
        say(format!("{name}: against `{}`, the first of its {} values", values[0], values.len()));
        for value in &values[1..] {
            let flags = texts.iter().map(|text| f64::from(u8::from(text == value))).collect();
            columns.push((format!("{name}={value}"), flags));
        }
        if values.len() == 1 {
            return Err(format!("column `{name}` is `{}` throughout", values[0]).into());
        }
    }
    Ok(Covariates::new(columns)?)
}

fn curves(seen: &Lifetimes<'_>, strata: &[&str]) -> Result<(), Fault> {
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    let header = ["time", "at_risk", "events", "censored", "survival", "std_error", "lower", "upper"];
    let stratum = (!strata.is_empty()).then_some("stratum");
    out.write_record(stratum.into_iter().chain(header))?;
    for (at, curve) in KaplanMeier::by_stratum(seen) {
        let name = strata.get(at as usize);
        let intervals = curve.intervals(0.95, Interval::LogLog)?;
        for (row, (variance, (low, high))) in curve.variance().zip(intervals).enumerate() {
            let numbers = [
                curve.times()[row],
                curve.at_risk()[row],
                curve.events()[row],
                curve.censored()[row],
                curve.survival()[row],
                variance.sqrt(),
                low,
                high,
            ];
            let numbers = numbers.map(|number| number.to_string());
            out.write_record(name.into_iter().map(|name| (*name).to_owned()).chain(numbers))?;
        }
        let median = curve.median().map_or_else(|| "not reached".to_owned(), |median| median.to_string());
        say(format!("median{}: {median}", name.map_or_else(String::new, |name| format!(" of {name}"))));
    }
    out.flush()?;
    Ok(())
}

fn write(model: &CoxModel) -> Result<(), Fault> {
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    out.write_record(["covariate", "coef", "std_error"])?;
    for one in model.coefficients() {
        out.write_record([&one.name, &one.value.to_string(), &one.std_error.to_string()])?;
    }
    out.write_record(["log_likelihood", &model.log_likelihood().to_string(), ""])?;
    let concordance = model.concordance().map_or_else(String::new, |share| share.to_string());
    out.write_record(["concordance", &concordance, ""])?;
    out.flush()?;
    Ok(())
}

/// The tests, on standard error.
fn tell(model: &CoxModel, seen: &Lifetimes<'_>, covariates: &Covariates<'_>) {
    let test = model.likelihood_ratio_test();
    say(format!(
        "{} rows, {} events; likelihood ratio {:.3} of {} degrees of freedom, p {:.3e}",
        model.rows(),
        model.events(),
        test.statistic,
        test.degrees_of_freedom,
        test.p_value()
    ));
    let Ok(tests) = model.proportionality(seen, covariates, TimeScale::Rank) else { return };
    for test in tests.iter().filter(|test| test.p_value() < 0.05) {
        say(format!("the hazards of {} may not stay in proportion: p {:.3}", test.name, test.p_value()));
    }
}
