//! Walks JSON text once: checks its grammar byte by byte (RFC 8259) and gives wanted values as slices. No tree, no
//! copy, no allocation.

mod skip;

use std::borrow::Cow;

use serde::Deserialize as _;

use super::json::plain;

/// Why a text is not JSON of the wanted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanFault {
    /// It ends too early.
    End,
    /// It is not JSON.
    Syntax,
    /// It is nested too deeply.
    Depth,
}

/// A position in JSON text.
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many more levels of nesting are allowed.
    depth: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner at the first value of a text, which may be nested `depth` deep.
    #[must_use]
    pub fn new(text: &'a str, depth: usize) -> Self {
        let mut scanner = Self { text, at: 0, depth };
        scanner.space();
        scanner
    }

    /// The first byte of the value here.
    ///
    /// # Errors
    /// [`ScanFault::End`] if the text has ended.
    #[inline]
    pub fn peek(&self) -> Result<u8, ScanFault> {
        self.text.as_bytes().get(self.at).copied().ok_or(ScanFault::End)
    }

    /// How many bytes have been read.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Checks that only white space is left.
    ///
    /// # Errors
    /// A fault if anything else is.
    pub fn end(&mut self) -> Result<(), ScanFault> {
        self.space();
        if self.at == self.text.len() { Ok(()) } else { Err(ScanFault::Syntax) }
    }

    /// Reads an object; `member` gets each name and must read its value.
    ///
    /// # Errors
    /// The fault of `member`, or that the value is no object.
    #[inline]
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Text<'a>) -> Result<(), ScanFault>,
    ) -> Result<(), ScanFault> {
        self.nested(b'{', b'}', |scanner| {
            let name = scanner.string()?;
            scanner.space();
            scanner.byte(b':')?;
            scanner.space();
            member(scanner, name)
        })
    }

    /// Reads a list; `item` must read each item.
    ///
    /// # Errors
    /// The fault of `item`, or that the value is no list.
    #[inline]
    pub fn list(&mut self, item: impl FnMut(&mut Self) -> Result<(), ScanFault>) -> Result<(), ScanFault> {
        self.nested(b'[', b']', item)
    }

    /// Reads any value and returns its text.
    ///
    /// # Errors
    /// A fault if there is no valid value.
    pub fn value(&mut self) -> Result<&'a str, ScanFault> {
        let start = self.at;
        match self.peek()? {
            b'"' => return self.string().map(|text| text.json),
            b'{' => self.object(|scanner, _| scanner.value().map(drop))?,
            b'[' => self.list(|scanner| scanner.value().map(drop))?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Ok(&self.text[start..self.at])
    }

    #[inline]
    fn nested(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), ScanFault>,
    ) -> Result<(), ScanFault> {
        self.byte(open)?;
        self.depth = self.depth.checked_sub(1).ok_or(ScanFault::Depth)?;
        self.space();
        if self.peek()? == close {
            self.at += 1;
        } else {
            loop {
                item(self)?;
                self.space();
                let next = self.peek()?;
                self.at += 1;
                match next {
                    b',' => self.space(),
                    _ if next == close => break,
                    _ => return Err(ScanFault::Syntax),
                }
            }
        }
        self.depth += 1;
        Ok(())
    }

    /// Reads a string.
    #[inline]
    fn string(&mut self) -> Result<Text<'a>, ScanFault> {
        let start = self.at;
        let mut is_plain = true;
        self.byte(b'"')?;
        loop {
            self.at += plain(&self.text.as_bytes()[self.at..]);
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    is_plain = false;
                    self.escape()?;
                }
                // Control bytes must be escaped.
                _ => return Err(ScanFault::Syntax),
            }
        }
        let plain = is_plain.then(|| &self.text[start + 1..self.at]);
        self.at += 1;
        Ok(Text { json: &self.text[start..self.at], plain })
    }

    fn escape(&mut self) -> Result<(), ScanFault> {
        self.at += 1;
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => (0..4).try_for_each(|_| {
                let is_digit = self.peek()?.is_ascii_hexdigit();
                self.at += 1;
                if is_digit { Ok(()) } else { Err(ScanFault::Syntax) }
            }),
            _ => Err(ScanFault::Syntax),
        }
    }

    fn number(&mut self) -> Result<(), ScanFault> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        // A number of several digits does not begin with a zero.
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.is_next(b".") {
            self.digits()?;
        }
        if self.is_next(b"eE") {
            self.is_next(b"+-");
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ScanFault> {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        match count {
            0 if rest.is_empty() => Err(ScanFault::End),
            0 => Err(ScanFault::Syntax),
            _ => Ok(()),
        }
    }

    /// Reads one of these bytes, if one is next.
    #[inline]
    fn is_next(&mut self, bytes: &[u8]) -> bool {
        let is_next = self.peek().is_ok_and(|next| bytes.contains(&next));
        self.at += usize::from(is_next);
        is_next
    }

    fn word(&mut self, word: &[u8]) -> Result<(), ScanFault> {
        if self.text.as_bytes()[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        word.iter().try_for_each(|byte| self.byte(*byte))
    }

    #[inline]
    fn byte(&mut self, byte: u8) -> Result<(), ScanFault> {
        if self.peek()? != byte {
            return Err(ScanFault::Syntax);
        }
        self.at += 1;
        Ok(())
    }

    /// Skips JSON's white space; ASCII has more (RFC 8259, section 2).
    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
    }
}

/// A JSON string, such as a member's name.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The string as written, with its quotes.
    json: &'a str,
    /// Its text, if nothing in it is escaped.
    plain: Option<&'a str>,
}

impl<'a> Text<'a> {
    /// The string as written, with its quotes.
    #[must_use]
    pub fn json(self) -> &'a str {
        self.json
    }

    /// Its text, if nothing in it is escaped.
    #[must_use]
    pub fn plain(self) -> Option<&'a str> {
        self.plain
    }

    /// Its text, unescaped; `None` for half of a surrogate pair, which is not text.
    #[must_use]
    pub fn meaning(self) -> Option<Cow<'a, str>> {
        match self.plain {
            Some(plain) => Some(Cow::Borrowed(plain)),
            None => serde_json::from_str(self.json).ok().map(Cow::Owned),
        }
    }

    /// Whether nothing in it is escaped.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.plain.is_some()
    }

    /// Whether its text is this, escaped or not.
    #[inline]
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        match self.plain {
            Some(plain) => plain == text,
            None => self.means(text),
        }
    }

    #[cold]
    fn means(self, text: &str) -> bool {
        let mut json = serde_json::Deserializer::from_str(self.json);
        String::deserialize(&mut json).is_ok_and(|understood| understood == text)
    }
}

#[cfg(test)]
mod tests;
