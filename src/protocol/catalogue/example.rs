//! A call of each operation that can be tried as it is: with a sandbox it does what it says, once `ana` and `ben` are
//! users and a group is made.

use serde_json::{Map, Value, json};

use crate::protocol::ops::{Need, Operation, Param, ParamKind, Row, Table};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;

/// Values by the place in the JSON, then by the name of the parameter; a sandbox gives its first user and group these
/// numbers.
const VALUES: [(&str, &str); 19] = [
    ("group.name", "Team"),
    ("user.token.expiry", "1440"),
    ("message.type", "0"),
    ("addr", "ana"),
    ("appid", "com.example.app"),
    ("name", "Ana"),
    ("uid", "101"),
    ("gid", "97001"),
    ("m", "ana,ben"),
    ("from", "ana"),
    ("to", "ben"),
    ("msg", "Hello"),
    ("title", "A picture"),
    ("url", "https://example.com/picture.jpg"),
    ("expiry", "3600"),
    ("count", "20"),
    ("flag", "0x20"),
    ("otp", "123456"),
    ("start", "1790000000"),
];

/// A value for a parameter, as the old door takes it.
#[must_use]
pub fn text(param: &Param) -> &'static str {
    let place = param.target.places().first().map(|at| at.dotted());
    let named = |wanted: &str| VALUES.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    place.and_then(|place| named(&place)).or_else(|| named(&param.name)).unwrap_or(match param.kind {
        ParamKind::Text => "text",
        ParamKind::Integer | ParamKind::Boolean | ParamKind::Bit => "1",
        ParamKind::List => "ana,ben",
    })
}

/// The same with its type, for schemas: a number that is written in decimal is a number.
#[must_use]
pub fn value(param: &Param) -> Value {
    let text = text(param);
    match (param.kind, text.parse::<i64>()) {
        (ParamKind::Integer, Ok(number)) => number.into(),
        _ => text.into(),
    }
}

/// A call of the old door as a query.
#[must_use]
pub fn query(operation: &Operation, token: &str) -> String {
    let own = [("op", operation.row.name.as_str()), ("token", token)];
    let params = shown(&operation.row).map(|param| (param.name.as_str(), text(param)));
    let pairs: Vec<(&str, &str)> = own.into_iter().chain(params).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// The same as an object of its pairs.
#[must_use]
pub fn pairs(operation: &Operation, token: Option<&str>) -> Value {
    let mut pairs = Map::new();
    pairs.insert("op".to_owned(), operation.row.name.clone().into());
    pairs.extend(token.map(|token| ("token".to_owned(), token.into())));
    pairs.extend(shown(&operation.row).map(|param| (param.name.clone(), value(param))));
    Value::Object(pairs)
}

/// The same as the gateway translates it.
#[must_use]
pub fn json(operation: &Operation, table: &Table) -> Value {
    let query = query(operation, "sandbox");
    let form = Form::read(query.as_bytes(), b"", query.len()).unwrap_or_default();
    let meant = Understood::understand(operation, table, &form).ok();
    let sent = meant.map(|meant| meant.write(operation, meant.token));
    sent.and_then(|sent| serde_json::from_slice(&sent).ok()).unwrap_or_else(|| json!({}))
}

/// The parameters of an example: those that are required, of each group of which one is the first that is a text, and the
/// optional ones without which nobody would call.
fn shown(row: &Row) -> impl Iterator<Item = &Param> {
    row.params.iter().filter(|param| match &param.need {
        Need::Required => true,
        Need::OneOf(group) => {
            let mut all = row.params.iter().filter(|other| other.need == Need::OneOf(group.clone()));
            all.find(|other| other.kind == ParamKind::Text).is_none_or(|first| first.name == param.name)
        }
        Need::Optional => match param.name.as_str() {
            // A user is known by the address; a group has nothing but its name.
            "name" => row.slot("addr").is_none(),
            "msg" | "count" => true,
            "active" => row.slot("name").is_none(),
            _ => false,
        },
    })
}
