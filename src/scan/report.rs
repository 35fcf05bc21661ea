//! What was found, for people and for programs.

mod json;
mod text;

use super::apply::{self, Rewritten};
use super::finding::Finding;
use super::hide;
use super::walk::{Sheet, Walked};
use super::{Project, Tongue};
use crate::protocol::ops::Table;

/// A file with calls.
#[derive(Debug)]
pub struct File {
    /// The file as it was read.
    pub sheet: Sheet,
    /// Its calls, in order.
    pub findings: Vec<Finding>,
    /// The file after its sure calls were replaced.
    pub rewritten: Option<Rewritten>,
    /// The tokens in it, which are shown nowhere.
    tokens: Vec<String>,
}

/// All that was found.
#[derive(Debug)]
pub struct Report {
    /// The files with calls, in the order of their paths.
    pub files: Vec<File>,
    /// How many files were read.
    pub read: usize,
    /// Why something was left out, and how often.
    pub skipped: Vec<(&'static str, usize)>,
    /// What could not be read.
    pub faults: Vec<String>,
}

impl Report {
    /// Looks through what a walk has read. `url` is the JSON endpoint that replacements call.
    #[must_use]
    pub fn of(walked: Walked, table: &Table, url: &str) -> Self {
        let project = Project::of(&walked.sheets);
        let read = walked.sheets.len();
        let file = |sheet: Sheet| {
            let findings = super::findings(&sheet.text, &sheet.path, sheet.tongue, &project, table, url);
            let tokens = hide::tokens(&sheet.text, sheet.tongue, Tongue::is_page(&sheet.path));
            let rewritten = apply::rewritten(&sheet, &findings);
            (!findings.is_empty()).then_some(File { sheet, findings, rewritten, tokens })
        };
        let files = walked.sheets.into_iter().filter_map(file).collect();
        Self { files, read, skipped: walked.skipped, faults: walked.faults }
    }

    /// Every call.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.files.iter().flat_map(|file| &file.findings)
    }

    /// The diffs of all that `--write` changes.
    #[must_use]
    pub fn diff(&self) -> String {
        let rewritten = self.files.iter().filter_map(|file| file.rewritten.as_ref());
        rewritten.map(|rewritten| rewritten.diff.as_str()).collect()
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> String {
        json::json(self)
    }

    /// How many calls ask for each operation, the most frequent first.
    fn by_operation(&self) -> Vec<(&str, usize)> {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for finding in self.findings() {
            let name = finding.operation.name().unwrap_or("(known at run time)");
            match counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => counts.push((name, 1)),
            }
        }
        counts.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        counts
    }
}

impl File {
    /// A text of this file as it may be shown.
    fn shown(&self, text: &str) -> String {
        hide::hidden(text, &self.tokens)
    }
}
