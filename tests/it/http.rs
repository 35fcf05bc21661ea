//! The client's side of the gateway: methods, paths, HTTP/1.0, long and raw targets, caps, browsers.

use crate::support::client::{Client, ask, get};
use crate::support::gateway::Gateway;
use crate::support::stub::{Call, Stub};

const DONE: &str = r#"{"op":"message","result":true}"#;

#[tokio::test]
async fn a_get_carries_64_kib_of_json_text_percent_encoded_or_raw() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let message = format!("{{\"items\": [{}]}}", "\"é <b>\", ".repeat(64 * 1024 / 10));
    assert!(message.len() > 64 * 1024 - 32);
    let encoded: String = message.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for msg in [encoded, message.clone()] {
        stub.will_say(DONE);
        let target = format!("/api.php?op=message&token=T&from=a&to=b&msg={msg}");
        let answer = get(gateway.address, &target).await;
        assert_eq!(answer.json()["result"], true);
        let sent: serde_json::Value = serde_json::from_slice(&stub.take_calls()[0].body).expect("JSON");
        assert_eq!(sent["message"]["message"], message.as_str());
    }
}

#[tokio::test]
async fn http_1_0_gets_a_content_length_and_an_end() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    stub.will_say(DONE);
    let mut client = Client::connect(gateway.address).await;
    client.send(b"GET /api.php?op=message&token=T&from=a&to=b&msg=x HTTP/1.0\r\n\r\n").await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!(answer.version, "HTTP/1.0");
    assert_eq!(answer.header("content-length"), Some("30"));
    assert_eq!(answer.header("transfer-encoding"), None);
    assert!(client.is_ended().await);
    stub.take_calls();
}

