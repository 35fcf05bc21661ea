//! The old door: a Content-Type, a query and a body, each on a line of its own (the body to the end),
//! become JSON of every operation, or a refusal.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use mesigate::protocol::ops::Operation;
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::envelope::{self, Json};
use mesigate::protocol::translate::facts::{self, Facts};
use mesigate::protocol::translate::form::{Form, trim};
use mesigate::protocol::translate::request::{Understood, id_if_sound};
use mesigate::protocol::translate::{self, Incoming, Parsed, multipart};
use percent_encoding::percent_decode;
use serde_json::Value;
use support::{MARK, MOST_PAIRS, TABLE, assert_decent, first_line, has_mark, json};

fuzz_target!(|input: &[u8]| {
    if has_mark(input) {
        return;
    }
    let (content_type, rest) = first_line(input);
    let (query, body) = first_line(rest);
    let content_type = str::from_utf8(content_type).ok().filter(|text| !text.is_empty());
    let query = [query, b"&token=", MARK.as_bytes()].concat();
    let body = with_token(content_type, body);
    let incoming = Incoming { query: &query, content_type, body: &body, most_pairs: MOST_PAIRS };

    let _ = id_if_sound(&translate::glimpse(&incoming));
    let nothing = |_: &Operation, _: &Understood<'_>, _: &Form| {};
    let first = translated(&incoming, assert_sound);
    assert!(first == translated(&incoming, nothing), "the same bytes, and another translation");
    first.iter().filter_map(|translated| translated.as_ref().err()).for_each(assert_decent);
});

/// A multipart body with the token in front; any other as it is.
fn with_token(content_type: Option<&str>, body: &[u8]) -> Bytes {
    match content_type.map(multipart::boundary) {
        Some(Ok(Some(boundary))) => {
            let field =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{MARK}\r\n");
            [field.as_bytes(), body].concat().into()
        }
        _ => Bytes::copy_from_slice(body),
    }
}

/// The JSON of each operation that a request could be for, whatever its `op` says, or the refusal.
fn translated(
    incoming: &Incoming<'_>,
    look: impl Fn(&Operation, &Understood<'_>, &Form),
) -> Vec<Result<Vec<u8>, Reject>> {
    let form = match translate::read(incoming) {
        Ok(Parsed::Legacy(form)) => form,
        // The JSON door's payload is another target's subject.
        Ok(Parsed::Json(envelope)) => return vec![Ok(envelope.payload.to_vec())],
        Err(reject) => return vec![Err(reject)],
    };
    assert_nothing_replaced(incoming, &form);
    let unknown = form.single("op").and_then(|op| Err(TABLE.bad_op(op.unwrap_or_default())));
    let translated = TABLE.operations().iter().map(|operation| {
        let understood = Understood::understand(operation, &TABLE, &form)?;
        look(operation, &understood, &form);
        Ok(understood.write(operation, understood.token))
    });
    translated.chain([unknown]).collect()
}

/// Text that is not UTF-8 is refused; no other text ever replaces it.
fn assert_nothing_replaced(incoming: &Incoming<'_>, form: &Form) {
    let has = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    if form.iter().any(|parameter| has(parameter.name()) || has(parameter.value())) {
        let sent = [incoming.query, incoming.body].map(|text| percent_decode(text).collect::<Vec<u8>>());
        let was_sent = |text: &Vec<u8>| text.windows(3).any(|bytes| bytes == "\u{fffd}".as_bytes());
        assert!(sent.iter().any(was_sent), "text that is not UTF-8 went through as U+FFFD");
    }
}

/// What must be true of a request that is understood.
fn assert_sound(operation: &Operation, understood: &Understood<'_>, form: &Form) {
    let text = understood.write(operation, understood.token);
    let value = json(&text);
    assert_eq!(value["op"], operation.row.sends);
    assert_eq!(value["token"], MARK);
    assert_eq!(value.get("id").and_then(Value::as_i64), understood.id);
    assert!(
        form.iter().any(|parameter| parameter.name() == "op" && trim(parameter.value()) == understood.op)
    );

    // The JSON door accepts it, and both doors share what is cached for it.
    let Ok(Json::Envelope(envelope)) = envelope::read(&text, &Form::default()) else {
        panic!("the other door does not know it: {value}");
    };
    assert_eq!((&*envelope.op, envelope.token.as_deref()), (&*operation.row.sends, Some(MARK)));
    assert_eq!(envelope.payload, text);
    if let Some(form) = facts::form_of_json(operation, &envelope) {
        let again = Understood::understand(operation, &TABLE, &form);
        let again = again.unwrap_or_else(|reject| panic!("{}: {value}", reject.cause()));
        assert_eq!(for_all(&again, operation), for_all(understood, operation));
        assert_eq!(Facts::of_form(operation, &again), Facts::of_form(operation, understood));
    }
}

/// What upstream is asked when the answer may be shared.
fn for_all(understood: &Understood<'_>, operation: &Operation) -> Vec<u8> {
    let mut out = Vec::new();
    understood.compose(operation, MARK, true, &mut out);
    out
}
