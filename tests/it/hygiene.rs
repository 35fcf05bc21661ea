//! The bytes that clients may send, and what of them reaches upstream.

mod case;
mod passing;
mod run;
mod upstream;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/raw")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{file}.txt"))).expect("a readable file")
}

/// One test for each file, so that they run side by side and a test's name says where to look.
macro_rules! files {
    ($($test:ident: $file:literal,)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(
            #[tokio::test]
            async fn $test() {
                run::file($file).await;
            }
        )*
    };
}

files! {
    absolute: "absolute",
    bodies: "bodies",
    chunk_ends: "chunk-ends",
    chunks: "chunks",
    connection: "connection",
    expect: "expect",
    headers: "headers",
    host: "host",
    length: "length",
    line_ends: "line-ends",
    methods: "methods",
    oversize: "oversize",
    pipelining: "pipelining",
    request_line: "request-line",
    smuggling: "smuggling",
    smuggling_chunks: "smuggling-chunks",
    target: "target",
    transfer_encoding: "transfer-encoding",
    version: "version",
}

#[test]
fn every_file_is_run_and_every_case_shows_something_of_its_own() {
    let files = std::fs::read_dir(folder()).expect("the folder");
    let names = files.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    let mut run: Vec<String> = FILES.iter().map(|file| format!("{file}.txt")).collect();
    run.sort();
    assert_eq!(names, run);
    let mut titles = HashSet::new();
    let mut sent = HashSet::new();
    for file in FILES {
        for case in case::parse(file, &read(file)) {
            let title = case.name.split_once(": ").expect("a title").1.to_owned();
            assert!(titles.insert(title), "{}: the title stands twice", case.name);
            let bytes = format!("{}{:?}", case.settings, case.steps);
            assert!(sent.insert(bytes), "{}: another case sends the same", case.name);
        }
    }
    assert!(titles.len() >= 400, "{} cases", titles.len());
}
