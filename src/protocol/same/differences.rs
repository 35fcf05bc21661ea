//! Finds where two calls differ, place by place, and never shows a token.

use serde_json::{Map, Value};

use super::HIDDEN;
use super::calls::NewCall;
use super::kinds::{found, is_above_some, kind, means_same, param_at, right, says_nothing};
use crate::protocol::ops::{Operation, Param, ParamKind};

/// One place at which two calls differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The member, with dots.
    pub path: String,
    /// In which way.
    pub kind: DifferenceKind,
    /// What the old call means there, if anything.
    pub old: Option<Value>,
    /// What the new call says there, if anything.
    pub new: Option<Value>,
    /// A hint for the person who mends it; empty where the values say all.
    pub hint: String,
}

/// The way in which two calls differ at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The new call does not say what the old one means.
    Missing,
    /// The new call says what the old one could have said, and does not.
    More,
    /// The new call says what no parameter of the old operation becomes.
    BeyondTheOldDoor,
    /// The new call says it with another JSON type.
    Type,
    /// The new call says something else.
    Value,
}

impl DifferenceKind {
    /// The word in the command's JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::More => "more",
            Self::BeyondTheOldDoor => "beyond-the-old-door",
            Self::Type => "type",
            Self::Value => "value",
        }
    }
}

/// The shortest token that is looked for in other values: a shorter one, as in an example, would be found in words.
const SHORTEST_SECRET: usize = 8;

/// The differences that are found.
pub struct Differences<'t> {
    operation: &'t Operation,
    is_cloud: bool,
    secrets: Vec<String>,
    found: Vec<Difference>,
}

