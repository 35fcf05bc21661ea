//! What a row of the ledger is about: a client, a door, and the shape of its calls.

use super::client::Client;
use crate::protocol::habits::Habits;

/// The two doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Door {
    /// Parameters.
    Old,
    /// JSON.
    Json,
}

impl Door {
    /// Both with their words.
    pub const WORDS: [(&'static str, Self); 2] = [("old", Self::Old), ("json", Self::Json)];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::Json => "json",
        }
    }
}

/// Stands behind a member of a JSON request whose type is another than the table says.
pub const MISTYPED: char = '!';

/// The shape of a call: everything of it but values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// The door.
    pub door: Door,
    /// The operation as the table has it, for JSON as the JSON API has it; `other` for one that is in neither.
    pub operation: String,
    /// The parameters that were sent, in the order of the table; for JSON the members, as pointers (RFC 6901),
    /// with [`MISTYPED`] behind one of another type.
    pub params: Vec<String>,
    /// Habits that the JSON API does not have.
    pub habits: Habits,
    /// How it was sent: the method, the path, and where the parameters were.
    pub style: String,
}

/// What tells a row from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// The client.
    pub client: Client,
    /// The shape.
    pub shape: Shape,
}

impl Shape {
    /// The row of a door for all that a ledger has no room for.
    #[must_use]
    pub fn others(door: Door) -> Self {
        Self {
            door,
            operation: "other".to_owned(),
            params: Vec::new(),
            habits: Habits::default(),
            style: "any".to_owned(),
        }
    }
}
