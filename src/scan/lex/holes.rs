//! Expressions inside of texts.

/// How a text writes the expressions in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holes {
    /// Not at all.
    None,
    /// `$name`, `$name[key]`, `$name->member`, `{$…}`, `${…}`.
    Php,
    /// `$name`, `${…}`.
    Dollar,
    /// `${…}`.
    Template,
    /// `{…}`.
    Braces,
}

/// The expression at the beginning of `rest`, and the length of the hole.
pub(super) fn read(rest: &str, holes: Holes) -> Option<(String, usize)> {
    match holes {
        Holes::None => None,
        Holes::Php => php(rest),
        Holes::Dollar => braced(rest, "${").or_else(|| {
            let length = word(rest.strip_prefix('$')?)?;
            Some((rest[1..=length].to_owned(), 1 + length))
        }),
        Holes::Template => braced(rest, "${"),
        Holes::Braces if rest.starts_with("{{") => None,
        Holes::Braces => {
            let (expression, length) = braced(rest, "{")?;
            let bare = undressed(&expression);
            let is_bare = bare == expression || matches!(&expression[bare.len()..], "!s" | "=");
            Some((if is_bare { bare.to_owned() } else { format!("f\"{{{expression}}}\"") }, length))
        }
    }
}

/// The length of a name.
pub(super) fn word(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if !(first.is_alphabetic() || first == '_') {
        return None;
    }
    Some(text.find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(text.len()))
}

/// What stands between `open` and the brace that closes it; quotes inside may have braces of their own.
pub(super) fn braced(rest: &str, open: &str) -> Option<(String, usize)> {
    let body = rest.strip_prefix(open)?;
    let (mut depth, mut quote) = (1, None);
    for (at, character) in body.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth -= 1;
                if depth == 0 {
                    return Some((body[..at].trim().to_owned(), open.len() + at + 1));
                }
            }
            _ => {}
        }
    }
    None
}

/// An expression of Python without the conversion or the format behind it.
fn undressed(expression: &str) -> &str {
    let mut depth = 0_i32;
    for (at, character) in expression.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ':' if depth == 0 => return expression[..at].trim(),
            '!' if depth == 0 && !expression[at..].starts_with("!=") => return expression[..at].trim(),
            _ => {}
        }
    }
    expression
}

fn php(rest: &str) -> Option<(String, usize)> {
    if rest.starts_with("{$") {
        return braced(rest, "{");
    }
    if let Some((name, length)) = braced(rest, "${") {
        return Some((format!("${name}"), length));
    }
    let name = word(rest.strip_prefix('$')?)?;
    let (variable, after) = rest.split_at(1 + name);
    if let Some(key) = after.strip_prefix('[')
        && let Some((key, _)) = key.split_once(']')
    {
        let is_word = key.starts_with(|it: char| it.is_alphabetic() || it == '_');
        let quoted = if is_word { format!("'{key}'") } else { key.to_owned() };
        return Some((format!("{variable}[{quoted}]"), variable.len() + key.len() + 2));
    }
    let member = after.strip_prefix("->").and_then(word).map_or(0, |length| length + 2);
    Some((rest[..variable.len() + member].to_owned(), variable.len() + member))
}
