//! What is shown: no token, ever.

use super::{copy, scan, sources, stdout};

#[test]
fn a_token_in_a_source_is_told_and_shown_nowhere() {
    let token = "q7".repeat(32);
    let folder = copy();
    for arguments in [vec!["."], vec!["--json", "."], vec!["--diff", "."], vec!["--write", "."]] {
        let output = scan(folder.path(), &arguments);
        let all = format!("{}{}", stdout(&output), String::from_utf8_lossy(&output.stderr));
        assert!(!all.contains(&token), "{arguments:?}");
        assert!(
            all.contains("(a token stands here in plain text)") || arguments[0] == "--json",
            "{arguments:?}"
        );
    }
    let written = std::fs::read_to_string(folder.path().join("php/plain_token.php")).expect("a file");
    assert!(written.contains(&format!("'token' => '{token}'")), "the program's own token stays: {written}");
}

#[test]
fn a_token_of_any_form_is_shown_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "# mesibo\nTOKEN = 'short-secret'\nu = 'https://api.mesibo.com/api.php?op=userdel&uid=5&token=other-secret'\n\
                p = {'op': 'userset', 'uid': 5, 'token': 'third-secret'}\nrequests.get(u)\n\
                requests.get('https://api.mesibo.com/api.php?op=userdel&uid=5&token=other-secret')\n";
    std::fs::write(folder.path().join("a.py"), text).expect("a file");
    for arguments in [vec!["."], vec!["--json", "."], vec!["--diff", "."]] {
        let shown = stdout(&scan(folder.path(), &arguments));
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn the_last_line_counts_by_operation() {
    let output = scan(&sources(), &["shell/cron", "shell/tasks.sh"]);
    let text = stdout(&output);
    let last = text.lines().last().expect("a line");
    assert_eq!(
        last,
        "6 old calls in 2 files of 2: 6 sure, 0 with guesses; deltoken 1, groupadd 1, groupdel 1, message 1, userdel 1, userset 1"
    );
}

#[test]
fn what_cannot_be_served_says_why() {
    let text = stdout(&scan(&sources(), &["js/angular.ts"]));
    assert!(text.contains("an operation that is not known here, `usersget`"), "{text}");
    assert!(text.contains("keep them in your own database"), "{text}");
    assert!(text.contains("an operation that is known at run time, `op`"), "{text}");
}
