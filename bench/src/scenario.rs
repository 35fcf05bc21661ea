//! What every subject is asked, and what must come of it.

mod texts;

use serde_json::{Value, json};

use texts::{Request, TOKEN};

/// One kind of request, with everything around it.
pub struct Scenario {
    /// The short name in options and tables.
    pub name: &'static str,
    /// A description in a few words.
    pub title: &'static str,
    /// The client's bytes.
    pub request: Vec<u8>,
    /// The body of upstream's answer.
    pub answer: String,
    /// The JSON that a translator must send upstream.
    pub translated: Value,
    /// The JSON that a translator must answer.
    pub legacy: Value,
    /// What is special about the scenario.
    pub door: Door,
}

/// What is special about a scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The old door, over plain connections to upstream.
    Form,
    /// The old door, with TLS to upstream.
    FormTls,
    /// The old door, with answers that may be served again without asking upstream.
    FormCached,
    /// The JSON door, with nothing to translate.
    Json,
}

impl Scenario {
    /// All scenarios, in the order of the tables.
    pub fn all() -> Vec<Self> {
        vec![
            message(),
            message_with_app(),
            useradd(),
            groupeditmembers(),
            groupgetmembers(),
            tls(),
            json_door(),
        ]
    }

    /// The scenario for the experiments about more than CPU time.
    pub fn first() -> Self {
        message()
    }
}

const MESSAGE: &str =
    "Caf\u{e9} tomorrow? Bring \"the plans\" & a friend, 100% sure; it starts at 7:30 + a bit.";

fn message() -> Scenario {
    let target = texts::form(&[
        ("op", "message"),
        ("token", TOKEN),
        ("from", "919876500001"),
        ("to", "919876500002"),
        ("type", "0"),
        ("expiry", "86400"),
        ("flag", "3"),
        ("msg", MESSAGE),
    ]);
    Scenario {
        name: "S1",
        title: "`message` by GET",
        request: Request::get(&target),
        answer: r#"{"op":"message","mid":1234567,"result":true}"#.into(),
        translated: json!({
            "op": "message",
            "token": TOKEN,
            "message": {
                "from": "919876500001", "to": "919876500002", "type": 0, "expiry": 86400, "flags": 3,
                "message": MESSAGE,
            },
        }),
        legacy: json!({ "op": "message", "result": true }),
        door: Door::Form,
    }
}

fn message_with_app() -> Scenario {
    Scenario {
        name: "S1b",
        title: "S1, with 600 undocumented bytes in the answer",
        answer: format!(r#"{{"app":{},"op":"message","mid":1234567,"result":true}}"#, texts::app(600)),
        ..message()
    }
}

fn useradd() -> Scenario {
    let name = "Jos\u{e9} \u{418}\u{432}\u{430}\u{43d}\u{43e}\u{432} \u{5c71}\u{7530} \u{1f600}";
    let form = texts::form(&[
        ("op", "useradd"),
        ("token", TOKEN),
        ("addr", "jos\u{e9}@example.com"),
        ("appid", "com.example.messenger"),
        ("name", name),
        ("expiry", "525600"),
        ("active", "1"),
    ]);
    let user = json!({
        "uid": 5302, "address": "jos\u{e9}@example.com",
        "token": "79a818d76fe45fb5a3ac395a0a98251c3db2eebdb7b0d4aa",
    });
    let answer = json!({ "user": user, "op": "useradd", "result": true });
    Scenario {
        name: "S2",
        title: "`useradd` by POST, with Unicode",
        request: Request::post(&form),
        answer: answer.to_string(),
        translated: json!({
            "op": "useradd",
            "token": TOKEN,
            "user": {
                "address": "jos\u{e9}@example.com", "name": name, "active": true,
                "token": { "appid": "com.example.messenger", "expiry": 525_600 },
            },
        }),
        legacy: answer,
        door: Door::Form,
    }
}

fn groupeditmembers() -> Scenario {
    let members: Vec<String> = (0..1000).map(|number| format!("user{number:04}.example")).collect();
    let members = members.join(",");
    let form = texts::form(&[
        ("op", "groupeditmembers"),
        ("token", TOKEN),
        ("gid", "97284"),
        ("m", &members),
        ("cs", "1"),
        ("cr", "1"),
        ("canpub", "0"),
    ]);
    let answer = json!({ "group": { "gid": 97284 }, "op": "groupeditmembers", "result": true });
    Scenario {
        name: "S3",
        title: "`groupeditmembers` by POST, 1,000 addresses",
        request: Request::post(&form),
        answer: answer.to_string(),
        translated: json!({
            "op": "groupeditmembers",
            "token": TOKEN,
            "group": {
                "gid": 97284,
                "members": { "m": members, "permissions": { "send": true, "recv": true, "pub": false } },
            },
        }),
        legacy: answer,
        door: Door::Form,
    }
}

fn groupgetmembers() -> Scenario {
    let target =
        texts::form(&[("op", "groupgetmembers"), ("token", TOKEN), ("gid", "97284"), ("count", "20")]);
    let rows = 0..20;
    let address = |row: i32| format!("9198765{row:05}");
    let json_rows: Vec<Value> = rows
        .clone()
        .map(|row| {
            json!({
                "uid": 5000 + row, "address": address(row),
                "permissions": { "send": row % 2 == 0, "recv": true, "pub": false, "sub": true, "list": true },
            })
        })
        .collect();
    let legacy_rows: Vec<Value> = rows
        .map(|row| {
            let can_send = if row % 2 == 0 { "1" } else { "0" };
            json!({ "uid": 5000 + row, "address": address(row), "cansend": can_send, "canrecv": "1" })
        })
        .collect();
    Scenario {
        name: "S4",
        title: "`groupgetmembers` by GET, 20 rows, from the cache",
        request: Request::get(&target),
        answer: json!({
            "op": "groupgetmembers", "result": true, "gid": 97284, "count": 20, "members": json_rows,
        })
        .to_string(),
        translated: json!({
            "op": "groupgetmembers", "token": TOKEN, "count": 20, "group": { "gid": 97284 },
        }),
        legacy: json!({ "members": legacy_rows, "op": "groupgetmembers", "result": true }),
        door: Door::FormCached,
    }
}

fn tls() -> Scenario {
    Scenario { name: "S5", title: "S1, with TLS to upstream", door: Door::FormTls, ..message() }
}

fn json_door() -> Scenario {
    let message = message();
    Scenario {
        name: "S7",
        title: "S1's message as JSON by POST",
        request: Request::json(&message.translated.to_string()),
        legacy: json!({ "op": "message", "mid": 1_234_567, "result": true }),
        door: Door::Json,
        ..message
    }
}
