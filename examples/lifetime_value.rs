//! Models of lifetime value fitted to a file's purchases up to a day, and held against what came after: CSV
//! on standard output. With `--customers`, what each customer is expected to do and to be worth instead.
//!
//! Findings, readiness and the recommended model go to standard error. Without a file it runs on simulated
//! customers, and shows the truth beside the estimates.

mod command;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use command::{Command, Fault, choice, finish, say, text};
use lexopt::Parser;
use patronage::{
    cltv::{
        Backtest, BgNbd, Excess, GammaGamma, GammaGammaModel, MbgNbd, NaiveRate, NaiveValue, Nbd,
        NextPurchaseForecast, Outcome, ParetoNbd, Valuation,
    },
    domain::{Currency, Day, Horizon, Ledger, Money, Rate, Tick},
    model::{
        AliveProbability, Estimate, Fit, ForecastEstimator, LifetimeValue, Margin, Parametric,
        PurchaseDistribution, PurchaseEstimator, PurchaseForecast, SpendEstimator, SpendForecast, Values,
    },
    simulate::{Cohort, Population, Process, Spend},
    summary::{Observation, Spends, Split, Summaries},
};

const USAGE: &str = "\
Models of lifetime value as CSV: model,parameter,estimate,std_error, then after an empty line
their backtest: model,predicted,actual,mae,rmse,correlation

  lifetime_value                                                 simulated customers
  lifetime_value FILE --customer COLUMN --date COLUMN [--amount COLUMN] --calibrate-until DAY [...]

Without amounts there are models of purchases alone. Models learn from the purchases up to
--calibrate-until, that day included. The backtest holds what they expect of the same customers against
what these did from the next day through --until.

  --calibrate-until DAY the last day that the models see (required with a file)
  --until DAY           the last day of the backtest (default: the last day in the file)
  --tick day|week|month|year
                        the unit of time of the models (default: week)
  --customers           one line a customer and model instead, as of --calibrate-until and learned up to it:
                        customer_id,model,p_alive,expected_purchases,expected_spend,value,value_low,
                        value_high,next_purchase
  --model NAME          this model alone: NBD, BG/NBD, MBG/NBD, Pareto/NBD or naive
  --horizon DAYS        how far ahead purchases, value and next purchase look (default: 365)
  --discount RATE       a year; 0.1 is 10 % (the default)
  --margin SHARE        the share of revenue that counts as value (default: 1)
  --seed NUMBER         of the simulated customers and of the draws behind value_low and value_high, which
                        hold what is expected of a customer in 90 % of cases (default: 1)

value is discounted and in major units, as is expected_spend, the amount of one purchase; next_purchase is
the day before which the next purchase is as likely as after, if there is one within the horizon.
A cell is empty where there is no answer: naive has no spend, interval or day, and without amounts or
with parameters of which nothing is known there is no value or interval, and a message says why.
";

struct Settings {
    calibrate_until: Option<Day>,
    until: Option<Day>,
    tick: Tick,
    customers: bool,
    model: Option<String>,
    horizon: Option<Horizon>,
    discount: Rate,
    margin: Margin,
    seed: u64,
}

fn main() -> ExitCode {
    finish(run())
}

fn run() -> Result<(), Fault> {
    let mut settings = Settings {
        calibrate_until: None,
        until: None,
        tick: Tick::Week,
        customers: false,
        model: None,
        horizon: None,
        discount: Valuation::DISCOUNT,
        margin: Margin::ALL,
        seed: 1,
    };
    let mut command =
        Command::read_from(Parser::from_env(), USAGE, |name, parser| settings.take(name, parser))?;
    let seen = if settings.customers { settings.calibrate_until } else { settings.until };
    command.as_of = seen.or(command.as_of);
    command.amounts_optional = true;
    match &command.file {
        Some(file) => {
            let calibrate =
                settings.calibrate_until.ok_or("say --calibrate-until, the last day to learn from")?;
            let (ledger, until) = command.read(file)?;
            settings.analyse(&ledger, calibrate, until, None)
        }
        None => settings.simulate(command.as_of),
    }
}

