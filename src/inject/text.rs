//! The text of a stream as lines: where those of a node begin and end.

use super::node::{Content, Node};

/// A text that ends with a line's end, and how its lines end.
#[derive(Clone, Copy)]
pub struct Text<'t> {
    pub all: &'t str,
    pub newline: &'static str,
}

impl<'t> Text<'t> {
    #[must_use]
    pub fn new(all: &'t str) -> Self {
        let first = all.split_inclusive('\n').next().unwrap_or_default();
        Self { all, newline: if first.ends_with("\r\n") { "\r\n" } else { "\n" } }
    }

    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> &'t str {
        self.all.get(start..end).unwrap_or_default()
    }

    #[must_use]
    pub fn line_start(&self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the next line begins.
    #[must_use]
    pub fn line_end(&self, at: usize) -> usize {
        let rest = self.slice(at, self.all.len());
        rest.find('\n').map_or(self.all.len(), |newline| at + newline + 1)
    }

    /// What stands before a place on its line.
    #[must_use]
    pub fn before(&self, at: usize) -> &'t str {
        self.slice(self.line_start(at), at)
    }

    #[must_use]
    pub fn column(&self, at: usize) -> usize {
        self.before(at).chars().count()
    }

    /// Whether nothing but its indent stands before a place on its line.
    #[must_use]
    pub fn is_first(&self, at: usize) -> bool {
        self.before(at).bytes().all(|byte| byte == b' ')
    }

    /// How far a line is indented; in JSON by tabs, too.
    #[must_use]
    pub fn indent(&self, at: usize) -> usize {
        let line = self.slice(self.line_start(at), self.all.len());
        line.bytes().take_while(|byte| b" \t".contains(byte)).count()
    }

    /// Behind the colon of a key. Between the two there is nothing but blanks.
    #[must_use]
    pub fn colon(&self, key: &Node) -> Option<usize> {
        let rest = self.slice(key.place.end, self.all.len());
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        rest[blanks..].starts_with(':').then_some(key.place.end + blanks + 1)
    }

    /// Where the next line begins after the last one of a node in block style, or of one in a block.
    #[must_use]
    pub fn end(&self, node: &Node) -> usize {
        let last = self.content_end(node);
        let is_at_start = last > 0 && self.slice(0, last).ends_with('\n');
        if is_at_start { last } else { self.line_end(last) }
    }

    fn content_end(&self, node: &Node) -> usize {
        match &node.content {
            Content::Map(entries) if node.is_block() => entries
                .last()
                .map_or(node.place.end, |(key, value)| self.content_end(value).max(key.place.end)),
            Content::Seq(items) if node.is_block() => {
                items.last().map_or(node.place.end, |item| self.content_end(item))
            }
            Content::Scalar(_) if node.place.literal => self.literal_end(node),
            _ => node.place.end,
        }
    }

    /// Blank lines below a literal belong to it only if it says so with a `+`.
    fn literal_end(&self, node: &Node) -> usize {
        let raw = self.slice(node.place.start, node.place.end);
        let head = raw.lines().next().unwrap_or_default();
        let head = head.split('#').next().unwrap_or_default();
        if head.contains('+') { node.place.end } else { node.place.start + raw.trim_end().len() }
    }

    /// The dashes of a list in block style, one for each item.
    #[must_use]
    pub fn dashes(&self, list: &Node) -> Option<Vec<usize>> {
        let first = self.dash_after_properties(list)?;
        let column = self.column(first);
        let mut dashes = Vec::new();
        for item in list.items() {
            let from = dashes.last().map_or(first, |last| last + 1);
            dashes.push(self.dash_before(item.place.start, column, from)?);
        }
        Some(dashes)
    }

    /// A list's place begins at its first dash, unless an anchor or a tag stands before it, and a comment behind these.
    fn dash_after_properties(&self, list: &Node) -> Option<usize> {
        let mut at = list.place.start;
        loop {
            let rest = self.slice(at, self.all.len());
            match rest.chars().next()? {
                '-' => return Some(at),
                '&' | '!' => at += rest.find(char::is_whitespace)?,
                '#' => at = self.line_end(at),
                blank if blank.is_whitespace() => at += 1,
                _ => return None,
            }
        }
    }

    /// Going up from an item: the line that has a dash in the list's column.
    fn dash_before(&self, item: usize, column: usize, from: usize) -> Option<usize> {
        let mut at = item;
        loop {
            let start = self.line_start(at);
            let line = self.slice(start, self.line_end(start));
            let dash = line.char_indices().nth(column).filter(|(_, found)| *found == '-');
            let place = dash.map(|(offset, _)| start + offset).filter(|place| *place <= item);
            if let Some(place) = place.filter(|place| *place >= from.min(item)) {
                return Some(place);
            }
            at = start.checked_sub(1).filter(|before| *before >= from)?;
        }
    }
}
