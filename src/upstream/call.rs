//! One call: a request goes on an idle connection or on a fresh one, and an answer comes back, or none.

use tokio::time::{Instant, timeout_at};

use crate::http::net::turn;
use crate::protocol::reject::Reject;
use crate::upstream::asker::Asker;
use crate::upstream::exchange::{Bounds, ExchangeFailure};
use crate::upstream::gate::Seat;
use crate::upstream::outgoing::OutgoingRequest;
use crate::upstream::pool::Handle;
use crate::upstream::reading::{Manner, ReadFault};
use crate::upstream::{Answer, Upstream, tunnel};

/// The longest request that waits for the end of the turn, in bytes: a longer one would have left the
/// processor's cache by then.
const MOST_WAITING: usize = 4 * 1024;

pub const UNREACHABLE: &str = "upstream could not be reached";
pub const NO_TIME: &str = "upstream could not be reached in what was left of the time (deadline.total)";
const SLOW_CONNECT: &str = "upstream could not be reached in time (deadline.connect)";
pub const SLOW_FIRST_BYTE: &str = "upstream did not answer in time (deadline.upstream_first_byte)";
pub const SLOW_TOTAL: &str = "upstream did not finish its answer in time (deadline.total)";
const BROKE_OFF: &str = "upstream broke the connection off without a whole answer";
pub const TWO_LENGTHS: &str = "upstream's answer says its length in two ways, so its end is not sure";

impl Upstream {
    /// Sends the request on an idle connection or a fresh one. Deadlines count from the time at which the seat
    /// was taken, which may be a turn old: they are a thousand turns long, and reading the clock takes time
    /// too.
    pub(super) async fn call(
        &self,
        outgoing: &mut OutgoingRequest,
        asker: &Asker<'_>,
        seat: &Seat<'_>,
        until: Instant,
    ) -> Result<(Answer, Manner, Instant), Reject> {
        let mut now = seat.since;
        outgoing.asked.again();
        if outgoing.bytes().len() <= MOST_WAITING {
            // The turn ends before a connection is taken, so that what arrives on it meanwhile is noticed.
            turn::yield_to_ready().await;
        }
        if seat.is_late {
            asker.presence.heed().await;
        }
        loop {
            let (mut handle, fresh) = match self.pool.take(now) {
                Some(handle) => (handle, false),
                None => (self.connected(asker, until).await?, true),
            };
            // From here on, the request may have been sent.
            if seat.is_late && asker.presence.has_left() || fresh && asker.presence.has_given_up(now) {
                return Err(Reject::ClientLeft);
            }
            if fresh {
                now = Instant::now();
            }
            outgoing.asked.is_reused = Some(!fresh);
            if let Some(traced) = &mut outgoing.traced {
                traced.meets(handle.connection.peer());
            }
            let first_byte = until.min(now + self.terms.first_byte);
            let bounds = Bounds { first_byte, until, most: self.terms.most_answer };
            match handle.connection.exchange(outgoing, bounds).await {
                Ok((answer, manner)) => {
                    let at = Instant::now();
                    self.pool.put(handle, at);
                    return Ok((answer, manner, at));
                }
                // The idle connection had ended: only then is the request sent on the next one.
                Err(ExchangeFailure::Unsent) if !fresh => {}
                Err(failure) => return Err(told(failure)),
            }
        }
    }

    /// Opens a connection.
    async fn connected(&self, asker: &Asker<'_>, until: Instant) -> Result<Handle, Reject> {
        let began = Instant::now();
        let due = began + self.terms.connect;
        // Boxed: connecting is rare and its future large, and every request's future holds it.
        let connecting = Box::pin(timeout_at(until.min(due), self.connector.connect()));
        let connected = tokio::select! {
            biased;
            connected = connecting => connected,
            () = asker.presence.given_up(began) => return Err(Reject::ClientLeft),
        };
        asker.presence.heed().await;
        match connected {
            Ok(Ok(connection)) => Ok(Handle::new(connection, self.terms.connecting.age)),
            // One address may run out of time at the same moment as all of them.
            Ok(Err(error)) if Instant::now() < until.min(due) => {
                if let Some(untold) = self.site.unreached.now() {
                    tracing::warn!(upstream = self.site.name, %error, untold, "upstream could not be reached");
                }
                Err(Reject::UpstreamDown(tunnel::told(&error).unwrap_or(UNREACHABLE)))
            }
            Ok(Err(_)) | Err(_) if until < due => Err(Reject::UpstreamDown(NO_TIME)),
            Ok(Err(_)) | Err(_) => Err(Reject::UpstreamDown(SLOW_CONNECT)),
        }
    }
}

pub fn told(failure: ExchangeFailure) -> Reject {
    match failure {
        ExchangeFailure::Unsent => Reject::UpstreamDown(UNREACHABLE),
        ExchangeFailure::SlowFirstByte => Reject::Timeout(SLOW_FIRST_BYTE),
        ExchangeFailure::SlowTotal => Reject::Timeout(SLOW_TOTAL),
        ExchangeFailure::Fault(ReadFault::Broken) => Reject::BadAnswer(BROKE_OFF),
        ExchangeFailure::Fault(ReadFault::TwoLengths) => Reject::BadAnswer(TWO_LENGTHS),
        ExchangeFailure::Fault(ReadFault::Oversize) => Reject::OVERSIZE,
        ExchangeFailure::Fault(ReadFault::Named(why)) => Reject::BadAnswer(why),
    }
}
