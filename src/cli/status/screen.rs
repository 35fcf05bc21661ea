//! The screen: a first line, then a line for each subject, and under it what to do where somebody is needed.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::words::{bytes, count, micros, percent, span, time};
use crate::status::{Attention, Cache, Document, HeldBack, Limit, Pause, Topic, Upstream};

const WELL: Style = AnsiColor::Green.on_default().bold();
const WRONG: Style = AnsiColor::Red.on_default().bold();
const KNOW: Style = AnsiColor::Yellow.on_default();
const LABEL: Style = Style::new().dimmed();
/// How wide the labels are.
const WIDTH: usize = 14;

/// The screen of a status. The text holds style codes; print it through `anstream`.
pub(super) fn text(status: &Document) -> String {
    let mut out = String::new();
    first(status, &mut out);
    let rows = [
        ("ready", ready(status), &[Topic::Ready][..]),
        ("last minute", minute(status), &[Topic::Outcomes]),
        ("took", took(status), &[]),
        ("upstream", upstreams(status), &[Topic::Upstream]),
        ("connections", connections(status), &[]),
        ("cache", cache(&status.cache), &[]),
        ("limits", limits(&status.limits), &[]),
        ("held back", held_back(&status.held_back), &[Topic::HeldBack]),
        ("ledger", ledger(status), &[Topic::Ledger, Topic::OldDoor]),
        ("brownouts", brownouts(status), &[Topic::Brownouts]),
        ("settings", settings(status), &[Topic::Settings]),
        ("secrets", secrets(status), &[Topic::Secrets]),
        ("certificates", certificates(status), &[Topic::Certificates]),
        ("log", log(status), &[Topic::Log, Topic::Other]),
    ];
    for (label, facts, topics) in rows {
        row(&mut out, label, &facts);
        let concerned = status.attention.iter().filter(|one| topics.contains(&one.topic));
        concerned.for_each(|one| todo(&mut out, one));
    }
    out
}

/// Whether all is well; else all that is wrong, a line for each.
fn first(status: &Document, out: &mut String) {
    let version = &status.version;
    let sandbox = if status.sandbox { ", in front of its own sandbox" } else { "" };
    let wrong: Vec<&Attention> = status.attention.iter().filter(|one| one.wrong).collect();
    if wrong.is_empty() {
        let _ = writeln!(out, "{WELL}all is well{WELL:#}: mesigate {version}{sandbox}");
    }
    for one in &wrong {
        let _ = writeln!(out, "{WRONG}wrong{WRONG:#}: {}", one.what);
    }
    if !wrong.is_empty() {
        let _ = writeln!(out, "mesigate {version}{sandbox}");
    }
    out.push('\n');
}

/// A label with its facts, a line for each.
fn row(out: &mut String, label: &str, facts: &[String]) {
    for (number, fact) in facts.iter().enumerate() {
        let label = if number == 0 { label } else { "" };
        let _ = writeln!(out, "{LABEL}{label:WIDTH$}{LABEL:#}{fact}");
    }
}

fn todo(out: &mut String, one: &Attention) {
    let style = if one.wrong { WRONG } else { KNOW };
    let _ = writeln!(out, "{:WIDTH$}{style}{}{style:#}", "", one.what);
    let _ = writeln!(out, "{:WIDTH$}-> {}", "", one.todo);
}

fn ready(status: &Document) -> Vec<String> {
    let since = status.now_unix_s.saturating_sub(status.started_unix_s);
    let ready = match status.announced_for_s {
        None => "yes".to_owned(),
        Some(seconds) => format!("no: {}, for {}", status.stage, span(seconds)),
    };
    let started = format!("it runs since {} ({})", time(status.started_unix_s), span(since));
    vec![format!("{ready}; {started}; {}", count(status.workers as u64, "worker"))]
}

fn minute(status: &Document) -> Vec<String> {
    let minute = &status.last_minute;
    if minute.requests == 0 {
        return vec!["no requests".to_owned()];
    }
    let (all, per_second) = (count(minute.requests, "request"), minute.requests_per_s);
    let (done, failed, refused, unknown) = (minute.done, minute.failed, minute.refused, minute.unknown);
    vec![
        format!("{all}, {per_second} a second, {} by the old door", percent(minute.legacy, minute.requests)),
        format!("{done} done, {failed} failed upstream, {refused} refused here, {unknown} unknown"),
    ]
}

fn took(status: &Document) -> Vec<String> {
    let minute = &status.last_minute;
    match (minute.p50_us, minute.p99_us) {
        (Some(half), Some(most)) => {
            vec![format!("half up to {}, 99 of 100 up to {}", micros(half), micros(most))]
        }
        _ => vec!["-".to_owned()],
    }
}

