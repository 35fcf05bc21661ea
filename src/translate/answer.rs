//! Upstream's bytes → an [`Answer`]: what an answer of the API must be, and what of it is wanted.
//!
//! One pass over the text, no tree: wanted members are kept as slices of it, the rest is passed over.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use smallvec::{SmallVec, smallvec};

use crate::ops::{AnswerPlan, Wanted};
use crate::reject::Reject;

/// How deep an answer may be nested; the API's own go to 4.
pub const MOST_DEPTH: usize = 32;

/// Slices of upstream's text, by the number of their find.
pub type Finds<'a> = SmallVec<[Option<&'a str>; 16]>;

/// Checks that `bytes` are one JSON object, sound in depth and encoding.
///
/// # Errors
/// BADANSWER, with none of the text.
pub fn sound(bytes: &[u8]) -> Result<&str, Reject> {
    let text = str::from_utf8(bytes).map_err(|_| Reject::BadAnswer("upstream's answer is not UTF-8"))?;
    // JSON's own white space; ASCII knows more of it (RFC 8259, section 2).
    let text = text.trim_matches(|character| matches!(character, ' ' | '\t' | '\n' | '\r'));
    if !text.starts_with('{') {
        return Err(Reject::BadAnswer("upstream's answer is not a JSON object"));
    }
    if too_deep(text) {
        return Err(Reject::BadAnswer("upstream's answer is nested too deeply"));
    }
    Ok(text)
}

/// Reads an object, keeping what the plan wants of it.
///
/// # Errors
/// BADANSWER when it is no JSON object, or has an object where a plain value is due or the reverse.
pub fn read<'a>(text: &'a str, plan: &AnswerPlan) -> Result<Finds<'a>, Reject> {
    let mut finds: Finds<'a> = smallvec![None; plan.finds];
    let mut json = serde_json::Deserializer::from_str(text);
    let look = Look { wanted: &plan.wanted, finds: &mut finds };
    look.deserialize(&mut json).and_then(|()| json.end()).map_err(|error| {
        Reject::BadAnswer(match error.classify() {
            serde_json::error::Category::Data => {
                "a member of upstream's answer has another type than the API's"
            }
            serde_json::error::Category::Eof => "upstream's answer ends too early",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                "upstream's answer is not JSON"
            }
        })
    })?;
    Ok(finds)
}

/// Upstream's own verdict: its `result`.
///
/// # Errors
/// BADANSWER when it is missing or not a boolean.
pub fn result(finds: &Finds<'_>) -> Result<bool, Reject> {
    match finds[AnswerPlan::RESULT] {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(Reject::BadAnswer("upstream's `result` is not true or false")),
        None => Err(Reject::BadAnswer("upstream's answer has no `result`")),
    }
}

/// Looks into one object for what is wanted of it. The last of two members of one name counts.
struct Look<'p, 'f, 'a> {
    wanted: &'p [Wanted],
    finds: &'f mut Finds<'a>,
}

impl<'a> DeserializeSeed<'a> for Look<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Look<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Key(wanted)) = map.next_key_seed(KeyOf(self.wanted))? {
            match wanted {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(Wanted { find: Some(find), .. }) => {
                    let text = map.next_value::<&RawValue>()?.get();
                    self.finds[*find] = (text != "null").then_some(text);
                }
                Some(Wanted { inside, .. }) => {
                    forget(inside, self.finds);
                    map.next_value_seed(Look { wanted: inside, finds: self.finds })?;
                }
            }
        }
        Ok(())
    }

    /// `null` in an object's place is an object that is not there.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    /// PHP writes an empty object as an empty list.
    fn visit_seq<S: SeqAccess<'a>>(self, mut items: S) -> Result<(), S::Error> {
        match items.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(serde::de::Error::custom("a list in an object's place")),
        }
    }
}

/// Forgets what an earlier member of the same name held.
fn forget(wanted: &[Wanted], finds: &mut Finds<'_>) {
    for member in wanted {
        if let Some(find) = member.find {
            finds[find] = None;
        }
        forget(&member.inside, finds);
    }
}

/// Which wanted member a key names, found without copying the key.
struct KeyOf<'p>(&'p [Wanted]);
struct Key<'p>(Option<&'p Wanted>);

impl<'a, 'p> DeserializeSeed<'a> for KeyOf<'p> {
    type Value = Key<'p>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Key<'p>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for KeyOf<'p> {
    type Value = Key<'p>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key<'p>, E> {
        Ok(Key(self.0.iter().find(|wanted| wanted.name == key)))
    }
}

fn too_deep(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_DEPTH {
            return true;
        }
    }
    false
}
