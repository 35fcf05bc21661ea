//! One client connection: its bytes under deadlines, its slot in the connection table, its part of the worker's
//! memory.

pub mod body;
pub mod table;
pub mod lingering_close;
pub mod state;
pub mod memory;
pub mod phase;
pub mod share;
pub mod streams;
pub mod io;
