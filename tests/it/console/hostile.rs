//! Programs that put markup wherever the console shows something: it stays text.

use serde_json::json;

use super::{Console, OPERATE, is_guarded};
use crate::support::client::ask;

const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>";

#[tokio::test]
async fn markup_stays_text_in_json() {
    let console = Console::start("");
    let person = console.log_in(OPERATE).await;
    let encoded: String = MARKUP.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for query in [
        format!("op=useradd&token=sandbox&addr={encoded}&appid={encoded}"),
        format!("op={encoded}&token=sandbox"),
        format!("op=message&token=sandbox&from={encoded}&to={encoded}&msg={encoded}&{encoded}=1"),
    ] {
        let request = format!("GET /api.php?{query} HTTP/1.1\r\nHost: g\r\nUser-Agent: {MARKUP}/1.0\r\n\r\n");
        ask(console.program.address, request.as_bytes()).await;
    }
    let mut answers = vec![];
    for path in [
        "/console/api/state",
        "/console/api/clients",
        &format!("/console/api/client?name={encoded}&as={encoded}"),
        &format!("/console/api/{encoded}"),
    ] {
        answers.push((path.to_owned(), person.get(path).await));
    }
    for text in [
        format!("op=useradd&token=sandbox&addr={encoded}&appid=a&{encoded}={encoded}"),
        format!("op={encoded}&token=sandbox"),
        json!({ "op": "useradd", "token": "sandbox", "user": { "address": MARKUP, "token": { "appid": "a" } } }).to_string(),
        MARKUP.to_owned(),
        format!("$x = file_get_contents('https://api.mesibo.com/api.php?op=useradd&token=' . $t . '&addr={MARKUP}&appid=a');"),
    ] {
        for (path, body) in [
            ("/console/api/explain", json!({ "text": text, "as": "php-curl" })),
            ("/console/api/explain", json!({ "text": text, "as": MARKUP })),
            ("/console/api/send", json!({ "text": text, "to": "sandbox" })),
            ("/console/api/decide", json!({ "client": text, "what": text, "reason": text })),
        ] {
            answers.push((format!("{path} {text}"), person.post(path, &body).await));
        }
    }
    let mut shown = 0;
    for (place, answer) in answers {
        is_guarded(&answer, &place);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{place}");
        answer.json();
        shown += usize::from(String::from_utf8_lossy(&answer.body).contains("<script>alert(1)"));
    }
    assert!(shown >= 4, "it was not tried: {shown}");
    for path in ["/console/", "/console/now"] {
        let page = console.ask("GET", &format!("{path}?{encoded}"), "", "").await;
        assert!(!String::from_utf8_lossy(&page.body).contains("alert(1)"), "a page is the same for all");
    }
}
