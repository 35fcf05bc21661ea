//! What the console shows of marked requests, and of the settings.

use serde_json::{Value, json};

use super::finder::Finder;
use super::requests::{KEY, REAL, TOKENS, WHO, WRONG};
use super::{Serving, exchange};

/// What the console tells whoever is logged in.
const SHOWN: [&str; 7] =
    ["state", "operations", "languages", "clients", "client?name=main", "brownouts", "settings"];

impl Serving {
    /// Logs in by the link that the program has written, and searches all that the console shows.
    pub(super) async fn search_console(&mut self) {
        let written = std::fs::read_to_string(self.folder.path().join("stderr")).expect("a file");
        let token = written.split("/console/#login=").nth(1).and_then(|rest| rest.lines().next());
        let token = token.expect("a link");
        let answer = self.post("login", "", &json!({ "token": token })).await;
        let cookie = answer.split("Set-Cookie: ").nth(1).and_then(|rest| rest.split(';').next());
        let cookie = format!("Cookie: {}\r\n", cookie.expect("a cookie"));
        for path in SHOWN {
            let request =
                format!("GET /console/api/{path} HTTP/1.1\r\nHost: g\r\n{cookie}Connection: close\r\n\r\n");
            let answer = exchange(self.admin, request.as_bytes(), true).await;
            assert!(answer.starts_with(b"HTTP/1.1 200") || path.starts_with("client?"), "{path}");
            self.leaks.extend(self.finders[0].find(&answer).map(|leak| format!("{path}: {leak}")));
        }
        let finder = Finder::of(&TOKENS);
        for text in texts() {
            for path in ["api/explain", "api/send"] {
                let body = json!({ "text": text, "to": "sandbox", "token": REAL });
                let answer = self.post(path, &cookie, &body).await;
                self.leaks
                    .extend(finder.find(answer.as_bytes()).map(|leak| format!("{path} {text}: {leak}")));
            }
        }
    }

    async fn post(&self, path: &str, cookie: &str, body: &Value) -> String {
        let body = body.to_string();
        let request = format!(
            "POST /console/{path} HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nX-Mesigate-Console: 1\r\n\
             Sec-Fetch-Site: same-origin\r\n{cookie}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(self.admin, request.as_bytes(), true).await;
        assert!(!answer.is_empty(), "{path}");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Calls with a token, in the forms in which people paste them.
fn texts() -> Vec<String> {
    let query = format!("op=userdel&token={KEY}&uid=5&addr={WHO}");
    vec![
        query.clone(),
        format!("{query}&token={WRONG}"),
        format!("op=nonsense&token={KEY}"),
        format!("op=userdel&token={KEY}&uid=x"),
        format!("op=userdel&token={KEY}%FF&uid=5"),
        format!("curl -u {KEY} -H 'Authorization: {KEY}' -d '{query}' https://x/?"),
        format!("POST /backend/ HTTP/1.1\r\nCookie: {KEY}\r\n\r\n{query}"),
        format!(r#"{{"op":"userdel","token":"{KEY}","user":{{"uid":5}}}}"#),
        format!(r#"{{"op":"userdel","token":["{KEY}"]}}"#),
        format!(r#"{{"op":"userdel","token":"{KEY}"#),
        format!("$r = file_get_contents('https://api.mesibo.com/api.php?op=userdel&token={KEY}&uid=5');"),
    ]
}
