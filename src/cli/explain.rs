//! `mesigate explain`: the account of one request, printed.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use super::load::Settings;
use super::{Done, ExplainArgs};
use crate::config::UpstreamKind;
use crate::protocol::catalogue::{Back, comes_back};
use crate::protocol::explain::{self, Explained, Refused};
use crate::protocol::ops::Operation;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;
use crate::snapshot::Fresh;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const FIELD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// The text that stands in the token's place in all output.
const HIDDEN: &str = "(your app token)";

/// The most bytes that are read from a pipe; the gateway itself takes less.
const MOST_PIPED: u64 = 16 * 1024 * 1024;

pub fn run(arguments: &ExplainArgs) -> Done {
    let fresh = Settings::of(&arguments.config).read_to_show()?;
    let asked = match &arguments.request[..] {
        [dash] if dash == "-" => {
            let mut text = Vec::new();
            std::io::stdin().take(MOST_PIPED).read_to_end(&mut text)?;
            explain::read_piped(&text)?
        }
        words => explain::read(words)?,
    };
    let (shown, code) = match explain::explain(&asked, &fresh.table, fresh.config.cap.pairs) {
        Ok(Explained::Legacy { operation, form }) => (legacy(&fresh, operation, &form), ExitCode::SUCCESS),
        Ok(Explained::Json { op, warnings }) => (modern(&fresh, &op, &warnings), ExitCode::SUCCESS),
        Err(refused) => (refusal(&refused), ExitCode::FAILURE),
    };
    super::print(&shown)?;
    Ok(code)
}

fn legacy(fresh: &Fresh, operation: &Operation, form: &Form) -> String {
    let mut out = String::new();
    let Ok(mut understood) = Understood::understand(operation, &fresh.table, form) else {
        return out;
    };
    if fresh.config.upstream.all.kind == UpstreamKind::Cloud {
        understood.clamp(&operation.plan);
    }
    let json = understood.write(operation, HIDDEN);
    let pretty: serde_json::Value = serde_json::from_slice(&json).unwrap_or_default();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "{TITLE}{}{TITLE:#}: {}", operation.row.name, operation.row.summary);
    let _ =
        writeln!(out, "\n{TITLE}The JSON{TITLE:#}, posted to {}\n{pretty:#}", fresh.config.upstream.all.url);
    let _ = writeln!(out, "\n{TITLE}Where it comes from{TITLE:#}");
    field(&mut out, "op", &format!("\"{}\"", operation.row.sends), "op", "the operation");
    field(&mut out, "token", HIDDEN, "token", "the application token, untouched");
    if let Some(id) = understood.id {
        field(&mut out, "id", &id.to_string(), "id", "your request number, which comes back in the answer");
    }
    for line in explain::lines(operation, &understood) {
        field(&mut out, &line.member, &line.value, line.parameter.as_deref().unwrap_or("-"), &line.why);
    }
    let drops = explain::drops(operation, &fresh.table, &understood);
    if !drops.is_empty() {
        let _ = writeln!(out, "\n{TITLE}Dropped{TITLE:#}");
        for (name, why) in drops {
            let _ = writeln!(out, "  {BAD}{name}{BAD:#}  {FAINT}{why}{FAINT:#}");
        }
    }
    back(&mut out, operation);
    let call = explain::modern_call(&fresh.config.upstream.all.url.to_string(), operation, &understood);
    let _ = writeln!(out, "\n{TITLE}The modern call{TITLE:#}, with the token in MESIBO_APP_TOKEN\n{call}");
    out
}

fn field(out: &mut String, member: &str, value: &str, parameter: &str, why: &str) {
    const LONGEST: usize = 60;
    let short: String = value.chars().take(LONGEST).collect();
    let more = if short.len() < value.len() { "…" } else { "" };
    let _ = writeln!(
        out,
        "  {FIELD}{member}{FIELD:#} = {short}{more}  {TITLE}← {parameter}{TITLE:#}  {FAINT}{why}{FAINT:#}"
    );
}

/// Shows which member of the JSON answer each member of the old answer comes from.
fn back(out: &mut String, operation: &Operation) {
    let lines = comes_back(&operation.row.answer);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{TITLE}What comes back{TITLE:#}, old ← JSON");
    for Back { old, from, what } in lines {
        let from = from.join(" or ");
        let _ = writeln!(out, "  {FIELD}{old}{FIELD:#} {TITLE}← {from}{TITLE:#}  {FAINT}{what}{FAINT:#}");
    }
}

fn modern(fresh: &Fresh, op: &str, warnings: &[(String, String)]) -> String {
    let known = match fresh.table.find(op) {
        Some(operation) => operation.row.summary.as_str(),
        None => "an operation that the table does not know, which is passed on all the same",
    };
    let mut out = format!(
        "{TITLE}{op}{TITLE:#}: {known}\nThis is JSON already: it is passed on byte for byte, and so is its answer.\n"
    );
    if !warnings.is_empty() {
        let _ = writeln!(out, "\n{TITLE}Look at these{TITLE:#}");
    }
    for (member, what) in warnings {
        let _ = writeln!(out, "  {BAD}{member}{BAD:#}  {FAINT}{what}{FAINT:#}");
    }
    out
}

fn refusal(refused: &Refused) -> String {
    let body = String::from_utf8_lossy(&refused.body);
    format!(
        "{BAD}Refused{BAD:#}, {}: {}\nNothing would be sent; an old client would get:\n{body}\n",
        refused.reject.code(),
        refused.reject.cause()
    )
}
