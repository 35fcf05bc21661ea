//! Shared by several targets.

use std::sync::LazyLock;

use mesigate::protocol::ops::{Need, Operation, ParamKind, Row, Table};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::refusal::refusal;
use mesigate::protocol::translate::request::Understood;
use serde_json::Value;

/// The compiled-in table.
pub static TABLE: LazyLock<Table> = LazyLock::new(|| Table::shipped().expect("a sound table"));

/// The shipped cap on parameters.
pub const MOST_PAIRS: usize = 128;

/// The token of every request. Targets write it where a token's value stands, so that showing it anywhere is showing a
/// value.
pub const MARK: &str = "Qx7Zk2Wv9Ld4";

/// Whether the mark is in a text.
#[must_use]
pub fn has_mark(text: &[u8]) -> bool {
    memchr::memmem::find(text, MARK.as_bytes()).is_some()
}

/// The first line, and the text below it.
#[must_use]
pub fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    (&text[..end], text.get(end + 1..).unwrap_or_default())
}

/// The value of a JSON text.
///
/// # Panics
/// If the text is no JSON.
#[must_use]
pub fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(text)))
}

/// Checks what must be true of every refusal, whatever was sent.
///
/// # Panics
/// If it is not true.
pub fn assert_decent(reject: &Reject) {
    let cause = reject.cause();
    assert!(!cause.is_empty());
    assert!(cause.len() <= 8192, "{} bytes: {cause}", cause.len());
    let body = refusal(reject, "o\"p", Some("7"));
    assert!(!has_mark(&body), "a value is shown: {cause}");
    let body = json(&body);
    assert_eq!((&body["op"], &body["result"], &body["id"]), (&"o\"p".into(), &false.into(), &7.into()));
    assert_eq!(body["cause"], cause);
    assert_eq!(body["error"], reject.code());
}

/// A request for an operation, with every parameter that it has, or with those that it requires.
#[must_use]
pub fn request(row: &Row, is_full: bool) -> Form {
    let params = row.params.iter().filter(|param| is_full || param.need != Need::Optional);
    let pairs = params.map(|param| {
        let value = match param.kind {
            ParamKind::Text | ParamKind::List => "a",
            ParamKind::Boolean | ParamKind::Bit => "1",
            ParamKind::Integer => "2",
        };
        format!("&{}={value}", param.name)
    });
    let id = if is_full { "&id=7" } else { "" };
    let query = format!("op={}&token={MARK}{id}{}", row.name, pairs.collect::<String>());
    Form::read(query.as_bytes(), b"", MOST_PAIRS).unwrap_or_default()
}

/// Two requests for each operation of the table, understood.
///
/// # Panics
/// If a request cannot be understood.
#[must_use]
pub fn requests() -> Vec<(&'static Operation, Understood<'static>)> {
    let both = TABLE.operations().iter().flat_map(|operation| [(operation, true), (operation, false)]);
    let understood = both.map(|(operation, is_full)| {
        // The request must live as long as the process.
        let form = Box::leak(Box::new(request(&operation.row, is_full)));
        let meant = Understood::understand(operation, &TABLE, form);
        (operation, meant.unwrap_or_else(|reject| panic!("{}", reject.cause())))
    });
    understood.collect()
}
