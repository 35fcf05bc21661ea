use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Comparison, DifferenceKind, Incomparable, Settings, Which, compare, read};
use crate::protocol::explain::{Explained, explain};
use crate::protocol::ops::{Destination, Need, Operation, Param, ParamKind, Table};
use crate::protocol::translate::request::Understood;

fn table(profiles: &[&str]) -> Table {
    let profiles: Vec<String> = profiles.iter().map(|form| (*form).to_owned()).collect();
    Table::load(None, &profiles).expect("a sound table")
}

fn compared(table: &Table, is_cloud: bool, old: &str, new: &str) -> Result<Comparison, Incomparable> {
    let old = read(old.as_bytes()).expect("an old call");
    let new = read(new.as_bytes()).expect("a new call");
    compare(&old, &new, &Settings { table, most_pairs: 64, is_cloud })
}

/// Every difference as its path and its kind.
fn told(comparison: &Comparison) -> Vec<String> {
    let tell = |difference: &super::Difference| format!("{} {}", difference.path, difference.kind.word());
    comparison.differences.iter().map(tell).collect()
}

/// Old calls, new calls, and the differences.
const CASES: [(&str, &str, &[&str]); 18] = [
    ("op=userdel&token=T&uid=5", r#"{"op":"userdel","token":"$T","user":{"uid":5}}"#, &[]),
    ("op=DelUser&token=T&uid=0x10", r#"{"user":{"uid":16},"token":"U","op":"userdel"}"#, &[]),
    (
        "op=deltoken&token=T&uid=5",
        r#"{"op":"userset","token":"T","user":{"token":{"remove":true},"uid":5}}"#,
        &[],
    ),
    (
        "op=userset&token=T&addr=a",
        r#"{"op":"userset","token":"T","user":{"address":"a","uid":0,"token":{"remove":false}}}"#,
        &[],
    ),
    (
        "op=groupset&token=T&gid=7&m=+a,b,,a&cs=1",
        r#"{"op":"groupset","token":"T","group":{"gid":7,"members":{"m":"b, a","permissions":{"send":true}}}}"#,
        &[],
    ),
    (
        "op=groupgetmembers&token=T&gid=7&count=90",
        r#"{"op":"groupgetmembers","token":"T","group":{"gid":7},"count":500}"#,
        &[],
    ),
    (
        "op=userdel&token=T&uid=5&id=3&sig=none",
        r#"{"op":"userdel","token":"T","id":3,"user":{"uid":5}}"#,
        &[],
    ),
    ("op=userdel&token=T&uid=5", r#"{"op":"userdel","token":"T","id":null,"user":{"uid":5}}"#, &[]),
    ("op=userdel&token=T&uid=5", r#"{"op":"userdel","token":"T","user":{"uid":"5"}}"#, &["user.uid type"]),
    ("op=userdel&token=T&uid=5", r#"{"op":"userdel","token":"T","user":{"uid":5.0}}"#, &["user.uid type"]),
    (
        "op=userdel&token=T&uid=5",
        r#"{"op":"userdel","token":"T","user":{"uid":18446744073709551615}}"#,
        &["user.uid value"],
    ),
    ("op=userdel&token=T&uid=5", r#"{"op":"userdel","token":"T","user":5}"#, &["user type"]),
    (
        "op=userdel&token=T&uid=5&id=3",
        r#"{"op":"deluser","user":{"uid":6},"id":"3"}"#,
        &["op value", "token missing", "id type", "user.uid value"],
    ),
    (
        "op=userdel&token=T&uid=5",
        r#"{"op":"userdel","token":"","id":0,"user":{"address":"a"}}"#,
        &["token missing", "id more", "user.uid missing", "user.address more"],
    ),
    (
        "op=useradd&token=T&addr=a&appid=x",
        r#"{"op":"useradd","token":"T","user":{"address":" a"}}"#,
        &["user.address value", "user.token.appid missing"],
    ),
    (
        "op=groupset&token=T&gid=7&m=a",
        r#"{"op":"groupset","token":"T","group":{"gid":7,"members":{"m":["a"]}}}"#,
        &["group.members.m type"],
    ),
    (
        "op=groupset&token=T&gid=7&active=1",
        r#"{"op":"groupset","token":"T","group":{"gid":7,"active":1,"permissions":{"send":1}},"a.b":{}}"#,
        &["group.active type", "group.permissions.send beyond-the-old-door", "\"a.b\" beyond-the-old-door"],
    ),
    (
        "op=userset&token=T&addr=a",
        r#"{"op":"userset","token":"T","user":{"address":"a","token":{}}}"#,
        &["user.token more"],
    ),
];

#[test]
fn calls_that_mean_the_same_are_the_same_and_others_are_told_by_field() {
    let table = table(&[]);
    for (old, new, expected) in CASES {
        let comparison = compared(&table, true, old, new).expect("two calls");
        assert_eq!(told(&comparison), expected, "{old} and {new}");
        assert_eq!(comparison.is_same(false), expected.is_empty());
    }
}

#[test]
fn what_upstream_lowers_is_the_same_in_the_cloud_alone() {
    let table = table(&[]);
    let (old, new) = (
        "op=groupgetmembers&token=T&gid=7&count=90",
        r#"{"op":"groupgetmembers","token":"T","group":{"gid":7},"count":20}"#,
    );
    for (is_cloud, is_same) in [(true, true), (false, false)] {
        assert_eq!(compared(&table, is_cloud, old, new).expect("two calls").is_same(false), is_same);
    }
}

#[test]
fn a_member_beyond_the_old_door_may_be_allowed_and_one_of_an_old_parameter_never_is() {
    let table = table(&[]);
    for (new, is_allowed) in [
        (r#"{"op":"userdel","token":"T","user":{"uid":5},"trace":"x"}"#, true),
        (r#"{"op":"userdel","token":"T","user":{"uid":5,"reason":{"why":"x"}}}"#, true),
        (r#"{"op":"userdel","token":"T","user":{"uid":5,"address":"x"}}"#, false),
        (r#"{"op":"userdel","token":"T","user":{"uid":6},"trace":"x"}"#, false),
    ] {
        let comparison = compared(&table, true, "op=userdel&token=T&uid=5", new).expect("two calls");
        assert!(!comparison.is_same(false), "{new}");
        assert_eq!(comparison.is_same(true), is_allowed, "{new}");
    }
}

#[test]
fn a_call_that_would_be_refused_is_told_with_its_reason() {
    let table = table(&[]);
    let (old, new) = ("op=userdel&token=T&uid=5", r#"{"op":"userdel","token":"T","user":{"uid":5}}"#);
    for (old, new, which, words) in [
        (new, new, Which::Old, "it is JSON already"),
        ("op=userdel&token=T", new, Which::Old, "`uid` or `addr` is missing"),
        ("op=userdel&uid=5", new, Which::Old, "`token` is missing"),
        ("op=userdell&token=T", new, Which::Old, "did you mean userdel?"),
        (old, old, Which::New, "it is an old call too"),
        (old, r#"{"user":{"uid":5}}"#, Which::New, "its JSON has no `op`"),
        (old, r#"{"op":"userdel","token":"T","user":{"uid":5"#, Which::New, "ends too early"),
        (old, r#"{"op":"userdel","op":"userdel"}"#, Which::New, "twice"),
        (old, r#"{"op":"userdel","user":{"uid":5,"uid":6}}"#, Which::New, "stands twice"),
        (old, r#"{"op":"userdel","token":7}"#, Which::New, "`token` is not a JSON string"),
    ] {
        let refused = compared(&table, true, old, new).expect_err("no comparison");
        assert!(refused.which == which && refused.why.contains(words), "{old} {new}: {}", refused.why);
    }
}

#[test]
fn every_way_of_writing_a_call_down_is_read() {
    let table = table(&[]);
    let json = r#"{"op":"message","token":"T","message":{"from":"b","to":"a","message":"GET / HTTP/1.1"}}"#;
    for old in [
        "op=message&token=T&from=b&to=a&msg=GET+/+HTTP/1.1",
        "https://api.mesibo.com/api.php?op=message&token=T&from=b&to=a&msg=GET+/+HTTP/1.1",
        "curl https://h/api.php -A 'x HTTP/1.1' -d op=message -d token=T -d from=b -d to=a --data-urlencode 'msg=GET / HTTP/1.1'",
        "GET /api.php?op=message&token=T&from=b&to=a&msg=GET+/+HTTP/1.1 HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        for new in [
            json.to_owned(),
            format!("\u{feff}\n{}\n", json.replace(',', ",\n")),
            format!("curl https://h/ --json '{json}'"),
            format!("POST / HTTP/1.1\nContent-Type: application/json\n\n{json}"),
        ] {
            let comparison = compared(&table, true, old, &new).expect("two calls");
            assert_eq!(told(&comparison), [""; 0], "{old} {new}");
        }
    }
    assert!(read(b" \n").is_err() && read(b"\xff").is_err() && read(b"word").is_err());
}

#[test]
fn no_token_is_shown_wherever_it_stands() {
    let table = table(&[]);
    let (mine, theirs) = ("kept-secret-1", "kept-secret-2");
    let old = format!("op=useradd&token={mine}&addr=a&appid={mine}&{mine}=1");
    let new = format!(
        r#"{{"op":"useradd","token":"{theirs}","user":{{"address":"{theirs} x","token":"kept-secret-3","{mine}":["{theirs}"],"apiToken":"kept-secret-4"}}}}"#
    );
    let comparison = compared(&table, true, &old, &new).expect("two calls");
    assert_eq!((comparison.differences.len(), comparison.dropped.len()), (4, 1));
    assert!(!format!("{comparison:?}").contains("kept-secret"), "{comparison:?}");
}

/// A text of the parameter's type, as an old client writes it.
fn written(param: &Param, number: u32) -> String {
    match param.kind {
        ParamKind::Integer if matches!(param.target, Destination::Split(_)) => format!("{}", number % 8),
        ParamKind::Integer if number.is_multiple_of(3) => format!("0x{:x}", 1 + number % 19),
        ParamKind::Integer => format!("{}", 1 + number % 19),
        ParamKind::Boolean | ParamKind::Bit => "1".to_owned(),
        ParamKind::Text => format!("te\"x\\t{number}"),
        ParamKind::List => format!("a{number},+b{number}"),
    }
}

/// A form of the operation, with the parameters whose bit in `chosen` is set and all that are needed.
fn form(operation: &Operation, chosen: u64, number: u32) -> String {
    let mut form = format!("op={}&token=T&id={number}", operation.row.name);
    for (slot, param) in operation.plan.params.iter().enumerate() {
        if chosen >> slot & 1 == 1 || param.need != Need::Optional {
            let name = param.names().nth(number as usize % param.names().count()).expect("a name");
            let _ = write!(form, "&{name}={}", written(param, number));
        }
    }
    form
}

/// A curl command for a shell, with the token from its environment.
fn curl(json: &str) -> String {
    let quoted = json.replace('\'', r"'\''").replace("another", r#"'"$MESIBO_APP_TOKEN"'"#);
    format!("curl https://api.example/ -H 'Content-Type: application/json' \\\n  -d '{quoted}'")
}

/// Every leaf below a value, as a JSON pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

fn parent<'v>(json: &'v mut Value, leaf: &str) -> (&'v mut Map<String, Value>, String) {
    let (above, name) = leaf.rsplit_once('/').expect("a pointer");
    let members = json.pointer_mut(above).and_then(Value::as_object_mut).expect("an object");
    (members, name.to_owned())
}

/// Another value of the same type, and a value of another type.
fn others(value: &Value) -> [Value; 2] {
    match value {
        Value::Number(number) => {
            [json!(number.as_i64().map_or(0, |number| number ^ 1)), json!(number.to_string())]
        }
        Value::Bool(truth) => [json!(!truth), json!(u8::from(*truth))],
        Value::String(text) => [json!(format!("{text},c")), json!([text])],
        other => panic!("{other} is no leaf"),
    }
}

proptest! {
    #[test]
    fn a_form_means_its_own_translation_and_any_one_change_is_found_and_named(
        (operation, chosen, number, leaf, is_cloud, form_of) in
            (any::<prop::sample::Index>(), any::<u64>(), 0..100_000_u32, any::<prop::sample::Index>(), any::<bool>(), 0..4_usize)
    ) {
        let profiles = [&[][..], &["group.permissions"], &["group.delete", "group.duration"], &["members.type"]];
        let table = table(profiles[form_of]);
        let operation = operation.get(table.operations());
        let form = form(operation, chosen, number);
        let sample = read(form.as_bytes()).expect("a form");
        let Ok(Explained::Legacy { operation, form: read }) = explain(&sample, &table, 64) else {
            panic!("{form} is refused");
        };
        let understood = Understood::understand(operation, &table, &read);
        let understood = understood.unwrap_or_else(|_| panic!("{form}"));
        let bytes = understood.write(operation, "another");
        let json: Value = serde_json::from_slice(&bytes).expect("JSON");
        let compared = |new: &Value| compared(&table, is_cloud, &form, &new.to_string());
        prop_assert_eq!(told(&compared(&json).expect("two calls")), [""; 0]);
        let shown = curl(&String::from_utf8(bytes).expect("text"));
        prop_assert_eq!(told(&self::compared(&table, is_cloud, &form, &shown).expect("two calls")), [""; 0]);

        let mut found = Vec::new();
        leaves(&json, "", &mut found);
        let at = leaf.get(&found);
        let path = at[1..].replace('/', ".");
        let [value, other_type] = others(json.pointer(at).expect("a leaf"));
        let mut changes = vec![];
        if !["/op", "/token"].contains(&at.as_str()) {
            changes.push((Some(other_type), DifferenceKind::Type, path.clone()));
        }
        if at != "/token" {
            changes.push((Some(value), DifferenceKind::Value, path.clone()));
        }
        if at != "/op" {
            changes.push((None, DifferenceKind::Missing, path));
        }
        for (value, kind, path) in changes {
            let mut new = json.clone();
            let (members, name) = parent(&mut new, at);
            match value {
                Some(value) => members.insert(name, value),
                None => members.remove(&name),
            };
            let comparison = compared(&new).map_err(|refused| TestCaseError::fail(refused.why))?;
            prop_assert_eq!(told(&comparison), [format!("{path} {}", kind.word())], "{} and {}", form, new);
        }
        let mut new = json.clone();
        let (members, _) = parent(&mut new, at);
        members.insert("stranger".to_owned(), json!(number));
        let comparison = compared(&new).expect("two calls");
        let path = format!("{}.stranger", at.rsplit_once('/').expect("a pointer").0.replace('/', "."));
        let expected = format!("{} beyond-the-old-door", path.trim_start_matches('.'));
        prop_assert_eq!(told(&comparison), [expected], "{} and {}", form, new);
    }
}
