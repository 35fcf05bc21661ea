//! A report before it is written as text or as Markdown.

/// A piece of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading, of level 1 to 3.
    Heading(u8, String),
    /// A sentence or some.
    Sentence(String),
    /// A table: its columns' names, and its rows.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// Points.
    List(Vec<String>),
    /// Code, with the word by which Markdown knows its language.
    Code(&'static str, String),
}

/// Lines of text, each with its end.
pub fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.fold(String::new(), |all, line| all + &line + "\n")
}
