//! The translation, both ways, as the request path goes through it.
#![allow(dead_code, reason = "each bench takes what it measures")]

use mesigate::protocol::ops::{Operation, Table};
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::reply_context::ReplyContext;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::{self, Incoming, Parsed, response};

/// Query and body → parameters.
pub fn form(incoming: &Incoming<'_>) -> Form {
    match translate::read(incoming) {
        Ok(Parsed::Legacy(form)) => form,
        Ok(Parsed::Json(_)) => panic!("a form was taken for JSON"),
        Err(reject) => panic!("{}", reject.cause()),
    }
}

/// The operation that parameters ask for, as the caller wrote it and as the table has it.
fn operation<'t, 'f>(table: &'t Table, form: &'f Form) -> (&'f str, &'t Operation) {
    let op = form.single("op").ok().flatten().expect("an op");
    (op, table.find(op).expect("an operation"))
}

/// Parameters → the operation that they ask for, and what they mean for it.
pub fn understood<'t, 'f>(table: &'t Table, form: &'f Form) -> (&'t Operation, Understood<'f>) {
    let (_, operation) = operation(table, form);
    let understood = Understood::understand(operation, table, form);
    (operation, understood.unwrap_or_else(|reject| panic!("{}", reject.cause())))
}

/// Query and body → the JSON for upstream, each step keeping its result in place, as in the program.
pub fn request(table: &Table, incoming: &Incoming<'_>) -> Vec<u8> {
    let form = form(incoming);
    let (op, operation) = operation(table, &form);
    let token = form.single("token").ok().flatten().expect("a token");
    let mut understood = Understood::new(op, token);
    if let Err(reject) = understood.take(operation, table, &form) {
        panic!("{}", reject.cause());
    }
    understood.write(operation, token)
}

/// Upstream's answer → what an old client gets.
pub fn answer(operation: &Operation, own: &ReplyContext<'_>, bytes: &[u8]) -> Vec<u8> {
    response::legacy(operation, own, bytes).unwrap_or_else(|reject| panic!("{}", reject.cause())).body
}

/// Stops a bench that measures something other than it says.
pub fn assert_same(got: &[u8], expected: &str) {
    let got = String::from_utf8_lossy(got);
    let start = |text: &str| text.chars().take(400).collect::<String>();
    assert!(got == expected, "{} instead of {}", start(&got), start(expected));
}
