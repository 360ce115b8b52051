//! RFM scores of a file's customers as CSV on standard output, one line a customer, sorted by id.
//!
//! What intake found goes to standard error. Without a file it scores a simulated bakery.

mod command;

use std::{io, process::ExitCode};

use command::{Command, Fault, choice, finish, say, text};
use lexopt::Parser;
use patronage::{
    domain::{Day, Ledger, Policies},
    rfm::{Frequency, Monetary, Scheme, SegmentMap, Ties},
    simulate::Bakery,
    summary::Observation,
};

const USAGE: &str = "\
RFM scores as CSV: customer_id,idle_days,frequency,monetary,r,f,m,segment

  rfm                                                            a simulated bakery
  rfm FILE --customer COLUMN --date COLUMN --amount COLUMN [...]

idle_days  from the last purchase to the day as of which one looks
frequency  orders, where --order names them; days with a purchase, where not
monetary   purchases less refunds (or what --monetary says), in major units
r, f, m    1 to 5; 5 is best, for recency too

  --levels N            2 to 10 levels in place of five; the names are for five, so the segment
                        column then stays empty
  --ranks               groups of equal size in place of quantiles
  --ties lower|upper    where a value goes that equals a cut: to the lower values (the default, as
                        in pandas and R), or to the upper ones
  --monetary total|mean|margin        --frequency orders|days
  --map standard|rf|four|tiers        names of the segments (default: the 125-cell map)
";

struct Settings {
    levels: u8,
    ranks: bool,
    monetary: Monetary,
    frequency: Frequency,
    ties: Option<Ties>,
    map: fn() -> SegmentMap,
}

fn main() -> ExitCode {
    finish(run())
}

fn run() -> Result<(), Fault> {
    let mut settings = Settings {
        levels: 5,
        ranks: false,
        monetary: Monetary::default(),
        frequency: Frequency::default(),
        ties: None,
        map: SegmentMap::standard,
    };
    let command = Command::read_from(Parser::from_env(), USAGE, |name, parser| settings.take(name, parser))?;
    let (ledger, as_of) = match &command.file {
        Some(file) => command.read(file)?,
        None => bakery()?,
    };
    settings.write(&ledger, command.as_of.unwrap_or(as_of))
}

impl Settings {
    /// Takes an option of this example; `Ok(false)` if it is none.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "levels" => self.levels = levels(&text(parser)?)?,
            "ranks" => self.ranks = true,
            "ties" => self.ties = Some(choice(parser, &[("lower", Ties::Lower), ("upper", Ties::Upper)])?),
            "monetary" => {
                let of = [
                    ("total", Monetary::Total),
                    ("mean", Monetary::MeanPerOrder),
                    ("margin", Monetary::Margin),
                ];
                self.monetary = choice(parser, &of)?;
            }
            "frequency" => {
                let of = [("orders", Frequency::Orders), ("days", Frequency::PurchaseDays)];
                self.frequency = choice(parser, &of)?;
            }
            "map" => {
                let of: [(_, fn() -> SegmentMap); 4] = [
                    ("standard", SegmentMap::standard),
                    ("rf", SegmentMap::recency_frequency),
                    ("four", SegmentMap::four),
                    ("tiers", SegmentMap::three_tiers),
                ];
                self.map = choice(parser, &of)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn scheme(&self) -> Scheme {
        let scheme = if self.ranks { Scheme::ranks(self.levels) } else { Scheme::quantiles(self.levels) };
        let scheme = scheme.monetary(self.monetary).frequency(self.frequency);
        match self.ties {
            Some(ties) => scheme.ties(ties),
            None => scheme,
        }
    }

    /// A map of names is for a number of levels: without one for these the column stays empty.
    fn names(&self) -> Option<SegmentMap> {
        let map = (self.map)();
        if map.levels() == self.levels {
            return Some(map);
        }
        let (levels, named) = (self.levels, map.levels());
        say(format!(
            "the segment column stays empty: the names are for {named} levels, not {levels}; leave --levels \
             out, or build a map of your own with SegmentMap::builder({levels})"
        ));
        None
    }

    fn write(&self, ledger: &Ledger, as_of: Day) -> Result<(), Fault> {
        say(ledger.findings());
        let people = Observation::until(as_of).summarise(ledger)?;
        say(people.findings());
        let cuts = self.scheme().fit(&people)?;
        say(cuts.readiness());
        let scores = cuts.score(&people)?;
        let segments = self.names().map(|map| map.name(&scores)).transpose()?;

        let mut out = csv::Writer::from_writer(io::stdout().lock());
        out.write_record(["customer_id", "idle_days", "frequency", "monetary", "r", "f", "m", "segment"])?;
        for (row, id) in scores.customers().iter().enumerate() {
            let (Some(cell), Some(amount)) = (scores.get(row), scores.amount(row)) else {
                continue;
            };
            let segment = segments.as_ref().and_then(|segments| segments.get(row));
            out.write_record([
                id.to_string(),
                scores.idle_days()[row].to_string(),
                scores.frequencies()[row].to_string(),
                amount.digits().to_string(),
                cell.recency().to_string(),
                cell.frequency().to_string(),
                cell.monetary().to_string(),
                segment.map_or(String::new(), |segment| segment.name.clone()),
            ])?;
        }
        out.flush()?;
        Ok(())
    }
}

fn levels(text: &str) -> Result<u8, Fault> {
    let known = text.parse().ok().filter(|levels| (2..=10).contains(levels));
    known.ok_or_else(|| format!("--levels takes a number from 2 to 10, not `{text}`").into())
}

fn bakery() -> Result<(Ledger, Day), Fault> {
    say("a simulated bakery (seed 1); say a file and its columns for your own");
    let bakery = Bakery::new(1);
    Ok((bakery.books()?.ledger(Policies::default())?, bakery.last_day()))
}
