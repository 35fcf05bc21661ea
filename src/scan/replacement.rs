//! The JSON of a call as an expression of the source's language: the one place from which code is generated here.

use super::token::{Piece, known};
use super::tongue::Tongue;
use crate::code::{self, Language, Node};
use crate::protocol::ops::ParamKind;

/// A payload as an expression; in a shell, as one quoted word.
pub(super) fn payload(tongue: Tongue, node: &Node) -> String {
    if tongue == Tongue::Shell {
        return format!("'{}'", json(node));
    }
    match node {
        Node::Object(members) => {
            let pair = |(name, node): &(String, Node)| {
                let value = match node {
                    // A token is text already.
                    Node::Expression(text, _) if name == "token" => text.clone(),
                    node => payload(tongue, node),
                };
                entry(tongue, name, &value)
            };
            let pairs: Vec<String> = members.iter().map(pair).collect();
            object(tongue, &pairs.join(", "))
        }
        Node::Text(text) => literal(tongue, text),
        Node::Integer(number) => integer(tongue, *number),
        Node::Boolean(truth) if tongue == Tongue::Python => if *truth { "True" } else { "False" }.to_owned(),
        Node::Boolean(truth) => truth.to_string(),
        Node::Token => token(tongue).to_owned(),
        Node::Variable(text, kind) | Node::Expression(text, kind) => converted(tongue, text, *kind),
        Node::List(_) | Node::Number(_) | Node::Null | Node::Bits { .. } => {
            code::payload(language(tongue), node, "")
        }
    }
}

/// The language by which values are written that are neither a text nor a number of this machine's.
fn language(tongue: Tongue) -> Language {
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

fn entry(tongue: Tongue, name: &str, value: &str) -> String {
    match tongue {
        Tongue::Php => format!("'{name}' => {value}"),
        Tongue::Script => format!("{name}: {value}"),
        Tongue::Python | Tongue::Dart => format!("'{name}': {value}"),
        Tongue::Go => format!("\"{name}\": {value}"),
        Tongue::Kotlin => format!("\"{name}\" to {value}"),
        Tongue::Java | Tongue::Shell => format!("\"{name}\", {value}"),
    }
}

fn object(tongue: Tongue, pairs: &str) -> String {
    match tongue {
        Tongue::Php => format!("[{pairs}]"),
        Tongue::Script => format!("{{ {pairs} }}"),
        Tongue::Python | Tongue::Dart | Tongue::Shell => format!("{{{pairs}}}"),
        Tongue::Go => format!("map[string]any{{{pairs}}}"),
        Tongue::Kotlin => format!("mapOf({pairs})"),
        Tongue::Java => format!("Map.of({pairs})"),
    }
}

fn integer(tongue: Tongue, number: i64) -> String {
    let is_long = matches!(tongue, Tongue::Java | Tongue::Kotlin) && i32::try_from(number).is_err();
    if is_long { format!("{number}L") } else { number.to_string() }
}

/// The token from the environment.
fn token(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::Php => "getenv('MESIBO_APP_TOKEN')",
        Tongue::Script => "process.env.MESIBO_APP_TOKEN",
        Tongue::Python => "os.environ['MESIBO_APP_TOKEN']",
        Tongue::Dart => "Platform.environment['MESIBO_APP_TOKEN']",
        Tongue::Go => "os.Getenv(\"MESIBO_APP_TOKEN\")",
        Tongue::Java | Tongue::Kotlin => "System.getenv(\"MESIBO_APP_TOKEN\")",
        Tongue::Shell => "$MESIBO_APP_TOKEN",
    }
}

/// A text as a literal.
pub(super) fn literal(tongue: Tongue, text: &str) -> String {
    let mut out = String::new();
    let quote = if matches!(tongue, Tongue::Java | Tongue::Kotlin | Tongue::Go) { '"' } else { '\'' };
    if tongue == Tongue::Php && text.contains(|it: char| it.is_control()) {
        return php_double(text);
    }
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            _ if character == quote => out.extend(['\\', quote]),
            '$' if matches!(tongue, Tongue::Kotlin | Tongue::Dart) => out.push_str("\\$"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if tongue != Tongue::Php && is_unseen(character) => out.push_str(&escape(tongue, character)),
            _ => out.push(character),
        }
    }
    out.push(quote);
    out
}

/// Characters that would make a source look like another.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn escape(tongue: Tongue, character: char) -> String {
    let code = u32::from(character);
    if tongue == Tongue::Dart { format!("\\u{{{code:x}}}") } else { format!("\\u{code:04x}") }
}

