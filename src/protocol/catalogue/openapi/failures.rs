//! What comes back on failure: the refusals of the gateway's own, each with a body that it really writes, and those of
//! upstream.

use serde_json::{Map, Value, json};

use super::reference;
use crate::protocol::ops::Table;
use crate::protocol::reject::{BrownoutEnd, ClosedDoor, Label, ParamFault, Reject, Unlike};
use crate::protocol::translate::refusal::refusal;
use crate::protocol::translate::status::handed_out;

/// A way into the gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Parameters in a query or a form.
    Old,
    /// JSON.
    Json,
}

impl Door {
    /// The schema of any answer.
    pub const fn answer(self) -> &'static str {
        match self {
            Self::Old => "answer",
            Self::Json => "json_answer",
        }
    }

    /// The schema of a failure.
    pub const fn failure(self) -> &'static str {
        match self {
            Self::Old => "failure",
            Self::Json => "json_failure",
        }
    }

    fn response(self, status: u16) -> String {
        match self {
            Self::Old => format!("failure_{status}"),
            Self::Json => format!("json_failure_{status}"),
        }
    }

    /// Whether the door can end in this refusal: planned pauses and closed doors are the old door's.
    fn has(self, reject: &Reject) -> bool {
        self == Self::Old || !matches!(reject, Reject::Brownout(_) | Reject::Retired(_) | Reject::Stranger(_))
    }
}

/// One of each refusal, with causes as they come.
fn rejects(table: &Table) -> Vec<Reject> {
    let closed =
        || Box::new(ClosedDoor { operation: "message".to_owned(), since: "2027-03-01T00:00:00Z".to_owned() });
    let pause = BrownoutEnd {
        name: "march".into(),
        operation: Some("message".to_owned()),
        until: "2027-03-01T10:00:00Z".to_owned(),
        wait: 3600,
    };
    vec![
        Reject::NoOp,
        table.bad_op("usersget"),
        Reject::NoToken,
        Reject::UnknownToken,
        Reject::RateLimit { rule: "members".into(), wait: Some(12), burst: 30 },
        Reject::TokenBreach { wait: 840 },
        Reject::Brownout(Box::new(pause)),
        Reject::Retired(closed()),
        Reject::Stranger(closed()),
        Reject::Overload("too many requests wait for upstream"),
        Reject::BadRequest("the query is not percent-encoded soundly".into()),
        Reject::SlowBody(20_000),
        Reject::bad_param("gid", "is not a number: give decimal digits or hex such as 0x20, within 64 bits"),
        Reject::Params(vec![ParamFault::Missing(vec!["gid".to_owned()])]),
        Reject::Ambiguous { name: "gid".to_owned(), between: "both in the query".into() },
        Reject::TooLarge { what: "the body", limit: 1_048_576, setting: "cap.body" },
        Reject::ClientLeft,
        Reject::UpstreamDown("no connection"),
        Reject::BreakerOpen { wait: 5 },
        Reject::Loop("it has been through this gateway before"),
        Reject::Timeout("no answer within deadline.total"),
        Reject::Unlike(Unlike { status: 502, is_page: true, hint: "is upstream.url the JSON endpoint?" }),
        Reject::Internal,
    ]
}

/// An operation's answers: `200`, and with `legacy.status` `http`, or from upstream on the JSON door, every other.
pub fn answers(door: Door) -> Value {
    let mut answers = Map::new();
    let content = json!({ "application/json": { "schema": reference("schemas", door.answer()) } });
    let answer =
        |description| json!({ "description": description, "headers": of_answers(), "content": content });
    match door {
        Door::Old => {
            let what = "an answer, success or failure; by `legacy.status = \"http\"` a success, or a failure without a sound `code`";
            answers.insert("200".to_owned(), answer(what));
        }
        Door::Json => {
            answers.insert("200".to_owned(), answer("an answer, success or failure"));
            for status in 201..=203_u16 {
                answers.insert(status.to_string(), answer("an answer to which upstream gave this status"));
            }
        }
    }
    answers.extend(
        statuses()
            .into_iter()
            .map(|status| (status.to_string(), reference("responses", &door.response(status)))),
    );
    Value::Object(answers)
}

