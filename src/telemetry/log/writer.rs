//! Writes log lines in the background. Each worker adds lines to a buffer of its own (its sheet), so that no request
//! waits for another thread or for a disk; one thread collects the sheets and writes many lines at a time.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use crate::http::net::clock::since_1970;

/// Flush interval, and the bytes of one sheet that cause an earlier flush. A flush costs the same for one line as for a
/// thousand, and may delay a request on a shared core: at these values that is under one request in a hundred. A fuller
/// sheet would not stay in the processor's cache.
const GATHER: Duration = Duration::from_millis(100);
const FULL: usize = 128 * 1024;
/// The bytes of one write, apart from the last line's rest. Many kernels do not preempt a write, so a request on this
/// core waits for it: some 10 µs. In pieces of a quarter, a line costs twice as much.
const PIECE: usize = 16 * 1024;
/// The thread's niceness: on a busy core it gets about a tenth of a worker's share. Otherwise the system would preempt
/// a worker, in the middle of a request, whenever the thread has something to write. It holds a lock only while it
/// swaps two sheets, so its low priority delays no worker.
const NICENESS: i32 = 10;
/// The most bytes on one sheet. If lines cannot be written fast enough, further ones are counted and dropped, and
/// requests go on.
const MOST: usize = 4 * 1024 * 1024;
/// The most bytes of a sheet for requests that were answered without upstream and cache: anyone can send these in any
/// number, and the rest stays free for all others.
const MOST_OF_REFUSED: usize = MOST / 2;
/// The capacity that an empty sheet keeps.
const KEPT: usize = 256 * 1024;

/// Owns the thread; its drop writes what is still on sheets.
pub struct Writer {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Desk {
    sheets: Mutex<Vec<Arc<Mutex<Vec<u8>>>>>,
    /// The thread will check the sheets again without a call. It does until it finds them empty.
    is_awake: AtomicBool,
    /// A sheet is full: the thread must not wait for more lines.
    is_full: AtomicBool,
    is_ended: AtomicBool,
    thread: OnceLock<Thread>,
    lost: AtomicUsize,
    /// When the last line was lost, in seconds since 1970.
    lost_at: AtomicU64,
}

/// The lines that were lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Losses {
    /// How many.
    pub lines: usize,
    /// When the last one was, in seconds since 1970.
    pub last: u64,
}

/// A buffer to which one thread adds lines.
#[derive(Clone)]
pub struct Sheet {
    desk: Arc<Desk>,
    text: Arc<Mutex<Vec<u8>>>,
}

impl Writer {
    /// Starts a thread that writes to `out`.
    ///
    /// # Errors
    /// The system's error, if the thread cannot be started.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        Self::start_with(GATHER, out)
    }

    fn start_with(gather: Duration, out: impl Write + Send + 'static) -> io::Result<Self> {
        let desk = Arc::<Desk>::default();
        let known = desk.clone();
        let write = move || {
            // On Linux niceness is per thread. If it is refused, requests wait a little more often.
            _ = rustix::process::nice(NICENESS);
            known.run(gather, out);
        };
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn(write)?;
        // Set before the first sheet exists, which is the first to need it.
        _ = desk.thread.set(thread.thread().clone());
        Ok(Self { desk, thread: Some(thread) })
    }

    /// A fresh sheet.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        // The whole capacity at once: growing would copy the lines again and again.
        let text = Arc::new(Mutex::new(Vec::with_capacity(KEPT)));
        lock(&self.desk.sheets).push(text.clone());
        Sheet { desk: self.desk.clone(), text }
    }

    /// Returns a function that says which lines were lost for lack of room.
    pub fn losses(&self) -> impl Fn() -> Losses + use<> {
        let desk = self.desk.clone();
        move || Losses { lines: desk.lost.load(Relaxed), last: desk.lost_at.load(Relaxed) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.desk.is_ended.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread cannot panic, and the log itself has ended.
            _ = thread.join();
        }
    }
}

impl Sheet {
    /// Adds one line; `line` writes it with its line end.
    pub fn add(&self, line: impl FnOnce(&mut Vec<u8>)) {
        self.add_within(MOST, line);
    }

    /// Adds the line of a request that was answered without upstream and cache.
    pub fn add_refused(&self, line: impl FnOnce(&mut Vec<u8>)) {
        self.add_within(MOST_OF_REFUSED, line);
    }

    fn add_within(&self, most: usize, line: impl FnOnce(&mut Vec<u8>)) {
        let mut text = lock(&self.text);
        if text.len() >= most {
            self.desk.lose(1);
            return;
        }
        let before = text.len();
        line(&mut text);
        let is_full = before < FULL && text.len() >= FULL;
        drop(text);
        if before == 0 {
            self.desk.call(&self.desk.is_awake);
        }
        if is_full {
            self.desk.call(&self.desk.is_full);
        }
    }
}

impl Desk {
    /// Wakes the thread for this reason.
    fn call(&self, why: &AtomicBool) {
        if !why.swap(true, SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    fn lose(&self, lines: usize) {
        self.lost.fetch_add(lines, Relaxed);
        self.lost_at.store(since_1970().as_secs(), Relaxed);
    }

    fn run(&self, gather: Duration, mut out: impl Write) {
        let mut spare = Vec::with_capacity(KEPT);
        let is_ended = || self.is_ended.load(SeqCst);
        loop {
            while !self.is_awake.load(SeqCst) && !is_ended() {
                std::thread::park();
            }
            self.let_lines_gather(gather);
            let is_last = is_ended();
            // Cleared before the sheets are read: lines added from now on may be missed.
            self.is_awake.store(false, SeqCst);
            self.is_full.store(false, SeqCst);
            if self.write(&mut out, &mut spare) {
                self.is_awake.store(true, SeqCst);
            }
            if is_last {
                return;
            }
        }
    }

    fn let_lines_gather(&self, gather: Duration) {
        let gathered = Instant::now() + gather;
        while let left @ 1.. = gathered.saturating_duration_since(Instant::now()).as_nanos()
            && !self.is_full.load(SeqCst)
            && !self.is_ended.load(SeqCst)
        {
            std::thread::park_timeout(Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX)));
        }
    }

    /// Writes all sheets; `true` if there was anything to write.
    fn write(&self, out: &mut impl Write, spare: &mut Vec<u8>) -> bool {
        let sheets = lock(&self.sheets).clone();
        let mut found = false;
        for sheet in sheets {
            std::mem::swap(&mut *lock(&sheet), spare);
            found |= !spare.is_empty();
            for piece in pieces(spare) {
                if out.write_all(piece).and_then(|()| out.flush()).is_err() {
                    let lines = memchr::memchr_iter(b'\n', piece).count();
                    self.lose(lines);
                }
            }
            spare.clear();
            spare.shrink_to(KEPT);
        }
        found
    }
}

/// Whole lines, `PIECE` bytes or a little more at a time.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let line_end = rest.get(PIECE..).and_then(|behind| memchr::memchr(b'\n', behind));
        let (piece, behind) = rest.split_at(line_end.map_or(rest.len(), |at| PIECE + at + 1));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Lines of `tracing`, each of which comes in one write.
impl<'s> MakeWriter<'s> for Sheet {
    type Writer = &'s Self;

    fn make_writer(&'s self) -> Self::Writer {
        self
    }
}

impl Write for &Sheet {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add(|text| text.extend_from_slice(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
