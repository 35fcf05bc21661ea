//! One number: whatever names a version of mesigate names the one of Cargo.toml. `deploy/version` knows the places, and
//! `deploy/release` refuses what it refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of every text that may name the version, to change one.
const TEXTS: &str =
    "Cargo.toml Cargo.lock CHANGELOG.md README.md CONTRIBUTING.md fuzz/Cargo.lock docs deploy src config";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn told(folder: &Path) -> Output {
    Command::new(folder.join("deploy/version")).output().expect("it starts")
}

fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut copying = Command::new("cp");
    copying.args(["--recursive", "--parents"]).args(TEXTS.split(' ')).arg(folder.path()).current_dir(root());
    assert!(copying.status().expect("cp starts").success());
    folder
}

/// What it says of a copy in which a file has this text in place of that one.
fn told_with(file: &str, text: &str, other: &str) -> String {
    let folder = copy();
    let path = folder.path().join(file);
    let before = std::fs::read_to_string(&path).expect("text");
    assert!(before.contains(text), "{file} has no {text}");
    std::fs::write(&path, before.replacen(text, other, 1)).expect("written");
    let output = told(folder.path());
    assert!(!output.status.success(), "{file} may say {other}");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn there_is_one_version_and_every_text_has_it() {
    let output = told(&root());
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said, env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_text_with_another_version_is_named() {
    let ours = env!("CARGO_PKG_VERSION");
    let lock = format!("name = \"mesigate\"\nversion = \"{ours}\"");
    let said = told_with("Cargo.lock", &lock, "name = \"mesigate\"\nversion = \"9.8.7\"");
    assert!(said.contains("Cargo.lock") && said.contains("9.8.7"), "{said}");
    for text in ["mesigate:9.8.7", "mesigate_9.8.7-1_amd64.deb", "mesigate.io/sidecar-version: \"9.8.7\""] {
        let said = told_with("README.md", "# mesigate\n", &format!("# mesigate\n{text}\n"));
        assert!(said.contains("README.md:2") && said.contains("9.8.7"), "{said}");
    }
}
