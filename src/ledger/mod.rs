//! Who calls by which door, and how: clients and the shapes of their calls, never a value of theirs.

pub mod book;
pub mod calendar;
pub mod client;
pub mod days;
pub mod facts;
pub mod gate;
pub mod keeper;
pub mod naming;
mod program;
pub mod rhythm;
pub mod row;
pub mod sight;
pub mod store;
pub mod tally;
pub mod text;

pub use calendar::read_day as date;
pub use program::{program, telling};
