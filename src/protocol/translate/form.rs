//! Parses query and body into a [`Form`]: the parameters of a legacy request, decoded once.
//!
//! The rules are those of PHP's `$_REQUEST`, which mesibo's own PHP servers use: `&` separates, `+` is a space, the
//! body wins over the query, the last duplicate wins. Names are trimmed and compared without case; a malformed percent
//! sequence is text; text that is not UTF-8 is refused by the parameter's name.

mod builder;
mod decode;

use std::ops::Range;

use smallvec::SmallVec;

use crate::protocol::reject::Reject;

pub use builder::Builder;

/// Where a parameter was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentIn {
    /// In the target, behind the `?`.
    Query,
    /// In the body.
    Body,
}

/// A parameter as ranges of the form's text.
struct Pair {
    kind: CommonName,
    name: Span,
    value: Span,
    source: SentIn,
}

/// A range of a form's text, half the size of the standard one: pairs are moved with their form.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Names of every request, kept as an enum so that they are found without comparing every name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CommonName {
    Op,
    Token,
    Id,
    Other,
}

impl CommonName {
    fn of(name: &[u8]) -> Self {
        match name {
            b"op" => Self::Op,
            b"token" => Self::Token,
            b"id" => Self::Id,
            _ => Self::Other,
        }
    }
}

/// A form's text up to this length is kept: copying a part of it would cost more.
const MOST_KEPT: usize = 4 * 1024;

/// Nearly every request has at most so many parameters, which need no allocation.
type Pairs = SmallVec<[Pair; 12]>;

/// A legacy request's parameters in the order in which they were sent, query first.
///
/// No `Debug`: the values hold tokens and messages.
#[derive(Default)]
pub struct Form {
    text: String,
    pairs: Pairs,
    has_percent: bool,
}

/// One parameter.
#[derive(Clone, Copy)]
pub struct Parameter<'f> {
    form: &'f Form,
    pair: &'f Pair,
}

impl<'f> Parameter<'f> {
    /// The name, trimmed and in lower case.
    #[must_use]
    pub fn name(self) -> &'f str {
        &self.form.text[self.pair.name.range()]
    }

    /// The value, decoded once and otherwise unchanged.
    #[must_use]
    pub fn value(self) -> &'f str {
        &self.form.text[self.pair.value.range()]
    }

    /// Where it was sent.
    #[must_use]
    pub fn source(self) -> SentIn {
        self.pair.source
    }

    /// Whether the parameter belongs to the envelope: `op`, `token` or `id`.
    #[must_use]
    pub fn is_of_envelope(self) -> bool {
        self.pair.kind != CommonName::Other
    }
}

impl Form {
    /// Reads a urlencoded query and a urlencoded body, of at most `most_pairs` parameters.
    ///
    /// # Errors
    /// TOOLARGE for more parameters, BADPARAM for text that is not UTF-8.
    pub fn read(query: &[u8], body: &[u8], most_pairs: usize) -> Result<Self, Reject> {
        if query.is_empty() && body.is_empty() {
            return Ok(Self::default());
        }
        let mut builder = Builder::new(query.len() + body.len(), most_pairs);
        builder.urlencoded(query, SentIn::Query)?;
        builder.urlencoded(body, SentIn::Body)?;
        builder.build()
    }

    /// Reads the parameters that are UTF-8, up to `most_pairs`.
    #[must_use]
    pub fn glimpse(query: &[u8], body: &[u8], most_pairs: usize) -> Self {
        let mut builder = Builder::new(query.len() + body.len(), most_pairs);
        // Parameters beyond the limit are left out.
        let _ =
            builder.urlencoded(query, SentIn::Query).and_then(|()| builder.urlencoded(body, SentIn::Body));
        builder.build_sound()
    }

    /// Frees a long form's text, except for `op` and `id`, which a refusal repeats.
    pub fn forget(&mut self) {
        if self.text.len() > MOST_KEPT {
            let whole = std::mem::take(self);
            let repeated = whole
                .iter()
                .filter(|parameter| matches!(parameter.pair.kind, CommonName::Op | CommonName::Id));
            repeated.for_each(|parameter| self.add(parameter.pair, parameter.name(), parameter.value()));
        }
    }

