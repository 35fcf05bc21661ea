//! The rim: sockets and HTTP on the one side, values on the other.

pub mod body;
pub mod client_address;
pub mod cors;
pub mod listen;
mod proxy_protocol;
pub mod reply;
mod request_line;
pub mod wire;

/// The methods that a request may have, as `Allow` says them.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
