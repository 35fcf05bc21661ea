//! What must be true of documents and sources, beyond what a compiler checks.

use std::path::{Path, PathBuf};
use std::process::Command;

use mesigate::protocol::catalogue;
use mesigate::protocol::ops::Table;

use crate::support::client::get;
use crate::support::program::Serving;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust source at or below a path of `src`, with its name from `src` on.
fn sources(below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    gather(&root().join("src"), below, &mut found);
    found
}

fn gather(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
    let path = folder.join(below);
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            gather(folder, &Path::new(below).join(name).display().to_string(), found);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.push((below.to_owned(), std::fs::read_to_string(path).expect("text")));
    }
}

/// `house.rs` checks imports; this test checks words that need no import.
#[test]
fn translating_knows_no_socket_no_file_no_clock_and_no_environment() {
    let banned = [
        "tokio",
        "hyper::",
        "std::net",
        "std::fs",
        "std::env",
        "Instant",
        "SystemTime",
        "std::thread",
        "tracing::",
        "println!",
    ];
    for (name, text) in sources("protocol") {
        for word in banned {
            assert!(!text.contains(word), "{name} is pure and must not use {word}");
        }
    }
}

#[test]
fn the_sandbox_is_written_without_the_table() {
    for (name, text) in sources("sandbox") {
        for word in ["crate::protocol", "operations.toml"] {
            assert!(
                !text.contains(word),
                "{name} must not know {word}: a wrong mapping has to fail against it"
            );
        }
    }
}

#[test]
fn only_the_loader_reads_the_environment() {
    for (name, text) in sources("") {
        assert!(name == "cli/load.rs" || !text.contains("env::var"), "{name} reads the environment");
    }
}

/// The most lines of a file of `src`, its inline tests included; then of half of the files.
const MOST_LINES: usize = 330;
const MOST_OF_HALF: usize = 110;
/// The most lines of a file of tests.
const MOST_OF_TESTS: usize = 350;
/// The most lines of a function, from its name to its closing brace; then of ninety-nine in a hundred.
const MOST_OF_FUNCTION: usize = 60;
const MOST_OF_NEARLY_ALL: usize = 45;

#[test]
fn files_stay_of_a_size_to_be_read() {
    let mut lengths: Vec<usize> = Vec::new();
    for (name, text) in sources("") {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{name} has {lines} lines: what are its two ideas?");
        let is_face = name.ends_with("mod.rs") && name.matches('/').count() == 1;
        assert!(is_face || !name.ends_with("mod.rs"), "{name}: below a room, modules are foo.rs + foo/");
        lengths.push(lines);
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= MOST_OF_HALF, "half of the files have {median} lines and more");
}

#[test]
fn files_of_tests_stay_of_a_size_to_be_read_too() {
    let mut files = Vec::new();
    gather(&root(), "tests/it", &mut files);
    assert!(files.len() > 50, "{} stand in tests/it", files.len());
    for (name, text) in files {
        let lines = text.lines().count();
        assert!(lines <= MOST_OF_TESTS, "{name} has {lines} lines: which rules does it hold?");
    }
}

#[test]
fn functions_stay_of_a_size_to_be_read() {
    let mut lengths: Vec<usize> = Vec::new();
    for (file, text) in sources("") {
        for (name, lines) in functions(&text) {
            assert!(lines <= MOST_OF_FUNCTION, "{file}: {name} has {lines} lines: what are its steps?");
            lengths.push(lines);
        }
    }
    assert!(lengths.len() > 1500, "found {} functions", lengths.len());
    lengths.sort_unstable();
    let nearly_all = lengths[lengths.len() * 99 / 100];
    assert!(nearly_all <= MOST_OF_NEARLY_ALL, "one function of a hundred has {nearly_all} lines and more");
}

/// Each function with a body, by name, and its number of lines. It ends at a closing brace with the indent of its first
/// word, because rustfmt writes it so.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let margin = &line[..line.len() - line.trim_start().len()];
        let Some((before, rest)) = line.trim_start().split_once("fn ") else { continue };
        let is_mark = |word: &str| word.starts_with("pub") || ["async", "const"].contains(&word);
        if !before.split_whitespace().all(is_mark) {
            continue;
        }
        let is_last = |line: &&str| {
            let at_margin = line.strip_prefix(margin).filter(|rest| !rest.starts_with(' '));
            at_margin.is_some_and(|rest| rest == "}" || rest.ends_with(['}', ';']))
        };
        let last = lines[start..].iter().position(is_last).expect("a function ends");
        if lines[start + last].ends_with('}') {
            found.push((rest.split(['(', '<']).next().unwrap_or_default(), last + 1));
        }
    }
    found
}

