//! The pieces that a source is cut into.

use std::ops::Range;

/// Part of a text: either known, or what an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Characters that stand in the source, unescaped.
    Known(String),
    /// An expression, as its author wrote it.
    Hole(String),
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword; variables of PHP with their `$`.
    Word,
    /// A number.
    Number,
    /// A text in quotes, with its interpolated expressions; in a shell, every word.
    Text(Vec<Piece>),
    /// Punctuation: one character, or several that belong together.
    Mark,
}

/// A token and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Its bytes in the source.
    pub(super) span: Range<usize>,
    /// Whether it is the first of its line.
    pub(super) is_first: bool,
}

/// Puts a character at the end of pieces.
pub(super) fn push(pieces: &mut Vec<Piece>, character: char) {
    if let Some(Piece::Known(text)) = pieces.last_mut() {
        text.push(character);
    } else {
        pieces.push(Piece::Known(character.to_string()));
    }
}

/// Puts pieces at the end of others; two that are known become one.
pub(super) fn extend(pieces: &mut Vec<Piece>, more: impl IntoIterator<Item = Piece>) {
    for piece in more {
        match (pieces.last_mut(), piece) {
            (Some(Piece::Known(text)), Piece::Known(next)) => text.push_str(&next),
            (_, piece) => pieces.push(piece),
        }
    }
}

/// The text, where all of it is known.
pub(super) fn known(pieces: &[Piece]) -> Option<String> {
    let parts = pieces.iter().map(|piece| match piece {
        Piece::Known(text) => Some(text.as_str()),
        Piece::Hole(_) => None,
    });
    parts.collect::<Option<String>>()
}
