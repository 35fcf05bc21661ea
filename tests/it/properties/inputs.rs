//! Inputs of any kind: requests that must be accepted, and arbitrary ones.

use mesigate::protocol::explain::Sample;
use mesigate::protocol::ops::{Need, Param, ParamKind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Pairs, TABLE, asked, multipart, translated, urlencoded};

/// Any text, control characters and surrogate pairs included.
pub fn text() -> impl Strategy<Value = String> {
    vec(prop_oneof![4 => any::<char>(), 1 => select(vec!['"', '\\', '\n', '\0', ' ', '&', '%'])], 0..10)
        .prop_map(String::from_iter)
}

/// A request that must be accepted: an operation of the table with a value for each parameter that it needs and for
/// some others, each under one of its names.
pub fn sound() -> impl Strategy<Value = Pairs> {
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

pub fn param(param: &Param) -> BoxedStrategy<Option<(String, String)>> {
    let names: Vec<String> = param.names().map(str::to_owned).collect();
    let pair = (select(names), value(param.kind));
    match param.need {
        Need::Optional => option::of(pair).boxed(),
        Need::Required | Need::OneOf(_) => pair.prop_map(Some).boxed(),
    }
}

pub fn value(kind: ParamKind) -> BoxedStrategy<String> {
    match kind {
        ParamKind::Text => text().prop_map(|text| format!("x{text}")).boxed(),
        ParamKind::Integer => prop_oneof![
            (1..i64::MAX).prop_map(|number| number.to_string()),
            (1..256).prop_map(|number| format!("{number:#x}")),
        ]
        .boxed(),
        ParamKind::Boolean | ParamKind::Bit => {
            select(vec!["0", "1", "true", "FALSE"]).prop_map_into().boxed()
        }
        ParamKind::List => vec("[a-z@ ]{0,4}x", 1..4).prop_map(|items| items.join(",")).boxed(),
    }
}

/// Every parameter name of the table, and some unknown ones.
pub fn names() -> Vec<String> {
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

pub fn noise() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(select(&PIECES[..]), 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![4 => pieces, 1 => vec(any::<u8>(), 0..40)]
}

/// An arbitrary request, mostly near enough to a valid one to get far: a valid one in one of its forms, with noise in
/// it.
pub fn anything() -> impl Strategy<Value = Sample> {
    let start = (sound(), 0..8).prop_map(|(pairs, form)| match form {
        0 => Sample::default(),
        1 => asked("", &urlencoded(&pairs)),
        2 => multipart(&pairs),
        3 | 4 => {
            let (_, json) = translated(&asked(&urlencoded(&pairs), "")).expect("a sound request");
            Sample { body: json, ..Sample::default() }
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
