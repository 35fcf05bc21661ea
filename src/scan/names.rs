//! What names stand for: constants and variables that hold a URL, a query or an operation's name.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::query;
use super::source::Source;
use super::token::{Piece, extend, known};
use super::tongue::Tongue;

/// One assignment.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) name: String,
    /// The token of the name.
    pub(super) at: usize,
    /// Whether it puts more at the end of what was there.
    pub(super) is_append: bool,
    /// The tokens of the value.
    pub(super) range: Range<usize>,
    pub(super) pieces: Vec<Piece>,
}

/// The assignments of a file.
pub(super) struct Names {
    /// All, in order.
    all: Vec<Assigned>,
    by_name: HashMap<String, Vec<usize>>,
    by_token: HashMap<usize, usize>,
    by_value: HashMap<usize, usize>,
}

/// Texts that other files give to names: each with the file.
pub(super) type Elsewhere = BTreeMap<String, (String, String)>;

/// How deep names are looked up in what names stand for.
const DEEPEST: usize = 6;

impl Names {
    pub(super) fn of(source: &Source) -> Self {
        let found = 0..source.tokens.len();
        if source.tongue == Tongue::Shell {
            return Self::indexed(found.filter_map(|at| shell(source, at)).collect());
        }
        Self::indexed(found.filter_map(|at| assigned(source, at)).collect())
    }

    fn indexed(all: Vec<Assigned>) -> Self {
        let mut names =
            Self { by_name: HashMap::new(), by_token: HashMap::new(), by_value: HashMap::new(), all };
        for (index, assigned) in names.all.iter().enumerate() {
            names.by_name.entry(assigned.name.clone()).or_default().push(index);
            names.by_token.entry(assigned.at).or_insert(index);
            // A builder's own name begins the chain that puts more into it.
            if assigned.at < assigned.range.start || assigned.is_append {
                names.by_value.entry(assigned.range.start).or_insert(index);
            }
        }
        names
    }

    /// The assignments of a name, in order.
    pub(super) fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = &Assigned> + Clone {
        let found = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|index| self.all.get(*index))
    }

    /// The assignment whose name is at a token.
    pub(super) fn at(&self, at: usize) -> Option<&Assigned> {
        self.all.get(*self.by_token.get(&at)?)
    }

    /// The assignment whose value begins at a token.
    pub(super) fn with_value(&self, start: usize) -> Option<&Assigned> {
        self.all.get(*self.by_value.get(&start)?)
    }

    /// The assignments between two tokens.
    pub(super) fn between(&self, range: Range<usize>) -> &[Assigned] {
        let position = |at: usize| self.all.partition_point(|assigned| assigned.at < at);
        &self.all[position(range.start)..position(range.end).max(position(range.start))]
    }

    /// The assignment that a name, or a path that ends with it, refers to at a token; `None` if several may be meant.
    pub(super) fn find(&self, source: &Source, expression: &str, at: usize) -> Option<&Assigned> {
        let name = simple(expression)?;
        let is_path = is_path(expression);
        let hiding = source.hiding(name, at).filter(|_| !is_path);
        let all = || {
            let own =
                self.named(name).filter(|assigned| !assigned.is_append && !assigned.range.contains(&at));
            own.filter(|assigned| hiding.is_none_or(|body| body.contains(&assigned.at)))
                .filter(|assigned| is_meant(source, assigned.at, expression))
        };
        let is_seen = |assigned: &&Assigned| source.body(assigned.at).contains(&at);
        if let Some(near) = all().rev().find(|assigned| assigned.at < at && is_seen(assigned)) {
            let are_equal = || all().filter(is_seen).all(|other| other.pieces == near.pieces);
            return (source.has_run(near.at, at) || are_equal()).then_some(near);
        }
        let mut rest = all().filter(|assigned| is_path || is_seen(assigned) || is_outer(source, assigned.at));
        let first = rest.next()?;
        rest.all(|other| other.pieces == first.pieces).then_some(first)
    }

    /// What is put at the end of a name after a token, until it is given another value.
    pub(super) fn appended(&self, source: &Source, name: &str, at: usize) -> Vec<&Assigned> {
        let body = source.body(at);
        let later = self.named(name).filter(|assigned| assigned.at > at && body.contains(&assigned.at));
        later.take_while(|assigned| assigned.is_append).collect()
    }

    /// What a name has been given before a token, from its assignment on; nothing if that is not known.
    pub(super) fn before(&self, source: &Source, name: &str, at: usize) -> Vec<Piece> {
        let Some(origin) = self.find(source, name, at) else { return vec![Piece::Hole(name.to_owned())] };
        let mut pieces = origin.pieces.clone();
        let later = self.appended(source, name, origin.at);
        for more in later.into_iter().take_while(|assigned| assigned.at < at) {
            extend(&mut pieces, more.pieces.iter().cloned());
        }
        pieces
    }

    /// Pieces in which names of URLs and queries are replaced by what they stand for.
    pub(super) fn resolved(&self, source: &Source, pieces: &[Piece], at: usize) -> Vec<Piece> {
        self.resolved_within(source, pieces, at, DEEPEST)
    }

    fn resolved_within(&self, source: &Source, pieces: &[Piece], at: usize, depth: usize) -> Vec<Piece> {
        let mut resolved = Vec::new();
        for piece in pieces {
            let value = match piece {
                Piece::Hole(hole) if depth > 0 => self.url(source, hole, at),
                _ => None,
            };
            match value {
                Some(value) => {
                    extend(&mut resolved, self.resolved_within(source, &value.pieces, value.at, depth - 1));
                }
                None => extend(&mut resolved, [piece.clone()]),
            }
        }
        resolved
    }

    fn url(&self, source: &Source, hole: &str, at: usize) -> Option<&Assigned> {
        self.find(source, hole, at).filter(|assigned| is_url(&assigned.pieces))
    }

    /// The texts that a file has for others.
    pub(super) fn for_others(&self) -> impl Iterator<Item = (&str, String)> {
        let urls = self.all.iter().filter(|assigned| !assigned.is_append);
        urls.filter_map(|assigned| {
            let text = known(&assigned.pieces)?;
            let is_ours = text.contains("mesibo") || text.contains("api.php");
            (is_ours && text.contains('/')).then_some((assigned.name.as_str(), text))
        })
    }
}

