//! Bytes that have come and that hyper has not: first those that it may have, then those that nobody
//! has looked at.

use tokio::io::ReadBuf;

use crate::http::head;

/// The most room that an empty inbox keeps for the next bytes.
const KEPT: usize = 16 * 1024;

/// The bytes that wait.
#[derive(Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    /// Up to here hyper has them.
    start: usize,
    /// Up to here it may have them.
    ready: usize,
    /// Up to here no head's end was found.
    seen: usize,
}

impl Inbox {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// What nobody has looked at.
    pub fn fresh(&self) -> &[u8] {
        &self.bytes[self.ready..]
    }

    /// The same, to be changed.
    pub fn fresh_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.ready..]
    }

    /// More has come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// hyper may have so many more.
    pub fn release(&mut self, count: usize) {
        self.ready += count;
        self.seen = self.ready;
    }

    /// The first `count` fresh bytes are nobody's.
    pub fn skip(&mut self, count: usize) {
        if count > 0 {
            self.cut(count, 0);
        }
    }

    /// Of the first `count` fresh bytes, `left` are left.
    pub fn cut(&mut self, count: usize, left: usize) {
        self.bytes.drain(self.ready + left..self.ready + count);
        self.seen = self.ready;
    }

    /// Where the head ends that the fresh bytes begin with.
    pub fn head_end(&mut self) -> Option<usize> {
        let end = head::end(self.fresh(), self.seen - self.ready);
        self.seen = self.bytes.len();
        end
    }

    /// Gives hyper what it may have and has room for; `false`: there is nothing.
    pub fn deliver(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let count = (self.ready - self.start).min(buf.remaining());
        if count == 0 {
            return false;
        }
        buf.put_slice(&self.bytes[self.start..self.start + count]);
        self.start += count;
        if self.is_empty() {
            self.bytes.clear();
            self.bytes.shrink_to(KEPT);
            (self.start, self.ready, self.seen) = (0, 0, 0);
        }
        true
    }
}
