//! What the scan for limits finds, and what it refuses.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::{SeenFacts, look};
use crate::protocol::ops::Table;
use crate::protocol::reject::Reject;

/// A request may have a hundred thousand names. A read allocates for the reader and for the text.
#[test]
fn a_name_takes_no_memory_and_one_that_is_escaped_is_read_once() {
    let table = Table::shipped().expect("a table");
    let plan = &table.find("groupeditmembers").expect("an operation").plan;
    for (name, most) in [("a", 8), ("\\n", 2008)] {
        let names = format!(",\"{name}\":1").repeat(1000);
        for payload in [
            format!(r#"{{"op":"groupeditmembers"{names}}}"#),
            format!(r#"{{"op":"groupeditmembers","group":{{"gid":1,"members":{{"m":"a"{names}}}}}}}"#),
        ] {
            let found = allocation_counter::measure(|| assert!(look(&payload, plan, 64).is_ok()));
            assert!(found.count_total <= most, "{name:?}: {}", found.count_total);
        }
    }
}

fn seen<'a>(op: &str, payload: &'a str) -> Result<SeenFacts<'a>, Reject> {
    let table = Table::shipped().expect("a table");
    look(payload, &table.find(op).expect("an operation").plan, 64)
}

fn members(group: &str) -> Option<u32> {
    let payload = format!(r#"{{"op":"groupeditmembers","token":"T","group":{group}}}"#);
    seen("groupeditmembers", &payload).ok().map(|seen| seen.members)
}

#[test]
fn a_list_counts_whatever_its_shape() {
    let fifty = (0..50).map(|number| format!("u{number}")).collect::<Vec<_>>();
    let (text, list) = (fifty.join(","), format!("[\"{}\"]", fifty.join("\",\"")));
    let object = fifty.iter().enumerate().map(|(at, member)| format!("\"{at}\":\"{member}\""));
    let object = object.collect::<Vec<_>>().join(",");
    for group in [
        format!(r#"{{"gid":7,"members":{{"m":"{text}"}}}}"#),
        format!(r#"{{"gid":7,"members":{{"m":{list}}}}}"#),
        format!(r#"{{"gid":7,"members":{{"m":["{text}"]}}}}"#),
        format!(r#"{{"gid":7,"members":{{"m":[[{list}]]}}}}"#),
        format!(r#"{{"gid":7,"members":{{"m":{{{object}}}}}}}"#),
        format!(r#"{{"gid":7,"m":"{text}"}}"#),
        format!(r#"{{"gid":7,"x":{{"members":{{"m":{list}}}}}}}"#),
        format!(r#"{{"gid":7,"members":{{"m":"{}"}}}}"#, text.replace(',', "\\u002C")),
        format!(r#"{{"gid":7,"members":{{"m":["{}"]}}}}"#, text.replace(',', "\\u002c")),
        format!(r#"{{"gid":7,"members":{{"m":{{"x":[{{"y":{list}}}]}}}}}}"#),
        format!(r#"{{"gid":7,"members":{{"{text}":null}}}}"#),
        format!(r#"{{"gid":7,"x":{{"m\ud800":{list}}}}}"#),
    ] {
        assert!(members(&group).is_some_and(|count| count >= 50), "{group}");
    }
    assert_eq!(members(&format!(r#"{{"gid":7,"members":{{"m":"{text}"}}}}"#)), Some(50));
    assert_eq!(members(&format!(r#"{{"gid":7,"members":{{"m":{list}}}}}"#)), Some(50));
    assert_eq!(members(r#"{"gid":7,"name":"a,b"}"#), Some(0));
}

#[test]
fn what_is_empty_counts_wherever_a_reader_may_count_it() {
    for (list, count) in [
        (r#""""#, 0),
        (r#"" , ""#, 0),
        (r#""a,,b,""#, 2),
        ("null", 0),
        ("[]", 0),
        ("false", 1),
        (r#"["",""]"#, 2),
        (r#"["a",""," "]"#, 3),
        (r#"["a,,b"]"#, 3),
        (r#"[["",""],""]"#, 3),
        ("[[],{},null,false]", 4),
        (r#"[[[]],[["",""]]]"#, 3),
        (r#"{"":""}"#, 2),
        (r#"["a\u002C\u002c","\\"]"#, 4),
    ] {
        assert_eq!(members(&format!(r#"{{"gid":7,"members":{{"m":{list}}}}}"#)), Some(count), "{list}");
    }
}

#[test]
fn nothing_hides_below_a_tower_of_brackets() {
    for tower in [("[", "]"), ("{\"a\":[", "]}")] {
        let tower = format!("{}{}", tower.0.repeat(70), tower.1.repeat(70));
        for group in [
            format!(r#"{{"gid":7,"members":{{"m":{tower}}}}}"#),
            format!(r#"{{"gid":7}},"x":{tower},"y":{{}}"#),
            format!(r#"{{"x":{tower},"gid":7}}"#),
        ] {
            assert_eq!(
                refused(&group),
                "the JSON has more than 64 objects and lists in each other: write it as the API has it"
            );
        }
    }
}

#[test]
fn on_the_way_to_what_is_looked_at_stand_objects_or_nothing() {
    for other in [
        r#"[{"gid":7}]"#,
        "9",
        "0",
        "-1.5",
        r#""x""#,
        r#""""#,
        r#""{\"gid\":9}""#,
        "true",
        "false",
        "[[]]",
        "[null]",
    ] {
        let why = "is no object in the JSON: write it as one, as the API has it";
        assert_eq!(refused(other), format!("`group` {why}"), "{other}");
        assert_eq!(
            refused(&format!(r#"{{"gid":7,"members":{other}}}"#)),
            format!("`members` {why}"),
            "{other}"
        );
    }
    for nothing in ["null", "[]", "[ \n ]", "{}", "{ }"] {
        let none = SeenFacts::default();
        let payload = format!(r#"{{"op":"groupeditmembers","token":"T","group":{nothing}}}"#);
        assert_eq!(seen("groupeditmembers", &payload), Ok(none), "{nothing}");
        assert_eq!(members(&format!(r#"{{"gid":7,"members":{nothing}}}"#)), Some(0), "{nothing}");
    }
}

#[test]
fn a_name_that_is_no_text_is_refused_where_limits_look() {
    for group in [
        r#"{"gid":7,"gid\ud800":8}"#,
        r#"{"\udc00":1,"gid":7}"#,
        r#"{"gid":7,"members":{"m":"a","\ud800m":"b"}}"#,
        r#"{"gid":7},"group\ud800":{"gid":8}"#,
    ] {
        assert_eq!(refused(group), super::HALF, "{group}");
    }
    for group in
        [r#"{"gid":7,"name":"\ud800"}"#, r#"{"gid":7,"x":{"\ud800":1}}"#, r#"{"gid":7,"\ud83d\ude00":1}"#]
    {
        assert!(members(group).is_some(), "{group}");
    }
}

/// Why a request is refused.
#[track_caller]
fn refused(group: &str) -> String {
    let payload = format!(r#"{{"op":"groupeditmembers","token":"T","group":{group}}}"#);
    seen("groupeditmembers", &payload).expect_err("a refusal").cause()
}

#[test]
fn what_is_looked_at_stands_once_and_is_written_as_it_is() {
    for group in [
        r#"{"gid":7,"members":{"m":"u0,u1","m":"a"}}"#,
        r#"{"gid":7,"members":{"m":"u0,u1"},"members":{"m":"a"}}"#,
        r#"{"gid":7,"gid":8,"members":{"m":"a"}}"#,
        r#"{"gid":7},"group":{"gid":8}"#,
        r#"{"gid":7},"Group":{"gid":8}"#,
        r#"{"gid":7},"group\u0000x":{"gid":8}"#,
        r#"{"gid":7,"GID":8}"#,
        r#"{"gid":7,"Members":{"m":"u0,u1"}}"#,
        r#"{"gid":7,"members":{"m":"a","M ":"u0,u1"}}"#,
        "{\"gid\":7,\"member\u{17f}\":{\"m\":\"a\"}}",
        r#"{"gid":7,"\u0000gid":8}"#,
        r#"{"gid":7,"g\u0000id":8}"#,
        r#"{"gid":7,"g\u0131d":8}"#,
        "{\"gid\":7,\"g\u{130}d\":8}",
    ] {
        assert_eq!(members(group), None, "{group}");
    }
}

#[test]
fn a_group_is_a_whole_number_or_none() {
    let group = |gid: &str| {
        let payload = format!(r#"{{"op":"groupdel","token":"T","group":{{"gid":{gid}}}}}"#);
        let seen = seen("groupdel", &payload);
        seen.map(|seen| seen.group).map_err(|reject| reject.properties() == ["gid"])
    };
    for (gid, number) in
        [("7", "7"), ("\"7\"", "7"), ("\" 7\\n\"", "7"), ("-1", "-1"), ("\"-1\"", "-1"), ("0", "0")]
    {
        assert_eq!(group(gid), Ok(Some(number.to_owned())), "{gid}");
    }
    for gid in ["null", "\"\"", "\" \"", "\"seven\"", "\"\\u0000\""] {
        assert_eq!(group(gid), Ok(None), "{gid}");
    }
    for gid in [
        "9.0",
        "9e0",
        "1E1",
        "-0",
        "18446744073709551625",
        "9223372036854775808",
        "true",
        "false",
        "[7]",
        "[]",
        "{}",
        r#"{"7":7}"#,
        r#""9.0""#,
        r#""9x""#,
        r#""+9""#,
        r#""x9""#,
        r#""007""#,
        r#""0x7""#,
        r#""9\ud800""#,
        r#""\ud8009""#,
        r#""\ud800""#,
        r#""\u00a09""#,
        r#""\ufeff9""#,
        r#""\u000b9""#,
        r#""\u00009""#,
        r#""9\u0000""#,
        r#""\u0669""#,
        r#""\uff19""#,
        r#""\u00b2""#,
        r#""- 9""#,
        r#""1,000""#,
        r#""9223372036854775808""#,
        "\"\u{2009}9\"",
    ] {
        assert_eq!(group(gid), Err(true), "{gid}");
    }
}

#[test]
fn a_group_of_zero_is_none_where_it_says_the_same_as_leaving_it_out() {
    for (op, gid, group) in [("message", "0", None), ("message", "\"0\"", None), ("groupset", "0", Some("0"))]
    {
        let member = if op == "message" { op } else { "group" };
        let payload = format!(r#"{{"{member}":{{"gid":{gid}}}}}"#);
        assert_eq!(seen(op, &payload).expect("a group").group.as_deref(), group, "{op}");
    }
}

#[test]
fn a_count_is_a_whole_number_or_none() {
    for (count, number) in
        [("100", Some(100)), ("\"100\"", Some(100)), ("-1", Some(-1)), ("null", None), ("\"\"", None)]
    {
        let payload = format!(r#"{{"group":{{"gid":7}},"count":{count}}}"#);
        let seen = seen("groupgetmembers", &payload).expect("a count");
        assert_eq!(seen.count, number.map(|number| (number, count)), "{count}");
    }
    for count in [
        "100.0",
        "1e3",
        "[100]",
        "{}",
        "true",
        "\"1e3\"",
        "\"0x64\"",
        "18446744073709551615",
        "\"100\\ud800\"",
    ] {
        let payload = format!(r#"{{"group":{{"gid":7}},"count":{count}}}"#);
        let refused = seen("groupgetmembers", &payload).expect_err("a refusal");
        assert_eq!(refused.properties(), ["count"], "{count}");
    }
}

/// The items of a list, counted by another reader. In a plain text empty items do not count, as with every reader.
fn items(json: &Json) -> usize {
    match json {
        Json::String(text) => text.split(',').filter(|item| !item.trim().is_empty()).count(),
        Json::Null => 0,
        _ => items_inside(json),
    }
}

/// How many members a value inside a list names; empty ones count.
fn items_inside(json: &Json) -> usize {
    let in_text = |text: &str| text.split(',').count();
    match json {
        Json::String(text) => in_text(text),
        Json::Array(items) => items.iter().map(|item| items_inside(item).max(1)).sum(),
        Json::Object(members) => {
            members.iter().map(|(name, value)| in_text(name).max(items_inside(value)).max(1)).sum()
        }
        _ => 1,
    }
}

fn any_list() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        "[a-c, ]{0,9}".prop_map(Json::from),
        any::<i8>().prop_map(Json::from),
        Just(Json::Null),
        any::<bool>().prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map("[a-c]{1,3}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn never_fewer_members_are_counted_than_another_reader_finds(list in any_list(), place in 0..3) {
        let group = match place {
            0 => serde_json::json!({ "gid": 7, "members": { "m": list } }),
            1 => serde_json::json!({ "gid": 7, "members": list }),
            _ => serde_json::json!({ "gid": 7, "x": [{ "m": list }] }),
        };
        if let Some(count) = members(&group.to_string()) {
            let found = items(&list);
            prop_assert!(count as usize >= found, "{count} of {found}");
        }
    }
}
