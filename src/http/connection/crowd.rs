//! The connections of one worker: how many there are, and which one makes room when all places are
//! taken.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::heading::{Heading, Phase};

/// A worker's connections.
#[derive(Clone)]
pub struct Crowd {
    members: Arc<Mutex<Members>>,
    most: usize,
}

#[derive(Default)]
struct Members {
    next: u64,
    known: HashMap<u64, (Arc<Heading>, AbortHandle)>,
    /// Places that are taken.
    taken: usize,
}

/// A connection's place, until it is dropped.
pub struct Place {
    members: Arc<Mutex<Members>>,
    number: u64,
}

/// How long a head and a body may take before their connection may have to go: on a sound network they
/// take less, and whoever comes with a request in hand must not wait for those that trickle.
const PATIENCE_WITH_HEAD: Duration = Duration::from_millis(20);
const PATIENCE_WITH_BODY: Duration = Duration::from_millis(100);

impl Crowd {
    /// A crowd of at most `most`.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { members: Arc::default(), most }
    }

    /// Whether all places are taken.
    #[must_use]
    pub fn is_full(&self) -> bool {
        lock(&self.members).taken >= self.most
    }

    /// Whether one more can come: a place is free, or somebody can be asked to go.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let members = lock(&self.members);
        members.taken < self.most || members.longest_waited_for().is_some()
    }

    /// Whether somebody may still bring a first request: within `patience`, a handshake's end counted
    /// as the beginning.
    #[must_use]
    pub fn has_newcomers(&self, patience: Duration) -> bool {
        let now = Instant::now();
        lock(&self.members).known.values().any(|(heading, _)| match heading.phase() {
            (Phase::Shaking, _) => true,
            (Phase::Silent, since) => now.duration_since(since) < patience,
            _ => false,
        })
    }

    /// Whether somebody speaks HTTP/1, or may still do so.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        lock(&self.members).known.values().any(|(heading, _)| heading.is_of_lines())
    }

    /// Ends the connections on which no request has begun, as each of them sees fit.
    pub fn dismiss_all(&self) {
        lock(&self.members).known.values().for_each(|(heading, _)| heading.dismiss());
    }

    /// Ends the connection that has kept us waiting for a request longest; `false`: none does.
    pub fn make_room(&self) -> bool {
        lock(&self.members).dismiss()
    }

    /// A place for one more. Where all are taken, whoever has kept us waiting longest has to go;
    /// `None`: nobody does.
    #[must_use]
    pub fn enter(&self) -> Option<Place> {
        let mut members = lock(&self.members);
        if members.taken >= self.most && !members.dismiss() {
            return None;
        }
        members.taken += 1;
        members.next += 1;
        Some(Place { members: self.members.clone(), number: members.next })
    }

    /// Says whose place it is, and how its connection is ended.
    pub fn know(&self, number: u64, heading: Arc<Heading>, task: AbortHandle) {
        lock(&self.members).known.insert(number, (heading, task));
    }
}

impl Place {
    /// Its number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut members = lock(&self.members);
        members.known.remove(&self.number);
        members.taken -= 1;
    }
}

impl Members {
    /// Those who send nothing go before those who send too slowly, and who has sent a head goes last.
    fn longest_waited_for(&self) -> Option<u64> {
        let now = Instant::now();
        let waiting = self.known.iter().filter_map(|(number, (heading, _))| {
            let (phase, since) = heading.phase();
            let (rank, patience) = match phase {
                Phase::Serving => return None,
                Phase::Shaking | Phase::Silent | Phase::Resting | Phase::Leaving => (0, Duration::ZERO),
                Phase::Head => (1, PATIENCE_WITH_HEAD),
                Phase::Body => (2, PATIENCE_WITH_BODY),
            };
            (now.duration_since(since) >= patience).then_some((rank, since, *number))
        });
        waiting.min().map(|(_, _, number)| number)
    }

    fn dismiss(&mut self) -> bool {
        let Some(number) = self.longest_waited_for() else {
            return false;
        };
        // Its place is free when its task has ended, which is before the next connection is taken.
        if let Some((_, task)) = self.known.remove(&number) {
            task.abort();
        }
        true
    }
}

fn lock(members: &Mutex<Members>) -> MutexGuard<'_, Members> {
    members.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::task::{JoinHandle, yield_now};
    use tokio::time::advance;

    use super::{Crowd, PATIENCE_WITH_BODY, PATIENCE_WITH_HEAD};
    use crate::http::connection::heading::{Heading, Phase};

    /// A connection that stays until it is ended.
    fn come(crowd: &Crowd, phase: Phase) -> (Arc<Heading>, JoinHandle<()>) {
        let place = crowd.enter().expect("a place");
        let number = place.number();
        let heading = Arc::new(Heading::new(Ipv4Addr::LOCALHOST.into()));
        heading.enter(phase);
        let task = tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(place);
        });
        crowd.know(number, heading.clone(), task.abort_handle());
        (heading, task)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_kept_us_waiting_longest_makes_room_and_nobody_who_is_served() {
        let crowd = Crowd::new(3);
        let (_, served) = come(&crowd, Phase::Serving);
        advance(Duration::from_secs(1)).await;
        let (_, first) = come(&crowd, Phase::Silent);
        advance(Duration::from_millis(1)).await;
        let (_, second) = come(&crowd, Phase::Resting);
        assert!(crowd.is_full() && crowd.has_room());
        let (third, _) = come(&crowd, Phase::Serving);
        assert!(first.await.is_err_and(|ended| ended.is_cancelled()));
        let (fourth, _) = come(&crowd, Phase::Serving);
        assert!(second.await.is_err_and(|ended| ended.is_cancelled()));
        yield_now().await;
        assert!(!crowd.has_room() && crowd.enter().is_none(), "all are served");
        third.enter(Phase::Body);
        fourth.enter(Phase::Head);
        assert!(!crowd.has_room(), "a head and a body may take a moment");
        advance(PATIENCE_WITH_HEAD).await;
        let (fifth, _) = come(&crowd, Phase::Serving);
        yield_now().await;
        assert!(!crowd.has_room(), "the head has gone, and the body has its time");
        advance(PATIENCE_WITH_BODY).await;
        assert!(crowd.has_room());
        fifth.enter(Phase::Resting);
        let (_, _) = come(&crowd, Phase::Serving);
        assert!(!served.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn newcomers_have_their_time_from_the_end_of_their_handshake() {
        let (crowd, time) = (Crowd::new(9), Duration::from_secs(1));
        let (heading, _) = come(&crowd, Phase::Shaking);
        advance(9 * time).await;
        assert!(crowd.has_newcomers(time));
        heading.enter(Phase::Silent);
        assert!(crowd.has_newcomers(time));
        advance(time).await;
        assert!(!crowd.has_newcomers(time));
        let (_, _) = come(&crowd, Phase::Serving);
        assert!(!crowd.has_newcomers(time));
    }
}
