//! What is found in the small sources, against a list that people wrote.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{files, scan, sources, stdout};

/// Each file of the list with its lines.
fn expected() -> BTreeMap<String, Vec<String>> {
    let path = sources().with_file_name("expected.txt");
    let text = std::fs::read_to_string(path).expect("the list");
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut file = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some(call) = line.strip_prefix("    ") {
            all.entry(file.clone()).or_default().push(call.to_owned());
        } else {
            line.clone_into(&mut file);
            all.entry(file.clone()).or_default();
        }
    }
    all
}

fn line(call: &Value) -> String {
    let text = |member: &str| call[member].as_str().unwrap_or_default().to_owned();
    let operation = call["operation"].as_str().map_or_else(|| format!("?{}", text("unknown")), str::to_owned);
    let sure = if call["sure"] == true { "sure" } else { "guess" };
    let write = if call["write"] == true { "write" } else { "leave" };
    let names = call["parameters"].as_array().into_iter().flatten().filter_map(|it| it["name"].as_str());
    let names: String = names.map(|name| format!(" {name}")).collect();
    format!("{}:{} {operation} {sure} {write}{names}", call["line"], call["column"])
}

#[test]
fn every_old_call_of_the_small_sources_is_found_where_it_is_and_nothing_else() {
    let output = scan(&sources(), &["--json", "."]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let mut found: BTreeMap<String, Vec<String>> = files(&sources())
        .iter()
        .map(|file| (file.strip_prefix(sources()).expect("below").display().to_string(), Vec::new()))
        .collect();
    assert!(found.len() > 60, "{} sources", found.len());
    for call in report["calls"].as_array().expect("calls") {
        let file = call["file"].as_str().expect("a file").trim_start_matches("./").to_owned();
        found.entry(file).or_default().push(line(call));
    }
    let expected = expected();
    for (file, calls) in &found {
        assert_eq!(Some(calls), expected.get(file), "{file}");
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn a_replacement_is_the_json_that_the_gateway_itself_would_send() {
    let output = scan(&sources(), &["--json", "php/setopt.php", "php/laravel.php", "kotlin/Network.kt"]);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let texts: String = report["calls"].to_string();
    for part in [
        "'op' => 'userset', 'token' => APP_TOKEN, 'user' => ['token' => ['remove' => true], 'uid' => intval(preg_replace(",
        "'count' => 20, 'group' => ['gid' => intval(preg_replace(",
        r#"\"permissions\" to mapOf<String, Any?>(\"send\" to true, \"list\" to false)"#,
    ] {
        assert!(texts.contains(part), "{part} in {texts}");
    }
}

#[test]
fn a_call_is_a_guess_that_says_why_where_its_operation_or_its_address_depends_on_the_way_taken() {
    let doubts = |file: &str, line: u64| {
        let report: Value =
            serde_json::from_str(&stdout(&scan(&sources(), &["--json", file]))).expect("JSON");
        let calls = report["calls"].as_array().expect("calls").clone();
        let call = calls.into_iter().find(|call| call["line"] == line).expect("a call in this line");
        call["doubts"].to_string()
    };
    for (file, line, doubt) in [
        ("php/branches.php", 5, "`op` is known at run time only: `$op`"),
        ("php/branches.php", 7, "the base URL is not known here"),
        ("php/branches.php", 12, "something is taken out of `q` again"),
        ("php/switchboard.php", 56, "`op` is known at run time only: `$op`"),
        ("java/Branches.java", 9, "one of `uid`, `addr` is required, and was not found here"),
        ("js/hidden.js", 15, "a `#` stands in the URL"),
        ("js/chosen.js", 6, "it comes from elsewhere"),
        ("js/premise.js", 3, "that this address is a door of mesibo's is a guess"),
        ("shell/branches.sh", 11, "more parameters may come from `@more.txt`"),
    ] {
        let told = doubts(file, line);
        assert!(told.contains(doubt), "{file}:{line}: {told}");
    }
}

#[test]
fn a_folder_says_what_it_left_out_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    };
    let call = b"<?php file_get_contents(\"https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u\");";
    put("node_modules/a.php", call);
    put(".git/a.php", call);
    put("big.php", &[call.as_slice(), &vec![b' '; 1 << 20]].concat());
    put("lib.min.js", b"fetch('https://api.mesibo.com/api.php?op=userdel&token=' + t + '&uid=5')");
    put("bytes.php", &[call.as_slice(), b"\0"].concat());
    put("notes.txt", call);
    std::os::unix::fs::symlink("/etc", folder.path().join("link")).expect("a link");
    let output = scan(folder.path(), &["."]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stdout(&output),
        "no old calls in 0 files\nleft out: 2 a folder of what is built, hidden or others' (node_modules, vendor, …); \
         1 longer than 1 MiB; 1 binary; 1 minified; 1 a link; 1 in no language that is known here\n"
    );
}

#[test]
fn what_cannot_be_read_is_told_with_a_code_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = scan(folder.path(), &["missing"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("mesigate: missing: No such file"));
    assert_eq!(scan(folder.path(), &["--url", "ftp://x", "."]).status.code(), Some(2));
}
