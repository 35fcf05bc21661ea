//! Lines on their way to where they are written. Each worker has a sheet of its own to write on, so that
//! no request waits for another thread or for a disk; one thread gathers the sheets and writes what is
//! on them, many lines at a time.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

/// How long lines may lie before they are written, and how many bytes of one sheet. To wake a thread
/// and to write cost the same for one line as for a thousand, and on a busy core some request waits for
/// it: it must be fewer than one in a hundred. Yet what lies should stay in the processor's cache.
const GATHER: Duration = Duration::from_millis(100);
const FULL: usize = 128 * 1024;
/// The most bytes that lie on one sheet. When nobody takes the lines, they are counted and lost, and
/// requests go on.
const MOST: usize = 4 * 1024 * 1024;
/// The room that an empty sheet keeps.
const KEPT: usize = 256 * 1024;

/// Keeps the thread alive; what still lies on sheets is written when it is dropped.
pub struct Writer {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread and the sheets share.
#[derive(Default)]
struct Desk {
    sheets: Mutex<Vec<Arc<Mutex<Vec<u8>>>>>,
    /// Something lies on a sheet that the thread may not have seen.
    is_wanted: AtomicBool,
    /// A sheet is full: nothing more should be waited for.
    is_full: AtomicBool,
    is_ended: AtomicBool,
    thread: OnceLock<Thread>,
    lost: AtomicUsize,
}

/// A sheet that one thread writes on.
#[derive(Clone)]
pub struct Sheet {
    desk: Arc<Desk>,
    text: Arc<Mutex<Vec<u8>>>,
}

impl Writer {
    /// Writes to `out` from now on.
    ///
    /// # Errors
    /// That there can be no thread.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let desk = Arc::<Desk>::default();
        let known = desk.clone();
        let thread = std::thread::Builder::new().name("log".to_owned()).spawn(move || known.run(out))?;
        // Nobody has a sheet yet: it is in place before anybody could want it.
        _ = desk.thread.set(thread.thread().clone());
        Ok(Self { desk, thread: Some(thread) })
    }

    /// A fresh sheet.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let text = Arc::<Mutex<Vec<u8>>>::default();
        lock(&self.desk.sheets).push(text.clone());
        Sheet { desk: self.desk.clone(), text }
    }

    /// Tells how many lines had no room.
    pub fn lost(&self) -> impl Fn() -> usize + use<> {
        let desk = self.desk.clone();
        move || desk.lost.load(Relaxed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.desk.is_ended.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It cannot panic, and there would be nobody to tell.
            _ = thread.join();
        }
    }
}

impl Sheet {
    /// Adds one line, which `line` writes with its end.
    pub fn add(&self, line: impl FnOnce(&mut Vec<u8>)) {
        let mut text = lock(&self.text);
        if text.len() >= MOST {
            self.desk.lost.fetch_add(1, Relaxed);
            return;
        }
        let before = text.len();
        line(&mut text);
        let is_full = before < FULL && text.len() >= FULL;
        drop(text);
        if before == 0 {
            self.desk.call(&self.desk.is_wanted);
        }
        if is_full {
            self.desk.call(&self.desk.is_full);
        }
    }
}

impl Desk {
    /// Has the thread look at this again.
    fn call(&self, why: &AtomicBool) {
        if !why.swap(true, SeqCst)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    fn run(&self, mut out: impl Write) {
        let mut spare = Vec::new();
        let is_ended = || self.is_ended.load(SeqCst);
        loop {
            while !self.is_wanted.load(SeqCst) && !is_ended() {
                std::thread::park();
            }
            let gathered = Instant::now() + GATHER;
            while let left @ 1.. = gathered.saturating_duration_since(Instant::now()).as_nanos()
                && !self.is_full.load(SeqCst)
                && !is_ended()
            {
                std::thread::park_timeout(Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX)));
            }
            let is_last = is_ended();
            // Before the sheets are looked at: what is added from now on may be missed.
            self.is_wanted.store(false, SeqCst);
            self.is_full.store(false, SeqCst);
            self.write(&mut out, &mut spare);
            if is_last {
                return;
            }
        }
    }

    fn write(&self, out: &mut impl Write, spare: &mut Vec<u8>) {
        let sheets = lock(&self.sheets).clone();
        for sheet in sheets {
            std::mem::swap(&mut *lock(&sheet), spare);
            if out.write_all(spare).and_then(|()| out.flush()).is_err() {
                let lines = memchr::memchr_iter(b'\n', spare).count();
                self.lost.fetch_add(lines, Relaxed);
            }
            spare.clear();
            spare.shrink_to(KEPT);
        }
    }
}

/// Lines of `tracing`, each of which comes in one piece.
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
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::sync::{Arc, Mutex};

    use super::{MOST, Writer};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_of_every_sheet_is_written_once_and_whole() {
        let page = Page::default();
        let writer = Writer::start(page.clone()).expect("a thread");
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let sheet = writer.sheet();
                std::thread::spawn(move || {
                    for line in 0..1000 {
                        sheet.add(|text| text.extend_from_slice(format!("{number} {line}\n").as_bytes()));
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("a thread");
        }
        let lost = writer.lost();
        drop(writer);
        let text = String::from_utf8(page.0.lock().expect("a lock").clone()).expect("text");
        for number in 0..4 {
            let prefix = format!("{number} ");
            let lines = text.lines().filter_map(|line| line.strip_prefix(&prefix));
            assert!(lines.eq((0..1000).map(|line| line.to_string())), "sheet {number}");
        }
        assert_eq!(lost(), 0);
    }

    /// Takes nothing until it is let.
    struct Stuck {
        begun: Sender<()>,
        goes_on: Receiver<()>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !bytes.is_empty() {
                self.begun.send(()).expect("the test waits");
                self.goes_on.recv().expect("the test says so");
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_nobody_takes_is_counted_and_lost() {
        let ((begun, has_begun), (go_on, goes_on)) = (channel(), channel());
        let writer = Writer::start(Stuck { begun, goes_on }).expect("a thread");
        let sheet = writer.sheet();
        sheet.add(|text| text.push(b'\n'));
        has_begun.recv().expect("it writes");
        let long = vec![b'\n'; MOST / 2 + 1];
        for _ in 0..5 {
            sheet.add(|text| text.extend_from_slice(&long));
        }
        assert_eq!(writer.lost()(), 3);
        drop((go_on, has_begun));
    }
}
