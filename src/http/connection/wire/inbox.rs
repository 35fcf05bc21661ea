//! Bytes that have come from a client and that nobody has taken.

use bytes::{Buf as _, BytesMut};

use crate::http::proto::head::{self, Refusal, Rules};

/// The most room that an empty inbox keeps for the next bytes.
const KEPT: usize = 16 * 1024;

/// Up to this length the rest behind what is taken is copied; two owners of one piece of memory cost more.
const COPIED: usize = 1024;

/// The bytes that wait.
#[derive(Default)]
pub struct Inbox {
    bytes: BytesMut,
    /// Up to here no head's end was found.
    seen: usize,
    /// Whether what was taken shares its memory with what was behind it.
    has_shared: bool,
}

impl Inbox {
    /// What waits.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// More has come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the first `count` bytes out.
    pub fn take(&mut self, count: usize) -> BytesMut {
        self.seen = 0;
        match self.bytes.len() - count {
            0 => std::mem::take(&mut self.bytes),
            rest if rest > COPIED => {
                self.has_shared = true;
                self.bytes.split_to(count)
            }
            _ => {
                let rest = BytesMut::from(&self.bytes[count..]);
                let mut taken = std::mem::replace(&mut self.bytes, rest);
                taken.truncate(count);
                taken
            }
        }
    }

    /// Drops the first `count` bytes.
    pub fn skip(&mut self, count: usize) {
        if count > 0 {
            self.seen = 0;
            self.bytes.advance(count);
        }
    }

    /// Takes a head out, if a whole one has come.
    ///
    /// # Errors
    /// That none can become of what waits.
    pub fn take_head(&mut self, rules: &Rules) -> Result<Option<BytesMut>, Refusal> {
        let empty = head::empty_lines(&self.bytes)?;
        if matches!(&self.bytes[empty..], [] | [b'\r']) {
            // Empty lines are counted once it is clear where they end.
            return Ok(None);
        }
        self.skip(empty);
        let end = head::end(&self.bytes, self.seen);
        self.seen = self.bytes.len();
        match end {
            Some(end) => Ok(Some(self.take(end))),
            None => rules.may_go_on(&self.bytes).map(|()| None),
        }
    }

    /// Takes back the room of bytes that are done with, for those that come next.
    pub fn reuse(&mut self, mut room: BytesMut) {
        // A part of a long piece of memory would hold all of it.
        let is_part = std::mem::take(&mut self.has_shared);
        if !is_part && self.bytes.capacity() == 0 && room.capacity() <= KEPT {
            room.clear();
            self.bytes = room;
        }
    }
}
