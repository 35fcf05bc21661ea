//! Answers one request with a fault.

use std::error::Error;
use std::fmt;
use std::future::pending;

use serde_json::Value;
use tokio::time::sleep;

use super::respond::{self, Answer};
use super::stop::Stopped;
use crate::sandbox::Sandbox;
use crate::sandbox::fault::InjectedFault;

/// The nesting depth of [`InjectedFault::Deep`].
const DEPTH: usize = 100_000;
/// The bytes that [`InjectedFault::Huge`] adds.
const PADDING: usize = 8 << 20;

/// Closes the connection without an answer: hyper does so when a service returns an error.
#[derive(Debug)]
pub(crate) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("dropped, as was asked for")
    }
}

impl Error for Dropped {}

pub(crate) async fn answer(
    fault: InjectedFault,
    sandbox: &Sandbox,
    stopped: Stopped,
    body: &[u8],
) -> Result<Answer, Dropped> {
    let instead = |answer: Answer| {
        sandbox.count();
        answer
    };
    let right = || sandbox.answer(body);
    Ok(match fault {
        InjectedFault::BadGateway => instead(respond::bad_gateway()),
        InjectedFault::Unavailable => instead(respond::unavailable()),
        InjectedFault::Html => instead(respond::html()),
        InjectedFault::Redirect => instead(respond::redirect()),
        InjectedFault::Latency(delay) => {
            let right = right();
            until_stopped(sleep(delay), stopped).await;
            respond::json(right)
        }
        InjectedFault::Hang => {
            right();
            until_stopped(pending(), stopped).await;
            return Err(Dropped);
        }
        InjectedFault::Reset => {
            right();
            return Err(Dropped);
        }
        InjectedFault::Truncated => respond::json(half(right())),
        InjectedFault::Empty => {
            right();
            respond::json("{}")
        }
        InjectedFault::Array => respond::json([b"[", right().as_slice(), b"]"].concat()),
        InjectedFault::Deep => {
            right();
            respond::json(nested())
        }
        InjectedFault::Huge => respond::json([vec![b' '; PADDING], right()].concat()),
        InjectedFault::TextResult => respond::json(with_text_result(right())),
    })
}

/// A waiting fault must not delay the server's stop.
async fn until_stopped(wait: impl Future<Output = ()>, stopped: Stopped) {
    tokio::select! {
        () = wait => {}
        () = stopped.wait() => {}
    }
}

fn half(mut right: Vec<u8>) -> Vec<u8> {
    right.truncate(right.len() / 2);
    right
}

fn nested() -> String {
    format!(r#"{{"result":true,"user":{}{}}}"#, "[".repeat(DEPTH), "]".repeat(DEPTH))
}

fn with_text_result(right: Vec<u8>) -> Vec<u8> {
    let Ok(mut answer) = serde_json::from_slice::<Value>(&right) else {
        return right;
    };
    answer["result"] = "false".into();
    answer.to_string().into_bytes()
}
