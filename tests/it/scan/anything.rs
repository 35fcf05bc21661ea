//! What must be true of any text, sound or not.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mesigate::protocol::ops::Table;
use mesigate::scan::{Finding, Project, Report, Sheet, Tongue, Walked, findings};
use proptest::prelude::*;

use super::{files, sources};

const TONGUES: [(Tongue, &str); 8] = [
    (Tongue::Php, "a.php"),
    (Tongue::Java, "a.java"),
    (Tongue::Kotlin, "a.kt"),
    (Tongue::Script, "a.html"),
    (Tongue::Python, "a.py"),
    (Tongue::Dart, "a.dart"),
    (Tongue::Go, "a.go"),
    (Tongue::Shell, "a.sh"),
];

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::shipped().expect("a sound table"))
}

fn found(text: &str, tongue: Tongue, name: &str) -> Vec<Finding> {
    findings(text, Path::new(name), tongue, &Project::default(), table(), "https://api.mesibo.com/backend/")
}

/// Checks what must be true of any text; the new text, if one would be written.
fn check(text: &str, tongue: Tongue, name: &str) -> Option<String> {
    let lines: Vec<&str> = text.split('\n').collect();
    for finding in found(text, tongue, name) {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
        let line = lines.get(finding.line - 1).expect("a line of the text");
        assert!(finding.column <= line.chars().count() + 1, "{finding:?}");
        for edit in finding.rewrite.iter().flatten() {
            assert!(text.get(edit.span.clone()).is_some(), "{edit:?}");
        }
    }
    let sheet = Sheet { path: PathBuf::from(name), text: text.to_owned(), is_exact: true, tongue };
    let walked = Walked { sheets: vec![sheet], ..Walked::default() };
    let report = Report::of(walked, table(), "https://api.mesibo.com/backend/");
    let file = report.files.into_iter().next()?;
    let edits: Vec<_> = file.findings.iter().flat_map(|finding| finding.rewrite.iter().flatten()).collect();
    let new = file.rewritten?.text;
    // What stands before the first edit and behind the last is as it was.
    let first = edits.iter().map(|edit| edit.span.start).min().expect("an edit");
    let last = edits.iter().map(|edit| edit.span.end).max().expect("an edit");
    assert!(new.starts_with(&text[..first]) && new.ends_with(&text[last..]));
    Some(new)
}

/// Pieces that sources with calls are made of, whole and broken.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "<?php ",
        "?>",
        "<script>",
        "</script>",
        "'",
        "\"",
        "`",
        "\"\"\"",
        "'''",
        "f'",
        "r\"",
        "<<<EOT\n",
        "\nEOT;\n",
        "/*",
        "*/",
        "//",
        "#",
        "\n",
        "\\",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "${",
        "$(",
        "$x",
        "{$",
        "${y}",
        "%s",
        "%05d",
        ".",
        "+",
        " . ",
        " + ",
        ",",
        ";",
        "=",
        "=>",
        ":",
        "+=",
        ".=",
        "op",
        "'op'",
        "\"op\"",
        "token",
        "'token'",
        "uid",
        "useradd",
        "'userdel'",
        "https://api.mesibo.com/api.php",
        "?op=userdel",
        "&token=",
        "&uid=",
        "curl ",
        "-d ",
        "fetch(",
        "axios.get(",
        "requests.get(",
        "file_get_contents(",
        "sprintf(",
        "$url",
        "url",
        "new ",
        "@GET(",
        "@Query(",
        ".add(",
        ".put(",
        "é",
        "\u{1f600}",
        "\u{202e}",
        "\r\n",
        "<<EOF\n",
        "curl_setopt($ch, CURLOPT_URL, ",
        "http.Get(",
        "\"strings\"",
        " to ",
    ];
    prop_oneof![8 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_a_fault_and_places_are_inside_of_it(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = format!("mesibo{}", pieces.concat());
        for (tongue, name) in TONGUES {
            check(&text, tongue, name);
        }
    }

    #[test]
    fn a_source_that_is_cut_anywhere_is_read_too(number in 0_usize..64, cut in 0_usize..1_000) {
        let all = files(&sources());
        let text = std::fs::read_to_string(&all[number % all.len()]).expect("a source");
        let mut at = text.len() * cut / 1_000;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        for (tongue, name) in TONGUES {
            check(&text[..at], tongue, name);
            check(&text[at..], tongue, name);
        }
    }
}

#[test]
fn what_is_written_is_found_no_more() {
    for file in files(&sources()) {
        let text = std::fs::read_to_string(&file).expect("a source");
        let Some(tongue) = Tongue::of(&file, &text) else { continue };
        let name = file.display().to_string();
        let sure =
            |text: &str| found(text, tongue, &name).iter().filter(|finding| finding.rewrite.is_ok()).count();
        if let Some(new) = check(&text, tongue, &name) {
            assert_eq!(sure(&new), 0, "{name}\n{new}");
        }
    }
}

#[test]
fn a_bracket_at_the_start_of_a_text_is_behind_nothing() {
    let call = "(Uri.parse('https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u'))";
    for (tongue, name) in TONGUES {
        for text in [call.to_owned(), format!("{call};"), format!("[{call}]"), call[1..].to_owned()] {
            check(&text, tongue, name);
            check(&text[text.find('(').expect("a bracket")..], tongue, name);
        }
    }
}

#[test]
fn a_long_text_takes_no_time_that_grows_with_its_square() {
    let call =
        "$r = file_get_contents('https://api.mesibo.com/api.php?op=userdel&token=' . $t . '&uid=' . $u);\n";
    let text = format!("<?php\n{}", call.repeat(2_000));
    assert_eq!(found(&text, Tongue::Php, "a.php").len(), 2_000);
    let deep = format!("<?php mesibo op {}", "(".repeat(20_000));
    assert!(found(&deep, Tongue::Php, "a.php").is_empty());
}
