//! Bytes that have come from a client and that nobody has taken.

use bytes::{Buf as _, BytesMut};

use crate::http::proto::head::{self, Looked, Rules};
use crate::http::proto::head_reject::HeadReject;

/// The most room that an empty inbox keeps for the next bytes.
const KEPT: usize = 16 * 1024;

/// Up to this length the rest behind what is taken is copied; two owners of one piece of memory cost more.
const COPIED: usize = 1024;

/// The bytes that wait.
#[derive(Default)]
pub struct Inbox {
    bytes: BytesMut,
    /// What was found in the head that waits, so that no byte of it is looked at twice.
    looked: Looked,
    /// Whether what was taken shares its memory with what was behind it.
    has_shared: bool,
}

impl Inbox {
    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

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
        self.looked = Looked::default();
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
            self.looked = Looked::default();
            self.bytes.advance(count);
        }
    }

    /// Takes a head out, if a whole one has come.
    ///
    /// # Errors
    /// That none can become of what waits.
    pub fn take_head(&mut self, rules: &Rules) -> Result<Option<BytesMut>, HeadReject> {
        let empty = head::empty_lines(&self.bytes)?;
        if matches!(&self.bytes[empty..], [] | [b'\r']) {
            // Empty lines are counted once it is clear where they end.
            return Ok(None);
        }
        self.skip(empty);
        match self.looked.on(&self.bytes) {
            Some(end) => Ok(Some(self.take(end))),
            None => rules.may_go_on(&self.looked).map(|()| None),
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
