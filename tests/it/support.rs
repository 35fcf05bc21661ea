//! Shared by the tests: a stub upstream, an upstream that fails on command, a gateway in front of them, a client that
//! sends raw bytes.

pub mod chance;
pub mod chaos;
pub mod client;
pub mod echo;
pub mod frames;
pub mod gateway;
pub mod program;
pub mod proxy;
pub mod sources;
pub mod stub;
pub mod tls;
pub mod vector;
