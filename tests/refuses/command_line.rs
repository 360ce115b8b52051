//! The command line of the examples: what it finds out by itself, what it refuses, and in which words.

#[path = "../../examples/command/mod.rs"]
pub(crate) mod command;

use std::{
    fs,
    io::{self, ErrorKind},
    process::ExitCode,
};

use command::{
    Command, Fault, finish,
    labelled::{self, Meaning},
};
use lexopt::Parser;
use patronage::{
    churn::PredictorColumn,
    domain::{Finding, Ledger},
};

fn parse(arguments: &[&str]) -> Result<Command, Fault> {
    Command::read_from(Parser::from_args(arguments), "", |_, _| Ok(false))
}

/// Reads a file of this name and text with the options given.
fn read(name: &str, text: &str, options: &[&str]) -> Result<Ledger, String> {
    let path = std::env::temp_dir().join(format!("patronage-{}-{name}.csv", std::process::id()));
    fs::write(&path, text).unwrap();
    let columns = ["--customer", "id", "--date", "day", "--amount", "paid"];
    let file = path.to_str().unwrap();
    let command = parse(&[&[file], &columns[..], options].concat()).map_err(|fault| fault.to_string());
    let read = command.and_then(|command| command.read(file).map_err(|fault| fault.to_string()));
    fs::remove_file(&path).unwrap();
    read.map(|(ledger, _)| ledger)
}

fn refusal(name: &str, text: &str, options: &[&str]) -> String {
    read(name, text, options).unwrap_err()
}

#[test]
fn the_format_of_dates_is_found_whatever_else_is_wrong() {
    let text = "id,day,paid\nx,1/2/2020 8:00,0\n,13/2/2020 9:00,5\nx,tomorrow,5\n";
    let lenient = read("found", text, &["--lenient"]).unwrap();
    assert_eq!(lenient.first_day().unwrap().to_string(), "2020-02-01");
    assert_eq!(lenient.findings().count(Finding::Unreadable), 1);
    for (options, place) in [
        (&["--strict"][..], "line 2, column `paid`: an amount must not be zero"),
        (&["--missing", "refuse"], "line 3, column `id`: a customer is required"),
        (&["--integer-ids"], "line 2, column `id`: is not a whole number"),
        (&[], "line 4, column `day`: is not a date written day, month, year"),
    ] {
        let message = refusal("found-refused", text, options);
        assert!(message.contains(place), "{message}");
    }
}

#[test]
fn dates_that_fit_two_formats_are_refused_even_leniently() {
    let text = "id,day,paid\nx,1/2/2020,5\n";
    let message = refusal("alike", text, &["--lenient"]);
    assert_eq!(message, "the dates fit several formats: say --date-format day-first or month-first");
    let message = refusal("mixed", "id,day,paid\nx,13/2/2020,5\nx,2/13/2020,5\n", &[]);
    assert!(message.contains("`2/13/2020`") && message.ends_with("say --date-format"), "{message}");
    let message = refusal("none", "id,day,paid\nx,1 May,5\n", &["--lenient"]);
    assert!(message.contains("`1 May`"), "{message}");
    assert_eq!(refusal("header", "id,day,paid\n", &[]), "the file has no rows");
    let ignored = refusal("ignored", "id,day,paid\nx,2020-05-01,-5\n", &["--refunds", "ignore"]);
    assert_eq!(ignored, "every row of the file was left out: 1 in all");
    assert!(refusal("empty", "\n", &[]).ends_with("the file is empty"));
}

#[test]
fn one_ragged_row_does_not_hide_the_separator() {
    let text = "id;day;paid\na;2020-01-01;5\na;2020-01-02;5;6\na;2020-01-03;5\n";
    let ledger = read("ragged", text, &["--lenient"]).unwrap();
    assert_eq!((ledger.len(), ledger.findings().count(Finding::Unreadable)), (2, 1));
    assert!(refusal("ragged-refused", text, &[]).contains("line 3"));
    let both = "id;day;paid,x,y\na;2020-01-01;5,5,5\nb\n";
    assert!(refusal("two", both, &[]).ends_with("say --separator"));
}

