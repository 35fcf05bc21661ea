//! Names of variables. A parameter of the old door may be named as a word of the language, or as something that a
//! program has already.

use super::call::Node;
use super::language::Language;

/// Words that no variable can be named by, in one language or another, and names that the programs here have.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    // Words of the languages; a name that is a word of one is changed in all, so that code is alike.
    "abstract", "and", "as", "assert", "async", "await", "boolean", "break", "byte", "case", "catch", "chan", "char",
    "class", "const", "continue", "covariant", "def", "default", "defer", "del", "delete", "do", "double", "dynamic",
    "elif", "else", "enum", "except", "export", "extends", "extension", "external", "final", "finally", "float", "for",
    "from", "func", "fun", "global", "go", "goto", "if", "implements", "import", "in", "int", "interface", "is", "lambda",
    "late", "long", "map", "native", "new", "nonlocal", "not", "null", "object", "or", "package", "pass", "private",
    "protected", "public", "raise", "range", "required", "rethrow", "return", "select", "short", "static", "struct",
    "super", "switch", "this", "throw", "try", "type", "typeof", "val", "var", "void", "when", "while", "with", "yield",
    "true", "false", "fallthrough",
];
#[rustfmt::skip]
const OWN: &[&str] = &[
    "answer", "api", "app", "args", "axios", "base", "body", "bytes", "call", "client", "curl", "err", "errors", "fmt",
    "http", "io", "json", "log", "main", "n", "options", "os", "payload", "process", "request", "requests", "response",
    "retrofit", "status", "str", "strings", "text", "time", "url",
];

/// The name of a parameter's variable.
pub(super) fn name(parameter: &str) -> String {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut name: String =
        parameter.chars().map(|character| if is_word(character) { character } else { '_' }).collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name.insert(0, '_');
    }
    if TAKEN.contains(&name.as_str()) || OWN.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// A payload whose variables have names that can be used.
pub(super) fn named(node: &Node) -> Node {
    match node {
        Node::Object(members) => {
            Node::Object(members.iter().map(|(key, node)| (key.clone(), named(node))).collect())
        }
        Node::List(items) => Node::List(items.iter().map(named).collect()),
        Node::Bits { of, mask, shift } => Node::Bits { of: Box::new(named(of)), mask: *mask, shift: *shift },
        Node::Variable(parameter, kind) => Node::Variable(name(parameter), *kind),
        other => other.clone(),
    }
}

/// Declares a payload's variables, each with no text: the program's own values belong there.
pub(super) fn declarations(language: Language, payload: &Node, margin: &str) -> String {
    let names = payload.variables();
    if names.is_empty() {
        return String::new();
    }
    let (comment, [before, after]) = match language {
        Language::PhpCurl | Language::PhpGuzzle | Language::Laravel => ("//", ["$", " = '';"]),
        Language::JavaOkhttp | Language::JavaHttpclient => ("//", ["String ", " = \"\";"]),
        Language::KotlinRetrofit => ("//", ["val ", " = \"\""]),
        Language::JsFetch | Language::NodeAxios | Language::DartHttp => ("//", ["const ", " = '';"]),
        Language::PythonRequests => ("#", ["", " = \"\""]),
        Language::Go => ("//", ["", " := \"\""]),
        Language::Curl => ("#", ["", "=''"]),
    };
    let lines = names.iter().map(|name| format!("\n{margin}{before}{name}{after}"));
    format!("{comment} Put your values here, as the old call sent them.{}\n", lines.collect::<String>())
}
