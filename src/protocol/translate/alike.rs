//! Recognizes names that another JSON reader may take for a name that the gateway acts on.
//!
//! JSON parsers differ in how they compare names: some ignore case (cJSON; Go's encoding/json, which folds as Unicode
//! does; Java and .NET, as the machine's language does), some end a name at a NUL, some skip white space. If one of
//! them reads `op` where the gateway does not, an app's list of operations and its limits look at one member and
//! upstream at another.

/// Whether a name differs from `known` and may be taken for it.
#[must_use]
pub fn is_alike(name: &str, known: &str) -> bool {
    name != known && means(name, known)
}

/// Whether a name is `known`, or may be taken for it.
#[must_use]
pub fn means(name: &str, known: &str) -> bool {
    // The usual case: a word of ASCII.
    if name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return name.eq_ignore_ascii_case(known);
    }
    // Some readers end a name at a NUL, others skip the NUL.
    let upto_nul = name.split('\0').next().unwrap_or(name);
    is_folded(upto_nul, known) || (upto_nul.len() < name.len() && is_folded(name, known))
}

/// Whether two names are equal without case and without invisible characters.
fn is_folded(name: &str, known: &str) -> bool {
    let is_seen = |letter: &char| !is_nothing(*letter);
    // Invisible characters are dropped before folding: there may be a megabyte of them.
    let letters = name.chars().filter(is_seen).flat_map(folded).filter(is_seen);
    letters.eq(known.chars().flat_map(folded))
}

/// Whether a character is invisible: white space, a control character, or a mark without width, such as the dot above i
/// that lower-casing the Turkish capital leaves.
fn is_nothing(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{feff}')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// A character in lower case, and as ASCII if some reader folds it so (the Kelvin sign's lower case is a k): the long
/// s, the Turkish i without a dot, and fullwidth letters, which Windows makes narrow.
fn folded(letter: char) -> impl Iterator<Item = char> {
    let narrow = match letter {
        'ſ' => 's',
        'ı' => 'i',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - WIDE).unwrap_or(letter),
        other => other,
    };
    narrow.to_lowercase()
}

/// The distance from ASCII letters to the fullwidth ones.
const WIDE: u32 = 0xfee0;

#[cfg(test)]
mod tests {
    use super::is_alike;

    #[test]
    fn a_name_is_taken_for_another_but_for_case_blanks_and_what_follows_a_nul() {
        for name in [
            "OP",
            "Op",
            "op ",
            " op",
            "o p",
            "op\0",
            "op\0x",
            "\u{feff}op",
            "o\u{200b}p",
            "\top",
            "op\u{7f}",
            "OP\n",
            "\0op",
            "o\0p",
            "\0o\0P\0",
            "\u{ff2f}\u{ff50}",
            "o\u{fe0f}p",
        ] {
            assert!(is_alike(name, "op"), "{name:?}");
        }
        assert!(is_alike("to\u{212a}en", "token") && is_alike("member\u{17f}", "members"));
        for name in ["\u{131}d", "\u{130}d", "\u{130}D", "I\u{307}d", "\0\u{131}d"] {
            assert!(is_alike(name, "id"), "{name:?}");
        }
        assert!(is_alike("g\u{131}d", "gid") && is_alike("GID\u{200b}", "Gid") && !is_alike("Gid", "Gid"));
        for name in ["op", "ops", "o", "", "po", "x\0op", "öp", "o\0x"] {
            assert!(!is_alike(name, "op"), "{name:?}");
        }
    }
}
