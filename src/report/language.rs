//! The language and library of a client, as far as its program's name tells.

use crate::code::Language;

/// Starts of programs' names, in lower case, each with the language and library that sends it.
const KNOWN: [(&str, Language); 16] = [
    ("okhttp", Language::JavaOkhttp),
    ("guzzlehttp", Language::PhpGuzzle),
    ("guzzle", Language::PhpGuzzle),
    ("symfony", Language::PhpCurl),
    ("php", Language::PhpCurl),
    ("python", Language::PythonRequests),
    ("axios", Language::NodeAxios),
    ("node", Language::JsFetch),
    ("undici", Language::JsFetch),
    ("mozilla", Language::JsFetch),
    ("dart", Language::DartHttp),
    ("go-http-client", Language::Go),
    ("go-resty", Language::Go),
    ("curl", Language::Curl),
    ("java", Language::JavaHttpclient),
    ("apache-httpclient", Language::JavaHttpclient),
];

/// The language that a program is most likely written in: PHP for one that names nothing, as PHP's own functions do.
#[must_use]
pub fn of_program(program: &str) -> Language {
    let name = program.to_ascii_lowercase();
    let known = KNOWN.iter().find(|(start, _)| name.starts_with(start));
    known.map_or(if name == "none" { Language::PhpCurl } else { Language::Curl }, |(_, language)| *language)
}

/// The word by which Markdown knows a language.
#[must_use]
pub fn fence(language: Language) -> &'static str {
    match language {
        Language::PhpCurl | Language::PhpGuzzle | Language::Laravel => "php",
        Language::JavaOkhttp | Language::JavaHttpclient => "java",
        Language::KotlinRetrofit => "kotlin",
        Language::JsFetch | Language::NodeAxios => "js",
        Language::PythonRequests => "python",
        Language::DartHttp => "dart",
        Language::Go => "go",
        Language::Curl => "sh",
    }
}

#[cfg(test)]
mod tests {
    use super::of_program;
    use crate::code::Language;

    #[test]
    fn a_programs_name_tells_its_language() {
        for (program, language) in [
            ("okhttp", Language::JavaOkhttp),
            ("GuzzleHttp", Language::PhpGuzzle),
            ("python-requests", Language::PythonRequests),
            ("Dart", Language::DartHttp),
            ("none", Language::PhpCurl),
            ("Something", Language::Curl),
        ] {
            assert_eq!(of_program(program), language, "{program}");
        }
    }
}
