//! What `explain` shows of marked requests.

use std::io::Write as _;
use std::process::Stdio;

use super::finder::Finder;
use super::program;
use super::requests::{KEY, TOKENS, WHO, WRONG, every_byte};

/// Runs `explain` with a request as its arguments, or piped in, and searches all its output.
fn explain(words: &[&str], piped: Option<&[u8]>) {
    let mut command = program(&[&["explain"], words].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let _ = child.stdin.take().expect("a pipe").write_all(piped.unwrap_or_default());
    let output = child.wait_with_output().expect("an end");
    let text = [output.stdout, output.stderr].concat();
    let asked = format!("{words:?} {}", String::from_utf8_lossy(piped.unwrap_or_default()));
    assert!(!text.is_empty(), "{asked}");
    Finder::of(&TOKENS).none_in(&asked, &text);
}

#[test]
fn explain_shows_everything_but_the_token() {
    for query in [
        format!("op=userdel&token={KEY}&uid=5&addr={WHO}"),
        format!("op=userdel&token={}&uid=5", every_byte(KEY, |byte| format!("%{byte:02x}"))),
        format!("op=userdel&token={KEY}&token={WRONG}&uid=5"),
        format!("op=userdel&token={KEY}%FF&uid=x"),
        format!("op=nonsense&token={KEY}"),
        format!("token={KEY}"),
    ] {
        explain(&[&query], None);
        explain(&[&format!("https://{WHO}/api.php?{query}")], None);
        explain(&[&format!("curl -u {KEY} -H 'Authorization: {KEY}' -d '{query}' https://x/?")], None);
        explain(&["curl", "-F", &format!("token={KEY}"), "https://x/?op=userdel&uid=5"], None);
        explain(&[&format!("curl -d '{query} https://x/")], None);
        explain(&["curl", "-d", &query], None);
        explain(&[&query, &query], None);
        explain(&["-"], Some(format!("POST /backend/ HTTP/1.1\r\nCookie: {KEY}\r\n\r\n{query}").as_bytes()));
        explain(&["-"], Some(&[query.as_bytes(), b"\xff"].concat()));
    }
    for json in [
        format!(r#"{{"op":"userdel","token":"{KEY}","user":{{"uid":5}}}}"#),
        format!(r#"{{"op":"userdel","token":"{KEY}"#),
        format!(r#"{{"op":"userdel","token":["{KEY}"]}}"#),
    ] {
        explain(&["curl", "--json", &json, "https://x/"], None);
        explain(&["-"], Some(format!("POST / HTTP/1.1\r\n\r\n{json}").as_bytes()));
    }
}

#[test]
fn explain_of_json_by_itself_hides_the_token_too() {
    let json = format!(r#"{{"op":"userdel","token":"{KEY}"}}"#);
    explain(&["-"], Some(json.as_bytes()));
    explain(&[&json], None);
}
