//! Reads a JSON object in which no member stands twice: readers differ in which of the two they take.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The object of a JSON text.
///
/// # Errors
/// A sentence that says where the text is no JSON object, or which member stands twice.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = Strict.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    match read {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("it is no JSON object: write the members in braces".to_owned()),
        Err(error) if error.is_data() => Err(error.to_string()),
        Err(error) => Err(format!("it is no JSON, at line {} column {}", error.line(), error.column())),
    }
}

/// Reads any value.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                // The name is not repeated here: it is the caller's, and may be anything.
                return Err(A::Error::custom("a member stands twice in its JSON: write it once"));
            }
            members.insert(name, map.next_value_seed(Self)?);
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn a_member_that_stands_twice_is_told_and_anything_else_is_read_as_it_is() {
        let json = r#"{"a":{"b":[1,-2,1.5,null,true,"\u0041"]},"c":18446744073709551615}"#;
        assert_eq!(object(json.as_bytes()).ok(), serde_json::from_str(json).ok());
        for (json, told) in [
            (
                r#"{"a":{"b":1,"b":2}}"#,
                "a member stands twice in its JSON: write it once at line 1 column 15",
            ),
            (r#"{"a":1,"\u0061":1}"#, "a member stands twice in its JSON: write it once at line 1 column 15"),
            (r#"{"a":1"#, "it is no JSON, at line 1 column 6"),
            ("[1]", "it is no JSON object: write the members in braces"),
            ("{} x", "it is no JSON, at line 1 column 4"),
        ] {
            assert_eq!(object(json.as_bytes()), Err(told.to_owned()), "{json}");
        }
    }
}
