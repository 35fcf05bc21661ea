//! Parses JSON and refuses duplicate keys, which `serde_json::Value` would drop silently.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::refusal::{Refusable, Refusal, RefusalReason};

/// Reads one request body, which must be a JSON object without duplicate keys at any depth.
///
/// # Errors
/// `BADJSON` for anything but one JSON object, `BADPROPERTY` with the path of a duplicate key.
pub(crate) fn object(body: &[u8]) -> Refusable<Map<String, Value>> {
    let bad = |cause: String| Refusal { reason: RefusalReason::BadJson, cause, properties: Vec::new() };
    let tree: Tree =
        serde_json::from_slice(body).map_err(|error| bad(format!("the body is not JSON: {error}")))?;
    match tree {
        Tree::Object(members) => unique(members, ""),
        Tree::Leaf(_) | Tree::List(_) => Err(bad("the body is not a JSON object".to_owned())),
    }
}

/// Joins a parent path and a member's name the way failures report them: `user.token.expiry`.
pub(crate) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

enum Tree {
    Leaf(Value),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    fn into_value(self, path: &str) -> Refusable<Value> {
        match self {
            Self::Leaf(value) => Ok(value),
            Self::List(items) => items
                .into_iter()
                .map(|item| item.into_value(path))
                .collect::<Refusable<_>>()
                .map(Value::Array),
            Self::Object(members) => unique(members, path).map(Value::Object),
        }
    }
}

fn unique(members: Vec<(String, Tree)>, path: &str) -> Refusable<Map<String, Value>> {
    let mut seen = Map::new();
    for (name, tree) in members {
        let path = join(path, &name);
        let value = tree.into_value(&path)?;
        if seen.insert(name, value).is_some() {
            let cause = format!("`{path}` is given twice");
            return Err(Refusal::bad(path, cause));
        }
    }
    Ok(seen)
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Leaf(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Tree::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::{RefusalReason, object};

    #[test]
    fn a_key_given_twice_is_refused_with_its_path() {
        let refusal = object(br#"{"user":{"address":"a","address":"b"}}"#).unwrap_err();
        assert_eq!(refusal.reason, RefusalReason::BadProperty);
        assert_eq!(refusal.properties, ["user.address"]);
    }

    #[test]
    fn only_one_object_is_a_request() {
        for body in [&b""[..], b"[]", b"1", b"{", b"{} {}", b"op=useradd"] {
            assert_eq!(object(body).unwrap_err().reason, RefusalReason::BadJson);
        }
        assert!(object(b" {} ").is_ok());
    }
}
