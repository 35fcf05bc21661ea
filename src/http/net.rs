//! What lies below HTTP on either side: a connection's bytes, with and without TLS, and whoever waits for them.

pub mod alarm;
pub mod clock;
pub mod pem;
pub mod presence;
pub mod stream;
pub mod turn;
