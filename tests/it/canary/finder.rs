//! Looks for marks in a program's output.

use std::collections::HashMap;

/// Finds any eight consecutive characters of a mark, in every encoding in which text may appear.
pub struct Finder(HashMap<[u8; 8], Vec<(Vec<u8>, String)>>);

impl Finder {
    pub fn of(marks: &[&str]) -> Self {
        let mut needles: HashMap<_, Vec<_>> = HashMap::new();
        for mark in marks {
            for window in mark.as_bytes().windows(8) {
                for (form, text) in forms(window) {
                    let text: Vec<u8> = text.bytes().map(fold).collect();
                    let start = text[..8].try_into().expect("eight bytes");
                    needles.entry(start).or_default().push((text, format!("{mark}, {form}")));
                }
            }
        }
        Self(needles)
    }

    /// The first mark in a text, with the text around it.
    pub fn find(&self, text: &[u8]) -> Option<String> {
        let folded: Vec<u8> = text.iter().copied().map(fold).collect();
        folded.windows(8).enumerate().find_map(|(at, start)| {
            let (_, mark) = self.0.get(start)?.iter().find(|(needle, _)| folded[at..].starts_with(needle))?;
            let around = &text[at.saturating_sub(80)..text.len().min(at + 80)];
            Some(format!("{mark}: …{}…", String::from_utf8_lossy(around)))
        })
    }

    #[track_caller]
    pub fn none_in(&self, place: &str, text: &[u8]) {
        assert_eq!(self.find(text), None, "{place}");
    }
}

/// Ignores the case of letters, and which of base64's two alphabets is used.
fn fold(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    }
}

fn forms(text: &[u8]) -> [(&'static str, String); 8] {
    let each = |write: fn(&u8) -> String| text.iter().map(write).collect::<Vec<_>>();
    [
        ("plain", String::from_utf8_lossy(text).into_owned()),
        ("percent", each(|byte| format!("%{byte:02x}")).concat()),
        ("hex", each(|byte| format!("{byte:02x}")).concat()),
        ("JSON", each(|byte| format!("\\u{byte:04x}")).concat()),
        ("numbers, as Debug writes bytes", each(u8::to_string).join(", ")),
        ("base64", base64(text, 0)),
        ("base64 behind one byte", base64(text, 1)),
        ("base64 behind two", base64(text, 2)),
    ]
}

/// The base64 digits that depend on `text` alone when `before` bytes stand in front of it.
fn base64(text: &[u8], before: usize) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = text.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let whole = bits[(6 - before * 8 % 6) % 6..].chunks_exact(6);
    whole.map(|six| char::from(digits[six.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit))])).collect()
}

#[test]
fn the_search_finds_a_mark_in_every_form() {
    let finder = Finder::of(&["Qx7Zk2Wv9Ld4"]);
    for planted in [
        "Qx7Zk2Wv",
        "{\"token\":\"7Zk2Wv9L\"}",
        "k2wv9ld4",
        "%51%78%37%5A%6B%32%57%76",
        "%51%78%37%5a%6b%32%57%76",
        "5178375A6B325776",
        "5178375a6b325776",
        "\\u0051\\u0078\\u0037\\u005A\\u006B\\u0032\\u0057\\u0076",
        "[81, 120, 55, 90, 107, 50, 87, 118]",
        "UXg3WmsyV3Y5TGQ0eg==",
        "YVF4N1prMld2OUxkNHo=",
        "YWJReDdaazJXdjlMZDR6",
    ] {
        assert!(finder.find(format!("some {planted} text").as_bytes()).is_some(), "{planted}");
    }
    for other in ["Qx7Zk2W Wv9Ld4", "", "some text of another kind, with nothing in it"] {
        assert_eq!(finder.find(other.as_bytes()), None);
    }
    let url_safe = Finder::of(&["???>>>~~"]);
    assert!(url_safe.find(b"Pz8_Pj4-fn4").is_some() && url_safe.find(b"Pz8/Pj4+fn4=").is_some());
}