/// Whether a text is part of a URL or of a query.
fn is_url(pieces: &[Piece]) -> bool {
    if query::begins_pair(pieces) {
        return true;
    }
    let signs = ["://", "?", "&", "api.php", "/backend", "mesibo", "op="];
    pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Known(text) if signs.iter().any(|sign| text.contains(sign))))
}

/// Whether an expression names a member of something.
fn is_path(expression: &str) -> bool {
    expression.contains("->")
        || expression.contains("::")
        || expression.trim_start_matches("${").contains('.')
}

/// Whether an assignment can be the one that an expression means: PHP tells members from variables.
fn is_meant(source: &Source, at: usize, expression: &str) -> bool {
    if source.tongue != Tongue::Php {
        return true;
    }
    let before = |back: usize| at.checked_sub(back).map_or("", |before| source.written(before));
    let is_property =
        (1..=3).any(|back| matches!(before(back), "public" | "private" | "protected" | "var" | "readonly"));
    let is_member = is_property || matches!(before(1), "->" | "::");
    !source.written(at).starts_with('$') || is_member == is_path(expression)
}

/// Whether a token stands outside of all functions and classes of Python, where all of them see it.
fn is_outer(source: &Source, at: usize) -> bool {
    let start = source.tokens[at].span.start;
    source.tongue == Tongue::Python && (start == 0 || source.text[..start].ends_with('\n'))
}

/// The last part of a path such as `$this->base`, `Config.BASE`, `self::BASE`, `${BASE}`.
pub(super) fn simple(expression: &str) -> Option<&str> {
    let is_path = |it: char| it.is_alphanumeric() || "_$.->:?!{}".contains(it);
    let bare = expression.trim().trim_start_matches("${").trim_end_matches(['}', '!']);
    if bare.is_empty() || !bare.chars().all(is_path) {
        return None;
    }
    let last = bare.rsplit(['.', '>', ':']).next()?.trim_start_matches('$');
    (!last.is_empty() && !last.starts_with(|it: char| it.is_ascii_digit())).then_some(last)
}

fn assigned(source: &Source, at: usize) -> Option<Assigned> {
    if let Some(special) = built(source, at).or_else(|| of_loop(source, at)) {
        return Some(special);
    }
    let (name, value, is_append) =
        word(source, at).or_else(|| member(source, at)).or_else(|| define(source, at))?;
    let range = source.expression_from(past_generics(source, value));
    let pieces = source.pieces(&range);
    (!range.is_empty()).then_some(Assigned { name, at, is_append, range, pieces })
}

