//! Looking at many bytes at once.

use wide::u8x16;

/// How many bytes one look takes.
pub const BLOCK: usize = 16;
const HALF: usize = BLOCK / 2;
/// How many bytes a word has a bit for.
pub const WINDOW: usize = 64;

/// Bytes that mean something in a text that mostly has others.
#[derive(Clone, Copy)]
pub struct Special<const N: usize> {
    bytes: [u8; N],
    /// Every byte below this one is special too.
    below: u8,
}

impl<const N: usize> Special<N> {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self { bytes, below: 0 }
    }

    /// And every byte below `limit`.
    #[must_use]
    pub const fn and_below(self, limit: u8) -> Self {
        Self { below: limit, ..self }
    }

    /// A bit for each special byte among the first [`WINDOW`] of a longer text, the first one's lowest.
    #[must_use]
    pub fn marks<const M: usize>(&self, text: &[u8; M]) -> u64 {
        const { assert!(M >= WINDOW) };
        let (blocks, _) = text.as_chunks();
        let mark = |number: usize| u64::from(self.among(&blocks[number])) << (number * BLOCK);
        mark(0) | mark(1) | mark(2) | mark(3)
    }

    /// How many bytes stand before the first special one.
    #[must_use]
    pub fn run(&self, text: &[u8]) -> usize {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        for (number, block) in blocks.iter().enumerate() {
            let among = self.among(block);
            if among != 0 {
                return number * BLOCK + among.trailing_zeros() as usize;
            }
        }
        let done = text.len() - rest.len();
        done + match text.last_chunk::<BLOCK>() {
            // The last block overlaps the one before it, in which there is none.
            Some(last) => {
                let among = self.among(last) >> (BLOCK - rest.len());
                rest.len().min(among.trailing_zeros() as usize)
            }
            None => rest.iter().position(|byte| self.is(*byte)).unwrap_or(rest.len()),
        }
    }

    /// Whether one of them is in a text.
    #[must_use]
    pub fn is_in(&self, text: &[u8]) -> bool {
        let (blocks, _) = text.as_chunks::<BLOCK>();
        let has = |block| self.among(block) != 0;
        match (text.last_chunk::<BLOCK>(), text.first_chunk::<HALF>(), text.last_chunk::<HALF>()) {
            (Some(last), ..) => blocks.iter().any(has) || has(last),
            (None, Some(first), Some(last)) => {
                let mut both = [0; BLOCK];
                both[..HALF].copy_from_slice(first);
                both[HALF..].copy_from_slice(last);
                has(&both)
            }
            _ => text.iter().any(|byte| self.is(*byte)),
        }
    }

    fn is(&self, byte: u8) -> bool {
        byte < self.below || self.bytes.contains(&byte)
    }

    /// A bit for each special byte, the first one's lowest.
    fn among(&self, block: &[u8; BLOCK]) -> u32 {
        self.found(block).to_bitmask()
    }

    /// All bits of each special byte.
    #[must_use]
    pub fn found(&self, block: &[u8; BLOCK]) -> u8x16 {
        let block = u8x16::new(*block);
        let low = match self.below.checked_sub(1) {
            None => u8x16::ZERO,
            Some(most) => block.min(u8x16::splat(most)).simd_eq(block),
        };
        self.bytes.iter().fold(low, |found, byte| found | block.simd_eq(u8x16::splat(*byte)))
    }
}

/// How many letters, digits and hyphens of ASCII stand first in a block.
#[must_use]
pub fn word(block: &[u8; BLOCK]) -> usize {
    let block = u8x16::new(*block);
    let within = |bytes: u8x16, first: u8, count: u8| {
        let from_first = bytes - u8x16::splat(first);
        from_first.min(u8x16::splat(count - 1)).simd_eq(from_first)
    };
    let letter = within(block | u8x16::splat(b' '), b'a', 26);
    let digit = within(block, b'0', 10);
    let hyphen = block.simd_eq(u8x16::splat(b'-'));
    (letter | digit | hyphen).to_bitmask().trailing_ones() as usize
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Special, WINDOW, word};

    #[test]
    fn a_word_ends_before_the_first_byte_of_another_kind() {
        for byte in 0..=u8::MAX {
            let is_of_words = byte.is_ascii_alphanumeric() || byte == b'-';
            for place in 0..BLOCK {
                let mut block = *b"Transfer-Enc0din";
                block[place] = byte;
                assert_eq!(word(&block), if is_of_words { BLOCK } else { place }, "{byte:#04x} at {place}");
            }
        }
    }

    #[test]
    fn each_special_byte_of_a_window_has_its_mark() {
        let set = Special::new([b'=']).and_below(b',');
        for place in 0..WINDOW {
            let mut text = [b'a'; WINDOW + 1];
            (text[place], text[WINDOW]) = (b'%', b'=');
            assert_eq!(set.marks(&text), 1 << place);
            text[0] = b'=';
            assert_eq!(set.marks(&text), 1 << place | 1);
        }
    }

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        let sets =
            [(Special::new([b'&', b'%']), b"&%"), (Special::new([b'"', b'\\']).and_below(b' '), b"\n\"")];
        for (set, special) in sets {
            for length in 0..70 {
                for place in 0..=length {
                    let mut text = vec![b'\xe9'; length];
                    assert!(!set.is_in(&text));
                    text.iter_mut().skip(place).step_by(3).for_each(|byte| *byte = special[0]);
                    assert_eq!(set.run(&text), place, "{place} of {length}");
                    assert_eq!(set.is_in(&text), place < length, "{place} of {length}");
                    let one: Vec<u8> =
                        (0..length).map(|at| if at == place { special[1] } else { b' ' }).collect();
                    assert_eq!(set.run(&one), place, "{place} of {length}");
                    assert_eq!(set.is_in(&one), place < length, "{place} of {length}");
                }
            }
        }
    }
}
