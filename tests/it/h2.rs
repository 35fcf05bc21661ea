//! HTTP/2 by hand: frames that no library sends, what the gateway makes of them, and what they cost others.

mod bodies; // DATA and trailers, and the lengths that they state
mod floods; // thousands of frames that mean nothing, and requests that are cancelled
mod heads; // fields: their values, and how HPACK may write them
mod wire; // stream numbers, frame sizes and windows

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::timeout;

use crate::support::echo::Echo;
use crate::support::frames::{Frames, Heard, get};
use crate::support::gateway::Gateway;

/// After that long a case counts as hung.
const PATIENCE: Duration = Duration::from_secs(10);

/// The users that are deleted by the request of a case, by the one after it, and by one on another connection.
const ODD: u64 = 7;
const BEHIND: u64 = 100;
const BESIDE: u64 = 200;

/// What may become of a case. Upstream gets a request only of one that is served.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Served,
    /// The gateway's own refusal, with this status.
    Refused(u16),
    /// The stream ends in an error, and the connection stays.
    Reset,
    /// The connection ends in an error.
    Gone,
    /// The connection ends without a GOAWAY.
    Left,
}

impl End {
    fn of(heard: &Heard) -> Self {
        match heard {
            Heard::Answer(200, text) if text.contains("\"result\":true") => Self::Served,
            Heard::Answer(status, _) => Self::Refused(*status),
            Heard::Reset(_) => Self::Reset,
            Heard::Gone(_) => Self::Gone,
            Heard::End => Self::Left,
        }
    }
}

struct Place {
    echo: Echo,
    gateway: Gateway,
}

impl Place {
    async fn start(more: &str) -> Self {
        let echo = Echo::start(Duration::ZERO).await;
        let gateway = Gateway::with(echo.address, &format!("listen.http2 = true\n{more}"));
        Self { echo, gateway }
    }

    /// Sends a case's bytes on a connection of its own and returns the result of its first stream, with all users that
    /// upstream was asked to delete.
    async fn play(&self, sent: &[u8]) -> (End, HashMap<String, usize>) {
        let mut neighbour = Frames::connect(self.gateway.address).await;
        let mut frames = Frames::connect(self.gateway.address).await;
        frames.write(sent).await;
        let heard = frames.hear(1).await;
        neighbour.ask(1, &get(BESIDE)).await;
        assert_eq!(neighbour.hear(1).await.status(), Some(200), "another connection");
        let end = End::of(&heard);
        if !matches!(end, End::Gone | End::Left) {
            frames.ask(99, &get(BEHIND)).await;
            assert_eq!(frames.hear(99).await.status(), Some(200), "the stream behind it");
        }
        (end, self.echo.take_seen())
    }

    /// The result of the first stream, on a connection of its own.
    async fn play_alone(&self, sent: &[u8]) -> Heard {
        let mut frames = Frames::connect(self.gateway.address).await;
        frames.write(sent).await;
        timeout(PATIENCE, frames.hear(1)).await.expect("an end")
    }

    /// Plays all cases and shows every one whose result is wrong.
    async fn hold(&self, cases: Vec<(&'static str, Vec<u8>, End)>) {
        let mut untrue = Vec::new();
        for (name, sent, expected) in cases {
            let Ok((end, mut seen)) = timeout(PATIENCE, self.play(&sent)).await else {
                untrue.push(format!("{name}: it hangs"));
                continue;
            };
            let odd = seen.remove(&ODD.to_string()).unwrap_or(0);
            if end != expected || odd != usize::from(expected == End::Served) {
                untrue.push(format!("{name}: {end:?}, and upstream heard {odd} times of it"));
            }
            let others = HashMap::from([(BESIDE.to_string(), 1), (BEHIND.to_string(), 1)]);
            let others = others
                .into_iter()
                .filter(|(uid, _)| *uid == BESIDE.to_string() || !matches!(end, End::Gone | End::Left));
            assert_eq!(seen, others.collect(), "{name}: upstream heard of others");
        }
        assert!(untrue.is_empty(), "{} do not hold:\n{}", untrue.len(), untrue.join("\n"));
    }
}
