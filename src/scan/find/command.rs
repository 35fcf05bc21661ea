//! Commands of a shell: curl with its options, and any other word that is a URL with a query.

use std::ops::Range;

use crate::scan::names;
use crate::scan::query;
use crate::scan::site::{Context, Habit, Site};
use crate::scan::token::{Kind, Piece, extend, push};

/// Options of curl and wget whose value is part of a form.
const DATA: [&str; 11] = [
    "--post-data",
    "--body-data",
    "-d",
    "--data",
    "--data-raw",
    "--data-ascii",
    "--data-binary",
    "--data-urlencode",
    "-F",
    "--form",
    "--form-string",
];

/// Every command of a script that sends an operation.
pub(super) fn sites(context: &Context) -> Vec<Site> {
    let sites: Vec<Site> = commands(context).into_iter().filter_map(|range| site(context, range)).collect();
    let is_sent = |site: &Site| sites.iter().any(|other| sends(context, other, site));
    sites.iter().filter(|site| !is_sent(site)).cloned().collect()
}

/// Whether a command sends the query that a variable holds.
fn sends(context: &Context, command: &Site, variable: &Site) -> bool {
    let Some(assigned) = context.names.at(variable.range.start).filter(|_| variable.habit == Habit::Url)
    else {
        return false;
    };
    let is_name =
        |piece: &Piece| matches!(piece, Piece::Hole(hole) if names::simple(hole) == Some(&assigned.name));
    let has = |at: usize| context.source.quoted(at).is_some_and(|pieces| pieces.iter().any(is_name));
    command.habit == Habit::Command && assigned.at < command.range.start && command.range.clone().any(has)
}

/// The words between the marks that end commands; redirections stay.
fn commands(context: &Context) -> Vec<Range<usize>> {
    let source = context.source;
    let (mut commands, mut start) = (Vec::new(), 0);
    for at in 0..=source.tokens.len() {
        let is_end = source.tokens.get(at).is_none_or(|token| token.kind == Kind::Mark)
            && !source.written(at).contains(['<', '>']);
        if is_end {
            if start < at {
                commands.push(start..at);
            }
            start = at + 1;
        }
    }
    commands
}

/// The command of curl or wget that has a word.
pub(super) fn sending(context: &Context, at: usize) -> Option<Range<usize>> {
    let command = commands(context).into_iter().find(|command| command.contains(&at))?;
    let is_sender =
        |at: usize| matches!(context.source.written(at).rsplit('/').next(), Some("curl" | "wget"));
    command.clone().any(is_sender).then_some(command)
}

fn site(context: &Context, command: Range<usize>) -> Option<Site> {
    let names: Vec<&str> = command.clone().map(|at| context.source.written(at)).collect();
    let is_program = |programs: &[&str]| {
        names.iter().any(|name| programs.contains(&name.rsplit(['/', '(']).next().unwrap_or_default()))
    };
    if is_program(&["curl", "wget"]) {
        curl(context, command)
    } else {
        let is_items = names.first().is_some_and(|name| ["http", "https", "xh"].contains(name));
        if let Some(site) = is_items.then(|| items(context, command.clone())).flatten() {
            return Some(site);
        }
        let is_sender = is_items || names.first().is_some_and(|name| *name == "fetch");
        command.clone().find_map(|at| url(context, at, is_sender))
    }
}

/// A URL in a command that is not curl, or in a variable.
fn url(context: &Context, at: usize, is_sender: bool) -> Option<Site> {
    let source = context.source;
    let pieces = context.names.at(at);
    let own = pieces
        .map(|assigned| assigned.pieces.clone())
        .or_else(|| source.quoted(at).map(<[Piece]>::to_vec))?;
    query::read(&own)?;
    let query = query::read(&context.names.resolved(source, &own, at))?;
    let doubts = if is_sender { Vec::new() } else { vec!["what sends it is not in this command".to_owned()] };
    let habit = if is_sender { Habit::Command } else { Habit::Url };
    Some(Site {
        habit,
        range: at..at + 1,
        base: query.base,
        given: query.given,
        loose: query.loose,
        doubts,
        is_whole: false,
    })
}

