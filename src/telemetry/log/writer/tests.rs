use std::hint::spin_loop;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use super::{Losses, MOST, NICENESS, PIECE, Writer, pieces};
use crate::http::net::clock::since_1970;

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
    let losses = writer.losses();
    drop(writer);
    let text = String::from_utf8(page.0.lock().expect("a lock").clone()).expect("text");
    for number in 0..4 {
        let prefix = format!("{number} ");
        let lines = text.lines().filter_map(|line| line.strip_prefix(&prefix));
        assert!(lines.eq((0..1000).map(|line| line.to_string())), "sheet {number}");
    }
    assert_eq!(losses(), Losses::default());
}

/// A writer that blocks until the test lets it go on.
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

/// Sends the result of `look` for each piece that is written.
struct Told<T> {
    look: fn(&[u8]) -> T,
    tell: Sender<T>,
}

impl<T> Write for Told<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tell.send((self.look)(bytes)).expect("the test waits");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The next piece; spins first, so that it does not sleep if there is another core.
fn soon(told: &Receiver<Vec<u8>>) -> Option<Vec<u8>> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_mins(1) {
        for _ in 0..1_000 {
            if let Ok(line) = told.try_recv() {
                return Some(line);
            }
        }
        yield_now();
    }
    None
}

#[test]
fn a_line_that_comes_while_the_thread_goes_to_sleep_is_written_too() {
    let (tell, told) = channel();
    let writer = Writer::start_with(Duration::ZERO, Told { look: <[u8]>::to_vec, tell }).expect("a thread");
    let sheet = writer.sheet();
    for round in 0..20_000 {
        let line = format!("{round}\n").into_bytes();
        // A little later in each round, so that the line meets every step of the thread.
        (0..round % 500).for_each(|_| spin_loop());
        sheet.add(|text| text.extend_from_slice(&line));
        assert_eq!(soon(&told), Some(line));
    }
}

#[test]
fn pieces_are_whole_lines_and_all_of_the_text() {
    let text = "a line\n".repeat(PIECE);
    let all: Vec<&[u8]> = pieces(text.as_bytes()).collect();
    assert!(all.len() > 5);
    assert_eq!(all.concat(), text.as_bytes());
    for piece in all {
        assert!(piece.ends_with(b"\n"));
        assert!(piece.len() <= PIECE + "a line\n".len());
    }
}

#[test]
fn a_line_is_one_piece_however_long() {
    let long = format!("{}\n", "x".repeat(3 * PIECE));
    let text = format!("{long}short\n{long}");
    let all: Vec<&[u8]> = pieces(text.as_bytes()).collect();
    assert_eq!(all, [long.as_bytes(), format!("short\n{long}").as_bytes()]);
    assert_eq!(pieces(b"").count(), 0);
    assert_eq!(pieces(b"no end").collect::<Vec<_>>(), [b"no end"]);
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
    let losses = writer.losses()();
    assert_eq!(losses.lines, 3);
    assert!(losses.last.abs_diff(since_1970().as_secs()) < 60, "{losses:?}");
    drop((go_on, has_begun));
}

#[test]
fn lines_of_refused_requests_take_no_room_from_the_others() {
    let ((begun, has_begun), (go_on, goes_on)) = (channel(), channel());
    let writer = Writer::start(Stuck { begun, goes_on }).expect("a thread");
    let sheet = writer.sheet();
    sheet.add(|text| text.push(b'\n'));
    has_begun.recv().expect("it writes");
    // Any number of requests that are answered without upstream, while no line is written.
    for _ in 0..20_000 {
        sheet.add_refused(|text| text.extend_from_slice(&[b'x'; 300]));
    }
    let lost = writer.losses()().lines;
    assert!(lost > 0);
    for _ in 0..5_000 {
        sheet.add(|text| text.extend_from_slice(&[b'y'; 300]));
    }
    assert_eq!(writer.losses()().lines, lost, "of the others none is");
    drop((go_on, has_begun));
}

fn niceness() -> i32 {
    rustix::process::getpriority_process(None).expect("a priority")
}

#[test]
fn whoever_writes_is_nicer_than_whoever_puts_down_lines() {
    let (tell, told) = channel();
    let writer = Writer::start_with(Duration::ZERO, Told { look: |_| niceness(), tell }).expect("a thread");
    writer.sheet().add(|text| text.push(b'\n'));
    assert_eq!(told.recv(), Ok((niceness() + NICENESS).min(19)));
}
