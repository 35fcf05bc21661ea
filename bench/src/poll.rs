//! Waits for many sockets at once: epoll, without allocation while it waits.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

const AT_ONCE: usize = 256;

/// Sockets to wait for, each with a number of the caller's.
pub struct Poll {
    fd: OwnedFd,
    events: [Event; AT_ONCE],
}

impl Poll {
    /// # Errors
    /// When the system has no more descriptors.
    pub fn new() -> io::Result<Self> {
        let nothing = Event { flags: EventFlags::empty(), data: EventData::new_u64(0) };
        Ok(Self { fd: epoll::create(CreateFlags::CLOEXEC)?, events: [nothing; AT_ONCE] })
    }

    /// Reports `source` under `number` as long as it can be read.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, source: impl AsFd, number: usize) -> io::Result<()> {
        self.add_with(source, number, EventFlags::IN)
    }

    /// Reports `source` only when it becomes readable or writable, so the caller must take all there is.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add_edges(&self, source: impl AsFd, number: usize) -> io::Result<()> {
        self.add_with(source, number, EventFlags::IN | EventFlags::OUT | EventFlags::ET)
    }

    fn add_with(&self, source: impl AsFd, number: usize, flags: EventFlags) -> io::Result<()> {
        Ok(epoll::add(&self.fd, source, EventData::new_u64(number as u64), flags)?)
    }

    /// Waits for `most` at most (for ever without it) and returns how many sockets are ready. A signal ends the wait
    /// with none.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn wait(&mut self, most: Option<Duration>) -> io::Result<usize> {
        let most = most.map(timespec);
        match epoll::wait(&self.fd, &mut self.events[..], most.as_ref()) {
            Ok(ready) => Ok(ready),
            Err(Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// The number of the `index`-th socket that the last wait found.
    pub fn number(&self, index: usize) -> usize {
        let Event { data, .. } = self.events[index];
        usize::try_from(data.u64()).unwrap_or(usize::MAX)
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: duration.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}