/// What `HTTPie` sends: `name==value` in the query, and with `--form` also `name=value`.
fn items(context: &Context, command: Range<usize>) -> Option<Site> {
    let source = context.source;
    let is_form = command.clone().any(|at| matches!(source.written(at), "--form" | "-f"));
    let (mut url, mut form, mut others) = (Vec::new(), Vec::new(), false);
    for at in command.start + 1..command.end {
        let Some(word) = source.quoted(at) else { continue };
        let text = plain(word);
        let is_query = text.split("==").next().is_some_and(|name| name.len() < text.len() && is_name(name));
        let is_field =
            !is_query && text.split('=').next().is_some_and(|name| name.len() < text.len() && is_name(name));
        if is_query || is_field {
            others |= is_field && !is_form;
            if !form.is_empty() {
                push(&mut form, '&');
            }
            let item = word.iter().cloned().map(|piece| match piece {
                Piece::Known(text) if is_query => Piece::Known(text.replacen("==", "=", 1)),
                piece => piece,
            });
            extend(&mut form, item);
        } else if looks_like_url(context, word, at) {
            url = word.to_vec();
        }
    }
    let resolved = context.names.resolved(source, &url, command.start);
    let query = query::read(&joined(&resolved, form))?;
    let doubts = if others { vec!["the command sends JSON as well".to_owned()] } else { Vec::new() };
    Some(Site {
        habit: Habit::Command,
        range: command,
        base: query.base,
        given: query.given,
        loose: query.loose,
        doubts,
        is_whole: false,
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_alphanumeric() || it == '_')
}

fn curl(context: &Context, command: Range<usize>) -> Option<Site> {
    let source = context.source;
    let (mut url, mut form, mut files) = (Vec::new(), Vec::new(), Vec::new());
    let (mut is_json, mut at) = (false, command.start);
    while at < command.end {
        let Some(word) = source.quoted(at) else {
            at += 1;
            continue;
        };
        let text = plain(word);
        let (option, own) = option(&text, word);
        let value =
            own.or_else(|| source.quoted(at + 1).filter(|_| at + 1 < command.end).map(<[Piece]>::to_vec));
        if DATA.contains(&option) {
            let value = value.unwrap_or_default();
            is_json |= plain(&value).trim_start().starts_with('{');
            files.extend(Some(plain(&value)).filter(|value| is_file(option, value)));
            if !form.is_empty() {
                push(&mut form, '&');
            }
            extend(&mut form, value);
            at += usize::from(!text.contains('=') && text == option);
        } else if option == "--url" {
            url = value.unwrap_or_default();
            at += usize::from(text == option);
        } else if looks_like_url(context, word, at) {
            url = word.to_vec();
        }
        at += 1;
    }
    let resolved = context.names.resolved(source, &url, command.start);
    let whole = joined(&resolved, context.names.resolved(source, &form, command.start));
    let query = query::read(&whole)?;
    let doubts = if is_json { vec!["the command sends JSON as well".to_owned()] } else { Vec::new() };
    let is_whole = query::read(&joined(&url, form)).is_some() && !is_json && files.is_empty();
    let loose = query.loose.into_iter().chain(files).collect();
    Some(Site {
        habit: Habit::Command,
        range: command,
        base: query.base,
        given: query.given,
        loose,
        doubts,
        is_whole,
    })
}

/// Whether a value of an option is read from a file.
fn is_file(option: &str, value: &str) -> bool {
    match option {
        "--data-raw" | "--form-string" | "--post-data" | "--body-data" => false,
        "-F" | "--form" => value.contains("=@") || value.contains("=<"),
        "--data-urlencode" => value.split('=').next().is_some_and(|name| name.contains('@')),
        _ => value.starts_with('@'),
    }
}

/// The known parts of a word; a variable stands as `$`.
fn plain(word: &[Piece]) -> String {
    let part = |piece: &Piece| match piece {
        Piece::Known(text) => text.clone(),
        Piece::Hole(_) => "$".to_owned(),
    };
    word.iter().map(part).collect()
}

/// An option, and its value where it stands in the same word: `-dop=x`, `--data=op=x`.
fn option<'t>(text: &'t str, word: &[Piece]) -> (&'t str, Option<Vec<Piece>>) {
    let is_long = text.starts_with("--");
    let length = match text.find('=') {
        Some(at) if is_long => at + 1,
        _ if !is_long && text.len() > 2 && (text.starts_with("-d") || text.starts_with("-F")) => 2,
        _ => return (text, None),
    };
    let mut rest = Vec::new();
    if let Some(Piece::Known(first)) = word.first() {
        extend(
            &mut rest,
            first.get(length..).filter(|rest| !rest.is_empty()).map(|rest| Piece::Known(rest.to_owned())),
        );
    }
    extend(&mut rest, word.iter().skip(1).cloned());
    (text[..length].trim_end_matches('='), Some(rest))
}

fn looks_like_url(context: &Context, word: &[Piece], at: usize) -> bool {
    let resolved = plain(&context.names.resolved(context.source, word, at));
    let first = word.first();
    let is_bare = !plain(word).starts_with('-');
    let is_variable = word.len() == 1
        && matches!(first, Some(Piece::Hole(hole)) if hole.to_ascii_lowercase().contains("url"));
    is_bare
        && (resolved.contains("://")
            || resolved.contains("api.php")
            || resolved.contains("?op=")
            || is_variable)
}

/// A URL and a form as one query.
fn joined(url: &[Piece], form: Vec<Piece>) -> Vec<Piece> {
    let mut whole = url.to_vec();
    if !form.is_empty() {
        let has_query = url.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains('?')));
        push(&mut whole, if has_query { '&' } else { '?' });
        extend(&mut whole, form);
    }
    whole
}
