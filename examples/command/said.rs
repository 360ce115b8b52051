//! What the examples say beside their output, and how they end.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use super::Fault;

/// Writes a line to standard error, if anyone still reads it.
pub(crate) fn say(text: impl Display) {
    if cfg!(test) {
        // The macro alone is captured, but panics where the stream is closed.
        eprintln!("{text}");
    } else {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Ends a program: whoever has closed its output, as `head` does, has seen enough.
pub(crate) fn finish(result: Result<(), Fault>) -> ExitCode {
    match result {
        Err(fault) if !is_closed_pipe(&fault) => {
            say(format!("error: {fault}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn is_closed_pipe(fault: &Fault) -> bool {
    let of_csv = fault.downcast_ref::<csv::Error>().map(csv::Error::kind);
    let error = match of_csv {
        Some(csv::ErrorKind::Io(error)) => Some(error),
        _ => fault.downcast_ref::<io::Error>(),
    };
    error.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