impl Settings {
    /// Takes an option of this example; `Ok(false)` if it is none.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "calibrate-until" => self.calibrate_until = Some(text(parser)?.parse()?),
            "until" => self.until = Some(text(parser)?.parse()?),
            "tick" => {
                let ticks =
                    [("day", Tick::Day), ("week", Tick::Week), ("month", Tick::Month), ("year", Tick::Year)];
                self.tick = choice(parser, &ticks)?;
            }
            "customers" => self.customers = true,
            "model" => {
                let names = ["NBD", "BG/NBD", "MBG/NBD", "Pareto/NBD", "naive"].map(|name| (name, name));
                self.model = Some(choice(parser, &names)?.to_owned());
            }
            "horizon" => self.horizon = Some(Horizon::days(number(name, &text(parser)?)?)),
            "discount" => self.discount = Rate::yearly(number(name, &text(parser)?)?)?,
            "margin" => self.margin = Margin::share(number(name, &text(parser)?)?)?,
            "seed" => self.seed = number(name, &text(parser)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Customers of a Pareto/NBD and Gamma-Gamma close to what CDNOW's are.
    fn simulate(&self, until: Option<Day>) -> Result<(), Fault> {
        let first = Day::ymd(2024, 1, 1)?;
        let until = until.unwrap_or(first.plus(78 * 7 - 1));
        let calibrate = self.calibrate_until.unwrap_or(first.plus(39 * 7 - 1));
        let truth = [
            ("Pareto/NBD", "r", 0.55),
            ("Pareto/NBD", "alpha", 10.6),
            ("Pareto/NBD", "s", 0.61),
            ("Pareto/NBD", "beta", 11.7),
            ("Gamma-Gamma", "p", 6.25),
            ("Gamma-Gamma", "q", 3.74),
            ("Gamma-Gamma", "v", 15.44),
        ];
        let shop = Population::new(
            Cohort::new(2000, first, first.plus(83))?,
            Process::pareto_nbd(0.55, 10.6, 0.61, 11.7, Tick::Week)?,
            Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::USD)?,
            until,
            self.seed,
        )?;
        say(format!(
            "{} simulated customers (seed {}) seen through {until}, models learn through {calibrate}; say a \
             file and its columns for your own",
            shop.len(),
            self.seed
        ));
        let alive = shop.people().filter(|person| person.truth.alive_on(calibrate)).count();
        say(format!("{alive} of them are alive on {calibrate}"));
        self.analyse(&shop.ledger()?, calibrate, until, Some(&truth))
    }

    fn analyse(
        &self,
        ledger: &Ledger,
        calibrate: Day,
        until: Day,
        truth: Option<&[Truth]>,
    ) -> Result<(), Fault> {
        say(ledger.findings());
        let seen = Observation::until(calibrate).every(self.tick);
        let end = if self.customers { calibrate } else { until };
        if let Some(last) = ledger.last_day().filter(|&last| last < end) {
            say(format!(
                "the last purchase is of {last}: the days from then to {end} count as days without one"
            ));
        }
        if self.customers {
            return self.write_customers(&seen.summarise(ledger)?);
        }
        if calibrate >= until {
            let why = format!("--calibrate-until {calibrate} leaves nothing to hold against until {until}");
            return Err(why.into());
        }
        let split = seen.split(ledger, until)?;
        let people = &split.calibration;
        say(people.findings());
        let spend = learn_spend(people);
        self.write_models(people, spend.as_ref(), truth.unwrap_or_default())?;
        self.write_backtest(&split, ledger, spend.as_ref())
    }

    /// The models of purchases to look at.
    fn models(&self) -> Vec<Box<dyn ForecastEstimator>> {
        let mut all: Vec<Box<dyn ForecastEstimator>> = vec![
            Box::new(Nbd::default()),
            Box::new(BgNbd::default()),
            Box::new(MbgNbd::default()),
            Box::new(ParetoNbd::default()),
        ];
        all.retain(|model| self.wants(model.label()));
        all
    }

    fn wants(&self, name: &str) -> bool {
        self.model.as_deref().is_none_or(|wanted| wanted == name)
    }

    fn write_models(
        &self,
        people: &Summaries,
        spend: Option<&Fit<GammaGammaModel>>,
        truth: &[Truth],
    ) -> Result<(), Fault> {
        let mut out = csv::Writer::from_writer(io::stdout().lock());
        out.write_record(["model", "parameter", "estimate", "std_error"])?;
        for model in self.models() {
            match model.fit_forecast(people) {
                Ok(fit) => {
                    note(model.label(), &fit);
                    write_fit(&mut out, model.label(), fit.estimates(), fit.log_likelihood(), truth)?;
                }
                Err(error) => say(format!("{}: refused: {error}", model.label())),
            }
        }
        if let Some(fit) = spend {
            write_fit(&mut out, "Gamma-Gamma", fit.estimates(), fit.log_likelihood(), truth)?;
        }
        out.flush()?;
        Ok(())
    }

