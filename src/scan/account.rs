//! Parameters of an old call as members of the JSON, by the table.

use super::finding::Parameter;
use super::query::{self, Given};
use super::replacement;
use super::token::{Piece, known};
use super::tongue::Tongue;
use crate::code::{Call, Node};
use crate::protocol::habits::Habits;
use crate::protocol::ops::{Destination, Need, Operation, Param, ParamKind, Pointer, Table};
use crate::protocol::translate::value::{self, ParamValue, ValueReading};

/// What the parameters of a call become.
pub(super) struct Account {
    pub(super) members: Vec<(String, Node)>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) doubts: Vec<String>,
}

impl Account {
    /// The call with this account's members.
    pub(super) fn call(&self, url: &str) -> Call {
        Call { url: url.to_owned(), members: self.members.clone() }
    }
}

/// What a parameter is, before it is known whether another makes it void.
enum Meaning {
    Absent(String),
    Is(Node),
}

struct Reader<'r> {
    operation: &'r Operation,
    given: &'r [Given],
    tongue: Tongue,
    account: Account,
}

/// The account of a call of a known operation.
pub(super) fn account(operation: &Operation, table: &Table, given: &[Given], tongue: Tongue) -> Account {
    let members = vec![
        ("op".to_owned(), Node::Text(operation.row.sends.clone())),
        ("token".to_owned(), token(given, tongue)),
    ];
    let account = Account { members, parameters: Vec::new(), doubts: Vec::new() };
    let mut reader = Reader { operation, given, tongue, account };
    reader.id();
    for fixed in &operation.row.fixed {
        if let Ok(value) = serde_json::from_str(&fixed.json) {
            reader.place(&fixed.at, constant(&value));
        }
    }
    for param in &operation.row.params {
        reader.parameter(param);
    }
    reader.lacks();
    reader.strangers(table);
    reader.account
}

/// The token: from the environment where it stands in plain text.
fn token(given: &[Given], tongue: Tongue) -> Node {
    match query::value(given, "token") {
        Some(pieces) if known(pieces).is_none() => Node::Written(replacement::joined(tongue, pieces)),
        _ => Node::Token,
    }
}

fn constant(value: &serde_json::Value) -> Node {
    match value {
        serde_json::Value::Bool(truth) => Node::Boolean(*truth),
        serde_json::Value::Number(number) => Node::Integer(number.as_i64().unwrap_or_default()),
        other => Node::Text(other.as_str().unwrap_or_default().to_owned()),
    }
}

