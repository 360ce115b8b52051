//! Groups among the rows of a table of numbers, or among the customers of a purchase log: CSV on standard output, and
//! what each group is like on standard error.
//!
//! Without a file: from the ledger of a simulated bakery to named groups.

mod command;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use command::{Command, Fault, choice, finish, number, say, table::Table, text};
use lexopt::Parser;
use patronage::{
    cluster::{
        Clusterer, Clustering, Cut, Dbscan, Discover, Hdbscan, Hierarchical, KDistances, KMeans, Linkage,
        Points, Profiles, Words,
    },
    domain::{CustomerId, Customers, Day, Ledger, Policies},
    feature::{Features, Scaling, Step},
    simulate::Bakery,
    summary::{Observation, Summaries},
};

const USAGE: &str = "\
Groups as CSV: row,cluster for a table of numbers, customer_id,cluster for a purchase log

  clusters                                                       a simulated bakery
  clusters FILE [--columns A,B,C] [--method NAME] [...]          a CSV of numbers with a header
  clusters FILE --customer COLUMN --date COLUMN --amount COLUMN  idle days, orders and money of
                                                                 each customer
Rows count from 0; clusters from 0 too, the largest first; -1 is noise. What each group is like goes to
standard error.

  --columns A,B,C       the columns to cluster by (default: all that hold numbers alone)
  --log                 logarithms first: of 1 + x, with the sign of x where it is negative
  --scale none|standard|robust|min-max|rank
                        how columns are scaled (default: none for a table; for a purchase log
                        logarithms, then standard)
  --method kmeans|dbscan|hdbscan|ward
                        (default: kmeans)
  --k N                 kmeans and ward: how many groups (default: as many as are found by k-means,
                        if there is structure)
  --restarts N          kmeans: starts, of which the best counts (default: 10)
  --eps E               dbscan: how near is near (default: the knee of the distances to the
                        neighbour that --min-points says)
  --min-points M        dbscan: points within eps of a core, itself among them (default: twice the
                        columns); hdbscan: the neighbour whose distance says how dense it is there
                        (default: --min-size)
  --min-size S          hdbscan: the fewest points of a group (default: --min-points, or 5)
  --seed NUMBER         of the starts, and of the simulated bakery (default: 1)
";

#[derive(Clone, Copy)]
enum Method {
    KMeans,
    Dbscan,
    Hdbscan,
    Ward,
}

#[derive(Clone, Copy)]
enum Scale {
    None,
    By(Step),
}

struct Settings {
    columns: Vec<String>,
    log: bool,
    scale: Option<Scale>,
    method: Method,
    k: Option<usize>,
    restarts: u32,
    eps: Option<f64>,
    min_points: Option<usize>,
    min_size: Option<usize>,
    seed: u64,
}

fn main() -> ExitCode {
    finish(run())
}

fn run() -> Result<(), Fault> {
    let mut settings = Settings {
        columns: Vec::new(),
        log: false,
        scale: None,
        method: Method::KMeans,
        k: None,
        restarts: 10,
        eps: None,
        min_points: None,
        min_size: None,
        seed: 1,
    };
    let command = Command::read_from(Parser::from_env(), USAGE, |name, parser| settings.take(name, parser))?;
    match &command.file {
        Some(file) if command.names_columns() => {
            let (ledger, as_of) = command.read(file)?;
            settings.customers(&ledger, as_of)
        }
        Some(file) => settings.table(file),
        None => settings.bakery(),
    }
}

