//! Go: `net/http`. A program with an import too few or too many does not compile, so that little is sure.

use super::super::finding::Edit;
use super::super::replacement::literal;
use super::super::site::{Context, Site};
use super::super::tongue::Tongue;
use super::Sender;
use crate::code::{self, Node};
use crate::protocol::ops::ParamKind;

pub(super) fn edits(context: &Context, site: &Site, sender: &Sender, node: &Node) -> Option<Vec<Edit>> {
    let source = context.source;
    let has_strings = source.uses("\"strings\"");
    // What a format or an encoder gives is no text as it stands, and its package might not be needed any more.
    let is_plain = !source.slice(&site.range).contains(['(', '%']);
    if sender.callee != "http.Get" || !sender.is_alone(site) || !has_strings || !is_plain {
        return None;
    }
    let is_strange = node.any(&|node| !is_sound(node)) || has_unknown_text(node);
    if is_strange {
        return None;
    }
    let text = code::joined_in_go(node);
    let call = format!("http.Post({}, \"application/json\", strings.NewReader({text}))", sender.url);
    Some(sender.replaced(source, call))
}

/// Whether a value may stand in joined JSON: a number that a name or a member has, or what is known.
fn is_sound(node: &Node) -> bool {
    match node {
        Node::Expression(text, kind) => *kind == ParamKind::Integer && !text.contains(['+', '"', '`', ' ']),
        Node::Variable(..) | Node::Token | Node::List(_) | Node::Bits { .. } => false,
        _ => true,
    }
}

/// Whether a text but the token is known at run time only: it might need an escape.
fn has_unknown_text(node: &Node) -> bool {
    let is_written = |node: &Node| node.any(&|node| matches!(node, Node::Written(_)));
    matches!(node, Node::Object(members) if members.iter().any(|(name, node)| name != "token" && is_written(node)))
}

/// The call as it is shown: with the JSON made by the library.
pub(super) fn post(url: &str, json: &str) -> String {
    let url = literal(Tongue::Go, url);
    format!(
        "body, err := json.Marshal({json}) // then: http.Post({url}, \"application/json\", bytes.NewReader(body))"
    )
}