/// `builder.append(…).append(…)`.
fn built(source: &Source, at: usize) -> Option<Assigned> {
    let name = source.word(at)?;
    let is_inside = at > 0 && matches!(source.written(at - 1), "." | "new");
    if is_inside
        || !source.is_mark(at + 1, ".")
        || !matches!(source.word(at + 2), Some("append" | "WriteString" | "write"))
        || !source.is_mark(at + 3, "(")
    {
        return None;
    }
    let range = source.expression_from(at);
    Some(Assigned { name: name.to_owned(), at, is_append: true, pieces: source.pieces(&range), range })
}

/// The name of a loop, which has one value after another: `as $op`, `for op in`, `for (const op of`.
fn of_loop(source: &Source, at: usize) -> Option<Assigned> {
    let name = source.word(at)?;
    let before = |back: usize| at.checked_sub(back).map_or("", |at| source.written(at));
    let is_php =
        source.tongue == Tongue::Php && (before(1) == "as" || (before(1) == "=>" && before(3) == "as"));
    let is_loop =
        matches!(source.written(at + 1), "in" | "of" | ":") && (2..=4).any(|back| before(back) == "for");
    let is_loop = is_loop || (before(1) == "for" && source.written(at + 1) == "in");
    let pieces = vec![Piece::Hole(name.to_owned())];
    let range = at..at + 1;
    (is_php || is_loop).then(|| Assigned {
        name: name.trim_start_matches('$').to_owned(),
        at,
        is_append: false,
        range,
        pieces,
    })
}

/// Where a value begins behind the types of a literal of Dart, `<String, dynamic>{}`.
fn past_generics(source: &Source, value: usize) -> usize {
    let end = (value..value + 12).find(|at| source.is_mark(*at, ">")).filter(|_| source.is_mark(value, "<"));
    end.map_or(value, |end| end + 1)
}

/// `name = …`, `name: Type = …`, `name += …`.
fn word(source: &Source, at: usize) -> Option<(String, usize, bool)> {
    let name = source.word(at)?;
    let bare = name.trim_start_matches('$').to_owned();
    let mark = |at: usize| source.written(at);
    if matches!(mark(at + 1), "=" | ":=") {
        return Some((bare, at + 2, false));
    }
    if matches!(mark(at + 1), "+=" | ".=") {
        return Some((bare, at + 2, true));
    }
    // A type may stand between.
    let is_typed = matches!(mark(at + 1), ":") && source.word(at + 2).is_some();
    let equals = (at + 3..at + 5).find(|at| source.is_mark(*at, "=")).filter(|_| is_typed);
    let is_go = source.tongue == Tongue::Go && source.word(at + 1).is_some() && mark(at + 2) == "=";
    equals.map(|equals| (bare.clone(), equals + 1, false)).or_else(|| is_go.then(|| (bare, at + 3, false)))
}

/// `name: 'text'` and `'name' => 'text'` inside of an object or an array.
fn member(source: &Source, at: usize) -> Option<(String, usize, bool)> {
    // Elsewhere the colon chooses between two values.
    let begins = at.checked_sub(1).is_none_or(|at| matches!(source.written(at), "{" | "," | "(" | "["));
    let is_member = begins && matches!(source.written(at + 1), ":" | "=>") && source.quoted(at + 2).is_some();
    let name = source.word(at).map(str::to_owned).or_else(|| known(source.quoted(at)?))?;
    is_member.then(|| (name.trim_start_matches('$').to_owned(), at + 2, false))
}

/// `define('NAME', …)`.
fn define(source: &Source, at: usize) -> Option<(String, usize, bool)> {
    let is_define = source.word(at)?.eq_ignore_ascii_case("define") && source.is_mark(at + 1, "(");
    (is_define && source.is_mark(at + 3, ",")).then_some((known(source.quoted(at + 2)?)?, at + 4, false))
}

/// `NAME=…` in a shell.
fn shell(source: &Source, at: usize) -> Option<Assigned> {
    let pieces = source.quoted(at)?;
    let Some(Piece::Known(first)) = pieces.first() else { return None };
    let (name, value) = first.split_once('=')?;
    let is_append = name.ends_with('+');
    let name = name.trim_end_matches('+');
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    let is_name = is_name && !name.starts_with(|it: char| it.is_ascii_digit());
    let before = at.checked_sub(1).map_or("", |before| source.written(before));
    let is_option = before.starts_with('-') && before != "-x";
    if !is_name || is_option {
        return None;
    }
    let mut own = Vec::new();
    extend(&mut own, std::iter::once(Piece::Known(value.to_owned())).filter(|_| !value.is_empty()));
    extend(&mut own, pieces[1..].iter().cloned());
    Some(Assigned { name: name.to_owned(), at, is_append, range: at..at + 1, pieces: own })
}
