//! Priorities for systemd's journal, which takes a line's from a number in front of it, such as `<4>`, and keeps the rest
//! (sd-daemon(3)). A line without one has that of information.

use std::io::{self, Write};
use std::os::unix::fs::MetadataExt as _;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::writer::Sheet;

/// The priority of an error, for a sentence that is no event.
pub const ERROR: &str = "<3>";

/// A stream that every process begins with, by its number.
#[derive(Clone, Copy)]
pub enum Stream {
    /// Where the log goes.
    Output = 1,
    /// Where a command says why it has failed.
    Error = 2,
}

/// The journal, by the stream to it that systemd has made for this process.
pub struct Journal(String);

impl Journal {
    /// `stream` is the device and the inode of that stream, as `JOURNAL_STREAM` has them (systemd.exec(5)).
    #[must_use]
    pub const fn at(stream: String) -> Self {
        Self(stream)
    }

    /// Whether this stream leads there and nowhere else: what was redirected since is another.
    #[must_use]
    pub fn takes(&self, stream: Stream) -> bool {
        std::fs::metadata(format!("/proc/self/fd/{}", stream as u8))
            .is_ok_and(|own| self.0 == format!("{}:{}", own.dev(), own.ino()))
    }
}

/// The lines of events, each with its priority in front.
pub struct Ranked(pub Sheet);

/// One line, whose priority is known.
pub struct RankedLine<'s>(&'s Sheet, &'static str);

impl<'s> MakeWriter<'s> for Ranked {
    type Writer = RankedLine<'s>;

    fn make_writer(&'s self) -> Self::Writer {
        RankedLine(&self.0, "")
    }

    fn make_writer_for(&'s self, event: &Metadata<'_>) -> Self::Writer {
        RankedLine(&self.0, priority(*event.level()))
    }
}

impl Write for RankedLine<'_> {
    /// Takes a whole line, as events come.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.add(|text| {
            text.extend_from_slice(self.1.as_bytes());
            text.extend_from_slice(line);
        });
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As syslog(3) numbers them.
fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => ERROR,
        Level::WARN => "<4>",
        Level::INFO => "",
        Level::DEBUG | Level::TRACE => "<7>",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::os::unix::fs::MetadataExt as _;
    use std::sync::mpsc;

    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::{Journal, Ranked, Stream};
    use crate::telemetry::log::writer::Writer;

    struct Told(mpsc::Sender<String>);

    impl Write for Told {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(String::from_utf8_lossy(lines).into_owned());
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stream_that_leads_elsewhere_is_not_the_journals() {
        let own = std::fs::metadata("/proc/self/fd/2").expect("standard error");
        let named = format!("{}:{}", own.dev(), own.ino());
        assert!(Journal::at(named.clone()).takes(Stream::Error));
        assert!(!Journal::at(format!("{named}0")).takes(Stream::Error));
    }

    #[test]
    fn each_event_has_the_priority_of_its_level_in_front() {
        let (tell, told) = mpsc::channel();
        let writer = Writer::start(Told(tell)).expect("a thread");
        let layer = fmt::layer().json().with_writer(Ranked(writer.sheet()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::error!("one");
            tracing::warn!("two");
            tracing::info!("three");
            tracing::debug!("four");
        });
        drop(writer);
        let lines: String = told.iter().collect();
        let begins: Vec<&str> = lines.lines().map(|line| &line[..=line.find('{').expect("JSON")]).collect();
        assert_eq!(begins, ["<3>{", "<4>{", "{", "<7>{"]);
    }
}
