//! Sends a call: to the sandbox within this process, or through the gateway to its upstream.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::changed::changed;
use super::explain::{hide, target, token};
use super::filled::{Filled, filled};
use super::pasted::{self, Pasted};
use super::said::{Refused, Why};
use super::sessions::Role;
use super::{Call, TOKEN, parsed, upstream};
use crate::protocol::explain::{self, Explained, Sample};
use crate::protocol::ops::{Effect, Operation};
use crate::protocol::translate::refusal::refusal;
use crate::protocol::translate::reply_context::ReplyContext;
use crate::protocol::translate::response;
use crate::protocol::translate::status::handed_out;
use crate::snapshot::Snapshot;

/// The app of the sandbox for whoever brings no other.
const SANDBOX: &str = "sandbox";

/// Where a call goes.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum To {
    Sandbox,
    Upstream,
}

#[derive(Deserialize)]
struct Asked<'b> {
    #[serde(borrow)]
    text: Cow<'b, str>,
    to: To,
    #[serde(borrow, default)]
    token: Option<Cow<'b, str>>,
    #[serde(default)]
    sure: bool,
}

pub async fn send(call: &Call<'_>, body: &[u8]) -> Result<Value, Refused> {
    let asked: Asked<'_> = parsed(
        body,
        "{ \"text\": \"…\", \"to\": \"sandbox\" or \"upstream\", \"token\": \"…\", \"sure\": false }",
    )?;
    let snapshot = call.console.current();
    let sample = sample(&asked, &snapshot)?;
    let most_pairs = snapshot.config.cap.pairs;
    let explained = match explain::explain(&sample, &snapshot.table, most_pairs) {
        Ok(explained) => explained,
        Err(refused) => return Ok(not_sent(&snapshot, &refused)),
    };
    let own = token(&sample, most_pairs).filter(|token| token != TOKEN);
    let given = asked.token.as_deref().filter(|token| !token.is_empty()).map(str::to_owned).or(own);
    let token = match asked.to {
        To::Sandbox => given.filter(|token| token.starts_with(SANDBOX)).unwrap_or_else(|| SANDBOX.to_owned()),
        To::Upstream => {
            may(call, &snapshot, &explained, asked.sure)?;
            given.ok_or_else(|| Refused::new(Why::Bad, "your app's token lacks: type it beside the call"))?
        }
    };
    let outgoing = outgoing(&snapshot, &explained, &token)?;
    let mut shown = if asked.to == To::Sandbox {
        in_sandbox(call, &snapshot, &explained, &outgoing, &token)
    } else {
        call.audit("send", &format!("{} to upstream", name(&explained)));
        let started = Instant::now();
        let (status, answer) = upstream::post(call.console, &outgoing).await?;
        let took = started.elapsed();
        told(&snapshot, &explained, &outgoing, (status, without_secrets(answer)), (&[], took))
    };
    if asked.to == To::Upstream {
        hide(&mut shown, &token);
    }
    Ok(shown)
}

/// The request that is meant. What a program knows only when it runs is tried with examples, and in the sandbox alone.
fn sample(asked: &Asked<'_>, snapshot: &Snapshot) -> Result<Sample, Refused> {
    let finding = match pasted::read(&asked.text, &target(snapshot))? {
        Pasted::Request(sample) => return Ok(sample),
        Pasted::Code(finding) => finding,
    };
    let Some(Filled { sample, examples }) = filled(&finding, &snapshot.table) else {
        return Err(Refused::new(
            Why::NoCall,
            "no operation is known in this line: paste the request that it makes",
        ));
    };
    if asked.to == To::Upstream && !(examples.is_empty() && finding.is_sure()) {
        return Err(Refused::new(
            Why::NoCall,
            format!(
                "some of this call is known only when the program runs{}: upstream gets no guesses, so paste the request that it \
                 makes, or fill in the form",
                if examples.is_empty() { String::new() } else { format!(" ({})", examples.join(", ")) }
            ),
        ));
    }
    Ok(sample)
}

fn name<'e>(explained: &'e Explained<'_>) -> &'e str {
    match explained {
        Explained::Legacy { operation, .. } => &operation.row.name,
        Explained::Json { op, .. } => op,
    }
}

