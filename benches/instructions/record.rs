//! The recorded counts, and the tools with which they were made.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

/// The file of the record.
pub const FILE: &str = "benches/instructions.toml";

/// Instructions by scenario.
#[derive(Deserialize, Default)]
pub struct Record {
    /// What `rustc -V` says.
    pub rustc: String,
    /// What `valgrind --version` says.
    pub valgrind: String,
    /// Instructions a request.
    pub instructions: BTreeMap<String, u64>,
}

impl Record {
    /// Reads the record; an empty one if there is none yet.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(path()).unwrap_or_default();
        if text.is_empty() { Self::default() } else { toml::from_str(&text).expect("a sound record") }
    }

    /// A record of the counts made now.
    pub fn of<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> Self {
        Self {
            rustc: version("rustc", "-V"),
            valgrind: version("valgrind", "--version"),
            instructions: counts.map(|(name, count)| (name.to_owned(), count)).collect(),
        }
    }

    /// Writes this as the record.
    pub fn write(&self) {
        let lines: Vec<String> =
            self.instructions.iter().map(|(name, count)| format!("{name:?} = {count}\n")).collect();
        let text = format!(
            "# Instructions that a request costs, made by: cargo bench --bench instructions -- --record\n\
             rustc = {:?}\nvalgrind = {:?}\n\n[instructions]\n{}",
            self.rustc,
            self.valgrind,
            lines.concat()
        );
        std::fs::write(path(), text).expect("a file that can be written");
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE)
}

fn version(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
