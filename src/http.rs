//! The rim: sockets and HTTP on the one side, values on the other.

pub mod asked;
pub mod body;
pub mod chunks;
pub mod client_address;
pub mod cors;
mod crowd;
mod farewell;
mod frames;
pub mod head;
pub mod heading;
mod lines;
pub mod listen;
mod proxy_protocol;
pub mod reply;
pub mod tls;
pub mod wire;

/// The methods that a request may have, as `Allow` says them.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
