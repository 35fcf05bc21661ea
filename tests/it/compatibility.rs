//! docs/compatibility.md is true: its quotations exist, and nothing that it must contain is missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mesigate::config::SHIPPED;
use mesigate::protocol::ops::Table;

use crate::support::vector;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The document on one line, because a quotation may break at a line's end.
fn document() -> String {
    read("docs/compatibility.md").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The document's quotations of files that end in `extension`, as file and quotation: after `` `file`: `` come one or
/// several, each between two of `mark`, separated by commas.
fn quoted(document: &str, extension: &str, mark: char) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let end = format!("{extension}`: ");
    for (at, _) in document.match_indices(&end) {
        let start = document[..at].rfind('`').expect("the file's name begins") + 1;
        let file = &document[start..at + extension.len()];
        let mut rest = &document[at + end.len()..];
        while let Some((quotation, behind)) = rest.strip_prefix(mark).and_then(|rest| rest.split_once(mark)) {
            found.push((file.to_owned(), quotation.to_owned()));
            rest = behind.strip_prefix(", ").unwrap_or_default();
        }
    }
    found
}

/// The names between backquotes.
fn ticked(document: &str) -> BTreeSet<&str> {
    document.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_vector_that_is_quoted_exists() {
    let quoted = quoted(&document(), ".txt", '"');
    // A slip in the document's form must not hide quotations from this test.
    assert!(quoted.len() > 120, "found {}", quoted.len());
    for (file, title) in &quoted {
        let stem = file.trim_end_matches(".txt");
        let cases = vector::parse(stem, &read(format!("tests/vectors/{file}")));
        let wanted = format!("{stem}: {title}");
        assert!(cases.iter().any(|case| case.name == wanted), "{file} has no case \"{title}\"");
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let named = quoted(&document(), ".rs", '`');
    assert!(named.len() > 9, "found {}", named.len());
    for (file, name) in named {
        assert!(read(format!("tests/it/{file}")).contains(&format!("fn {name}(")), "{file} has no {name}");
    }
}

#[test]
fn every_file_of_vectors_is_quoted() {
    let quoted: BTreeSet<String> =
        quoted(&document(), ".txt", '"').into_iter().map(|(file, _)| file).collect();
    let entries = std::fs::read_dir(root().join("tests/vectors")).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let name = |path: PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let files: BTreeSet<String> = texts.map(name).collect();
    assert_eq!(quoted, files);
}

#[test]
fn every_operation_that_is_refused_is_told() {
    let document = document();
    let told = ticked(&document);
    for refused in Table::shipped().expect("a sound table").refused {
        assert!(told.contains(&*refused.name), "nothing is said of {}", refused.name);
    }
}

#[test]
fn every_form_of_the_json_side_is_told() {
    let document = document();
    for form in Table::shipped().expect("a sound table").profiles.iter().flatten() {
        assert!(ticked(&document).contains(&**form), "nothing is said of {form}");
    }
    for other in Table::shipped().expect("a sound table").profiles.iter().flat_map(|forms| &forms[1..]) {
        assert!(document.contains(&format!("profile `{other}`")), "nothing is said of how to choose {other}");
    }
}

#[test]
fn every_setting_that_is_named_exists() {
    let document = document();
    let (mut section, mut keys) = (String::new(), BTreeSet::new());
    for line in SHIPPED.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            keys.insert(format!("{section}.{key}"));
        }
    }
    let sections: BTreeSet<&str> = keys.iter().filter_map(|key| key.split('.').next()).collect();
    let is_setting =
        |name: &&str| name.split_once('.').is_some_and(|(section, _)| sections.contains(section));
    let named: Vec<&str> = ticked(&document).into_iter().filter(is_setting).collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(keys.contains(name), "{name} is no setting");
    }
}
