//! Reads one JSON object member by member: each must have its type, and members that were not read are refused.

use serde_json::{Map, Number, Value};

use super::json::join;
use super::refusal::{Refusable, Refusal};

/// The JSON type of a plain member. A string of digits is no number, and a number no boolean.
#[derive(Clone, Copy)]
pub(crate) enum JsonType {
    Text,
    Natural,
    Boolean,
}

impl JsonType {
    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Natural => value.is_u64(),
            Self::Boolean => value.is_boolean(),
        }
    }

    fn due(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Natural => "a whole number that is not negative",
            Self::Boolean => "true or false",
        }
    }
}

/// The members of one object that were not read yet, and the object's path.
pub(crate) struct PlainFields {
    path: String,
    members: Map<String, Value>,
}

impl PlainFields {
    /// The members of the whole request.
    pub(crate) fn top(members: Map<String, Value>) -> Self {
        Self { path: String::new(), members }
    }

    /// The dotted path of a member.
    pub(crate) fn path(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// A string, if present.
    pub(crate) fn text(&mut self, name: &str) -> Refusable<Option<String>> {
        self.member(name, JsonType::Text.due(), |value| {
            let Value::String(text) = value else {
                return None;
            };
            Some(text)
        })
    }

    /// A mandatory string that is not empty.
    pub(crate) fn need_text(&mut self, name: &str) -> Refusable<String> {
        let text = self.text(name)?.ok_or_else(|| self.missing(name))?;
        if text.is_empty() {
            return Err(self.bad(name, "must not be empty"));
        }
        Ok(text)
    }

    /// A whole number from 0, if present.
    pub(crate) fn natural(&mut self, name: &str) -> Refusable<Option<u64>> {
        self.member(name, JsonType::Natural.due(), |value| value.as_u64())
    }

    /// A mandatory whole number from 0, as a number or as a text of digits: public clients send a group's number as
    /// either, and nothing shows that upstream refuses one of them.
    pub(crate) fn need_number(&mut self, name: &str) -> Refusable<u64> {
        let number = self.member(name, JsonType::Natural.due(), |value| match value {
            Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            value => value.as_u64(),
        })?;
        number.ok_or_else(|| self.missing(name))
    }

    /// A whole number; `null` counts as absent.
    pub(crate) fn natural_or_null(&mut self, name: &str) -> Refusable<Option<u64>> {
        if self.members.get(name).is_some_and(Value::is_null) {
            self.members.remove(name);
        }
        self.natural(name)
    }

    /// A whole number of either sign with exactly the digits that were sent, if present.
    pub(crate) fn integer(&mut self, name: &str) -> Refusable<Option<Number>> {
        self.member(name, "a whole number", |value| {
            let Value::Number(number) = value else {
                return None;
            };
            (!number.is_f64()).then_some(number)
        })
    }

    /// `true` or `false`, if present.
    pub(crate) fn boolean(&mut self, name: &str) -> Refusable<Option<bool>> {
        self.member(name, JsonType::Boolean.due(), |value| value.as_bool())
    }

    /// The number 0 or 1, if present.
    pub(crate) fn bit(&mut self, name: &str) -> Refusable<Option<bool>> {
        self.member(name, "0 or 1", |value| as_bit(&value))
    }

    /// `true`, `false`, 0 or 1, if present: for booleans that the only known clients send as numbers.
    pub(crate) fn switch(&mut self, name: &str) -> Refusable<Option<bool>> {
        self.member(name, "true or false, or 0 or 1", |value| value.as_bool().or_else(|| as_bit(&value)))
    }

    /// A nested object, if present.
    pub(crate) fn object(&mut self, name: &str) -> Refusable<Option<PlainFields>> {
        let path = self.path(name);
        self.member(name, "an object", |value| {
            let Value::Object(members) = value else {
                return None;
            };
            Some(PlainFields { path, members })
        })
    }

    /// A mandatory nested object.
    pub(crate) fn need_object(&mut self, name: &str) -> Refusable<PlainFields> {
        self.object(name)?.ok_or_else(|| self.missing(name))
    }

    /// A nested object of plain members, each named with its type in `shape`.
    pub(crate) fn flat(
        &mut self,
        name: &str,
        shape: &[(&str, JsonType)],
    ) -> Refusable<Option<Map<String, Value>>> {
        let Some(mut inner) = self.object(name)? else {
            return Ok(None);
        };
        let mut kept = Map::new();
        for &(name, kind) in shape {
            let member = inner.member(name, kind.due(), |value| kind.accepts(&value).then_some(value))?;
            kept.extend(member.map(|value| (name.to_owned(), value)));
        }
        inner.finish()?;
        Ok(Some(kept))
    }

    /// A nested object with arbitrary names whose members all have one type.
    pub(crate) fn open(&mut self, name: &str, kind: JsonType) -> Refusable<Option<Map<String, Value>>> {
        let Some(inner) = self.object(name)? else {
            return Ok(None);
        };
        match inner.members.iter().find(|(_, value)| !kind.accepts(value)) {
            Some((name, _)) => Err(inner.bad(name, &format!("must be {}", kind.due()))),
            None => Ok(Some(inner.members)),
        }
    }

    /// A nested object whose content is not public, taken unchecked.
    pub(crate) fn opaque(&mut self, name: &str) -> Refusable<Option<Map<String, Value>>> {
        Ok(self.object(name)?.map(|inner| inner.members))
    }

    /// Ends the object.
    ///
    /// # Errors
    /// `BADPROPERTY` with every member that was not read.
    pub(crate) fn finish(self) -> Refusable<()> {
        let unknown: Vec<String> = self.members.keys().map(|name| self.path(name)).collect();
        let Some(first) = unknown.first() else {
            return Ok(());
        };
        let mut refusal = Refusal::bad(first, format!("unknown: {}", unknown.join(", ")));
        refusal.properties = unknown;
        Err(refusal)
    }

    /// A refusal that blames this member; `fault` continues the sentence behind its path.
    pub(crate) fn bad(&self, name: &str, fault: &str) -> Refusal {
        let path = self.path(name);
        let cause = format!("`{path}` {fault}");
        Refusal::bad(path, cause)
    }

    /// A refusal because this member is missing.
    pub(crate) fn missing(&self, name: &str) -> Refusal {
        Refusal::missing(vec![self.path(name)])
    }

    fn member<T>(
        &mut self,
        name: &str,
        due: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Refusable<Option<T>> {
        let Some(value) = self.members.remove(name) else {
            return Ok(None);
        };
        match read(value) {
            Some(read) => Ok(Some(read)),
            None => Err(self.bad(name, &format!("must be {due}"))),
        }
    }
}

fn as_bit(value: &Value) -> Option<bool> {
    match value.as_u64() {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    }
}
