//! A query in a text that is known in part.

use super::token::{Piece, extend, known, push};

/// A parameter as a call gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: Vec<Piece>,
}

/// A text cut into what stands before its query, and the query's parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Scheme, host and path.
    pub(super) base: Vec<Piece>,
    pub(super) given: Vec<Given>,
    /// Expressions that stand where parameters do.
    pub(super) loose: Vec<String>,
}

/// Reads a query; `None` where the text has no parameter `op`.
pub(super) fn read(pieces: &[Piece]) -> Option<Query> {
    let mut query = Query::default();
    let mut state = State::Base;
    let has_mark = pieces.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains('?')));
    if !has_mark && begins_pair(pieces) {
        state = State::Name(String::new());
    }
    for piece in pieces {
        match piece {
            Piece::Known(text) => {
                text.chars().for_each(|next| state = query.take(std::mem::take(&mut state), next, has_mark));
            }
            Piece::Hole(hole) => state = query.take_hole(state, hole),
        }
    }
    query.end(state);
    query.given.iter().any(|given| given.name.trim().eq_ignore_ascii_case("op")).then_some(query)
}

/// Whether a text is a form's, without a URL before it.
pub(super) fn begins_pair(pieces: &[Piece]) -> bool {
    let Some(Piece::Known(text)) = pieces.first() else { return false };
    let text = text.trim_start_matches('&');
    let name = text.split(['=', '&']).next().unwrap_or_default().trim();
    text.contains('=') && !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_')
}

#[derive(Default)]
enum State {
    #[default]
    Base,
    Name(String),
    Value(String, Vec<Piece>),
}

impl Query {
    fn take(&mut self, state: State, next: char, has_mark: bool) -> State {
        match (state, next) {
            (State::Base, '?') => State::Name(String::new()),
            // A base that is an expression may have begun the query already.
            (State::Base, '&') if !has_mark && matches!(self.base.last(), Some(Piece::Hole(_))) => {
                State::Name(String::new())
            }
            (State::Base, _) => {
                push(&mut self.base, next);
                State::Base
            }
            (State::Name(name), '=') => State::Value(name, Vec::new()),
            (state, '&') => {
                self.end(state);
                State::Name(String::new())
            }
            (State::Name(mut name), _) => {
                name.push(next);
                State::Name(name)
            }
            (State::Value(name, mut value), _) => {
                push(&mut value, next);
                State::Value(name, value)
            }
        }
    }

    fn take_hole(&mut self, state: State, hole: &str) -> State {
        match state {
            State::Base => {
                self.base.push(Piece::Hole(hole.to_owned()));
                State::Base
            }
            State::Name(name) => {
                self.loose.push(hole.to_owned());
                State::Name(name)
            }
            State::Value(name, mut value) => {
                extend(&mut value, [Piece::Hole(hole.to_owned())]);
                State::Value(name, value)
            }
        }
    }

    fn end(&mut self, state: State) {
        if let State::Value(name, value) = state {
            let value = value.into_iter().map(decoded).collect();
            let name = decode(&name);
            self.given.push(Given { name: name.trim().to_owned(), value });
        }
    }
}

/// The value of the last parameter of a name, compared without case.
pub(super) fn value<'g>(given: &'g [Given], name: &str) -> Option<&'g [Piece]> {
    let found = given.iter().rev().find(|given| given.name.eq_ignore_ascii_case(name));
    found.map(|given| given.value.as_slice())
}

/// The value of the last parameter of a name, where all of it is known.
pub(super) fn known_value(given: &[Given], name: &str) -> Option<String> {
    known(value(given, name)?)
}

fn decoded(piece: Piece) -> Piece {
    match piece {
        Piece::Known(text) => Piece::Known(decode(&text)),
        hole @ Piece::Hole(_) => hole,
    }
}

/// Undoes the encoding of forms; a percent sign that begins none stays.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Piece, known_value, read};

    fn pieces(parts: &[&str]) -> Vec<Piece> {
        let piece = |part: &&str| match part.strip_prefix('$') {
            Some(hole) => Piece::Hole(hole.to_owned()),
            None => Piece::Known((*part).to_owned()),
        };
        parts.iter().map(piece).collect()
    }

    #[test]
    fn a_query_may_begin_inside_of_an_expression() {
        let query = read(&pieces(&["$base", "&op=groupadd&name=", "$name"])).expect("a query");
        assert_eq!(query.base, pieces(&["$base"]));
        assert_eq!(known_value(&query.given, "OP").as_deref(), Some("groupadd"));
        assert_eq!(query.given[1].value, pieces(&["$name"]));
    }

    #[test]
    fn a_form_needs_no_url_and_its_values_are_decoded() {
        let query = read(&pieces(&["op=message&msg=a+b%21%zz"])).expect("a query");
        assert!(query.base.is_empty());
        assert_eq!(known_value(&query.given, "msg").as_deref(), Some("a b!%zz"));
    }

    #[test]
    fn what_stands_where_parameters_do_is_kept() {
        assert_eq!(
            read(&pieces(&["https://x/api.php?", "$more", "&op=userdel"])).expect("a query").loose,
            ["more"]
        );
        assert!(read(&pieces(&["https://x/?page=1"])).is_none());
    }
}
