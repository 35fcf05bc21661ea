//! A number that limits go by, where another reader must not find another one.

use std::borrow::Cow;

use crate::protocol::reject::Reject;

/// A whole number that is written in decimal, as JSON or as a text; none for a text that is no number to anybody.
///
/// # Errors
/// BADPARAM for what another reader may make another number of: some round, cut, pass over what stands in front,
/// know other digits, or take `true` for 1 and a list for its first item.
pub fn number(json: &str, name: &str) -> Result<Option<i64>, Reject> {
    let text = match json.as_bytes() {
        // Half of a surrogate pair makes it none.
        [b'"', ..] => serde_json::from_str::<String>(json).ok().map(Cow::Owned),
        [b'0'..=b'9' | b'-', ..] => Some(Cow::Borrowed(json)),
        _ => None,
    };
    let text = text.as_deref().map(|text| text.trim_matches([' ', '\t', '\r', '\n']));
    match (text, text.and_then(decimal)) {
        (_, Some(number)) => Ok(Some(number)),
        (Some(text), None) if !text.contains(char::is_numeric) => Ok(None),
        _ => Err(Reject::bad_param(name, WHY)),
    }
}

const WHY: &str = "is not written as a whole number is: give decimal digits within 64 bits, with no zero in front, as a JSON number or as text";

/// What is written as a number of 64 bits is in decimal: neither hex, nor octal to some, nor with a plus.
fn decimal(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| itoa::Buffer::new().format(*number) == text)
}
