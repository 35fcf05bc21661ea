//! What holds for every input, not only for those that somebody thought of. The inputs come from a fixed
//! seed: a run that fails, fails again.

use std::sync::LazyLock;

use bytes::Bytes;
use mesigate::protocol::explain::{self, Asked, Explained};
use mesigate::protocol::ops::{Field, Kind, Need, Operation, Param, Shape, Table, Target};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::form::{Form, Parameter, trim};
use mesigate::protocol::translate::own::Own;
use mesigate::protocol::translate::request::{Meant, Why};
use mesigate::protocol::translate::{self, Incoming, Request, refusal, response};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::shipped().expect("a sound table"));
static SAME_TABLE: LazyLock<Table> = LazyLock::new(|| Table::shipped().expect("a sound table"));
const MOST_PAIRS: usize = 128;

/// Parameters in their order.
type Pairs = Vec<(String, String)>;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    }
}

// ------------------------------------------------------------------------------- what is looked at

/// The JSON operation and the bytes for upstream, through either door.
fn translated(asked: &Asked) -> Result<(String, Vec<u8>), Reject> {
    let body = Bytes::from(asked.body.clone());
    let content_type = asked.content_type.as_deref();
    let incoming = Incoming { query: &asked.query, content_type, body: &body, most_pairs: MOST_PAIRS };
    match translate::read(&incoming)? {
        Request::Json(envelope) => Ok((envelope.op.into_owned(), envelope.payload.to_vec())),
        Request::Legacy(form) => {
            let (operation, meant) = understood(&form)?;
            Ok((operation.row.sends.clone(), meant.write(operation, meant.token)))
        }
    }
}

fn understood(form: &Form) -> Result<(&'static Operation, Meant<'_>), Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = TABLE.find(op).ok_or_else(|| TABLE.bad_op(op))?;
    Ok((operation, Meant::understand(operation, &TABLE, form)?))
}

fn form(pairs: &Pairs) -> Form {
    Form::read(urlencoded(pairs).as_bytes(), b"", MOST_PAIRS).expect("a form")
}

fn parsed(json: &[u8]) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(json)))
}

// ------------------------------------------------------------------------------------ ways to write

fn urlencoded(pairs: &[(String, String)]) -> String {
    serde_urlencoded::to_string(pairs).expect("text")
}

