//! One connection of upstream's: requests in, the same answer out.

use std::io::{self, ErrorKind};

use super::record::Record;
use super::wire::Wire;
use crate::http;

const ROOM: usize = 4 * 1024;
/// Longer requests are refused.
const MOST: usize = 1024 * 1024;

/// A connection and the bytes of its next request.
pub struct Connection {
    /// Its socket.
    pub wire: Wire,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    /// A connection without bytes yet.
    pub fn new(wire: Wire) -> Self {
        Self { wire, buffer: vec![0; ROOM], filled: 0 }
    }

    /// Reads what is there and answers each whole request.
    ///
    /// # Errors
    /// When the connection is over, in whatever way.
    pub fn serve(&mut self, answer: &[u8], record: &mut Record) -> io::Result<()> {
        loop {
            let count = match self.wire.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.filled += count;
            let all = self.filled < self.buffer.len() && self.wire.short_read_is_all();
            self.answer_whole_ones(answer, record)?;
            if all {
                return Ok(());
            }
        }
    }

    fn answer_whole_ones(&mut self, answer: &[u8], record: &mut Record) -> io::Result<()> {
        while let Some(length) = http::request_length(&self.buffer[..self.filled]) {
            if length > self.filled {
                return self.make_room(length);
            }
            record.take(&self.buffer[..length]);
            self.wire.write_all(answer)?;
            self.buffer.copy_within(length..self.filled, 0);
            self.filled -= length;
        }
        self.make_room(self.filled + 1)
    }

    /// Grows the buffer, which stays, so that the next request of this length needs no growth.
    fn make_room(&mut self, length: usize) -> io::Result<()> {
        if length > MOST {
            return Err(ErrorKind::InvalidData.into());
        }
        if length > self.buffer.len() {
            self.buffer.resize(length.next_power_of_two(), 0);
        }
        Ok(())
    }
}