/// Every status of a failure: upstream's as they are handed out, and those of refusals.
fn statuses() -> Vec<u16> {
    // The gateway's own are not handed out of upstream's, so that nobody takes one for the other.
    let mut all: Vec<u16> = (400..=599).map(handed_out).chain([408, 413, 499, 508]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A door's answers by status, under their names.
pub fn responses(door: Door, table: &Table) -> Vec<(String, Value)> {
    let rejects: Vec<Reject> = rejects(table).into_iter().filter(|reject| door.has(reject)).collect();
    let response = |status: u16| {
        let own: Vec<&Reject> = rejects.iter().filter(|reject| reject.status() == status).collect();
        (door.response(status), failure(door, status, &own))
    };
    statuses().into_iter().map(response).collect()
}

fn failure(door: Door, status: u16, own: &[&Reject]) -> Value {
    let mut names: Vec<&str> = own.iter().map(|reject| reject.code()).collect();
    names.dedup();
    let is_upstreams = handed_out(status) == status;
    let upstreams = match door {
        Door::Old => "upstream's own failure with this `code`",
        Door::Json => "upstream's own answer with this status",
    };
    let description = match (&names[..], is_upstreams) {
        ([], _) => upstreams.to_owned(),
        (names, true) => format!("refused by the gateway: {}; or {upstreams}", names.join(", ")),
        (names, false) => format!("refused by the gateway: {}", names.join(", ")),
    };
    let mut content = json!({ "schema": reference("schemas", door.failure()) });
    if !own.is_empty() {
        content["examples"] = Value::Object(own.iter().map(|reject| example(reject)).collect());
    }
    json!({ "description": description, "headers": of_answers(), "content": { "application/json": content } })
}

/// A refusal as a client gets it.
fn example(reject: &Reject) -> (String, Value) {
    let op = match reject.label() {
        Label::NoOp => "",
        Label::BadOp => "usersget",
        _ => "groupset",
    };
    let body: Value = serde_json::from_slice(&refusal(reject, op, None)).unwrap_or_default();
    let summary = format!("{}; outcome {}", reject.code(), reject.outcome().text());
    (reject.label().text().to_owned(), json!({ "summary": summary, "value": body }))
}

/// The schemas of failures.
pub fn schemas() -> Vec<(String, Value)> {
    let old = json!({
        "type": "object",
        "description": "what was not done, and why",
        "properties": {
            "op": { "type": "string", "description": "as it was sent" },
            "result": { "type": "boolean", "const": false },
            "error": { "type": "string", "description": "a name: the gateway's own stand with the answers below 200; upstream has others", "examples": ["BADPARAM"] },
            "code": { "type": "integer", "description": "a number like an HTTP status", "examples": [400] },
            "cause": { "type": "string", "description": "a sentence for people" },
            "properties": { "type": "array", "items": { "type": "string" }, "description": "the parameters at fault" },
            "id": { "type": "integer", "description": "the caller's own number, if it sent one" },
        },
        "required": ["op", "result"],
    });
    let json = json!({
        "type": "object",
        "description": "a refusal of the gateway's, or upstream's failure as it is",
        "properties": {
            "result": { "type": "boolean", "const": false },
            "op": { "type": "string" },
            "error": { "type": "string", "examples": ["NOGROUP"] },
            "code": { "type": ["integer", "string"], "examples": [400] },
            "cause": { "type": "string" },
            "properties": { "type": "array", "items": { "type": "string" }, "description": "the members at fault, with dots" },
        },
        "required": ["result"],
    });
    vec![(Door::Old.failure().to_owned(), old), (Door::Json.failure().to_owned(), json)]
}

/// The headers of an answer, by their components.
fn of_answers() -> Value {
    let names = ALL_HEADERS.iter().map(|(name, ..)| ((*name).to_owned(), reference("headers", name)));
    Value::Object(names.collect())
}

/// Name, whether it is always there, what it says.
const ALL_HEADERS: [(&str, bool, &str); 8] = [
    (
        "X-Mesigate-Outcome",
        true,
        "what certainly happened upstream: an answer came, nothing was sent, or nobody knows",
    ),
    ("Retry-After", false, "after how many seconds it is worth trying again"),
    ("RateLimit-Policy", false, "the limits that hold for the call"),
    ("RateLimit", false, "what is left of them"),
    ("X-Cache", false, "whether a read was answered from the cache"),
    ("Age", false, "how old that answer is, in seconds"),
    ("Deprecation", false, "since when calls by the old door are deprecated"),
    ("Sunset", false, "when they are going to be refused"),
];

/// The components of headers.
pub fn headers() -> Value {
    let header = |(name, required, description): &(&str, bool, &str)| {
        let schema = match *name {
            "X-Mesigate-Outcome" => json!({ "type": "string", "enum": ["done", "not-sent", "unknown"] }),
            "Retry-After" | "Age" => json!({ "type": "integer", "minimum": 0 }),
            _ => json!({ "type": "string" }),
        };
        ((*name).to_owned(), json!({ "description": description, "required": required, "schema": schema }))
    };
    Value::Object(ALL_HEADERS.iter().map(header).collect())
}

#[cfg(test)]
mod tests {
    use super::{handed_out, rejects, statuses};
    use crate::protocol::ops::Table;
    use crate::protocol::reject::Label;

    #[test]
    fn every_refusal_has_an_example_and_a_status_that_is_listed() {
        let rejects = rejects(&Table::shipped().expect("a sound table"));
        let statuses = statuses();
        for label in
            Label::ALL.into_iter().filter(|label| ![Label::Ok, Label::Failed, Label::Outside].contains(label))
        {
            let of_label = rejects.iter().find(|reject| reject.label() == label);
            let reject = of_label.unwrap_or_else(|| panic!("no example of {}", label.text()));
            assert!(statuses.contains(&reject.status()), "{} is not listed", reject.status());
        }
        assert!((400..600).all(|status| statuses.contains(&handed_out(status))));
    }
}
