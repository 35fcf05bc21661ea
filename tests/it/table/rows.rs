//! What must hold for every row, whatever form of the JSON side is chosen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mesigate::protocol::ops::{Destination, Need, Operation, Param, Shape, Table};

use super::{sends, shipped};

/// mesibo's page: each operation with its parameters, besides `op`, `token` and `id`.
const PAGE: [(&str, &[&str]); 10] = [
    ("useradd", &["addr", "appid", "expiry", "active", "name", "groups"]),
    ("userset", &["uid", "flag", "active"]),
    ("userdel", &["uid"]),
    ("deltoken", &["uid"]),
    ("groupadd", &["name", "flag", "expiry", "expiryext", "active"]),
    ("groupset", &["gid", "type", "name", "flag", "expiry", "expiryext", "active"]),
    ("groupdel", &["gid"]),
    ("groupeditmembers", &["gid", "type", "m", "cs", "cr", "canpub", "cansub", "canlist", "delete"]),
    ("groupgetmembers", &["gid", "count"]),
    ("message", &["from", "to", "gid", "type", "expiry", "when", "msg"]),
];

/// Parameters that are times, with the unit that the page gives each.
const TIMES: [(&str, &str, &str); 9] = [
    ("useradd", "expiry", "minutes"),
    ("groupadd", "expiry", "seconds"),
    ("groupadd", "duration", "seconds"),
    ("groupadd", "expiryext", "seconds"),
    ("groupset", "expiry", "seconds"),
    ("groupset", "expiryext", "seconds"),
    ("message", "expiry", "seconds"),
    ("message", "when", "seconds"),
    ("otp", "expiry", "seconds"),
];

/// Vector files that belong to no single operation.
const GENERAL_VECTORS: [&str; 6] = ["answers", "envelope", "form", "json-door", "policies", "resilience"];

/// The table in every combination of forms.
fn in_all_forms() -> Vec<Table> {
    let mut choices: Vec<Vec<String>> = vec![Vec::new()];
    for question in shipped().profiles {
        let longer = |choice: &Vec<String>| {
            let choice = choice.clone();
            question
                .iter()
                .map(move |form| choice.iter().chain([form]).cloned().collect())
                .collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(longer).collect();
    }
    choices.iter().map(|choice| Table::load(None, choice).expect("every combination is sound")).collect()
}

fn names(operation: &Operation) -> impl Iterator<Item = &String> {
    std::iter::once(&operation.row.name).chain(&operation.row.aliases)
}

/// The members that a parameter sets, as text.
fn targets(param: &Param) -> Vec<String> {
    match &param.target {
        Destination::Nowhere => Vec::new(),
        Destination::At(at) => vec![at.to_string()],
        Destination::Split(parts) => parts.iter().map(|part| part.at.to_string()).collect(),
    }
}

fn param<'t>(table: &'t Table, operation: &str, name: &str) -> &'t Param {
    let found = table.find(operation).expect("an operation").row.params.iter();
    let mut found = found.filter(|param| param.names().any(|known| known == name));
    found.next().unwrap_or_else(|| panic!("{operation} has no {name}"))
}

#[test]
fn each_name_and_alias_is_one_operations() {
    let table = shipped();
    let mut seen = BTreeSet::new();
    for name in table.operations().iter().flat_map(names) {
        assert!(seen.insert(name.clone()), "{name} is two operations'");
    }
    for refused in &table.refused {
        assert!(
            seen.insert(refused.name.clone()),
            "{} is refused and served, or refused twice",
            refused.name
        );
    }
}

#[test]
fn each_parameter_name_is_one_parameters_of_its_operation() {
    for table in in_all_forms() {
        for operation in table.operations() {
            // `op`, `token` and `id` belong to the envelope.
            let mut seen = BTreeSet::from(["op", "token", "id"]);
            for name in operation.row.params.iter().flat_map(Param::names) {
                assert!(seen.insert(name), "{}: {name} is there twice", operation.row.name);
            }
        }
    }
}

