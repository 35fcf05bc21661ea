//! `mesigate same`: whether a JSON call means what an old call means, as a script in a CI asks.

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::program::{err, mesigate, out, run};

const OLD: &str = "op=userdel&token=kept-secret-1&uid=5";
const NEW: &str = r#"{"op":"userdel","token":"kept-secret-2","user":{"uid":5}}"#;

/// What `same` printed, and its exit code; no token is in it, nor anything on standard error.
fn told(output: &Output) -> (String, Option<i32>) {
    assert_eq!(err(output), "");
    let text = out(output);
    assert!(!text.contains("kept-secret"), "{text}");
    (text, output.status.code())
}

#[test]
fn the_exit_code_tells_the_same_from_what_differs_and_from_what_cannot_be_compared() {
    for (new, text, code) in [
        (NEW, "userdel: the same\n", 0),
        (
            r#"{"op":"userdel","token":"kept-secret-2","user":{"uid":"5"}}"#,
            "userdel: they differ\n  user.uid  the old call means 5, the new one says \"5\": a text, where a whole number belongs\n",
            1,
        ),
        (
            r#"{"op":"userdel","user":{"uid":5}}"#,
            "userdel: they differ\n  token  the old call means \"(your app token)\", the new one does not say it: every call needs the application token\n",
            1,
        ),
        (
            r#"{"op":"userdel","token":"kept-secret-2","user":{"uid":5,"why":"x"}}"#,
            "userdel: they differ\n  user.why  the old call does not say it, the new one says \"x\": more than the old call says: no old parameter becomes it\n",
            1,
        ),
        (
            r#"{"op":"userdel","token":"kept-secret-2","user":{"uid":5}"#,
            "NEW cannot be compared: it would be refused: the body begins as a JSON object and ends too early\n",
            2,
        ),
    ] {
        assert_eq!(told(&run(&["same", OLD, new])), (text.to_owned(), Some(code)), "{new}");
    }
    let more = r#"{"op":"userdel","token":"kept-secret-2","user":{"uid":5,"why":"x"}}"#;
    let (text, code) = told(&run(&["same", OLD, more, "--allow-more"]));
    assert!(code == Some(0) && text.contains("user.why"), "{text}");
}

#[test]
fn calls_come_from_files_and_from_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let [old, new] = ["old.txt", "new.json"].map(|name| folder.path().join(name));
    std::fs::write(&old, format!("GET /api.php?{OLD} HTTP/1.1\r\nHost: h\r\n\r\n")).expect("a file");
    std::fs::write(&new, format!("{}\n", NEW.replace(',', ",\n  "))).expect("a file");
    let [old, new] = [old, new].map(|path| format!("@{}", path.display()));
    assert_eq!(told(&run(&["same", &old, &new])).1, Some(0));
    for (calls, piped) in [(["-", new.as_str()], OLD), ([old.as_str(), "-"], NEW)] {
        let mut command = mesigate(&["same", calls[0], calls[1]]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        child.stdin.take().expect("a pipe").write_all(piped.as_bytes()).expect("it reads");
        assert_eq!(told(&child.wait_with_output().expect("an end")).1, Some(0), "{calls:?}");
    }
    for (calls, words) in
        [(["-", "-"], "standard input"), ([&old, "@/nowhere/x"], "/nowhere/x cannot be read")]
    {
        let output = run(&["same", calls[0], calls[1]]);
        assert!(output.status.code() == Some(2) && err(&output).contains(words), "{}", err(&output));
    }
}

#[test]
fn a_program_reads_the_differences_as_json() {
    let read = |new: &str| -> (Value, Option<i32>) {
        let (text, code) =
            told(&run(&["same", "--json", "op=userdel&token=kept-secret-1&uid=5&sig=none", new]));
        (serde_json::from_str(&text).expect("JSON"), code)
    };
    let same = json!({ "same": true, "operation": "userdel", "differences": [], "dropped": ["sig"] });
    assert_eq!(read(NEW), (same, Some(0)));
    let differs = json!({ "same": false, "operation": "userdel", "dropped": ["sig"], "differences": [
        { "path": "user.uid", "kind": "value", "old": 5, "new": 6, "hint": "" },
    ] });
    assert_eq!(read(&NEW.replace('5', "6")), (differs, Some(1)));
    let cause = "it is an old call too: give the JSON that replaces it, as `mesigate explain` shows it";
    let refused = json!({ "same": null, "error": { "which": "new", "cause": cause } });
    assert_eq!(read(OLD), (refused, Some(2)));
}

#[test]
fn the_settings_choose_the_forms_of_the_json_and_faulty_ones_are_no_difference() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("mesigate.toml");
    let old = "op=groupeditmembers&token=T&gid=7&m=a&delete=1";
    let new = r#"{"op":"groupeditmembers","token":"T","group":{"gid":7,"delete":1,"members":{"m":"a"}}}"#;
    assert_eq!(told(&run(&["same", old, new])).1, Some(1));
    for (text, code) in [("profiles = [\"group.delete\"]", 0), ("profiles = [\"group.deleted\"]", 2)] {
        std::fs::write(&settings, text).expect("a file");
        let output = run(&["same", "--config", &settings.display().to_string(), old, new]);
        assert_eq!(output.status.code(), Some(code), "{text}: {}", err(&output));
    }
}
