//! What the tests share: a stub upstream, a gateway in front of it, a client that sends raw bytes.

pub mod client;
pub mod echo;
pub mod gateway;
pub mod program;
pub mod stub;
pub mod tls;
pub mod vector;
