//! Clients' HTTP, from sockets to the values that [`handler::Handler`] gets and returns.

pub mod request;
pub mod body;
pub mod client_address;
pub mod connection;
pub mod cors;
mod h2;
pub mod handler;
mod h1;
pub mod listen;
pub mod net;
pub mod number;
pub mod open_files;
pub mod proto;
mod proxy_protocol;
pub mod reply;
pub mod shutdown;
pub mod terms;
pub mod tls;
pub mod unsecured;
pub mod via;

/// The methods that a request may have, as in `Allow`.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
