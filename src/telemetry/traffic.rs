//! Requests as they come, a line for each, for whoever looks on. While nobody does, a request looks at one number.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How many may look on at once.
pub const MOST_WATCHERS: usize = 8;
/// How often lines are sent, and how many at once: 200 a second are more than people read.
const TURN: Duration = Duration::from_millis(100);
const MOST_A_TURN: usize = 20;
/// How many lines wait for those who look on, all together: a burst is sent within a second, and nobody is behind by more.
const MOST_LINES: usize = 10 * MOST_A_TURN;
/// After so long without a line a comment is sent, by which a client that has left is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The lines of all workers, and who looks on.
#[derive(Default)]
pub struct Traffic {
    watchers: AtomicUsize,
    lines: Mutex<Lines>,
}

#[derive(Default)]
struct Lines {
    /// The number of the next line.
    next: u64,
    /// The last ones, as JSON objects.
    last: VecDeque<Arc<str>>,
}

/// One who looks on, until it is dropped.
struct Watcher(Arc<Traffic>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Relaxed);
    }
}

impl Traffic {
    /// Whether somebody looks on.
    #[inline]
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watchers.load(Relaxed) > 0
    }

    /// How many look on.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.watchers.load(Relaxed)
    }

    /// Adds a line: a JSON object with something in it.
    pub fn add(&self, line: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.last.len() == MOST_LINES {
            lines.last.pop_front();
        }
        lines.last.push_back(line.into());
        lines.next += 1;
    }

    /// Server-sent events (HTML Living Standard, 9.2) of the lines that come from now on, until the receiver is
    /// dropped; nothing if too many look on. Who takes them slowly misses lines, and is told how many.
    ///
    /// To be called within a runtime, on which the events are made.
    #[must_use]
    pub fn watch(self: &Arc<Self>) -> Option<mpsc::Receiver<Bytes>> {
        let entered = self
            .watchers
            .fetch_update(Relaxed, Relaxed, |count| (count < MOST_WATCHERS).then_some(count + 1));
        entered.ok()?;
        let watcher = Watcher(self.clone());
        let from = self.lines.lock().unwrap_or_else(PoisonError::into_inner).next;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(tell(watcher, from, sender));
        Some(receiver)
    }

    /// The lines from number `from` on, no more than a turn has; how many were missed; and the number of the next.
    fn since(&self, from: u64) -> (Vec<(u64, Arc<str>)>, u64, u64) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let first = from.max(lines.next - lines.last.len() as u64);
        let start = lines.last.len() - usize::try_from(lines.next - first).unwrap_or_default();
        let taken: Vec<_> = (first..).zip(lines.last.iter().skip(start).take(MOST_A_TURN).cloned()).collect();
        let next = first + taken.len() as u64;
        (taken, first - from, next)
    }
}

/// Sends what comes to one who looks on.
async fn tell(watcher: Watcher, mut from: u64, sender: mpsc::Sender<Bytes>) {
    let mut turns = interval(TURN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Instant::now();
    // The first event opens the page's stream, also where nothing comes for long.
    let mut events = String::from("retry: 2000\n\n");
    loop {
        if !events.is_empty() {
            told = Instant::now();
            if sender.send(Bytes::from(std::mem::take(&mut events))).await.is_err() {
                return;
            }
        }
        tokio::select! {
            _ = turns.tick() => {}
            () = sender.closed() => return,
        }
        let (lines, missed, next) = watcher.0.since(from);
        from = next;
        if missed > 0 {
            let _ = write!(events, "event: missed\ndata: {{\"lines\":{missed}}}\n\n");
        }
        for (number, line) in lines {
            let members = line.strip_prefix('{').unwrap_or("}");
            let _ = write!(events, "event: line\nid: {number}\ndata: {{\"n\":{number},{members}\n\n");
        }
        if events.is_empty() && told.elapsed() >= HEARTBEAT {
            events.push_str(": nothing new\n\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc::Receiver;

    use super::{Bytes, MOST_A_TURN, MOST_LINES, MOST_WATCHERS, Traffic};

    async fn next(events: &mut Receiver<Bytes>) -> String {
        String::from_utf8(events.recv().await.expect("an event").to_vec()).expect("text")
    }

    #[tokio::test(start_paused = true)]
    async fn lines_reach_who_looks_on_and_nobody_else_is_looked_for() {
        let traffic = Arc::new(Traffic::default());
        assert!(!traffic.is_watched());
        traffic.add("{\"before\":1}");
        let mut events = traffic.watch().expect("room");
        assert!(traffic.is_watched());
        assert_eq!(next(&mut events).await, "retry: 2000\n\n");
        traffic.add("{\"a\":1}");
        traffic.add("{\"a\":2}");
        assert_eq!(
            next(&mut events).await,
            "event: line\nid: 1\ndata: {\"n\":1,\"a\":1}\n\nevent: line\nid: 2\ndata: {\"n\":2,\"a\":2}\n\n"
        );
        assert_eq!(next(&mut events).await, ": nothing new\n\n");
        drop(events);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(!traffic.is_watched(), "who has left is noticed");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_lines_slowly_is_told_how_many_were_missed_and_holds_up_nobody() {
        let traffic = Arc::new(Traffic::default());
        let mut events = traffic.watch().expect("room");
        assert_eq!(next(&mut events).await, "retry: 2000\n\n");
        for number in 0..3 * MOST_LINES {
            traffic.add(&format!("{{\"a\":{number}}}"));
        }
        let told = next(&mut events).await;
        let missed = 2 * MOST_LINES;
        assert!(told.starts_with(&format!("event: missed\ndata: {{\"lines\":{missed}}}\n\n")), "{told}");
        assert_eq!(told.matches("event: line").count(), MOST_A_TURN);
        let last = missed + MOST_A_TURN - 1;
        assert!(told.ends_with(&format!("data: {{\"n\":{last},\"a\":{last}}}\n\n")), "{told}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_sent_turn_by_turn_and_none_of_it_is_missed() {
        let traffic = Arc::new(Traffic::default());
        let mut events = traffic.watch().expect("room");
        assert_eq!(next(&mut events).await, "retry: 2000\n\n");
        for number in 0..MOST_LINES {
            traffic.add(&format!("{{\"a\":{number}}}"));
        }
        let mut told = String::new();
        while told.matches("event: line").count() < MOST_LINES {
            told.push_str(&next(&mut events).await);
        }
        assert!(!told.contains("missed"), "{told}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_look_on_than_there_is_room_for() {
        let traffic = Arc::new(Traffic::default());
        let mut all: Vec<_> = (0..MOST_WATCHERS).map(|_| traffic.watch().expect("room")).collect();
        assert!(traffic.watch().is_none());
        all.pop();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(traffic.watch().is_some());
    }
}
