//! Looking at many bytes at once.

/// How many bytes stand before the first special one.
#[must_use]
pub fn run(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    // Names and most values are shorter than a block: one by one they are done before a block is set up.
    let (short, long) = bytes.split_at(bytes.len().min(BLOCK));
    match short.iter().position(|byte| is_special(*byte)) {
        Some(at) => at,
        None if long.is_empty() => short.len(),
        None => BLOCK + long_run(long, is_special),
    }
}

/// What is looked at in a few steps, because nothing ends the look early.
const BLOCK: usize = 16;

fn long_run(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let is_plain =
        |block: &&[u8; BLOCK]| block.iter().fold(0, |found, byte| found | u8::from(is_special(*byte))) == 0;
    let plain = blocks.iter().take_while(is_plain).count();
    let rest = if plain < blocks.len() { &blocks[plain][..] } else { rest };
    plain * BLOCK + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for length in 0..70 {
            for place in 0..=length {
                let mut bytes = vec![b'a'; length];
                bytes.iter_mut().skip(place).step_by(3).for_each(|byte| *byte = b'&');
                assert_eq!(run(&bytes, |byte| byte == b'&'), place, "{place} of {length}");
            }
        }
    }
}