impl Reader<'_> {
    fn value(&self, param: &Param) -> Option<&[Piece]> {
        param.names().find_map(|name| query::value(self.given, name))
    }

    fn named(&self, name: &str) -> Option<&Param> {
        self.operation.row.params.iter().find(|param| param.name == name)
    }

    fn doubt(&mut self, sentence: String) {
        self.account.doubts.push(sentence);
    }

    fn tell(&mut self, name: &str, to: Option<String>, note: String) {
        self.account.parameters.push(Parameter { name: name.to_owned(), to, note });
    }

    fn id(&mut self) {
        let Some(pieces) = query::value(self.given, "id") else { return };
        let node = match known(pieces).map(|text| value::integer(text.trim())) {
            Some(Some(number)) => Node::Integer(number),
            Some(None) => return self.tell("id", None, "is no number".to_owned()),
            None => replacement::value(self.tongue, pieces, ParamKind::Integer),
        };
        self.account.members.push(("id".to_owned(), node));
        self.tell("id", Some("id".to_owned()), String::new());
    }

    fn parameter(&mut self, param: &Param) {
        let Some(pieces) = self.value(param).map(<[Piece]>::to_vec) else { return };
        match self.meaning(param, &pieces) {
            Meaning::Absent(why) => self.tell(&param.name, None, why),
            Meaning::Is(node) => match self.void(param) {
                Some(why) => self.tell(&param.name, None, why),
                None => self.put(param, node),
            },
        }
    }

    fn meaning(&mut self, param: &Param, pieces: &[Piece]) -> Meaning {
        let Some(text) = known(pieces) else {
            return Meaning::Is(replacement::value(self.tongue, pieces, param.kind));
        };
        match value::read(param, &text, &mut Habits::default()) {
            ValueReading::Absent => Meaning::Absent("says the same as leaving it out".to_owned()),
            ValueReading::Forgiven => Meaning::Absent("cannot be read, and is dropped".to_owned()),
            ValueReading::Is(value) => Meaning::Is(node(param, value)),
            ValueReading::Bad(why) => {
                let sentence = format!("`{}` {why}", param.name);
                self.doubt(sentence.clone());
                Meaning::Absent(sentence)
            }
        }
    }

    /// Whether another parameter makes this one void, and why; where that is known at run time only, a doubt.
    fn void(&mut self, param: &Param) -> Option<String> {
        if let Some(other) = &param.off_with
            && let Some(pieces) = self.named(other).and_then(|other| self.value(other)).map(<[Piece]>::to_vec)
        {
            let other = self.named(other)?;
            match known(&pieces)
                .map(|text| matches!(value::read(other, &text, &mut Habits::default()), ValueReading::Is(_)))
            {
                Some(true) => return Some(format!("void beside `{}`", other.name)),
                Some(false) => {}
                None => {
                    let sentence = format!(
                        "whether `{}` counts is decided by `{}`, at run time",
                        param.name, other.name
                    );
                    self.doubt(sentence);
                }
            }
        }
        let lacking = param.only_with.as_ref().filter(|other| {
            let value = self.named(other).and_then(|other| self.value(other));
            value.is_none_or(|pieces| known(pieces).is_some_and(|text| text.trim().is_empty()))
        });
        lacking.map(|other| format!("means nothing without `{other}`"))
    }

    fn put(&mut self, param: &Param, node: Node) {
        if matches!(node, Node::Expression(..) | Node::Written(_)) && param.absent_if.is_some() {
            self.absence(param);
        }
        match &param.target {
            Destination::Nowhere => self.tell(&param.name, None, "has no counterpart in the JSON".to_owned()),
            Destination::At(at) => {
                self.tell(&param.name, Some(at.dotted()), String::new());
                self.place(at, node);
            }
            Destination::Split(parts) => {
                let Node::Integer(number) = node else {
                    let sentence = format!(
                        "the bits of `{}` go to several members, and are known at run time only",
                        param.name
                    );
                    return self.doubt(sentence);
                };
                for part in parts {
                    self.place(&part.at, Node::Integer(part.of(number)));
                }
                let places: Vec<String> = parts.iter().map(|part| part.at.dotted()).collect();
                self.tell(&param.name, Some(places.join(", ")), String::new());
            }
        }
    }

    /// A value that may say the same as nothing, where something else depends on it.
    fn absence(&mut self, param: &Param) {
        let rivals = self.operation.row.params.iter().filter(|other| other.name != param.name);
        let is_choice = matches!(param.kind, ParamKind::Boolean | ParamKind::Bit);
        let group = |param: &Param| match &param.need {
            Need::OneOf(group) => Some(group.clone()),
            _ => None,
        };
        let has_rival = rivals.clone().any(|other| {
            group(param).is_some() && group(param) == group(other) && self.value(other).is_some()
        });
        if is_choice || has_rival {
            let sentence = format!(
                "`{}` may say the same as leaving it out, which is known at run time only",
                param.name
            );
            self.doubt(sentence);
        }
    }

    fn place(&mut self, at: &Pointer, node: Node) {
        let mut members = &mut self.account.members;
        let Some((leaf, path)) = at.steps().split_last() else { return };
        for step in path {
            let known =
                members.iter().position(|(name, node)| name == step && matches!(node, Node::Object(_)));
            let index = known.unwrap_or_else(|| {
                members.push((step.clone(), Node::Object(Vec::new())));
                members.len() - 1
            });
            let (_, Node::Object(inner)) = &mut members[index] else { return };
            members = inner;
        }
        members.retain(|(name, _)| name != leaf);
        members.push((leaf.clone(), node));
    }

    /// Required parameters that were not found.
    fn lacks(&mut self) {
        let params = &self.operation.row.params;
        let is_there = |param: &&Param| self.value(param).is_some();
        let mut lacking: Vec<String> = params
            .iter()
            .filter(|param| param.need == Need::Required && !is_there(param))
            .map(|param| format!("`{}` is required, and was not found here", param.name))
            .collect();
        let mut groups = params.iter().filter_map(|param| match &param.need {
            Need::OneOf(group) => Some(group),
            _ => None,
        });
        if let Some(group) = groups.next_back() {
            let mut members = params.iter().filter(|param| param.need == Need::OneOf(group.clone()));
            if !members.clone().any(|param| is_there(&param)) {
                let names: Vec<String> = members.by_ref().map(|param| format!("`{}`", param.name)).collect();
                lacking.push(format!("one of {} is required, and was not found here", names.join(", ")));
            }
        }
        if query::value(self.given, "token").is_none() {
            lacking.push("`token` was not found here".to_owned());
        }
        self.account.doubts.extend(lacking);
    }

    /// Parameters that the operation does not have.
    fn strangers(&mut self, table: &Table) {
        let own = |name: &str| {
            self.operation
                .row
                .params
                .iter()
                .any(|param| param.names().any(|own| own.eq_ignore_ascii_case(name)))
        };
        let is_common =
            |name: &str| ["op", "token", "id"].iter().any(|common| common.eq_ignore_ascii_case(name));
        let strangers: Vec<(String, String)> = self
            .given
            .iter()
            .filter(|given| !own(&given.name) && !is_common(&given.name) && !given.name.is_empty())
            .map(|given| {
                let ignored =
                    table.ignored.iter().find(|ignored| ignored.name.eq_ignore_ascii_case(&given.name));
                let why =
                    ignored.map_or("the operation has no such parameter", |ignored| ignored.doc.as_str());
                (given.name.clone(), format!("dropped: {why}"))
            })
            .collect();
        for (name, why) in strangers {
            self.tell(&name, None, why);
        }
    }
}

fn node(param: &Param, value: ParamValue) -> Node {
    match value {
        ParamValue::Text(text) => Node::Text(text.to_owned()),
        ParamValue::Integer(number) => Node::Integer(param.clamp.map_or(number, |most| number.min(most))),
        ParamValue::Boolean(truth) => Node::Boolean(truth),
        ParamValue::Bit(truth) => Node::Integer(i64::from(truth)),
        ParamValue::List(_) => {
            let mut json = Vec::new();
            value.write(&mut json);
            Node::Text(serde_json::from_slice(&json).unwrap_or_default())
        }
    }
}