impl Settings {
    /// Takes an option of this example; `Ok(false)` if it is none.
    fn take(&mut self, name: &str, parser: &mut Parser) -> Result<bool, Fault> {
        match name {
            "columns" => {
                self.columns = text(parser)?.split(',').map(|name| name.trim().to_owned()).collect();
            }
            "log" => self.log = true,
            "scale" => {
                let of = [
                    ("none", Scale::None),
                    ("standard", Scale::By(Step::Standard)),
                    ("robust", Scale::By(Step::Robust)),
                    ("min-max", Scale::By(Step::MinMax)),
                    ("rank", Scale::By(Step::Rank)),
                ];
                self.scale = Some(choice(parser, &of)?);
            }
            "method" => {
                let of = [
                    ("kmeans", Method::KMeans),
                    ("dbscan", Method::Dbscan),
                    ("hdbscan", Method::Hdbscan),
                    ("ward", Method::Ward),
                ];
                self.method = choice(parser, &of)?;
            }
            "k" => self.k = Some(number(name, parser)?),
            "restarts" => self.restarts = number(name, parser)?,
            "eps" => self.eps = Some(number(name, parser)?),
            "min-points" => self.min_points = Some(number(name, parser)?),
            "min-size" => self.min_size = Some(number(name, parser)?),
            "seed" => self.seed = number(name, parser)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The rows of a table of numbers.
    fn table(&self, file: &str) -> Result<(), Fault> {
        let table = Table::read(file, &self.columns)?;
        if !table.left_out.is_empty() {
            say(format!("left out, for they hold more than numbers: {}", table.left_out.join(", ")));
        }
        // Rows are customers 0, 1, 2 ..., as of no day in particular.
        let rows: Customers = (0..table.rows as u64).map(CustomerId::from).collect();
        let features = Features::new(rows, Day::default(), table.columns)?;
        let (found, profile) = self.cluster(&features, self.scale.unwrap_or(Scale::None))?;
        tell(profile);
        write("row", &features, &found)
    }

    /// The customers of a purchase log.
    fn customers(&self, ledger: &Ledger, as_of: Day) -> Result<(), Fault> {
        say(ledger.findings());
        let people = Observation::until(as_of).summarise(ledger)?;
        let (features, found, profile) = self.of_purchases(&people)?;
        tell(profile);
        write("customer_id", &features, &found)
    }

    fn of_purchases(&self, people: &Summaries) -> Result<(Features, Clustering, Option<Profiles>), Fault> {
        let features = Features::rfm(people);
        let features = if self.columns.is_empty() {
            features
        } else {
            features.select(&self.columns.iter().map(String::as_str).collect::<Vec<_>>())?
        };
        // Unless something else is said: counts and money are skewed.
        let usual = Self { log: self.log || self.scale.is_none(), ..self.copy() };
        let (found, profile) = usual.cluster(&features, self.scale.unwrap_or(Scale::By(Step::Standard)))?;
        Ok((features, found, profile))
    }

    fn copy(&self) -> Self {
        Self { columns: self.columns.clone(), ..*self }
    }

    /// From the books of a simulated bakery to groups that have a name.
    fn bakery(&self) -> Result<(), Fault> {
        let bakery = Bakery::new(self.seed);
        let ledger = bakery.books()?.ledger(Policies::default())?;
        let people = Observation::until(bakery.last_day()).summarise(&ledger)?;
        let (features, found, profile) = self.of_purchases(&people)?;
        let profile = profile.ok_or("too many groups to name")?;
        let names = profile.names(&Words::default());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let groups = found.labels.assignment(features.customers(), features.as_of(), &names)?;
        let mut out = io::stdout().lock();
        writeln!(out, "{} customers as of {}\n\n{profile}", people.len(), people.as_of())?;
        for (id, name) in groups.iter().take(5) {
            writeln!(out, "{id}: {name}")?;
        }
        Ok(())
    }

    fn cluster(&self, features: &Features, scale: Scale) -> Result<(Clustering, Option<Profiles>), Fault> {
        let log = self.log.then_some(Step::SignedLog);
        let scale = match scale {
            Scale::None => None,
            Scale::By(step) => Some(step),
        };
        let scaled = Scaling::by(log.into_iter().chain(scale)).fit(features)?.apply(features)?;
        let points = Points::of(&scaled)?;
        let found = self.way(&points)?.cluster(&points)?;
        let few = found.labels.clusters() <= MOST_DESCRIBED;
        let profile = few.then(|| Profiles::of(features, &scaled, &found.labels)).transpose()?;
        Ok((found, profile))
    }

    fn way(&self, points: &Points<'_>) -> Result<Box<dyn Clusterer>, Fault> {
        Ok(match self.method {
            Method::KMeans => Box::new(KMeans::new(self.groups(points)?, self.seed).restarts(self.restarts)),
            Method::Ward => {
                Box::new(Hierarchical::new(Linkage::Ward).cut(Cut::Clusters(self.groups(points)?)))
            }
            Method::Dbscan => {
                let min_points = self.min_points.unwrap_or(2 * points.width());
                Box::new(Dbscan::new(self.eps(points, min_points)?, min_points))
            }
            Method::Hdbscan => {
                let size = self.min_size.or(self.min_points).unwrap_or(5);
                Box::new(Hdbscan::new(size).min_samples(self.min_points.unwrap_or(size)))
            }
        })
    }

    /// How many groups: as said, or as many as are found.
    fn groups(&self, points: &Points<'_>) -> Result<usize, Fault> {
        if let Some(k) = self.k {
            return Ok(k);
        }
        let found = Discover::new(MOST_GROUPS.min(points.len()), self.seed).run(points)?;
        let groups = found.groups().ok_or("no structure is found: say --k, or take quantiles instead")?;
        say(format!("{groups} groups, of 2 to {MOST_GROUPS} looked for"));
        Ok(groups)
    }

    fn eps(&self, points: &Points<'_>, min_points: usize) -> Result<f64, Fault> {
        if let Some(eps) = self.eps {
            return Ok(eps);
        }
        let knee = KDistances::of(points, min_points)?.knee();
        let knee = knee.ok_or("no distance stands out: say --eps")?;
        say(format!("eps {}, the knee of the distances to neighbour {min_points}", knee.eps));
        Ok(knee.eps)
    }
}

/// Groups that are described at the most: nobody reads on.
const MOST_DESCRIBED: usize = 100;

/// How many groups are looked for where none are asked for.
const MOST_GROUPS: usize = 10;

fn tell(profile: Option<Profiles>) {
    match profile {
        Some(profile) => say(profile),
        None => say(format!("more than {MOST_DESCRIBED} groups: they are not described")),
    }
}

fn write(key: &str, features: &Features, found: &Clustering) -> Result<(), Fault> {
    let mut out = csv::Writer::from_writer(io::stdout().lock());
    out.write_record([key, "cluster"])?;
    for (id, cluster) in features.customers().iter().zip(found.labels.iter()) {
        let cluster = cluster.map_or("-1".to_owned(), |cluster| cluster.to_string());
        out.write_record([id.to_string(), cluster])?;
    }
    out.flush()?;
    Ok(())
}
