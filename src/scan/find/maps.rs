//! Maps of parameters: arrays, objects, dictionaries, lists of pairs.

use super::entries::{self, Entries};
use super::puts;
use crate::scan::query::Given;
use crate::scan::site::{Context, Habit, Site};
use crate::scan::token::known;
use crate::scan::tongue::Tongue;

/// Every map of a file that has an entry `op`.
pub(super) fn sites(context: &Context) -> Vec<Site> {
    let all = 0..context.source.tokens.len();
    all.filter_map(|at| open_around(context, at)).filter_map(|open| site(context, open)).collect()
}

/// The bracket of the map in which a token is the name `op`.
fn open_around(context: &Context, at: usize) -> Option<usize> {
    let source = context.source;
    let is_text = source.quoted(at).and_then(known).is_some_and(|text| text.eq_ignore_ascii_case("op"));
    let is_word = source.word(at).is_some_and(|word| word.eq_ignore_ascii_case("op"));
    let open = source.enclosing(at).filter(|_| is_text || is_word)?;
    let next = source.written(at + 1);
    let is_entry = match next {
        "=>" => !is_word && source.tongue == Tongue::Php,
        ":" => has_colons(context, open) && !is_type(context, at + 2),
        "," | "}" if is_word => is_own_value(context, at, open),
        "to" => is_text,
        // A keyword's argument; a default of a function is none.
        "=" => {
            is_word
                && source.tongue == Tongue::Python
                && source.is_mark(open, "(")
                && !is_function(context, open)
        }
        _ => false,
    };
    if is_entry {
        return Some(open).filter(|open| !is_function(context, *open));
    }
    let is_pair = next == "," && is_text && at == open + 1 && source.arguments(open).len() == 2;
    if is_pair && is_item(context, open) {
        return source.enclosing(open);
    }
    (next == "," && is_text && source.word(open.checked_sub(1)?) == Some("of")).then_some(open)
}

/// Whether a name stands for its own value in an object of JavaScript, and takes none out of one.
fn is_own_value(context: &Context, at: usize, open: usize) -> bool {
    let source = context.source;
    let Some(close) = source.partner(open).filter(|_| source.tongue == Tongue::Script) else { return false };
    let outer = source.enclosing(open).filter(|outer| source.is_mark(*outer, "("));
    let behind = outer.and_then(|outer| source.partner(outer)).map_or("", |close| source.written(close + 1));
    let is_taken = matches!(source.written(close + 1), "=" | "from" | "of" | "in")
        || matches!(behind, "=>" | "{" | ":")
        || open.checked_sub(1).is_some_and(|at| matches!(source.word(at), Some("import" | "export")));
    source.is_mark(open, "{") && matches!(source.written(at - 1), "{" | ",") && !is_taken
}

/// Whether a colon between these brackets stands between a name and its value.
fn has_colons(context: &Context, open: usize) -> bool {
    match context.source.tongue {
        Tongue::Python | Tongue::Dart | Tongue::Go => true,
        Tongue::Script => context.source.is_mark(open, "{"),
        _ => false,
    }
}

/// Whether a word is the name of a type of TypeScript.
fn is_type(context: &Context, at: usize) -> bool {
    let is_name = matches!(context.source.word(at), Some("string" | "any" | "unknown" | "number" | "String"));
    context.source.tongue == Tongue::Script && is_name && !context.source.is_mark(at + 1, "(")
}

/// Whether brackets are those of a function's parameters.
fn is_function(context: &Context, open: usize) -> bool {
    let source = context.source;
    let before = |back: usize| open.checked_sub(back).and_then(|at| source.word(at)).unwrap_or_default();
    let is_word = |word: &str| ["def", "fun", "function", "func"].contains(&word);
    source.is_mark(open, "(") && (is_word(before(1)) || is_word(before(2)))
}

/// Whether brackets are a pair of a list: `("op", v)`, `["op", v]`, `Pair("op", v)`, `new BasicNameValuePair("op", v)`.
fn is_item(context: &Context, open: usize) -> bool {
    let source = context.source;
    let before = open.checked_sub(1).map_or("", |before| source.written(before));
    let is_pair = matches!(before, "Pair" | "BasicNameValuePair" | "NameValuePair" | "entry" | "tuple");
    let Some(outer) = source.enclosing(open) else { return false };
    let is_bare = matches!(before, "[" | "," | "(" | "{");
    (is_bare || is_pair) && !puts::is_put(source, outer)
}

