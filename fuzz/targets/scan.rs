//! A source in any language: what is found lies inside of it, what is written instead is found no more, and no token is
//! shown.
//!
//! The first line of an input says by its length in which language the rest is.
#![no_main]

use std::ops::Range;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use mesigate::scan::{Finding, Project, Report, Sheet, Tongue, Walked, findings};
use support::{MARK, TABLE, first_line, has_mark, json};

const URL: &str = "https://api.mesibo.com/backend/";
const FILES: [&str; 9] = ["a.php", "a.java", "a.kt", "a.ts", "a.html", "a.py", "a.dart", "a.go", "a.sh"];

fuzz_target!(|input: &[u8]| {
    let (language, text) = first_line(input);
    // No file with a byte of zero is read.
    let Some(text) = str::from_utf8(text).ok().filter(|text| !text.contains('\0')) else { return };
    let path = Path::new(FILES[language.len() % FILES.len()]);
    let Some(tongue) = Tongue::of(path, text) else { panic!("{} is in no language", path.display()) };
    let report = report(text, path, tongue);
    report.findings().for_each(|finding| assert_inside(finding, text));
    assert_shown(&report, text);
    let Some(file) = report.files.into_iter().next() else { return };
    let Some(rewritten) = file.rewritten else { return };
    assert_ne!(rewritten.text, text, "what was written is what was there");
    // What was written is no call of the old door. Another one may be told otherwise now: what surrounds it has changed.
    let again = findings(&rewritten.text, path, tongue, &Project::default(), &TABLE, URL);
    for written in places(&file.findings) {
        let is_there =
            |finding: &&Finding| finding.span.start < written.end && written.start < finding.span.end;
        let found = again.iter().filter(|finding| finding.is_sure()).find(is_there);
        assert!(found.is_none(), "found again at {written:?}:\n{}", rewritten.text);
    }
});

/// The places of what was written, in the new text; none where two calls are changed at one place.
fn places(all: &[Finding]) -> Vec<Range<usize>> {
    let mut edits: Vec<_> = all.iter().flat_map(|finding| finding.rewrite.iter().flatten()).collect();
    edits.sort_by_key(|edit| edit.span.start);
    if edits.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
        return Vec::new();
    }
    let mut places = Vec::new();
    let (mut old, mut new) = (0, 0);
    for edit in edits {
        let start = new + (edit.span.start - old);
        (old, new) = (edit.span.end, start + edit.text.len());
        places.push(start..new);
    }
    places
}

fn report(text: &str, path: &Path, tongue: Tongue) -> Report {
    let sheet = Sheet { path: PathBuf::from(path), text: text.to_owned(), is_exact: true, tongue };
    Report::of(Walked { sheets: vec![sheet], ..Walked::default() }, &TABLE, URL)
}

/// A finding is a stretch of the text, and so is all that is to be changed; its line and column are there.
fn assert_inside(finding: &Finding, text: &str) {
    assert!(text.get(finding.span.clone()).is_some_and(|own| !own.is_empty()), "{finding:?}");
    let before = &text[..finding.span.start];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    assert_eq!(finding.line, before.matches('\n').count() + 1);
    assert_eq!(finding.column, before[line..].chars().count() + 1);
    assert_eq!(finding.is_sure(), finding.doubts.is_empty());
    for edit in finding.rewrite.iter().flatten() {
        assert!(text.get(edit.span.clone()).is_some(), "{edit:?}");
        assert!(finding.is_sure(), "a guess is written: {finding:?}");
    }
}

/// Both reports can be read, and a token in plain text is in neither, nor in the diff.
fn assert_shown(report: &Report, text: &str) {
    let all = [report.text(), report.json(), report.diff()];
    assert_eq!(json(all[1].as_bytes())["calls"].as_array().map(Vec::len), Some(report.findings().count()));
    // A mark elsewhere than in a token's place is a word like any other.
    let is_token = text.matches(MARK).count() == text.matches(&format!("&token={MARK}&")).count();
    if is_token {
        assert!(!all.iter().any(|shown| has_mark(shown.as_bytes())), "a token is shown:\n{}", all.concat());
    }
}