#[test]
fn strict_is_a_base_wherever_it_stands() {
    let text = "id,day,paid\na,2020-01-01,0\nb,2020-01-01,-1\n";
    for options in [["--zero", "keep", "--strict"], ["--strict", "--zero", "keep"]] {
        let message = refusal("strict", text, &options);
        assert!(message.contains("line 3, column `paid`: an amount must not be negative"), "{message}");
    }
}

#[test]
fn what_contradicts_is_refused() {
    for (arguments, words) in [
        (&["a.csv", "b.csv"][..], "one file at a time"),
        (&["a.csv", "--thousands", ""], "takes one character"),
        (&["a.csv", "--thousands", ".,"], "takes one character"),
        (&["a.csv", "--strict", "--lenient"], "contradict"),
        (&["a.csv", "--round", "--strict"], "contradict"),
        (&["--customer", "id"], "no file is given"),
        (&["--levels", "4"], "no option --levels"),
    ] {
        let message = parse(arguments).err().unwrap().to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let ended = |fault: Fault| format!("{:?}", finish(Err(fault)));
    let closed = || io::Error::from(ErrorKind::BrokenPipe);
    let success = format!("{:?}", ExitCode::SUCCESS);
    assert_eq!([ended(closed().into()), ended(csv::Error::from(closed()).into())], [&*success, &*success]);
    assert_ne!(ended(io::Error::from(ErrorKind::StorageFull).into()), success);
}

#[test]
fn who_churned_is_said_or_refused() {
    let read = |name: &str, text: &str, positive: Option<&str>, id: Option<&str>| {
        let path = std::env::temp_dir().join(format!("patronage-{}-label-{name}.csv", std::process::id()));
        fs::write(&path, text).unwrap();
        let read = labelled::read(path.to_str().unwrap(), Meaning { label: "left", positive, id });
        fs::remove_file(&path).unwrap();
        read.map_err(|fault| fault.to_string())
    };
    let text = "id,age,plan,left\na,3,x,Yes\nb, ,y,No\nc,5,,no\nd,7,x,\n";
    // Two labels that differ by their letters alone are two.
    let message = read("three", text, None, Some("id")).unwrap_err();
    assert_eq!(
        message,
        "--positive must say which value stands for churned: the values of `left` are `No` (1 rows), `Yes` (1 rows), `no` (1 rows)"
    );
    let examples = read("said", text, Some("Yes"), Some("id")).unwrap();
    assert_eq!(examples.churned(), [true, false, false]);
    assert_eq!(examples.predictors().missing().collect::<Vec<_>>(), [("age", 1), ("plan", 1)]);
    assert!(matches!(examples.predictors().column("age"), Ok(PredictorColumn::Numbers(_))));
    assert!(matches!(examples.predictors().column("plan"), Ok(PredictorColumn::Categories { .. })));
    let examples = read("found", "age,left\n1,0\n2,1\n3,1\n", None, None).unwrap();
    assert_eq!(examples.churned(), [false, true, true]);
    for (name, text, positive, id, known) in [
        ("none", "age,left\n1,gone\n2,here\n", None, None, "`gone` (1 rows), `here` (1 rows)"),
        ("absent", text, Some("YES"), None, "no row has the label `YES`"),
        ("column", text, None, Some("name"), "no column `name`; there are: id, age, plan, left"),
        ("twice", "id,left\na,1\na,0\n", None, Some("id"), "line 3: `a` is the id of a row before"),
        ("empty", "id,left\n", None, None, "the file has no rows"),
    ] {
        let message = read(name, text, positive, id).unwrap_err();
        assert!(message.contains(known), "{message}");
    }
}
