//! The report for programs; docs/scan.md says what each member is.

use serde_json::{Value, json};

use super::{File, Report};
use crate::scan::finding::{Asked, Finding};

pub(super) fn json(report: &Report) -> String {
    let calls: Vec<Value> = report
        .files
        .iter()
        .flat_map(|file| file.findings.iter().map(|finding| call(file, finding)))
        .collect();
    let sure = report.findings().filter(|finding| finding.is_sure()).count();
    let operations: serde_json::Map<String, Value> =
        report.by_operation().into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
    let skipped: Vec<Value> =
        report.skipped.iter().map(|(why, count)| json!({ "why": why, "count": count })).collect();
    let whole = json!({
        "calls": calls,
        "summary": {
            "calls": calls.len(), "files": report.files.len(), "read": report.read,
            "sure": sure, "guessed": calls.len() - sure, "operations": operations,
        },
        "skipped": skipped,
        "faults": report.faults,
    });
    format!("{whole:#}\n")
}

fn call(file: &File, finding: &Finding) -> Value {
    let (operation, unknown, why) = match &finding.operation {
        Asked::Operation(name) => (Some(name.clone()), None, None),
        Asked::Stranger(name, why) => (None, Some(file.shown(name)), Some(file.shown(why))),
        Asked::Unknown(expression) => {
            (None, Some(file.shown(expression)), Some("known at run time only".to_owned()))
        }
    };
    let parameters: Vec<Value> = finding
        .parameters
        .iter()
        .map(|parameter| json!({ "name": file.shown(&parameter.name), "to": parameter.to, "note": file.shown(&parameter.note) }))
        .collect();
    let doubts: Vec<String> = finding.doubts.iter().map(|doubt| file.shown(doubt)).collect();
    let is_written = finding.rewrite.is_ok() && file.sheet.is_exact;
    let left = finding.rewrite.as_ref().err().map(|why| file.shown(why));
    json!({
        "file": file.sheet.path.display().to_string(),
        "line": finding.line,
        "column": finding.column,
        "language": file.sheet.tongue.word(),
        "written_as": finding.habit.words(),
        "operation": operation,
        "unknown": unknown,
        "unknown_why": why,
        "sure": finding.is_sure(),
        "doubts": doubts,
        "parameters": parameters,
        "plain_token": finding.has_plain_token,
        "replacement": finding.replacement.as_ref().map(|text| file.shown(text)),
        "write": is_written,
        "write_why_not": left,
    })
}
