//! Puts edits into a source, and the source back into its file.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::finding::{Edit, Finding};
use super::hide;
use super::walk::Sheet;
use super::{Tongue, hidden};
use crate::inject::diff;

/// A source after its sure calls were replaced.
#[derive(Debug)]
pub struct Rewritten {
    /// The new text.
    pub text: String,
    /// What differs, without tokens.
    pub diff: String,
    /// How many calls were replaced.
    pub calls: usize,
}

/// Replaces what is sure; `None` if nothing is.
#[must_use]
pub fn rewritten(sheet: &Sheet, findings: &[Finding]) -> Option<Rewritten> {
    if !sheet.is_exact {
        return None;
    }
    let (mut edits, mut calls): (Vec<&Edit>, usize) = (Vec::new(), 0);
    for finding in findings {
        if let Ok(own) = &finding.rewrite
            && !own.iter().any(|edit| edits.iter().any(|other| overlaps(edit, other)))
        {
            edits.extend(own);
            calls += 1;
        }
    }
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let text = edited(&sheet.text, &edits);
    let is_page = Tongue::is_page(&sheet.path);
    let tokens = hide::tokens(&sheet.text, sheet.tongue, is_page);
    let diff = hidden(
        &diff::unified(sheet.path.display().to_string().trim_start_matches('/'), &sheet.text, &text),
        &tokens,
    );
    (calls > 0).then_some(Rewritten { text, diff, calls })
}

fn overlaps(one: &Edit, other: &Edit) -> bool {
    one.span.start < other.span.end && other.span.start < one.span.end
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Writes a file as a whole: either the old text or the new is there, with the old permissions.
///
/// # Errors
/// If the file was changed since it was read, or cannot be written.
pub fn write(sheet: &Sheet, text: &str) -> io::Result<()> {
    // A link stays one: what it points to is replaced.
    let path = fs::canonicalize(&sheet.path)?;
    if fs::read(&path)? != sheet.text.as_bytes() {
        return Err(io::Error::other("it was changed meanwhile; nothing is written"));
    }
    let permissions = fs::metadata(&path)?.permissions();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.mesigate", std::process::id()));
    let written = put(&beside, text, permissions).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn put(path: &Path, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.set_permissions(permissions)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
