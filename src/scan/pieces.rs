//! What an expression gives, as far as a text can be known without running it: joined texts, formats, builders.

mod joins;

use std::ops::Range;

use super::source::Source;
use super::token::{Kind, Piece, extend, known};
use super::tongue::Tongue;

/// Functions whose first argument is a format of `printf`.
const FORMATS: [&str; 6] = ["sprintf", "vsprintf", "format", "Sprintf", "printf", "formatted"];
/// Functions that encode a value for a URL: the JSON needs it as it was.
const ENCODERS: [&str; 17] = [
    "urlencode",
    "rawurlencode",
    "encodeURIComponent",
    "encodeURI",
    "quote",
    "quote_plus",
    "QueryEscape",
    "PathEscape",
    "encodeComponent",
    "encodeQueryComponent",
    "encodeFull",
    "encode",
    "htmlspecialchars",
    "escape",
    "trim",
    "strval",
    "String",
];
/// Members of a text that change nothing of what matters here.
const HARMLESS: [&str; 10] = [
    "trim",
    "trimIndent",
    "trimMargin",
    "toHttpUrl",
    "toHttpUrlOrNull",
    "toUri",
    "strip",
    "toString",
    "href",
    "concat",
];

impl Source<'_> {
    /// The pieces of the text that an expression gives.
    pub(super) fn pieces(&self, range: &Range<usize>) -> Vec<Piece> {
        self.pieces_within(range, 12)
    }

    fn pieces_within(&self, range: &Range<usize>, depth: usize) -> Vec<Piece> {
        let whole = || vec![Piece::Hole(self.slice(range).to_owned())];
        if range.is_empty() {
            return Vec::new();
        }
        if depth == 0 {
            return whole();
        }
        if self.position(range.clone(), |at| self.is_choice(at)).is_some() {
            return whole();
        }
        let mut pieces = Vec::new();
        for operand in self.split(range.clone(), self.tongue.joint()) {
            extend(&mut pieces, self.operand(&operand, depth));
        }
        pieces
    }

    /// Whether a mark makes one value of several, of which one is chosen, or a truth.
    fn is_choice(&self, at: usize) -> bool {
        let is_mark = self.tokens[at].kind == Kind::Mark;
        is_mark
            && matches!(
                self.written(at),
                "?" | "?:" | "??" | "&&" | "||" | "==" | "===" | "!=" | "!==" | "=>"
            )
    }

    fn operand(&self, range: &Range<usize>, depth: usize) -> Vec<Piece> {
        let whole = || vec![Piece::Hole(self.slice(range).to_owned())];
        let Some(first) = self.tokens.get(range.start).filter(|_| !range.is_empty()) else {
            return Vec::new();
        };
        let last = range.end - 1;
        match &first.kind {
            Kind::Text(_) => self.texts(range, depth).unwrap_or_else(whole),
            Kind::Number if range.len() == 1 && is_decimal(self.slice(range)) => {
                vec![Piece::Known(self.slice(range).to_owned())]
            }
            Kind::Mark if self.is_mark(range.start, "(") && self.partner(range.start) == Some(last) => {
                self.pieces_within(&(range.start + 1..last), depth - 1)
            }
            Kind::Mark
                if self.is_mark(range.start, "-") && range.len() == 2 && is_decimal(self.written(last)) =>
            {
                vec![Piece::Known(self.slice(range).to_owned())]
            }
            Kind::Mark if self.is_mark(range.start, "[") && self.tongue == Tongue::Script => {
                self.joined_list(range, depth).unwrap_or_else(whole)
            }
            Kind::Word => self.call(range, depth).unwrap_or_else(whole),
            _ => whole(),
        }
    }

    /// Texts side by side, or a text with a format's arguments behind it.
    fn texts(&self, range: &Range<usize>, depth: usize) -> Option<Vec<Piece>> {
        let count = range.clone().take_while(|at| self.quoted(*at).is_some()).count();
        let mut pieces = Vec::new();
        for at in range.start..range.start + count {
            extend(&mut pieces, self.quoted(at)?.iter().cloned());
        }
        let next = range.start + count;
        if next == range.end {
            return Some(pieces);
        }
        if self.is_mark(next, "%") && self.tongue == Tongue::Python {
            let group = self.is_mark(next + 1, "(") && self.partner(next + 1) == Some(range.end - 1);
            let arguments =
                if group { self.arguments(next + 1) } else { std::iter::once(next + 1..range.end).collect() };
            return self.printf(&pieces, &arguments, depth);
        }
        let method = self.word(next + 1).filter(|_| self.is_mark(next, "."))?;
        match method {
            "format" if self.tongue == Tongue::Python => {
                self.braces(&pieces, &self.arguments(next + 2), depth)
            }
            "join" if self.tongue == Tongue::Python => self.joined(&pieces, &self.arguments(next + 2), depth),
            "format" | "formatted" => self.printf(&pieces, &self.arguments(next + 2), depth),
            _ if HARMLESS.contains(&method) => Some(pieces),
            _ => None,
        }
    }

    /// What a call gives: a format filled in, a builder's parts, or an encoder's argument.
    fn call(&self, range: &Range<usize>, depth: usize) -> Option<Vec<Piece>> {
        let appended = self.appended(range, depth);
        if appended.is_some() {
            return appended;
        }
        let open = self.position(range.clone(), |at| self.is_mark(at, "("))?;
        let name = self.word(open.checked_sub(1)?)?.rsplit('\\').next()?;
        if self.partner(open) != Some(range.end - 1) {
            return None;
        }
        let arguments = self.arguments(open);
        let first = arguments.first()?;
        if self.joins(open) && arguments.len() == 2 {
            let between = self.pieces_within(first, depth - 1);
            return self.joined(&between, &arguments[1..], depth);
        }
        if FORMATS.contains(&name) {
            let has_locale = !self.has_text(first) && arguments.len() > 1;
            let from = usize::from(has_locale);
            let format = self.pieces_within(&arguments[from], depth - 1);
            return self.printf(&format, &arguments[from + 1..], depth);
        }
        let is_json = open >= 3 && matches!(self.word(open - 3), Some("json" | "JSON" | "base64"));
        (ENCODERS.contains(&name) && !is_json).then(|| self.pieces_within(first, depth - 1))
    }

    fn has_text(&self, range: &Range<usize>) -> bool {
        range.clone().any(|at| self.quoted(at).is_some())
    }

    /// What `new StringBuilder("a").append(b).append("c")` gives.
    fn appended(&self, range: &Range<usize>, depth: usize) -> Option<Vec<Piece>> {
        let (mut pieces, mut at, mut is_builder) = (Vec::new(), range.start, false);
        while at < range.end {
            let is_part =
                matches!(self.word(at), Some("append" | "StringBuilder" | "StringBuffer" | "concat"));
            if is_part && self.is_mark(at + 1, "(") {
                is_builder = true;
                for argument in self.arguments(at + 1) {
                    extend(&mut pieces, self.pieces_within(&argument, depth - 1));
                }
            }
            at = self.partner(at).filter(|partner| *partner > at).unwrap_or(at) + 1;
        }
        is_builder.then_some(pieces)
    }

    /// Fills `%s`, `%d`, `%1$s` and their like.
    fn printf(&self, format: &[Piece], arguments: &[Range<usize>], depth: usize) -> Option<Vec<Piece>> {
        let mut next = 0;
        filled(format, |rest| {
            let spec = rest.strip_prefix('%')?;
            if spec.starts_with('%') {
                return Some((vec![Piece::Known("%".to_owned())], 2));
            }
            let end = spec.find(|it: char| it.is_ascii_alphabetic())?;
            let (flags, letter) = (&spec[..end], &spec[end..=end]);
            let is_sound = flags.chars().all(|it| it.is_ascii_digit() || "$-+.# ".contains(it));
            // A percent sequence of a URL, such as `%20b`, is no format.
            if !is_sound || !"sdvuifqxXb".contains(letter) {
                return None;
            }
            let number = flags.split_once('$').and_then(|(number, _)| number.parse::<usize>().ok());
            let index = number.map_or(next, |number| number.saturating_sub(1));
            next = if number.is_some() { next } else { next + 1 };
            let argument = arguments.get(index)?;
            let is_plain = flags.is_empty() || flags.ends_with('$');
            if is_plain && "sdvui".contains(letter) {
                return Some((self.pieces_within(argument, depth - 1), end + 2));
            }
            let formatted = formatted(self.tongue, &format!("%{flags}{letter}"), self.slice(argument));
            Some((vec![Piece::Hole(formatted)], end + 2))
        })
    }

    /// Fills `{}`, `{0}` and `{name}` of Python.
    fn braces(&self, format: &[Piece], arguments: &[Range<usize>], depth: usize) -> Option<Vec<Piece>> {
        let mut next = 0;
        filled(format, |rest| {
            let (name, _) = rest.strip_prefix('{')?.split_once('}')?;
            let length = name.len() + 2;
            let name = name.split([':', '!']).next()?;
            let named = |range: &&Range<usize>| {
                self.word(range.start) == Some(name) && self.is_mark(range.start + 1, "=")
            };
            let argument = match name.parse::<usize>() {
                Ok(index) => arguments.get(index)?.clone(),
                Err(_) if name.is_empty() => {
                    next += 1;
                    arguments.get(next - 1)?.clone()
                }
                Err(_) => arguments.iter().find(named).map(|range| range.start + 2..range.end)?,
            };
            Some((self.pieces_within(&argument, depth - 1), length))
        })
    }
}

