//! The grammar of HTTP/1, for both of its sides. Pure.

pub mod chunks;
pub mod fields;
pub mod head;
pub mod head_reject;
pub mod names;
pub mod version;
