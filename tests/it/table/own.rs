//! An operator's own table: what it may change, and what each property of a parameter does.

use mesigate::protocol::ops::{SHIPPED, Table};
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::reply_context::ReplyContext;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::{refusal, response};
use serde_json::{Value, json};

use super::{cause, operation, sends, shipped};

/// The shipped table with an operator's file over it.
#[track_caller]
fn with_own(text: &str) -> Table {
    Table::load(Some(("own.toml", text)), &[]).expect("both are sound")
}

/// What an old client gets for a query when upstream answers `says`.
fn tells(table: &Table, query: &str, says: &str) -> Value {
    let form = Form::read(format!("token=T&{query}").as_bytes(), b"", 128).expect("a form");
    let operation = operation(table, &form).expect("an operation");
    let meant = Understood::understand(operation, table, &form).expect("a sound request");
    let told = response::legacy(operation, &ReplyContext::of(operation, &meant), says.as_bytes())
        .expect("an answer");
    serde_json::from_slice(&told.body).expect("we write JSON")
}

/// An operator's own operation with these lines as its parameters.
fn with_params(lines: &[&str]) -> Table {
    let head = "[[operation]]\nname = 'roomadd'\nsummary = 'Create a room'\neffect = 'create'";
    with_own(&format!("{head}\nparams = [\n{}\n]\nanswer = []", lines.join(",\n")))
}

/// What a request for that operation sends under `/room`.
fn room(table: &Table, parameters: &str) -> Value {
    let json = sends(table, &format!("op=roomadd&{parameters}")).expect("it is served");
    json.get("room").cloned().unwrap_or_default()
}

/// The refusal's sentence for a request for that operation.
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
    let meant = Understood::understand(operation(&table, &form).expect("it"), &table, &form).expect("sound");
    let dropped: Vec<_> =
        meant.dropped.iter().map(|dropped| format!("{} {:?}", dropped.name, dropped.why)).collect();
    assert_eq!(dropped, ["sflags Nowhere", "sig Nowhere"]);
    assert!(cause(sends(&table, "op=RoomList")).ends_with(": keep your rooms yourself"));
    assert!(
        cause(sends(&table, "op=login")).ends_with(": ask ours"),
        "an own reason takes the shipped one's place"
    );
    assert!(cause(sends(&table, "op=usersget")).contains("mesibo's cloud has no API that lists users"));
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
    // The block begins on the line before its name: counted from 0, the name's index is that line's number.
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
fn only_with_makes_a_parameter_void_when_the_other_is_not_there() {
    let table = with_params(&[
        "{ name = 'm', to = '/room/m', type = 'list', doc = 'who is in it' }",
        "{ name = 'open', to = '/room/rights/open', type = 'boolean', only_with = 'm', doc = '1 opens it to them' }",
    ]);
    assert_eq!(room(&table, "m=a&open=1"), json!({ "m": "a", "rights": { "open": true } }));
    for alone in ["open=1", "m=&open=1", "m=,&open=1", "open=maybe"] {
        assert_eq!(room(&table, alone), Value::Null, "{alone}");
    }
    assert!(room_refused(&table, "m=a&open=maybe").starts_with("`open` is not a yes or no"));
}

#[test]
fn two_parameters_share_a_place_where_one_makes_the_other_void() {
    let table = with_params(&[
        "{ name = 'life', to = '/room/life', type = 'integer', doc = 'how long it lives' }",
        "{ name = 'lasts', to = '/room/life', type = 'integer', off_with = 'life', doc = 'the same' }",
    ]);
    assert_eq!(room(&table, "lasts=5"), json!({ "life": 5 }));
    assert_eq!(room(&table, "lasts=5&life=7"), json!({ "life": 7 }));
}

#[test]
fn forgiving_drops_what_is_no_value_of_the_type() {
    let table = with_params(&[
        "{ name = 'size', to = '/room/size', type = 'integer', max = 9, forgiving = true, doc = 'how many may enter' }",
    ]);
    assert_eq!(room(&table, "size=5"), json!({ "size": 5 }));
    assert_eq!(room(&table, "size=Gina"), Value::Null);
    assert!(room_refused(&table, "size=10").contains("over the most"), "a number is one all the same");
}

#[test]
fn a_refusal_carries_what_the_own_table_says() {
    let own =
        "refused = [{ name = 'usersget', doc = 'they are ours', carries = { users = [], more = false } }]";
    let reject = with_own(own).bad_op("usersget");
    let told: Value =
        serde_json::from_slice(&refusal::refusal(&reject, "usersget", Some("7"))).expect("JSON");
    assert_eq!(
        told,
        json!({
            "op": "usersget", "result": false, "error": "BADOP", "code": 400, "properties": ["op"], "id": 7,
            "cause": "`op` is none that this gateway offers: they are ours", "users": [], "more": false,
        })
    );
    assert!(shipped().refused.iter().all(|refused| refused.carries.is_none()), "none does as shipped");
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
