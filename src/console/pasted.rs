//! What somebody pastes: a request in any form that `mesigate explain` reads, or a line of a program.

use std::path::Path;

use super::said::{Refused, Why};
use crate::code::Target;
use crate::protocol::explain::{self, Sample};
use crate::scan::{self, Asked, Finding, Project, Tongue};

/// What a text is.
pub enum Pasted {
    /// A request.
    Request(Sample),
    /// A call in a program.
    Code(Finding),
}

/// How requests begin; anything else may be code.
const BEGINS: [&str; 12] =
    ["http://", "https://", "/", "{", "?", "op=", "curl", "GET ", "POST ", "PUT ", "HEAD ", "token="];

/// Languages in the order in which they are tried; what is between their quotes is told alike by most.
const TONGUES: [(Tongue, &str); 7] = [
    (Tongue::Php, "pasted.php"),
    (Tongue::Script, "pasted.js"),
    (Tongue::Python, "pasted.py"),
    (Tongue::Java, "Pasted.java"),
    (Tongue::Kotlin, "Pasted.kt"),
    (Tongue::Dart, "pasted.dart"),
    (Tongue::Go, "pasted.go"),
];

/// Reads what was pasted.
///
/// # Errors
/// [`Why::NoCall`], with what would be one.
pub fn read(text: &str, target: &Target<'_>) -> Result<Pasted, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refused::new(
            Why::NoCall,
            "nothing is here yet: paste a URL, a query such as op=useradd&token=TOKEN&addr=ana, a curl command, raw HTTP, JSON \
             or a line of your program",
        ));
    }
    if !BEGINS.iter().any(|begin| text.starts_with(begin)) {
        if let Some(finding) = finding(text, target) {
            return Ok(Pasted::Code(finding));
        }
        if text.contains(char::is_whitespace) && !text.contains("op=") {
            return Err(Refused::new(
                Why::NoCall,
                "no call of the old API is found in this: paste the whole line that has the address or the parameters, `op` \
                 among them",
            ));
        }
    }
    explain::read_piped(text.as_bytes()).map(Pasted::Request).map_err(|what| Refused::new(Why::NoCall, what))
}

/// The first call of an operation that is found in a piece of a program.
fn finding(text: &str, target: &Target<'_>) -> Option<Finding> {
    TONGUES.iter().find_map(|(tongue, name)| {
        let is_bare = *tongue == Tongue::Php && !text.contains("<?");
        let source = if is_bare { format!("<?php {text}") } else { text.to_owned() };
        let found =
            scan::findings(&source, Path::new(name), *tongue, &Project::default(), target.table, &target.url);
        found.into_iter().find(|finding| matches!(finding.operation, Asked::Operation(_)))
    })
}
