//! The grammar of HTTP/1, for both of its sides.

pub mod chunks;
pub mod head;
