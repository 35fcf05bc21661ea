//! One request after the other, found in a connection's bytes.

use std::sync::Arc;

use super::STAND_IN;
use crate::http::chunks::{Chunks, Odd};
use crate::http::head::{Framing, Refusal, Rules};
use crate::http::heading::{Heading, Phase};

/// What the next bytes are.
pub enum Due {
    /// A request's head.
    Head,
    /// So many bytes of its body.
    Length(u64),
    /// Its chunks.
    Chunks(Chunks),
    /// Nothing before its answer.
    Answer,
    /// HTTP/2's own affair.
    Frames,
}

/// Reads requests as bytes, and tells the handler what it must know of each.
pub struct Reader {
    /// What the next bytes are.
    pub due: Due,
    /// What is taken.
    pub rules: Rules,
    heading: Arc<Heading>,
}

impl Reader {
    /// For a fresh connection.
    pub fn new(rules: Rules, heading: Arc<Heading>) -> Self {
        Self { due: Due::Head, rules, heading }
    }

    /// Takes a whole head: puts the stand-in in its query's place and gives how many bytes there are
    /// now; those behind it are not moved.
    pub fn head(&mut self, head: &mut [u8]) -> Result<usize, Refusal> {
        let read = self.rules.read(head, STAND_IN.len())?;
        self.due = match read.framing {
            Framing::Nothing | Framing::Length(0) => Due::Answer,
            Framing::Length(length) => Due::Length(length),
            Framing::Chunks => Due::Chunks(Chunks::default()),
        };
        let mut length = head.len();
        let query = read.query.map(|query| {
            let text = head[query.clone()].to_vec();
            let shorter = query.start + STAND_IN.len();
            head[query.start..shorter].copy_from_slice(STAND_IN.as_bytes());
            head.copy_within(query.end.., shorter);
            length -= query.end - shorter;
            text
        });
        let phase = if matches!(self.due, Due::Answer) { Phase::Serving } else { Phase::Body };
        self.heading.head(query, read.bare_ends, phase);
        Ok(length)
    }

    /// How many of these bytes, behind the head, belong to the request.
    pub fn body(&mut self, bytes: &[u8]) -> Result<usize, Odd> {
        let taken = match &mut self.due {
            Due::Head | Due::Answer => return Ok(0),
            Due::Frames => return Ok(bytes.len()),
            Due::Length(left) => {
                let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                if *left == 0 {
                    self.due = Due::Answer;
                }
                taken
            }
            Due::Chunks(chunks) => match chunks.walk(bytes)? {
                Some(end) => {
                    self.due = Due::Answer;
                    end
                }
                None => bytes.len(),
            },
        };
        if matches!(self.due, Due::Answer) {
            self.heading.enter(Phase::Serving);
        }
        Ok(taken)
    }
}
