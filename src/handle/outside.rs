//! Requests that are not for the API: another path, another method, a browser's preflight.

use hyper::Method;

use crate::config::Config;
use crate::http::reply::{self, Reply, TEXT};
use crate::http::request::Request;
use crate::http::{METHODS, cors};
use crate::snapshot::Snapshot;

/// The answer to a request that is not for the API; `None` for a request that is.
pub fn outside(snapshot: &Snapshot, request: &Request<'_, '_>) -> Option<Reply> {
    let config = &snapshot.config;
    if request.method == Method::OPTIONS && request.path == b"*" {
        return Some(options(config, request));
    }
    // A client that joins a base URL with a slash and a path with a slash sends two, and means one.
    let path = without_slashes(request.path);
    if !config.listen.paths.iter().any(|known| without_slashes(known.as_bytes()) == path) {
        let what = format!("no API here: its paths are {}\n", config.listen.paths.join(", "));
        return Some(reply::plain(404, what.into(), TEXT));
    }
    match request.method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => None,
        // A HEAD asks what a GET would answer; to find out, the gateway would have to act.
        Method::HEAD => Some(reply::empty(200)),
        Method::OPTIONS => Some(options(config, request)),
        _ => {
            let what = format!("this method does nothing here: use one of {METHODS}\n");
            let mut reply = reply::plain(405, what.into(), TEXT);
            reply.say("Allow", METHODS);
            Some(reply)
        }
    }
}

fn without_slashes(path: &[u8]) -> &[u8] {
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    &path[slashes..]
}

/// Answers OPTIONS: a browser's question before a call, or a client's about the server as a whole.
fn options(config: &Config, request: &Request<'_, '_>) -> Reply {
    let mut reply = reply::empty(204);
    reply.say("Allow", METHODS);
    cors::preflight(&config.cors, request.fields, &mut reply);
    reply
}
