//! Changes between brackets and braces, which is also where JSON is.

use std::ops::Range;

use super::{Change, Done, Unable, is_filled_pair, unable};
use crate::inject::align::{self, Step};
use crate::inject::node::{Content, Node};
use crate::inject::write::Spread;

/// Old members that go, and what comes in their place.
#[derive(Default)]
struct Run {
    gone: Vec<usize>,
    coming: Vec<String>,
}

impl Change<'_> {
    pub(super) fn flow(&mut self, old: &Node, new: &Node) -> Done {
        let places = members(old);
        let spread = self.spread(old, places[0].start);
        let steps = match &old.content {
            Content::Map(entries) => align::entries(entries, new.entries()),
            _ => align::items(old.items(), new.items()),
        };
        let mut run = Run::default();
        let mut last = None;
        for step in steps {
            match step {
                Step::Drop(index) => run.gone.push(index),
                Step::Add(index) => run.coming.push(self.member(new, index, spread)),
                Step::Keep(index, other) => {
                    self.flow_run(&std::mem::take(&mut run), &places, last, Some(index), spread)?;
                    self.flow_member(old, index, new, other, spread)?;
                    last = Some(index);
                }
            }
        }
        self.flow_run(&run, &places, last, None, spread)
    }

    fn member(&self, new: &Node, index: usize, spread: Spread) -> String {
        match &new.content {
            Content::Map(entries) => {
                self.style.flow_entry(&entries[index].0, &entries[index].1, spread.deeper())
            }
            _ => self.style.flow(&new.items()[index], spread.deeper()),
        }
    }

    /// What lies between two members that stay, or between one and a bracket.
    fn flow_run(
        &mut self,
        run: &Run,
        places: &[Range<usize>],
        last: Option<usize>,
        next: Option<usize>,
        spread: Spread,
    ) -> Done {
        let comma = spread.comma();
        let coming = run.coming.join(&comma);
        let (Some(first), Some(end)) = (run.gone.first(), run.gone.last()) else {
            let last = &places[last.unwrap_or_default()];
            self.flow_add(run, last, next.map(|next| &places[next]), spread);
            return Ok(());
        };
        // The members between which all goes.
        let (from, to) = match (coming.is_empty(), last, next) {
            (false, ..) => (*first, *end),
            (true, _, Some(next)) => (*first, next),
            (true, Some(last), None) => (last, *end),
            (true, None, None) => {
                return Err(Unable { at: places[0].start, why: "nothing would be left here" });
            }
        };
        let range = match (coming.is_empty(), next) {
            (true, Some(next)) => places[*first].start..places[next].start,
            (true, None) => places[from].end..places[*end].end,
            _ => places[*first].start..places[*end].end,
        };
        let between = |pair: &[Range<usize>]| self.text.slice(pair[0].end, pair[1].start).contains('#');
        if places[from..=to].windows(2).any(between) {
            return Err(Unable { at: range.start, why: "a comment stands among what has to go" });
        }
        self.put(range, coming);
        Ok(())
    }

    fn flow_add(&mut self, run: &Run, last: &Range<usize>, next: Option<&Range<usize>>, spread: Spread) {
        let comma = spread.comma();
        let coming = run.coming.join(&comma);
        match next {
            _ if coming.is_empty() => {}
            Some(next) => self.put(next.start..next.start, coming + &comma),
            None => self.put(last.end..last.end, comma + &coming),
        }
    }

    fn flow_member(&mut self, old: &Node, index: usize, new: &Node, other: usize, spread: Spread) -> Done {
        let (value, changed) = match &old.content {
            Content::Map(entries) => (&entries[index].1, &new.entries()[other].1),
            _ => (&old.items()[index], &new.items()[other]),
        };
        if value == changed {
            return Ok(());
        }
        if is_filled_pair(value, changed) {
            return self.children(value, changed, None);
        }
        if value.anchor.is_some() || value.tagged || value.place.end == value.place.start {
            return Err(unable(value, "an anchor, a tag or nothing at all stands here"));
        }
        let text = match &changed.written {
            Some(written) => written.text.trim_start().to_owned(),
            None => self.style.flow(changed, spread.deeper()),
        };
        self.put(value.place.start..value.place.end, text);
        Ok(())
    }

    /// How the members of a collection are spread, which is how a new one will be.
    fn spread(&self, old: &Node, first: usize) -> Spread {
        let whole = self.text.slice(old.place.start, old.place.end);
        let open = old.place.start + whole.find(['{', '[']).unwrap_or_default();
        if self.text.slice(open, first).contains('\n') {
            let indent = self.text.indent(open);
            let blank = if self.text.before(first).starts_with('\t') { '\t' } else { ' ' };
            return Spread::Lines { indent, unit: self.text.column(first).saturating_sub(indent), blank };
        }
        Spread::Line { blanks: !self.style.json || whole.contains(", ") || whole.contains("\": ") }
    }
}

fn members(node: &Node) -> Vec<Range<usize>> {
    match &node.content {
        Content::Map(entries) => {
            entries.iter().map(|(key, value)| key.place.start..value.place.end.max(key.place.end)).collect()
        }
        _ => node.items().iter().map(|item| item.place.start..item.place.end).collect(),
    }
}
