//! The languages of source files, and what of their spelling matters here.

use std::path::Path;

/// A family of languages that are spelt alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// PHP.
    Php,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// JavaScript and TypeScript, also inside of web pages.
    Script,
    /// Python.
    Python,
    /// Dart.
    Dart,
    /// Go.
    Go,
    /// Shells.
    Shell,
}

/// File endings, each with its language.
const ENDINGS: [(&str, Tongue); 32] = [
    ("php", Tongue::Php),
    ("php5", Tongue::Php),
    ("php7", Tongue::Php),
    ("phtml", Tongue::Php),
    ("inc", Tongue::Php),
    ("ctp", Tongue::Php),
    ("java", Tongue::Java),
    ("kt", Tongue::Kotlin),
    ("kts", Tongue::Kotlin),
    ("js", Tongue::Script),
    ("mjs", Tongue::Script),
    ("cjs", Tongue::Script),
    ("jsx", Tongue::Script),
    ("ts", Tongue::Script),
    ("mts", Tongue::Script),
    ("cts", Tongue::Script),
    ("tsx", Tongue::Script),
    ("vue", Tongue::Script),
    ("svelte", Tongue::Script),
    ("html", Tongue::Script),
    ("htm", Tongue::Script),
    ("ejs", Tongue::Script),
    ("py", Tongue::Python),
    ("pyw", Tongue::Python),
    ("pyi", Tongue::Python),
    ("dart", Tongue::Dart),
    ("go", Tongue::Go),
    ("sh", Tongue::Shell),
    ("bash", Tongue::Shell),
    ("zsh", Tongue::Shell),
    ("ksh", Tongue::Shell),
    ("dash", Tongue::Shell),
];

/// Endings of pages, whose code stands between `<script>` and `</script>`.
const PAGES: [&str; 5] = ["vue", "svelte", "html", "htm", "ejs"];

impl Tongue {
    /// The language of a file by its ending; without an ending, by its first line.
    #[must_use]
    pub fn of(path: &Path, text: &str) -> Option<Self> {
        let Some(ending) = path.extension().and_then(|ending| ending.to_str()) else {
            return Self::of_first_line(text.lines().next()?);
        };
        let known = ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending));
        known.map(|(_, tongue)| *tongue)
    }

    fn of_first_line(line: &str) -> Option<Self> {
        let interpreter = line.strip_prefix("#!")?;
        let name = interpreter.split(['/', ' ']).rfind(|part| !part.is_empty() && !part.starts_with('-'))?;
        match name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.') {
            "sh" | "bash" | "zsh" | "ksh" | "dash" => Some(Self::Shell),
            "python" => Some(Self::Python),
            "php" => Some(Self::Php),
            "node" | "deno" | "bun" => Some(Self::Script),
            _ => None,
        }
    }

    /// Whether a file is a page that has scripts in it.
    #[must_use]
    pub fn is_page(path: &Path) -> bool {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        PAGES.iter().any(|page| page.eq_ignore_ascii_case(ending))
    }

    /// The word for people and programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Php => "php",
            Self::Java => "java",
            Self::Kotlin => "kotlin",
            Self::Script => "javascript",
            Self::Python => "python",
            Self::Dart => "dart",
            Self::Go => "go",
            Self::Shell => "shell",
        }
    }

    /// The mark that joins two texts.
    pub(super) const fn joint(self) -> &'static str {
        if matches!(self, Self::Php) { "." } else { "+" }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Tongue;

    #[test]
    fn a_file_without_an_ending_is_known_by_its_first_line() {
        let of = |line: &str| Tongue::of(Path::new("bin/task"), line);
        assert_eq!(of("#!/usr/bin/env python3"), Some(Tongue::Python));
        assert_eq!(of("#!/bin/bash -e"), Some(Tongue::Shell));
        assert_eq!(of("hello"), None);
    }
}
