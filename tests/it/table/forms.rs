//! The forms of the JSON side: what each changes, and which may be combined.

use std::collections::BTreeSet;

use mesigate::protocol::document::Fault;
use mesigate::protocol::ops::Table;
use serde_json::{Value, json};

use super::{cause, sends, shipped};

fn in_forms(profiles: &[&str]) -> Result<Table, Vec<Fault>> {
    let profiles: Vec<String> = profiles.iter().map(|form| (*form).to_owned()).collect();
    Table::load(None, &profiles)
}

#[test]
fn each_form_changes_its_own_members_and_nothing_else() {
    let cases = [
        (
            "group.permissions",
            "op=groupadd&name=x&flag=0xE2",
            json!({ "name": "x", "flags": 226 }),
            json!({ "name": "x", "permissions": { "send": 2, "recv": 2, "pub": 0, "sub": 0, "list": 0 }, "flags": 192 }),
        ),
        (
            "group.permissions",
            "op=groupset&gid=7&flag=0x11",
            json!({ "gid": 7, "flags": 17 }),
            json!({ "gid": 7, "permissions": { "send": 1, "recv": 1, "pub": 0, "sub": 0, "list": 0 }, "flags": 0 }),
        ),
        (
            "group.delete",
            "op=groupeditmembers&gid=7&m=a&cs=1&delete=1",
            json!({ "gid": 7, "members": { "m": "a", "remove": true } }),
            json!({ "gid": 7, "members": { "m": "a" }, "delete": 1 }),
        ),
        (
            "group.duration",
            "op=groupadd&expiry=60&expiryext=5",
            json!({ "expiry": 60, "expiryext": 5 }),
            json!({ "duration": 60, "expiryext": 5 }),
        ),
        (
            "group.duration",
            "op=groupset&gid=7&expiry=60",
            json!({ "gid": 7, "expiry": 60 }),
            json!({ "gid": 7, "duration": 60 }),
        ),
        (
            "members.type",
            "op=groupeditmembers&gid=7&m=a&type=2",
            json!({ "gid": 7, "type": 2, "members": { "m": "a" } }),
            json!({ "gid": 7, "members": { "m": "a", "type": 2 } }),
        ),
        (
            "members.type",
            "op=groupset&gid=7&type=2",
            json!({ "gid": 7, "type": 2 }),
            json!({ "gid": 7, "members": { "type": 2 } }),
        ),
    ];
    for (form, query, default, other) in &cases {
        assert_eq!(group(&[], query), *default, "{query}");
        assert_eq!(group(&[form], query), *other, "{form}: {query}");
    }
    let shown: BTreeSet<&str> = cases.iter().map(|(form, ..)| *form).collect();
    let questions = shipped().profiles;
    let others: BTreeSet<&str> = questions.iter().flat_map(|forms| &forms[1..]).map(String::as_str).collect();
    assert_eq!(shown, others, "every form that is no default is shown");
}

/// What a request sends under `/group` with these forms.
fn group(profiles: &[&str], query: &str) -> Value {
    let table = in_forms(profiles).expect("known forms");
    sends(&table, query).expect("it is served")["group"].take()
}

#[test]
fn the_first_form_of_each_question_is_the_default() {
    let firsts: Vec<String> = shipped().profiles.iter().map(|forms| forms[0].clone()).collect();
    let named = Table::load(None, &firsts).expect("known forms");
    let rows =
        |table: &Table| table.operations().iter().map(|found| format!("{:?}", found.row)).collect::<Vec<_>>();
    assert_eq!(rows(&named), rows(&shipped()));
}

#[test]
fn adding_members_is_the_same_in_both_forms_of_removing_them() {
    let query = "op=groupeditmembers&gid=7&m=a,b&cs=1&cr=0&delete=0";
    let members = json!({ "m": "a,b", "permissions": { "send": true, "recv": false } });
    for form in ["members.remove", "group.delete"] {
        assert_eq!(group(&[form], query), json!({ "gid": 7, "members": members }), "{form}");
    }
}

#[test]
fn flags_for_which_the_numbers_have_no_place_are_refused_and_not_cut() {
    let table = in_forms(&["group.permissions"]).expect("sound");
    for flag in ["0x400", "0x80000", "-1"] {
        let refused = sends(&table, &format!("op=groupadd&flag={flag}"));
        assert_eq!(cause(refused), "`flag` has bits beyond 0x733ff, for which the JSON API has no place");
    }
}

#[test]
fn a_form_that_the_table_does_not_know_is_refused() {
    let faults = in_forms(&["group.perms"]).expect_err("it is refused");
    assert_eq!(faults.len(), 1);
    let told = faults[0].to_string();
    assert!(
        told.starts_with("the setting `profiles`: `group.perms` is no form that the table knows; known: ")
    );
    assert!(told.contains("group.permissions"), "{told}");
}

#[test]
fn two_forms_of_one_question_are_refused() {
    let faults = in_forms(&["group.flags", "group.permissions"]).expect_err("they are refused");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = r#"the setting `profiles`: ["group.flags", "group.permissions"] are forms of the same thing; choose one"#;
    assert_eq!(told, [expected]);
}
