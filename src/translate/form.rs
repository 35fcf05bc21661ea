//! Query and body → [`Form`]: the parameters of a legacy request, decoded once.
//!
//! The rules are those of PHP's `$_REQUEST`, behind which the old door stood (contract, section 1):
//! `&` separates, `+` is a space, the body wins over the query, the last duplicate wins. Names are
//! trimmed and compared without case; a malformed percent sequence is text; text that is not UTF-8
//! is refused by the parameter's name.

use std::ops::Range;

use smallvec::SmallVec;

use crate::reject::Reject;
use crate::runs::run;

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
    kind: Kind,
    name: Place,
    value: Place,
    source: Source,
}

/// A range of a form's text. Half as long as the standard one: pairs are moved with their form.
#[derive(Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
}

impl Place {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Parameters that every request has, so that they are found without a look at every name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Op,
    Token,
    Id,
    Other,
}

impl Kind {
    fn of(name: &[u8]) -> Self {
        match name {
            b"op" => Self::Op,
            b"token" => Self::Token,
            b"id" => Self::Id,
            _ => Self::Other,
        }
    }
}

/// As many as nearly every request has without asking for memory.
type Pairs = SmallVec<[Pair; 12]>;

/// A legacy request's parameters in the order in which they came, query first.
///
/// No `Debug`: the values hold tokens and messages.
#[derive(Default)]
pub struct Form {
    text: String,
    pairs: Pairs,
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
        self.pairs.iter().map(|pair| self.parameter(pair))
    }

    /// The parameter of this number, in the order in which they came.
    #[must_use]
    pub fn nth(&self, number: usize) -> Option<Parameter<'_>> {
        self.pairs.get(number).map(|pair| self.parameter(pair))
    }

    /// Every parameter called `name`, in the order in which they came.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = Parameter<'_>> {
        let kind = Kind::of(name.as_bytes());
        let is_it = move |pair: &&Pair| {
            pair.kind == kind && (kind != Kind::Other || self.text[pair.name.range()] == *name)
        };
        self.pairs.iter().filter(is_it).map(|pair| self.parameter(pair))
    }

    fn parameter(&self, pair: &Pair) -> Parameter<'_> {
        Parameter {
            name: &self.text[pair.name.range()],
            value: &self.text[pair.value.range()],
            source: pair.source,
        }
    }

    /// The one value of an envelope parameter (`op`, `token`), trimmed; `None` if it is nowhere or
    /// only empty.
    ///
    /// # Errors
    /// AMBIGUOUS if two different values are there.
    pub fn single(&self, name: &'static str) -> Result<Option<&str>, Reject> {
        let mut found: Option<Parameter<'_>> = None;
        for parameter in self.all(name) {
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
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return text;
    };
    // Nearly always there is none, which two looks tell.
    if !is_white(*first) && !is_white(*last) {
        return text;
    }
    text.trim_matches(|character| u8::try_from(character).is_ok_and(is_white))
}

const fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b)
}

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
        Self { text: Vec::with_capacity(size + 2), pairs: SmallVec::new(), most_pairs }
    }

    /// Adds every pair of urlencoded text.
    ///
    /// # Errors
    /// TOOLARGE for more pairs than are taken.
    pub fn urlencoded(&mut self, encoded: &[u8], source: Source) -> Result<(), Reject> {
        // Copied once, as it is, and decoded where it lies: most of it need not be moved.
        let mut at = self.text.len();
        self.text.extend_from_slice(encoded);
        let end = self.text.len();
        self.text.push(b'&');
        while at < end {
            if self.text[at] == b'&' {
                at += 1;
                continue;
            }
            let (name, behind) = self.decode(at, end, Part::Name);
            let (value, behind) = match self.text[behind] {
                b'=' if behind < end => self.decode(behind + 1, end, Part::Value),
                _ => (behind..behind, behind),
            };
            self.pair(name, value, source)?;
            at = behind;
        }
        Ok(())
    }

    /// Percent-decodes one part of a pair as forms do (WHATWG URL, section 5.1), leaving malformed
    /// sequences as they are; gives where it lies now, and where the `=` or `&` behind it stands.
    fn decode(&mut self, start: usize, end: usize, part: Part) -> (Range<usize>, usize) {
        let text = &mut self.text[..end];
        let mut read = start + part.ordinary(&text[start..]);
        let mut write = read;
        loop {
            let (byte, taken) = match text[read..] {
                [] | [b'&', ..] => break,
                [b'=', ..] if part == Part::Name => break,
                [b'+', ..] => (b' ', 1),
                [b'%', high, low, ..] => match (hex(high), hex(low)) {
                    (Some(high), Some(low)) => (high << 4 | low, 3),
                    _ => (b'%', 1),
                },
                [byte, ..] => (byte, 1),
            };
            text[write] = byte;
            (read, write) = (read + taken, write + 1);
            let run = part.ordinary(&text[read..]);
            text.copy_within(read..read + run, write);
            (read, write) = (read + run, write + run);
        }
        // What it took more when it was encoded must not be taken for half a character.
        text[write..read].fill(b'&');
        (start..write, read)
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
    fn build_sound(self) -> Form {
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

/// The two parts of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Value,
}

impl Part {
    /// How many bytes stand before the first one that means something in it.
    fn ordinary(self, bytes: &[u8]) -> usize {
        match self {
            Self::Name => {
                run(bytes, |byte| (byte == b'&') | (byte == b'%') | (byte == b'+') | (byte == b'='))
            }
            Self::Value => run(bytes, |byte| (byte == b'&') | (byte == b'%') | (byte == b'+')),
        }
    }
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
