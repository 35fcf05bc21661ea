//! JavaScript and TypeScript: `fetch` and axios.

use super::super::finding::Edit;
use super::super::replacement::payload;
use super::super::site::{Context, Site};
use super::super::tongue::Tongue;
use super::Sender;
use crate::code::Node;

pub(super) fn edits(context: &Context, site: &Site, sender: &Sender, node: &Node) -> Option<Vec<Edit>> {
    let url = &sender.url;
    let json = payload(Tongue::Script, node);
    let text = match sender.callee.as_str() {
        callee @ ("fetch" | "window.fetch") if sender.is_alone(site) => fetch(callee, url, &json),
        "axios.get" if sender.is_alone(site) || sender.has_map(context, site, 0, Some(&["params"])) => {
            format!("axios.post({url}, {json})")
        }
        "axios.post" if sender.is_alone(site) => format!("axios.post({url}, {json})"),
        _ => return None,
    };
    Some(sender.replaced(context.source, text))
}

pub(super) fn fetch(callee: &str, url: &str, json: &str) -> String {
    format!(
        "{callee}({url}, {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, \
         body: JSON.stringify({json}) }})"
    )
}
