//! `tests/attacks.md`: every attack has one number, and everything that the page names exists.

use std::path::PathBuf;

fn tests() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn page() -> String {
    std::fs::read_to_string(tests().join("attacks.md")).expect("the page")
}

/// The sources of the integration tests with this file name, in any folder.
fn sources(name: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![tests().join("it")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(name) {
                text += &std::fs::read_to_string(path).expect("text");
            }
        }
    }
    text
}

#[test]
fn every_attack_has_its_number_once() {
    let page = page();
    let numbers =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse::<u32>().ok());
    assert_eq!(numbers.collect::<Vec<_>>(), (1..=88).collect::<Vec<_>>());
}

#[test]
fn everything_that_holds_one_exists() {
    let page = page();
    let quoted: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
    let mut named = 0;
    for quote in quoted {
        if let Some((file, test)) = quote.split_once(".rs: ") {
            let file = format!("{file}.rs");
            assert!(sources(&file).contains(&format!("fn {test}(")), "{file} has no {test}");
            named += 1;
        } else if quote.starts_with("raw/") || quote.starts_with("vectors/") {
            assert!(tests().join(quote).exists(), "there is no {quote}");
        } else if ["src/", "tests/", "fuzz/"].iter().any(|folder| quote.starts_with(folder)) {
            assert!(tests().join("..").join(quote).exists(), "there is no {quote}");
        }
    }
    assert!(named > 50, "{named} tests are named");
}
