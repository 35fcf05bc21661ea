//! Code that makes a JSON call, in the language and with the library that an old client already uses.

mod call;
mod dart;
mod fill;
mod go;
mod grammar;
mod hidden;
mod java;
mod javascript;
mod kotlin;
mod language;
mod modern;
mod php;
mod python;
mod shell;
mod variables;

#[cfg(test)]
mod tests;

pub use call::{Call, Node};
pub use language::Language;
pub use modern::Target;
pub use shell::command;

use grammar::Grammar;

/// A whole program that makes a call: the token is taken from the environment variable `MESIBO_APP_TOKEN`, the JSON
/// answer is printed, and a failure is an error of the language's own kind. Variables are declared at its start.
#[must_use]
pub fn program(language: Language, call: &Call) -> String {
    let payload = variables::named(&call.payload());
    // A shell has no JSON of its own: a text is made JSON by a command, whatever declares it.
    let grammar = Grammar { has_texts: language != Language::Curl, ..*grammar(language) };
    let (base, path) = kotlin::base_and_path(&call.url);
    fill::fill(
        pattern(language),
        &[
            ("payload", &|margin| grammar.write(&payload, margin)),
            ("variables", &|margin| variables::declarations(language, &payload, margin)),
            ("url", &|_| text(language, &call.url)),
            ("base", &|_| kotlin::text(&base)),
            ("path", &|_| kotlin::text(&path)),
            ("imports", &|margin| imports(language, &payload).join(&format!("\n{margin}"))),
            ("helpers", &|_| helpers(language, &payload)),
            ("needs", &|_| shell::needs(&payload).to_owned()),
            ("stringify", &|_| javascript::stringify(&payload).to_owned()),
            ("body", &|_| javascript::body(&payload).to_owned()),
        ],
    )
}

/// A payload, or a part of one, as an expression of the language; lines after its first begin with `margin`. Variables
/// keep their names. It may need [`helpers`] and [`imports`].
#[must_use]
pub fn payload(language: Language, node: &Node, margin: &str) -> String {
    grammar(language).write(node, margin)
}

/// A payload in one line, to stand inside of another expression; in a shell it is a word.
#[must_use]
pub fn line(language: Language, node: &Node) -> String {
    match language {
        Language::Curl => shell::COMPACT.line(node, ""),
        Language::JsFetch | Language::NodeAxios => javascript::GRAMMAR.line(node, " "),
        _ => grammar(language).line(node, ""),
    }
}

/// JSON as a text of Go that is joined with what expressions give as they are: texts that need no escape, and numbers.
#[must_use]
pub fn joined_in_go(node: &Node) -> String {
    go::RAW.line(node, "").replace(" + ``", "").replace("`` + ", "")
}

/// A text as the language writes it; in a shell it is a word.
#[must_use]
pub fn text(language: Language, text: &str) -> String {
    match language {
        Language::Curl => shell::text(text),
        _ => (grammar(language).text)(text),
    }
}

/// Declarations without which a payload does not work: what Go has no expression for, and numbers beyond 2^53 in
/// JavaScript, where `toJson` then stands for `JSON.stringify`. Empty for nearly all payloads.
#[must_use]
pub fn helpers(language: Language, payload: &Node) -> String {
    match language {
        Language::Go => go::helpers(payload),
        Language::JsFetch | Language::NodeAxios if javascript::needs_to_json(payload) => {
            javascript::TO_JSON.to_owned()
        }
        _ => String::new(),
    }
}

/// Imports, as lines of the language, that a payload and its [`helpers`] need besides those of every program.
#[must_use]
pub fn imports(language: Language, payload: &Node) -> Vec<String> {
    match language {
        Language::Go => go::packages(payload).iter().map(|package| format!("\"{package}\"")).collect(),
        Language::JavaOkhttp | Language::JavaHttpclient
            if payload.any(&|node| matches!(node, Node::List(_))) =>
        {
            vec!["import org.json.JSONArray;".to_owned()]
        }
        _ => Vec::new(),
    }
}

fn grammar(language: Language) -> &'static Grammar {
    match language {
        Language::PhpCurl | Language::PhpGuzzle => &php::GRAMMAR,
        Language::Laravel => &php::LARAVEL_GRAMMAR,
        Language::JavaOkhttp | Language::JavaHttpclient => &java::GRAMMAR,
        Language::KotlinRetrofit => &kotlin::GRAMMAR,
        Language::JsFetch | Language::NodeAxios => &javascript::GRAMMAR,
        Language::PythonRequests => &python::GRAMMAR,
        Language::DartHttp => &dart::GRAMMAR,
        Language::Go => &go::GRAMMAR,
        Language::Curl => &shell::GRAMMAR,
    }
}

fn pattern(language: Language) -> &'static str {
    match language {
        Language::PhpCurl => php::CURL,
        Language::PhpGuzzle => php::GUZZLE,
        Language::Laravel => php::LARAVEL,
        Language::JavaOkhttp => java::OKHTTP,
        Language::JavaHttpclient => java::HTTPCLIENT,
        Language::KotlinRetrofit => kotlin::RETROFIT,
        Language::JsFetch => javascript::FETCH,
        Language::NodeAxios => javascript::AXIOS,
        Language::PythonRequests => python::REQUESTS,
        Language::DartHttp => dart::HTTP,
        Language::Go => go::PROGRAM,
        Language::Curl => shell::PROGRAM,
    }
}
