//! The program as people and tools run it: files and standard input, exit codes, what goes where.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use super::fixtures::manifest;

fn mesigate(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mesigate"))
        .arg("inject")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    // A program that refuses its flags reads nothing.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it was written");
    output
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn errors(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

const PLAIN: &str =
    "kind: Pod\napiVersion: v1\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: app\n    image: a\n";

#[test]
fn files_and_standard_input_come_out_as_one_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.yaml");
    std::fs::write(&path, PLAIN.trim_end()).expect("a file");
    let output = mesigate(&["--all", &path.display().to_string(), "-"], &manifest("kubectl-create.yaml"));
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(out(&output).matches("mesigate.io/sidecar-version").count(), 2);
    assert_eq!(out(&output).matches("\n---\n").count(), 1);
    assert_eq!(errors(&output), "");
}

#[test]
fn where_none_asks_it_is_a_fault_that_helps_and_quiet_lets_it_pass() {
    let output = mesigate(&[], PLAIN);
    assert_eq!((output.status.code(), out(&output)), (Some(1), ""));
    let said = "mesigate: nothing was put in: of Pod p none asks for the sidecar: give the pods the label \
                mesigate.io/sidecar: \"true\", or use --all; --quiet lets this pass\n";
    assert_eq!(errors(&output), said);
    let output = mesigate(&["--quiet"], PLAIN);
    assert_eq!((output.status.code(), out(&output), errors(&output)), (Some(0), PLAIN, ""));
    let output = mesigate(&["--uninject"], PLAIN);
    assert_eq!((output.status.code(), out(&output)), (Some(1), ""));
    assert!(errors(&output).contains("none has the sidecar"), "{}", errors(&output));
}

#[test]
fn one_fault_and_nothing_is_written() {
    let clash = PLAIN.replace("name: app", "name: mesigate");
    let output = mesigate(&["--all"], &format!("{PLAIN}---\n{clash}"));
    assert_eq!((output.status.code(), out(&output)), (Some(1), ""));
    assert!(
        errors(&output).starts_with("mesigate: standard input: document 2, Pod p: spec.containers[0].name: "),
        "{}",
        errors(&output)
    );
    assert_eq!(errors(&output).lines().count(), 1);
    let output = mesigate(&["/no/such/file", "--all"], "");
    assert!(errors(&output).starts_with("mesigate: /no/such/file: "), "{}", errors(&output));
}

#[test]
fn a_dry_run_shows_what_would_change_and_no_more() {
    let output = mesigate(&["--all", "--dry-run"], PLAIN);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(
        out(&output).starts_with("--- a/standard input\n+++ b/standard input\n@@ -1,8 +1,"),
        "{}",
        out(&output)
    );
    let taken: Vec<&str> =
        out(&output).lines().filter(|line| line.starts_with('-') && !line.starts_with("---")).collect();
    assert!(taken.is_empty(), "{taken:?}");
    let once = mesigate(&["--all"], PLAIN);
    assert_eq!(out(&mesigate(&["--all", "--dry-run"], out(&once))), "", "nothing would change");
}

#[test]
fn flags_that_do_not_go_together_are_refused_before_anything_is_read() {
    for flags in
        [&["--uninject", "--all"][..], &["--set", "app=1"], &["--kubernetes", "new"], &["--secret", "A_B"]]
    {
        let output = mesigate(flags, PLAIN);
        assert_eq!((output.status.code(), out(&output)), (Some(2), ""), "{flags:?}");
    }
}

#[test]
fn what_is_no_utf_8_is_refused_by_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("latin.yaml");
    std::fs::write(&path, b"kind: Pod # caf\xe9\n").expect("a file");
    let output = mesigate(&[&path.display().to_string()], "");
    assert!(
        errors(&output).ends_with("latin.yaml: is no UTF-8 from byte 16 on: save it as UTF-8\n"),
        "{}",
        errors(&output)
    );
}
