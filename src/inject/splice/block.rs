//! Changes of what is written as a block: whole lines come and go.

use super::{Change, Done, Unable, is_filled_pair, unable};
use crate::inject::align::{self, Step};
use crate::inject::node::{Content, Node};

impl Change<'_> {
    pub(super) fn block_map(&mut self, old: &Node, new: &Node, header: Option<usize>) -> Done {
        let (olds, news) = (old.entries(), new.entries());
        let column = self.text.column(olds[0].0.place.start);
        let mut before = None;
        let mut coming: Vec<String> = Vec::new();
        let steps = align::entries(olds, news);
        for step in steps.iter().copied().map(Some).chain([None]) {
            if let Some(Step::Add(index)) = step {
                coming.extend(self.style.entry(&news[index].0, &news[index].1, column));
                continue;
            }
            self.add_to_map(old, before, &std::mem::take(&mut coming), header)?;
            match step {
                Some(Step::Keep(index, other)) => {
                    self.block_value(&olds[index], &news[other].1, column)?;
                    before = Some(index);
                }
                Some(Step::Drop(index)) => self.drop_entry(olds, index)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add_to_map(
        &mut self,
        old: &Node,
        before: Option<usize>,
        lines: &[String],
        header: Option<usize>,
    ) -> Done {
        if lines.is_empty() {
            return Ok(());
        }
        let olds = old.entries();
        if let Some(index) = before {
            self.put_lines(
                self.text.end(&olds[index].1).max(self.text.line_end(olds[index].0.place.end)),
                lines,
            );
            return Ok(());
        }
        let first = olds[0].0.place.start;
        if !self.text.is_first(first) {
            return self.add_behind_dash(first, lines);
        }
        let is_bare = old.anchor.is_none() && !old.tagged;
        let at = header
            .filter(|_| is_bare)
            .map_or_else(|| self.text.line_start(first), |colon| self.text.line_end(colon));
        self.put_lines(at, lines);
        Ok(())
    }

    /// The first key stands on the line of its dash, and so does the new one.
    fn add_behind_dash(&mut self, first: usize, lines: &[String]) -> Done {
        let before = self.text.before(first);
        if !before.bytes().all(|byte| byte == b' ' || byte == b'-') {
            return Err(Unable { at: first, why: "something stands before this key on its line" });
        }
        let margin = " ".repeat(self.text.column(first));
        let text = lines.join("\n") + "\n" + &margin;
        self.put(first..first, text.trim_start().to_owned());
        Ok(())
    }

    fn drop_entry(&mut self, olds: &[(Node, Node)], index: usize) -> Done {
        let (key, value) = &olds[index];
        let start = key.place.start;
        if self.text.is_first(start) {
            let end = self.text.end(value).max(self.text.line_end(key.place.end));
            self.put(self.text.line_start(start)..end, String::new());
            return Ok(());
        }
        let next =
            olds.get(index + 1).ok_or_else(|| unable(key, "something stands before this key on its line"))?;
        self.put(start..next.0.place.start, String::new());
        Ok(())
    }

    fn block_value(&mut self, old: &(Node, Node), new: &Node, column: usize) -> Done {
        let (key, value) = old;
        if value == new {
            return Ok(());
        }
        let colon = self.text.colon(key).ok_or_else(|| unable(key, "this key has no colon behind it"))?;
        if is_filled_pair(value, new) {
            return self.children(value, new, Some(colon));
        }
        if value.anchor.is_some() || value.tagged || value.place.literal {
            return Err(unable(value, "an anchor, a tag or a text of several lines stands here"));
        }
        if value.is_block() {
            return self.fold(value, new, colon);
        }
        self.replace(value, new, colon, column);
        Ok(())
    }

    /// Nothing is to be left below a key.
    fn fold(&mut self, old: &Node, new: &Node, colon: usize) -> Done {
        let first = match &old.content {
            Content::Map(entries) => entries.first().map(|(key, _)| key.place.start),
            _ => self.text.dashes(old).and_then(|dashes| dashes.first().copied()),
        };
        let first = first.filter(|first| self.text.is_first(*first) && new.is_empty());
        let first = first.ok_or_else(|| unable(old, "this cannot be taken away"))?;
        self.put(colon..colon, self.behind_colon(new));
        self.put(self.text.line_start(first)..self.text.end(old), String::new());
        Ok(())
    }

    fn replace(&mut self, old: &Node, new: &Node, colon: usize, column: usize) {
        let end = old.place.end.max(colon);
        if new.is_empty() || !matches!(new.content, Content::Map(_) | Content::Seq(_)) {
            self.put(colon..end, self.behind_colon(new));
            return;
        }
        let lines = match &new.content {
            Content::Map(entries) => self.style.entries(entries, column + self.style.step),
            _ => {
                new.items().iter().flat_map(|item| self.style.item(item, column + self.style.dash)).collect()
            }
        };
        if end > colon {
            self.put(colon..end, String::new());
        }
        self.put_lines(self.text.line_end(end), &lines);
    }

    fn behind_colon(&self, new: &Node) -> String {
        let written =
            || format!(" {}", self.style.flow(new, crate::inject::write::Spread::Line { blanks: true }));
        let plain = || match &new.content {
            Content::Scalar(scalar) => format!(" {}", self.style.scalar(scalar, false)),
            _ => written(),
        };
        new.written.as_ref().map_or_else(plain, |written| written.text.clone())
    }

    pub(super) fn block_seq(&mut self, old: &Node, new: &Node, header: Option<usize>) -> Done {
        let dashes = self.text.dashes(old);
        let dashes =
            dashes.ok_or_else(|| unable(old, "the dashes of this list are not where they are looked for"))?;
        if !self.text.is_first(dashes[0]) {
            return Err(unable(old, "this list begins on another one's line"));
        }
        let column = self.text.column(dashes[0]);
        let (olds, news) = (old.items(), new.items());
        let top = header.map_or_else(|| self.text.line_start(dashes[0]), |colon| self.text.line_end(colon));
        let mut at = top;
        for step in align::items(olds, news) {
            match step {
                Step::Add(index) => self.put_lines(at, &self.style.item(&news[index], column)),
                Step::Drop(index) => {
                    let end = self.text.end(&olds[index]).max(self.text.line_end(dashes[index]));
                    self.put(self.text.line_start(dashes[index])..end, String::new());
                }
                Step::Keep(index, other) => {
                    self.children(&olds[index], &news[other], None)?;
                    at = self.text.end(&olds[index]).max(self.text.line_end(dashes[index]));
                }
            }
        }
        Ok(())
    }
}
