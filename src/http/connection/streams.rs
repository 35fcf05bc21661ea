//! The requests that are open at once on one HTTP/2 connection: the phase of each, and how long it may last.

use tokio::time::Instant;

use crate::http::connection::phase::Phase;

/// The open requests. Their number is capped for each connection, so that a look at all of them is short.
#[derive(Default)]
pub struct Streams(Vec<Option<OpenStream>>);

#[derive(Clone, Copy)]
struct OpenStream {
    phase: Phase,
    since: Instant,
    until: Instant,
}

/// Whose phase is the connection's: a request that waits for the gateway comes first, whatever the others wait
/// for, then one whose body is missing, then one whose answer is not taken.
const ORDER: [Phase; 3] = [Phase::Serving, Phase::Body, Phase::Taking];

impl Streams {
    /// Adds a request that is in `phase` from `since` on and until `until` at the latest; returns its place.
    pub fn open(&mut self, phase: Phase, since: Instant, until: Instant) -> usize {
        let stream = Some(OpenStream { phase, since, until });
        if let Some(place) = self.0.iter().position(Option::is_none) {
            self.0[place] = stream;
            return place;
        }
        self.0.push(stream);
        self.0.len() - 1
    }

    /// Moves a request to another phase.
    pub fn enter(&mut self, place: usize, phase: Phase, since: Instant, until: Instant) {
        if let Some(stream) = self.0.get_mut(place) {
            *stream = Some(OpenStream { phase, since, until });
        }
    }

    /// Removes a request.
    pub fn close(&mut self, place: usize) {
        if let Some(stream) = self.0.get_mut(place) {
            *stream = None;
        }
    }

    /// The phase of the connection, and since when: that of the oldest request in it. `None` if none is open.
    #[must_use]
    pub fn stand(&self) -> Option<(Phase, Instant)> {
        ORDER.into_iter().find_map(|phase| {
            let since = self.all().filter(|stream| stream.phase == phase).map(|stream| stream.since).min();
            Some((phase, since?))
        })
    }

    /// When the first request is overdue.
    #[must_use]
    pub fn until(&self) -> Option<Instant> {
        self.all().map(|stream| stream.until).min()
    }

    fn all(&self) -> impl Iterator<Item = &OpenStream> {
        self.0.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Streams;
    use crate::http::connection::phase::Phase;

    #[tokio::test(start_paused = true)]
    async fn a_connection_stands_where_its_oldest_request_does_that_waits_for_us_first_and_then_for_the_client()
     {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut streams = Streams::default();
        assert_eq!((streams.stand(), streams.until()), (None, None));
        let taking = streams.open(Phase::Taking, at(1), at(9));
        let body = streams.open(Phase::Body, at(3), at(7));
        let other = streams.open(Phase::Body, at(2), at(8));
        assert_eq!((streams.stand(), streams.until()), (Some((Phase::Body, at(2))), Some(at(7))));
        streams.enter(body, Phase::Serving, at(5), at(30));
        assert_eq!((streams.stand(), streams.until()), (Some((Phase::Serving, at(5))), Some(at(8))));
        streams.close(body);
        streams.close(other);
        assert_eq!((streams.stand(), streams.until()), (Some((Phase::Taking, at(1))), Some(at(9))));
        assert_eq!(streams.open(Phase::Body, at(6), at(9)), body, "a place is used again");
        streams.close(body);
        streams.close(taking);
        assert_eq!(streams.stand(), None);
    }
}
