//! The way down, from the request to the JSON for upstream.

use std::sync::LazyLock;

use mesigate::protocol::explain::{self, Explained};
use mesigate::protocol::ops::{Destination, Param, ParamKind, Table};
use mesigate::protocol::translate::form::{Form, Parameter, trim};
use mesigate::protocol::translate::refusal;
use mesigate::protocol::translate::request::DropReason;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::inputs::{anything, names, noise, sound, text};
use super::{
    MOST_PAIRS, Pairs, TABLE, asked, at, cases, form, multipart, parsed, translated, understood, urlencoded,
};

static SAME_TABLE: LazyLock<Table> = LazyLock::new(|| Table::shipped().expect("a sound table"));

fn percent_encoded(pairs: &Pairs) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The parameters with their names changed.
fn renamed(pairs: &Pairs, change: impl Fn(&str) -> String) -> Pairs {
    pairs.iter().map(|(name, value)| (change(name), value.clone())).collect()
}

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
        // The closest name does not depend on a hash's order: a second table finds the same.
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
        // This parser takes no byte order mark in front, plain or encoded, for a part of a name.
        let unmarked = |bytes: &[u8]| match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
            _ if bytes.get(..9).is_some_and(|mark| mark.eq_ignore_ascii_case(b"%EF%BB%BF")) => bytes[9..].to_vec(),
            _ => bytes.to_vec(),
        };
        let read = |bytes: &[u8]| serde_urlencoded::from_bytes::<Pairs>(&unmarked(bytes)).expect("any bytes are a form");
        let oracle = [read(&query), read(&body)].concat();
        match Form::read(&query, &body, MOST_PAIRS) {
            Ok(form) => {
                let ours = form.iter().map(|pair| (pair.name().to_owned(), pair.value().to_owned()));
                let oracle = renamed(&oracle, |name| trim(name).to_ascii_lowercase());
                prop_assert_eq!(ours.collect::<Pairs>(), oracle);
            }
            // The reference parser puts U+FFFD in the place of bytes that are not UTF-8.
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
            prop_assert_eq!(dropped.why != DropReason::Unknown, is_known(dropped.name), "{:?}", dropped);
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
            if let (ParamKind::Text, Destination::At(at)) = (param.kind, &param.target) {
                let expected = if param.verbatim { value } else { trim(value) };
                let arrived = json.pointer(&at.to_string()).and_then(Value::as_str);
                prop_assert_eq!(arrived, Some(expected), "{}", name);
            }
        }
    }
}

fn has_kind(value: Option<&Value>, param: &Param) -> bool {
    value.is_some_and(|value| match param.kind {
        ParamKind::Text | ParamKind::List => value.is_string(),
        ParamKind::Integer => value.is_i64(),
        ParamKind::Boolean => value.is_boolean(),
        ParamKind::Bit => *value == 0 || *value == 1,
    })
}

fn leaves(value: &Value) -> usize {
    value.as_object().map_or(1, |members| members.values().map(leaves).sum())
}
