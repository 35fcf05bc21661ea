//! Every form of a length with every coding and every body, a few hundred requests: no request that is hidden in
//! another is served, and the request after it gets its own answer or none.

use std::time::Duration;

use crate::support::client::{Answer, Client};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;

/// The user that a request hidden in a body would delete.
const HIDDEN: u32 = 666;

const LENGTHS: [&str; 20] = [
    "",
    "Content-Length: LENGTH\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: +LENGTH\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 0xLENGTH\r\n",
    "Content-Length: 1e1\r\n",
    "Content-Length: LENGTH, LENGTH\r\n",
    "Content-Length: LENGTH\r\nContent-Length: LENGTH\r\n",
    "Content-Length: LENGTH\r\nContent-Length: 0\r\n",
    "Content-Length : LENGTH\r\n",
    " Content-Length: LENGTH\r\n",
    "Content-Length:\r\n",
    "Content-Length: \u{a0}LENGTH\r\n",
    "Content-Length: \x0bLENGTH\r\n",
    "Content_Length: LENGTH\r\n",
    "X: y\nContent-Length: LENGTH\r\n",
    "X: y\rContent-Length: LENGTH\r\n",
    "Content-Length: 18446744073709551617\r\n",
];

const CODINGS: [&str; 15] = [
    "",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: CHUNKED\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: identity, chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked;x=y\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding:\x0bchunked\r\n",
    "Transfer-Encoding:\r\n chunked\r\n",
    "Transfer-Encoding:\r\n",
    "X: y\nTransfer-Encoding: chunked\r\n",
];

fn bodies() -> [String; 4] {
    let hidden = format!("GET /api.php?op=userdel&token=T&uid={HIDDEN} HTTP/1.1\r\nHost: g\r\n\r\n");
    [
        String::new(),
        format!("0\r\n\r\n{hidden}"),
        format!("5\r\nx=abc\r\n0\r\n\r\n{hidden}"),
        format!("x=abc{hidden}"),
    ]
}

fn get(uid: u32) -> String {
    format!("GET /api.php?op=userdel&token=T&uid={uid} HTTP/1.1\r\nHost: g\r\n\r\n")
}

#[tokio::test]
async fn whatever_frames_a_request_nothing_hidden_in_it_is_served_and_nobody_gets_anothers_answer() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::to(echo.address);
    let mut nonce = 1000;
    for length in LENGTHS {
        for coding in CODINGS {
            for body in bodies() {
                let head = length.replace("LENGTH", &body.len().to_string());
                let odd = format!("POST /nowhere HTTP/1.1\r\nHost: g\r\n{head}{coding}\r\n{body}");
                nonce += 2;
                let mut client = Client::connect(gateway.address).await;
                client.try_send(format!("{odd}{}{}", get(nonce), get(nonce + 1)).as_bytes()).await;
                client.finish().await;
                let mut expected = [nonce, nonce + 1].into_iter();
                while let Some(answer) = client.answer().await {
                    if let Some(uid) = served(&answer) {
                        assert_eq!(Some(uid), expected.next(), "{odd:?}");
                    }
                }
                let seen = echo.take_seen();
                let hidden =
                    seen.keys().find(|uid| ![nonce, nonce + 1].map(|uid| uid.to_string()).contains(uid));
                // Where the head announces no body, the bytes after it are a request of their own.
                let is_plain =
                    length.is_empty() && coding.is_empty() || length.contains(": 0\r\n") && coding.is_empty();
                assert!(hidden.is_none() || is_plain || length.starts_with("Content_"), "{odd:?}: {seen:?}");
            }
        }
    }
}

fn served(answer: &Answer) -> Option<u32> {
    let uid = serde_json::from_slice::<serde_json::Value>(&answer.body).ok()?["user"]["uid"].as_u64()?;
    u32::try_from(uid).ok().filter(|uid| *uid != HIDDEN)
}
