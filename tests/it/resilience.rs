//! What keeps requests from being lost, doubled or stuck: repeats, the breaker, the queue, disabled
//! tokens, names.

mod breach; // a disabled token stops its app and no other
mod breaker; // an upstream that fails again and again
mod names; // upstream's name
mod queue; // connections to upstream, and the queue for them
mod repeats; // what is asked again, and how often

use crate::support::client::{Answer, get, is, is_done};
use crate::support::gateway::{Gateway, metric};

const READ: &str = "/api.php?op=groupgetmembers&token=T&gid=7";
const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";
const MEMBERS: &str = r#"{"op":"groupgetmembers","result":true,"members":[{"uid":1,"address":"ann"}]}"#;
const DONE: &str = r#"{"op":"userdel","result":true}"#;
const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>";

fn retry_after(answer: &Answer) -> u64 {
    answer.header("retry-after").expect("a wait").parse().expect("seconds")
}

/// Runs a request beside the test.
fn begin(gateway: &Gateway, target: &'static str) -> tokio::task::JoinHandle<Answer> {
    let address = gateway.address;
    tokio::spawn(async move { get(address, target).await })
}

/// Ways of upstream to give no answer, as bytes behind which the connection ends.
const FAULTS: [&str; 5] = [
    PAGE,
    "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"result\":true,",
    "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"result\":true]",
    "",
];