#[test]
fn docs_operations_is_current() {
    let table = Table::shipped().expect("a sound table");
    let operations: Vec<_> = table.operations().iter().collect();
    let made = catalogue::markdown(&operations, &table);
    assert_eq!(
        read("docs/operations.md"),
        made,
        "make it anew: cargo run -- ops --markdown > docs/operations.md"
    );
}

/// The first code block of a language in a document that contains these words.
fn block<'d>(document: &'d str, language: &str, words: &str) -> &'d str {
    let fence = format!("```{language}\n");
    let mut texts =
        document.split(&fence).skip(1).filter_map(|rest| rest.split_once("\n```").map(|(text, _)| text));
    texts.find(|text| text.contains(words)).unwrap_or_else(|| panic!("no block of {language} has `{words}`"))
}

#[tokio::test]
async fn the_readme_shows_what_the_sandbox_answers() {
    let readme = read("README.md");
    let (request, shown) = (block(&readme, "sh", "curl 'http"), block(&readme, "json", "\"op\""));
    let target = request.strip_prefix("curl 'http://127.0.0.1:8080").and_then(|rest| rest.strip_suffix('\''));
    let log = tempfile::NamedTempFile::new().expect("a file");
    let serving = Serving::start(&[], log.path());
    let answer = get(serving.address, target.expect("one request to the shipped address")).await;
    assert_eq!(String::from_utf8(answer.body).expect("text"), shown);
}

#[test]
fn every_function_that_docs_architecture_names_exists_where_it_says() {
    let text = read("docs/architecture.md");
    let mut named = 0;
    for piece in text.split('`').skip(1).step_by(2) {
        // The document writes a function as `file.rs: name`, a file as `folder/file.rs`.
        let (file, function) =
            piece.split_once(": ").map_or((piece, None), |(file, name)| (file, Some(name)));
        if Path::new(file).extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let folder = if file.starts_with("tests/") { "" } else { "src/" };
        let source = read(&format!("{folder}{file}"));
        if let Some(function) = function {
            let name = function.rsplit("::").next().expect("a name");
            assert!(
                source.contains(&format!("fn {name}(")) || source.contains(&format!("fn {name}<")),
                "{folder}{file} has no fn {name}"
            );
            named += 1;
        }
    }
    assert!(named > 15, "the way of a request names its functions; found {named}");
}

#[test]
fn every_promise_names_tests_and_each_of_them_exists() {
    let page = read("docs/promises.md");
    let promises: Vec<&str> = page.split("\n## ").skip(1).collect();
    assert_eq!(promises.len(), 10, "promises are added, and none is taken back");
    for promise in promises {
        let title = promise.lines().next().unwrap_or_default();
        let mut named = 0;
        for piece in promise.split('`').skip(1).step_by(2) {
            if let Some((file, function)) = piece.split_once(".rs: ") {
                let source = read(&format!("{file}.rs"));
                let (before, _) = source
                    .split_once(&format!("fn {function}("))
                    .unwrap_or_else(|| panic!("{title}: {file}.rs has no {function}"));
                let marks = before.rsplit("\n\n").next().unwrap_or_default();
                assert!(marks.contains("test]"), "{title}: {function} of {file}.rs is no test");
                named += 1;
            } else if piece.starts_with("tests/") || piece.starts_with("src/") {
                assert!(root().join(piece).exists(), "{title}: there is no {piece}");
            }
        }
        assert!(named > 0, "{title}: which test holds it?");
    }
}

#[test]
fn every_file_that_documents_link_to_exists() {
    let pages = std::fs::read_dir(root().join("docs")).expect("the folder");
    let mut documents: Vec<PathBuf> = pages.map(|entry| entry.expect("an entry").path()).collect();
    documents.extend(
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map(|name| root().join(name)),
    );
    documents.push(root().join("tests/attacks.md"));
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    assert!(documents.len() > 10, "{documents:?}");
    for document in documents {
        let text = std::fs::read_to_string(&document).expect("text");
        let folder = document.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") {
                assert!(
                    folder.join(file).exists(),
                    "{} links to {file}, which is not there",
                    document.display()
                );
            }
        }
    }
}

#[test]
fn there_is_one_tls_provider() {
    // Two of them in one dependency graph panic at first use, not at build time.
    let arguments = ["tree", "--offline", "--edges", "normal,build", "--prefix", "none"];
    let output =
        Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    let tree = String::from_utf8(output.stdout).expect("text");
    assert!(tree.lines().any(|line| line.starts_with("aws-lc-rs ")), "cargo tree says: {tree}");
    assert!(!tree.lines().any(|line| line.starts_with("ring ")), "ring is in the graph beside aws-lc-rs");
}
