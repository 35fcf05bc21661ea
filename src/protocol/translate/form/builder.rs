//! Collects a form's pairs: decodes them, tidies their names, and checks that they are UTF-8.

use std::ops::Range;

use smallvec::SmallVec;

use super::decode::{SLACK, decode};
use super::{CommonName, Form, Pair, Pairs, SentIn, Span, is_white};
use crate::protocol::reject::Reject;

/// Collects pairs. Names and values lie in one buffer with ASCII between them, so that one UTF-8 check of the whole
/// covers each.
pub struct Builder {
    text: Vec<u8>,
    pairs: Pairs,
    most_pairs: usize,
    has_percent: bool,
}

impl Builder {
    /// An empty form for about `size` bytes of text in a query and a body.
    #[must_use]
    pub fn new(size: usize, most_pairs: usize) -> Self {
        let text = Vec::with_capacity(size + 2 * SLACK);
        Self { text, pairs: SmallVec::new(), most_pairs, has_percent: false }
    }

    /// Adds every pair of urlencoded text. A leading byte order mark, which some languages write before any text, is
    /// dropped.
    ///
    /// # Errors
    /// TOOLARGE for too many pairs.
    pub fn urlencoded(&mut self, encoded: &[u8], source: SentIn) -> Result<(), Reject> {
        let encoded = without_mark(encoded);
        if encoded.is_empty() {
            return Ok(());
        }
        let Self { text, pairs, most_pairs, has_percent } = self;
        let before = pairs.len();
        let decoded = decode(encoded, text, |name, value| add(pairs, *most_pairs, name, value, source));
        pairs[before..].iter_mut().for_each(|pair| tidy(pair, text));
        *has_percent |= decoded?;
        Ok(())
    }

    /// Adds one pair of a multipart body, which needs no decoding.
    ///
    /// # Errors
    /// TOOLARGE for too many pairs.
    pub fn plain(&mut self, name: &[u8], value: &[u8]) -> Result<(), Reject> {
        self.has_percent |= value.contains(&b'%');
        let (name, value) = (self.push(name), self.push(value));
        add(&mut self.pairs, self.most_pairs, name, value, SentIn::Body)?;
        if let Some(pair) = self.pairs.last_mut() {
            tidy(pair, &mut self.text);
        }
        Ok(())
    }

    fn push(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        // ASCII follows each part, as in decoded text.
        self.text.push(b'&');
        start..start + text.len()
    }

    /// Builds the form.
    ///
    /// # Errors
    /// BADPARAM with the name of the parameter that is not UTF-8.
    pub fn build(self) -> Result<Form, Reject> {
        match String::from_utf8(self.text) {
            Ok(text) => Ok(Form { text, pairs: self.pairs, has_percent: self.has_percent }),
            Err(error) => Err(not_utf8(error.as_bytes(), &self.pairs)),
        }
    }
}

/// A text without a leading byte order mark, plain or percent-encoded.
fn without_mark(encoded: &[u8]) -> &[u8] {
    match encoded {
        [0xef, 0xbb, 0xbf, rest @ ..]
        | [
            b'%',
            b'E' | b'e',
            b'F' | b'f',
            b'%',
            b'B' | b'b',
            b'B' | b'b',
            b'%',
            b'B' | b'b',
            b'F' | b'f',
            rest @ ..,
        ] => rest,
        _ => encoded,
    }
}

/// Adds a pair; its name is not tidied yet.
fn add(
    pairs: &mut Pairs,
    most: usize,
    name: Range<usize>,
    value: Range<usize>,
    source: SentIn,
) -> Result<(), Reject> {
    if pairs.len() >= most {
        return Err(Reject::TooLarge { what: "the number of parameters", limit: most, setting: "cap.pairs" });
    }
    pairs.push(Pair { kind: CommonName::Other, name: place(name)?, value: place(value)?, source });
    Ok(())
}

/// Lower-cases a pair's name and trims white space around it.
fn tidy(pair: &mut Pair, text: &mut [u8]) {
    let name = &mut text[pair.name.range()];
    name.make_ascii_lowercase();
    if let ([first, ..], [.., last]) = (&*name, &*name)
        && (is_white(*first) || is_white(*last))
    {
        pair.name = trimmed(pair.name, text);
    }
    pair.kind = CommonName::of(&text[pair.name.range()]);
}

/// A text's range without the white space around it.
fn trimmed(place: Span, text: &[u8]) -> Span {
    let Span { mut start, mut end } = place;
    while start < end && is_white(text[start as usize]) {
        start += 1;
    }
    while start < end && is_white(text[end as usize - 1]) {
        end -= 1;
    }
    Span { start, end }
}

impl Builder {
    /// Builds a form of the pairs that are UTF-8.
    pub(super) fn build_sound(self) -> Form {
        let mut form = Form::default();
        for pair in &self.pairs {
            let read = |place: Span| str::from_utf8(&self.text[place.range()]).ok();
            if let (Some(name), Some(value)) = (read(pair.name), read(pair.value)) {
                form.add(pair, name, value);
            }
        }
        form
    }
}

impl Form {
    /// Copies a pair from another form.
    pub(super) fn add(&mut self, pair: &Pair, name: &str, value: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        self.text.push_str(value);
        let end = start + name.len();
        if let (Ok(name), Ok(value)) = (place(start..end), place(end..self.text.len())) {
            self.pairs.push(Pair { kind: pair.kind, name, value, source: pair.source });
        }
    }
}

/// A pair cannot hold more than four gigabytes, which exceeds every sensible cap.
fn place(range: Range<usize>) -> Result<Span, Reject> {
    match (u32::try_from(range.start), u32::try_from(range.end)) {
        (Ok(start), Ok(end)) => Ok(Span { start, end }),
        _ => Err(Reject::TooLarge {
            what: "the parameters, in bytes,",
            limit: u32::MAX as usize,
            setting: "cap.body",
        }),
    }
}

fn not_utf8(text: &[u8], pairs: &[Pair]) -> Reject {
    let why = "is not UTF-8 text: encode it as UTF-8 before percent-encoding it";
    for pair in pairs {
        let Ok(name) = str::from_utf8(&text[pair.name.range()]) else {
            return Reject::BadRequest(format!("a parameter's name {why}").into());
        };
        if str::from_utf8(&text[pair.value.range()]).is_err() {
            return Reject::bad_param(name, why);
        }
    }
    Reject::BadRequest(format!("the request {why}").into())
}
