//! A settings document: TOML as a tree in which every value remembers where it was written.
//!
//! Both files of the project, `mesigate.toml` and `operations.toml`, are read through it, so that
//! **all** faults of a file are listed at once, each with its place, and no misspelt key is passed
//! over. Pure: text in, values out.

mod section;

use std::fmt;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use section::Section;

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

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.source),
            None => f.write_str(&self.source),
        }
    }
}

/// One thing that is wrong, where it stands, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it was written.
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

/// What was written may hold line ends, and a fault is one line.
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

/// A value and where it was written. Two are equal if they say the same, wherever it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it was written.
    pub place: Place,
    /// What was written.
    pub value: Value,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// What TOML can say and a settings file needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// An array.
    List(Vec<Node>),
    /// A table, in the order of its keys.
    Table(Vec<(String, Node)>),
    /// A kind of value that no setting takes (a float, a date), by its name.
    Other(&'static str),
}

impl Value {
    /// The kind's name, for a sentence that says what was found.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
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
        // Once: every value wants its line, and a file may have tens of thousands.
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let place_at = |offset: usize| Place {
            source: source.clone(),
            line: Some(1 + ends.partition_point(|end| *end < offset)),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self { place: place_at(0), value: table_value(table.get_ref(), &place_at) });
        }
        let fault = |error: &toml::de::Error| Fault {
            place: place_at(error.span().map_or(0, |span| span.start)),
            key: String::new(),
            what: format!("is not TOML: {}", error.message()),
        };
        Err(errors.iter().map(fault).collect())
    }

    /// The value of a table's key.
    fn entry(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Lays `upper` over this document: its tables are merged, everything else is replaced.
    pub fn overlay(&mut self, upper: Self) {
        match (&mut self.value, upper) {
            (Value::Table(mine), Self { value: Value::Table(theirs), .. }) => {
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

    /// The dotted keys of values that differ from another document's, in either's order; a list counts
    /// as one value.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut keys = Vec::new();
        differ(String::new(), Some(self), Some(other), &mut keys);
        keys
    }

    /// A document that holds one value at a path of keys.
    #[must_use]
    pub fn single(path: &[&str], value: Value, place: &Place) -> Self {
        let leaf = Self { place: place.clone(), value };
        path.iter().rev().fold(leaf, |node, key| Self {
            place: place.clone(),
            value: Value::Table(vec![((*key).to_owned(), node)]),
        })
    }
}

fn differ(key: String, mine: Option<&Node>, theirs: Option<&Node>, keys: &mut Vec<String>) {
    let entries = |node: Option<&'_ Node>| match node.map(|node| &node.value) {
        Some(Value::Table(entries)) => Some(entries.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()),
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

fn table_value(table: &DeTable<'_>, place_at: &dyn Fn(usize) -> Place) -> Value {
    let entry = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
        let node = Node { place: place_at(key.span().start), value: value_of(value.get_ref(), place_at) };
        (key.get_ref().to_string(), node)
    };
    Value::Table(table.iter().map(entry).collect())
}

fn value_of(value: &DeValue<'_>, place_at: &dyn Fn(usize) -> Place) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number beyond 64 bits"), Value::Integer),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node {
                    place: place_at(item.span().start),
                    value: value_of(item.get_ref(), place_at),
                })
                .collect(),
        ),
        DeValue::Table(table) => table_value(table, place_at),
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
    }
}

/// The known name that a misspelt one most likely meant.
#[must_use]
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}
