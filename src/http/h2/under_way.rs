//! One of many requests on a connection, from its head until the client has taken the last byte of its answer.

use bytes::Bytes;
use tokio::time::Instant;

use crate::config::Deadlines;
use crate::http::connection::io::time_to_take;
use crate::http::connection::memory::Link;
use crate::http::connection::phase::Phase;

/// A request; it has ended when this is dropped.
pub struct UnderWay {
    link: Link,
    place: usize,
    deadlines: Deadlines,
    /// The answer, until it is taken.
    pub bytes: Bytes,
}

impl UnderWay {
    /// Begins, with its body still to come or served already.
    pub fn begin(link: Link, phase: Phase, deadlines: &Deadlines) -> Self {
        let place = link.state.open(phase, until(phase, deadlines));
        Self { link, place, deadlines: *deadlines, bytes: Bytes::new() }
    }

    /// The connection that it is on.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// All of the request has come.
    pub fn is_whole(&self) {
        self.link.state.go_on(self.place, Phase::Serving, until(Phase::Serving, &self.deadlines));
    }

    /// There is an answer of so many bytes, which the client has to take. A client can leave it lying by means of
    /// HTTP/2's own, which no socket shows.
    pub fn is_answered(&self, bytes: usize) {
        let until = Instant::now() + time_to_take(bytes, self.deadlines.write);
        self.link.state.go_on(self.place, Phase::Taking, until);
    }
}

/// When the connection is ended, at the latest, if the request does not leave the phase that it is in: the handler
/// has a deadline of its own for each, and some time to tell.
fn until(phase: Phase, deadlines: &Deadlines) -> Instant {
    let Deadlines { body, queue, total, write, .. } = *deadlines;
    let time = if phase == Phase::Body { body } else { queue + total };
    Instant::now() + time + write
}

impl AsRef<[u8]> for UnderWay {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.link.state.close(self.place);
    }
}
