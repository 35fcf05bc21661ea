use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::hidden::is_hidden;
use super::{Call, Language, Node, command, helpers, imports, joined_in_go, line, payload, program};
use crate::protocol::ops::{Destination, Need, Operation, Param, ParamKind, Table, bit};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;

const PROFILES: [&[&str]; 2] =
    [&[], &["group.permissions", "group.delete", "group.duration", "members.type"]];

fn table(profiles: &[&str]) -> Table {
    let profiles: Vec<String> = profiles.iter().map(|&name| name.to_owned()).collect();
    Table::load(None, &profiles).expect("a sound table")
}

/// A value as JSON, with what a program would have in place of variables.
fn json(node: &Node) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    match node {
        Node::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, node)| format!("{}:{}", quoted(name), json(node))).collect();
            format!("{{{}}}", members.join(","))
        }
        Node::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Node::Text(text) => quoted(text),
        Node::Integer(number) => number.to_string(),
        Node::Number(digits) => digits.clone(),
        Node::Boolean(truth) => truth.to_string(),
        Node::Null => "null".to_owned(),
        Node::Token => quoted("THE TOKEN"),
        Node::Variable(name, _) | Node::Expression(name, _) | Node::Written(name) => quoted(name),
        Node::Bits { of, mask, shift } => format!("[{},{mask},{shift}]", json(of)),
    }
}

/// For a parameter: whether it is there if it need not be, and what becomes a value of its kind.
type Seed = (bool, String, i64);

fn value(param: &Param, (_, text, number): &Seed) -> String {
    match (param.kind, &param.target) {
        (ParamKind::Text, _) => format!("x{text}"),
        (ParamKind::List, _) => format!(" x ,, {text},y,"),
        (_, Destination::Split(_)) => ["0x40312", "0"][usize::from(*number < 0)].to_owned(),
        (ParamKind::Integer, _) if text.len() % 2 == 0 => format!("{:#x}", number.unsigned_abs() >> 1),
        (ParamKind::Integer, _) => number.to_string(),
        (ParamKind::Boolean | ParamKind::Bit, _) => ["1", "0", "true", "FALSE"][text.len() % 4].to_owned(),
    }
}

fn form(operation: &Operation, seeds: &[Seed]) -> String {
    let mut query = form_urlencoded(&[("op", &operation.row.name), ("token", "T"), ("id", "7")]);
    for (param, seed) in operation.plan.params.iter().zip(seeds) {
        if seed.0 || param.need != Need::Optional {
            query += &form_urlencoded(&[(&param.name, &value(param, seed))]);
        }
    }
    query
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        let value: String = value.bytes().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "%{byte:02x}");
            out
        });
        let _ = write!(query, "&{name}={value}");
    }
    query
}

proptest! {
    #[test]
    fn a_call_is_what_the_gateway_sends(which in any::<Index>(), seeds in vec(any::<Seed>(), 20)) {
        for profiles in PROFILES {
            let table = table(profiles);
            let operation = which.get(table.operations());
            let query = form(operation, &seeds);
            let form = Form::read(query.as_bytes(), b"", 99).expect("a form");
            let understood = Understood::understand(operation, &table, &form);
            let understood = understood.unwrap_or_else(|reject| panic!("{query}: {}", reject.cause()));
            let sent = String::from_utf8(understood.write(operation, "THE TOKEN")).expect("text");
            let call = Call::of("http://x/", operation, &understood);
            let reparsed = |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("JSON").to_string();
            prop_assert_eq!(reparsed(&json(&call.payload())), reparsed(&sent));
            // A call of the same shape has the same members.
            let shape = Call::of_shape("http://x/", operation, understood.present, &|_| None);
            prop_assert_eq!(paths(&shape.payload(), ""), paths(&without_id(call).payload(), ""));
        }
    }

    #[test]
    fn no_program_has_a_character_that_nobody_sees(text in any::<String>(), other in any::<String>()) {
        let members = vec![
            ("op".to_owned(), Node::Text("message".to_owned())),
            (other, Node::List(vec![Node::Text(text), Node::Null])),
        ];
        let call = Call { url: "http://x/a'b$c/".to_owned(), members };
        for language in Language::ALL {
            let program = program(language, &call);
            let seen = program.chars().all(|character| !is_hidden(character) || "\n\t".contains(character));
            prop_assert!(seen, "{}", program.escape_debug());
        }
        prop_assert!(command(&call).matches('\n').count() == 1);
    }
}

