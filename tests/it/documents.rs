//! What documents and sources must hold true, beyond what a compiler knows.

use std::path::{Path, PathBuf};
use std::process::Command;

use mesigate::protocol::catalogue;
use mesigate::protocol::ops::Table;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust source at or below a path of `src`, with its name from `src` on.
fn sources(below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    gather(&root().join("src").join(below), &mut found);
    found
}

fn gather(path: &Path, found: &mut Vec<(String, String)>) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder");
        entries.for_each(|entry| gather(&entry.expect("an entry").path(), found));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        let name = path.strip_prefix(root().join("src")).expect("a source").display().to_string();
        found.push((name, std::fs::read_to_string(path).expect("text")));
    }
}

#[test]
fn translating_knows_no_socket_no_file_no_clock_and_no_environment() {
    let banned = [
        "tokio",
        "hyper::",
        "std::net",
        "std::fs",
        "std::env",
        "std::time",
        "Instant",
        "SystemTime",
        "std::thread",
        "tracing::",
        "println!",
        "crate::http",
        "crate::upstream",
        "crate::handle",
        "crate::snapshot",
        "crate::server",
        "crate::sandbox",
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

#[test]
fn files_stay_of_a_size_to_be_read() {
    let mut lengths: Vec<usize> = Vec::new();
    for (name, text) in sources("") {
        let code = text.split("#[cfg(test)]").next().map_or(0, |code| code.lines().count());
        assert!(code <= 350, "{name} has {code} lines: what are its two ideas?");
        let is_face = name.ends_with("mod.rs") && name.matches('/').count() == 1;
        assert!(is_face || !name.ends_with("mod.rs"), "{name}: below a room, modules are foo.rs + foo/");
        lengths.push(code);
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] < 150, "half of the files have more than 150 lines");
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

#[test]
fn every_function_that_docs_architecture_names_exists_where_it_says() {
    let text = read("docs/architecture.md");
    let mut named = 0;
    for piece in text.split('`').skip(1).step_by(2) {
        // A function stands as `file.rs: name`, a file as `folder/file.rs`.
        let (file, function) =
            piece.split_once(": ").map_or((piece, None), |(file, name)| (file, Some(name)));
        if Path::new(file).extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = read(&format!("src/{file}"));
        if let Some(function) = function {
            let name = function.rsplit("::").next().expect("a name");
            assert!(
                source.contains(&format!("fn {name}(")) || source.contains(&format!("fn {name}<")),
                "src/{file} has no fn {name}"
            );
            named += 1;
        }
    }
    assert!(named > 15, "the way of a request names its functions; found {named}");
}

#[test]
fn every_file_that_documents_link_to_exists() {
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/architecture.md",
        "docs/compatibility.md",
        "docs/resilience.md",
        "docs/running.md",
    ] {
        let text = read(document);
        let folder = root().join(document).parent().map(Path::to_path_buf).expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") {
                assert!(folder.join(file).exists(), "{document} links to {file}, which is not there");
            }
        }
    }
}

#[test]
fn there_is_one_tls_provider() {
    // Two in one graph panic at first use, not at build.
    let arguments = ["tree", "--offline", "--edges", "normal,build", "--prefix", "none"];
    let output =
        Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    let tree = String::from_utf8(output.stdout).expect("text");
    assert!(tree.lines().any(|line| line.starts_with("aws-lc-rs ")), "cargo tree says: {tree}");
    assert!(!tree.lines().any(|line| line.starts_with("ring ")), "ring is in the graph beside aws-lc-rs");
}
