//! One of many requests on an HTTP/2 connection, from its head until the client has taken the last byte of its
//! answer.

use bytes::Bytes;
use tokio::time::Instant;

use crate::config::Deadlines;
use crate::http::connection::io::time_to_take;
use crate::http::connection::memory::Link;
use crate::http::connection::phase::Phase;

/// A request, which ends when this is dropped.
pub struct UnderWay {
    link: Link,
    place: usize,
    deadlines: Deadlines,
    /// The answer's body, until the client has taken it.
    pub bytes: Bytes,
}

impl UnderWay {
    /// Begins a request in `phase`: its body is still to come, or it is served already.
    pub fn begin(link: Link, phase: Phase, deadlines: &Deadlines) -> Self {
        let place = link.state.open(phase, until(phase, deadlines));
        Self { link, place, deadlines: *deadlines, bytes: Bytes::new() }
    }

    /// The connection that the request came on.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Marks the request as whole.
    pub fn is_whole(&self) {
        self.link.state.go_on(self.place, Phase::Serving, until(Phase::Serving, &self.deadlines));
    }

    /// Marks the request as answered, with `bytes` bytes that the client has to take. An HTTP/2 client can
    /// leave them lying by flow control, which no socket shows.
    pub fn is_answered(&self, bytes: usize) {
        let until = Instant::now() + time_to_take(bytes, self.deadlines.write);
        self.link.state.go_on(self.place, Phase::Taking, until);
    }
}

/// When the connection is closed if the request does not leave its phase: later than the handler's own
/// deadline, which leaves time to answer.
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
