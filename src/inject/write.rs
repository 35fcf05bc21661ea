//! Nodes as text: in block style, and in flow style, which is also JSON.

use super::node::{Content, Node};
use super::scalar::Scalar;

/// How the lines of a document are indented.
#[derive(Clone, Copy)]
pub struct Style {
    /// From a key to the keys below it.
    pub step: usize,
    /// From a key to the dashes of a list below it.
    pub dash: usize,
    /// From a dash to what is behind it.
    pub item: usize,
    pub json: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { step: 2, dash: 0, item: 2, json: false }
    }
}

/// Over how many lines a collection in flow style is spread.
#[derive(Clone, Copy)]
pub enum Spread {
    /// One line; with a blank behind each comma and colon, or without.
    Line { blanks: bool },
    /// A line for each member, indented by `indent` blanks and, deeper, by `unit` more each time; JSON may have tabs.
    Lines { indent: usize, unit: usize, blank: char },
}

impl Style {
    /// An entry of a map, as lines of a block in this column.
    #[must_use]
    pub fn entry(&self, key: &Node, value: &Node, column: usize) -> Vec<String> {
        let head = format!("{}{}:", " ".repeat(column), self.inline(key));
        if let Some(written) = &value.written {
            return vec![format!("{head}{}", written.text)];
        }
        match &value.content {
            Content::Map(entries) if !entries.is_empty() => {
                [vec![head], self.entries(entries, column + self.step)].concat()
            }
            Content::Seq(items) if !items.is_empty() => {
                let lines = items.iter().flat_map(|item| self.item(item, column + self.dash));
                [head].into_iter().chain(lines).collect()
            }
            _ => vec![format!("{head} {}", self.inline(value))],
        }
    }

    #[must_use]
    pub fn entries(&self, entries: &[(Node, Node)], column: usize) -> Vec<String> {
        entries.iter().flat_map(|(key, value)| self.entry(key, value, column)).collect()
    }

    /// An item of a list, as lines whose dash is in this column.
    #[must_use]
    pub fn item(&self, item: &Node, column: usize) -> Vec<String> {
        let within = column + self.item.max(2);
        let dash = format!("{}-{}", " ".repeat(column), " ".repeat(within - column - 1));
        let mut lines = match &item.content {
            Content::Map(entries) if !entries.is_empty() => self.entries(entries, within),
            Content::Seq(items) if !items.is_empty() => {
                items.iter().flat_map(|item| self.item(item, within)).collect()
            }
            _ => vec![format!("{}{}", " ".repeat(within), self.inline(item))],
        };
        if let Some(first) = lines.first_mut() {
            first.replace_range(..within, &dash);
        }
        lines
    }

    fn inline(&self, node: &Node) -> String {
        match &node.content {
            Content::Scalar(scalar) => self.scalar(scalar, false),
            _ => self.flow(node, Spread::Line { blanks: true }),
        }
    }

    /// A node in flow style.
    #[must_use]
    pub fn flow(&self, node: &Node, spread: Spread) -> String {
        match &node.content {
            Content::Scalar(scalar) => self.scalar(scalar, true),
            Content::Alias { name, .. } => format!("*{name} "),
            Content::Map(entries) => {
                let members = entries.iter().map(|(key, value)| self.flow_entry(key, value, spread.deeper()));
                spread.collection("{", members.collect(), "}")
            }
            Content::Seq(items) => {
                let members = items.iter().map(|item| self.flow(item, spread.deeper()));
                spread.collection("[", members.collect(), "]")
            }
        }
    }

    /// An entry of a map in flow style.
    #[must_use]
    pub fn flow_entry(&self, key: &Node, value: &Node, spread: Spread) -> String {
        let colon = if matches!(spread, Spread::Line { blanks: false }) && self.json { ":" } else { ": " };
        format!("{}{colon}{}", self.flow(key, spread), self.flow(value, spread))
    }

    #[must_use]
    pub fn scalar(&self, scalar: &Scalar, flow: bool) -> String {
        if scalar.is_null() {
            "null".to_owned()
        } else if scalar.is_special() || (!self.json && scalar.may_be_plain(flow)) {
            scalar.text.clone()
        } else if !self.json && scalar.text.contains('"') && is_simple(&scalar.text) {
            format!("'{}'", scalar.text.replace('\'', "''"))
        } else {
            quoted(&scalar.text)
        }
    }
}

fn is_simple(text: &str) -> bool {
    text.chars().all(|each| matches!(each, ' '..='~'))
}

/// In double quotes, with the escapes that JSON and YAML share.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for each in text.chars() {
        match each {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                quoted.extend(["\\u", &format!("{:04x}", u32::from(each))]);
            }
            _ => quoted.push(each),
        }
    }
    quoted.push('"');
    quoted
}

fn margin(blank: char, length: usize) -> String {
    std::iter::repeat_n(blank, length).collect()
}

impl Spread {
    /// That of the members of a collection which is written so.
    #[must_use]
    pub fn deeper(self) -> Self {
        match self {
            Self::Line { blanks } => Self::Line { blanks },
            Self::Lines { indent, unit, blank } => Self::Lines { indent: indent + unit, unit, blank },
        }
    }

    /// What stands between two members.
    #[must_use]
    pub fn comma(self) -> String {
        match self {
            Self::Line { blanks } => if blanks { ", " } else { "," }.to_owned(),
            Self::Lines { indent, unit, blank } => format!(",\n{}", margin(blank, indent + unit)),
        }
    }

    fn collection(self, open: &str, members: Vec<String>, close: &str) -> String {
        match self {
            _ if members.is_empty() => format!("{open}{close}"),
            Self::Line { .. } => format!("{open}{}{close}", members.join(&self.comma())),
            Self::Lines { indent, unit, blank } => {
                let members = members.join(&self.comma());
                format!("{open}\n{}{members}\n{}{close}", margin(blank, indent + unit), margin(blank, indent))
            }
        }
    }
}
