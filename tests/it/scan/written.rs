//! What `--write` changes, and what it leaves alone.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::{copy, files, scan, sources, stdout};

#[test]
fn nothing_is_changed_unless_asked_for() {
    let folder = copy();
    for arguments in [vec!["."], vec!["--json", "."], vec!["--diff", "."]] {
        scan(folder.path(), &arguments);
    }
    for file in files(&sources()) {
        let copy = folder.path().join(file.strip_prefix(sources()).expect("below"));
        assert_eq!(
            std::fs::read(&file).expect("a file"),
            std::fs::read(copy).expect("a file"),
            "{}",
            file.display()
        );
    }
    assert_eq!(files(folder.path()).len(), files(&sources()).len());
}

#[test]
fn what_was_written_is_found_no_more_and_all_else_is_found_as_before() {
    let folder = copy();
    let calls = |output: std::process::Output| {
        let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        report["calls"].as_array().expect("calls").clone()
    };
    let before = calls(scan(folder.path(), &["--json", "."]));
    let announced = stdout(&scan(folder.path(), &["--diff", "."]));
    let output = scan(folder.path(), &["--write", "."]);
    assert_eq!(stdout(&output), announced, "--diff shows what --write does");
    assert_eq!(output.status.code(), Some(1), "some are left");
    let after = calls(scan(folder.path(), &["--json", "."]));
    let left: Vec<&Value> = before.iter().filter(|call| call["write"] == false).collect();
    assert!(before.len() - left.len() >= 20, "{} were written", before.len() - left.len());
    let what = |call: &Value| (call["file"].clone(), call["operation"].clone(), call["parameters"].clone());
    assert_eq!(after.iter().map(what).collect::<Vec<_>>(), left.into_iter().map(what).collect::<Vec<_>>());
    assert_eq!(stdout(&scan(folder.path(), &["--diff", "."])), "");
}

#[test]
fn line_ends_permissions_and_what_stands_around_a_call_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.php");
    let text = "\u{feff}<?php\r\n// café\r\n$a = file_get_contents(\"https://api.mesibo.com/api.php?op=groupdel&token=$t&gid=$g\") ?: 'x';\r\n$b = 1; // tail";
    std::fs::write(&path, text).expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let output = scan(folder.path(), &["--write", "a.php"]);
    assert_eq!(output.status.code(), Some(0), "none is left");
    let (head, tail) = text.split_once("file_get_contents(\"https").expect("a call");
    let written = std::fs::read_to_string(&path).expect("a file");
    assert!(
        written.starts_with(&format!("{head}file_get_contents('https://api.mesibo.com/backend/', false, ")),
        "{written}"
    );
    assert!(written.ends_with(tail.split_once("\")").expect("an end").1), "{written}");
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o640);
    assert_eq!(files(folder.path()).len(), 1, "no file is left beside it");
}

#[test]
fn curl_in_php_gets_its_lines_with_the_margin_and_line_ends_of_the_file() {
    let folder = copy();
    scan(folder.path(), &["--write", "php/crlf.php", "php/setopt.php"]);
    let written = std::fs::read_to_string(folder.path().join("php/crlf.php")).expect("a file");
    assert!(
        written
            .contains("curl_init('https://api.mesibo.com/backend/');\r\ncurl_setopt($ch, CURLOPT_POSTFIELDS"),
        "{written}"
    );
    assert_eq!(written.matches('\n').count(), written.matches("\r\n").count());
    let written = std::fs::read_to_string(folder.path().join("php/setopt.php")).expect("a file");
    assert!(
        written.contains("\n\tcurl_setopt($ch, CURLOPT_HTTPHEADER, ['Content-Type: application/json']);\n"),
        "{written}"
    );
}

