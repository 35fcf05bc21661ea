//! Removes members from answers that an app's settings hide from its keys: mesibo's own answers have held its webhook
//! secret and its push key, as published answers of 2020 show.
//!
//! A member is found by its unescaped name, however that is written; everything else stays unchanged to the byte.

use std::ops::Range;

use memchr::memmem;

use super::envelope::DEEPEST;
use super::scan::{ScanFault, Scanner, Text};
use crate::protocol::reject::Reject;

/// Members that tell a client what has become of its request; they cannot be hidden.
const ENVELOPE: [&str; 5] = ["op", "result", "error", "code", "id"];

/// The hidden members, each by the innermost names on the path to it. Lists have no names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden(Vec<Vec<String>>);

impl Hidden {
    /// Reads the settings' notation: `app.secret` is each `secret` in an `app`, at any depth.
    ///
    /// # Errors
    /// What is wrong with the first invalid name.
    pub fn parse(written: &[String]) -> Result<Self, String> {
        written.iter().map(|text| names(text)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether no member is hidden.
    #[must_use]
    #[inline]
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// An answer without the hidden members; `None` if it has none of them.
    ///
    /// # Errors
    /// BADANSWER for an answer that is not JSON, because hidden values could stand anywhere in it.
    pub fn cut(&self, answer: &[u8]) -> Result<Option<Vec<u8>>, Reject> {
        let may_have = |names: &Vec<String>| {
            names.last().is_some_and(|name| memmem::find(answer, name.as_bytes()).is_some())
        };
        // Without a backslash in the answer, no name is escaped.
        if memchr::memchr(b'\\', answer).is_none() && !self.0.iter().any(may_have) {
            return Ok(None);
        }
        let text = str::from_utf8(answer).map_err(|_| UNREADABLE)?;
        let mut walk = Walk { hidden: self, text, way: Vec::new(), cuts: Vec::new() };
        let mut scanner = Scanner::new(text, DEEPEST);
        walk.value(&mut scanner).and_then(|()| scanner.end()).map_err(|_| UNREADABLE)?;
        Ok((!walk.cuts.is_empty()).then(|| rest(answer, &walk.cuts)))
    }

    /// Whether a hidden member's names are the innermost of this path.
    fn has(&self, way: &[Text<'_>]) -> bool {
        self.0.iter().any(|names| {
            let innermost = way.len().checked_sub(names.len()).and_then(|outer| way.get(outer..));
            innermost.is_some_and(|innermost| innermost.iter().zip(names).all(|(text, name)| text.is(name)))
        })
    }
}

const UNREADABLE: Reject =
    Reject::BadAnswer("upstream's answer cannot be read, so that what `app.hide` names could stand in it");

fn names(text: &str) -> Result<Vec<String>, String> {
    if ENVELOPE.contains(&text) {
        return Err(format!(
            "`{text}` says what has become of a request: no client could do without it; name what stands within it"
        ));
    }
    let names: Vec<String> = text.split('.').map(str::to_owned).collect();
    if names.iter().any(|name| name.is_empty() || name.contains(|letter: char| is_odd(letter))) {
        return Err(format!(
            "`{text}` names no member: write the names on the way to it with a dot between them, as in app.secret"
        ));
    }
    Ok(names)
}

/// Characters of pointers, patterns and typing errors, which no name of the API has.
fn is_odd(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '/' | '*' | '[' | ']' | '"' | '\\' | '$')
}

struct Walk<'a, 'h> {
    hidden: &'h Hidden,
    text: &'a str,
    /// The names on the path to the current value.
    way: Vec<Text<'a>>,
    /// The ranges to remove, in order.
    cuts: Vec<Range<usize>>,
}

impl<'a> Walk<'a, '_> {
    fn value(&mut self, scanner: &mut Scanner<'a>) -> Result<(), ScanFault> {
        match scanner.peek()? {
            b'{' => self.object(scanner),
            b'[' => scanner.list(|scanner| self.value(scanner)),
            _ => scanner.value().map(drop),
        }
    }

    fn object(&mut self, scanner: &mut Scanner<'a>) -> Result<(), ScanFault> {
        let mut upto = scanner.at() + 1;
        let mut is_first = true;
        scanner.object(|scanner, name| {
            self.way.push(name);
            if self.hidden.has(&self.way) {
                scanner.value()?;
                let end = scanner.at();
                // The comma before the member is removed with it; if no member that stays is before it, the comma
                // behind.
                let end = if is_first { self.behind_comma(end) } else { end };
                self.cuts.push(upto..end);
                upto = end;
            } else {
                self.value(scanner)?;
                (upto, is_first) = (scanner.at(), false);
            }
            self.way.pop();
            Ok(())
        })
    }

    /// The place behind the next comma, if a comma is next.
    fn behind_comma(&self, end: usize) -> usize {
        let rest = &self.text[end..];
        rest.trim_ascii_start().strip_prefix(',').map_or(end, |after| self.text.len() - after.len())
    }
}

fn rest(answer: &[u8], cuts: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(answer.len());
    let mut upto = 0;
    for cut in cuts {
        out.extend_from_slice(&answer[upto..cut.start]);
        upto = cut.end;
    }
    out.extend_from_slice(&answer[upto..]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::Hidden;

    fn hidden(names: &[&str]) -> Hidden {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Hidden::parse(&names).expect("names")
    }

    /// What remains of an answer with `app.secret` and `fcm_key` hidden.
    fn left(answer: &str) -> Option<String> {
        let cut = hidden(&["app.secret", "fcm_key"]).cut(answer.as_bytes()).ok()?;
        Some(cut.map_or_else(|| answer.to_owned(), |cut| String::from_utf8(cut).expect("text")))
    }

    #[test]
    fn a_member_goes_wherever_it_stands_and_however_it_is_written() {
        for (answer, expected) in [
            (r#"{"app":{"secret":"s"}}"#, r#"{"app":{}}"#),
            (r#"{"app":{"a":1,"secret":"s"},"b":2}"#, r#"{"app":{"a":1},"b":2}"#),
            (r#"{"app":{"secret":"s","a":1},"b":2}"#, r#"{"app":{"a":1},"b":2}"#),
            (r#"{"app":{"a":1,"secret":"s","b":2}}"#, r#"{"app":{"a":1,"b":2}}"#),
            (r#"{"app":{"s\u0065cret":"s","a":1}}"#, r#"{"app":{"a":1}}"#),
            (r#"{"\u0061pp":{"a":1,"\u0073\u0065cret":"s"}}"#, r#"{"\u0061pp":{"a":1}}"#),
            // The member twice, and the object twice.
            (r#"{"app":{"secret":1,"secret":2,"a":3,"secret":4,"secret":5}}"#, r#"{"app":{"a":3}}"#),
            (r#"{"app":{"secret":1},"app":{"x":1,"secret":2}}"#, r#"{"app":{},"app":{"x":1}}"#),
            // A value of any type.
            (r#"{"app":{"secret":{"app":{"secret":[1,{"a":2}]}},"x":null}}"#, r#"{"app":{"x":null}}"#),
            // At greater depth, and inside lists.
            (r#"{"user":{"app":{"secret":1,"x":[{}]}}}"#, r#"{"user":{"app":{"x":[{}]}}}"#),
            (r#"{"app":[[{"secret":1}],{"x":1,"secret":2}]}"#, r#"{"app":[[{}],{"x":1}]}"#),
            (r#"[{"fcm_key":1,"a":[{"fcm_key":2,"b":[]}]},3]"#, r#"[{"a":[{"b":[]}]},3]"#),
            // With its own white space, and no other's.
            ("{ \"app\" : {\n  \"secret\" : 1 ,\n  \"b\" : 2\n} }\n", "{ \"app\" : {\n  \"b\" : 2\n} }\n"),
            ("{ \"app\" : {\n  \"a\" : 1 ,\n  \"secret\" : 2\n} }", "{ \"app\" : {\n  \"a\" : 1\n} }"),
            ("{\"app\":{ \"secret\" : 1 \t}}", "{\"app\":{ \t}}"),
        ] {
            assert_eq!(left(answer).as_deref(), Some(expected), "{answer}");
        }
    }

    #[test]
    fn what_is_not_named_stays_as_it_came() {
        for answer in [
            r#"{"secret":1,"user":{"secret":2},"app":{"user":{"secret":3},"secrets":4,"Secret":5,"x":"secret"}}"#,
            r#"{"app":"secret","x":["secret",{"a":"fcm_key"}],"\ud800":1.0e5,"é":"\u00e9\/"}"#,
            r#"{"fcm_key\u0000":1,"\ud800fcm_key":2}"#,
            " { } ",
            "not even JSON",
        ] {
            assert_eq!(left(answer).as_deref(), Some(answer));
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_handed_out() {
        let deep = format!("{}{{\"fcm_key\":1}}{}", "[".repeat(200), "]".repeat(200));
        for answer in [r#"{"fcm_key":1"#, r#"{"fcm\u005fkey":1} x"#, r"fcm_key", r#"{"a":"\x"}"#, &deep] {
            assert_eq!(left(answer), None, "{answer}");
        }
        assert!(hidden(&["secret"]).cut(b"{\"a\":\"\xff\",\"secret\":1}").is_err());
        assert!(hidden(&["secret"]).cut(b"{\"a\":\"\xff\\n\"}").is_err());
    }

    #[test]
    fn names_are_members_with_dots_between_them() {
        for name in ["app.secret", "fcm_key", "app", "user.app.x-y", "clé", "user.result", "error.text"] {
            assert!(Hidden::parse(&[name.to_owned()]).is_ok(), "{name}");
        }
        for name in [
            "",
            ".",
            "app.",
            ".secret",
            "app..secret",
            "/app/secret",
            "app.*",
            "app secret",
            "$.app",
            "result",
        ] {
            let what = Hidden::parse(&["app".to_owned(), name.to_owned()]).expect_err("a sentence");
            assert!(what.starts_with(&format!("`{name}` ")), "{what}");
        }
    }

    /// Removes hidden members with another JSON reader, which keeps the last of two members of one name.
    fn without(value: &mut Value, within: &str) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| without(item, within)),
            Value::Object(members) => {
                members.retain(|name, _| name != "k" && !(within == "app" && name == "s"));
                members.iter_mut().for_each(|(name, value)| without(value, name));
            }
            _ => {}
        }
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec!["1", "\"s\"", "\"k\\n\"", "null", "[]", "{}", " true "]);
        leaf.prop_map(str::to_owned).prop_recursive(5, 40, 4, |inside| {
            let name =
                prop::sample::select(vec!["app", "s", "k", "\\u0073", "a\\u0070p", "x", "\\u006b", "y"]);
            let member = (name, inside.clone(), prop::sample::select(vec!["", " ", "\n"]));
            prop_oneof![
                prop::collection::vec(inside, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec(member, 0..5).prop_map(|members| {
                    let members = members
                        .iter()
                        .map(|(name, value, blank)| format!("{blank}\"{name}\"{blank}:{value}{blank}"));
                    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn another_reader_finds_all_but_what_is_hidden(answer in json()) {
            let hidden = hidden(&["app.s", "k"]);
            let cut = hidden.cut(answer.as_bytes()).expect("it is JSON");
            let left = cut.map_or_else(|| answer.clone(), |cut| String::from_utf8(cut).expect("text"));
            prop_assert_eq!(hidden.cut(left.as_bytes()).expect("it is JSON"), None, "{}", left);
            let mut expected: Value = serde_json::from_str(&answer).expect("JSON");
            without(&mut expected, "");
            let found: Value = serde_json::from_str(&left).expect("JSON");
            prop_assert_eq!(found.to_string(), expected.to_string(), "{}", answer);
        }
    }
}
