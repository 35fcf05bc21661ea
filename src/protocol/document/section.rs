//! Reads a table of a document key by key; keys that were never read are faults.

use std::cell::RefCell;
use std::path::PathBuf;

use super::{Fault, Node, Place, TomlValue, closest};

/// Reads one table. All sections of a document collect faults in one list, so that reading goes on after a fault and
/// finds the next.
pub struct Section<'d> {
    key: String,
    place: Place,
    entries: &'d [(String, Node)],
    asked: RefCell<Vec<&'static str>>,
    faults: &'d RefCell<Vec<Fault>>,
}

impl<'d> Section<'d> {
    /// The table `node` under the dotted key `key` (empty for a whole document).
    pub fn new(key: &str, node: &'d Node, faults: &'d RefCell<Vec<Fault>>) -> Self {
        let section = Self {
            key: key.to_owned(),
            place: node.place.clone(),
            entries: match &node.value {
                TomlValue::Table(entries) => entries,
                _ => &[],
            },
            asked: RefCell::default(),
            faults,
        };
        if !matches!(node.value, TomlValue::Table(_)) {
            section.fault_here(format!("expected a table, found {}", node.value.kind()));
        }
        section
    }

    /// Where this table begins.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The value of `name` as it was written, if there is one.
    pub fn node(&self, name: &'static str) -> Option<&'d Node> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&name) {
            asked.push(name);
        }
        self.entries.iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// A text.
    pub fn text(&self, name: &'static str) -> Option<&'d str> {
        let node = self.node(name)?;
        match &node.value {
            TomlValue::Text(text) => Some(text),
            _ => self.wrong_kind(name, node, "a text in quotes"),
        }
    }

    /// A text; `None` without a fault for any other type, which another reader takes.
    pub fn text_without_fault(&self, name: &'static str) -> Option<&'d str> {
        match &self.node(name)?.value {
            TomlValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text that is not empty; an empty one counts as not set.
    pub fn filled_text(&self, name: &'static str) -> Option<&'d str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Whether there is a value other than an empty text, of whatever type.
    pub fn is_filled(&self, name: &'static str) -> bool {
        self.node(name).is_some_and(|node| !matches!(&node.value, TomlValue::Text(text) if text.is_empty()))
    }

    /// A path; see [`Place::path`]. An empty text counts as not set.
    pub fn path(&self, name: &'static str) -> Option<PathBuf> {
        let written = self.filled_text(name)?;
        Some(self.node(name)?.place.path(written))
    }

    /// A text that must be there.
    pub fn required_text(&self, name: &'static str) -> Option<&'d str> {
        let text = self.text(name);
        if text.is_none() && !self.entries.iter().any(|(key, _)| key == name) {
            self.fault_here(format!("`{name}` is missing; it is required"));
        }
        if text == Some("") {
            self.fault_at(name, "is empty; it is required".to_owned());
        }
        text.filter(|text| !text.is_empty())
    }

    /// A whole number of 0 or more. Text is parsed, because the environment has only text.
    pub fn integer(&self, name: &'static str) -> Option<u64> {
        let node = self.node(name)?;
        let number = match &node.value {
            TomlValue::Integer(number) => u64::try_from(*number).ok(),
            TomlValue::Text(text) => text.parse().ok(),
            _ => None,
        };
        number.or_else(|| self.wrong_kind(name, node, "a whole number of 0 or more"))
    }

    /// `true` or `false`, as a TOML value or (from the environment) as text.
    pub fn boolean(&self, name: &'static str) -> Option<bool> {
        let node = self.node(name)?;
        let truth = match &node.value {
            TomlValue::Boolean(truth) => Some(*truth),
            TomlValue::Text(text) => text.parse().ok(),
            _ => None,
        };
        truth.or_else(|| self.wrong_kind(name, node, "true or false"))
    }

    /// A text parsed by `read`, whose error says what would be right.
    pub fn parsed<T>(&self, name: &'static str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(name)?;
        read(text).map_err(|what| self.fault_at(name, what)).ok()
    }

    /// The value of the word under `name`; a fault if it is none of `words`.
    pub fn one_of<T: Clone>(&self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.parsed(name, |text| {
            let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| meaning.clone());
            found.ok_or_else(|| none_of(text, words.iter().map(|(word, _)| *word)))
        })
    }

    /// A list of texts. Text is split at commas, because the environment has only text.
    pub fn texts(&self, name: &'static str) -> Vec<String> {
        let Some(node) = self.node(name) else {
            return Vec::new();
        };
        match &node.value {
            TomlValue::Text(text) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
            }
            TomlValue::List(items) => items
                .iter()
                .filter_map(|item| match &item.value {
                    TomlValue::Text(text) => Some(text.clone()),
                    _ => self.wrong_kind(name, item, "a text in quotes"),
                })
                .collect(),
            _ => {
                self.wrong_kind::<()>(name, node, "a list of texts");
                Vec::new()
            }
        }
    }

    /// The table under `name`; an empty one if it was not written.
    #[must_use]
    pub fn section(&self, name: &'static str) -> Section<'d> {
        let key = self.dotted(name);
        match self.node(name) {
            Some(node) => Section::new(&key, node, self.faults),
            None => Section {
                key,
                place: self.place.clone(),
                entries: &[],
                asked: RefCell::default(),
                faults: self.faults,
            },
        }
    }

    /// The tables of a list, each under a key with its own `name`, or its number.
    pub fn sections(&self, name: &'static str) -> Vec<Section<'d>> {
        let Some(node) = self.node(name) else {
            return Vec::new();
        };
        let TomlValue::List(items) = &node.value else {
            self.wrong_kind::<()>(name, node, "a list of tables");
            return Vec::new();
        };
        let numbered = items.iter().enumerate();
        numbered
            .map(|(number, item)| {
                let key = format!("{}.{}", self.dotted(name), label(item, number));
                Section::new(&key, item, self.faults)
            })
            .collect()
    }

    /// Every key and value, for tables whose keys are data; all keys count as read.
    pub fn entries(&self) -> &'d [(String, Node)] {
        self.entries
    }

    /// Reports keys that were not read: they are misspelt, or of another version.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, node) in self.entries {
            if asked.contains(&key.as_str()) {
                continue;
            }
            let hint = match closest(key, asked.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known here: {}", asked.join(", ")),
            };
            self.report(&node.place, key, format!("is not a setting; {hint}"));
        }
    }

    /// A fault of the value of `name`.
    pub fn fault_at(&self, name: &str, what: String) {
        let node = self.entries.iter().find(|(key, _)| key == name);
        let place = node.map_or(&self.place, |(_, node)| &node.place);
        self.report(place, name, what);
    }

    /// A fault of a key below this table, found at this place by another reader.
    pub fn fault_in(&self, place: &Place, key: &str, what: String) {
        self.report(place, key, what);
    }

    /// A fault of the table as a whole.
    pub fn fault_here(&self, what: String) {
        self.faults.borrow_mut().push(Fault { place: self.place.clone(), key: self.key.clone(), what });
    }

    fn report(&self, place: &Place, name: &str, what: String) {
        self.faults.borrow_mut().push(Fault { place: place.clone(), key: self.dotted(name), what });
    }

    fn wrong_kind<T>(&self, name: &str, node: &Node, expected: &str) -> Option<T> {
        let what = format!("expected {expected}, found {}", node.value.kind());
        self.report(&node.place, name, what);
        None
    }

    fn dotted(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}

/// A sentence that lists the known words and suggests the closest one. Numbers are never suggested: one number is not a
/// misspelling of another.
#[must_use]
pub fn none_of<'w>(written: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let spelt = known.iter().copied().filter(|word| word.contains(char::is_alphabetic));
    let hint = closest(written, spelt).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("`{written}` is none of {}{hint}", known.join(", "))
}

fn label(item: &Node, number: usize) -> String {
    let named = match &item.value {
        TomlValue::Table(entries) => entries.iter().find_map(|(key, node)| match &node.value {
            TomlValue::Text(text) if key == "name" || key == "at" => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    named.unwrap_or_else(|| (number + 1).to_string())
}
