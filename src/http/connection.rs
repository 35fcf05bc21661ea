//! One client's connection: its bytes under deadlines, and its place among all others.

pub(super) mod body;
pub(super) mod crowd;
mod farewell;
pub mod heading;
pub mod wire;