fn php_double(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '\\' | '"' | '$' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_unseen(character) => out.extend(["\\u{", &format!("{:x}", u32::from(character)), "}"]),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Pieces as one expression.
pub(super) fn joined(tongue: Tongue, pieces: &[Piece]) -> String {
    if let Some(text) = known(pieces) {
        return literal(tongue, &text);
    }
    let is_alone = pieces.len() == 1;
    let part = |piece: &Piece| match piece {
        Piece::Known(text) if tongue == Tongue::Shell => text.clone(),
        Piece::Known(text) => literal(tongue, text),
        Piece::Hole(hole) if tongue == Tongue::Python && !is_alone => format!("str({hole})"),
        Piece::Hole(hole) if tongue == Tongue::Dart && !is_alone => format!("'${{{hole}}}'"),
        Piece::Hole(hole) if tongue == Tongue::Kotlin && !is_alone => format!("{}.toString()", grouped(hole)),
        Piece::Hole(hole) if !is_alone => grouped(hole),
        Piece::Hole(hole) => hole.clone(),
    };
    let parts: Vec<String> = pieces.iter().map(part).collect();
    let joint = match tongue {
        Tongue::Php => " . ",
        Tongue::Shell => "",
        _ => " + ",
    };
    parts.join(joint)
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

/// An expression whose value the old call sent as text, as a value of its kind.
fn converted(tongue: Tongue, text: &str, kind: ParamKind) -> String {
    match kind {
        ParamKind::Text => as_text(tongue, text),
        ParamKind::Integer => as_integer(tongue, &grouped(text)),
        ParamKind::Boolean => as_boolean(tongue, &grouped(text)),
        ParamKind::Bit => as_bit(tongue, &as_boolean(tongue, &grouped(text))),
        ParamKind::List => as_list(tongue, &grouped(text)),
    }
}

fn as_text(tongue: Tongue, text: &str) -> String {
    let is_text = text.starts_with(['\'', '"', '`']);
    if is_text {
        return text.to_owned();
    }
    let text = grouped(text);
    match tongue {
        Tongue::Php => format!("(string) {text}"),
        Tongue::Script => format!("String({text})"),
        Tongue::Python => format!("str({text})"),
        Tongue::Java => format!("String.valueOf({text})"),
        Tongue::Kotlin | Tongue::Dart => format!("{text}.toString()"),
        Tongue::Go | Tongue::Shell => text,
    }
}

fn as_integer(tongue: Tongue, text: &str) -> String {
    match tongue {
        Tongue::Php => format!("intval({text}, 0)"),
        Tongue::Script => format!("Number({text})"),
        Tongue::Python => format!("int(str({text}), 0)"),
        Tongue::Java => format!("Long.decode(String.valueOf({text}))"),
        Tongue::Kotlin => format!("java.lang.Long.decode({text}.toString())"),
        Tongue::Dart => format!("int.parse({text}.toString())"),
        Tongue::Go => format!("json.Number(fmt.Sprint({text}))"),
        Tongue::Shell => text.to_owned(),
    }
}

fn as_boolean(tongue: Tongue, text: &str) -> String {
    match tongue {
        Tongue::Php => format!("filter_var({text}, FILTER_VALIDATE_BOOLEAN)"),
        Tongue::Script => format!("['1', 'true'].includes(String({text}).toLowerCase())"),
        Tongue::Python => format!("str({text}).lower() in ('1', 'true')"),
        Tongue::Java => format!("List.of(\"1\", \"true\").contains(String.valueOf({text}).toLowerCase())"),
        Tongue::Kotlin => format!("({text}.toString().lowercase() in listOf(\"1\", \"true\"))"),
        Tongue::Dart => format!("['1', 'true'].contains({text}.toString().toLowerCase())"),
        Tongue::Go => format!("{text} == \"1\" || {text} == \"true\""),
        Tongue::Shell => text.to_owned(),
    }
}

fn as_bit(tongue: Tongue, truth: &str) -> String {
    match tongue {
        Tongue::Php => format!("(int) {truth}"),
        Tongue::Python => format!("int({truth})"),
        Tongue::Kotlin => format!("(if {truth} 1 else 0)"),
        Tongue::Go | Tongue::Shell => truth.to_owned(),
        _ => format!("({truth} ? 1 : 0)"),
    }
}

fn as_list(tongue: Tongue, text: &str) -> String {
    match tongue {
        Tongue::Php => {
            format!("implode(',', array_filter(array_map('trim', explode(',', {text})), 'strlen'))")
        }
        Tongue::Script => {
            format!("String({text}).split(',').map((item) => item.trim()).filter(Boolean).join(',')")
        }
        Tongue::Python => {
            format!("','.join(item.strip() for item in str({text}).split(',') if item.strip())")
        }
        Tongue::Kotlin => {
            format!(
                "{text}.toString().split(\",\").map {{ it.trim() }}.filter {{ it.isNotEmpty() }}.joinToString(\",\")"
            )
        }
        Tongue::Dart => {
            format!(
                "{text}.toString().split(',').map((item) => item.trim()).where((item) => item.isNotEmpty).join(',')"
            )
        }
        Tongue::Java => {
            format!(
                "Arrays.stream(String.valueOf({text}).split(\",\")).map(String::trim).filter(item -> !item.isEmpty()).collect(Collectors.joining(\",\"))"
            )
        }
        Tongue::Go | Tongue::Shell => text.to_owned(),
    }
}

/// JSON inside of single quotes of a shell, which variables leave.
fn json(node: &Node) -> String {
    match node {
        Node::Object(members) => {
            let pairs: Vec<String> =
                members.iter().map(|(name, node)| format!("\"{name}\":{}", json(node))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        Node::Text(text) => serde_json::to_string(text).unwrap_or_default().replace('\'', "'\\''"),
        Node::Integer(number) => number.to_string(),
        Node::Boolean(truth) => truth.to_string(),
        Node::Token => "\"'\"$MESIBO_APP_TOKEN\"'\"".to_owned(),
        Node::Variable(text, kind) | Node::Expression(text, kind) => {
            let spliced = format!("'\"{text}\"'");
            if matches!(kind, ParamKind::Text | ParamKind::List) { format!("\"{spliced}\"") } else { spliced }
        }
        Node::List(_) | Node::Number(_) | Node::Null | Node::Bits { .. } => {
            code::payload(Language::Curl, node, "")
        }
    }
}
