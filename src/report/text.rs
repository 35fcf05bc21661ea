//! A report as text, for a terminal.

use anstyle::Style;

use super::block::{Block, lines};

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Writes a report.
#[must_use]
pub fn text(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(_, text) => format!("{TITLE}{text}{TITLE:#}\n"),
        Block::Sentence(text) => format!("{text}\n"),
        Block::Table(columns, rows) => table(columns, rows),
        Block::List(points) => lines(points.iter().map(|point| format!("  {point}"))),
        Block::Code(_, code) => lines(code.lines().map(|line| format!("    {line}").trim_end().to_owned())),
    }
}

fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells.chain([columns[at].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("  {}", padded.join("  ").trim_end())
    };
    let head = format!("{FAINT}{}{FAINT:#}\n", line(&mut columns.iter().copied()));
    let body = rows.iter().map(|row| line(&mut row.iter().map(String::as_str)) + "\n");
    std::iter::once(head).chain(body).collect()
}
