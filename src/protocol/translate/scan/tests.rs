use proptest::prelude::*;

use super::{ScanFault, Scanner};

fn scan(text: &str) -> Result<(), ScanFault> {
    let mut scanner = Scanner::new(text, 8);
    scanner.value()?;
    scanner.end()
}

#[test]
fn what_is_json_is_walked_over_and_nothing_else() {
    for text in [
        "{}",
        " [ ] ",
        "\t{\"a\" : [ 1 , -0 , 0.5e+3 , 1E9 , true , false , null ] , \"\" : \"\\u00e9\\\"\\\\\\/\\b\\f\\n\\r\\té\" }\r\n",
        "\"\\ud800\"",
        "[[[[[[[[]]]]]]]]",
    ] {
        assert_eq!(scan(text), Ok(()), "{text}");
    }
    for (text, fault) in [
        ("", ScanFault::End),
        ("{", ScanFault::End),
        ("{\"a", ScanFault::End),
        ("{\"a\":", ScanFault::End),
        ("[1", ScanFault::End),
        ("-", ScanFault::End),
        ("1.", ScanFault::End),
        ("tru", ScanFault::End),
        ("\"\\u00", ScanFault::End),
        ("{,}", ScanFault::Syntax),
        ("[1,]", ScanFault::Syntax),
        ("[1 2]", ScanFault::Syntax),
        ("{\"a\" 1}", ScanFault::Syntax),
        ("{a:1}", ScanFault::Syntax),
        ("01", ScanFault::Syntax),
        ("+1", ScanFault::Syntax),
        (".5", ScanFault::Syntax),
        ("1.e3", ScanFault::Syntax),
        ("trux", ScanFault::Syntax),
        ("\"\n\"", ScanFault::Syntax),
        ("\"\\x\"", ScanFault::Syntax),
        ("\"\\u00gg\"", ScanFault::Syntax),
        ("{} {}", ScanFault::Syntax),
        ("\x0c{}", ScanFault::Syntax),
        ("\u{feff}{}", ScanFault::Syntax),
        ("[[[[[[[[[]]]]]]]]]", ScanFault::Depth),
    ] {
        assert_eq!(scan(text), Err(fault), "{text}");
    }
}

#[test]
fn a_name_is_known_however_it_is_written() {
    for (text, is_it) in [
        ("{\"name\":1}", true),
        ("{\"n\\u0061me\":1}", true),
        ("{\"names\":1}", false),
        ("{\"n\\\\me\":1}", false),
    ] {
        let mut found = false;
        let walked = Scanner::new(text, 1).object(|scanner, name| {
            found = name.is("name");
            scanner.value().map(drop)
        });
        assert_eq!((walked, found), (Ok(()), is_it), "{text}");
    }
}

proptest! {
    /// Pieces of JSON in any order, most of which are invalid: both readers accept the same texts.
    #[test]
    fn it_takes_what_serde_json_takes(pieces in prop::collection::vec(
        prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", " ", "\n", "\"a\"", "\"", "\\", "\\n", "\\u12", "\\ud83d", "1", "-", "0",
            ".", "e", "+", "true", "false", "null", "t", "é", "\x01", "{\"a\":1}", "[1,2]", "\"b\":",
        ]), 0..12))
    {
        let text = pieces.concat();
        let other = serde_json::from_str::<&serde_json::value::RawValue>(&text);
        let (mut reading, mut skipping) = (Scanner::new(&text, 8), Scanner::new(&text, 8));
        if let (Ok(value), skipped) = (reading.value(), skipping.skip()) {
            prop_assert_eq!((skipped, skipping.at()), (Ok(value), reading.at()), "what is skipped is what is read");
        }
        match scan(&text) {
            Ok(()) => prop_assert!(other.is_ok(), "{}", text),
            Err(ScanFault::Depth) => {}
            Err(_) => prop_assert!(other.is_err(), "{}", text),
        }
    }
}
