//! Looking at many bytes at once.

/// What is looked at in a few steps, because nothing ends the look early.
const BLOCK: usize = 16;
const HALF: usize = 8;

/// How many bytes stand before the first special one. For text in which there is one soon: names, and most
/// values, are done one by one before a block is set up.
#[must_use]
pub fn run(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    let (short, long) = bytes.split_at(bytes.len().min(BLOCK));
    match short.iter().position(|byte| is_special(*byte)) {
        Some(at) => at,
        None if long.is_empty() => short.len(),
        None => {
            let (blocks, _) = long.as_chunks::<BLOCK>();
            let plain = blocks.iter().take_while(|block| !has(block, &is_special)).count() * BLOCK;
            let rest = long[plain..].iter().position(|byte| is_special(*byte));
            BLOCK + plain + rest.unwrap_or(long.len() - plain)
        }
    }
}

/// Whether no byte is special. For text in which there seldom is one.
#[must_use]
pub fn is_free(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> bool {
    if let Some(last) = bytes.last_chunk::<BLOCK>() {
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        // The last block overlaps the one before it rather than leave a rest.
        return !blocks.iter().any(|block| has(block, &is_special)) && !has(last, &is_special);
    }
    match (bytes.first_chunk::<HALF>(), bytes.last_chunk::<HALF>()) {
        (Some(first), Some(last)) => !has(first, &is_special) && !has(last, &is_special),
        _ => !bytes.iter().any(|byte| is_special(*byte)),
    }
}

fn has<const N: usize>(block: &[u8; N], is_special: impl Fn(u8) -> bool) -> bool {
    block.iter().fold(0, |found, byte| found | u8::from(is_special(*byte))) != 0
}

#[cfg(test)]
mod tests {
    use super::{is_free, run};

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for length in 0..70 {
            for place in 0..=length {
                let mut bytes = vec![b'a'; length];
                bytes.iter_mut().skip(place).step_by(3).for_each(|byte| *byte = b'&');
                assert_eq!(run(&bytes, |byte| byte == b'&'), place, "{place} of {length}");
                assert_eq!(is_free(&bytes, |byte| byte == b'&'), place == length, "{place} of {length}");
                let one: Vec<u8> = (0..length).map(|at| if at == place { b'&' } else { b'a' }).collect();
                assert_eq!(is_free(&one, |byte| byte == b'&'), place == length, "{place} of {length}");
            }
        }
    }
}