/// Whether a number is the same as a text: one in another base, with a suffix or an exponent is not.
fn is_decimal(number: &str) -> bool {
    number == "0" || (!number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A value with a width or a base, which only the format itself gives.
fn formatted(tongue: Tongue, spec: &str, value: &str) -> String {
    match tongue {
        Tongue::Php | Tongue::Script => format!("sprintf('{spec}', {value})"),
        Tongue::Python => format!("('{spec}' % ({value}))"),
        Tongue::Go => format!("fmt.Sprintf(\"{spec}\", {value})"),
        _ => format!("String.format(\"{spec}\", {value})"),
    }
}

/// An expression inside of a text without the call that encodes it for a URL.
pub(super) fn undressed(expression: &str) -> &str {
    let Some((function, rest)) = expression.split_once('(') else { return expression };
    let name = function.rsplit(['.', ':', '\\']).next().unwrap_or_default();
    let is_name = function.chars().all(|it| it.is_alphanumeric() || "_.:\\$".contains(it));
    let Some(inner) = rest.strip_suffix(')').filter(|_| is_name && ENCODERS.contains(&name)) else {
        return expression;
    };
    let (mut depth, mut end) = (0_i32, inner.len());
    for (at, character) in inner.char_indices() {
        depth +=
            i32::from(matches!(character, '(' | '[' | '{')) - i32::from(matches!(character, ')' | ']' | '}'));
        if depth < 0
            || (depth == 0 && matches!(character, '"' | '\'' | '`'))
                && character != inner.chars().next().unwrap_or_default()
        {
            return expression;
        }
        if depth == 0 && character == ',' {
            end = at;
            break;
        }
    }
    let inner = inner[..end].trim();
    if inner.is_empty() || function.starts_with("json") || function.starts_with("JSON") {
        expression
    } else {
        inner
    }
}

/// A format in whose known parts `fill` replaces what it knows.
fn filled(format: &[Piece], mut fill: impl FnMut(&str) -> Option<(Vec<Piece>, usize)>) -> Option<Vec<Piece>> {
    known(format)?;
    let mut pieces = Vec::new();
    for piece in format {
        let Piece::Known(text) = piece else { continue };
        let mut at = 0;
        while let Some(next) = text[at..].chars().next() {
            let (more, length) =
                fill(&text[at..]).unwrap_or_else(|| (vec![Piece::Known(next.to_string())], next.len_utf8()));
            extend(&mut pieces, more);
            at += length;
        }
    }
    Some(pieces)
}
