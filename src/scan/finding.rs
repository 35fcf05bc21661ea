//! What is told of a call that was found.

use std::ops::Range;

use super::site::Habit;

/// A call of the old door, in a source.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its bytes in the source.
    pub span: Range<usize>,
    /// Its line, from 1.
    pub line: usize,
    /// The character in its line at which it begins, from 1.
    pub column: usize,
    /// How it is written.
    pub habit: Habit,
    /// What it asks for.
    pub operation: Asked,
    /// Its parameters, and where each goes.
    pub parameters: Vec<Parameter>,
    /// The values that it gives, by name and in its order; `None` where the program knows one only when it runs.
    pub given: Vec<(String, Option<String>)>,
    /// Why it is a guess; nothing if it is sure.
    pub doubts: Vec<String>,
    /// Whether its token stands in the source in plain text.
    pub has_plain_token: bool,
    /// The same call in JSON, in the source's language.
    pub replacement: Option<String>,
    /// What `--write` changes; or why it changes nothing.
    pub rewrite: Result<Vec<Edit>, String>,
}

impl Finding {
    /// Whether nothing of it is a guess.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.doubts.is_empty()
    }
}

/// What a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// An operation of the table, by its name there.
    Operation(String),
    /// A name that is none, and why it cannot be served.
    Stranger(String, String),
    /// What is known at run time only: the expression.
    Unknown(String),
}

impl Asked {
    /// The operation's name, where there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Operation(name) | Self::Stranger(name, _) => Some(name),
            Self::Unknown(_) => None,
        }
    }
}

/// A parameter of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its old name.
    pub name: String,
    /// Its member in the JSON, with dots; `None` if it goes nowhere.
    pub to: Option<String>,
    /// Why it goes nowhere.
    pub note: String,
}

/// A stretch of a source, and the text that takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}
