//! Pairs as they are gathered: decoded, named, and found to be text.

use std::ops::Range;

use smallvec::SmallVec;

use super::decode::{Decoder, Part};
use super::{Form, Kind, Pair, Pairs, Place, Source, is_white};
use crate::reject::Reject;
use crate::runs::BLOCK;

/// Gathers pairs. Names and values lie in one buffer with ASCII between them, so that one look at
/// the whole says whether each is UTF-8.
pub struct Builder {
    text: Vec<u8>,
    pairs: Pairs,
    most_pairs: usize,
}

impl Builder {
    /// An empty form for about `size` bytes of text.
    #[must_use]
    pub fn new(size: usize, most_pairs: usize) -> Self {
        Self { text: Vec::with_capacity(size + 2 * (BLOCK + 1)), pairs: SmallVec::new(), most_pairs }
    }

    /// Adds every pair of urlencoded text.
    ///
    /// # Errors
    /// TOOLARGE for more pairs than are taken.
    pub fn urlencoded(&mut self, encoded: &[u8], source: Source) -> Result<(), Reject> {
        self.text.reserve(encoded.len() + BLOCK + 1);
        let mut decoder = Decoder::new(encoded);
        while let Some(next) = decoder.next() {
            if next == b'&' {
                decoder.skip();
                continue;
            }
            let name = self.part(&mut decoder, Part::Name);
            let value = match decoder.next() {
                Some(b'=') => {
                    decoder.skip();
                    self.part(&mut decoder, Part::Value)
                }
                _ => name.end..name.end,
            };
            self.pair(name, value, source)?;
        }
        Ok(())
    }

    fn part(&mut self, decoder: &mut Decoder<'_>, part: Part) -> Range<usize> {
        self.push(|text| decoder.part(part, text))
    }

    /// Adds one pair that needs no decoding, of a multipart body.
    ///
    /// # Errors
    /// TOOLARGE for more pairs than are taken.
    pub fn plain(&mut self, name: &[u8], value: &[u8]) -> Result<(), Reject> {
        let name = self.push(|text| text.extend_from_slice(name));
        let value = self.push(|text| text.extend_from_slice(value));
        self.pair(name, value, Source::Body)
    }

    /// Adds a text, with ASCII behind it: nothing is taken for the rest of a character before it.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Range<usize> {
        let start = self.text.len();
        write(&mut self.text);
        let range = start..self.text.len();
        self.text.push(b'&');
        range
    }

    fn pair(&mut self, name: Range<usize>, value: Range<usize>, source: Source) -> Result<(), Reject> {
        if self.pairs.len() >= self.most_pairs {
            return Err(Reject::TooLarge {
                what: "the number of parameters",
                limit: self.most_pairs,
                setting: "cap.pairs",
            });
        }
        self.text[name.clone()].make_ascii_lowercase();
        let bytes = &self.text[name.clone()];
        let start = name.start + bytes.iter().take_while(|byte| is_white(**byte)).count();
        let end = name.end - bytes.iter().rev().take_while(|byte| is_white(**byte)).count();
        let name = start.min(end)..end;
        let kind = Kind::of(&self.text[name.clone()]);
        let (name, value) = (place(name)?, place(value)?);
        self.pairs.push(Pair { kind, name, value, source });
        Ok(())
    }

    /// The form.
    ///
    /// # Errors
    /// BADPARAM with the name of the parameter that is not UTF-8.
    pub fn build(self) -> Result<Form, Reject> {
        match String::from_utf8(self.text) {
            Ok(text) => Ok(Form { text, pairs: self.pairs }),
            Err(error) => Err(not_utf8(error.as_bytes(), &self.pairs)),
        }
    }
}

impl Builder {
    /// The form of those pairs that are UTF-8.
    pub(super) fn build_sound(self) -> Form {
        let mut form = Form::default();
        for pair in &self.pairs {
            let read = |place: Place| str::from_utf8(&self.text[place.range()]).ok();
            if let (Some(name), Some(value)) = (read(pair.name), read(pair.value)) {
                let start = form.text.len();
                form.text.push_str(name);
                form.text.push_str(value);
                let end = start + name.len();
                if let (Ok(name), Ok(value)) = (place(start..end), place(end..form.text.len())) {
                    form.pairs.push(Pair { kind: pair.kind, name, value, source: pair.source });
                }
            }
        }
        form
    }
}

/// Four gigabytes are beyond every cap that makes sense, and beyond what a pair can hold.
fn place(range: Range<usize>) -> Result<Place, Reject> {
    match (u32::try_from(range.start), u32::try_from(range.end)) {
        (Ok(start), Ok(end)) => Ok(Place { start, end }),
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