fn upstreams(status: &Document) -> Vec<String> {
    let of = |upstream: &Upstream| {
        let Upstream { name, kind, breaker, openings, .. } = upstream;
        let openings =
            if *openings > 0 { format!(", {openings} openings since the start") } else { String::new() };
        format!("{name} ({kind}): breaker {breaker}{openings}")
    };
    let now = &status.connections;
    let (open, calls, waiting) =
        (count(now.upstream_open, "connection"), count(now.upstream_calls, "call"), now.upstream_waiting);
    let all = format!("{open}, {calls} under way, {waiting} waiting");
    status.upstreams.iter().map(of).chain([all]).collect()
}

fn connections(status: &Document) -> Vec<String> {
    let now = &status.connections;
    let (requests, accepted) = (count(now.requests, "request"), now.clients_accepted);
    let dismissed = match now.clients_dismissed {
        0 => String::new(),
        dismissed => format!(", {dismissed} of them ended to make room"),
    };
    let open = now.clients_open;
    vec![format!("{open} of clients, {requests} under way; {accepted} since the start{dismissed}")]
}

fn cache(cache: &Cache) -> Vec<String> {
    let reads = cache.reads.iter().filter(|(_, count)| **count > 0);
    let reads: Vec<String> = reads.map(|(state, count)| format!("{state} {count}")).collect();
    let reads = if reads.is_empty() { "no reads".to_owned() } else { reads.join(", ") };
    vec![format!("{}; since the start {reads}", bytes(cache.bytes))]
}

fn limits(limits: &[Limit]) -> Vec<String> {
    let of = |Limit { name, refused, would_refuse }: &Limit| match (refused, would_refuse) {
        (refused, 0) => format!("{name} has refused {refused} since the start"),
        (0, would) => format!("{name} would have refused {would} since the start (shadow)"),
        (refused, would) => {
            format!("{name} has refused {refused} since the start, and would have {would} (shadow)")
        }
    };
    if limits.is_empty() {
        vec!["none has refused anything".to_owned()]
    } else {
        limits.iter().map(of).collect()
    }
}

fn held_back(held: &[HeldBack]) -> Vec<String> {
    let of = |HeldBack { app, tokens, left_s }: &HeldBack| {
        let who = match app {
            Some(app) => format!("app {app}"),
            None => format!("{} without an app", count(*tokens as u64, "token")),
        };
        format!("{who}, for {} still", span(*left_s))
    };
    if held.is_empty() { vec!["nobody".to_owned()] } else { held.iter().map(of).collect() }
}

fn ledger(status: &Document) -> Vec<String> {
    let ledger = &status.ledger;
    let kept = match ledger.kept_in.as_str() {
        "off" => return vec!["off (ledger.on = false)".to_owned()],
        "file" => "in its file",
        "memory" => "in memory: it ends with the gateway (ledger.file)",
        _ => "in memory, since its file cannot be used",
    };
    vec![format!("{kept}; {}", count(ledger.rows as u64, "row"))]
}

fn brownouts(status: &Document) -> Vec<String> {
    let brownouts = &status.brownouts;
    let of = |Pause { name, state, rehearsal, from_unix_s, to_unix_s, met }: &Pause| {
        let (kind, met_by) =
            if *rehearsal { ("rehearsal", "would have refused") } else { ("real", "refused") };
        format!("{name}: {state}, {kind}, {} to {}, {met_by} {met}", time(*from_unix_s), time(*to_unix_s))
    };
    let paused = brownouts.paused.then(|| "stopped by hand until `mesigate brownout --resume`".to_owned());
    let all: Vec<String> = paused.into_iter().chain(brownouts.pauses.iter().map(of)).collect();
    if all.is_empty() { vec!["none is planned".to_owned()] } else { all }
}

fn settings(status: &Document) -> Vec<String> {
    let settings = &status.settings;
    let last = match (&settings.last_reload, settings.last_reload_unix_s) {
        (Some(outcome), Some(at)) => {
            format!("last reload {outcome}, {} ago", span(status.now_unix_s.saturating_sub(at)))
        }
        _ => "no reload since the start".to_owned(),
    };
    let in_use = if settings.in_use { "in use as written" } else { "NOT in use as written" };
    vec![format!("{in_use}; {last}")]
}

fn secrets(status: &Document) -> Vec<String> {
    let readable = if status.settings.secrets_readable { "all readable" } else { "not all readable" };
    vec![readable.to_owned()]
}

fn certificates(status: &Document) -> Vec<String> {
    let ends = status.certificates.iter().map(|certificate| {
        let left = match u64::try_from(certificate.left_days) {
            Ok(days) => format!("{} left", count(days, "day")),
            Err(_) => "ended".to_owned(),
        };
        format!("{}: {left}", certificate.name())
    });
    let ends: Vec<String> = ends.collect();
    if ends.is_empty() { vec!["none".to_owned()] } else { ends }
}

fn log(status: &Document) -> Vec<String> {
    let lost = match status.log.lines_lost {
        0 => "no line lost".to_owned(),
        lost => format!("{} lost since the start", count(lost as u64, "line")),
    };
    vec![lost]
}
