//! Compares header names, which may be in upper or lower case (RFC 9110, section 5.1).

/// How many bytes are compared at once.
const AT_ONCE: usize = 4;
/// The bit that is set in a small letter and clear in its capital.
const SMALL: u32 = 0x2020_2020;

/// Whether `name` is `known`, a name of four letters or more. It must be a token: of a token's bytes, only a
/// letter and its other case differ in this bit alone.
#[inline]
#[must_use]
pub fn is<const N: usize>(name: &[u8], known: &[u8; N]) -> bool {
    const { assert!(N >= AT_ONCE) };
    // The last bytes overlap those before them.
    name.len() == N
        && name.as_chunks().0.iter().zip(known.as_chunks().0).all(|(name, known)| alike(*name, *known))
        && name.last_chunk().zip(known.last_chunk()).is_some_and(|(name, known)| alike(*name, *known))
}

fn alike(name: [u8; AT_ONCE], known: [u8; AT_ONCE]) -> bool {
    u32::from_ne_bytes(name) | SMALL == u32::from_ne_bytes(known)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::prop_assert_eq;

    use super::is;

    #[test]
    fn a_name_is_known_in_any_case_and_by_all_of_its_letters() {
        for name in ["content-type", "Content-Type", "CONTENT-TYPE", "cONTENT-tYPE"] {
            assert!(is(name.as_bytes(), b"content-type"), "{name}");
        }
        for name in ["", "content-typ", "content-types", "content_type", "bontent-type"] {
            assert!(!is(name.as_bytes(), b"content-type"), "{name}");
        }
        assert!(is(b"Host", b"host") && !is(b"Hosx", b"host") && is(b"Accept", b"accept"));
    }

    proptest! {
        /// A byte that differs from the known name's makes another name of it, wherever it stands.
        #[test]
        fn of_tokens_it_says_what_a_comparison_byte_by_byte_says(at in 0_usize..17, byte in any::<u8>()) {
            let mut name = *b"Transfer-Encoding";
            name[at] = byte;
            if byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte) {
                prop_assert_eq!(is(&name, b"transfer-encoding"), name.eq_ignore_ascii_case(b"transfer-encoding"));
            }
        }
    }
}
