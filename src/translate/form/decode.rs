//! Percent-decoding as forms do it (WHATWG URL, section 5.1), a block of bytes at a time.

use crate::runs::{BLOCK, Special};

/// What means something in a pair.
const IN_NAMES: Special<4> = Special::new([b'&', b'%', b'+', b'=']);
const IN_VALUES: Special<3> = Special::new([b'&', b'%', b'+']);

/// The two parts of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Up to the first `=`.
    Name,
    /// Behind it.
    Value,
}

impl Part {
    /// How many bytes of a block stand for themselves before the first one that does not.
    fn plain(self, block: &[u8; BLOCK]) -> usize {
        match self {
            Self::Name => IN_NAMES.run_in(block),
            Self::Value => IN_VALUES.run_in(block),
        }
    }
}

/// Reads encoded text from its start to its end.
pub struct Decoder<'e> {
    encoded: &'e [u8],
    read: usize,
}

impl<'e> Decoder<'e> {
    /// At the start of a text.
    #[must_use]
    pub fn new(encoded: &'e [u8]) -> Self {
        Self { encoded, read: 0 }
    }

    /// What comes next; none at the end.
    #[must_use]
    pub fn next(&self) -> Option<u8> {
        self.encoded.get(self.read).copied()
    }

    /// Passes over one byte.
    pub fn skip(&mut self) {
        self.read += 1;
    }

    /// Decodes a part up to the `=` or `&` behind it. A malformed sequence stays as it is.
    pub fn part(&mut self, part: Part, out: &mut Vec<u8>) {
        loop {
            let block = self.block();
            let plain = part.plain(&block);
            // All of it is written, however little counts: a copy of any other length would cost more.
            out.extend_from_slice(&block);
            if plain == BLOCK {
                // A number that is known: the processor need not wait for the one that was found.
                self.read += BLOCK;
                continue;
            }
            self.read += plain;
            out.truncate(out.len() - (BLOCK - plain));
            out.push(match self.next() {
                Some(b'+') => b' ',
                Some(b'%') => self.escaped().unwrap_or(b'%'),
                _ => return,
            });
            self.read += 1;
        }
    }

    /// The next bytes; behind the end, as if a pair ended there.
    fn block(&self) -> [u8; BLOCK] {
        let rest = &self.encoded[self.read..];
        rest.first_chunk().copied().unwrap_or_else(|| {
            let mut block = [b'&'; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            block
        })
    }

    /// The byte that an escape stands for; it is read but for its last digit.
    fn escaped(&mut self) -> Option<u8> {
        let [_, high, low] = *self.encoded[self.read..].first_chunk()?;
        let (high, low) = (DIGITS[usize::from(high)], DIGITS[usize::from(low)]);
        if high > 0xf || low > 0xf {
            return None;
        }
        self.read += 2;
        Some(high << 4 | low)
    }
}

/// The value of each hexadecimal digit; of all else, more than one can have.
const DIGITS: [u8; 256] = {
    let mut digits = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};