#[test]
fn a_name_that_every_operation_ignores_is_no_parameter_of_any() {
    let table = shipped();
    let mut seen = BTreeSet::new();
    for ignored in &table.ignored {
        assert!(seen.insert(&ignored.name), "{} is ignored twice", ignored.name);
        let is_param = |operation: &&Operation| operation.plan.slot(&ignored.name).is_some();
        assert!(!table.operations().iter().any(|operation| is_param(&operation)), "{}", ignored.name);
    }
}

#[test]
fn names_are_written_as_they_are_compared() {
    let table = shipped();
    let operations = table.operations().iter().flat_map(names).map(String::as_str);
    let params = table.operations().iter().flat_map(|operation| &operation.row.params).flat_map(Param::names);
    let others = table.ignored.iter().chain(&table.refused).map(|named| named.name.as_str());
    for name in operations.chain(params).chain(others) {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        assert!(!name.is_empty() && name.chars().all(plain), "{name}");
    }
}

#[test]
fn find_takes_a_name_in_any_case() {
    let table = shipped();
    for name in ["groupeditmembers", "GROUPEDITMEMBERS", "GroupEditMembers"] {
        assert_eq!(table.find(name).expect("an operation").row.name, "groupeditmembers");
    }
    assert_eq!(table.find("GetMembers").expect("an alias").row.name, "groupgetmembers");
    assert_eq!(table.find("DELUSER").expect("an alias").row.name, "userdel");
    for name in ["", "useradd ", "user add", "usersget"] {
        assert!(table.find(name).is_none(), "{name}");
    }
}

#[test]
fn every_pointer_is_sound_in_every_form() {
    for table in in_all_forms() {
        for operation in table.operations() {
            let row = &operation.row;
            let fixed = row.fixed.iter().map(|fixed| fixed.at.to_string());
            // A parameter that is void beside another may share its place, since both are never present together.
            let shares = |param: &&Param| {
                let switch = row.params.iter().find(|other| Some(&other.name) == param.off_with.as_ref());
                switch.is_some_and(|switch| targets(switch) == targets(param))
            };
            let params = row.params.iter().filter(|param| !shares(param));
            let members: Vec<String> = fixed.chain(params.flat_map(targets)).collect();
            assert_sound(&row.name, &members);
        }
    }
}

/// Each pointer is a JSON pointer into a payload of the API, and none is a prefix of another.
fn assert_sound(operation: &str, pointers: &[String]) {
    for (number, pointer) in pointers.iter().enumerate() {
        let payload = pointer.strip_prefix('/').and_then(|rest| rest.split('/').next());
        let known = ["user", "group", "message", "otp", "count"];
        assert!(payload.is_some_and(|payload| known.contains(&payload)), "{operation}: {pointer}");
        assert!(!pointer.contains("//") && !pointer.ends_with('/'), "{operation}: {pointer}");
        for other in &pointers[number + 1..] {
            let (one, other) = (format!("{pointer}/"), format!("{other}/"));
            assert!(!one.starts_with(&other) && !other.starts_with(&one), "{operation}: {one} and {other}");
        }
    }
}

#[test]
fn what_stands_in_for_a_missing_member_has_that_members_type() {
    for operation in shipped().operations() {
        for field in &operation.row.answer {
            let Some(fill) = &field.fill else { continue };
            let kind = operation.row.params.iter().find(|param| param.name == *fill).expect("it").kind;
            assert_eq!(kind.word(), field.shape.word(), "{}: {}", operation.row.name, field.at);
        }
    }
}

#[test]
fn every_operation_has_a_file_of_vectors_and_every_file_an_operation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let text = files.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let stems: BTreeSet<String> =
        text.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    let operations = shipped();
    let operations = operations.operations().iter().map(|operation| operation.row.name.clone());
    let expected: BTreeSet<String> = operations.chain(GENERAL_VECTORS.map(str::to_owned)).collect();
    assert_eq!(stems, expected);
}

