//! Query and body → [`Form`]: the parameters of a legacy request, decoded once.
//!
//! The rules are those of PHP's `$_REQUEST`, behind which the old door stood (contract, section 1):
//! `&` separates, `+` is a space, the body wins over the query, the last duplicate wins. Names are
//! trimmed and compared without case; a malformed percent sequence is text; text that is not UTF-8
//! is refused by the parameter's name.

use std::ops::Range;

use smallvec::SmallVec;

use crate::reject::Reject;

/// Where a parameter was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Behind the `?` of the target.
    Query,
    /// In the body.
    Body,
}

/// A parameter as text: where its name and value stand in the form's one buffer.
struct Pair {
    name: Range<usize>,
    value: Range<usize>,
    source: Source,
}

/// A legacy request's parameters in the order in which they came, query first.
///
/// No `Debug`: the values hold tokens and messages.
#[derive(Default)]
pub struct Form {
    text: String,
    pairs: SmallVec<[Pair; 24]>,
}

/// One parameter.
#[derive(Clone, Copy)]
pub struct Parameter<'f> {
    /// The name, trimmed and in lower case.
    pub name: &'f str,
    /// The value, decoded once and otherwise untouched.
    pub value: &'f str,
    /// Where it was sent.
    pub source: Source,
}

impl Form {
    /// Reads a urlencoded query and a urlencoded body, of at most `most_pairs` parameters.
    ///
    /// # Errors
    /// TOOLARGE for more parameters, BADPARAM for text that is not UTF-8.
    pub fn read(query: &[u8], body: &[u8], most_pairs: usize) -> Result<Self, Reject> {
        let mut builder = Builder::new(query.len() + body.len(), most_pairs);
        builder.urlencoded(query, Source::Query)?;
        builder.urlencoded(body, Source::Body)?;
        builder.build()
    }

    /// Reads what is sound of a query and a body, as far as `most_pairs` go.
    #[must_use]
    pub fn glimpse(query: &[u8], body: &[u8], most_pairs: usize) -> Self {
        let mut builder = Builder::new(query.len() + body.len(), most_pairs);
        // Whatever is too much is left out.
        let _ =
            builder.urlencoded(query, Source::Query).and_then(|()| builder.urlencoded(body, Source::Body));
        builder.build_sound()
    }

    /// Every parameter, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.pairs.iter().map(|pair| Parameter {
            name: &self.text[pair.name.clone()],
            value: &self.text[pair.value.clone()],
            source: pair.source,
        })
    }

    /// The one value of an envelope parameter (`op`, `token`), trimmed; `None` if it is nowhere or
    /// only empty.
    ///
    /// # Errors
    /// AMBIGUOUS if two different values are there.
    pub fn single(&self, name: &'static str) -> Result<Option<&str>, Reject> {
        let mut found: Option<Parameter<'_>> = None;
        for parameter in self.iter().filter(|parameter| parameter.name == name) {
            let value = trim(parameter.value);
            if value.is_empty() {
                continue;
            }
            match found {
                Some(first) if !same(name, first.value, value) => {
                    return Err(Reject::Ambiguous {
                        name: name.to_owned(),
                        between: between(first.source, parameter.source).into(),
                    });
                }
                _ => found = Some(Parameter { value, ..parameter }),
            }
        }
        Ok(found.map(|parameter| parameter.value))
    }
}

/// `op` is compared without case, as mesibo's own dispatcher does; a token is not.
pub(super) fn same(name: &str, one: &str, other: &str) -> bool {
    if name == "op" { one.eq_ignore_ascii_case(other) } else { one == other }
}

fn between(first: Source, second: Source) -> &'static str {
    match (first, second) {
        (Source::Query, Source::Query) => "both in the query",
        (Source::Body, Source::Body) => "both in the body",
        (Source::Query, Source::Body) | (Source::Body, Source::Query) => {
            "one in the query and one in the body"
        }
    }
}

/// Cuts off the white space that PHP's `trim` cuts off.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\0', '\x0b'])
}

/// Gathers pairs. Names and values lie in one buffer with ASCII between them, so that one look at
/// the whole says whether each is UTF-8.
pub struct Builder {
    text: Vec<u8>,
    pairs: SmallVec<[Pair; 24]>,
    most_pairs: usize,
}

impl Builder {
    /// An empty form for about `size` bytes of text.
    #[must_use]
    pub fn new(size: usize, most_pairs: usize) -> Self {
        Self { text: Vec::with_capacity(size + 2), pairs: SmallVec::new(), most_pairs }
    }

    /// Adds every pair of urlencoded text.
    ///
    /// # Errors
    /// TOOLARGE for more pairs than are taken.
    pub fn urlencoded(&mut self, encoded: &[u8], source: Source) -> Result<(), Reject> {
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
            let value = pair.get(equals + 1..).unwrap_or_default();
            let name = self.push(|text| decode(&pair[..equals], text));
            let value = self.push(|text| decode(value, text));
            self.pair(name, value, source)?;
        }
        Ok(())
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
        let white = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b);
        let bytes = &self.text[name.clone()];
        let start = name.start + bytes.iter().take_while(|byte| white(byte)).count();
        let end = name.end - bytes.iter().rev().take_while(|byte| white(byte)).count();
        let name = start.min(end)..end;
        self.pairs.push(Pair { name, value, source });
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
    fn build_sound(self) -> Form {
        let mut form = Form::default();
        for pair in &self.pairs {
            let read = |range: &Range<usize>| str::from_utf8(&self.text[range.clone()]).ok();
            if let (Some(name), Some(value)) = (read(&pair.name), read(&pair.value)) {
                let start = form.text.len();
                form.text.push_str(name);
                form.text.push_str(value);
                let end = start + name.len();
                form.pairs.push(Pair { name: start..end, value: end..form.text.len(), source: pair.source });
            }
        }
        form
    }
}

fn not_utf8(text: &[u8], pairs: &[Pair]) -> Reject {
    let why = "is not UTF-8 text: encode it as UTF-8 before percent-encoding it";
    for pair in pairs {
        let Ok(name) = str::from_utf8(&text[pair.name.clone()]) else {
            return Reject::BadRequest(format!("a parameter's name {why}").into());
        };
        if str::from_utf8(&text[pair.value.clone()]).is_err() {
            return Reject::bad_param(name, why);
        }
    }
    Reject::BadRequest(format!("the request {why}").into())
}

/// Percent-decodes as forms do (WHATWG URL, section 5.1), leaving malformed sequences as they are.
fn decode(encoded: &[u8], text: &mut Vec<u8>) {
    let mut rest = encoded;
    while let Some(at) = memchr::memchr2(b'%', b'+', rest) {
        text.extend_from_slice(&rest[..at]);
        let (byte, taken) = match rest[at..] {
            [b'+', ..] => (b' ', 1),
            [_, high, low, ..] => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (b'%', 1),
            },
            _ => (b'%', 1),
        };
        text.push(byte);
        rest = &rest[at + taken..];
    }
    text.extend_from_slice(rest);
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
