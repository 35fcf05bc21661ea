//! One integration binary: it links once.

mod support;

mod vectors; // the four messages of each translation, pure and through sockets
mod wire; // requests of real and documented clients, each with the JSON it must become
