//! What `same` shows of marked calls: values that differ, and no token of either call.

use super::finder::Finder;
use super::program;
use super::requests::{KEY, TOKENS, WRONG, every_byte};

/// Runs `same` on two calls, as text and as JSON, and searches all its output.
fn same(old: &str, new: &str) {
    for form in [&[][..], &["--json"], &["--allow-more"]] {
        let output = program(&[&["same", old, new], form].concat()).output().expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        let asked = format!("{old} {new}");
        assert!(!text.is_empty(), "{asked}");
        Finder::of(&TOKENS).none_in(&asked, &text);
    }
}

#[test]
fn same_shows_what_differs_and_no_token() {
    let old = format!("op=userdel&token={KEY}&uid=5");
    let new = format!(r#"{{"op":"userdel","token":"{WRONG}","user":{{"uid":5}}}}"#);
    for old in [
        old.clone(),
        format!("op=userdel&token={}&uid=6", every_byte(KEY, |byte| format!("%{byte:02x}"))),
        format!("https://{KEY}@h/api.php?op=userdel&token={KEY}&addr={KEY}"),
        format!("op=userdel&token={KEY}&token={WRONG}&uid=5"),
        format!("op=userdel&token={KEY}&uid=5&{KEY}=1"),
        format!("op={KEY}&token={KEY}"),
        format!("token={KEY}"),
        format!("curl -H 'Authorization: {KEY}' -d '{old}' https://h/"),
        format!("curl -d '{old} https://h/"),
        format!("POST /backend/ HTTP/1.1\r\nCookie: {KEY}\r\n\r\n{old}"),
        new.clone(),
    ] {
        same(&old, &new);
    }
    for new in [
        new.replace(WRONG, KEY),
        format!(
            r#"{{"op":"userdel","token":"{WRONG}","user":{{"uid":"{WRONG}","{WRONG}":["{KEY} {WRONG}"]}}}}"#
        ),
        format!(r#"{{"op":"userdel","token":"{WRONG}","user":{{"uid":5,"userToken":"{WRONG}"}}}}"#),
        format!(r#"{{"op":"userset","token":"","id":"{KEY}","user":{{"token":{{"token":["{WRONG}"]}}}}}}"#),
        format!(r#"{{"op":"userdel","token":["{WRONG}"]}}"#),
        format!(r#"{{"op":"userdel","token":"{WRONG}","token":"{KEY}"}}"#),
        format!(r#"{{"op":"userdel","token":"{WRONG}"#),
        format!(r#"{{"op":"{WRONG}","token":"{WRONG}"}}"#),
        format!("curl https://h/?op=userdel&token={WRONG} --json '{{\"token\":\"{WRONG}\"}}'"),
        format!("curl https://{WRONG}@h/ -H 'Authorization: {WRONG}' --json '{new}'"),
        old.clone(),
    ] {
        same(&old, &new);
    }
}
