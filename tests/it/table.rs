//! The operations table tested as a whole, not only its rows: what must hold for every row, whatever
//! form of the JSON side is chosen; what an owner's own table may change; and every way to be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mesigate::protocol::document::Fault;
use mesigate::protocol::ops::{Need, Operation, Param, SHIPPED, Shape, Table, Target};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::own::Own;
use mesigate::protocol::translate::request::Meant;
use mesigate::protocol::translate::response;
use serde_json::{Value, json};

use crate::settings::assert_refused_as_said;

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

/// Parameters that are times, and the unit in which the page has each.
const TIMES: [(&str, &str, &str); 8] = [
    ("useradd", "expiry", "minutes"),
    ("groupadd", "expiry", "seconds"),
    ("groupadd", "expiryext", "seconds"),
    ("groupset", "expiry", "seconds"),
    ("groupset", "expiryext", "seconds"),
    ("message", "expiry", "seconds"),
    ("message", "when", "seconds"),
    ("otp", "expiry", "seconds"),
];

/// Vector files that are no operation's own.
const GENERAL_VECTORS: [&str; 6] = ["answers", "envelope", "form", "json-door", "policies", "resilience"];

fn shipped() -> Table {
    Table::shipped().expect("the shipped table is sound")
}

fn in_forms(profiles: &[&str]) -> Result<Table, Vec<Fault>> {
    let profiles: Vec<String> = profiles.iter().map(|form| (*form).to_owned()).collect();
    Table::load(None, &profiles)
}

/// The shipped table with an owner's file over it.
#[track_caller]
fn with_own(text: &str) -> Table {
    Table::load(Some(("own.toml", text)), &[]).expect("both are sound")
}

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

fn operation<'t>(table: &'t Table, form: &Form) -> Result<&'t Operation, Reject> {
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    table.find(op).ok_or_else(|| table.bad_op(op))
}

/// What upstream gets for a query, without the token.
fn sends(table: &Table, query: &str) -> Result<Value, Reject> {
    let form = Form::read(format!("token=T&{query}").as_bytes(), b"", 128)?;
    let operation = operation(table, &form)?;
    let meant = Meant::understand(operation, table, &form)?;
    let mut json: Value = serde_json::from_slice(&meant.write(operation, "T")).expect("we write JSON");
    assert_eq!(json.as_object_mut().and_then(|members| members.remove("token")), Some("T".into()));
    Ok(json)
}

/// What an old client gets for a query when upstream says this.
fn tells(table: &Table, query: &str, says: &str) -> Value {
    let form = Form::read(format!("token=T&{query}").as_bytes(), b"", 128).expect("a form");
    let operation = operation(table, &form).expect("an operation");
    let meant = Meant::understand(operation, table, &form).expect("a sound request");
    let told = response::legacy(operation, &Own::of(operation, &meant), says.as_bytes()).expect("an answer");
    serde_json::from_slice(&told.body).expect("we write JSON")
}

/// The refusal's sentence.
#[track_caller]
fn cause(refused: Result<Value, Reject>) -> String {
    refused.expect_err("it is refused").cause()
}

fn names(operation: &Operation) -> impl Iterator<Item = &String> {
    std::iter::once(&operation.row.name).chain(&operation.row.aliases)
}

fn param<'t>(table: &'t Table, operation: &str, name: &str) -> &'t Param {
    let found = table.find(operation).expect("an operation").row.params.iter();
    let mut found = found.filter(|param| param.names().any(|known| known == name));
    found.next().unwrap_or_else(|| panic!("{operation} has no {name}"))
}

/// The members that a parameter writes, as text.
fn targets(param: &Param) -> Vec<String> {
    match &param.target {
        Target::Nowhere => Vec::new(),
        Target::At(at) => vec![at.to_string()],
        Target::Split(parts) => parts.iter().map(|part| part.at.to_string()).collect(),
    }
}

