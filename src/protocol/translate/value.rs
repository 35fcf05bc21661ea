//! Reads a parameter's text as a value of the kind that the table gives it.

use super::form::trim;
use super::json;
use super::list::List;
use crate::protocol::habits::{Habit, Habits};
use crate::protocol::ops::{Param, ParamKind, Scalar};

/// A parameter's value, borrowed from the form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ParamValue<'f> {
    /// Text, trimmed unless the table says verbatim.
    Text(&'f str),
    /// A whole number.
    Integer(i64),
    /// True or false, written as a JSON boolean.
    Boolean(bool),
    /// True or false, written as 1 or 0.
    Bit(bool),
    /// Items between commas.
    List(List<'f>),
}

/// The result of reading a parameter's text.
pub enum ValueReading<'f> {
    /// The text is empty, or equivalent to leaving the parameter out.
    Absent,
    /// A value.
    Is(ParamValue<'f>),
    /// The text cannot be read, and the table says to drop the parameter then.
    Forgiven,
    /// The text cannot be read; the sentence continues from the parameter's name.
    Bad(String),
}

impl ParamValue<'_> {
    /// Writes the value as JSON.
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => json::string(out, text),
            Self::Integer(number) => json::integer(out, number),
            Self::Boolean(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
            Self::Bit(truth) => out.push(if truth { b'1' } else { b'0' }),
            Self::List(list) => list.write(out),
        }
    }

    /// About how many bytes the value takes as JSON.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(list) => list.text().len(),
            Self::Integer(_) | Self::Boolean(_) | Self::Bit(_) => 8,
        }
    }

    fn equals(self, scalar: &Scalar) -> bool {
        match (self, scalar) {
            (Self::Integer(number), Scalar::Integer(other)) => number == *other,
            (Self::Boolean(truth) | Self::Bit(truth), Scalar::Boolean(other)) => truth == *other,
            (Self::Text(text), Scalar::Text(other)) => text == other,
            (Self::List(list), Scalar::Text(other)) => list.text() == other,
            _ => false,
        }
    }
}

/// Reads a parameter's text; `habits` gets those that it shows.
#[must_use]
#[allow(clippy::inline_always, reason = "once a parameter of each request, and seldom elsewhere")]
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn read<'f>(param: &Param, text: &'f str, habits: &mut Habits) -> ValueReading<'f> {
    let text = if param.verbatim { text } else { trim(text) };
    if text.is_empty() {
        return ValueReading::Absent;
    }
    let value = match param.kind {
        ParamKind::Text => {
            if matches!(text.as_bytes(), [b'{' | b'[', ..]) {
                *habits = habits.with(Habit::Json);
            }
            Some(ParamValue::Text(text))
        }
        ParamKind::Integer => {
            if matches!(text.as_bytes(), [b'0', b'x' | b'X', ..]) {
                *habits = habits.with(Habit::Hex);
            }
            integer(text).map(ParamValue::Integer)
        }
        ParamKind::Boolean => boolean(text).map(ParamValue::Boolean),
        ParamKind::Bit => boolean(text).map(ParamValue::Bit),
        ParamKind::List => {
            if matches!(text.as_bytes(), [b'{' | b'[', ..]) {
                *habits = habits.with(Habit::Json);
            }
            match List::read(text) {
                None => return ValueReading::Absent,
                list => list.map(ParamValue::List),
            }
        }
    };
    match value {
        None if param.forgiving => ValueReading::Forgiven,
        None => ValueReading::Bad(expectation(param.kind)),
        Some(value) if param.absent_if.as_ref().is_some_and(|scalar| value.equals(scalar)) => {
            ValueReading::Absent
        }
        Some(value) => match over(param, value) {
            Some(why) => ValueReading::Bad(why),
            None => ValueReading::Is(value),
        },
    }
}

/// Decimal with an optional minus, or hex after `0x`; 64 bits.
#[must_use]
pub fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if hex.bytes().all(|digit| digit.is_ascii_hexdigit()) => i64::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None => text.parse().ok(),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn expectation(kind: ParamKind) -> String {
    match kind {
        ParamKind::Integer => "is not a number: give decimal digits or hex such as 0x20, within 64 bits",
        ParamKind::Boolean | ParamKind::Bit => {
            "is not a yes or no: give 1 or 0 (true and false are taken too)"
        }
        ParamKind::Text | ParamKind::List => "is not text",
    }
    .to_owned()
}

fn over(param: &Param, value: ParamValue<'_>) -> Option<String> {
    let max = param.max?;
    let (size, unit) = match value {
        ParamValue::Integer(number) => (u64::try_from(number).unwrap_or(0), ""),
        ParamValue::Text(text) => (text.len() as u64, " bytes"),
        ParamValue::List(list) => (list.count().into(), " items"),
        ParamValue::Boolean(_) | ParamValue::Bit(_) => return None,
    };
    (size > max).then(|| format!("is over the most that is taken, {max}{unit}"))
}
