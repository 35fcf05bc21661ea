//! `tests/vectors/<op>.txt`, run twice: against the pure functions, and through real sockets with a stub upstream,
//! which must be called exactly as often as the vector says.

use bytes::Bytes;
use mesigate::protocol::ops::{AnswerPlan, Table};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::reply_context::ReplyContext;
use mesigate::protocol::translate::request::{self, Understood};
use mesigate::protocol::translate::{self, Incoming, Parsed, refusal, response};

use crate::support::client;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;
use crate::support::vector::{self, Vector};

fn vectors() -> Vec<Vector> {
    let mut files: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        vector::parse(&name, &std::fs::read_to_string(path).expect("a readable file"))
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn every_operation_has_eight_vectors_or_more() {
    let vectors = vectors();
    for operation in Table::shipped().expect("a sound table").operations() {
        let name = &operation.row.name;
        let count = vectors.iter().filter(|vector| vector.name.starts_with(&format!("{name}: "))).count();
        assert!(count >= 8, "{name} has {count}");
    }
}

/// Fails with all vectors that do not hold.
fn assert_all_hold(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} do not hold:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_vector_holds_for_the_pure_functions() {
    let table = Table::shipped().expect("a sound table");
    let check = |vector: &Vector| {
        let (sent, told) = translated(&table, vector);
        check_sent(vector, sent.as_deref())?;
        vector.client_gets.check(&told).map_err(|what| format!("client gets{what}"))
    };
    // HTTP itself, and the answers for pages, are tested through sockets only.
    let says_http = |vector: &Vector| {
        vector.upstream_says.as_ref().is_some_and(|says| says.starts_with("HTTP/") || says.starts_with('<'))
    };
    let vectors = vectors();
    let pure = vectors
        .iter()
        .filter(|vector| vector.status == 200 && vector.settings.is_empty() && !says_http(vector));
    let failures =
        pure.filter_map(|vector| check(vector).err().map(|what| format!("{}: {what}", vector.name)));
    assert_all_hold(failures.collect());
}

fn check_sent(vector: &Vector, sent: Option<&[u8]>) -> Result<(), String> {
    match (&vector.upstream_gets, sent) {
        (Some(expected), Some(sent)) => expected.check(sent).map_err(|what| format!("upstream gets{what}")),
        (None, None) => Ok(()),
        (Some(_), None) => Err("upstream was sent nothing".to_owned()),
        (None, Some(sent)) => Err(format!("upstream was sent {}", String::from_utf8_lossy(sent))),
    }
}

/// What upstream gets, if anything, and what the client gets.
fn translated(table: &Table, vector: &Vector) -> (Option<Vec<u8>>, Vec<u8>) {
    let body = Bytes::from(vector.request.body.clone());
    let incoming = Incoming {
        query: vector.request.query().as_bytes(),
        content_type: vector.request.header("content-type"),
        body: &body,
        most_pairs: 128,
    };
    let says = vector.upstream_says.clone().unwrap_or_default();
    match translate::read(&incoming) {
        Err(reject) => (None, refusal(&reject, &translate::glimpse(&incoming))),
        Ok(Parsed::Json(envelope)) => {
            let told = match response::verdict(says.as_bytes(), &AnswerPlan::envelope()) {
                Ok(_) => says.into_bytes(),
                Err(reject) => refusal::refusal(&reject, &envelope.op, envelope.id),
            };
            (Some(envelope.payload.to_vec()), told)
        }
        Ok(Parsed::Legacy(form)) => {
            let mut sent = None;
            let told = legacy(table, &form, says.as_bytes(), &mut sent)
                .unwrap_or_else(|reject| refusal(&reject, &form));
            (sent, told)
        }
    }
}

fn refusal(reject: &Reject, form: &Form) -> Vec<u8> {
    let op = form.single("op").ok().flatten().unwrap_or_default();
    refusal::refusal(reject, op, request::id_if_sound(form).map(|id| id.to_string()).as_deref())
}

fn legacy(table: &Table, form: &Form, says: &[u8], sent: &mut Option<Vec<u8>>) -> Result<Vec<u8>, Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = table.find(op).ok_or_else(|| table.bad_op(op))?;
    let mut meant = Understood::understand(operation, table, form)?;
    meant.clamp(&operation.plan);
    *sent = Some(meant.write(operation, meant.token));
    Ok(response::legacy(operation, &ReplyContext::of(operation, &meant), says)?.body)
}

#[tokio::test]
async fn every_vector_holds_through_real_sockets() {
    let stub = Stub::start().await;
    let mut gateway = Gateway::to(stub.address);
    let mut settings = String::new();
    let mut failures = Vec::new();
    for vector in vectors() {
        if vector.settings != settings {
            gateway = Gateway::with(stub.address, &vector.settings);
            settings.clone_from(&vector.settings);
        }
        if let Some(says) = &vector.upstream_says {
            stub.will_say(says);
        }
        let answer = client::ask(gateway.address, &vector.request.bytes()).await;
        let calls = stub.take_calls();
        assert!(calls.len() < 2, "{}: upstream was called twice", vector.name);
        let sent = calls.first().map(|call| &call.body[..]);
        let held = check_sent(&vector, sent).and_then(|()| check_answer(&vector, &answer));
        failures.extend(held.err().map(|what| format!("{}: {what}", vector.name)));
        stub.forget_answers();
    }
    assert_all_hold(failures);
}

fn check_answer(vector: &Vector, answer: &client::Answer) -> Result<(), String> {
    vector.client_gets.check(&answer.body).map_err(|what| format!("client gets{what}"))?;
    let expect = |name: &str, expected: &str| match answer.header(name) {
        Some(found) if vector::matches(expected, found) => Ok(()),
        found => Err(format!("{name} is {found:?}, not {expected}")),
    };
    for (name, value) in &vector.headers {
        expect(name, value)?;
    }
    if answer.status != vector.status {
        return Err(format!("the status is {}, not {}", answer.status, vector.status));
    }
    // The outcome header is always there and always true.
    let outcome = match (&vector.upstream_gets, answer.json()["error"].as_str()) {
        (None, _) if matches!(answer.header("x-cache"), Some("hit" | "stale")) => "done",
        (None, _) => "not-sent",
        (Some(_), Some("BADANSWER" | "TIMEOUT")) => "unknown",
        (Some(_), _) => "done",
    };
    expect("x-mesigate-outcome", outcome)
}
