//! Each connection's own part of a worker's memory.

/// A connection's own memory, in bytes, for all of its requests together.
pub const OWN: usize = 16 * 1024;

/// How many of the bytes that a connection takes are beyond its own.
#[must_use]
pub fn beyond(taken: usize) -> usize {
    taken.saturating_sub(OWN)
}
