//! Who calls by which door, and how: clients and the shapes of their calls, never a value of theirs.

mod program;

pub use program::program;