#[tokio::test]
async fn one_connection_serves_many_requests_pipelined_or_not() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let request = |uid| format!("GET /backend?op=userdel&token=T&uid={uid} HTTP/1.1\r\nHost: g\r\n\r\n");
    let mut client = Client::connect(gateway.address).await;
    for uid in 1..4 {
        stub.will_say(&format!(r#"{{"result":true,"user":{{"uid":{uid}}}}}"#));
        client.send(request(uid).as_bytes()).await;
        assert_eq!(client.answer().await.expect("an answer").json()["user"]["uid"], uid);
    }
    for uid in [7, 8] {
        stub.will_say(&format!(r#"{{"result":true,"user":{{"uid":{uid}}}}}"#));
    }
    client.send((request(7) + &request(8)).as_bytes()).await;
    for uid in [7, 8] {
        assert_eq!(client.answer().await.expect("an answer").json()["user"]["uid"], uid);
    }
    let sent = |call: &Call| serde_json::from_slice::<serde_json::Value>(&call.body).expect("JSON");
    let uids: Vec<_> = stub.take_calls().iter().map(|call| sent(call)["user"]["uid"].clone()).collect();
    assert_eq!(uids, [1, 2, 3, 7, 8]);
}

#[tokio::test]
async fn head_and_options_never_act_and_other_methods_are_told_what_does() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    for (method, status) in [("HEAD", 200), ("OPTIONS", 204), ("TRACE", 405), ("PURGE", 405)] {
        let request = format!("{method} /api.php?op=userdel&token=T&uid=5 HTTP/1.1\r\nHost: g\r\n\r\n");
        let mut client = Client::connect(gateway.address).await;
        client.send(request.as_bytes()).await;
        let head = client.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{method}: {head}");
    }
    assert_eq!(stub.call_count(), 0);
}

#[tokio::test]
async fn the_api_has_its_paths_and_no_others() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "listen.paths = ['/api.php', '/old/api']");
    for (path, status) in [
        ("/api.php", 200),
        ("/old/api", 200),
        ("//api.php", 200),
        ("/backend", 404),
        ("/", 404),
        ("/api.php/x", 404),
    ] {
        assert_eq!(get(gateway.address, &format!("{path}?op=x")).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn what_is_over_a_cap_is_refused_and_names_the_setting() {
    let stub = Stub::start().await;
    let gateway =
        Gateway::with(stub.address, "cap = { body = 50, pairs = 3, target = 300, headers = 8, head = 8192 }");
    let post = |body: &str, length: usize| {
        format!("POST /backend HTTP/1.1\r\nHost: g\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
    };
    let at_the_cap = ask(gateway.address, &post(&"a".repeat(50), 50)).await;
    assert_eq!(at_the_cap.json()["error"], "NOOP");
    let over = ask(gateway.address, &post("", 51)).await;
    assert_eq!(over.json()["error"], "TOOLARGE");
    assert!(over.json()["cause"].as_str().is_some_and(|cause| cause.contains("cap.body")));
    assert_eq!(over.header("connection"), Some("close"));
    let chunked = b"POST /backend HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n01234567890123456789012345678901\r\n20\r\n01234567890123456789012345678901\r\n0\r\n\r\n";
    assert_eq!(ask(gateway.address, chunked).await.json()["error"], "TOOLARGE");
    assert_eq!(get(gateway.address, "/backend?a=1&b=2&c=3&d=4").await.json()["error"], "TOOLARGE");
    assert_eq!(get(gateway.address, &format!("/backend?a={}", "1".repeat(300))).await.status, 414);
    let headers: String = (0..9).map(|number| format!("X-{number}: 1\r\n")).collect();
    let many = format!("GET /backend HTTP/1.1\r\n{headers}\r\n");
    assert_eq!(ask(gateway.address, many.as_bytes()).await.status, 431);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_refused_in_time() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "deadline.body = '50ms'");
    let mut client = Client::connect(gateway.address).await;
    client.send(b"POST /backend HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\n\r\nop=").await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!(answer.json()["error"], "BADREQUEST");
    assert!(client.is_ended().await);
}

#[tokio::test]
async fn a_broken_or_compressed_body_is_refused_and_ends_the_connection() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let broken = b"POST /backend HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".as_slice();
    let zipped =
        b"POST /backend HTTP/1.1\r\nHost: g\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
            .as_slice();
    for request in [broken, zipped] {
        let answer = ask(gateway.address, request).await;
        assert_eq!(answer.json()["error"], "BADREQUEST");
        assert_eq!(answer.header("connection"), Some("close"));
    }
}

#[tokio::test]
async fn real_status_codes_come_where_the_settings_say_so() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "legacy.status = 'http'");
    assert_eq!(get(gateway.address, "/api.php?op=userdel&uid=5").await.status, 401);
    stub.will_say(r#"{"error":"AUTHFAIL","code":401,"result":false}"#);
    assert_eq!(get(gateway.address, "/api.php?op=userdel&token=T&uid=5").await.status, 401);
    stub.will_say("HTTP/1.1 502 Bad Gateway\n\n<html>");
    assert_eq!(get(gateway.address, "/api.php?op=userdel&token=T&uid=5").await.status, 502);
    stub.take_calls();
}

#[tokio::test]
async fn every_reply_says_that_it_is_not_to_be_kept() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    for target in ["/api.php?op=x", "/nowhere"] {
        let answer = get(gateway.address, target).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("server"), None);
    }
}

