//! The JSON call in a source's own language: shown for every call, and written where the whole call is understood.

mod commands;
mod dart;
mod go;
mod php;
mod python;
mod scripts;
mod shown;

use std::ops::Range;

use super::finding::Edit;
use super::names;
use super::query;
use super::replacement;
use super::site::{Context, Habit, Site};
use super::source::Source;
use super::token::{Piece, known};
use super::tongue::Tongue;
use crate::code::{self, Call, Language, Node};

pub(super) use shown::shown;

/// The call that sends a place's parameters.
struct Sender {
    /// What is called: `file_get_contents`, `axios.get`, `$client->request`.
    callee: String,
    /// The bracket of its arguments.
    open: usize,
    arguments: Vec<Range<usize>>,
    /// Which argument the place is, or is part of.
    index: usize,
    /// The tokens of the whole call.
    range: Range<usize>,
    /// The new URL as an expression: a literal, or the variable that has it.
    url: String,
    /// The change of the variable's value, where there is one.
    also: Option<Edit>,
}

/// What `--write` changes at a place; or why it leaves it alone.
///
/// # Errors
/// A sentence that says what is not understood.
pub(super) fn edits(context: &Context, site: &Site, call: &Call) -> Result<Vec<Edit>, String> {
    if !site.is_whole {
        return Err("its parameters stand in several places: change it by hand".to_owned());
    }
    let payload = Node::Object(with_own_token(context.source.tongue, site, call));
    if context.source.tongue == Tongue::Shell {
        return commands::edits(context, site, &call.url, &payload);
    }
    if !matches!(site.habit, Habit::Url | Habit::Map) {
        return Err(format!("it is written as {}: change it by hand", site.habit.words()));
    }
    if site.habit == Habit::Url && !is_cloud(context, &site.base, site.range.start) {
        return Err("that it goes to mesibo's own host is not sure: change it by hand".to_owned());
    }
    let is_plain = code::helpers(Language::JsFetch, &payload).is_empty();
    if context.source.tongue == Tongue::Script && !is_plain {
        return Err(
            "a number is too large for JavaScript: `mesigate explain --as js-fetch` shows how".to_owned()
        );
    }
    let sender = sender(context, site, &call.url)?;
    let edits = match context.source.tongue {
        Tongue::Php => php::edits(context, site, &sender, &payload),
        Tongue::Script => scripts::edits(context, site, &sender, &payload),
        Tongue::Python => python::edits(context, site, &sender, &payload),
        Tongue::Dart => dart::edits(context, site, &sender, &payload),
        Tongue::Go => go::edits(context, site, &sender, &payload),
        Tongue::Java | Tongue::Kotlin | Tongue::Shell => None,
    };
    let callee = context.source.slice(&(sender.range.start..sender.open));
    let callee = callee.split_whitespace().collect::<Vec<_>>().join(" ");
    let unknown = || format!("`{callee}` is no call whose JSON form is known here: change it by hand");
    let mut edits = edits.ok_or_else(unknown)?;
    edits.extend(sender.also);
    Ok(edits)
}

/// The members with a token in plain text as it stands: where a program takes its token from is not this command's to
/// change.
fn with_own_token(tongue: Tongue, site: &Site, call: &Call) -> Vec<(String, Node)> {
    let own = query::known_value(&site.given, "token");
    let member = |(name, node): &(String, Node)| match (node, &own) {
        (Node::Token, Some(text)) if tongue == Tongue::Shell => (name.clone(), Node::Text(text.clone())),
        (Node::Token, Some(text)) => (name.clone(), Node::Written(replacement::literal(tongue, text))),
        _ => (name.clone(), node.clone()),
    };
    call.members.iter().map(member).collect()
}

/// Whether a base is one of mesibo's own, without a query.
fn is_cloud(context: &Context, base: &[Piece], at: usize) -> bool {
    let text = known(&context.names.resolved(context.source, base, at)).unwrap_or_default();
    let address = text.trim_start_matches("https://").trim_start_matches("http://");
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let path = path.trim_end_matches('/');
    matches!(host, "api.mesibo.com" | "mesibo.com" | "www.mesibo.com")
        && matches!(path, "api.php" | "api/api.php" | "backend")
}

fn sender(context: &Context, site: &Site, url: &str) -> Result<Sender, String> {
    let source = context.source;
    if let Some(found) = around(source, &site.range) {
        return Ok(Sender { url: replacement::literal(source.tongue, url), ..found });
    }
    let far = "what sends it is not in the same expression: change it by hand";
    let (name, is_append) = context.receiver(site.range.start).ok_or(far)?;
    if is_append || site.habit != Habit::Url {
        return Err(far.to_owned());
    }
    by_variable(context, site, name, url).ok_or_else(|| far.to_owned())
}

