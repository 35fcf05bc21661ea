//! Which tokens are known.

mod proven;

pub use proven::{MOST_PROVEN, PROVEN_IDLE, Proven};
