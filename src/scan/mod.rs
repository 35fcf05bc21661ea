//! Finds calls of the old door in source files, shows what takes their place, and writes what is sure.

mod account;
mod apply;
mod find;
mod finding;
mod hide;
mod judge;
mod lex;
mod names;
mod pieces;
mod query;
mod replacement;
mod report;
mod rewrite;
mod site;
mod source;
mod token;
mod tongue;
mod walk;

use std::path::Path;

use names::{Elsewhere, Names};
use site::Context;
use source::Source;

use crate::protocol::ops::Table;

pub use apply::{Rewritten, rewritten, write};
pub use finding::{Asked, Edit, Finding, Parameter};
pub use hide::hidden;
pub use report::{File, Report};
pub use site::Habit;
pub use tongue::Tongue;
pub use walk::{LONGEST, Sheet, Walked, walk};

/// What other files of a project say: the URLs that they give names.
#[derive(Debug, Default)]
pub struct Project(Elsewhere);

impl Project {
    /// Reads what the files of a project say to one another; of a name with two meanings, nothing.
    #[must_use]
    pub fn of(sheets: &[Sheet]) -> Self {
        let mut all: std::collections::BTreeMap<String, Option<(String, String)>> =
            std::collections::BTreeMap::new();
        for sheet in sheets.iter().filter(|sheet| has_sign(&sheet.text)) {
            let source = Source::new(&sheet.text, sheet.tongue, Tongue::is_page(&sheet.path));
            for (name, text) in Names::of(&source).for_others() {
                let told = (sheet.path.display().to_string(), text);
                let known = all.entry(name.to_owned()).or_insert_with(|| Some(told.clone()));
                if known.as_ref().is_some_and(|(_, text)| *text != told.1) {
                    *known = None;
                }
            }
        }
        Self(all.into_iter().filter_map(|(name, told)| Some((name, told?))).collect())
    }
}

/// The calls of the old door in a source, in order. `url` is the JSON endpoint that replacements call.
#[must_use]
pub fn findings(
    text: &str,
    path: &Path,
    tongue: Tongue,
    project: &Project,
    table: &Table,
    url: &str,
) -> Vec<Finding> {
    if !may_call(text, table) {
        return Vec::new();
    }
    let source = Source::new(text, tongue, Tongue::is_page(path));
    let names = Names::of(&source);
    let mentions = has_sign(text);
    let context = Context { source: &source, names: &names, elsewhere: &project.0, mentions };
    let judge = judge::Judge { context: &context, table, url };
    let mut found: Vec<Finding> =
        find::sites(&context, table).into_iter().filter_map(|site| judge.finding(site)).collect();
    found.extend(judge.addresses(&found));
    found.sort_by_key(|finding| finding.span.start);
    found
}

/// Whether a text speaks of mesibo.
fn has_sign(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("mesibo")
}

/// Whether a text can have a call in it at all: most files of a project cannot, and are not cut into tokens.
fn may_call(text: &str, table: &Table) -> bool {
    let lower = text.to_ascii_lowercase();
    let names = table
        .operations()
        .iter()
        .flat_map(|operation| std::iter::once(&operation.row.name).chain(&operation.row.aliases));
    lower.contains("op")
        && (lower.contains("mesibo")
            || lower.contains("api.php")
            || names.into_iter().any(|name| lower.contains(name.as_str())))
}
