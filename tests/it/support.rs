//! What the tests share: a stub upstream, one that goes wrong on command, a gateway in front of them, a
//! client that sends raw bytes.

pub mod chaos;
pub mod client;
pub mod gateway;
pub mod stub;
pub mod vector;
