//! The connections of one worker: how many there are, what their requests take of its memory, and which one
//! makes room when all places are taken or all memory is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::http::connection::phase::Phase;
use crate::http::connection::share::beyond;
use crate::http::connection::state::ConnectionState;

/// A worker's connections.
#[derive(Clone)]
pub struct Connections {
    members: Arc<Mutex<ConnectionTable>>,
    /// What requests take beyond their connections' own memory, in bytes.
    memory: Arc<AtomicUsize>,
    most: usize,
    /// Told of each that had to go.
    dismissed: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct ConnectionTable {
    next: u64,
    known: HashMap<u64, (Arc<ConnectionState>, AbortHandle)>,
    /// Places that are taken.
    taken: usize,
}

/// A connection's place, until it is dropped.
pub struct Slot {
    members: Arc<Mutex<ConnectionTable>>,
    number: u64,
}

/// How long a head and a body may take, and an answer may lie, before their connection may have to go: on a
/// sound network they take less, and whoever comes with a request in hand must not wait for those that trickle.
const PATIENCE_WITH_HEAD: Duration = Duration::from_millis(20);
const PATIENCE_WITH_BODY: Duration = Duration::from_millis(100);
const PATIENCE_WITH_ANSWER: Duration = Duration::from_millis(500);

impl Connections {
    /// A crowd of at most `most`; `dismissed` is told of each that has to go to make room.
    #[must_use]
    pub fn new(most: usize, dismissed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { members: Arc::default(), memory: Arc::default(), most, dismissed: Arc::new(dismissed) }
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
        members.taken < self.most || members.longest_waited_for(|_| true).is_some()
    }

    /// Whether somebody may still bring a first request: within `patience`, a handshake's end counted
    /// as the beginning.
    #[must_use]
    pub fn has_newcomers(&self, patience: Duration) -> bool {
        let now = Instant::now();
        lock(&self.members).known.values().any(|(state, _)| match state.phase() {
            (Phase::Shaking, _) => true,
            (Phase::Silent, since) => now.duration_since(since) < patience,
            _ => false,
        })
    }

    /// Whether somebody speaks HTTP/1, or may still do so.
    #[must_use]
    pub fn has_h1(&self) -> bool {
        lock(&self.members).known.values().any(|(state, _)| state.is_h1())
    }

    /// Whether anybody is still there.
    #[must_use]
    pub fn has_anybody(&self) -> bool {
        !lock(&self.members).known.is_empty()
    }

    /// Ends the connections on which no request has begun, as each of them sees fit.
    pub fn dismiss_all(&self) {
        lock(&self.members).known.values().for_each(|(state, _)| state.dismiss());
    }

    /// Tells the connections of HTTP/2 to end: that protocol has a frame for it, GOAWAY, by which no request is lost
    /// (RFC 9113, section 6.8).
    pub fn dismiss_h2(&self) {
        let members = lock(&self.members);
        let framed = members.known.values().filter(|(state, _)| !state.is_h1());
        framed.for_each(|(state, _)| state.dismiss());
    }

    /// Ends the connection that has kept us waiting for a request longest; `false`: none does.
    #[must_use]
    pub fn make_room(&self) -> bool {
        self.dismiss_longest(&mut lock(&self.members))
    }

    /// Takes memory for `own` beyond what connections have of their own, of which there may be `most`. Where there
    /// is not enough, whoever has kept us waiting longest with a long request has to go; `false`: nobody has, or
    /// it is `own` itself.
    #[must_use]
    pub fn reserve(&self, own: &ConnectionState, bytes: usize, most: usize) -> bool {
        let one_more = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= most);
        while self.memory.fetch_update(Relaxed, Relaxed, one_more).is_err() {
            if bytes > most || !self.make_memory(own) {
                return false;
            }
        }
        true
    }

    fn make_memory(&self, own: &ConnectionState) -> bool {
        let members = lock(&self.members);
        let longest = members.longest_waited_for(|state| beyond(state.memory()) > 0);
        let other = longest
            .filter(|it| !members.known.get(it).is_some_and(|(it, _)| std::ptr::eq(Arc::as_ptr(it), own)));
        let Some((state, _)) = other.and_then(|it| members.known.get(&it)) else {
            return false;
        };
        // Its task is told, and tells its client; its memory is promised to another already.
        self.release(state.give_all_memory());
        state.evict();
        drop(members);
        (self.dismissed)();
        true
    }