#[test]
fn a_number_keeps_the_meaning_that_the_old_door_gives_it() {
    // A leading zero is no sign of octal there, but it is for what makes numbers of texts in some languages; and a
    // number of the language's own is the text that the language makes of it.
    let folder = tempfile::tempdir().expect("a folder");
    let url = "https://api.mesibo.com/api.php?op=userdel&token=";
    let cases = [
        (
            "a.php",
            format!("<?php file_get_contents('{url}' . $t . '&uid=0' . $u);"),
            "preg_replace('/^(-?)0+(?=\\d)/'",
        ),
        ("b.php", format!("<?php file_get_contents('{url}' . $t . '&uid=010');"), "'uid' => 10]"),
        ("c.php", format!("<?php file_get_contents('{url}' . $t . '&uid=' . 010);"), "trim((string) 010)"),
        ("d.php", format!("<?php file_get_contents('{url}' . $t . '&uid=0x10');"), "'uid' => 16]"),
        (
            "e.py",
            format!("requests.get(f'{url}{{t}}&uid={{u:05d}}')\n"),
            "16 if text.startswith(\"0x\") else 10)",
        ),
    ];
    for (name, text, _) in &cases {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    assert_eq!(scan(folder.path(), &["--write", "."]).status.code(), Some(0));
    for (name, _, part) in cases {
        let written = std::fs::read_to_string(folder.path().join(name)).expect("a file");
        assert!(written.contains(part), "{name}: {written}");
    }
}

#[test]
fn what_is_no_utf_8_is_read_and_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.php");
    let bytes = [
        b"<?php\n// caf\xe9\n".as_slice(),
        b"file_get_contents(\"https://api.mesibo.com/api.php?op=groupdel&token=$t&gid=$g\");\n",
    ]
    .concat();
    std::fs::write(&path, &bytes).expect("a file");
    assert!(stdout(&scan(folder.path(), &["."])).contains("a.php:3:19: groupdel, sure"));
    assert_eq!(scan(folder.path(), &["--write", "."]).status.code(), Some(1));
    assert_eq!(std::fs::read(&path).expect("a file"), bytes);
}

#[test]
fn what_might_mean_something_else_is_left_alone() {
    let cases = [
        // The value may change between the assignment and the call.
        (
            "a.php",
            "<?php\n$url = \"https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u\";\n$u = next($users);\nfile_get_contents($url);",
        ),
        // The URL is used twice.
        (
            "b.php",
            "<?php\n$url = \"https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u\";\nlog_it($url);\nfile_get_contents($url);",
        ),
        // A context that is there already.
        (
            "c.php",
            "<?php\nfile_get_contents(\"https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u\", false, $context);",
        ),
        // Headers of its own.
        ("d.py", "requests.get(f'https://api.mesibo.com/api.php?op=userdel&token={t}&uid={u}', headers=h)\n"),
        // Whether members are removed is known at run time only.
        (
            "e.py",
            "requests.get(f'https://api.mesibo.com/api.php?op=groupeditmembers&token={t}&gid={g}&m={m}&delete={d}')\n",
        ),
        // Another host.
        ("f.js", "fetch(`https://gate.example.com/api.php?op=userdel&token=${t}&uid=${u}`);\n"),
        // More parameters, from elsewhere.
        (
            "g.js",
            "axios.get('https://api.mesibo.com/api.php', { params: { op: 'userdel', token, ...rest } });\n",
        ),
        // An option that is not known.
        ("h.sh", "curl --proxy p \"https://api.mesibo.com/api.php?op=userdel&token=$T&uid=$U\"\n"),
        // What is joined at the end may hold more parameters.
        (
            "k.php",
            "<?php\nfile_get_contents(\"https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u\" . $more);",
        ),
        // More parameters, from a file.
        ("l.sh", "curl \"https://api.mesibo.com/api.php?op=userdel&token=$T&uid=$U\" -d @more.txt\n"),
        // Quotes within a value would end those of the new call.
        (
            "p.sh",
            "curl -sG https://api.mesibo.com/api.php -d op=groupdel -d \"token=$T\" -d \"gid=1$X\n\\\"2\"\n",
        ),
        // What is behind the number sign is not sent.
        ("m.js", "fetch('https://api.mesibo.com/api.php?op=userdel&token=' + t + '&uid=' + u + '#top');\n"),
        // The digits that are joined may be no number of JSON.
        (
            "n.go",
            "package a\nimport \"strings\"\nfunc f() { http.Get(\"https://api.mesibo.com/api.php?op=userdel&token=\" + t + \"&uid=0\" + u) }\n",
        ),
        // The operation is a parameter, and one of the same name stands elsewhere.
        (
            "o.js",
            "const op = 'userdel';\nconst call = (op) => fetch(`https://api.mesibo.com/api.php?op=${op}&token=${t}&uid=${u}`);\n",
        ),
        // Another client's `get`.
        ("i.php", "<?php\n$cache->get(\"https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u\");"),
        // The package that joins texts is not imported.
        (
            "j.go",
            "package a\nfunc f() { http.Get(\"https://api.mesibo.com/api.php?op=userdel&token=\" + t + \"&uid=\" + u) }\n",
        ),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in cases {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    assert_eq!(stdout(&scan(folder.path(), &["--write", "."])), "");
    for (name, text) in cases {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).expect("a file"), text, "{name}");
        assert_eq!(scan(folder.path(), &[name]).status.code(), Some(1), "{name} is found all the same");
    }
}
