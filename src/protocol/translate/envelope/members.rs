//! The members of a JSON request: the three of the envelope, and those that it lends to others.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::super::alike::is_alike;
use super::super::scan::{ScanFault, Scanner};
use super::DEEPEST;

/// Members of an envelope besides `op`, `token` and `id`; the API's own requests have one or two.
///
/// No `Debug`: the values hold messages.
#[derive(Clone, Copy, Default)]
pub struct Others<'a> {
    lent: [(&'a str, &'a str); 4],
    count: usize,
}

impl<'a> Others<'a> {
    /// Names and values, as JSON text; a name with escapes is empty.
    #[must_use]
    pub fn lent(&self) -> &[(&'a str, &'a str)] {
        &self.lent[..self.count.min(self.lent.len())]
    }

    /// Whether there are more than can be lent.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.count > self.lent.len()
    }

    fn add(&mut self, name: &'a str, value: &'a str) {
        if let Some(place) = self.lent.get_mut(self.count) {
            *place = (name, value);
        }
        self.count += 1;
    }
}

/// The members that the gateway reads, as JSON text.
#[derive(Default)]
pub(super) struct EnvelopeMembers<'a> {
    pub(super) op: Option<&'a str>,
    pub(super) token: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) others: Others<'a>,
    /// Whether any other member is an object, as every payload of the API is.
    pub(super) has_payload: bool,
    /// Which of the three names another name may be taken for.
    pub(super) alike: Option<&'static str>,
}

/// The fault of a member that stands twice.
struct Twice;

impl<'a> EnvelopeMembers<'a> {
    /// Scans an object that is not nested too deeply.
    pub(super) fn scan(text: &'a str) -> Result<Self, ScanFault> {
        let mut members = Self::default();
        let mut scanner = Scanner::new(text, DEEPEST);
        scanner.object(|scanner, name| {
            // A name with escapes is left to serde_json, because half of a surrogate pair is not text.
            if !name.is_plain() {
                return Err(ScanFault::Syntax);
            }
            let value = scanner.value()?;
            let name = name.plain().unwrap_or_default();
            members.add(name, name, value).map_err(|Twice| ScanFault::Syntax)
        })?;
        scanner.end()?;
        Ok(members)
    }

    /// Adds a member; `plain` is its name if that has no escapes.
    fn add(&mut self, name: &str, plain: &'a str, value: &'a str) -> Result<(), Twice> {
        let place = match name {
            "op" => &mut self.op,
            "token" => &mut self.token,
            "id" => &mut self.id,
            _ => {
                self.has_payload |= value.starts_with('{');
                self.alike = self
                    .alike
                    .or_else(|| ["op", "token", "id"].into_iter().find(|known| is_alike(name, known)));
                self.others.add(plain, value);
                return Ok(());
            }
        };
        if place.replace(value).is_some() { Err(Twice) } else { Ok(()) }
    }
}

impl<'a> Deserialize<'a> for EnvelopeMembers<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Top)
    }
}

struct Top;

impl<'a> Visitor<'a> for Top {
    type Value = EnvelopeMembers<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<EnvelopeMembers<'a>, M::Error> {
        let mut members = EnvelopeMembers::default();
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            let value: &RawValue = map.next_value()?;
            let plain = if let Cow::Borrowed(name) = key { name } else { "" };
            members.add(&key, plain, value.get()).map_err(|Twice| M::Error::custom("written twice"))?;
        }
        Ok(members)
    }
}