#[tokio::test]
async fn browsers_are_let_in_only_where_the_settings_say_so() {
    let stub = Stub::start().await;
    let ask_from = |address, method: &str, origin: &str| {
        let request = format!("{method} /api.php?op=x HTTP/1.1\r\nHost: g\r\nOrigin: {origin}\r\n\r\n");
        async move { ask(address, request.as_bytes()).await }
    };
    let allow = "access-control-allow-origin";
    let closed = Gateway::to(stub.address);
    assert_eq!(ask_from(closed.address, "GET", "https://a.example").await.header(allow), None);
    assert_eq!(ask_from(closed.address, "OPTIONS", "https://a.example").await.header(allow), None);

    let named = Gateway::with(stub.address, "cors.origins = ['https://a.example']");
    let answer = ask_from(named.address, "GET", "https://a.example").await;
    assert_eq!(answer.header(allow), Some("https://a.example"));
    assert_eq!(answer.header("vary"), Some("Origin"));
    assert_eq!(ask_from(named.address, "GET", "https://b.example").await.header(allow), None);
    let preflight = ask_from(named.address, "OPTIONS", "https://a.example").await;
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    );
    assert_eq!(preflight.header("access-control-max-age"), Some("600"));

    let exposed = answer.header("access-control-expose-headers").expect("a list");
    for name in ["X-Mesigate-Outcome", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Cache", "Age"] {
        assert!(exposed.split(", ").any(|known| known == name), "{name} is not in {exposed}");
    }

    let open = Gateway::with(stub.address, "cors.origins = ['*']");
    assert_eq!(ask_from(open.address, "GET", "https://b.example").await.header(allow), Some("*"));
}

#[tokio::test]
async fn a_page_may_send_the_headers_that_it_asks_for() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cors.origins = ['https://a.example']");
    let allowed = |wishes: String| {
        let request = format!(
            "OPTIONS /api.php HTTP/1.1\r\nHost: g\r\nOrigin: https://a.example\r\n\
             Access-Control-Request-Headers: {wishes}\r\n\r\n"
        );
        let address = gateway.address;
        async move {
            let answer = ask(address, request.as_bytes()).await;
            let list = answer.header("access-control-allow-headers").expect("a list").to_owned();
            list.strip_prefix("Content-Type, Accept, Authorization, X-Requested-With")
                .expect("the usual")
                .to_owned()
        }
    };
    for (wishes, more) in [
        ("", ""),
        ("content-type", ""),
        ("traceparent,baggage, sentry-trace", ", traceparent, baggage, sentry-trace"),
        ("X-CSRF-TOKEN, x-csrf-token", ", X-CSRF-TOKEN"),
        ("a b, \"c\", , d:e, *", ", *"),
    ] {
        assert_eq!(allowed(wishes.to_owned()).await, more, "{wishes}");
    }
    let many: Vec<String> = (0..100).map(|number| format!("x-{number}")).collect();
    assert_eq!(allowed(many.join(",")).await.split(", ").count(), 33, "32 and what stands before the first");
    assert_eq!(allowed("x".repeat(65)).await, "");
}

#[tokio::test]
async fn a_multipart_form_whose_lines_end_in_lf_alone_is_read_with_its_values_as_they_are() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let body = "--X\nContent-Disposition: form-data; name=\"msg\"\n\none\ntwo\n--X\n\
                Content-Disposition: form-data; name=\"to\"\n\nb\n--X--\n";
    let request = format!(
        "POST /api.php?op=message&token=T&from=a HTTP/1.1\r\nHost: g\r\n\
         Content-Type: multipart/form-data; boundary=X\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stub.will_say(DONE);
    assert_eq!(ask(gateway.address, request.as_bytes()).await.json()["result"], true);
    let sent: serde_json::Value = serde_json::from_slice(&stub.take_calls()[0].body).expect("JSON");
    assert_eq!((&sent["message"]["message"], &sent["message"]["to"]), (&"one\ntwo".into(), &"b".into()));
}

#[tokio::test]
async fn a_body_in_utf_16_is_refused_by_that_name() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    for text in ["op=userdel&uid=5&token=T", r#"{"op":"userdel"}"#] {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let body: Vec<u8> =
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(order).collect();
            let head = format!("POST /api.php HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n", body.len());
            let answer = ask(gateway.address, &[head.into_bytes(), body].concat()).await.json();
            assert_eq!(answer["error"], "BADREQUEST");
            assert!(answer["cause"].as_str().is_some_and(|cause| cause.contains("UTF-16")), "{answer}");
        }
    }
}
