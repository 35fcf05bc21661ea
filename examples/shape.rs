//! Prints the program of a call of which only the shape is known, as reports have it. For tests/code/run.
//!
//!     shape URL LANGUAGE PROFILES OPERATION PARAMETER...
//!
//! PROFILES has commas between, or is empty.

#![expect(clippy::print_stdout, reason = "printing is all that it does")]

use std::process::ExitCode;

use clap::ValueEnum as _;
use mesigate::code::{Call, Language, program};
use mesigate::protocol::ops::{Table, bit};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match shape(&words) {
        Ok(program) => {
            print!("{program}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn shape(words: &[String]) -> Result<String, String> {
    let [url, language, profiles, operation, parameters @ ..] = words else {
        return Err("usage: shape URL LANGUAGE PROFILES OPERATION PARAMETER...".to_owned());
    };
    let language = Language::from_str(language, false)?;
    let profiles: Vec<String> =
        profiles.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let table = Table::load(None, &profiles).map_err(|faults| format!("{faults:?}"))?;
    let operation = table.find(operation).ok_or("no such operation")?;
    let slot = |name: &String| operation.plan.slot(name).ok_or(format!("no parameter {name}"));
    let present = parameters.iter().try_fold(0, |mask, name| Ok::<_, String>(mask | bit(slot(name)?)))?;
    Ok(program(language, &Call::of_shape(url, operation, present, &|_| None)))
}