/// The call that has an expression among its arguments.
fn around(source: &Source, range: &Range<usize>) -> Option<Sender> {
    let mut open = source.enclosing(range.start)?;
    // The map of parameters may be an option: `['query' => […]]`, `{ params: {…} }`.
    if !source.is_mark(open, "(") {
        open = source.enclosing(open).filter(|open| source.is_mark(*open, "("))?;
    }
    let start = source.expression(open.checked_sub(1)?).start;
    let callee = source.slice(&(start..open)).split_whitespace().collect::<String>();
    let arguments = source.arguments(open);
    let index = arguments.iter().position(|argument| argument.contains(&range.start))?;
    let range = start..source.partner(open)? + 1;
    (!callee.is_empty()).then_some(Sender {
        callee,
        open,
        arguments,
        index,
        range,
        url: String::new(),
        also: None,
    })
}

/// The most tokens between a variable's assignment and its use.
const FARTHEST: usize = 60;

/// The call that sends a URL by a variable, if the URL is used once, soon, and nothing in it changes in between.
fn by_variable(context: &Context, site: &Site, name: &str, url: &str) -> Option<Sender> {
    let source = context.source;
    let body = source.body(site.range.start);
    let is_use = |at: &usize| source.word(*at).is_some_and(|word| word.trim_start_matches('$') == name);
    let mut uses = body.clone().filter(is_use).filter(|at| !site.range.contains(at));
    let (first, place, more) = (uses.next()?, uses.next()?, uses.next());
    let is_near = first < site.range.start && site.range.end <= place && place - site.range.end <= FARTHEST;
    let between = site.range.end..place;
    let changes = context.names.between(between.clone());
    let is_changed = |assigned: &names::Assigned| source.slice(&site.range).contains(assigned.name.as_str());
    if !is_near || more.is_some() || changes.iter().any(is_changed) || is_in_text(source, &body, name) {
        return None;
    }
    let is_branched = between
        .clone()
        .any(|at| matches!(source.written(at), "{" | "}") && source.enclosing(at) == source.enclosing(first));
    let sender = around(source, &(place..place + 1))
        .filter(|sender| sender.arguments[sender.index] == (place..place + 1))?;
    let also = Edit { span: source.span(&site.range), text: replacement::literal(source.tongue, url) };
    let url = source.written(place).to_owned();
    (!is_branched).then_some(Sender { url, also: Some(also), ..sender })
}

/// Whether a text of a function has a variable inside.
fn is_in_text(source: &Source, body: &Range<usize>, name: &str) -> bool {
    let has = |piece: &Piece| matches!(piece, Piece::Hole(hole) if names::simple(hole) == Some(name));
    body.clone().any(|at| source.quoted(at).is_some_and(|pieces| pieces.iter().any(has)))
}

impl Sender {
    /// An edit of the whole call.
    fn replaced(&self, source: &Source, text: String) -> Vec<Edit> {
        vec![Edit { span: source.span(&self.range), text }]
    }

    /// Whether the URL is the only argument.
    fn is_alone(&self, site: &Site) -> bool {
        site.habit == Habit::Url && self.arguments.len() == 1
    }

    /// Whether the place is a map in the argument behind a URL of mesibo's, either itself or as the one option of a
    /// name.
    fn has_map(&self, context: &Context, site: &Site, url_at: usize, option: Option<&[&str]>) -> bool {
        let source = context.source;
        let (Some(url), Some(map)) = (self.arguments.get(url_at), self.arguments.get(url_at + 1)) else {
            return false;
        };
        if site.habit != Habit::Map || self.index != url_at + 1 || self.arguments.len() != url_at + 2 {
            return false;
        }
        let is_there = match option {
            None => *map == site.range,
            Some(names) => is_only_option(source, map, site, names),
        };
        is_there && is_cloud(context, &source.pieces(url), url.start)
    }
}

/// Whether an argument is `['query' => MAP]` or `{ params: MAP }`.
fn is_only_option(source: &Source, argument: &Range<usize>, site: &Site, names: &[&str]) -> bool {
    let inner = source.arguments(argument.start);
    let [entry] = inner.as_slice() else { return false };
    let name = source.written(entry.start).trim_matches(['"', '\'']);
    let is_bracket = source.partner(argument.start) == Some(argument.end - 1);
    is_bracket && names.contains(&name) && entry.start + 2 == site.range.start && entry.end == site.range.end
}
