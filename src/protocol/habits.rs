//! Habits of old clients that the JSON API does not have, as bits.

use std::fmt;

/// A set of habits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Habits(pub u16);

/// One habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// A parameter came more than once.
    Duplicate,
    /// A number was written in hex.
    Hex,
    /// A value was JSON, in a parameter.
    Json,
    /// The operation has no parameter of this name.
    Undocumented,
    /// A value was encoded twice.
    DoublyEncoded,
    /// A parameter was sent without a value.
    Empty,
    /// A member of a JSON request is not in the table.
    UnlistedMember,
    /// A member of a JSON request has another type than the table says.
    OtherType,
    /// The request was refused before its parameters were known.
    Unread,
}

impl Habit {
    /// Every habit with its word, in the order of the bits.
    pub const WORDS: [(&'static str, Self); 9] = [
        ("duplicate", Self::Duplicate),
        ("hex", Self::Hex),
        ("json-in-parameter", Self::Json),
        ("undocumented", Self::Undocumented),
        ("doubly-encoded", Self::DoublyEncoded),
        ("empty", Self::Empty),
        ("unlisted-member", Self::UnlistedMember),
        ("other-type", Self::OtherType),
        ("unread", Self::Unread),
    ];
}

impl Habits {
    /// Adds a habit.
    #[must_use]
    pub fn with(self, habit: Habit) -> Self {
        Self(self.0 | 1 << habit as u16)
    }

    /// Whether a habit is among these.
    #[must_use]
    pub fn has(self, habit: Habit) -> bool {
        self.0 & 1 << habit as u16 != 0
    }

    /// The words of these habits.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Habit::WORDS.into_iter().filter(move |(_, habit)| self.has(*habit)).map(|(word, _)| word)
    }

    /// The habits of these words; `None` if one is no habit's.
    pub fn of<'w>(mut words: impl Iterator<Item = &'w str>) -> Option<Self> {
        words.try_fold(Self::default(), |habits, word| {
            Habit::WORDS.iter().find(|(known, _)| *known == word).map(|(_, habit)| habits.with(*habit))
        })
    }
}

impl fmt::Display for Habits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Habit, Habits};

    #[test]
    fn habits_are_read_as_they_are_written() {
        for bits in 0..1 << Habit::WORDS.len() {
            let habits = Habits(bits);
            assert_eq!(Habits::of(habits.words()), Some(habits));
        }
        assert_eq!(Habits::of(["hex", "hexx"].into_iter()), None);
    }
}
