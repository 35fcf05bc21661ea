//! How much of a worker's memory each connection has of its own.

/// What each connection has of its own, in bytes, for all of its requests together.
pub const OWN: usize = 16 * 1024;

/// How much of what a connection takes is not its own.
#[must_use]
pub fn beyond(taken: usize) -> usize {
    taken.saturating_sub(OWN)
}
