//! The forms in which a report is printed.

use clap::ValueEnum;

use crate::report::{Block, markdown, text};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    Text,
    /// For programs
    Json,
    /// For an issue or a wiki
    Markdown,
}

impl Form {
    /// The report in this form, of which each is made only where it is needed.
    pub(super) fn shown(
        self,
        blocks: impl FnOnce() -> Vec<Block>,
        json: impl FnOnce() -> serde_json::Value,
    ) -> String {
        match self {
            Self::Text => text(&blocks()),
            Self::Markdown => markdown(&blocks()),
            Self::Json => format!("{:#}\n", json()),
        }
    }
}
