//! The grammar of HTTP/1, for clients and upstream. Pure.

pub mod chunks;
pub mod fields;
pub mod head;
pub mod head_reject;
pub mod names;
pub mod version;
