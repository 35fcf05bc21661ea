//! Whether the client of a request is still connected: a request that has not been sent upstream is dropped
//! when its client has left.
//!
//! Only requests that have to wait are checked. A client that has ended its sending side and still reads looks
//! like one that has left: in a queue it counts as gone, elsewhere only after a moment, so that it gets its
//! answer where a connection to upstream is made soon.

use std::future::{pending, poll_fn};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};

use crate::http::net::turn;

/// No client gives up and comes again in so short a time.
const A_MOMENT: Duration = Duration::from_millis(200);

/// A request's client, as far as it can be watched.
pub struct Presence(Of);

enum Of {
    Nobody,
    Stream,
    Connection(Arc<TcpStream>),
}

impl Presence {
    /// No client: a request that is made for several clients.
    pub const NOBODY: Self = Self(Of::Nobody);

    /// A client on an HTTP/2 stream; hyper drops the request when the client resets the stream.
    pub const STREAM: Self = Self(Of::Stream);

    /// The client at the other end of `tcp`.
    #[must_use]
    pub fn of(tcp: Arc<TcpStream>) -> Self {
        Self(Of::Connection(tcp))
    }

    /// Lets HTTP/2 drop the request if the client has reset it by now: yields once for its connection to read
    /// the reset, and once for the request to be dropped. Else a request that has waited could go on in the
    /// very turn in which its client has left.
    #[inline]
    pub async fn heed(&self) {
        if let Of::Stream = self.0 {
            turn::yield_to_ready().await;
            turn::yield_to_ready().await;
        }
    }

    /// Whether the client has reset the connection or ended its side, even with unread bytes before the end.
    #[must_use]
    pub fn has_left(&self) -> bool {
        !self.ends().is_empty()
    }

    /// Whether a client that has waited since `since` has left: it has reset the connection, or it has ended
    /// its side and waited for a moment. Before that it may have ended its sending side alone, and still want
    /// its answer.
    #[must_use]
    pub fn has_given_up(&self, since: Instant) -> bool {
        let ends = self.ends();
        ends.intersects(PollFlags::HUP | PollFlags::ERR) || !ends.is_empty() && since.elapsed() >= A_MOMENT
    }

    /// The ends of the connection that the system has seen.
    fn ends(&self) -> PollFlags {
        let Of::Connection(tcp) = &self.0 else {
            return PollFlags::empty();
        };
        let mut all = [PollFd::new(tcp, PollFlags::RDHUP)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        // If the call fails, the client counts as connected.
        if poll(&mut all, Some(&at_once)).is_ok() { all[0].revents() } else { PollFlags::empty() }
    }

    /// Waits until [`Presence::has_given_up`].
    pub async fn given_up(&self, since: Instant) {
        self.left().await;
        if !self.has_given_up(since) {
            sleep_until(since + A_MOMENT).await;
        }
    }

    /// Waits until the client has left.
    pub async fn left(&self) {
        let Of::Connection(tcp) = &self.0 else {
            return pending().await;
        };
        loop {
            if self.has_left() || poll_fn(|cx| tcp.poll_read_ready(cx)).await.is_err() || self.has_left() {
                return;
            }
            // Peeking clears the runtime's readiness if nothing has come after all. If there are bytes, they
            // are the client's next request, which is not read before this one is answered: the client is
            // there, and its leaving raises no event, so it is polled.
            let peeked = tcp.try_io(Interest::READABLE, || Ok(recv(tcp, &mut [0], RecvFlags::PEEK)?));
            if !peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
                sleep(A_MOMENT).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::Poll;

    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use tokio::time::Instant;

    use super::{A_MOMENT, Presence};

    async fn pair() -> (TcpStream, Presence) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a client");
        let (server, _) = listener.accept().await.expect("a connection");
        (client, Presence::of(Arc::new(server)))
    }

    #[tokio::test]
    async fn a_client_has_left_when_it_ends_its_side_or_resets_whatever_it_has_sent() {
        for (sends, resets) in [(false, false), (false, true), (true, false), (true, true)] {
            let (mut client, presence) = pair().await;
            if sends {
                client.write_all(b"more").await.expect("it is sent");
            }
            assert!(!presence.has_left());
            if resets {
                client.set_zero_linger().expect("an option");
            }
            drop(client);
            assert!(presence.has_left());
            presence.left().await;
        }
    }

    #[tokio::test]
    async fn who_may_have_ended_the_sending_side_alone_has_given_up_after_a_moment() {
        let since = Instant::now();
        let (mut client, presence) = pair().await;
        client.shutdown().await.expect("an end");
        assert!(presence.has_left() && !presence.has_given_up(since));
        assert!(presence.has_given_up(since - A_MOMENT));
        presence.given_up(since).await;
        assert!(presence.has_given_up(since));
        let (client, presence) = pair().await;
        client.set_zero_linger().expect("an option");
        drop(client);
        assert!(presence.has_given_up(Instant::now()), "a reset is no half of an end");
    }

    #[tokio::test]
    async fn whoever_waits_for_it_is_told_also_behind_the_clients_next_request() {
        for sends in [false, true] {
            let (mut client, presence) = pair().await;
            if sends {
                client.write_all(b"G").await.expect("it is sent");
            }
            let mut left = Box::pin(presence.left());
            for _ in 0..10 {
                assert!(waits(&mut left).await, "it is there");
                tokio::task::yield_now().await;
            }
            drop(client);
            left.await;
        }
        assert!(!Presence::NOBODY.has_left());
    }

    /// Polls the future once; whether it is pending.
    async fn waits(future: &mut (impl Future + Unpin)) -> bool {
        poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx).is_pending())).await
    }
}
