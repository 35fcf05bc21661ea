//! A place that may be a call, as it was read, before it is judged.

use std::ops::Range;

use super::names::{Elsewhere, Names};
use super::query::Given;
use super::source::Source;
use super::token::Piece;

/// How a program writes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    /// A URL with its query.
    Url,
    /// A form's text, to be posted.
    Form,
    /// An array, a map, an object or a dictionary of parameters.
    Map,
    /// Parameters put one by one.
    Puts,
    /// Annotations of Retrofit.
    Annotations,
    /// A command with curl or its like.
    Command,
    /// The operation as an argument of a function of the program's own.
    Helper,
    /// The old door's address in a call whose parameters come from elsewhere.
    Address,
}

impl Habit {
    /// The words for people and programs.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Url => "a URL with a query",
            Self::Form => "a form's text",
            Self::Map => "a map of parameters",
            Self::Puts => "parameters put one by one",
            Self::Annotations => "annotations of Retrofit",
            Self::Command => "a command",
            Self::Helper => "an argument of a function",
            Self::Address => "an address alone",
        }
    }
}

/// A place that may be a call.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) habit: Habit,
    /// The tokens that make it up.
    pub(super) range: Range<usize>,
    /// What is called, where that is known from the place itself.
    pub(super) base: Vec<Piece>,
    pub(super) given: Vec<Given>,
    /// Expressions that give more parameters.
    pub(super) loose: Vec<String>,
    /// What is uncertain about how it was read.
    pub(super) doubts: Vec<String>,
    /// Whether all of it stands in `range`, but for a base that is a constant.
    pub(super) is_whole: bool,
}

/// A file, as all finders see it.
pub(super) struct Context<'c> {
    pub(super) source: &'c Source<'c>,
    pub(super) names: &'c Names,
    pub(super) elsewhere: &'c Elsewhere,
    /// Whether the file speaks of mesibo at all.
    pub(super) mentions: bool,
}

impl Context<'_> {
    /// The name to which the expression at `start` is given: `$url` of `$url = '…'`; and whether it is appended.
    pub(super) fn receiver(&self, start: usize) -> Option<(&str, bool)> {
        let assigned = self.names.with_value(start)?;
        Some((assigned.name.as_str(), assigned.is_append))
    }
}
