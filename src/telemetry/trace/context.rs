//! The identity of a request within a trace, as `traceparent` carries it (W3C Trace Context, Recommendation of 23 November
//! 2021, section 3.2).

/// The length of a `traceparent` of version 00, in bytes.
pub const LENGTH: usize = 55;
/// Where the id of the parent begins in it.
pub const PARENT_AT: usize = 36;
/// The flag that says that the caller may have recorded its part (section 3.2.2.5.1).
const SAMPLED: u8 = 1;

/// A place in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// The trace's id, which is not 0.
    pub trace: u128,
    /// The id of the span, which is not 0.
    pub span: u64,
    /// Whether the span may have been recorded.
    pub sampled: bool,
}

impl Context {
    /// Reads a `traceparent`; `None` for one that is not valid, which counts as none (section 4.3). Of a version that is
    /// not known yet the parts are read that each later version has at the same places (section 4.4).
    #[must_use]
    pub fn read(sent: &[u8]) -> Option<Self> {
        let (known, rest) = sent.split_at_checked(LENGTH)?;
        let version = number(&known[..2])?;
        let has_dashes = [2, 35, 52].iter().all(|at| known[*at] == b'-');
        let is_long = !rest.is_empty();
        if !has_dashes || version == 0xFF || (is_long && (version == 0 || rest[0] != b'-')) {
            return None;
        }
        let trace = number(&known[3..35]).filter(|trace| *trace != 0)?;
        let span = number(&known[PARENT_AT..52])
            .and_then(|span| u64::try_from(span).ok())
            .filter(|span| *span != 0)?;
        let flags = number(&known[53..])?;
        Some(Self { trace, span, sampled: flags & u128::from(SAMPLED) != 0 })
    }

    /// The `traceparent` that says it, in version 00.
    #[must_use]
    pub fn written(&self) -> [u8; LENGTH] {
        let mut out = *b"00-00000000000000000000000000000000-0000000000000000-00";
        hex(self.trace, &mut out[3..35]);
        hex(self.span.into(), &mut out[PARENT_AT..52]);
        out[54] = if self.sampled { b'1' } else { b'0' };
        out
    }
}

/// Writes a number in hexadecimal digits, in lower case, as many as there is room for.
pub fn hex(mut number: u128, out: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for digit in out.iter_mut().rev() {
        *digit = DIGITS[(number & 15) as usize];
        number >>= 4;
    }
}

/// Reads hexadecimal digits, at most 32; upper case is not valid (section 3.2.1).
fn number(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use super::Context;

    const SOUND: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_written_again() {
        for (sent, sampled) in [(SOUND.to_owned(), true), (SOUND.replace("-01", "-00"), false)] {
            let context = Context::read(sent.as_bytes()).expect("valid");
            assert_eq!(context.trace, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
            assert_eq!((context.span, context.sampled), (0xb7ad_6b71_6920_3331, sampled));
            assert_eq!(str::from_utf8(&context.written()), Ok(&*sent));
        }
    }

    #[test]
    fn only_the_flag_for_sampled_is_taken_of_the_flags() {
        for (flags, sampled) in [("03", true), ("ff", true), ("02", false), ("fe", false)] {
            let sent = SOUND.replace("-01", &format!("-{flags}"));
            assert_eq!(
                Context::read(sent.as_bytes()).map(|context| context.sampled),
                Some(sampled),
                "{flags}"
            );
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        for sent in [
            SOUND.replacen("00", "cc", 1),
            SOUND.replacen("00", "01", 1) + "-what-comes",
            SOUND.replacen("00", "fe", 1) + "-",
        ] {
            assert!(Context::read(sent.as_bytes()).is_some(), "{sent}");
        }
    }

    #[test]
    fn what_is_not_valid_counts_as_none() {
        let zeros = |count: usize| "0".repeat(count);
        for sent in [
            String::new(),
            SOUND[..54].to_owned(),
            format!("{SOUND}-more"),
            format!("{SOUND}0"),
            SOUND.replacen("00", "ff", 1),
            SOUND.replacen("00", "0", 1),
            SOUND.replacen("00", "01", 1) + ".more",
            SOUND.to_uppercase(),
            SOUND.replace("0af7651916cd43dd8448eb211c80319c", &zeros(32)),
            SOUND.replace("b7ad6b7169203331", &zeros(16)),
            SOUND.replace("-01", "-0g"),
            SOUND.replace('-', "_"),
            SOUND.replace("0af7", "0af-"),
            format!(" {SOUND}"),
        ] {
            assert_eq!(Context::read(sent.as_bytes()), None, "{sent}");
        }
    }
}
