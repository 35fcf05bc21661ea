//! What is no request to the API: another path, another method, a browser's question.

use hyper::Method;

use crate::config::Config;
use crate::http::reply::{self, Reply, TEXT};
use crate::http::request::Request;
use crate::http::{METHODS, cors};
use crate::snapshot::Snapshot;

/// The answer to it; none to what is one.
pub fn outside(snapshot: &Snapshot, request: &Request<'_, '_>) -> Option<Reply> {
    let config = &snapshot.config;
    if request.method == Method::OPTIONS && request.path == b"*" {
        return Some(options(config, request));
    }
    // A base URL that ends in a slash and a path that begins with one make two: both are meant as one.
    let path = without_slashes(request.path);
    if !config.listen.paths.iter().any(|known| without_slashes(known.as_bytes()) == path) {
        let what = format!("no API here: its paths are {}\n", config.listen.paths.join(", "));
        return Some(reply::plain(404, what.into(), TEXT));
    }
    match request.method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => None,
        // It asks what a GET would say; to find out would be to act.
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

/// What a browser asks before it calls (or anybody, of the server as a whole).
fn options(config: &Config, request: &Request<'_, '_>) -> Reply {
    let mut reply = reply::empty(204);
    reply.say("Allow", METHODS);
    cors::preflight(&config.cors, request.fields, &mut reply);
    reply
}
