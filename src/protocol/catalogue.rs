//! Shows the operations table (`mesigate ops`): as text for people, as Markdown for docs/operations.md, as JSON
//! and as OpenAPI for programs. Pure.

mod answer;
pub mod example;
mod openapi;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

pub use answer::{Back, comes_back};
pub use openapi::openapi;

use crate::protocol::ops::{
    AnswerField, Caching, Destination, Effect, Need, Operation, Param, Row, Shape, Table,
};

const NAME: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();

/// Every operation and parameter, a line each. The text holds style codes; print it through `anstream`.
#[must_use]
pub fn text(operations: &[&Operation]) -> String {
    let mut out = String::new();
    for operation in operations {
        let row = &operation.row;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "{NAME}{}{NAME:#}{}  {}", row.name, aliases(&row.aliases), row.summary);
        let _ = writeln!(out, "  {FAINT}{}{FAINT:#}", effect(row));
        for param in &row.params {
            let names = format!("{}{}", param.name, aliases(&param.aliases));
            let _ = writeln!(
                out,
                "  {NAME}{names:<16}{NAME:#} {GOOD}{:<34}{GOOD:#} {:<8} {:<22} {}",
                target(&param.target),
                param.kind.word(),
                need(param, row),
                param.doc
            );
        }
        let _ = writeln!(out, "  {FAINT}answers: {}{FAINT:#}\n", answer(&row.answer));
    }
    out
}

/// The text of docs/operations.md.
#[must_use]
pub fn markdown(operations: &[&Operation], table: &Table) -> String {
    let mut out = String::from(MARKDOWN_HEAD);
    for operation in operations {
        markdown_operation(&mut out, &operation.row);
    }
    out.push_str("\n## With any operation\n\n");
    out.push_str("These have no counterpart in the JSON API and are dropped, as every unknown name is:\n\n");
    for ignored in &table.ignored {
        let _ = writeln!(out, "- `{}`: {}", ignored.name, ignored.doc);
    }
    out.push_str("\n## Not offered\n\nOld code is known to send these; they get BADOP with the reason:\n\n");
    for refused in &table.refused {
        let _ = writeln!(out, "- `{}`: {}", refused.name, refused.doc);
    }
    out
}

const MARKDOWN_HEAD: &str = "\
# Operations

Made from `config/operations.toml` by `mesigate ops --markdown`; a test holds that it is current.

Every request has `op` and `token`, and may have `id`, an integer that comes back in the answer.
Integers are decimal or hex after `0x`; booleans are `1`, `0`, `true` or `false`; an empty value is as
good as none. Every answer has `op` and `result`, and on failure `error`, `code`, `cause` and
`properties`; below is what it has besides, and which member of the JSON API's answer a program finds it
in that calls that API itself.
";

fn markdown_operation(out: &mut String, row: &Row) {
    let _ = writeln!(out, "\n## {}\n\n{}.", row.name, row.summary);
    if !row.aliases.is_empty() {
        let _ = writeln!(out, "Also called {}.", ticked(&row.aliases));
    }
    let _ = writeln!(out, "{}\n", sentence(&effect(row)));
    out.push_str("| parameter | JSON member | type | needed | what it is |\n|---|---|---|---|---|\n");
    for param in &row.params {
        let _ = writeln!(
            out,
            "| `{}`{} | {} | {} | {} | {} |",
            param.name,
            if param.aliases.is_empty() { String::new() } else { format!(", {}", ticked(&param.aliases)) },
            target(&param.target),
            param.kind.word(),
            need(param, row),
            param.doc
        );
    }
    markdown_answer(out, &row.answer);
}

fn markdown_answer(out: &mut String, fields: &[AnswerField]) {
    if fields.is_empty() {
        out.push_str("\nWhat comes back: nothing more.\n");
        return;
    }
    out.push_str("\n| what comes back | from the JSON answer's | as |\n|---|---|---|\n");
    for Back { old, from, what } in comes_back(fields) {
        let _ = writeln!(out, "| `{old}` | {} | {what} |", from.join(", or "));
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), characters.as_str()))
}