    /// Gives such memory back.
    pub fn release(&self, bytes: usize) {
        if bytes > 0 {
            self.memory.fetch_sub(bytes, Relaxed);
        }
    }

    /// Ends a connection. Its place is free when its task has ended, which is before the next connection is taken.
    fn dismiss(&self, members: &mut ConnectionTable, number: u64) -> bool {
        let Some((state, task)) = members.known.remove(&number) else {
            return false;
        };
        self.release(state.give_all_memory());
        state.evict();
        task.abort();
        (self.dismissed)();
        true
    }

    fn dismiss_longest(&self, members: &mut ConnectionTable) -> bool {
        members.longest_waited_for(|_| true).is_some_and(|number| self.dismiss(members, number))
    }

    /// A place for one more. Where all are taken, whoever has kept us waiting longest has to go;
    /// `None`: nobody does.
    #[must_use]
    pub fn enter(&self) -> Option<Slot> {
        let mut members = lock(&self.members);
        if members.taken >= self.most && !self.dismiss_longest(&mut members) {
            return None;
        }
        members.taken += 1;
        members.next += 1;
        Some(Slot { members: self.members.clone(), number: members.next })
    }

    /// Says whose place it is, and how its connection is ended.
    pub fn know(&self, number: u64, state: Arc<ConnectionState>, task: AbortHandle) {
        lock(&self.members).known.insert(number, (state, task));
    }
}

impl Slot {
    /// Its number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut members = lock(&self.members);
        members.known.remove(&self.number);
        members.taken -= 1;
    }
}

impl ConnectionTable {
    /// Of those that may go: who sends nothing goes before who sends too slowly, then who has sent a head, and
    /// who does not take an answer goes last.
    fn longest_waited_for(&self, may_go: impl Fn(&ConnectionState) -> bool) -> Option<u64> {
        let now = Instant::now();
        let waiting = self.known.iter().filter_map(|(number, (state, _))| {
            let (phase, since) = state.phase();
            let (rank, patience) = match phase {
                Phase::Serving => return None,
                Phase::Shaking | Phase::Silent | Phase::Resting | Phase::Leaving => (0, Duration::ZERO),
                Phase::Head => (1, PATIENCE_WITH_HEAD),
                Phase::Body => (2, PATIENCE_WITH_BODY),
                Phase::Taking => (3, PATIENCE_WITH_ANSWER),
            };
            (now.duration_since(since) >= patience && may_go(state)).then_some((rank, since, *number))
        });
        waiting.min().map(|(_, _, number)| number)
    }
}

