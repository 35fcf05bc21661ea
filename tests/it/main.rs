//! One integration binary: it links once.
#![allow(clippy::expect_used, clippy::panic, reason = "that is how a test fails")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "clear beats fast here")]

mod support;

mod apps; // keys in the place of real tokens, what each app may do, and where its requests go
mod cache; // the cache: what is kept of reads, for whom, and what ends it
mod canary; // what must never be shown, searched for in all that is
mod client_corpus; // requests of real and documented clients, each with the JSON it must become
mod compatibility; // docs/compatibility.md: what it quotes exists
mod documents; // what documents and sources must hold true
mod faults; // every way for upstream to go wrong, and what the caller is told of it
mod http; // the client's side: methods, paths, HTTP/1.0, long targets, caps, browsers
mod hygiene; // raw bytes on the client's side, and what of them reaches upstream
mod limits; // who is refused, what it is told, and whom it disturbs
mod operations; // every operation through the sandbox, which shows what it did
mod overload; // ten times more than upstream can do
mod program; // the program as its owner runs it
mod properties; // what holds for every input
mod reload; // new settings while requests are served
mod resilience; // what keeps requests from being lost, doubled or stuck
mod settings; // every layer of the settings, and every way for them to be wrong
mod slow_clients; // clients that are silent, slow or too big, and far too many of them
mod stop; // the end: nothing lost, nothing done twice, and in time
mod table; // the operations table as a whole, and every way for it to be wrong
mod tls; // TLS towards clients, HTTP/2, certificates that change
mod upstream; // upstream's side: what it is sent, and its faults
mod vectors; // the four messages of each translation, pure and through sockets
