//! Lists whose items are joined to one text: `[…].join('&')`, `'&'.join([…])`, `implode('&', […])`.

use std::ops::Range;

use super::Source;
use crate::scan::token::{Piece, extend, known};
use crate::scan::tongue::Tongue;

impl Source<'_> {
    /// Whether brackets are those of a function that joins a list.
    pub(in crate::scan) fn joins(&self, open: usize) -> bool {
        let name = open.checked_sub(1).and_then(|at| self.word(at)).unwrap_or_default();
        match self.tongue {
            Tongue::Php => matches!(name.trim_start_matches('\\'), "implode" | "join"),
            Tongue::Python => name == "join",
            _ => false,
        }
    }

    /// What `['a', b].join('&')` gives.
    pub(super) fn joined_list(&self, range: &Range<usize>, depth: usize) -> Option<Vec<Piece>> {
        let close = self.partner(range.start)?;
        let is_join = self.is_mark(close + 1, ".") && self.word(close + 2) == Some("join");
        let open = Some(close + 3).filter(|open| is_join && self.partner(*open) == Some(range.end - 1))?;
        let arguments = self.arguments(open);
        let between = match arguments.as_slice() {
            [] => vec![Piece::Known(",".to_owned())],
            [between] => self.pieces_within(between, depth - 1),
            _ => return None,
        };
        Some(self.items(range.start, &known(&between)?, depth))
    }

    /// What the items of a list give with a text between them; `None` if the list is not written here.
    pub(super) fn joined(
        &self,
        between: &[Piece],
        arguments: &[Range<usize>],
        depth: usize,
    ) -> Option<Vec<Piece>> {
        let [list] = arguments else { return None };
        let open = self.position(list.clone(), |at| matches!(self.written(at), "[" | "("))?;
        let is_list = open == list.start || self.written(list.start) == "array";
        let is_whole = is_list && self.partner(open) == Some(list.end - 1);
        is_whole.then(|| Some(self.items(open, &known(between)?, depth))).flatten()
    }

    fn items(&self, open: usize, between: &str, depth: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (number, item) in self.arguments(open).iter().enumerate() {
            let joint = (number > 0 && !between.is_empty()).then(|| Piece::Known(between.to_owned()));
            extend(&mut pieces, joint);
            extend(&mut pieces, self.pieces_within(item, depth - 1));
        }
        pieces
    }
}
