//! The way over a value that has been read before.

use super::{ScanFault, Scanner};

impl<'a> Scanner<'a> {
    /// Reads a value of a text that is known to be JSON, and returns its text. Brackets are only counted, at a fraction of
    /// what [`Scanner::value`] costs.
    ///
    /// # Errors
    /// [`ScanFault::End`] if the text ends before.
    pub fn skip(&mut self) -> Result<&'a str, ScanFault> {
        if !matches!(self.peek()?, b'{' | b'[') {
            return self.value();
        }
        let bytes = self.text.as_bytes();
        let (start, mut depth, mut at) = (self.at, 0_usize, self.at);
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'"' => at = behind(bytes, at)?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 1 => {
                    self.at = at;
                    return Ok(&self.text[start..at]);
                }
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        Err(ScanFault::End)
    }
}

/// The place behind the text that begins before `at`.
fn behind(bytes: &[u8], mut at: usize) -> Result<usize, ScanFault> {
    loop {
        match bytes.get(at).ok_or(ScanFault::End)? {
            b'"' => return Ok(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
