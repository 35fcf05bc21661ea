//! Go: `net/http`. A program with an import too few or too many does not compile, so that little is sure.

use super::super::finding::Edit;
use super::super::replacement::literal;
use super::super::site::{Context, Site};
use super::super::tongue::Tongue;
use super::Sender;
use crate::code::Node;
use crate::protocol::ops::ParamKind;

pub(super) fn edits(context: &Context, site: &Site, sender: &Sender, node: &Node) -> Option<Vec<Edit>> {
    let source = context.source;
    let has_strings = source.uses("\"strings\"");
    // What a format or an encoder gives is no text as it stands, and its package might not be needed any more.
    let is_plain = !source.slice(&site.range).contains(['(', '%']);
    if sender.callee != "http.Get" || !sender.is_alone(site) || !has_strings || !is_plain {
        return None;
    }
    let text = json(node)?;
    let text = text.replace(" + ``", "").replace("`` + ", "");
    let call = format!("http.Post({}, \"application/json\", strings.NewReader({text}))", sender.url);
    Some(sender.replaced(source, call))
}

/// The JSON as texts joined with a program's own: what needs no escaping alone.
fn json(node: &Node) -> Option<String> {
    Some(format!("`{}`", inner(node, true)?))
}

fn inner(node: &Node, is_top: bool) -> Option<String> {
    match node {
        Node::Object(members) => {
            let pair = |(name, node): &(String, Node)| {
                let is_token = is_top && name == "token";
                let value = match node {
                    Node::Expression(text, _) if is_token => Some(format!("\"` + {text} + `\"")),
                    node => inner(node, false),
                };
                Some(format!("\"{name}\":{}", value?))
            };
            let pairs: Option<Vec<String>> = members.iter().map(pair).collect();
            Some(format!("{{{}}}", pairs?.join(",")))
        }
        Node::Text(text) => Some(serde_json::to_string(text).ok()?).filter(|text| !text.contains('`')),
        Node::Integer(number) => Some(number.to_string()),
        Node::Boolean(truth) => Some(truth.to_string()),
        Node::Expression(text, ParamKind::Integer) => Some(format!("` + {text} + `")),
        Node::Number(number) => Some(number.clone()),
        Node::Null => Some("null".to_owned()),
        Node::List(_) | Node::Bits { .. } | Node::Expression(..) | Node::Variable(..) | Node::Token => None,
    }
}

/// The call as it is shown: with the JSON made by the library.
pub(super) fn post(url: &str, json: &str) -> String {
    let url = literal(Tongue::Go, url);
    format!(
        "body, err := json.Marshal({json}) // then: http.Post({url}, \"application/json\", bytes.NewReader(body))"
    )
}
