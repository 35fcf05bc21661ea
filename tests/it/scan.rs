//! Old calls in source files: what is found, what is written, and what must be true of any source.

mod anything;
mod found;
mod shown;
mod written;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The small sources, written after the habits of real programs.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scan/sources")
}

/// Runs `mesigate scan` in a folder.
fn scan(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mesigate"));
    command.current_dir(folder).arg("scan").args(arguments);
    command.output().expect("a scan")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A copy of the small sources in a folder of its own.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files(&sources()) {
        let to = folder.path().join(file.strip_prefix(sources()).expect("below"));
        std::fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        std::fs::copy(&file, to).expect("a copy");
    }
    folder
}
