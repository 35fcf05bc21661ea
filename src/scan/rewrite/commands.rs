//! Shells: curl.

use super::super::finding::Edit;
use super::super::replacement::payload;
use super::super::site::{Context, Habit, Site};
use super::super::token::{Kind, known};
use super::super::tongue::Tongue;
use super::is_cloud;
use crate::code::Node;
use crate::protocol::ops::ParamKind;

/// Options without a value that stay as they are.
const FLAGS: [&str; 4] = ["--silent", "--show-error", "--fail", "--compressed"];
/// Options with a value that stay as they are.
const KEPT: [&str; 6] = ["-o", "--output", "-m", "--max-time", "--connect-timeout", "-w"];
/// Options with a value that say what is sent.
const DROPPED: [&str; 7] =
    ["-d", "--data", "--data-raw", "--data-urlencode", "--data-ascii", "-X", "--request"];

/// The edit of a command.
///
/// # Errors
/// A sentence that says what is not understood.
pub(super) fn edits(context: &Context, site: &Site, url: &str, node: &Node) -> Result<Vec<Edit>, String> {
    let source = context.source;
    if site.habit != Habit::Command || source.written(site.range.start) != "curl" {
        return Err("what sends it is no plain command with curl: change it by hand".to_owned());
    }
    if !is_cloud(context, &site.base, site.range.start) {
        return Err("that it goes to mesibo's own host is not sure: change it by hand".to_owned());
    }
    if has_text(node) {
        return Err("a shell cannot write a variable's text as JSON: use `jq -n`".to_owned());
    }
    if node.any(&is_quoted) {
        return Err("a value has quotes or lines of its own: change it by hand".to_owned());
    }
    let kept = kept(context, site)?;
    let text =
        format!("curl{kept} -H 'Content-Type: application/json' -d {} '{url}'", payload(Tongue::Shell, node));
    Ok(vec![Edit { span: source.span(&site.range), text }])
}

/// The options that stay.
fn kept(context: &Context, site: &Site) -> Result<String, String> {
    let source = context.source;
    let (mut kept, mut at, mut urls) = (String::new(), site.range.start + 1, 0);
    let strange = |word: &str| Err(format!("`{word}` is no option that is known here: change it by hand"));
    while at < site.range.end {
        let word = source.written(at);
        let is_text = matches!(source.tokens[at].kind, Kind::Text(_));
        match word {
            _ if !is_text => return strange(word),
            "--get" => {}
            _ if is_short_flags(word) => {
                let rest = word.replace('G', "");
                kept.extend([" ", &rest].into_iter().filter(|_| rest != "-"));
            }
            _ if FLAGS.contains(&word) => kept.extend([" ", word]),
            _ if KEPT.contains(&word) => {
                kept.extend([" ", word, " ", source.written(at + 1)]);
                at += 1;
            }
            _ if DROPPED.contains(&word) => at += 1,
            _ if word.starts_with('-') => {
                return strange(&known(source.quoted(at).unwrap_or_default()).unwrap_or_default());
            }
            _ => urls += 1,
        }
        at += 1;
    }
    if urls == 1 { Ok(kept) } else { Err("it has several URLs: change it by hand".to_owned()) }
}

/// Whether a word is one or more options of one letter without a value.
fn is_short_flags(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| !letters.is_empty() && letters.chars().all(|it| "sSfLkviG".contains(it)))
}

/// Whether an expression cannot stand between other quotes as it is.
fn is_quoted(node: &Node) -> bool {
    let (Node::Expression(text, _) | Node::Written(text)) = node else { return false };
    text.contains(['"', '\'', '\\', '`', '\n', '\r'])
}

/// Whether a text is made JSON only when the command runs, which needs another command.
fn has_text(node: &Node) -> bool {
    node.any(&|node| matches!(node, Node::Expression(_, kind) if *kind != ParamKind::Integer))
        || matches!(node, Node::Object(members) if members.iter().any(|(name, node)| name != "token" && is_text(node)))
}

/// Whether a text within is joined with what a variable holds.
fn is_text(node: &Node) -> bool {
    node.any(&|node| matches!(node, Node::Written(_)))
}
