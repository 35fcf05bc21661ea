//! One integration binary: it links once.

mod wire; // requests of real and documented clients, each with the JSON it must become
