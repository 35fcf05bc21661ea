//! `explain --as`: what it prints, of which requests, and what it says to a wrong language.

use std::io::Write as _;
use std::process::{Output, Stdio};

use mesigate::code::Language;

use crate::support::program::{mesigate, run};

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).expect("text")
}

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = mesigate(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("taken");
    child.wait_with_output().expect("an end")
}

/// The words of `--as`.
fn languages() -> Vec<String> {
    use clap::ValueEnum as _;
    Language::ALL
        .iter()
        .map(|language| language.to_possible_value().expect("shown").get_name().to_owned())
        .collect()
}

#[test]
fn each_language_prints_a_program_and_nothing_else() {
    for language in languages() {
        let done = run(&["explain", "--as", &language, "op=userdel&token=SECRET&uid=0x10"]);
        let program = text(&done.stdout);
        assert!(done.status.success() && done.stderr.is_empty(), "{language}: {}", text(&done.stderr));
        assert!(program.contains("MESIBO_APP_TOKEN") && !program.contains("SECRET"), "{program}");
        assert!(
            program.contains("userdel") && program.contains("16") && program.contains("api.mesibo.com"),
            "{program}"
        );
        assert!(!program.contains(['«', '»', '\u{1b}']), "{program}");
    }
}

#[test]
fn all_forms_of_a_request_give_the_same_program() {
    let query = "op=userdel&token=SECRET&uid=5";
    let expected = text(&run(&["explain", "--as", "go", query]).stdout);
    for words in [
        &["explain", "--as", "go", &format!("https://api.mesibo.com/api.php?{query}")][..],
        &["explain", "--as=go", &format!("curl 'https://api.mesibo.com/api.php?{query}'")],
        &["explain", "--as", "go", "curl", "-d", query, "https://x/"],
        &["explain", "--as", "go", r#"{"op":"userdel","token":"SECRET","user":{"uid":5}}"#],
        &["explain", "--as", "go", r#"{"op":"userdel","user":{"uid":5}}"#],
    ] {
        assert_eq!(text(&run(words).stdout), expected, "{words:?}");
    }
    let raw = format!("GET /api.php?{query} HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(text(&piped(&["explain", "--as", "go", "-"], raw.as_bytes()).stdout), expected);
}

#[test]
fn json_that_the_table_does_not_know_is_a_program_too() {
    let json =
        r#"{"op":"uacset","token":"SECRET","uac":{"id":12345678901234567890,"on":[true,null,1.50],"e":{}}}"#;
    let python = text(&run(&["explain", "--as", "python-requests", json]).stdout);
    for part in ["\"id\": 12345678901234567890,", "True,", "None,", "1.50,", "\"e\": {},"] {
        assert!(python.contains(part) && !python.contains("SECRET"), "{part} in {python}");
    }
}

#[test]
fn a_refused_request_gives_no_program() {
    let done = run(&["explain", "--as", "curl", "op=userdel&token=SECRET&uid=abc"]);
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stdout);
    assert!(said.contains("Refused") && said.contains("uid") && !said.contains("MESIBO_APP_TOKEN"), "{said}");
}

#[test]
fn a_wrong_language_is_told_what_would_be_right() {
    let done = run(&["explain", "--as", "php-gozzle", "op=userdel&token=T&uid=5"]);
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains("php-guzzle") && said.contains("a similar value exists"), "{said}");
    let late = run(&["explain", "op=userdel&token=T&uid=5", "--as", "go"]);
    assert!(text(&late.stderr).contains("`--as` belongs before the request"), "{}", text(&late.stderr));
    assert_eq!(late.status.code(), Some(1));
}

#[test]
fn help_completions_and_the_page_name_every_language() {
    let help = text(&run(&["explain", "--help"]).stdout);
    let completions = text(&run(&["completions", "bash"]).stdout);
    let page = include_str!("../../docs/code.md");
    for language in languages() {
        assert!(help.contains(&language), "{language} in the help");
        assert!(completions.contains(&language), "{language} in completions");
        assert!(page.contains(&format!("| `{language}` |")), "{language} in docs/code.md");
    }
}

#[test]
fn explain_ends_with_the_call_of_the_same_generator() {
    let shown = text(&run(&["explain", "op=message&token=T&from=a&to=b&msg=it's"]).stdout);
    let call = "curl 'https://api.mesibo.com/backend/' -H 'Content-Type: application/json' \\\n  -d '{\"op\":\"message\",\
                \"token\":\"'\"$MESIBO_APP_TOKEN\"'\",\"message\":{\"from\":\"a\",\"to\":\"b\",\"message\":\"it'\\''s\"}}'\n";
    assert!(shown.ends_with(call), "{shown}");
}
