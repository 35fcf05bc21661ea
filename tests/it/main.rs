//! One integration binary: it links once.
#![allow(clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod support;

mod rim; // the client's side: methods, paths, HTTP/1.0, long targets, caps, browsers
mod upstream; // upstream's side: what it is sent, and its faults
mod vectors; // the four messages of each translation, pure and through sockets
mod wire; // requests of real and documented clients, each with the JSON it must become
