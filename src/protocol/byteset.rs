//! Searches text for a set of bytes, a block of 16 at a time with SIMD. Used by the form decoder and by JSON reading
//! and writing.

use wide::u8x16;

/// How many bytes one comparison takes.
pub const BLOCK: usize = 16;
const HALF: usize = BLOCK / 2;
/// How many bytes one mask of bits covers.
pub const WINDOW: usize = 64;

/// A set of bytes that are rare in a text and have a meaning there.
#[derive(Clone, Copy)]
pub struct Special<const N: usize> {
    bytes: [u8; N],
    /// Every byte below this one is in the set too.
    below: u8,
}

impl<const N: usize> Special<N> {
    /// A set of exactly these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self { bytes, below: 0 }
    }

    /// The set, with every byte below `limit` added.
    #[must_use]
    pub const fn and_below(self, limit: u8) -> Self {
        Self { below: limit, ..self }
    }

    /// A mask with a bit for each special byte among the first [`WINDOW`] of a longer text; the first byte has the
    /// lowest bit.
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
            // The last block overlaps the block before, which has no special byte.
            Some(last) => {
                let among = self.among(last) >> (BLOCK - rest.len());
                rest.len().min(among.trailing_zeros() as usize)
            }
            None => rest.iter().position(|byte| self.is(*byte)).unwrap_or(rest.len()),
        }
    }

    /// Whether a text has a special byte.
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

    /// A mask with a bit for each special byte; the first byte has the lowest bit.
    fn among(&self, block: &[u8; BLOCK]) -> u32 {
        self.found(block).to_bitmask()
    }

    /// A block in which each special byte is all ones and every other byte zero.
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

/// How many ASCII letters, digits and hyphens a block begins with.
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
