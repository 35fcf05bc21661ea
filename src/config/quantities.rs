//! Reads sizes and times from settings.

use std::time::Duration;

use crate::protocol::document::{Section, TomlValue};

/// A number of 1 or more.
pub fn size(section: &Section<'_>, name: &'static str) -> Option<usize> {
    match section.integer(name).map(usize::try_from)? {
        Ok(size) if size > 0 => Some(size),
        _ => {
            section.fault_at(name, "must be 1 or more: nothing works without".to_owned());
            None
        }
    }
}

/// A time above 0.
pub fn time(section: &Section<'_>, name: &'static str) -> Option<Duration> {
    has_unit(section, name)?;
    section.parsed(name, |text| match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() && time <= LONGEST => Ok(time),
        _ => Err(format!(
            "`{text}` is no time: give a number above 0 with a unit, such as 500ms, 10s or 2m, a day at most"
        )),
    })
}

/// A time of 0 or more.
pub fn time_or_none(section: &Section<'_>, name: &'static str) -> Option<Duration> {
    has_unit(section, name)?;
    section.parsed(name, |text| match humantime::parse_duration(text) {
        Ok(time) if time <= LONGEST => Ok(time),
        _ => Err(format!(
            "`{text}` is no time: give a number with a unit, such as 0s, 10s or 2m, a day at most"
        )),
    })
}

/// A share, from 0 to 1.
pub fn share(section: &Section<'_>, name: &'static str) -> Option<f64> {
    let share = match &section.node(name)?.value {
        TomlValue::Fraction(share) => Some(*share),
        TomlValue::Integer(0) => Some(0.0),
        TomlValue::Integer(1) => Some(1.0),
        TomlValue::Text(text) => text.parse().ok(),
        _ => None,
    };
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    if share.is_none() {
        section.fault_at(name, "is no share: give a number from 0 to 1, such as 0.01".to_owned());
    }
    share
}

fn has_unit(section: &Section<'_>, name: &'static str) -> Option<()> {
    let example = match section.node(name).map(|node| &node.value) {
        Some(TomlValue::Integer(number)) => format!("{number}s"),
        Some(TomlValue::Fraction(_)) => "1500ms".to_owned(),
        _ => return Some(()),
    };
    section.fault_at(name, format!("is a number without a unit: give a unit, in quotes: \"{example}\""));
    None
}

/// A day: a longer time is taken for a typing error.
const LONGEST: Duration = Duration::from_hours(24);
