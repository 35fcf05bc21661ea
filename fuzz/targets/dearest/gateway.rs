//! What the gateway does with a request before it checks a limit, in the order of `mesigate::handle`, for a caller with
//! an unknown token.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use bytes::Bytes;
use mesigate::config::secret::Environment;
use mesigate::config::{Layers, Listen};
use mesigate::http::client_address;
use mesigate::http::proto::chunks::Chunks;
use mesigate::http::proto::fields::Fields;
use mesigate::http::proto::head::{self, Framing, Hosts, Looked, Rules};
use mesigate::policy::apps::Apps;
use mesigate::policy::fingerprint::Fingerprints;
use mesigate::protocol::ops::Operation;
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::envelope::Envelope;
use mesigate::protocol::translate::facts::{self, Facts};
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::refusal::refusal;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::{self, Incoming, Parsed};
use mesigate::telemetry::trail::Trail;
use support::{MOST_PAIRS, TABLE};

/// The bytes that arrive at a time.
const PIECE: usize = 4096;
/// A trusted proxy that passes on what clients say of their way.
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// The shipped bounds.
const RULES: Rules = Rules { line: 262_144, headers: 32_768, count: 64, hosts: Hosts::Any };

/// Each way in which a proxy names the client.
static LISTENS: LazyLock<[Listen; 2]> = LazyLock::new(|| {
    ["x-forwarded-for", "forwarded"].map(|from| {
        let text =
            format!("listen = {{ client_address = '{from}', trusted_proxies = ['10.0.0.0/8', '::1'] }}");
        let layers = Layers::shipped().and_then(|layers| layers.text("test", &text)).expect("sound TOML");
        layers.config().expect("sound settings").listen
    })
});

/// There is no app, so each possible token passes, and the steps after the token check are reached.
static APPS: LazyLock<Apps> = LazyLock::new(|| {
    Apps::load(&[], false, Environment::default(), &TABLE, Fingerprints::default())
        .unwrap_or_else(|faults| panic!("{faults:?}"))
});

/// Makes what lasts for all requests.
pub fn ready() {
    LazyLock::force(&TABLE);
    LazyLock::force(&LISTENS);
    LazyLock::force(&APPS);
}

/// Reads a request and, if it is one, answers it with a refusal.
pub fn answer(bytes: &[u8]) {
    let Some(end) = end_of_head(bytes) else {
        return;
    };
    let (head, rest) = bytes.split_at(end);
    let Ok(head) = RULES.read(head) else {
        return;
    };
    let Some(body) = body(head.framing, rest) else {
        return;
    };
    let client = client(&head.fields);
    let content_type = head.fields.content_type.map(String::from_utf8_lossy);
    let incoming = Incoming {
        query: head.query,
        content_type: content_type.as_deref(),
        body: &body,
        most_pairs: MOST_PAIRS,
    };
    let mut trail = Trail::new(client, false);
    let refused = relay(&incoming, &mut trail);
    let reject = refused.err().unwrap_or(Reject::UnknownToken);
    drop(refusal(&reject, &trail.op, trail.id.as_deref()));
}

/// Looks for the end of the head as the bytes come.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let empty = head::empty_lines(bytes).ok()?;
    let mut looked = Looked::default();
    for come in (0..bytes.len()).step_by(PIECE) {
        let bytes = &bytes[empty..bytes.len().min(come + PIECE).max(empty)];
        if let Some(end) = looked.on(bytes) {
            return Some(empty + end);
        }
        RULES.may_go_on(&looked).ok()?;
    }
    None
}

fn body(framing: Framing, rest: &[u8]) -> Option<Bytes> {
    match framing {
        Framing::Nothing => Some(Bytes::new()),
        Framing::Length(_) => Some(Bytes::copy_from_slice(rest)),
        Framing::Chunks => {
            let (mut chunks, mut whole) = (Chunks::default(), Vec::new());
            for piece in rest.chunks(PIECE) {
                let mut data = Vec::new();
                let end = chunks.walk(piece, &mut data).ok()?;
                whole.extend_from_slice(&data);
                if end.is_some() {
                    break;
                }
            }
            // As if the body had arrived whole.
            Some(whole.into())
        }
    }
}

fn client(fields: &Fields<'_>) -> IpAddr {
    let [first, last] = LISTENS.each_ref().map(|listen| client_address::of(listen, fields, PEER));
    first.max(last)
}

fn relay(incoming: &Incoming<'_>, trail: &mut Trail) -> Result<(), Reject> {
    match translate::read(incoming) {
        Ok(Parsed::Legacy(form)) => {
            let refused = legacy(&form);
            trail.echo_form(&form);
            refused
        }
        Ok(Parsed::Json(envelope)) => {
            let refused = json(&envelope);
            trail.echo(&envelope.op, envelope.id.map(str::to_owned));
            refused
        }
        Err(reject) => {
            trail.echo_form(&translate::glimpse(incoming));
            Err(reject)
        }
    }
}

fn legacy(form: &Form) -> Result<(), Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = TABLE.find(op).ok_or_else(|| TABLE.bad_op(op))?;
    let token = form.single("token")?.ok_or(Reject::NoToken)?;
    APPS.caller(token)?;
    let mut understood = Understood::new(op, token);
    understood.take(operation, &TABLE, form)?;
    understood.clamp(&operation.plan);
    drop(Facts::of_form(operation, &understood));
    Ok(())
}

fn json(envelope: &Envelope<'_>) -> Result<(), Reject> {
    let operation = TABLE.find(&envelope.op);
    APPS.caller(envelope.token.as_deref().unwrap_or_default())?;
    let Some(operation) = operation else {
        return Ok(());
    };
    let form = facts::form_of_json(operation, envelope);
    let mut understood = form.as_ref().and_then(|form| understood(operation, form));
    if let Some(understood) = &mut understood {
        understood.clamp(&operation.plan);
    }
    let looked = Facts::of_json(operation, envelope)?;
    drop(understood.as_ref().map_or(looked, |understood| Facts::of_form(operation, understood)));
    Ok(())
}

fn understood<'f>(operation: &Operation, form: &'f Form) -> Option<Understood<'f>> {
    Understood::understand(operation, &TABLE, form).ok()
}
