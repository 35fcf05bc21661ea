//! Shows what an old request becomes, field by field, for `mesigate explain`: the real translation, with nothing sent.

mod account;
mod curl;
mod modern;
mod raw;
mod shell;

use std::fmt;

use bytes::Bytes;

use crate::protocol::ops::{Operation, Table};
use crate::protocol::reject::Reject;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;
use crate::protocol::translate::{self, Incoming, Parsed, refusal};

pub use account::{AccountLine, drops, lines};

/// A request as a person has it at hand: in a log, a script or a browser.
///
/// `Debug` shows its size only: it holds a token.
#[derive(Default, PartialEq, Eq)]
pub struct Sample {
    /// The target's part behind the `?`.
    pub query: Vec<u8>,
    /// The Content-Type, if any.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({} + {} bytes)", self.query.len(), self.body.len())
    }
}

/// Reads a request in whatever form it was typed: a URL, a path with a query, a bare query, a curl
/// command as one word or as the shell split it.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read(words: &[String]) -> Result<Sample, String> {
    match words {
        [one] => {
            let one = one.trim();
            if one == "curl" || one.starts_with("curl ") {
                return curl::read(one);
            }
            typed(one)
        }
        [curl, rest @ ..] if curl == "curl" => curl::read_words(rest),
        _ => {
            Err("the request came as several words: quote it, so that the shell leaves `&` alone".to_owned())
        }
    }
}

/// Reads a raw HTTP request, or one of the other forms, from text that was piped in.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read_piped(text: &[u8]) -> Result<Sample, String> {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if memchr::memmem::find(first, b" HTTP/").is_some() {
        return raw::read(text);
    }
    let text = str::from_utf8(text).map_err(|_| "what was piped in is neither HTTP nor text".to_owned())?;
    read(&[text.trim().to_owned()])
}

fn typed(text: &str) -> Result<Sample, String> {
    shell::other(text)?;
    if text.starts_with('{') {
        return Ok(Sample { body: text.as_bytes().to_vec(), ..Sample::default() });
    }
    let query = match text.split_once('?') {
        Some((_, query)) => query,
        None if text.contains('=') => text,
        None => {
            return Err(
                "the request has no parameters: give a URL with a query, a query such as op=userdel&uid=5, \
                        a JSON object, a curl command, or - for raw HTTP"
                    .to_owned(),
            );
        }
    };
    Ok(Sample { query: query.as_bytes().to_vec(), ..Sample::default() })
}

/// What the gateway makes of a request.
#[expect(clippy::large_enum_variant, reason = "there is one, and nearly always the large one")]
pub enum Explained<'t> {
    /// A legacy request that becomes JSON.
    Legacy {
        /// The operation.
        operation: &'t Operation,
        /// The request, to be understood with [`Understood::understand`].
        form: Form,
    },
    /// A JSON request, which is passed on as it is.
    Json {
        /// The request's operation.
        op: String,
        /// The request.
        payload: String,
        /// Members that contradict the table, each with the contradiction.
        warnings: Vec<(String, String)>,
    },
}

/// Finds out which door a request is for, and which operation.
///
/// # Errors
/// The refusal, and the JSON in which an old client would get it.
pub fn explain<'t>(asked: &Sample, table: &'t Table, most_pairs: usize) -> Result<Explained<'t>, Refused> {
    let body = Bytes::from(asked.body.clone());
    let content_type = asked.content_type.as_deref();
    let incoming = Incoming { query: &asked.query, content_type, body: &body, most_pairs };
    let form = match translate::read(&incoming).map_err(|reject| Refused::new(reject, ""))? {
        Parsed::Json(envelope) => {
            let warnings = modern::warnings(table, &envelope.op, &envelope.payload);
            let payload = String::from_utf8_lossy(&envelope.payload).into_owned();
            return Ok(Explained::Json { op: envelope.op.into_owned(), payload, warnings });
        }
        Parsed::Legacy(form) => form,
    };
    let refused = |reject| Refused::new(reject, "");
    let op = form.single("op").and_then(|op| op.ok_or(Reject::NoOp)).map_err(refused)?;
    let Some(operation) = table.find(op) else {
        return Err(Refused::new(table.bad_op(op), op));
    };
    if let Err(reject) = Understood::understand(operation, table, &form) {
        return Err(Refused::new(reject, op));
    }
    Ok(Explained::Legacy { operation, form })
}

/// A request that the gateway would refuse.
pub struct Refused {
    /// The refusal.
    pub reject: Reject,
    /// The JSON that an old client would get.
    pub body: Vec<u8>,
}

impl Refused {
    fn new(reject: Reject, op: &str) -> Self {
        Self { body: refusal::refusal(&reject, op, None), reject }
    }
}
