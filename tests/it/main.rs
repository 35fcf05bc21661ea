//! One integration binary: it links once.
#![allow(clippy::expect_used, clippy::panic, reason = "that is how a test fails")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "clear beats fast here")]

mod support;

mod access_log; // what a request's line in the log says
mod admin; // the second listener's paths are one table, which documents repeat
mod ambiguous; // requests that another reader would read otherwise
mod any_handler; // the HTTP room knows no gateway: it serves any handler
mod apps; // keys that replace real tokens, what each app may do, and where its requests go
mod attacks; // tests/attacks.md: what it names exists
mod brownouts; // planned pauses of the old door, rehearsed and real
mod cache; // the cache: which answers are cached, for which callers, and what ends them
mod canary; // marked secrets, searched for in all output
mod client_corpus; // requests of real and documented clients, each with the JSON it must become
mod code; // programs that make the modern call, as `explain --as` prints them
mod console; // the console: who comes in, what it shows, what it does
mod compatibility; // docs/compatibility.md: what it quotes exists
mod deprecation; // headers that tell the end of the old door, and rules that no call can reach
mod crowd;
mod desync; // bytes that follow an answer over TLS
mod documents; // what documents and sources must hold true
mod faults; // every known fault of upstream, and what the caller is told of it
mod guards; // what holds for HTTP/1 holds for HTTP/2 and for the second listener
mod h2; // HTTP/2 by hand: frames that no library sends
mod hide; // what an app's settings hide in answers
mod house; // which room imports which, and that no two files need each other
mod http; // the client's side: methods, paths, HTTP/1.0, long targets, caps, browsers
mod hygiene; // raw bytes from clients, and what of them reaches upstream
mod inject; // manifests that get the sidecar, and lose it again
mod leaving; // clients that leave while their request has to wait
mod limits; // which callers are refused, and what they are told
mod loops; // upstreams that lead back to a gateway
mod many_apps; // settings with ten thousand apps
mod matrix; // every way to frame a request, with another request hidden in it
mod memory; // far more long requests than there is memory for
mod metrics; // the list of metrics, and what is served
mod migrating; // docs/migrating.md, typed and held against what is printed
mod neighbours; // a hostile caller beside a good one
mod openapi; // both doors as OpenAPI: all of the table, and examples that can be sent
mod opentelemetry; // what traces take from OpenTelemetry's variables
mod operations; // every operation through the sandbox, whose state shows the effect
mod overload; // ten times more requests than upstream can answer
mod program; // the program as its operator runs it
mod properties; // what holds for every input
mod proxy; // the proxy on the way to upstream
mod refusals; // refusals that the client receives, and can match with its request
mod reload; // new settings while requests are served
mod report; // who calls by the old door, by the command that shows it
mod resilience; // what keeps requests from being lost, doubled or stuck
mod same; // whether a JSON call means what an old call means
mod scan;
mod settings; // every layer of the settings, and every way for them to be wrong
mod shutdown; // the shutdown: nothing lost, nothing done twice, and in time
mod slow_clients; // clients that are silent, slow or too big, and far too many of them
mod spelling; // whole answers of HTTP/1, byte for byte
mod status; // how a gateway is, and what is wrong, on one screen
mod supervised; // what runs the program, and how the two speak: probes by a command, systemd, profiles
mod table; // the operations table as a whole, and every way for it to be wrong
mod tls; // TLS towards clients, HTTP/2, certificates that change
mod token_first; // the token comes first, also where parameters are wrong
mod trust; // whose certificate the gateway accepts as upstream's
mod upstream; // upstream's side: what the gateway sends, and upstream's faults
mod vectors; // the four messages of each translation, pure and through sockets
mod version; // one number, wherever it stands
mod year; // a year of five clients: ledger, report, readiness, retirement
