//! The second listener's paths are one table: requests are matched by it, documents and settings repeat it.

use std::time::Duration;

use mesigate::admin::routes::{self, AdminRoute, ROUTES};

use crate::support::client::{Client, get};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn docs_running_has_the_table_of_the_second_listener() {
    let row = |route: &AdminRoute| format!("| {} | `{}` | {} |\n", route.method(), route.path, route.doc);
    let rows: String = ROUTES.iter().map(row).collect();
    let table = format!("\n\n| method | path | what it does |\n|---|---|---|\n{rows}\n");
    assert!(read("docs/running.md").contains(&table), "docs/running.md has to have this table:{table}");
}

#[test]
fn the_settings_say_what_changes_something() {
    let told: Vec<&str> =
        ROUTES.iter().filter(|route| route.method() == "POST").map(|route| route.path).collect();
    let told = format!("(POST {})", told.join(", "));
    assert!(read("config/mesigate.toml").contains(&told), "config/mesigate.toml has to say {told}");
}

#[test]
fn a_method_and_a_path_are_one_row() {
    for (number, route) in ROUTES.iter().enumerate() {
        let again = ROUTES[..number].iter().find(|other| (other.method(), other.path) == key(route));
        assert!(again.is_none(), "{} {} stands twice", route.method(), route.path);
    }
    for named in [routes::BREACHES, routes::DRAIN, routes::RELOAD, routes::CLEAR] {
        assert!(ROUTES.iter().any(|route| key(route) == key(&named)), "{} is in no row", named.path);
    }
}

fn key(route: &AdminRoute) -> (&'static str, &'static str) {
    (route.method(), route.path)
}

#[tokio::test]
async fn a_path_that_takes_another_method_says_which() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::to(echo.address);
    for (method, path, status, allow) in [
        ("HEAD", "/metrics", 200, None),
        ("POST", "/metrics", 405, Some("GET, HEAD")),
        ("PUT", "/metrics", 405, Some("GET, HEAD")),
        ("GET", "/reload", 405, Some("POST")),
        ("HEAD", "/breaches/clear", 405, Some("POST")),
        ("DELETE", "/drain", 405, Some("GET, HEAD, POST")),
        ("GET", "/nonsense", 404, None),
        ("POST", "/nonsense", 404, None),
        ("PUT", "/nonsense", 404, None),
    ] {
        let mut client = Client::connect(gateway.admin).await;
        let request = format!("{method} {path} HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n");
        client.send(request.as_bytes()).await;
        let head = client.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path}: {head}");
        let said = head.lines().find_map(|line| line.strip_prefix("Allow: "));
        assert_eq!(said, allow, "{method} {path}");
    }
    let told = get(gateway.admin, "/reload").await.body;
    assert_eq!(told, b"this path takes another method: POST\n");
}
