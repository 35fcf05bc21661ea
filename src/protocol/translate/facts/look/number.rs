//! Reads a number that limits use, and refuses one that another JSON reader may read differently.

use std::borrow::Cow;

use crate::protocol::reject::Reject;

/// A whole number in decimal, as a JSON number or as text; `None` for a text that no reader takes for a number.
///
/// # Errors
/// BADPARAM for a value that readers may turn into different numbers: some round, truncate, skip what stands in front,
/// know other digits, or take `true` for 1 and a list for its first item.
pub fn number(json: &str, name: &str) -> Result<Option<i64>, Reject> {
    let text = match json.as_bytes() {
        // Half of a surrogate pair is not text, so it is refused.
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

/// A 64-bit number in plain decimal: neither hex, nor with a plus, nor with a leading zero, which some read as octal.
fn decimal(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| itoa::Buffer::new().format(*number) == text)
}
