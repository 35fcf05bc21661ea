//! Dart: the package http.

use super::super::finding::Edit;
use super::super::replacement::payload;
use super::super::site::{Context, Site};
use super::super::tongue::Tongue;
use super::Sender;
use crate::code::Node;

pub(super) fn edits(context: &Context, site: &Site, sender: &Sender, node: &Node) -> Option<Vec<Edit>> {
    let source = context.source;
    // The URL is the argument of `Uri.parse`, which is the only one of the call that sends.
    let outer = source.enclosing(sender.range.start).filter(|outer| source.is_mark(*outer, "("))?;
    let start = source.expression(outer.checked_sub(1)?).start;
    let callee = source.slice(&(start..outer));
    let is_parsed =
        sender.callee == "Uri.parse" && sender.is_alone(site) && source.arguments(outer).len() == 1;
    let is_sent = matches!(callee, "http.get" | "http.post") && source.uses("'dart:convert'");
    if !is_parsed || !is_sent {
        return None;
    }
    let text = post(&sender.url, &payload(Tongue::Dart, node));
    Some(vec![Edit { span: source.span(&(start..source.partner(outer)? + 1)), text }])
}

pub(super) fn post(url: &str, json: &str) -> String {
    format!(
        "http.post(Uri.parse({url}), headers: {{'Content-Type': 'application/json'}}, body: jsonEncode({json}))"
    )
}