    /// Whether a percent sign stands in what was decoded.
    #[must_use]
    pub fn has_percent(&self) -> bool {
        self.has_percent
    }

    /// Every parameter, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.pairs.iter().map(|pair| Parameter { form: self, pair })
    }

    /// Every parameter called `name`, in the order in which they were sent.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = Parameter<'_>> {
        let kind = CommonName::of(name.as_bytes());
        self.iter().filter(move |parameter| {
            parameter.pair.kind == kind && (kind != CommonName::Other || parameter.name() == name)
        })
    }

    /// The single value of an envelope parameter (`op`, `token`), trimmed; `None` if it is missing or empty.
    ///
    /// # Errors
    /// AMBIGUOUS for two different values.
    #[inline]
    pub fn single(&self, name: &'static str) -> Result<Option<&str>, Reject> {
        let kind = CommonName::of(name.as_bytes());
        let mut pairs = self.pairs.iter().filter(|pair| pair.kind == kind);
        // The usual case: the parameter came once, so nothing contradicts it.
        if kind != CommonName::Other
            && let (Some(pair), None) = (pairs.next(), pairs.next())
        {
            let value = trim(&self.text[pair.value.range()]);
            return Ok(Some(value).filter(|value| !value.is_empty()));
        }
        self.agreed(name)
    }

    /// The value on which all parameters of this name agree.
    #[cold]
    fn agreed(&self, name: &'static str) -> Result<Option<&str>, Reject> {
        let mut found: Option<(&str, SentIn)> = None;
        for parameter in self.all(name) {
            let (value, source) = (trim(parameter.value()), parameter.source());
            match found {
                _ if value.is_empty() => {}
                Some((first, from)) if !same(name, first, value) => {
                    return Err(Reject::Ambiguous {
                        name: name.to_owned(),
                        between: between(from, source).into(),
                    });
                }
                _ => found = Some((value, source)),
            }
        }
        Ok(found.map(|(value, _)| value))
    }
}

/// `op` is compared without case, as in mesibo's own dispatcher; a token is not.
pub(super) fn same(name: &str, one: &str, other: &str) -> bool {
    if name == "op" { one.eq_ignore_ascii_case(other) } else { one == other }
}

fn between(first: SentIn, second: SentIn) -> &'static str {
    match (first, second) {
        (SentIn::Query, SentIn::Query) => "both in the query",
        (SentIn::Body, SentIn::Body) => "both in the body",
        (SentIn::Query, SentIn::Body) | (SentIn::Body, SentIn::Query) => {
            "one in the query and one in the body"
        }
    }
}

/// Trims the white space that PHP's `trim` removes.
#[must_use]
pub fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return text;
    };
    // The usual case: there is none, which the first and last byte show.
    if !is_white(*first) && !is_white(*last) {
        return text;
    }
    text.trim_matches(|character| u8::try_from(character).is_ok_and(is_white))
}

pub(super) const fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b)
}

#[cfg(test)]
mod tests {
    use super::{Form, MOST_KEPT};

    #[test]
    fn a_long_form_is_forgotten_but_for_what_a_refusal_repeats() {
        for (length, is_long) in [(MOST_KEPT / 2, false), (MOST_KEPT, true)] {
            let query = format!("op=message&token=t&msg={}&ID=7", "m".repeat(length));
            let mut form = Form::read(query.as_bytes(), b"op=Message", 9).expect("a form");
            form.forget();
            let left: Vec<_> = form.iter().map(|parameter| (parameter.name(), parameter.value())).collect();
            if is_long {
                assert_eq!(left, [("op", "message"), ("id", "7"), ("op", "Message")]);
                assert!(form.text.capacity() < 64);
            } else {
                assert_eq!(left.len(), 5);
            }
        }
    }
}
