//! From a purchase log to named customers: what intake found, the segments, and three customers explained.
//!
//! Without arguments it looks at a simulated bakery; with a file and its columns, at your own customers.

mod command;

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use command::{Command, Fault, finish, text};
use lexopt::Parser;
use patronage::{
    domain::{CustomerId, Day, Ledger, Policies},
    model::Assignment,
    rfm::{Concentration, Scheme, Scores, SegmentMap, SegmentTable},
    simulate::Bakery,
    summary::Observation,
};

const USAGE: &str = "\
From a purchase log to named customers.

  quickstart                                                     a simulated bakery
  quickstart FILE --customer COLUMN --date COLUMN --amount COLUMN [...]

  --explain ID          explain this customer (may be given again; default: three of them)
";

fn main() -> ExitCode {
    finish(run())
}

fn run() -> Result<(), Fault> {
    let mut asked: Vec<CustomerId> = Vec::new();
    let command = Command::read_from(Parser::from_env(), USAGE, |name, parser| {
        let mine = name == "explain";
        if mine {
            asked.push(text(parser)?.into());
        }
        Ok(mine)
    })?;
    let (ledger, as_of) = match &command.file {
        Some(file) => command.read(file)?,
        None => bakery()?,
    };
    analyse(&ledger, command.as_of.unwrap_or(as_of), asked, &mut stdout().lock())
}

fn bakery() -> Result<(Ledger, Day), Fault> {
    let hint = "Say a file and its columns for your own; --help tells how.";
    writeln!(stdout(), "A simulated bakery (seed 1). {hint}\n")?;
    let bakery = Bakery::new(1);
    Ok((bakery.books()?.ledger(Policies::default())?, bakery.last_day()))
}

fn analyse(ledger: &Ledger, as_of: Day, asked: Vec<CustomerId>, out: &mut impl Write) -> Result<(), Fault> {
    writeln!(out, "What intake found\n{}\nrevenue {}\n", ledger.findings(), ledger.revenue())?;

    let people = Observation::until(as_of).summarise(ledger)?;
    writeln!(out, "What was seen as of {as_of}\n{}\n", people.findings())?;

    let cuts = Scheme::fifths().fit(&people)?;
    let scores = cuts.score(&people)?;
    let map = SegmentMap::standard();
    let segments = map.name(&scores)?;
    writeln!(out, "Segments\n{}\n", SegmentTable::of(&segments, &people)?)?;
    writeln!(out, "Concentration\n{}\n", Concentration::of(&people)?)?;

    writeln!(out, "Customers")?;
    let shown = if asked.is_empty() { three(&scores, &segments) } else { asked };
    for id in shown {
        writeln!(out, "{}", scores.explain(&id, &map)?)?;
    }
    Ok(())
}

/// One customer of the best, of a middling and of the last segment that has any.
fn three(scores: &Scores, segments: &Assignment) -> Vec<CustomerId> {
    let filled: Vec<u16> =
        (0..).zip(segments.sizes()).filter(|&(_, size)| size > 0).map(|(index, _)| index).collect();
    let first_of = |index: &u16| segments.index().iter().position(|of| of == index);
    let places = [filled.first(), filled.get(filled.len() / 2), filled.last()];
    let rows = places.into_iter().flatten().filter_map(first_of);
    let mut ids: Vec<CustomerId> = rows.filter_map(|row| scores.customers().get(row)).collect();
    ids.dedup();
    ids
}