fn site(context: &Context, open: usize) -> Option<Site> {
    let source = context.source;
    let close = source.partner(open)?;
    let Entries { mut given, mut loose, nested } = entries::read(source, open);
    let is_sent_as_json = is_sent_as_json(context, open);
    if is_json(&given, &nested)
        || (is_sent_as_json && !has_parameter(&given))
        || is_type_of_script(context, open)
    {
        return None;
    }
    let start = if source.is_mark(open, "(") { source.expression(open).start } else { open };
    let mut doubts = Vec::new();
    let added = added(context, start, close, &mut doubts);
    loose.extend(merged(context, start, open, close));
    let is_whole = added.is_empty() && loose.is_empty();
    given.extend(added);
    if is_sent_as_json {
        doubts.push("it is sent as JSON, with the names of the old form".to_owned());
    }
    let range = start..close + 1;
    Some(Site { habit: Habit::Map, range, base: Vec::new(), given, loose, doubts, is_whole })
}

/// Whether the entries are those of the JSON API, whose parameters stand one level deeper.
fn is_json(given: &[Given], nested: &[String]) -> bool {
    let is_family = |name: &str| ["user", "group", "message", "otp", "uac"].contains(&name);
    let stands_for_one = |given: &Given| ["user", "group", "uac"].contains(&given.name.as_str());
    nested.iter().any(|name| is_family(name)) || given.iter().any(stands_for_one)
}

/// Functions that make one map of several.
const MERGERS: [&str; 8] =
    ["array_merge", "array_replace", "assign", "extend", "merge", "update", "putAll", "addAll"];

/// What a map is merged with, by a function or by a mark beside it.
fn merged(context: &Context, start: usize, open: usize, close: usize) -> Vec<String> {
    let source = context.source;
    let is_mark = |at: usize| source.is_mark(at, "+") || source.is_mark(at, "|");
    let beside =
        is_mark(close + 1) || start.checked_sub(1).is_some_and(is_mark) || (start..open).any(is_mark);
    if beside {
        return vec![source.slice(&source.expression(start)).to_owned()];
    }
    let Some(open) = source.enclosing(start).filter(|open| source.is_mark(*open, "(")) else {
        return Vec::new();
    };
    let callee = open.checked_sub(1).and_then(|at| source.word(at)).unwrap_or_default();
    if !MERGERS.contains(&callee) {
        return Vec::new();
    }
    let is_method = open >= 3 && matches!(source.written(open - 2), "." | "->") && callee != "assign";
    let receiver = is_method.then(|| source.written(open - 3).to_owned());
    let others = source.arguments(open).into_iter().filter(|argument| !argument.contains(&start));
    let others = others.map(|argument| source.slice(&argument).to_owned());
    others.filter(|other| !matches!(other.as_str(), "{}" | "[]" | "array()")).chain(receiver).collect()
}

/// Whether there is any parameter that the two doors name otherwise.
fn has_parameter(given: &[Given]) -> bool {
    let is_common = |name: &str| ["op", "token", "id"].iter().any(|common| common.eq_ignore_ascii_case(name));
    given.iter().any(|given| !is_common(&given.name))
}

/// Whether braces are those of a type of TypeScript: `interface X {`, `type X = {`.
fn is_type_of_script(context: &Context, open: usize) -> bool {
    let source = context.source;
    let is_told =
        |at: usize| matches!(source.word(at), Some("interface" | "type")) && source.word(at + 1).is_some();
    let start =
        (open.saturating_sub(8)..open).rev().find(|at| matches!(source.written(*at), ";" | "{" | "}"));
    source.tongue == Tongue::Script && (start.map_or(open.saturating_sub(8), |at| at + 1)..open).any(is_told)
}

/// What later statements put into the map.
fn added(context: &Context, start: usize, close: usize, doubts: &mut Vec<String>) -> Vec<Given> {
    let Some((name, false)) = context.receiver(start).or_else(|| context.receiver(start.saturating_sub(1)))
    else {
        return Vec::new();
    };
    let mut later = puts::into(context, name, close);
    // From another `op` on it is another call.
    let end = later.iter().position(|put| put.name.eq_ignore_ascii_case("op")).unwrap_or(later.len());
    let until = later.get(end).map_or(context.source.body(close).end, |put| put.range.start);
    later.truncate(end);
    doubts.extend(puts::losses(context, name, close..until));
    for put in &later {
        if puts::is_deeper(context, put.range.start, start) {
            doubts.push(format!("`{}` is put in under a condition", put.name));
        }
    }
    later.into_iter().map(|put| Given { name: put.name, value: put.value }).collect()
}

fn is_sent_as_json(context: &Context, open: usize) -> bool {
    let source = context.source;
    let mut inner = open;
    for _ in 0..3 {
        let before = |back: usize| inner.checked_sub(back).map_or("", |at| source.written(at));
        let words = ["json_encode", "jsonEncode", "dumps", "Marshal", "JSONObject"];
        let is_key = |text: &str| matches!(text.trim_matches(['"', '\'']), "json");
        let is_script = before(1) == "stringify" && before(3) == "JSON";
        if is_script
            || words.contains(&before(1))
            || (matches!(before(1), "=" | "=>" | ":") && is_key(before(2)))
        {
            return true;
        }
        let Some(outer) = source.enclosing(inner) else { break };
        inner = outer;
    }
    false
}
