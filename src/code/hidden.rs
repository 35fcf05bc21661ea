//! Characters that a reader of source code cannot see, or that change what he sees. They are written as escapes, so
//! that the source does not lie.

/// Ranges of characters that are invisible, are blanks other than the space, or turn the direction of text.
#[rustfmt::skip]
const RANGES: [(char, char); 26] = [
    ('\0', '\u{1f}'),           // C0 controls
    ('\u{7f}', '\u{a0}'),       // DEL, C1 controls, the space that does not break
    ('\u{ad}', '\u{ad}'),       // soft hyphen
    ('\u{34f}', '\u{34f}'),     // combining grapheme joiner
    ('\u{61c}', '\u{61c}'),     // Arabic letter mark
    ('\u{115f}', '\u{1160}'),   // Hangul fillers
    ('\u{1680}', '\u{1680}'),   // Ogham space
    ('\u{17b4}', '\u{17b5}'),   // Khmer inherent vowels
    ('\u{180b}', '\u{180f}'),   // Mongolian selectors
    ('\u{2000}', '\u{200f}'),   // spaces, zero widths, marks of direction
    ('\u{2028}', '\u{202f}'),   // line and paragraph separator, embeddings and overrides, narrow space
    ('\u{205f}', '\u{206f}'),   // more spaces, invisible operators, isolates
    ('\u{2800}', '\u{2800}'),   // blank Braille pattern
    ('\u{3000}', '\u{3000}'),   // ideographic space
    ('\u{3164}', '\u{3164}'),   // Hangul filler
    ('\u{e000}', '\u{f8ff}'),   // private use: no font has them
    ('\u{fe00}', '\u{fe0f}'),   // variation selectors
    ('\u{feff}', '\u{feff}'),   // byte order mark
    ('\u{ffa0}', '\u{ffa0}'),   // halfwidth filler
    ('\u{fff0}', '\u{fffb}'),   // specials
    ('\u{fffe}', '\u{ffff}'),   // no characters
    ('\u{110bd}', '\u{110bd}'), // Kaithi number sign
    ('\u{13430}', '\u{13455}'), // controls of hieroglyphs
    ('\u{1bca0}', '\u{1bca3}'), // controls of shorthand
    ('\u{1d173}', '\u{1d17a}'), // controls of music
    ('\u{e0000}', '\u{10ffff}'), // tags, selectors, private use
];

/// Whether a character is to be escaped.
pub(super) fn is_hidden(character: char) -> bool {
    RANGES.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

/// Writes a text with `escape` for what it knows, and `other` for hidden characters that `escape` leaves.
pub(super) fn escaped(
    text: &str,
    escape: impl Fn(char) -> Option<&'static str>,
    other: impl Fn(char) -> String,
) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        match escape(character) {
            Some(escape) => out.push_str(escape),
            None if is_hidden(character) => out.push_str(&other(character)),
            None => out.push(character),
        }
    }
    out
}

/// The escapes that all these languages have within quotes: of the backslash itself and of what ends a line or a column.
/// Which quotes are escaped is each language's own.
pub(super) fn backslashed(character: char) -> Option<&'static str> {
    match character {
        '\\' => Some("\\\\"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        '\t' => Some("\\t"),
        _ => None,
    }
}

/// A character as `\uXXXX`, two of them beyond the first plane: as JSON, Java and Kotlin write it.
pub(super) fn utf16(character: char) -> String {
    let mut units = [0; 2];
    let escapes: Vec<String> =
        character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    escapes.concat()
}

#[cfg(test)]
mod tests {
    use super::{is_hidden, utf16};

    #[test]
    fn what_cannot_be_seen_is_hidden_and_what_can_is_not() {
        for hidden in
            ['\0', '\n', '\u{85}', '\u{a0}', '\u{202e}', '\u{2066}', '\u{2028}', '\u{200b}', '\u{feff}']
        {
            assert!(is_hidden(hidden), "{hidden:?}");
        }
        for seen in [' ', 'a', '~', 'é', 'א', 'م', '漢', '🎉', '%', '`', '\u{301}'] {
            assert!(!is_hidden(seen), "{seen:?}");
        }
    }

    #[test]
    fn a_character_beyond_the_first_plane_is_two_units() {
        assert_eq!(utf16('\u{e0041}'), "\\udb40\\udc41");
        assert_eq!(utf16('\u{7}'), "\\u0007");
    }
}