#[test]
fn everything_says_what_it_is_in_one_line() {
    for table in in_all_forms() {
        let params = table.operations().iter().flat_map(|operation| &operation.row.params);
        let params = params.map(|param| (param.name.as_str(), param.doc.as_str()));
        let rows = table.operations().iter().map(|operation| (&*operation.row.name, &*operation.row.summary));
        let others = table.ignored.iter().chain(&table.refused).map(|named| (&*named.name, &*named.doc));
        for (name, doc) in params.chain(rows).chain(others) {
            let words = doc.split_whitespace().count();
            assert!(words >= 2 && !doc.contains('\n') && !doc.ends_with('.'), "{name}: `{doc}`");
        }
    }
}

#[test]
fn every_time_says_in_which_unit_it_is() {
    for table in in_all_forms() {
        let mut times = Vec::new();
        for operation in table.operations() {
            let of_time =
                |param: &&Param| ["expiry", "expiryext", "duration", "when"].contains(&param.name.as_str());
            for param in operation.row.params.iter().filter(of_time) {
                let unit = unit(&param.doc).unwrap_or_else(|| panic!("no unit in `{}`", param.doc));
                times.push((operation.row.name.clone(), param.name.clone(), unit));
            }
        }
        let expected = TIMES.map(|(operation, param, unit)| (operation.to_owned(), param.to_owned(), unit));
        assert_eq!(times, expected);
    }
}

/// The one unit that a line of documentation names.
fn unit(doc: &str) -> Option<&'static str> {
    let mut named = ["seconds", "minutes", "hours"].into_iter().filter(|unit| doc.contains(unit));
    named.next().filter(|_| named.next().is_none())
}

#[test]
fn every_parameter_of_the_page_goes_somewhere() {
    for table in in_all_forms() {
        for (operation, params) in PAGE {
            for name in params {
                let param = param(&table, operation, name);
                assert_eq!(param.name, *name, "the page's own name comes first");
                assert!(!targets(param).is_empty(), "{operation}: {name} is dropped");
            }
        }
    }
}

#[test]
fn what_the_page_demands_is_demanded() {
    let table = shipped();
    let required = [
        ("useradd", vec!["addr", "appid"]),
        ("groupset", vec!["gid"]),
        ("groupdel", vec!["gid"]),
        ("groupeditmembers", vec!["gid", "m"]),
        ("groupgetmembers", vec!["gid"]),
        ("message", vec!["from"]),
        ("otp", vec!["addr"]),
    ];
    let required: BTreeMap<&str, Vec<&str>> = required.into_iter().collect();
    for operation in table.operations() {
        let params = operation.row.params.iter().filter(|param| param.need == Need::Required);
        let found: Vec<&str> = params.map(|param| param.name.as_str()).collect();
        assert_eq!(found, required.get(&*operation.row.name).cloned().unwrap_or_default());
    }
}

#[test]
fn the_page_s_flags_in_hex_and_decimal_are_one_number() {
    let table = shipped();
    for operation in ["useradd", "userset", "groupadd", "groupset", "message"] {
        assert_eq!(param(&table, operation, "flag").kind.word(), "integer");
        assert_eq!(param(&table, operation, "flags").name, "flag");
    }
    let hex = sends(&table, "op=groupset&gid=7&flag=0xA1").expect("it is served");
    assert_eq!(hex, sends(&table, "op=groupset&gid=7&flag=161").expect("it is served"));
}

#[test]
fn only_listing_members_changes_nothing() {
    let effects = shipped();
    let effects =
        effects.operations().iter().map(|operation| (&*operation.row.name, operation.row.effect.word()));
    let expected = [
        ("useradd", "issue"),
        ("userset", "converge"),
        ("userdel", "converge"),
        ("deltoken", "converge"),
        ("groupadd", "create"),
        ("groupset", "converge"),
        ("groupdel", "converge"),
        ("groupeditmembers", "converge"),
        ("groupgetmembers", "read"),
        ("message", "create"),
        ("otp", "issue"),
    ];
    assert_eq!(effects.collect::<Vec<_>>(), expected);
}

#[test]
fn a_member_of_an_answer_is_plain_or_a_list_of_plain_ones() {
    for operation in shipped().operations() {
        for field in &operation.row.answer {
            if let Shape::Rows(rows) = &field.shape {
                assert!(!rows.is_empty() && !rows.iter().any(|row| matches!(row.shape, Shape::Rows(_))));
            }
        }
    }
}
