//! A host's own model behind the traits of this crate, beside those of the crate in one backtest.
//!
//! The model is a rule of thumb: each customer's rate of purchases, drawn towards that of all, times a chance
//! that halves with every pause as long as some number of the customer's usual gaps.

use patronage::{
    Error, ErrorKind,
    cltv::{Backtest, BacktestReport, BgNbd, Outcome, ParetoNbd},
    domain::{Currency, Day, Horizon, Tick},
    model::{
        AliveProbability, Fit, Parameter, ParameterDomain, Parametric, PurchaseEstimator, PurchaseForecast,
        Readiness,
    },
    simulate::{Cohort, Population, Process, Spend},
    summary::{Histories, History, Observation},
};

/// The question: how much the rate of all weighs, in ticks of a customer's own history, and after how many
/// gaps a pause has halved the chance that the customer is still one.
struct HalfLife {
    weight: f64,
    gaps: f64,
}

/// The answer: the same, with the rate of all.
#[derive(Clone, Debug)]
struct HalfLifeModel {
    tick: Tick,
    rate: f64,
    weight: f64,
    gaps: f64,
}

impl PurchaseEstimator for HalfLife {
    type Model = HalfLifeModel;

    fn name(&self) -> &'static str {
        "half-life"
    }

    fn readiness(&self, people: &dyn Histories) -> Readiness {
        let found = people.len() as u64;
        if found >= 30 {
            return Readiness::Ready;
        }
        Readiness::Refused { why: "few customers: their rate is a guess".to_owned(), needed: 30, found }
    }

    fn fit(&self, people: &dyn Histories) -> Result<Fit<HalfLifeModel>, Error> {
        self.readiness(people).require()?;
        let mut rows = vec![History::default(); people.len()];
        people.read(0, people.tick(), &mut rows);
        let repeats: f64 = rows.iter().map(|row| f64::from(row.repeats())).sum();
        let lived: f64 = rows.iter().map(History::age).sum();
        let rate = repeats / lived.max(1.0);
        let model = HalfLifeModel { tick: people.tick(), rate, weight: self.weight, gaps: self.gaps };
        Ok(Fit::given(model, people.len() as u64))
    }
}

impl HalfLifeModel {
    fn rate_of(&self, row: &History) -> f64 {
        (f64::from(row.repeats()) + self.weight * self.rate) / (row.age() + self.weight)
    }

    fn alive(&self, row: &History) -> f64 {
        let pause = (row.age() - row.recency()) * self.rate_of(row);
        0.5_f64.powf(pause / self.gaps)
    }
}

/// Its parameters by name: what a report shows of it.
impl Parametric for HalfLifeModel {
    fn parameters(&self) -> Vec<Parameter> {
        let named = [("rate", self.rate), ("weight", self.weight), ("gaps", self.gaps)];
        let parameter = |(name, value): (&str, f64)| Parameter {
            name: name.to_owned(),
            value,
            domain: ParameterDomain::Positive,
        };
        named.map(parameter).to_vec()
    }

    fn with_values(&self, values: &[f64]) -> Result<Self, Error> {
        let &[rate, weight, gaps] = values else {
            let (what, expected, found) = ("parameters", 3, values.len());
            return Err(ErrorKind::Length { what, expected, found }.into());
        };
        Ok(Self { rate, weight, gaps, ..*self })
    }
}

impl AliveProbability for HalfLifeModel {
    fn tick(&self) -> Tick {
        self.tick
    }

    fn p_alive_into(&self, rows: &[History], out: &mut [f64]) {
        for (out, row) in out.iter_mut().zip(rows) {
            *out = self.alive(row);
        }
    }
}

/// Purchases thin out as they do among those who pause: the chance halves with every so many gaps.
impl PurchaseForecast for HalfLifeModel {
    fn expected_purchases_into(&self, rows: &[History], horizon: Horizon, out: &mut [f64]) {
        for (out, row) in out.iter_mut().zip(rows) {
            *out = self.alive(row) * self.thinning(self.rate_of(row), horizon);
        }
    }

    fn expected_purchases_new(&self, horizon: Horizon) -> f64 {
        self.thinning(self.rate, horizon)
    }
}

impl HalfLifeModel {
    /// The integral of rate * 0.5^(rate * t / (4 gaps)): customers leave more slowly than they pause.
    fn thinning(&self, rate: f64, horizon: Horizon) -> f64 {
        let fade = 0.5_f64.ln().abs() * rate / (4.0 * self.gaps);
        if fade > 0.0 { rate * -(-fade * horizon.in_ticks(self.tick)).exp_m1() / fade } else { 0.0 }
    }
}

fn main() -> Result<(), Error> {
    let first = Day::ymd(2024, 1, 1)?;
    let shop = Population::new(
        Cohort::new(2000, first, first.plus(83))?,
        Process::pareto_nbd(0.55, 10.6, 0.61, 11.7, Tick::Week)?,
        Spend::gamma_gamma(6.25, 3.74, 15.44, Currency::EUR)?,
        first.plus(78 * 7 - 1),
        1,
    )?;
    let ledger = shop.ledger()?;
    let split = Observation::until(first.plus(39 * 7 - 1)).every(Tick::Week).split(&ledger, shop.end())?;

    let ours = HalfLife { weight: 10.0, gaps: 2.0 };
    let (bg_nbd, pareto_nbd) = (BgNbd::default(), ParetoNbd::default());
    let report = Backtest::new(&split).tracking(&ledger).run(&[&ours, &bg_nbd, &pareto_nbd])?;
    show(&report);
    Ok(())
}

fn show(report: &BacktestReport) {
    println!(
        "{} customers bought {} times after {} through {}",
        report.customers, report.actual, report.as_of, report.until
    );
    println!("{:<12} {:>9} {:>7} {:>7} {:>11}", "model", "predicted", "MAE", "RMSE", "top tenth");
    for candidate in &report.candidates {
        match &candidate.outcome {
            Outcome::Tested(tested) => println!(
                "{:<12} {:>9.1} {:>7.4} {:>7.4} {:>9.1} %",
                candidate.name,
                tested.accuracy.predicted,
                tested.accuracy.mae,
                tested.accuracy.rmse,
                100.0 * tested.top_decile_found.unwrap_or(0.0),
            ),
            Outcome::Refused { why } => println!("{:<12} refused: {why}", candidate.name),
        }
    }
    if let Some((name, _)) = report.recommend() {
        println!("recommended, the simplest within one standard error of the best: {name}");
    }
}