    fn write_backtest(
        &self,
        split: &Split,
        ledger: &Ledger,
        spend: Option<&Fit<GammaGammaModel>>,
    ) -> Result<(), Fault> {
        let models = self.models();
        let models: Vec<&dyn ForecastEstimator> = models.iter().map(|model| &**model).collect();
        let mut backtest = Backtest::new(split).tracking(ledger);
        if let Some(spend) = spend {
            backtest = backtest.spend(&spend.model);
        }
        let report = backtest.run(&models)?;
        writeln!(io::stdout())?;
        let mut out = csv::Writer::from_writer(io::stdout().lock());
        out.write_record(["model", "predicted", "actual", "mae", "rmse", "correlation"])?;
        for candidate in &report.candidates {
            let Outcome::Tested(tested) = &candidate.outcome else {
                continue;
            };
            let accuracy = tested.accuracy;
            out.write_record([
                candidate.name.clone(),
                accuracy.predicted.to_string(),
                report.actual.to_string(),
                accuracy.mae.to_string(),
                accuracy.rmse.to_string(),
                accuracy.correlation.map_or_else(String::new, |correlation| correlation.to_string()),
            ])?;
            if let Some(money) = tested.money {
                let name = &candidate.name;
                say(format!(
                    "{name}: {} expected until {}, {} came",
                    money.predicted, report.until, money.actual
                ));
            }
        }
        out.flush()?;
        if let Some((name, tested)) = report.recommend() {
            let Excess { mean, std_error } = tested.excess;
            say(format!("recommended: {name}, the simplest within one standard error of the best"));
            if mean > 0.0 {
                say(format!(
                    "its mean squared error is {mean:.5} above the best, with a standard error of {std_error:.5}"
                ));
            }
        }
        Ok(())
    }

    fn write_customers(&self, people: &Summaries) -> Result<(), Fault> {
        say(people.findings());
        let spend = learn_spend(people);
        let spend = spend.as_ref();
        let mut out = csv::Writer::from_writer(io::stdout().lock());
        out.write_record([
            "customer_id",
            "model",
            "p_alive",
            "expected_purchases",
            "expected_spend",
            "value",
            "value_low",
            "value_high",
            "next_purchase",
        ])?;
        self.write_customers_of(&Nbd::default(), people, spend, &mut out)?;
        self.write_customers_of(&BgNbd::default(), people, spend, &mut out)?;
        self.write_customers_of(&MbgNbd::default(), people, spend, &mut out)?;
        self.write_customers_of(&ParetoNbd::default(), people, spend, &mut out)?;
        if self.wants("naive") {
            self.write_naive(people, &mut out)?;
        }
        out.flush()?;
        Ok(())
    }

    fn write_customers_of<E>(
        &self,
        estimator: &E,
        people: &Summaries,
        spend: Option<&Fit<GammaGammaModel>>,
        out: &mut csv::Writer<impl Write>,
    ) -> Result<(), Fault>
    where
        E: PurchaseEstimator,
        E::Model: PurchaseDistribution + Parametric,
    {
        let name = estimator.name();
        if !self.wants(name) {
            return Ok(());
        }
        let fit = match estimator.fit(people) {
            Ok(fit) => fit,
            Err(error) => {
                say(format!("{name}: refused: {error}"));
                return Ok(());
            }
        };
        note(name, &fit);
        let alive = fit.model.p_alive(people);
        let horizon = self.horizon.unwrap_or(Valuation::HORIZON);
        let purchases = fit.model.expected_purchases(people, horizon);
        let due = NextPurchaseForecast::new(&fit.model).horizon(horizon).of(people)?;
        let each = spend.map(|spend| spend.model.expected_spend(people));
        let values = spend.map(|spend| self.values(name, &fit, spend, people)).transpose()?;
        let money = |money: Option<Money>| money.map_or_else(String::new, |money| money.digits().to_string());
        for (row, id) in people.customers().iter().enumerate() {
            let value = values.as_ref().and_then(|values| values.get(row));
            let interval = value.and_then(|value| value.interval);
            let day = due.rows()[row].due.map(|due| due.day);
            out.write_record([
                id.to_string(),
                name.to_owned(),
                alive[row].to_string(),
                purchases[row].to_string(),
                each.as_ref().map_or_else(String::new, |each| each[row].to_string()),
                money(value.map(|value| value.to_come)),
                money(interval.map(|interval| interval.0)),
                money(interval.map(|interval| interval.1)),
                day.map_or_else(String::new, |day| day.to_string()),
            ])?;
        }
        Ok(())
    }

