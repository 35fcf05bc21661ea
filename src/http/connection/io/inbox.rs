//! Bytes that have arrived from a client and are not yet taken; part of `Connection`.

use bytes::{Buf as _, BytesMut};

use crate::http::proto::head::{self, Looked, Rules};
use crate::http::proto::head_reject::HeadReject;

/// The largest buffer that an empty inbox keeps for the next bytes.
const KEPT: usize = 16 * 1024;

/// Up to this length, the bytes behind those taken are copied: two owners of one buffer cost more.
const COPIED: usize = 1024;

/// The waiting bytes.
#[derive(Default)]
pub struct Inbox {
    bytes: BytesMut,
    /// What was found in the waiting head so far, so that no byte of it is looked at twice.
    looked: Looked,
    /// Whether the bytes taken last share their buffer with those behind them.
    has_shared: bool,
}

impl Inbox {
    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The waiting bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends bytes that have arrived.
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

    /// Takes a head out, if a whole one has arrived.
    ///
    /// # Errors
    /// The waiting bytes cannot become a head.
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

    /// Takes back the buffer of bytes that are done with, for the next ones.
    pub fn reuse(&mut self, mut room: BytesMut) {
        // A part of a shared buffer would hold all of its memory.
        let is_part = std::mem::take(&mut self.has_shared);
        if !is_part && self.bytes.capacity() == 0 && room.capacity() <= KEPT {
            room.clear();
            self.bytes = room;
        }
    }
}
