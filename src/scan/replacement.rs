//! What a source's own expressions become in the new call; how values are written is known to [`crate::code`] alone.

use super::source::Source;
use super::token::{Piece, known};
use super::tongue::Tongue;
use crate::code::{self, Language, Node};
use crate::protocol::ops::ParamKind;

/// A payload as an expression in one line; in a shell, as one quoted word.
pub(super) fn payload(tongue: Tongue, node: &Node) -> String {
    code::line(language(tongue), node)
}

/// A payload as it is shown beside a source, whose framework may have words of its own.
pub(super) fn shown(source: &Source, node: &Node) -> String {
    let is_laravel = source.tongue == Tongue::Php && source.uses("Http::");
    code::line(if is_laravel { Language::Laravel } else { language(source.tongue) }, node)
}

/// The language of a source, as code is generated for it.
pub(super) fn language(tongue: Tongue) -> Language {
    match tongue {
        Tongue::Php => Language::PhpCurl,
        Tongue::Java => Language::JavaHttpclient,
        Tongue::Kotlin => Language::KotlinRetrofit,
        Tongue::Script => Language::JsFetch,
        Tongue::Python => Language::PythonRequests,
        Tongue::Dart => Language::DartHttp,
        Tongue::Go => Language::Go,
        Tongue::Shell => Language::Curl,
    }
}

/// A text as a literal.
pub(super) fn literal(tongue: Tongue, text: &str) -> String {
    code::text(language(tongue), text)
}

/// Pieces as a value of a kind, which the old call sent as text.
pub(super) fn value(tongue: Tongue, pieces: &[Piece], kind: ParamKind) -> Node {
    let is_joined = pieces.len() > 1 || pieces.iter().any(|piece| matches!(piece, Piece::Known(_)));
    if kind == ParamKind::Text && is_joined {
        return Node::Written(joined(tongue, pieces));
    }
    Node::Expression(joined(tongue, pieces), kind)
}

/// Pieces as one expression.
pub(super) fn joined(tongue: Tongue, pieces: &[Piece]) -> String {
    if let Some(text) = known(pieces) {
        return literal(tongue, &text);
    }
    let is_alone = pieces.len() == 1;
    let part = |piece: &Piece| match piece {
        Piece::Known(text) if tongue == Tongue::Shell => in_quotes(text),
        Piece::Known(text) => literal(tongue, text),
        Piece::Hole(hole) if tongue == Tongue::Python && !is_alone => format!("str({hole})"),
        Piece::Hole(hole) if tongue == Tongue::Dart && !is_alone => format!("'${{{hole}}}'"),
        Piece::Hole(hole) if tongue == Tongue::Kotlin && !is_alone => format!("{}.toString()", grouped(hole)),
        Piece::Hole(hole) if !is_alone => grouped(hole),
        Piece::Hole(hole) => hole.clone(),
    };
    let mut parts: Vec<String> = pieces.iter().map(part).collect();
    // Two numbers side by side would be added.
    let begins_alike = matches!(pieces, [Piece::Hole(_), Piece::Hole(_), ..]);
    if begins_alike && matches!(tongue, Tongue::Script | Tongue::Java) {
        parts.insert(0, literal(tongue, ""));
    }
    let joint = match tongue {
        Tongue::Php => " . ",
        Tongue::Shell => "",
        _ => " + ",
    };
    parts.join(joint)
}

/// A text as it stands between double quotes of a shell.
fn in_quotes(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if matches!(character, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// An expression in parentheses, unless it is a name, a call or a member.
fn grouped(expression: &str) -> String {
    let mut depth = 0_i32;
    let is_plain = expression.chars().all(|it| {
        depth += i32::from(matches!(it, '(' | '[')) - i32::from(matches!(it, ')' | ']'));
        depth > 0 || it.is_alphanumeric() || "_$.->:?\\)]!".contains(it)
    });
    if is_plain && !expression.contains(' ') { expression.to_owned() } else { format!("({expression})") }
}
