//! Who calls by which door, and how: clients and the shapes of their calls, never a value of theirs.

pub mod book;
pub mod calendar;
pub mod client;
mod days;
pub mod facts;
pub mod habits;
mod program;
pub mod row;
pub mod text;

pub use program::program;
