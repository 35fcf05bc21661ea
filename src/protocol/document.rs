//! A settings document: TOML as a tree in which every value remembers where it was written.
//!
//! Both files of the project, `mesigate.toml` and `operations.toml`, are read through it, so that **all** faults of a
//! file are listed at once, each with its place, and misspelt keys are reported. Pure: text in, values out.

mod closest;
mod section;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use closest::closest;
pub use section::{Section, none_of};

/// Where a value was written: a file and a line, an environment variable, or a flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    source: Arc<str>,
    line: Option<usize>,
}

impl Place {
    /// A place without lines, such as `MESIGATE__LISTEN__ADDRESS` or `--listen`.
    #[must_use]
    pub fn named(source: &str) -> Self {
        Self { source: source.into(), line: None }
    }
}

impl Place {
    /// A path as written at this place: relative to the file's folder if it was written in a file, otherwise to the
    /// working folder.
    #[must_use]
    pub fn path(&self, written: &str) -> PathBuf {
        let folder = self.line.and_then(|_| Path::new(&*self.source).parent());
        folder.map_or_else(|| PathBuf::from(written), |folder| folder.join(written))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.source),
            None => f.write_str(&self.source),
        }
    }
}

/// A fault of a document: what is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place of the value.
    pub place: Place,
    /// The dotted key, such as `deadline.head`; empty for the document as a whole.
    pub key: String,
    /// What is wrong and what would be right, as a sentence.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            write!(f, "{}: {}", self.place, one_line(&self.what))
        } else {
            write!(f, "{}: `{}`: {}", self.place, one_line(&self.key), one_line(&self.what))
        }
    }
}

