//! Python: requests.

use super::super::finding::Edit;
use super::super::replacement::payload;
use super::super::site::{Context, Habit, Site};
use super::super::tongue::Tongue;
use super::{Sender, is_cloud};
use crate::code::Node;

/// Arguments that say nothing of what is sent.
const KEPT: [&str; 5] = ["timeout", "verify", "proxies", "cert", "allow_redirects"];

pub(super) fn edits(context: &Context, site: &Site, sender: &Sender, node: &Node) -> Option<Vec<Edit>> {
    let source = context.source;
    let is_ours = matches!(sender.callee.as_str(), "requests.get" | "requests.post");
    let (first, rest) = sender.arguments.split_first().filter(|_| is_ours)?;
    let mut kept = String::new();
    for argument in rest {
        let name = source.word(argument.start).filter(|_| source.is_mark(argument.start + 1, "="))?;
        let is_map = site.habit == Habit::Map && argument.end == site.range.end;
        if is_map && matches!(name, "params" | "data") && argument.start + 2 == site.range.start {
            continue;
        }
        if !KEPT.contains(&name) {
            return None;
        }
        kept.push_str(", ");
        kept.push_str(source.slice(argument));
    }
    let is_sound = match site.habit {
        Habit::Url => sender.index == 0,
        _ => sender.index > 0 && is_cloud(context, &source.pieces(first), first.start),
    };
    let json = payload(Tongue::Python, node);
    is_sound.then(|| sender.replaced(source, format!("requests.post({}, json={json}{kept})", sender.url)))
}
