//! One client's connection: its bytes under deadlines, its place among all others, its part of the memory.

pub mod body;
pub mod table;
pub mod lingering_close;
pub mod state;
pub mod memory;
pub mod phase;
pub mod share;
pub mod streams;
pub mod io;
