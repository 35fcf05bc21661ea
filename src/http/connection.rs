//! One client's connection: its bytes under deadlines, its place among all others, its part of the memory.

pub mod body;
pub mod crowd;
pub mod farewell;
pub mod heading;
pub mod memory;
pub mod phase;
pub mod share;
pub mod streams;
pub mod wire;
