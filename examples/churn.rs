//! How well each model tells who will leave: CSV on standard output, what was found on the way on standard error.
//!
//! Every model is judged on the same folds, by probabilities for customers whom it had not seen. Without a file:
//! simulated subscribers.

mod command;

use std::{io, process::ExitCode};

use command::{
    Command, Fault, finish,
    labelled::{self, Meaning},
    number,
    purchase_log::{self, StudyOptions},
    say,
    subscribers::subscribers,
    text,
};
use lexopt::Parser;
use patronage::churn::{
    Boosting, ChurnEstimator, Comparison, Examples, Folds, Forest, Logistic, Penalty, Rule, Tree, Verdict,
};

const USAGE: &str = "\
How well each model tells who will leave, as CSV: model,auc,log_loss,brier,average_precision,ece

  churn                                simulated subscribers
  churn FILE --label COLUMN [...]      a CSV with a header, a row a customer
  churn FILE --customer COLUMN --date COLUMN --amount COLUMN [...]
                                       a log of purchases: what is known on each of some days, and
                                       who made no purchase after it
A column is one of numbers if all its cells that are not blank are numbers; otherwise of categories.
A blank cell is missing. What is found on the way goes to standard error.

  --label COLUMN        what became of the customer
  --positive VALUE      the label of who churned (default: of two values the one that reads 1, yes, y,
                        true, t or churned)
  --id COLUMN           who the customer is: left out
  --folds N             parts, each judged by what is learned from the others (default: 5)
  --seed NUMBER         of the folds, the models and the simulated subscribers (default: 1)

Of a log of purchases:
";

struct Settings {
    label: Option<String>,
    positive: Option<String>,
    id: Option<String>,
    folds: usize,
    seed: u64,
    study: StudyOptions,
}

fn main() -> ExitCode {
    finish(run())
}

fn run() -> Result<(), Fault> {
    let study = StudyOptions::default();
    let mut settings = Settings { label: None, positive: None, id: None, folds: 5, seed: 1, study };
    let usage = format!("{USAGE}{}", purchase_log::HELP);
    let command = Command::read_from(Parser::from_env(), &usage, |name, parser| settings.take(name, parser))?;
    let mut models = estimators(settings.seed);
    let examples = match &command.file {
        Some(file) if command.names_columns() => {
            settings.check_log()?;
            let (studied, by_purchases) = settings.study.run(&command, file)?;
            models.extend(by_purchases);
            studied.examples().clone()
        }
        _ if settings.study.any() => {
            return Err("--window, --gap, --every and --newcomers are of a log of purchases".into());
        }
        Some(file) => settings.table(file)?,
        None => subscribers(settings.seed)?,
    };
    tell(&examples);
    let folds = Folds::stratified(&examples, settings.folds, settings.seed)?;
    let models: Vec<&dyn ChurnEstimator> = models.iter().map(AsRef::as_ref).collect();
    let comparison = Comparison::of(&models, &examples, &folds)?;
    for (name, why) in comparison.refused() {
        say(format!("{name} is left out: {why}"));
    }
    if let Some(best) = comparison.recommend() {
        say(format!("the simplest that is as good as the best: {}", best.name()));
        if let Verdict::NotBetterThanRule(_) = comparison.verdict(best.name())? {
            say("it is not better than the rule");
        }
    }
    write(&comparison)
}

/// Every model there is, the simplest first.
fn estimators(seed: u64) -> Vec<Box<dyn ChurnEstimator>> {
    vec![
        Box::new(Rule::best()),
        Box::new(Logistic::new(Penalty::ridge(1.0))),
        Box::new(Tree::default()),
        Box::new(Forest::new(TREES, seed)),
        Box::new(Boosting::new(seed)),
    ]
}

/// Trees of a forest.
const TREES: u32 = 300;

impl Settings {
    /// Takes an option of this example; `Ok(false)` if it is none.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "label" => self.label = Some(text(parser)?),
            "positive" => self.positive = Some(text(parser)?),
            "id" => self.id = Some(text(parser)?),
            "folds" => self.folds = number(name, parser)?,
            "seed" => self.seed = number(name, parser)?,
            _ => return self.study.take(name, parser),
        }
        Ok(true)
    }

    /// A log of purchases has no column that tells.
    fn check_log(&self) -> Result<(), Fault> {
        let of_a_table = [("--label", &self.label), ("--positive", &self.positive), ("--id", &self.id)];
        match of_a_table.into_iter().find(|(_, given)| given.is_some()) {
            Some((option, _)) => {
                Err(format!("{option} is of a table, and this is a log of purchases").into())
            }
            None => Ok(()),
        }
    }

    /// A plain table with a label.
    fn table(&self, file: &str) -> Result<Examples, Fault> {
        let label = self.label.as_deref().ok_or("--label must say which column tells who churned")?;
        let meaning = Meaning { label, positive: self.positive.as_deref(), id: self.id.as_deref() };
        labelled::read(file, meaning)
    }
}

/// Who there is, what is missing, what knows too much, and how far it carries.
fn tell(examples: &Examples) {
    let (balance, known) = (examples.balance(), examples.predictors());
    let share = 100.0 * balance.share();
    say(format!("{} rows of customers, of whom {} churned ({share:.1} %)", examples.len(), balance.churned));
    for (name, missing) in known.missing().filter(|(_, missing)| *missing > 0) {
        say(format!("`{name}` is blank in {missing} rows"));
    }
    for suspicion in examples.suspicions() {
        say(format!("known too late? {suspicion}"));
    }
    say(format!("{} columns: {}", known.width(), examples.readiness()));
}

fn write(comparison: &Comparison) -> Result<(), Fault> {
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    out.write_record(["model", "auc", "log_loss", "brier", "average_precision", "ece"])?;
    for candidate in comparison.candidates() {
        let found = candidate.judgement();
        let numbers = [
            found.auc.value(),
            found.log_loss,
            found.brier,
            found.average_precision,
            found.calibration_error,
        ];
        let numbers = numbers.iter().map(|number| format!("{number:?}"));
        out.write_record([candidate.name().to_owned()].into_iter().chain(numbers))?;
    }
    out.flush()?;
    Ok(())
}