    /// Everyone goes on as before, and their value is that of the guides.
    fn write_naive(&self, people: &Summaries, out: &mut csv::Writer<impl Write>) -> Result<(), Fault> {
        let horizon = self.horizon.unwrap_or(Valuation::HORIZON);
        let rate = NaiveRate.fit(people)?;
        let purchases = rate.model.expected_purchases(people, horizon);
        let values = NaiveValue::of(people, horizon)?;
        // Without amounts there is no value.
        let paid = people.totals().iter().any(|&total| total != 0);
        for (row, id) in people.customers().iter().enumerate() {
            let value = values.values()[row];
            let value = Money::of_minor(self.margin.of(value.minor()), value.currency());
            let value = if paid { value.digits().to_string() } else { String::new() };
            let (id, purchases) = (id.to_string(), purchases[row].to_string());
            out.write_record([&id, "naive", "1", &purchases, "", &value, "", "", ""])?;
        }
        Ok(())
    }

    fn values<M: PurchaseDistribution + Parametric>(
        &self,
        name: &str,
        buying: &Fit<M>,
        spend: &Fit<GammaGammaModel>,
        people: &Summaries,
    ) -> Result<Values, Fault> {
        let mut valuation =
            Valuation::new(&buying.model, &spend.model).discount(self.discount).margin(self.margin);
        if let Some(horizon) = self.horizon {
            valuation = valuation.horizon(horizon);
        }
        let spends = spend.draws(DRAWS, !self.seed).map_err(|error| format!("Gamma-Gamma: {error}"));
        let buyings = buying.draws(DRAWS, self.seed).map_err(|error| error.to_string());
        let draws = buyings.and_then(|buyings| Ok((buyings, spends?)));
        let values = match &draws {
            Ok((buying, spend)) => valuation.uncertain(buying, spend, 0.9)?.value(people)?,
            Err(error) => {
                say(format!("{name}: values have no interval: {error}"));
                valuation.value(people)?
            }
        };
        let (total, readiness) = (values.total()?, values.readiness());
        say(format!("{name}: {total} to come from all customers; {readiness}"));
        Ok(values)
    }
}

/// Pairs of models behind an interval.
const DRAWS: usize = 100;

/// Model, parameter, and its true value.
type Truth = (&'static str, &'static str, f64);

fn learn_spend(people: &Summaries) -> Option<Fit<GammaGammaModel>> {
    let estimator = GammaGamma::default();
    match estimator.fit(people as &dyn Spends) {
        Ok(fit) => {
            note(estimator.name(), &fit);
            Some(fit)
        }
        Err(error) => {
            say(format!("Gamma-Gamma: refused: {error}"));
            None
        }
    }
}

/// Says how a fit ended and what it is worth.
fn note<M>(name: &str, fit: &Fit<M>) {
    say(format!("{name}: {} after {} steps; {}", fit.stop(), fit.steps(), fit.readiness()));
    let far = fit.estimates().iter().filter(|estimate| estimate.at_boundary);
    let far: Vec<&str> = far.map(|estimate| estimate.name.as_str()).collect();
    if !far.is_empty() {
        say(format!("{name}: at the end of their range: {}", far.join(", ")));
    }
}

fn write_fit(
    out: &mut csv::Writer<impl Write>,
    name: &str,
    estimates: &[Estimate],
    log_likelihood: f64,
    truth: &[Truth],
) -> Result<(), Fault> {
    for estimate in estimates {
        let error = estimate.std_error.map_or_else(String::new, |error| error.to_string());
        out.write_record([name, &estimate.name, &estimate.value.to_string(), &error])?;
        let known = truth.iter().find(|known| (known.0, known.1) == (name, estimate.name.as_str()));
        if let Some((_, parameter, known)) = known {
            let value = estimate.value;
            let error =
                estimate.std_error.map_or_else(|| "not known".to_owned(), |error| format!("{error:.4}"));
            say(format!(
                "{name} {parameter}: {known} in truth, {value:.4} estimated (standard error {error})"
            ));
        }
    }
    out.write_record([name, "log_likelihood", &log_likelihood.to_string(), ""])?;
    Ok(())
}

fn number<T: std::str::FromStr>(option: &str, text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| format!("--{option} takes a number, not `{text}`").into())
}