// ------------------------------------------------------------------------------------- the whole table

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
            // `op`, `token` and `id` are taken by the envelope.
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
            let members: Vec<String> = fixed.chain(row.params.iter().flat_map(targets)).collect();
            assert_sound(&row.name, &members);
        }
    }
}

/// Each a JSON pointer into a payload of the API, and none on the way to another.
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
            let of_time = |param: &&Param| ["expiry", "expiryext", "when"].contains(&param.name.as_str());
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

// ------------------------------------------------------------------------------- forms of the JSON side

#[test]
fn each_form_changes_its_own_members_and_nothing_else() {
    let cases = [
        (
            "group.permissions",
            "op=groupadd&name=x&flag=0xE2",
            json!({ "name": "x", "flags": 226 }),
            json!({ "name": "x", "permissions": { "send": 2, "recv": 2 }, "flags": 192 }),
        ),
        (
            "group.permissions",
            "op=groupset&gid=7&flag=0x11",
            json!({ "gid": 7, "flags": 17 }),
            json!({ "gid": 7, "permissions": { "send": 1, "recv": 1 }, "flags": 0 }),
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

/// What a request sends under `/group` in the forms that are named.
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
    let refused = sends(&table, "op=groupadd&flag=0x108");
    assert_eq!(cause(refused), "`flag` has bits beyond 0xf7, for which the JSON API has no place");
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

// ----------------------------------------------------------------------------------- the owner's table

/// An operation of an owner's own with these lines as its parameters.
fn with_params(lines: &[&str]) -> Table {
    let head = "[[operation]]\nname = 'roomadd'\nsummary = 'Create a room'\neffect = 'create'";
    with_own(&format!("{head}\nparams = [\n{}\n]\nanswer = []", lines.join(",\n")))
}

/// What a request for that operation sends under `/room`.
fn room(table: &Table, parameters: &str) -> Value {
    let json = sends(table, &format!("op=roomadd&{parameters}")).expect("it is served");
    json.get("room").cloned().unwrap_or_default()
}

/// The sentence with which a request for that operation is refused.
fn room_refused(table: &Table, parameters: &str) -> String {
    cause(sends(table, &format!("op=roomadd&{parameters}")))
}

#[test]
fn an_own_block_of_a_shipped_name_takes_its_place() {
    let table = with_own(
        "[[operation]]\nname = 'userdel'\nsummary = 'Delete a user'\nsends = 'user_delete'\neffect = 'converge'\n\
         params = [{ name = 'uid', to = '/user/number', type = 'integer', need = 'required', doc = 'the user' }]\n\
         answer = [{ at = '/user/uid', from = ['/user/number', '/uid'], type = 'integer' }]",
    );
    let sent = sends(&table, "op=userdel&uid=5&addr=a").expect("it is served");
    assert_eq!(sent, json!({ "op": "user_delete", "user": { "number": 5 } }));
    let told = tells(&table, "op=userdel&uid=5", r#"{"uid":5,"user":{"address":"a"},"result":true}"#);
    assert_eq!(told, json!({ "user": { "uid": 5 }, "op": "userdel", "result": true }));
    assert!(table.find("deluser").is_none(), "the shipped block's alias went with it");
    assert_eq!(table.operations().len(), shipped().operations().len());
    assert_eq!(table.find("userdel").map(|operation| operation.number), Some(2), "it keeps its place");
}

#[test]
fn the_message_s_number_reaches_old_clients_where_an_own_block_says_so() {
    let block =
        SHIPPED.split("[[operation]]").find(|block| block.contains("\"message\"\nsummary")).expect("it");
    let (params, _) = block.split_once("# The page promises").expect("the shipped block says how");
    let own = format!("[[operation]]{params}answer = [{{ at = '/mid', type = 'integer' }}]");
    let (query, says) = ("op=message&from=a&to=b&msg=x", r#"{"mid":1234567,"result":true}"#);
    let told = tells(&with_own(&own), query, says);
    assert_eq!(told, json!({ "mid": 1_234_567, "op": "message", "result": true }));
    assert_eq!(tells(&shipped(), query, says), json!({ "op": "message", "result": true }));
}

#[test]
fn an_own_block_may_move_a_member_to_where_a_client_looks_for_it() {
    let table = with_own(
        "[[operation]]\nname = 'userdel'\nsummary = 'Delete a user'\neffect = 'converge'\n\
         params = [{ name = 'uid', to = '/user/uid', type = 'integer', doc = 'the user' }]\n\
         answer = [{ at = '/uid', from = ['/user/uid'], type = 'integer' }]",
    );
    let told = tells(&table, "op=userdel&uid=5", r#"{"user":{"uid":5},"result":true}"#);
    assert_eq!(told, json!({ "uid": 5, "op": "userdel", "result": true }));
}

#[test]
fn an_own_block_of_a_new_name_is_a_new_operation() {
    let table =
        with_params(&["{ name = 'size', to = '/room/size', type = 'integer', doc = 'how many may enter' }"]);
    assert_eq!(room(&table, "size=5"), json!({ "size": 5 }));
    assert_eq!(table.operations().len(), shipped().operations().len() + 1);
    assert!(sends(&table, "op=userdel&uid=5").is_ok(), "the shipped ones stay");
}

#[test]
fn an_own_table_may_add_names_to_ignore_and_operations_to_refuse() {
    let table = with_own(
        "ignored = [{ name = 'sflags', doc = 'what our helper sends' }]\n\
         refused = [{ name = 'roomlist', doc = 'keep your rooms yourself' }, { name = 'login', doc = 'ask ours' }]",
    );
    let form = Form::read(b"op=userdel&token=T&uid=5&sflags=1&sig=none", b"", 9).expect("a form");
    let meant = Meant::understand(operation(&table, &form).expect("it"), &table, &form).expect("sound");
    let dropped: Vec<_> =
        meant.dropped.iter().map(|dropped| format!("{} {:?}", dropped.name, dropped.why)).collect();
    assert_eq!(dropped, ["sflags Nowhere", "sig Nowhere"]);
    assert!(cause(sends(&table, "op=RoomList")).ends_with(": keep your rooms yourself"));
    assert!(
        cause(sends(&table, "op=login")).ends_with(": ask ours"),
        "an own reason takes the shipped one's place"
    );
    assert!(cause(sends(&table, "op=usersget")).contains("mesibo has no API that lists users"));
}

#[test]
fn an_own_table_may_offer_what_the_shipped_one_refuses() {
    let table = with_own(
        "[[operation]]\nname = 'usersget'\nsummary = 'List users'\neffect = 'read'\nparams = []\nanswer = []",
    );
    assert_eq!(sends(&table, "op=usersget").expect("it is served"), json!({ "op": "usersget" }));
}

#[test]
fn an_own_table_may_ask_questions_of_its_own() {
    let own = "profiles = [['room.name', 'room.title']]\n\
        [[operation]]\nname = 'roomadd'\nsummary = 'Create a room'\neffect = 'create'\nanswer = []\nparams = [\n\
        { name = 'name', profile = 'room.name', to = '/room/name', type = 'text', doc = 'the name' },\n\
        { name = 'name', profile = 'room.title', to = '/room/title', type = 'text', doc = 'the name' },\n]";
    assert_eq!(room(&with_own(own), "name=x"), json!({ "name": "x" }));
    let chosen = ["room.title".to_owned(), "group.duration".to_owned()];
    let table = Table::load(Some(("own.toml", own)), &chosen).expect("both are sound");
    assert_eq!(room(&table, "name=x"), json!({ "title": "x" }));
}

#[test]
fn a_name_of_the_shipped_table_is_refused_with_both_places() {
    let own = "[[operation]]\nname = 'roomdel'\naliases = ['deluser']\nsummary = 's'\neffect = 'converge'\n\
               params = []\nanswer = []";
    let faults = Table::load(Some(("own.toml", own)), &[]).expect_err("it is refused");
    // The block begins on the line before its name: counted from 0, the name's is that line's number.
    let userdel = SHIPPED.lines().position(|line| line == "name    = \"userdel\"").expect("the line");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let place = format!("operations.toml:{userdel}");
    assert_eq!(told, [format!("own.toml:1: `roomdel`: the name `deluser` is taken already, at {place}")]);
}

#[test]
fn max_is_a_number_s_value_a_text_s_bytes_and_a_list_s_items() {
    let table = with_params(&[
        "{ name = 'size', to = '/room/size', type = 'integer', max = 20, doc = 'how many may enter' }",
        "{ name = 'name', to = '/room/name', type = 'text', max = 4, doc = 'the name' }",
        "{ name = 'm', to = '/room/m', type = 'list', max = 2, doc = 'who is in it' }",
    ]);
    let most = json!({ "size": 20, "name": "éé", "m": "a,b" });
    assert_eq!(room(&table, "size=20&name=%20éé%20&m=a,,%20b,"), most);
    assert_eq!(room_refused(&table, "size=21"), "`size` is over the most that is taken, 20");
    assert_eq!(room_refused(&table, "name=ééé"), "`name` is over the most that is taken, 4 bytes");
    assert_eq!(room_refused(&table, "m=a,b,c"), "`m` is over the most that is taken, 2 items");
}

#[test]
fn absent_if_is_compared_with_the_value_and_not_with_its_text() {
    let table = with_params(&[
        "{ name = 'rid', to = '/room/rid', type = 'integer', absent_if = 0, need = 'one-of room', doc = 'the room' }",
        "{ name = 'name', to = '/room/name', type = 'text', absent_if = 'none', need = 'one-of room', doc = 'it' }",
        "{ name = 'open', to = '/room/open', type = 'boolean', absent_if = false, doc = '1 opens it' }",
        "{ name = 'keep', to = '/room/keep', type = 'bit', absent_if = true, doc = '0 forgets it' }",
    ]);
    assert_eq!(room(&table, "rid=5&name=none&open=0&keep=1"), json!({ "rid": 5 }));
    assert_eq!(room(&table, "rid=0x00&name=None&open=FALSE&keep=true"), json!({ "name": "None" }));
    assert_eq!(room(&table, "rid=5&open=1&keep=0"), json!({ "rid": 5, "open": true, "keep": 0 }));
    let refused = room_refused(&table, "rid=00&name=none");
    assert_eq!(refused, "`rid` or `name` is missing: give at least one of them");
}

#[test]
fn off_with_makes_a_parameter_void_when_the_other_is_there() {
    let table = with_params(&[
        "{ name = 'open', to = '/room/open', type = 'boolean', off_with = 'delete', doc = '1 opens it' }",
        "{ name = 'delete', to = '/room/delete', type = 'boolean', absent_if = false, doc = '1 deletes it' }",
    ]);
    assert_eq!(room(&table, "open=1&delete=1"), json!({ "delete": true }));
    assert_eq!(
        room(&table, "open=maybe&delete=1"),
        json!({ "delete": true }),
        "what is void may be unusable"
    );
    assert_eq!(
        room(&table, "open=1&delete=0"),
        json!({ "open": true }),
        "a switch that says no is not there"
    );
    assert!(room_refused(&table, "open=maybe&delete=0").starts_with("`open` is not a yes or no"));
}

#[test]
fn verbatim_keeps_the_white_space_around_a_text() {
    let table = with_params(&[
        "{ name = 'raw', to = '/room/raw', type = 'text', verbatim = true, doc = 'as it is' }",
        "{ name = 'cut', to = '/room/cut', type = 'text', doc = 'without white space around it' }",
    ]);
    assert_eq!(room(&table, "raw=+a+b%0A&cut=+a+b%0A"), json!({ "raw": " a b\n", "cut": "a b" }));
    assert_eq!(room(&table, "raw=+&cut=+"), json!({ "raw": " " }));
    assert_eq!(room(&table, "raw=&cut="), Value::Null, "nothing at all is absent all the same");
}

#[test]
fn bit_reads_as_boolean_does_and_is_written_as_a_number() {
    let table = with_params(&[
        "{ name = 'open', to = '/room/open', type = 'bit', doc = '1 opens it' }",
        "{ name = 'kept', to = '/room/kept', type = 'boolean', doc = '1 keeps it' }",
    ]);
    assert_eq!(room(&table, "open=1&kept=1"), json!({ "open": 1, "kept": true }));
    assert_eq!(room(&table, "open=False&kept=False"), json!({ "open": 0, "kept": false }));
    assert!(room_refused(&table, "open=2").starts_with("`open` is not a yes or no"));
}

#[test]
fn split_gives_each_group_of_bits_a_member_of_its_own() {
    let table = with_params(&["{ name = 'flag', split = [{ to = '/room/send', mask = 0x07 }, \
        { to = '/room/recv', mask = 0x70, shift = 4 }], type = 'integer', doc = 'a bit field' }"]);
    assert_eq!(room(&table, "flag=0x52"), json!({ "send": 2, "recv": 5 }));
    assert_eq!(room(&table, "flag=0"), json!({ "send": 0, "recv": 0 }), "0 is a value like any other");
    assert_eq!(room(&table, "flag="), Value::Null);
    for flag in ["0x08", "0x80", "-1"] {
        let refused = room_refused(&table, &format!("flag={flag}"));
        assert_eq!(refused, "`flag` has bits beyond 0x77, for which the JSON API has no place", "{flag}");
    }
}

#[test]
fn list_trims_its_items_and_drops_empty_ones() {
    let table = with_params(&["{ name = 'm', to = '/room/m', type = 'list', doc = 'who is in it' }"]);
    assert_eq!(room(&table, "m=+a+,,b%0A,c+d,"), json!({ "m": "a,b,c d" }));
    assert_eq!(room(&table, "m=,+,"), Value::Null);
}

#[test]
fn a_parameter_without_a_place_is_known_and_dropped() {
    let table = with_params(&["{ name = 'colour', type = 'integer', doc = 'of an older version' }"]);
    assert_eq!(room(&table, "colour=green"), Value::Null, "and it is never read");
}

#[test]
fn fixed_members_are_in_every_request_beside_the_parameters() {
    let table = with_own(
        "[[operation]]\nname = 'roomadd'\nsummary = 'Create a room'\neffect = 'create'\n\
         fixed = { '/room/kind' = 'open', '/room/limits/size' = 5, '/room/kept' = true }\n\
         params = [{ name = 'name', to = '/room/name', type = 'text', doc = 'the name' }]\nanswer = []",
    );
    let fixed = json!({ "kind": "open", "limits": { "size": 5 }, "kept": true });
    assert_eq!(room(&table, "name="), fixed);
    assert_eq!(room(&table, "name=x")["name"], "x");
}

// ---------------------------------------------------------------------------------- ways to be wrong

#[test]
fn every_way_to_be_wrong_is_told_with_its_place_and_what_would_be_right() {
    assert_refused_as_said("bad-table", |name, text| {
        Table::load(Some((name, text)), &[]).err().unwrap_or_default()
    });
}

#[test]
fn faults_of_the_own_table_and_of_the_chosen_forms_are_told_together() {
    let own = "[[operation]]\nname = 'roomadd'\nsummary = 's'\neffect = 'makes'\nparams = []\nanswer = []";
    let faults =
        Table::load(Some(("own.toml", own)), &["group.perms".to_owned()]).expect_err("they are refused");
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().any(|fault| fault.starts_with("own.toml:4: `operation.roomadd.effect`: ")),
        "{told:?}"
    );
    assert!(told.iter().any(|fault| fault.starts_with("the setting `profiles`: ")), "{told:?}");
}