/// Whether a call may go to upstream.
fn may(call: &Call<'_>, snapshot: &Snapshot, explained: &Explained<'_>, sure: bool) -> Result<(), Refused> {
    if call.role() < Role::Operate {
        return Err(Refused::new(
            Why::Role,
            "your token lets you look: sending to upstream takes the token of console.operate",
        ));
    }
    if !call.console.may_send_upstream() {
        return Err(Refused::new(
            Why::Off,
            "calls go to the sandbox only: an operator may switch sending to upstream on",
        ));
    }
    let operation = match explained {
        Explained::Legacy { operation, .. } => Some(*operation),
        Explained::Json { op, .. } => {
            snapshot.table.operations().iter().find(|operation| operation.row.sends == *op)
        }
    };
    // An operation that the table does not know may do anything.
    let is_read = operation.is_some_and(|operation| operation.row.effect == Effect::Read);
    if is_read || sure {
        return Ok(());
    }
    let what = format!(
        "{} changes something at {}: send it all the same?",
        name(explained),
        snapshot.config.upstream.all.url
    );
    Err(Refused::new(Why::Sure, what))
}

/// The JSON that is sent.
fn outgoing(snapshot: &Snapshot, explained: &Explained<'_>, token: &str) -> Result<Vec<u8>, Refused> {
    match explained {
        Explained::Legacy { operation, form } => {
            let understood = target(snapshot).understand(operation, form);
            let understood = understood.map_err(|what| Refused::new(Why::NoCall, what))?;
            Ok(understood.write(operation, token))
        }
        Explained::Json { payload, .. } => {
            let mut json: Value = serde_json::from_str(payload)
                .map_err(|_| Refused::new(Why::NoCall, "the JSON cannot be read"))?;
            json["token"] = token.into();
            Ok(json.to_string().into_bytes())
        }
    }
}

fn in_sandbox(
    call: &Call<'_>,
    snapshot: &Snapshot,
    explained: &Explained<'_>,
    outgoing: &[u8],
    token: &str,
) -> Value {
    let sandbox = &call.console.sandbox;
    let before = sandbox.state(token);
    let started = Instant::now();
    let answer = sandbox.answer(outgoing);
    let took = started.elapsed();
    let changed = changed(&before, &sandbox.state(token));
    told(snapshot, explained, outgoing, (200, answer), (&changed, took))
}

/// An answer in both dialects.
fn told(
    snapshot: &Snapshot,
    explained: &Explained<'_>,
    outgoing: &[u8],
    (status, answer): (u16, Vec<u8>),
    (changed, took): (&[String], Duration),
) -> Value {
    let mut asked: Value = serde_json::from_slice(outgoing).unwrap_or_default();
    asked["token"] = TOKEN.into();
    let old = match explained {
        Explained::Legacy { operation, form } => {
            let understood = target(snapshot).understand(operation, form).ok();
            understood.map(|understood| {
                of_old(snapshot, operation, &ReplyContext::of(operation, &understood), &answer)
            })
        }
        Explained::Json { .. } => None,
    };
    json!({
        "old": old,
        "json": { "asked": format!("{asked:#}"), "status": status, "body": pretty(&answer) },
        "changed": changed,
        "took_us": u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    })
}

/// The answer as an old client gets it.
fn of_old(snapshot: &Snapshot, operation: &Operation, context: &ReplyContext<'_>, answer: &[u8]) -> Value {
    let has_status = snapshot.config.legacy.http_status;
    let (status, body) = match response::legacy(operation, context, answer) {
        Ok(told) => (
            told.code.filter(|code| has_status && (400..=599).contains(code)).map_or(200, handed_out),
            told.body,
        ),
        Err(reject) => (reject.status(), refusal(&reject, &context.op, None)),
    };
    json!({ "status": status, "body": String::from_utf8_lossy(&body) })
}

/// A call that is refused before anything is sent.
fn not_sent(snapshot: &Snapshot, refused: &explain::Refused) -> Value {
    let status = if snapshot.config.legacy.http_status { refused.reject.status() } else { 200 };
    let body = String::from_utf8_lossy(&refused.body);
    json!({ "old": { "status": status, "body": body }, "json": null, "changed": [], "took_us": 0 })
}

/// Upstream's answer without the secrets of the app that it has beside what was asked for.
fn without_secrets(answer: Vec<u8>) -> Vec<u8> {
    const SECRETS: [&str; 4] = ["token", "secret", "fcm_key", "apn_info"];
    let Ok(mut json) = serde_json::from_slice::<Value>(&answer) else { return answer };
    for name in SECRETS {
        if let Some(value) = json.get_mut("app").and_then(|app| app.get_mut(name)) {
            *value = "(not shown)".into();
        }
    }
    json.to_string().into_bytes()
}

/// JSON for people; what is none, as it is.
fn pretty(answer: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(answer).ok();
    json.map_or_else(|| String::from_utf8_lossy(answer).into_owned(), |json| format!("{json:#}"))
}