fn lock(members: &Mutex<ConnectionTable>) -> MutexGuard<'_, ConnectionTable> {
    members.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::sync::atomic::Ordering::Relaxed;
    use std::time::Duration;

    use tokio::task::{JoinHandle, yield_now};
    use tokio::time::{Instant, advance};

    use super::{Connections, PATIENCE_WITH_ANSWER, PATIENCE_WITH_BODY, PATIENCE_WITH_HEAD};
    use crate::http::connection::memory::{Full, Link, Reservation};
    use crate::http::connection::phase::Phase;
    use crate::http::connection::share::OWN;
    use crate::http::connection::state::ConnectionState;

    /// A connection that stays until it is ended.
    fn come(connections: &Connections, phase: Phase) -> (Arc<ConnectionState>, JoinHandle<()>) {
        let place = connections.enter().expect("a place");
        let number = place.number();
        let state = Arc::new(ConnectionState::new(Ipv4Addr::LOCALHOST.into()));
        state.enter(phase);
        let task = tokio::spawn(async move {
            std::future::pending::<()>().await;
            drop(place);
        });
        connections.know(number, state.clone(), task.abort_handle());
        (state, task)
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_kept_us_waiting_longest_makes_room_and_nobody_who_is_served() {
        let connections = Connections::new(3, || {});
        let (_, served) = come(&connections, Phase::Serving);
        advance(Duration::from_secs(1)).await;
        let (_, first) = come(&connections, Phase::Silent);
        advance(Duration::from_millis(1)).await;
        let (_, second) = come(&connections, Phase::Resting);
        assert!(connections.is_full() && connections.has_room());
        let (third, _) = come(&connections, Phase::Serving);
        assert!(first.await.is_err_and(|ended| ended.is_cancelled()));
        let (fourth, _) = come(&connections, Phase::Serving);
        assert!(second.await.is_err_and(|ended| ended.is_cancelled()));
        yield_now().await;
        assert!(!connections.has_room() && connections.enter().is_none(), "all are served");
        third.enter(Phase::Body);
        fourth.enter(Phase::Head);
        assert!(!connections.has_room(), "a head and a body may take a moment");
        advance(PATIENCE_WITH_HEAD).await;
        let (fifth, _) = come(&connections, Phase::Serving);
        yield_now().await;
        assert!(!connections.has_room(), "the head has gone, and the body has its time");
        advance(PATIENCE_WITH_BODY).await;
        assert!(connections.has_room());
        fifth.enter(Phase::Resting);
        let (_, _) = come(&connections, Phase::Serving);
        assert!(!served.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_lets_an_answer_lie_makes_room_after_a_moment() {
        let connections = Connections::new(1, || {});
        let (_, lies) = come(&connections, Phase::Taking);
        assert!(!connections.has_room());
        advance(PATIENCE_WITH_ANSWER).await;
        let (_, _) = come(&connections, Phase::Serving);
        assert!(lies.await.is_err_and(|ended| ended.is_cancelled()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_http_2_connection_makes_room_unless_a_request_of_its_waits_for_us() {
        let connections = Connections::new(1, || {});
        let (state, task) = come(&connections, Phase::Silent);
        state.speaks_h2();
        let later = Instant::now() + Duration::from_hours(1);
        let [body, other] = [(); 2].map(|()| state.open(Phase::Body, later));
        state.go_on(other, Phase::Serving, later);
        advance(PATIENCE_WITH_BODY).await;
        assert!(!connections.has_room(), "one of its requests is served");
        state.close(other);
        assert!(connections.has_room(), "what is left has kept us waiting for its body");
        state.open(Phase::Body, later);
        assert!(connections.has_room(), "one more does not make the first one young");
        state.close(body);
        assert!(!connections.has_room());
        advance(PATIENCE_WITH_BODY).await;
        let (_, _) = come(&connections, Phase::Serving);
        assert!(task.await.is_err_and(|ended| ended.is_cancelled()));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_kept_us_waiting_longest_with_a_long_request_makes_room_for_the_next() {
        let connections = Connections::new(9, || {});
        let hold = |state: &Arc<ConnectionState>, bytes| {
            let mut held =
                Reservation::nothing(Link { state: state.clone(), connections: connections.clone() });
            held.grow(bytes, MOST).map(|()| held)
        };
        let (_, _silent) = come(&connections, Phase::Silent);
        let (short, short_task) = come(&connections, Phase::Body);
        let _short = hold(&short, OWN).expect("its own");
        advance(Duration::from_millis(1)).await;
        let (first, first_task) = come(&connections, Phase::Body);
        let first_held = hold(&first, OWN + MOST).expect("all there is");
        let (second, _) = come(&connections, Phase::Body);
        assert_eq!(hold(&second, OWN + 1).err(), Some(Full), "a body may take a moment");
        assert!(hold(&second, OWN).is_ok(), "its own is always there");
        advance(PATIENCE_WITH_BODY).await;
        let second_held = hold(&second, OWN + MOST).expect("room was made");
        first.evicted().await;
        assert!(!first_task.is_finished() && !short_task.is_finished(), "it is told, and tells its client");
        drop(first_held);
        assert_eq!(connections.memory.load(Relaxed), MOST, "it was given back once");
        drop(second_held);
        assert_eq!(connections.memory.load(Relaxed), 0);
        assert!(hold(&short, OWN + MOST + 1).is_err(), "more than there ever is");
    }

    const MOST: usize = 1000;

    #[tokio::test(start_paused = true)]
    async fn newcomers_have_their_time_from_the_end_of_their_handshake() {
        let (connections, time) = (Connections::new(9, || {}), Duration::from_secs(1));
        let (state, _) = come(&connections, Phase::Shaking);
        advance(9 * time).await;
        assert!(connections.has_newcomers(time));
        state.enter(Phase::Silent);
        assert!(connections.has_newcomers(time));
        advance(time).await;
        assert!(!connections.has_newcomers(time));
        let (_, _) = come(&connections, Phase::Serving);
        assert!(!connections.has_newcomers(time));
    }
}