fn without_id(mut call: Call) -> Call {
    call.members.retain(|(name, _)| name != "id");
    call
}

fn paths(node: &Node, above: &str) -> Vec<String> {
    let Node::Object(members) = node else { return vec![above.to_owned()] };
    members.iter().flat_map(|(name, node)| paths(node, &format!("{above}/{name}"))).collect()
}

#[test]
fn a_shape_has_variables_fixed_members_known_flags_and_bits() {
    let shipped = table(PROFILES[0]);
    let deltoken = shipped.find("deltoken").expect("an operation");
    let call = Call::of_shape("u", deltoken, bit(0), &|_| None);
    assert_eq!(
        json(&call.payload()),
        r#"{"op":"userset","token":"THE TOKEN","user":{"token":{"remove":true},"uid":"uid"}}"#
    );
    let other = table(PROFILES[1]);
    let groupadd = other.find("groupadd").expect("an operation");
    let flag = groupadd.plan.slot("flag").expect("a parameter");
    let unknown = json(&Call::of_shape("u", groupadd, bit(flag), &|_| None).payload());
    assert!(unknown.contains(r#""send":["flag",7,0],"recv":["flag",48,4]"#), "{unknown}");
    let known = json(&Call::of_shape("u", groupadd, bit(flag), &|_| Some(0x21)).payload());
    assert!(known.contains(r#""send":1,"recv":2"#), "{known}");
}

#[test]
fn a_text_is_a_literal_of_each_language() {
    const NASTY: &str = "'\"\\$x ${y} `z` </script>\n\t\0\u{202e}é🎉\u{e0041}";
    for (language, literal) in [
        (Language::PhpCurl, r#""'\"\\\$x \${y} `z` </script>\n\t\u{0}\u{202e}é🎉\u{e0041}""#),
        (
            Language::JavaOkhttp,
            r#""'\"\\$x ${y} `z` </script>\n\t\u0000\u202e\u00e9\ud83c\udf89\udb40\udc41""#,
        ),
        (Language::KotlinRetrofit, r#""'\"\\\$x \${y} `z` </script>\n\t\u0000\u202eé🎉\udb40\udc41""#),
        (Language::JsFetch, r#"'\'"\\$x ${y} `z` <\/script>\n\t\u{0}\u{202e}é🎉\u{e0041}'"#),
        (Language::PythonRequests, r#""'\"\\$x ${y} `z` </script>\n\t\x00\u202eé🎉\U000e0041""#),
        (Language::DartHttp, r#"'\'"\\\$x \${y} `z` </script>\n\t\u{0}\u{202e}é🎉\u{e0041}'"#),
        (Language::Go, r#""'\"\\$x ${y} `z` </script>\n\t\u0000\u202eé🎉\U000e0041""#),
        (Language::Curl, r#"'"'\''\"\\$x ${y} `z` </script>\n\t\u0000\u202eé🎉\udb40\udc41"'"#),
    ] {
        assert_eq!(payload(language, &Node::Text(NASTY.to_owned()), ""), literal, "{language:?}");
    }
}

#[test]
fn numbers_keep_every_digit_in_each_language() {
    let least = |language| payload(language, &Node::Integer(i64::MIN), "");
    assert_eq!(least(Language::Laravel), "PHP_INT_MIN");
    assert_eq!(least(Language::KotlinRetrofit), "Long.MIN_VALUE");
    assert_eq!(least(Language::Go), "int64(-9223372036854775808)");
    assert_eq!(least(Language::JsFetch), "-9223372036854775808n");
    let exact = Call { url: "u".to_owned(), members: vec![("a".to_owned(), Node::Integer(1 << 53))] };
    for language in [Language::JsFetch, Language::NodeAxios] {
        assert!(program(language, &exact).contains("toJson(payload)"));
        assert_eq!(helpers(language, &Node::Integer((1 << 53) - 1)), "");
    }
}

#[test]
fn an_expression_is_converted_as_its_kind_needs() {
    let of = |language, kind| payload(language, &Node::Expression("$a . $b".to_owned(), kind), "");
    assert_eq!(of(Language::PhpCurl, ParamKind::Text), "(string) ($a . $b)");
    assert_eq!(of(Language::PhpCurl, ParamKind::Boolean), "filter_var($a . $b, FILTER_VALIDATE_BOOLEAN)");
    let number = Node::Expression("(int) $uid".to_owned(), ParamKind::Integer);
    assert_eq!(payload(Language::PhpCurl, &number, ""), "(int) $uid");
    let go = Node::Expression("uid".to_owned(), ParamKind::Integer);
    assert_eq!(payload(Language::Go, &go, ""), "wholeNumber(uid)");
    assert!(helpers(Language::Go, &go).contains("type wholeNumber string"));
    assert_eq!(imports(Language::Go, &go), ["\"strconv\"", "\"strings\""]);
}

#[test]
fn a_variable_whose_name_is_a_word_of_the_language_has_another() {
    let names = ["from", "type", "when", "delete", "payload", "9-lives", "__proto__"];
    let members =
        names.iter().map(|name| ((*name).to_owned(), Node::Variable((*name).to_owned(), ParamKind::Text)));
    let call = Call { url: "u".to_owned(), members: members.collect() };
    let python = program(Language::PythonRequests, &call);
    for name in ["from_", "type_", "when_", "delete_", "payload_", "_9_lives"] {
        assert!(python.contains(&format!("\n{name} = \"\"\n")), "{name} in {python}");
    }
    assert!(program(Language::JsFetch, &call).contains("['__proto__']: __proto__,"));
}

#[test]
fn an_empty_object_stays_one() {
    let call = Call { url: "u".to_owned(), members: vec![("user".to_owned(), Node::Object(Vec::new()))] };
    assert!(program(Language::PhpGuzzle, &call).contains("'user' => new stdClass(),"));
}

#[test]
fn a_text_that_no_class_file_can_hold_is_put_together() {
    let long = Node::Text("x".repeat(70_000));
    for (language, joined) in
        [(Language::JavaOkhttp, "String.join("), (Language::KotlinRetrofit, "joinToString(")]
    {
        let literal = payload(language, &long, "");
        assert!(literal.contains(joined) && literal.split('"').all(|part| part.len() < 21_845));
    }
}

#[test]
fn a_payload_in_one_line_is_the_same_payload() {
    let text = |text: &str| Node::Text(text.to_owned());
    let expression = |kind| Node::Expression("count".to_owned(), kind);
    let inner =
        vec![("name".to_owned(), text("it's_\"$x\"`")), ("uid".to_owned(), expression(ParamKind::Integer))];
    let node = Node::Object(vec![
        ("token".to_owned(), Node::Written("secret".to_owned())),
        ("user".to_owned(), Node::Object(inner)),
        ("none".to_owned(), Node::Object(Vec::new())),
        ("list".to_owned(), Node::List(vec![Node::Integer(7), Node::Null])),
    ]);
    let bare = |text: String| text.replace([' ', '\n', '\t'], "").replace(",}", "}").replace(",]", "]");
    for language in Language::ALL {
        let written = line(language, &node);
        assert!(!written.contains('\n'), "{written}");
        assert_eq!(bare(written), bare(payload(language, &node, "")), "{language:?}");
    }
}

#[test]
fn json_in_go_is_joined_with_what_expressions_give() {
    let node = Node::Object(vec![
        ("token".to_owned(), Node::Written("token".to_owned())),
        ("name".to_owned(), Node::Text("a`b\"c".to_owned())),
        ("uid".to_owned(), Node::Expression("uid".to_owned(), ParamKind::Integer)),
    ]);
    let expected = r#"`{"token":"` + token + `","name":"a\u0060b\"c","uid":` + uid + `}`"#;
    assert_eq!(joined_in_go(&node), expected);
}
