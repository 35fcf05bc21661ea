//! Rate limits: which callers are refused, what they are told, and that no other caller suffers.

mod addresses; // whose address counts
mod budgets; // whose budget a request spends
mod cloud; // mesibo's cloud, and on-premise
mod refusals; // what a refusal says, and what a request costs

use std::net::SocketAddr;

use crate::support::client::{Answer, get};
use crate::support::stub::Stub;

const DONE: &str = r#"{"op":"userdel","result":true}"#;

/// A limit with a burst of two; nothing refills while a test runs.
fn two(more: &str) -> String {
    format!("limit = [{{ name = 'calls', rate = '2/day', {more} }}]\n")
}

async fn userdel(address: SocketAddr, token: &str) -> Answer {
    get(address, &format!("/api.php?op=userdel&token={token}&uid=5&id=3")).await
}

/// Whether a request passes; if so, upstream answers `answer`, and otherwise it is not called.
async fn passes(stub: &Stub, answer: &str, request: impl Future<Output = Answer>) -> bool {
    stub.will_say(answer);
    let answer = request.await;
    let passed = stub.take_calls().len() == 1;
    stub.forget_answers();
    assert_eq!(answer.json()["error"] == "RATELIMIT", !passed, "{}", answer.json());
    passed
}

/// How many of four requests with one token pass.
async fn passing(stub: &Stub, address: SocketAddr, token: &str) -> usize {
    let mut passed = 0;
    for _ in 0..4 {
        passed += usize::from(passes(stub, DONE, userdel(address, token)).await);
    }
    passed
}
