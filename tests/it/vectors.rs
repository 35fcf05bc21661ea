//! `tests/vectors/<op>.txt`, run twice: against the pure functions, and through real sockets with a
//! stub upstream that must be called exactly as often as the vector says.

use bytes::Bytes;
use mesigate::ops::{AnswerPlan, Table};
use mesigate::reject::Reject;
use mesigate::translate::form::Form;
use mesigate::translate::request::{self, Meant};
use mesigate::translate::{self, Incoming, Request, response};

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

#[test]
fn every_vector_holds_for_the_pure_functions() {
    let table = Table::shipped().expect("a sound table");
    for vector in vectors() {
        let says = vector.upstream_says.as_deref();
        if vector.status == 404 || says.is_some_and(|says| says.starts_with("HTTP/")) {
            continue; // HTTP's own part is for the sockets.
        }
        let (sent, told) = translated(&table, &vector);
        match (&vector.upstream_gets, sent) {
            (Some(expected), Some(sent)) => expected.check(&sent, &vector.name),
            (None, None) => {}
            (Some(_), None) => panic!("{}: refused: {}", vector.name, String::from_utf8_lossy(&told)),
            (None, Some(sent)) => panic!("{}: sent {}", vector.name, String::from_utf8_lossy(&sent)),
        }
        vector.client_gets.check(&told, &vector.name);
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
        Err(reject) => (None, response::refusal(&reject, "", None)),
        Ok(Request::Json(envelope)) => {
            let told = match response::verdict(says.as_bytes(), &AnswerPlan::envelope()) {
                Ok(_) => says.into_bytes(),
                Err(reject) => response::refusal(&reject, &envelope.op, envelope.id.as_deref()),
            };
            (Some(envelope.payload.to_vec()), told)
        }
        Ok(Request::Legacy(form)) => {
            let mut sent = None;
            let told = legacy(table, &form, says.as_bytes(), &mut sent).unwrap_or_else(|reject| {
                let op = form.single("op").ok().flatten().unwrap_or_default();
                response::refusal(
                    &reject,
                    op,
                    request::id_if_sound(&form).map(|id| id.to_string()).as_deref(),
                )
            });
            (sent, told)
        }
    }
}

fn legacy(table: &Table, form: &Form, says: &[u8], sent: &mut Option<Vec<u8>>) -> Result<Vec<u8>, Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation =
        table.find(op).ok_or_else(|| Reject::BadOp { near: table.closest(op).map(str::to_owned) })?;
    let meant = Meant::understand(operation, table, form)?;
    *sent = Some(meant.write(operation, meant.token));
    Ok(response::legacy(operation, &meant, says)?.body)
}

#[tokio::test]
async fn every_vector_holds_through_real_sockets() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    for vector in vectors() {
        if let Some(says) = &vector.upstream_says {
            stub.will_say(says);
        }
        let answer = client::ask(gateway.address, &vector.request.bytes()).await;
        let calls = stub.take_calls();
        assert_eq!(
            calls.len(),
            usize::from(vector.upstream_gets.is_some()),
            "{}: calls of upstream",
            vector.name
        );
        if let Some(expected) = &vector.upstream_gets {
            expected.check(&calls[0].body, &vector.name);
        }
        assert_eq!(answer.status, vector.status, "{}", vector.name);
        for (name, value) in &vector.headers {
            assert_eq!(answer.header(name), Some(value.as_str()), "{}: {name}", vector.name);
        }
        vector.client_gets.check(&answer.body, &vector.name);
        check_outcome(&vector, &answer);
    }
}

/// `X-Mesigate-Outcome` is always there and always true.
fn check_outcome(vector: &Vector, answer: &client::Answer) {
    let error = answer.json()["error"].as_str().unwrap_or_default().to_owned();
    let expected = match (&vector.upstream_gets, error.as_str()) {
        (None, _) => "not-sent",
        (Some(_), "BADANSWER" | "TIMEOUT") => "unknown",
        (Some(_), _) => "done",
    };
    assert_eq!(answer.header("x-mesigate-outcome"), Some(expected), "{}", vector.name);
}