impl<'t> Differences<'t> {
    /// None yet; `secrets` are the tokens of both calls.
    pub fn new<'s>(operation: &'t Operation, is_cloud: bool, secrets: impl Iterator<Item = &'s str>) -> Self {
        let secrets = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET).map(str::to_owned).collect();
        Self { operation, is_cloud, secrets, found: Vec::new() }
    }

    /// All that were found.
    pub fn found(&self) -> &[Difference] {
        &self.found
    }

    /// Compares `op`, `token` and `id`. Every old call has a token, or it would be refused; which one it is is nobody's
    /// business here.
    pub fn of_envelope(&mut self, op: &str, id: Option<i64>, new: &NewCall) {
        if new.op != op {
            let hint = if new.op.eq_ignore_ascii_case(op) {
                "the JSON API has its names in lower case"
            } else if new.op.eq_ignore_ascii_case(&self.operation.row.name) {
                "that is the old door's name"
            } else {
                ""
            };
            self.add(&["op"], DifferenceKind::Value, Some(op.into()), Some(new.op.clone().into()), hint);
        }
        if new.token.is_none() {
            let hint = "every call needs the application token";
            self.add(&["token"], DifferenceKind::Missing, Some(HIDDEN.into()), None, hint);
        }
        let id = id.map(Value::from);
        match (&id, &new.id) {
            (Some(old), Some(new)) => self.leaf(&["id"], old, new, Some(ParamKind::Integer), None),
            (Some(_), None) => self.add(&["id"], DifferenceKind::Missing, id, None, ""),
            (None, Some(new)) => self.add(
                &["id"],
                DifferenceKind::More,
                None,
                Some(new.clone()),
                "an old call says it with `id`",
            ),
            (None, None) => {}
        }
    }

    /// Compares the members below the envelope.
    pub fn of_members(&mut self, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.objects(&[], old, new);
    }

    fn objects(&mut self, at: &[&str], old: &Map<String, Value>, new: &Map<String, Value>) {
        for (name, meant) in old {
            let at = &[at, &[name.as_str()]].concat();
            match new.get(name) {
                Some(said) => self.values(at, meant, said),
                None => self.missing(at, meant),
            }
        }
        for (name, said) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.more(&[at, &[name.as_str()]].concat(), said);
        }
    }

    fn values(&mut self, at: &[&str], old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.objects(at, old, new),
            (Value::Object(_), _) => {
                let hint = format!("{}, where an object belongs", found(new));
                self.add(at, DifferenceKind::Type, Some(old.clone()), Some(new.clone()), &hint);
            }
            _ => {
                let param = param_at(self.operation, at);
                self.leaf(at, old, new, param.map(kind), param);
            }
        }
    }

    fn leaf(
        &mut self,
        at: &[&str],
        old: &Value,
        new: &Value,
        kind: Option<ParamKind>,
        param: Option<&Param>,
    ) {
        let both = (Some(old.clone()), Some(new.clone()));
        if found(old) != found(new) {
            let belongs = kind.map_or_else(|| found(old), right);
            let hint = format!("{}, where {belongs} belongs", found(new));
            self.add(at, DifferenceKind::Type, both.0, both.1, &hint);
        } else if !means_same(param, old, new, self.is_cloud) {
            self.add(at, DifferenceKind::Value, both.0, both.1, "");
        }
    }

    /// Tells every member that the old call has at or below a place.
    fn missing(&mut self, at: &[&str], old: &Value) {
        match old {
            Value::Object(members) => {
                for (name, value) in members {
                    self.missing(&[at, &[name.as_str()]].concat(), value);
                }
            }
            value => self.add(at, DifferenceKind::Missing, Some(value.clone()), None, ""),
        }
    }

    /// Tells every member that the new call alone has at or below a place, but for what says nothing.
    fn more(&mut self, at: &[&str], new: &Value) {
        match (new, param_at(self.operation, at)) {
            (Value::Object(members), None) if !members.is_empty() => {
                for (name, value) in members {
                    self.more(&[at, &[name.as_str()]].concat(), value);
                }
            }
            (value, Some(param)) if says_nothing(param, value) => {}
            (value, Some(param)) => {
                let hint = format!("an old call says it with `{}`", param.name);
                self.add(at, DifferenceKind::More, None, Some(value.clone()), &hint);
            }
            (value, None) => self.stranger(at, value),
        }
    }

    /// Tells a member that no parameter becomes.
    fn stranger(&mut self, at: &[&str], new: &Value) {
        let is_fixed = self.operation.row.fixed.iter().any(|fixed| fixed.at.steps() == at);
        let (kind, hint) = if is_fixed || is_above_some(self.operation, at) {
            (DifferenceKind::More, "members of the old call's kind go there")
        } else {
            (DifferenceKind::BeyondTheOldDoor, "more than the old call says: no old parameter becomes it")
        };
        self.add(at, kind, None, Some(new.clone()), hint);
    }

    fn add(&mut self, at: &[&str], kind: DifferenceKind, old: Option<Value>, new: Option<Value>, hint: &str) {
        let is_token = at.last().is_some_and(|name| holds_token(name));
        let shown = |value: Option<Value>| value.map(|value| self.without_secrets(value, is_token));
        let path = self.hidden(&dotted(at));
        let (old, new) = (shown(old), shown(new));
        self.found.push(Difference { path, kind, old, new, hint: hint.to_owned() });
    }

    /// A value without the tokens of the two calls; `is_token` for a member that holds a token itself.
    fn without_secrets(&self, value: Value, is_token: bool) -> Value {
        match value {
            Value::String(_) if is_token => HIDDEN.into(),
            Value::String(text) => self.hidden(&text).into(),
            Value::Array(items) => {
                items.into_iter().map(|item| self.without_secrets(item, is_token)).collect()
            }
            Value::Object(members) => {
                let hide = |(name, value): (String, Value)| {
                    let value = self.without_secrets(value, holds_token(&name));
                    (self.hidden(&name), value)
                };
                members.into_iter().map(hide).collect()
            }
            other => other,
        }
    }

    /// A text without the tokens of the two calls, in whatever case: forms have the names of parameters in lower case.
    pub fn hidden(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| without(&text, secret))
    }
}

/// A text with [`HIDDEN`] in the place of a secret.
fn without(text: &str, secret: &str) -> String {
    // Lower case of ASCII moves no byte.
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let (mut out, mut end) = (String::new(), 0);
    for (start, found) in lower.match_indices(&secret) {
        out.push_str(&text[end..start]);
        out.push_str(HIDDEN);
        end = start + found.len();
    }
    out + &text[end..]
}

/// Whether a member's name says that its text is a token, of whatever kind.
fn holds_token(name: &str) -> bool {
    name.to_ascii_lowercase().contains("token")
}

/// A path with dots; a name that has a dot or no letter of its own is quoted.
fn dotted(at: &[&str]) -> String {
    let name = |name: &&str| {
        let is_plain =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_plain { (*name).to_owned() } else { Value::from(*name).to_string() }
    };
    at.iter().map(name).collect::<Vec<_>>().join(".")
}
