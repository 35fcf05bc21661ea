//! JSON text as values. Numbers keep their digits: a request may hold more of them than a float does.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Call, Node};

/// How deep a value may be nested; the JSON door takes no deeper one.
const DEEPEST: usize = 128;

impl Call {
    /// The call that posts a request of the JSON API, whose token is the program's own; `None` if the text is no JSON
    /// object.
    #[must_use]
    pub fn of_json(url: &str, json: &str) -> Option<Self> {
        let Node::Object(mut members) = Node::of_json(json)? else {
            return None;
        };
        match members.iter_mut().find(|(name, _)| name == "token") {
            Some((_, token)) => *token = Node::Token,
            // Without one no call is answered.
            None => members.insert(members.len().min(1), ("token".to_owned(), Node::Token)),
        }
        Some(Self { url: url.to_owned(), members })
    }
}

impl Node {
    /// A value of JSON text; `None` if it is none.
    #[must_use]
    pub fn of_json(json: &str) -> Option<Self> {
        read(json, DEEPEST)
    }
}

fn read(json: &str, depth: usize) -> Option<Node> {
    let json = json.trim();
    let below = depth.checked_sub(1)?;
    Some(match json.as_bytes().first()? {
        b'{' => {
            let members: Members<'_> = serde_json::from_str(json).ok()?;
            let read = |(name, value): (String, &RawValue)| Some((name, read(value.get(), below)?));
            Node::Object(members.0.into_iter().map(read).collect::<Option<_>>()?)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            Node::List(items.into_iter().map(|item| read(item.get(), below)).collect::<Option<_>>()?)
        }
        b'"' => Node::Text(serde_json::from_str(json).ok()?),
        b't' | b'f' => Node::Boolean(serde_json::from_str(json).ok()?),
        b'n' => serde_json::from_str(json).map(|()| Node::Null).ok()?,
        _ => {
            let number: &RawValue = serde_json::from_str(json).ok()?;
            json.parse().map_or_else(|_| Node::Number(number.get().to_owned()), Node::Integer)
        }
    })
}

/// An object's members in their order. Of two with one name the last counts, as it does for most readers.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'j> Visitor<'j> for MembersVisitor {
    type Value = Members<'j>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, &RawValue)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            match places.insert(name.clone(), members.len()) {
                Some(earlier) => {
                    members[earlier].1 = value;
                    places.insert(name, earlier);
                }
                None => members.push((name, value)),
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Node};

    #[test]
    fn json_is_read_with_its_order_and_every_digit() {
        let read = Node::of_json(r#" {"b":[1,1.50,null],"a":18446744073709551615,"b2":{},"t":"\u202e\n"} "#);
        let number = |text: &str| Node::Number(text.to_owned());
        let expected = Node::Object(vec![
            ("b".to_owned(), Node::List(vec![Node::Integer(1), number("1.50"), Node::Null])),
            ("a".to_owned(), number("18446744073709551615")),
            ("b2".to_owned(), Node::Object(Vec::new())),
            ("t".to_owned(), Node::Text("\u{202e}\n".to_owned())),
        ]);
        assert_eq!(read, Some(expected));
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        assert_eq!(Node::of_json(r#"{"a":1,"b":2,"a":3}"#), Node::of_json(r#"{"a":3,"b":2}"#));
    }

    #[test]
    fn what_is_no_json_is_none_however_deep() {
        let deep = "[".repeat(100_000);
        for json in ["", "{", "nul", "01", "tru", "{\"a\":}", "[1,]", "--1", &deep] {
            assert_eq!(Node::of_json(json), None, "{}", &json[..json.len().min(9)]);
        }
    }

    #[test]
    fn the_token_of_a_json_request_stays_behind() {
        let call = Call::of_json("u", r#"{"op":"userdel","token":"SECRET"}"#).expect("a call");
        assert_eq!(call.members[1], ("token".to_owned(), Node::Token));
        assert_eq!(Call::of_json("u", "[]"), None);
    }
}
