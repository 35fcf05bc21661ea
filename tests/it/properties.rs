//! What holds for every input, not only for chosen ones. The inputs come from the seed in `.cargo/config.toml`, so a run
//! that fails, fails again.

mod back; // from upstream's answer to what an old client sees
mod down; // from the request to the JSON for upstream
mod inputs; // requests that must be accepted, and arbitrary ones

use std::sync::LazyLock;

use bytes::Bytes;
use mesigate::protocol::explain::Sample;
use mesigate::protocol::ops::{Destination, Operation, Table};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::{self, Incoming, Parsed};
use proptest::prelude::*;
use serde_json::Value;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::shipped().expect("a sound table"));

const MOST_PAIRS: usize = 128;

/// Parameters in their order.
type Pairs = Vec<(String, String)>;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The JSON operation and the bytes for upstream, through either door.
fn translated(asked: &Sample) -> Result<(String, Vec<u8>), Reject> {
    let body = Bytes::from(asked.body.clone());
    let content_type = asked.content_type.as_deref();
    let incoming = Incoming { query: &asked.query, content_type, body: &body, most_pairs: MOST_PAIRS };
    match translate::read(&incoming)? {
        Parsed::Json(envelope) => Ok((envelope.op.into_owned(), envelope.payload.to_vec())),
        Parsed::Legacy(form) => {
            let (operation, meant) = understood(&form)?;
            Ok((operation.row.sends.clone(), meant.write(operation, meant.token)))
        }
    }
}

fn understood(form: &Form) -> Result<(&'static Operation, Understood<'_>), Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = TABLE.find(op).ok_or_else(|| TABLE.bad_op(op))?;
    Ok((operation, Understood::understand(operation, &TABLE, form)?))
}

fn form(pairs: &Pairs) -> Form {
    Form::read(urlencoded(pairs).as_bytes(), b"", MOST_PAIRS).expect("a form")
}

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(json)))
}

fn urlencoded(pairs: &[(String, String)]) -> String {
    serde_urlencoded::to_string(pairs).expect("text")
}

fn multipart(pairs: &Pairs) -> Sample {
    let field = |(name, value): &(String, String)| {
        format!("--B0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = pairs.iter().map(field).collect::<String>() + "--B0undary--\r\n";
    let content_type = Some("multipart/form-data; boundary=B0undary".to_owned());
    Sample { query: Vec::new(), content_type, body: body.into_bytes() }
}

fn asked(query: &str, body: &str) -> Sample {
    Sample { query: query.into(), content_type: None, body: body.into() }
}

/// The members that a parameter sets, as JSON pointers.
fn at(target: &Destination) -> Vec<String> {
    match target {
        Destination::Nowhere => Vec::new(),
        Destination::At(at) => vec![at.to_string()],
        Destination::Split(parts) => parts.iter().map(|part| part.at.to_string()).collect(),
    }
}
