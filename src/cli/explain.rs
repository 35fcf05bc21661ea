//! `mesigate explain`: the account of one request, printed.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::Args;

use super::load::Settings;
use super::{ConfigArgs, Done};
use crate::code::{self, Call, Language, Target};
use crate::config::UpstreamKind;
use crate::protocol::catalogue::{Back, comes_back};
use crate::protocol::explain::{self, Explained, Refused};
use crate::protocol::ops::Operation;
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

#[derive(Args)]
#[command(after_help = "\
REQUEST is one of:
  a URL               mesigate explain 'https://api.mesibo.com/api.php?op=userdel&token=T&uid=5'
  a query string      mesigate explain 'op=userdel&token=T&uid=5'
  a curl command      mesigate explain \"curl -d op=userdel -d token=T -d uid=5 https://api.mesibo.com/backend/\"
  a JSON object       mesigate explain '{\"op\":\"userdel\",\"token\":\"T\",\"user\":{\"uid\":5}}'
  - for raw HTTP      mesigate explain - < request.txt
Nothing is sent, and the token is not shown. Exit code 1: the request would be refused.
--as prints a whole program and nothing else: mesigate explain --as python-requests REQUEST > call.py
It takes the token from the environment variable MESIBO_APP_TOKEN, prints the JSON answer, and fails as its
language fails. What each needs to run stands at its top, and in docs/code.md.")]
pub struct ExplainArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Print instead a program that makes the modern call
    #[arg(long = "as", value_name = "LANGUAGE", value_enum)]
    language: Option<Language>,
    /// The request; quote it, so that the shell leaves `&` alone
    #[arg(value_name = "REQUEST", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    request: Vec<String>,
}

pub fn run(arguments: &ExplainArgs) -> Done {
    early(&arguments.request)?;
    let fresh = Settings::of(&arguments.config).read_to_show()?;
    let asked = match &arguments.request[..] {
        [dash] if dash == "-" => {
            let mut text = Vec::new();
            std::io::stdin().take(MOST_PIPED).read_to_end(&mut text)?;
            explain::read_piped(&text)?
        }
        words => explain::read(words)?,
    };
    let explained = match explain::explain(&asked, &fresh.table, fresh.config.cap.pairs) {
        Ok(explained) => explained,
        Err(refused) => {
            super::print(&refusal(&refused))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    super::print(&match arguments.language {
        Some(language) => code::program(language, &target(&fresh).call(&explained)?),
        None => account(&fresh, &explained),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Options behind the request would be taken for parts of it.
fn early(words: &[String]) -> Result<(), String> {
    let is_option = |word: &String| word == "--as" || word.starts_with("--as=");
    match words {
        [first, rest @ ..] if first != "curl" && rest.iter().any(is_option) => {
            Err("`--as` belongs before the request: mesigate explain --as LANGUAGE REQUEST".to_owned())
        }
        _ => Ok(()),
    }
}

fn account(fresh: &Fresh, explained: &Explained<'_>) -> String {
    match explained {
        Explained::Legacy { operation, form } => match target(fresh).understand(operation, form) {
            Ok(understood) => legacy(fresh, operation, &understood),
            Err(sentence) => sentence,
        },
        Explained::Json { op, warnings, .. } => modern(fresh, op, warnings),
    }
}

/// Where the calls go.
fn target(fresh: &Fresh) -> Target<'_> {
    let all = &fresh.config.upstream.all;
    Target { table: &fresh.table, url: all.url.to_string(), is_cloud: all.kind == UpstreamKind::Cloud }
}

fn legacy(fresh: &Fresh, operation: &Operation, understood: &Understood<'_>) -> String {
    let mut out = String::new();
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
    for line in explain::lines(operation, understood) {
        field(&mut out, &line.member, &line.value, line.parameter.as_deref().unwrap_or("-"), &line.why);
    }
    let drops = explain::drops(operation, &fresh.table, understood);
    if !drops.is_empty() {
        let _ = writeln!(out, "\n{TITLE}Dropped{TITLE:#}");
        for (name, why) in drops {
            let _ = writeln!(out, "  {BAD}{name}{BAD:#}  {FAINT}{why}{FAINT:#}");
        }
    }
    back(&mut out, operation);
    let call = code::command(&Call::of(&fresh.config.upstream.all.url.to_string(), operation, understood));
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