/// Faults as sentences for people.
#[must_use]
pub fn sentences(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// Escapes control characters: what was written may hold line ends, and a fault is one line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

/// A value and its place. Two nodes are equal if their values are, whatever their places.
#[derive(Debug, Clone)]
pub struct Node {
    /// The place of the value.
    pub place: Place,
    /// The value as written.
    pub value: TomlValue,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// The TOML values that settings use.
#[derive(Debug, Clone, PartialEq)]
pub enum TomlValue {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// An array.
    List(Vec<Node>),
    /// A table, in the order of its keys.
    Table(Vec<(String, Node)>),
    /// A date, with or without a time, as it was written (RFC 3339).
    Date(String),
    /// A kind of value that no setting takes, by its name.
    Other(&'static str),
}

impl TomlValue {
    /// The kind's name, for a sentence about a wrong value.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Fraction(_) => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Date(_) => "a date",
            Self::Other(name) => name,
        }
    }
}

impl Node {
    /// Reads TOML text; `source` names the file in every fault.
    ///
    /// # Errors
    /// Every syntax error of the text, each with its line.
    pub fn parse(source: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let source: Arc<str> = source.into();
        // Computed once: every value needs its line, and a file may have tens of thousands.
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let place_at = |offset: usize| Place {
            source: source.clone(),
            line: Some(1 + ends.partition_point(|end| *end < offset)),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self { place: place_at(0), value: table_value(table.get_ref(), &place_at) });
        }
        let mut faults: Vec<Fault> = Vec::new();
        for error in &errors {
            let place = place_at(error.span().map_or(0, |span| span.start));
            let line = place.line.and_then(|line| text.lines().nth(line - 1)).unwrap_or_default();
            let what = match unquoted(line) {
                Some(key) => format!("is not TOML: texts and times stand in quotes, as in {key} = \"…\""),
                None => format!("is not TOML: {}", error.message()),
            };
            let fault = Fault { place, key: String::new(), what };
            // One typing error may cause several faults of grammar.
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        Err(faults)
    }

    /// The value of a table's key.
    fn entry(&self, name: &str) -> Option<&Self> {
        match &self.value {
            TomlValue::Table(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Overlays `upper`: tables are merged, everything else is replaced.
    pub fn overlay(&mut self, upper: Self) {
        match (&mut self.value, upper) {
            (TomlValue::Table(mine), Self { value: TomlValue::Table(theirs), .. }) => {
                for (key, node) in theirs {
                    match mine.iter_mut().find(|(name, _)| *name == key) {
                        Some((_, below)) => below.overlay(node),
                        None => mine.push((key, node)),
                    }
                }
            }
            (_, upper) => *self = upper,
        }
    }

    /// The dotted keys whose values differ between two documents, in either direction; a list counts as one value.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut keys = Vec::new();
        differ(String::new(), Some(self), Some(other), &mut keys);
        keys
    }

    /// A document that holds one value at a path of keys.
    #[must_use]
    pub fn single(path: &[&str], value: TomlValue, place: &Place) -> Self {
        let leaf = Self { place: place.clone(), value };
        path.iter().rev().fold(leaf, |node, key| Self {
            place: place.clone(),
            value: TomlValue::Table(vec![((*key).to_owned(), node)]),
        })
    }
}

/// The key of a line whose value is a text without quotes. Faults name only the key: the value may be a secret.
fn unquoted(line: &str) -> Option<&str> {
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_key =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let is_bare = value.bytes().any(|byte| byte.is_ascii_alphabetic() || b"/.:".contains(&byte))
        && !value.starts_with(['"', '\'', '[', '{'])
        && !value.contains(['"', '\'']);
    (is_key && is_bare).then_some(key)
}

fn differ(key: String, mine: Option<&Node>, theirs: Option<&Node>, keys: &mut Vec<String>) {
    let entries = |node: Option<&'_ Node>| match node.map(|node| &node.value) {
        Some(TomlValue::Table(entries)) => {
            Some(entries.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())
        }
        _ => None,
    };
    let (Some(mut names), Some(others)) = (entries(mine), entries(theirs)) else {
        if mine.map(|node| &node.value) != theirs.map(|node| &node.value) {
            keys.push(key);
        }
        return;
    };
    names.extend(others.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    for name in names {
        let below = |node: Option<&'_ Node>| node.and_then(|node| node.entry(&name)).cloned();
        let dotted = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        differ(dotted, below(mine).as_ref(), below(theirs).as_ref(), keys);
    }
}

fn table_value(table: &DeTable<'_>, place_at: &dyn Fn(usize) -> Place) -> TomlValue {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let node = Node { place: place_at(key.span().start), value: value_of(value.get_ref(), place_at) };
        (key.get_ref().to_string(), node)
    };
    TomlValue::Table(table.iter().map(entry).collect())
}

fn value_of(value: &DeValue<'_>, place_at: &dyn Fn(usize) -> Place) -> TomlValue {
    match value {
        DeValue::String(text) => TomlValue::Text(text.to_string()),
        DeValue::Boolean(truth) => TomlValue::Boolean(*truth),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(TomlValue::Other("a number beyond 64 bits"), TomlValue::Integer),
        DeValue::Array(items) => TomlValue::List(
            items
                .iter()
                .map(|item| Node {
                    place: place_at(item.span().start),
                    value: value_of(item.get_ref(), place_at),
                })
                .collect(),
        ),
        DeValue::Table(table) => table_value(table, place_at),
        DeValue::Float(number) => {
            number.as_str().parse().map_or(TomlValue::Other("a number"), TomlValue::Fraction)
        }
        DeValue::Datetime(date) => TomlValue::Date(date.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Node, Place};

    #[test]
    fn a_text_without_quotes_is_told_so_by_its_key_and_never_shown() {
        for line in [
            "url = https://a.example/MARK",
            "head = 5MARKs",
            "file = /MARK",
            "level = MARK # x",
            "a.b = 1.2.3",
        ] {
            let faults = Node::parse("f", &format!("\n{line}\n")).expect_err("it is no TOML");
            let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(
                told[0].starts_with("f:2: is not TOML: texts and times stand in quotes, as in "),
                "{told:?}"
            );
            assert!(!told[0].contains("MARK"), "{told:?}");
        }
        let faults = Node::parse("f", "a = \"x").expect_err("it is no TOML");
        assert!(!faults[0].to_string().contains("stand in quotes"), "{}", faults[0]);
    }

    #[test]
    fn a_path_is_relative_to_the_file_it_stands_in() {
        let in_file = Node::parse("/etc/mesigate/mesigate.toml", "x = 1").expect("TOML").place;
        assert_eq!(in_file.path("ca.pem"), Path::new("/etc/mesigate/ca.pem"));
        assert_eq!(in_file.path("/ca.pem"), Path::new("/ca.pem"));
        assert_eq!(Place::named("MESIGATE__LOG__FILE").path("log"), Path::new("log"));
    }
}