fn percent_encoded(pairs: &Pairs) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn multipart(pairs: &Pairs) -> Asked {
    let field = |(name, value): &(String, String)| {
        format!("--B0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = pairs.iter().map(field).collect::<String>() + "--B0undary--\r\n";
    let content_type = Some("multipart/form-data; boundary=B0undary".to_owned());
    Asked { query: Vec::new(), content_type, body: body.into_bytes() }
}

fn asked(query: &str, body: &str) -> Asked {
    Asked { query: query.into(), content_type: None, body: body.into() }
}

/// The same parameters with their names changed.
fn renamed(pairs: &Pairs, change: impl Fn(&str) -> String) -> Pairs {
    pairs.iter().map(|(name, value)| (change(name), value.clone())).collect()
}

// ------------------------------------------------------------------------------------- what is made

/// Any text, control characters and surrogate pairs included.
fn text() -> impl Strategy<Value = String> {
    vec(prop_oneof![4 => any::<char>(), 1 => select(vec!['"', '\\', '\n', '\0', ' ', '&', '%'])], 0..10)
        .prop_map(String::from_iter)
}

/// A request that must be taken: an operation of the table with a value for each parameter it needs and
/// for some others, each under one of its names.
fn sound() -> impl Strategy<Value = Pairs> {
    (0..TABLE.operations().len()).prop_flat_map(|number| {
        let row = &TABLE.operations()[number].row;
        let names: Vec<String> = std::iter::once(&row.name).chain(&row.aliases).cloned().collect();
        let params: Vec<_> = row.params.iter().map(param).collect();
        (select(names), option::of(any::<i64>()), params).prop_map(|(op, id, params)| {
            let envelope = [("op".to_owned(), op), ("token".to_owned(), "T0ken".to_owned())];
            let id = id.map(|id| ("id".to_owned(), id.to_string()));
            envelope.into_iter().chain(id).chain(params.into_iter().flatten()).collect()
        })
    })
}

fn param(param: &Param) -> BoxedStrategy<Option<(String, String)>> {
    let names: Vec<String> = param.names().map(str::to_owned).collect();
    let pair = (select(names), value(param.kind));
    match param.need {
        Need::Optional => option::of(pair).boxed(),
        Need::Required | Need::OneOf(_) => pair.prop_map(Some).boxed(),
    }
}

fn value(kind: Kind) -> BoxedStrategy<String> {
    match kind {
        Kind::Text => text().prop_map(|text| format!("x{text}")).boxed(),
        Kind::Integer => prop_oneof![
            (1..i64::MAX).prop_map(|number| number.to_string()),
            (1..256).prop_map(|number| format!("{number:#x}")),
        ]
        .boxed(),
        Kind::Boolean | Kind::Bit => select(vec!["0", "1", "true", "FALSE"]).prop_map_into().boxed(),
        Kind::List => vec("[a-z@ ]{0,4}x", 1..4).prop_map(|items| items.join(",")).boxed(),
    }
}

/// Every name of a parameter that the table has, and some that it has not.
fn names() -> Vec<String> {
    let params = TABLE.operations().iter().flat_map(|operation| &operation.row.params);
    let own = params.flat_map(Param::names).chain(["sig", "d", "unknown", "Éa"]);
    own.map(str::to_owned).collect()
}

/// Bytes that mean something in forms, JSON, multipart and on command lines.
const PIECES: [&str; 56] = [
    "op=",
    "userdel",
    "message",
    "op=deltoken&token=T&uid=5",
    "&op=message&from=a&to=b&token=T",
    "&",
    "=",
    "?",
    "&gid=",
    "&addr=",
    "&msg=",
    "&id=",
    "&delete=1",
    "&m=",
    "&type=",
    "token=T",
    "7",
    "-",
    "0x",
    "true",
    ",",
    "9223372036854775808",
    "%",
    "%4",
    "%zz",
    "%ff",
    "%C3%A9",
    "%00",
    "+",
    " ",
    "\n",
    "é",
    "\u{feff}",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    "\\",
    "null",
    "{\"op\":\"userdel\",\"token\":\"T\"",
    ",\"user\":{\"uid\":1}",
    "--B",
    "\r\n",
    "\r\n\r\n",
    "Content-Disposition: form-data; name=\"op\"",
    "curl ",
    "-d ",
    "--data-urlencode ",
    "-H '",
    "'",
    "-",
    "@",
    "GET /api.php?",
    " HTTP/1.1\r\nContent-Length: 9\n\n",
];

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![4 => pieces, 1 => vec(any::<u8>(), 0..40)]
}

/// Anything at all, mostly near enough to a request to get far: a sound one in one of its forms, with noise
/// in it.
fn anything() -> impl Strategy<Value = Asked> {
    let start = (sound(), 0..8).prop_map(|(pairs, form)| match form {
        0 => Asked::default(),
        1 => asked("", &urlencoded(&pairs)),
        2 => multipart(&pairs),
        3 | 4 => {
            let (_, json) = translated(&asked(&urlencoded(&pairs), "")).expect("a sound request");
            Asked { body: json, ..Asked::default() }
        }
        _ => asked(&urlencoded(&pairs), ""),
    });
    let said =
        select(vec!["application/json", "multipart/form-data; boundary=B", "Multipart/x; boundary=\""]);
    let spot = || option::of((any::<prop::sample::Index>(), noise()));
    (start, spot(), spot(), option::weighted(0.2, said)).prop_map(|(mut asked, query, body, said)| {
        splice(&mut asked.query, query);
        splice(&mut asked.body, body);
        asked.content_type = said.map(str::to_owned).or(asked.content_type);
        asked
    })
}

fn splice(bytes: &mut Vec<u8>, noise: Option<(prop::sample::Index, Vec<u8>)>) {
    if let Some((at, noise)) = noise {
        let at = at.index(bytes.len() + 1);
        bytes.splice(at..at, noise);
    }
}

// ------------------------------------------------------------------------------------ the way down

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn any_bytes_become_json_of_a_known_operation_or_a_whole_refusal(asked in anything()) {
        match translated(&asked) {
            Ok((op, json)) => {
                let json = parsed(&json);
                prop_assert!(json.is_object());
                prop_assert_eq!(&json["op"], &op);
            }
            Err(reject) => {
                prop_assert!(!reject.code().is_empty() && !reject.cause().is_empty());
                let body = parsed(&refusal::refusal(&reject, "o\"p", Some("7")));
                let expected = json!({
                    "op": "o\"p", "result": false, "error": reject.code(), "code": reject.status(),
                    "cause": reject.cause(), "properties": reject.properties(), "id": 7,
                });
                for (name, value) in expected.as_object().into_iter().flatten() {
                    let left_out = name == "properties" && reject.properties().is_empty();
                    prop_assert!(left_out || body[name] == *value, "{} in {}", name, body);
                }
            }
        }
    }

    #[test]
    fn the_same_bytes_become_the_same_bytes(asked in anything(), op in "(user|group|add|set|del|get){1,3}") {
        prop_assert_eq!(translated(&asked), translated(&asked));
        // No hash's order decides which name is the closest: a second table says the same.
        prop_assert_eq!(TABLE.bad_op(&op), SAME_TABLE.bad_op(&op));
    }

    #[test]
    fn a_refusal_repeats_no_value(
        operation in 0..TABLE.operations().len(),
        names in vec(select(names()), 1..6),
        value in "S3CRET[%,é]{0,2}",
    ) {
        let op = TABLE.operations()[operation].row.name.clone();
        let mut pairs = vec![("op".to_owned(), op), ("token".to_owned(), "S3CRET".to_owned())];
        pairs.extend(names.into_iter().map(|name| (name, value.clone())));
        if let Err(reject) = understood(&form(&pairs)) {
            let body = refusal::refusal(&reject, "op", None);
            prop_assert!(!String::from_utf8_lossy(&body).contains("S3CRET"));
        }
    }

    #[test]
    fn a_reader_of_forms_that_everybody_uses_reads_the_same(query in noise(), body in noise()) {
        let read = |bytes: &[u8]| serde_urlencoded::from_bytes::<Pairs>(bytes).expect("any bytes are a form");
        let oracle = [read(&query), read(&body)].concat();
        match Form::read(&query, &body, MOST_PAIRS) {
            Ok(form) => {
                let ours = form.iter().map(|pair| (pair.name().to_owned(), pair.value().to_owned()));
                let oracle = renamed(&oracle, |name| trim(name).to_ascii_lowercase());
                prop_assert_eq!(ours.collect::<Pairs>(), oracle);
            }
            // The other one puts U+FFFD in the place of what is not UTF-8.
            Err(reject) => {
                prop_assert_ne!(reject.code(), "TOOLARGE");
                let replaced = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
                prop_assert!(oracle.iter().any(|(name, value)| replaced(name) || replaced(value)));
            }
        }
    }

    #[test]
    fn readers_of_commands_and_captures_never_panic(text in noise(), words in vec("[-a-z=@' ]{0,6}", 0..5)) {
        let line = String::from_utf8_lossy(&text).into_owned();
        let all = [
            explain::read_piped(&text),
            explain::read_piped(format!("GET /?{line} HTTP/1.1\r\n{line}").as_bytes()),
            explain::read(&[format!("curl {line}")]),
            explain::read(&[line]),
            explain::read(&words),
            explain::read(&[&["curl".to_owned()], &words[..]].concat()),
        ];
        for asked in all.into_iter().flatten() {
            if let Ok(Explained::Legacy { operation, form }) = explain::explain(&asked, &TABLE, MOST_PAIRS) {
                let (_, meant) = understood(&form).expect("it was understood before");
                let _ = (explain::lines(operation, &meant), explain::drops(operation, &TABLE, &meant));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn equal_meaning_gives_equal_json(
        (pairs, shuffled) in sound().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle())),
        cut in any::<prop::sample::Index>(),
    ) {
        let plain = urlencoded(&pairs);
        let expected = translated(&asked(&plain, ""));
        prop_assert!(expected.is_ok(), "{:?}", expected);
        let (first, second) = shuffled.split_at(cut.index(shuffled.len()));
        let (first, second) = (urlencoded(first), urlencoded(second));
        for (how, asked) in [
            ("in another order", asked(&urlencoded(&shuffled), "")),
            ("in the body", asked("", &plain)),
            ("in the query and the body", asked(&first, &second)),
            ("in both at once", asked(&plain, &plain)),
            ("as multipart", multipart(&pairs)),
            ("every byte encoded", asked(&percent_encoded(&pairs), "")),
            ("encoded in capitals", asked("", &percent_encoded(&pairs).to_ascii_uppercase())),
            ("names in capitals", asked(&urlencoded(&renamed(&pairs, str::to_ascii_uppercase)), "")),
            ("spaces around names", asked("", &urlencoded(&renamed(&pairs, |name| format!(" {name} "))))),
            ("separators doubled", asked(&format!("&&{}&&", plain.replace('&', "&&")), "")),
            ("unknown parameters", asked(&format!("unknown=1&{plain}&sig=none"), "")),
        ] {
            prop_assert_eq!(&translated(&asked), &expected, "{}", how);
        }
    }

    #[test]
    fn every_parameter_is_in_the_json_or_told_to_be_dropped(
        pairs in sound(),
        more in vec((select(names()), select(vec!["", " ", "0", "1"]).prop_map_into()), 0..6),
    ) {
        let form = form(&[pairs, more].concat());
        let understood = understood(&form);
        prop_assume!(understood.is_ok());
        let (operation, meant) = understood.expect("it was understood");
        let json = parsed(&meant.write(operation, meant.token));
        let mut members = operation.row.fixed.len() + 2 + usize::from(meant.id.is_some());
        let mut accounted: Vec<&str> = meant.dropped.iter().map(|dropped| dropped.name).collect();
        for (slot, (param, value)) in operation.row.params.iter().zip(&meant.values).enumerate() {
            if value.is_some() {
                let (places, name) = (at(&param.target), meant.name(slot));
                prop_assert!(places.iter().all(|at| has_kind(json.pointer(at), param)), "{}", name);
                members += places.len();
                accounted.push(name);
            }
        }
        let is_parameter = |name: &&str| !matches!(*name, "op" | "token" | "id");
        let mut sent: Vec<&str> = form.iter().map(Parameter::name).filter(is_parameter).collect();
        accounted.sort_unstable();
        sent.sort_unstable();
        prop_assert_eq!(accounted, sent);
        prop_assert_eq!(leaves(&json), members, "nothing else is in the JSON");
        let is_known = |name| operation.plan.slot(name).is_some() || ["sig", "d"].contains(&name);
        for dropped in &meant.dropped {
            prop_assert_eq!(dropped.why != Why::Unknown, is_known(dropped.name), "{:?}", dropped);
        }
    }

    #[test]
    fn a_message_survives_to_the_last_character(msg in text()) {
        prop_assume!(!msg.is_empty());
        let pairs = [("op", "message"), ("token", "T"), ("from", "a"), ("to", "b"), ("msg", &msg)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let (plain, encoded) = (urlencoded(&pairs), percent_encoded(&pairs));
        for asked in [asked(&plain, ""), asked("", &encoded), multipart(&pairs)] {
            let (_, json) = translated(&asked).expect("a message");
            prop_assert_eq!(&parsed(&json)["message"]["message"], &msg);
        }
    }

    #[test]
    fn every_text_survives_without_its_outer_white_space(pairs in sound()) {
        let form = form(&pairs);
        let (operation, meant) = understood(&form).expect("a sound request");
        let json = parsed(&meant.write(operation, meant.token));
        for (name, value) in &pairs {
            let Some(slot) = operation.plan.slot(name) else { continue };
            let param = &operation.plan.params[slot];
            if let (Kind::Text, Target::At(at)) = (param.kind, &param.target) {
                let expected = if param.verbatim { value } else { trim(value) };
                let arrived = json.pointer(&at.to_string()).and_then(Value::as_str);
                prop_assert_eq!(arrived, Some(expected), "{}", name);
            }
        }
    }
}

/// The members to which a parameter goes, as JSON pointers.
fn at(target: &Target) -> Vec<String> {
    match target {
        Target::Nowhere => Vec::new(),
        Target::At(at) => vec![at.to_string()],
        Target::Split(parts) => parts.iter().map(|part| part.at.to_string()).collect(),
    }
}

fn has_kind(value: Option<&Value>, param: &Param) -> bool {
    value.is_some_and(|value| match param.kind {
        Kind::Text | Kind::List => value.is_string(),
        Kind::Integer => value.is_i64(),
        Kind::Boolean => value.is_boolean(),
        Kind::Bit => *value == 0 || *value == 1,
    })
}

fn leaves(value: &Value) -> usize {
    value.as_object().map_or(1, |members| members.values().map(leaves).sum())
}

// --------------------------------------------------------------------------------------- the way back

/// Members as they stand in `user`, `group` and beside them, and some that nobody is to see.
const FITTING: [&str; 17] = [
    r#""uid":7"#,
    r#""uid":"97001""#,
    r#""address":"a\"b""#,
    r#""address":1800555"#,
    r#""token":"t0""#,
    r#""gid":97001"#,
    r#""gid":"""#,
    r#""error":"AUTHFAIL""#,
    r#""code":401"#,
    r#""code":"400""#,
    r#""cause":"why""#,
    r#""properties":["token","user.address"]"#,
    r#""otp":"123456""#,
    r#""otp":9007199254740993"#,
    r#""secret":"s""#,
    r#""mid":1"#,
    r#""uts":"1""#,
];
const NAMES: [&str; 16] = [
    "uid",
    "address",
    "token",
    "gid",
    "otp",
    "members",
    "cansend",
    "send",
    "error",
    "code",
    "cause",
    "properties",
    "op",
    "id",
    "app",
    "user",
];
const LEAVES: [&str; 15] = [
    "null",
    "true",
    "false",
    "0",
    "-7",
    "97001",
    "1.5",
    "\"\"",
    "\"1\"",
    "\"97001\"",
    "\"}\\\\\"",
    "[]",
    "{}",
    "[1]",
    "[\"token\"]",
];

/// A member of any name and type, whatever was due; an object may have one name twice.
fn wild() -> impl Strategy<Value = String> {
    let value =
        select(&LEAVES[..]).prop_map_into().prop_recursive(3, 12, 4, |inner: BoxedStrategy<String>| {
            prop_oneof![
                3 => vec(named(inner.clone()), 0..4).prop_map(object),
                1 => vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            ]
        });
    named(value)
}

fn named(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (select(&NAMES[..]), value).prop_map(|(name, value)| member(name, &value))
}

fn member(name: &str, value: &str) -> String {
    format!("\"{name}\":{value}")
}

fn object(members: Vec<String>) -> String {
    format!("{{{}}}", members.join(","))
}

/// A row of groupgetmembers, in the form of today or of old.
fn row() -> impl Strategy<Value = String> {
    let right = || select(vec!["true", "false", "0", "\"1\"", "\"0\"", "null"]);
    (option::of(wild()), right(), right(), any::<bool>()).prop_map(|(wild, send, recv, is_old)| {
        let rights = if is_old {
            format!(r#""address":"a","cansend":{send},"canrecv":{recv},"flag":"1""#)
        } else {
            format!(r#""uid":7,"permissions":{{"send":{send},"recv":{recv},"pub":true}}"#)
        };
        object([Some(rights), wild].into_iter().flatten().collect())
    })
}

/// An answer of upstream's: mostly of the right form, never to be trusted.
fn answer() -> impl Strategy<Value = String> {
    let fitting = || select(&FITTING[..]).prop_map_into();
    let inner = vec(prop_oneof![15 => fitting(), 1 => wild()], 0..6).prop_map(object);
    let one = prop_oneof![
        4 => (select(vec!["user", "group", "app"]), inner).prop_map(|(name, inner)| member(name, &inner)),
        2 => vec(row(), 0..3).prop_map(|rows| member("members", &format!("[{}]", rows.join(",")))),
        4 => fitting(),
        1 => wild(),
    ];
    let result = prop_oneof![6 => Just("true"), 3 => Just("false"), 1 => select(vec!["\"false\"", "null"])];
    (vec(one, 0..6), result, any::<bool>()).prop_map(|(mut members, result, first)| {
        members.insert(if first { 0 } else { members.len() }, member("result", result));
        object(members)
    })
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn an_old_client_gets_what_the_table_lists_and_nothing_else(pairs in sound(), answer in answer()) {
        let form = form(&pairs);
        let (operation, meant) = understood(&form).expect("a sound request");
        let sent = parsed(&meant.write(operation, meant.token));
        match response::legacy(operation, &Own::of(operation, &meant), answer.as_bytes()) {
            Err(reject) => prop_assert_eq!(reject.code(), "BADANSWER"),
            Ok(told) => {
                let (shown, upstream) = (parsed(&told.body), parsed(answer.as_bytes()));
                prop_assert_eq!(&shown["op"], meant.op);
                prop_assert_eq!(&shown["result"], &upstream["result"]);
                prop_assert_eq!(shown.get("id").and_then(Value::as_i64), meant.id);
                let listed = Listed { row: &operation.row, sent: &sent };
                let is_due = |name: &str, value: &Value| match name {
                    "op" | "result" | "id" => true,
                    _ if told.result => {
                        listed.has(&operation.row.answer, &format!("/{name}"), value, &upstream)
                    }
                    _ => is_of_a_failure(name, value),
                };
                for (name, value) in shown.as_object().expect("an object") {
                    prop_assert!(is_due(name, value), "{} in {}", name, shown);
                }
            }
        }
    }
}

/// What a failure may have besides (contract, section 1).
fn is_of_a_failure(name: &str, value: &Value) -> bool {
    match name {
        "error" | "cause" => value.is_string(),
        "code" => value.is_i64(),
        "properties" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        _ => false,
    }
}

/// What the table lets an old client see, read without the compiled plan.
struct Listed<'a> {
    row: &'a mesigate::protocol::ops::Row,
    sent: &'a Value,
}

impl Listed<'_> {
    /// Whether everything at and below `path` is listed, of its documented type, and from its documented
    /// place in upstream's answer or from the request.
    fn has(&self, fields: &[Field], path: &str, shown: &Value, upstream: &Value) -> bool {
        if let Some(field) = fields.iter().find(|field| field.at.to_string() == path) {
            return self.is_due(field, shown, upstream);
        }
        let members = shown.as_object().filter(|members| !members.is_empty());
        let has =
            |(name, value): (&String, &Value)| self.has(fields, &format!("{path}/{name}"), value, upstream);
        members.is_some_and(|members| members.iter().all(has))
    }

    fn is_due(&self, field: &Field, shown: &Value, upstream: &Value) -> bool {
        let places = field.from.iter().filter_map(|from| upstream.pointer(&from.to_string()));
        // An empty text in a number's place is a number that is not there.
        let is_there =
            |value: &&Value| !(value.is_null() || matches!(field.shape, Shape::Integer) && *value == "");
        let Some(said) = places.into_iter().find(is_there) else {
            return field.fill.as_ref().and_then(|name| self.request(name)) == Some(shown);
        };
        match &field.shape {
            Shape::Rows(each) => self.are_rows(each, shown, said),
            Shape::Text => shown.as_str() == Some(&bare(said)),
            Shape::Integer => shown.is_i64() && bare(shown) == bare(said),
            Shape::Scalar => shown == said && (shown.is_string() || shown.is_i64()),
            Shape::Digit => (shown == "1" || shown == "0") && bare(shown) == bare(said),
        }
    }

    fn are_rows(&self, each: &[Field], shown: &Value, said: &Value) -> bool {
        let (Some(shown), Some(said)) = (shown.as_array(), said.as_array()) else { return false };
        let row = |(shown, said): (&Value, &Value)| {
            let members = shown.as_object();
            let has = |(name, value): (&String, &Value)| self.has(each, &format!("/{name}"), value, said);
            members.is_some_and(|members| members.iter().all(has))
        };
        let asked = self.sent["count"].as_u64().and_then(|count| usize::try_from(count).ok());
        shown.len() == said.len().min(asked.unwrap_or(usize::MAX)) && shown.iter().zip(said).all(row)
    }

    /// What the request said under a legacy name.
    fn request(&self, name: &str) -> Option<&Value> {
        let param = self.row.params.iter().find(|param| param.name == name)?;
        at(&param.target).first().and_then(|at| self.sent.pointer(at))
    }
}

/// A plain value's text, whatever its type: 1, "1" and true are one.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        _ => value.to_string(),
    }
}
