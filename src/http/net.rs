//! Below HTTP, for clients and upstream alike: streams with and without TLS, timers, PEM files.

pub mod alarm;
pub mod clock;
pub mod pem;
pub mod presence;
pub mod stream;
pub mod turn;