fn ticked(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn aliases(aliases: &[String]) -> String {
    if aliases.is_empty() { String::new() } else { format!(", {}", aliases.join(", ")) }
}

fn effect(row: &Row) -> String {
    let sends = if row.sends == row.name { String::new() } else { format!("sends op {}", row.sends) };
    let fixed = row.fixed.iter().map(|fixed| format!("{} = {}", fixed.at.dotted(), fixed.json));
    let effect = match row.effect {
        Effect::Read => "changes nothing",
        Effect::Converge => "done twice, it leaves the same state",
        Effect::Issue => "makes a new token or password each time",
        Effect::Create => "makes something new each time",
    };
    let kept = match row.cache {
        Caching::None => "",
        Caching::Read => "its answer may be kept for a while",
        Caching::DropsGroup => "what is kept of its group is fetched anew",
        Caching::DropsApp => "all that is kept for the app is fetched anew",
    };
    let parts = [sends].into_iter().chain(fixed).chain([effect.to_owned(), kept.to_owned()]);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn target(target: &Destination) -> String {
    match target {
        Destination::Nowhere => "dropped".to_owned(),
        Destination::At(at) => at.dotted(),
        Destination::Split(parts) => {
            let part =
                |part: &crate::protocol::ops::Part| format!("{} (bits {:#x})", part.at.dotted(), part.mask);
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    }
}

fn need(param: &Param, row: &Row) -> String {
    match &param.need {
        Need::Required => "required".to_owned(),
        Need::Optional => match (&param.off_with, &param.only_with) {
            (Some(other), _) => format!("not with {other}"),
            (None, Some(other)) => format!("only with {other}"),
            (None, None) => "optional".to_owned(),
        },
        Need::OneOf(group) => {
            let of_group = |other: &&Param| other.need == Need::OneOf(group.clone());
            let names: Vec<&str> =
                row.params.iter().filter(of_group).map(|other| other.name.as_str()).collect();
            format!("{} is required", names.join(" or "))
        }
    }
}

fn answer(fields: &[AnswerField]) -> String {
    if fields.is_empty() {
        return "nothing more".to_owned();
    }
    let field = |field: &AnswerField| match &field.shape {
        Shape::Rows(rows) => format!("{}, a list of {{ {} }}", field.at.dotted(), answer(rows)),
        shape => format!("{} ({})", field.at.dotted(), shape.word()),
    };
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

/// The table as JSON: a list of operations with everything that the rows say.
#[must_use]
pub fn json(operations: &[&Operation]) -> String {
    let all: Vec<Value> = operations.iter().map(|operation| json_operation(&operation.row)).collect();
    format!("{:#}\n", Value::from(all))
}

fn json_operation(row: &Row) -> Value {
    json!({
        "name": row.name,
        "aliases": row.aliases,
        "summary": row.summary,
        "sends": row.sends,
        "fixed": row.fixed.iter().map(|fixed| (fixed.at.to_string(), raw(&fixed.json))).collect::<serde_json::Map<_, _>>(),
        "effect": row.effect.word(),
        "group": row.group,
        "cache": Caching::WORDS.iter().find(|(_, cache)| *cache == row.cache).map(|(word, _)| *word),
        "params": row.params.iter().map(|param| json_param(param, row)).collect::<Vec<_>>(),
        "answer": row.answer.iter().map(json_field).collect::<Vec<_>>(),
    })
}

fn raw(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

fn json_param(param: &Param, row: &Row) -> Value {
    let to = match &param.target {
        Destination::Nowhere => Vec::new(),
        Destination::At(at) => vec![json!({ "at": at.to_string() })],
        Destination::Split(parts) => {
            let part = |part: &crate::protocol::ops::Part| json!({ "at": part.at.to_string(), "mask": part.mask, "shift": part.shift });
            parts.iter().map(part).collect()
        }
    };
    json!({
        "name": param.name,
        "aliases": param.aliases,
        "to": to,
        "type": param.kind.word(),
        "need": need(param, row),
        "max": param.max,
        "clamp": param.clamp,
        "off_with": param.off_with,
        "only_with": param.only_with,
        "forgiving": param.forgiving,
        "verbatim": param.verbatim,
        "bits": param.bits,
        "doc": param.doc,
    })
}

fn json_field(field: &AnswerField) -> Value {
    let rows = match &field.shape {
        Shape::Rows(rows) => rows.iter().map(json_field).collect(),
        Shape::Text | Shape::Integer | Shape::Scalar | Shape::Digit => Vec::new(),
    };
    json!({ "at": field.at.to_string(), "type": field.shape.word(), "each": rows, "fill": field.fill })
}
