//! Writes the access log's line of a request. Of the request's own text it shows only the program's name, a path and an
//! operation that the gateway does not know, and only what cannot be a secret.

use std::cell::RefCell;
use std::io::Write as _;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::own;
use crate::config::Config;
use crate::http::net::clock::WrittenSecond;
use crate::http::reply::Reply;
use crate::http::request::Came;
use crate::ledger::facts::Ending;
use crate::protocol::ops::Table;
use crate::protocol::translate::json;
use crate::telemetry::trace::context::hex;
use crate::telemetry::trail::Trail;

/// Writes a field's name with its punctuation. A macro, so that the compiler knows each name's length and copies a
/// handful of bytes without a call.
macro_rules! name {
    ($line:ident, $name:literal) => {
        $line.put(if JSON { concat!(",\"", $name, "\":") } else { concat!(" ", $name, "=") });
    };
}

/// Writes a field with a word of the gateway's own, which needs no escaping.
macro_rules! word {
    ($line:ident, $name:literal, $word:expr) => {{
        $line.put(if JSON { concat!(",\"", $name, "\":\"") } else { concat!(" ", $name, "=\"") });
        $line.put($word);
        $line.put("\"");
    }};
}

/// The parts of a request's head that a line shows.
#[derive(Default)]
pub struct ShownHead<'h> {
    /// How the request has come; nothing if the head was refused.
    pub came: Came,
    /// The path; empty if the head was refused.
    pub path: &'h [u8],
    /// The request's number: letters, digits and signs that need no escaping.
    pub number: &'h [u8],
    /// `User-Agent`.
    pub user_agent: Option<&'h [u8]>,
}

/// The settings and the table by which a request was answered.
#[derive(Clone, Copy)]
pub struct InForce<'s> {
    /// The settings.
    pub config: &'s Config,
    /// The operations table.
    pub table: &'s Table,
}

/// Writes the line of an answered request, as JSON or as text for people.
pub fn write(
    out: &mut Vec<u8>,
    is_json: bool,
    in_force: InForce<'_>,
    (trail, seen): (&Trail, &ShownHead<'_>),
    reply: &Reply,
    took: Duration,
) {
    if is_json {
        write_as::<true>(out, in_force, (trail, seen), reply, took);
    } else {
        write_as::<false>(out, in_force, (trail, seen), reply, took);
    }
}

fn write_as<const JSON: bool>(
    out: &mut Vec<u8>,
    in_force: InForce<'_>,
    (trail, seen): (&Trail, &ShownHead<'_>),
    reply: &Reply,
    took: Duration,
) {
    let operations = in_force.table.operations();
    let op = match trail.operation {
        Some(number) => operations[number].row.name.as_str(),
        None => own::op(&trail.op).unwrap_or("-"),
    };
    let mut line = AccessLine::<JSON> { out };
    line.begin(reply.at);
    if !seen.number.is_empty() {
        name!(line, "request");
        line.plain(seen.number);
    }
    if let Some(span) = &trail.span {
        name!(line, "trace_id");
        let mut digits = [0; 32];
        hex(span.own.trace, &mut digits);
        line.plain(&digits);
    }
    word!(line, "door", trail.door.text());
    // Names of the table are letters and digits, and so is every other name that is shown.
    word!(line, "op", op);
    word!(line, "outcome", trail.label.text());
    if let Some(error) = &trail.error {
        word!(line, "error", error);
    }
    word!(line, "upstream", trail.outcome.text());
    name!(line, "status");
    line.number(reply.status.into());
    name!(line, "bytes_in");
    line.number(trail.bytes_in as u64);
    name!(line, "bytes_out");
    line.number(reply.body.len() as u64);
    name!(line, "dropped");
    line.number(trail.dropped as u64);
    line.upstream(trail);
    name!(line, "took_us");
    line.number(micros(took));
    name!(line, "client");
    line.address(trail.client);
    line.came(seen.came);
    line.app(trail);
    line.limit(trail);
    if let Some((state, _)) = trail.cache {
        word!(line, "cache", state.text());
    }
    line.head(seen, &in_force.config.listen.paths);
    line.sample(in_force.config.log.sample, trail);
    line.end();
}

/// A line under construction, in the format of `tracing`.
struct AccessLine<'o, const JSON: bool> {
    out: &'o mut Vec<u8>,
}

impl<const JSON: bool> AccessLine<'_, JSON> {
    fn begin(&mut self, at: Duration) {
        if JSON {
            self.put("{\"timestamp\":\"");
            time(at, self.out);
            self.put("\",\"level\":\"INFO\",\"message\":\"request\"");
        } else {
            time(at, self.out);
            self.put("  INFO mesigate::access: request");
        }
    }

    /// Writes how long upstream took, and its status, if it was asked.
    #[inline]
    fn upstream(&mut self, trail: &Trail) {
        if let Some(upstream) = trail.upstream {
            name!(self, "upstream_us");
            self.number(micros(upstream));
        }
        if let Some(status) = trail.upstream_status {
            name!(self, "upstream_status");
            self.number(status.into());
        }
        if trail.asked.times > 0 {
            name!(self, "attempts");
            self.number(trail.asked.times.into());
        }
        if let Some(is_reused) = trail.asked.is_reused {
            word!(self, "upstream_connection", connection(is_reused));
        }
    }

    /// Writes by which version of HTTP a request has come, and on which kind of connection.
    #[inline]
    fn came(&mut self, came: Came) {
        if !came.version.is_empty() {
            word!(self, "http", came.version);
            word!(self, "connection", connection(came.is_reused));
        }
    }

    /// Writes the limit that has refused the request, or would have.
    #[inline]
    fn limit(&mut self, trail: &Trail) {
        if let Some(limit) = trail.limit() {
            name!(self, "limit");
            self.text(limit);
        }
    }

    /// Writes what is shown of the request's own text.
    #[inline]
    fn head(&mut self, seen: &ShownHead<'_>, paths: &[String]) {
        if !seen.path.is_empty() {
            name!(self, "path");
            self.path(seen.path, paths);
        }
        if let Some(user_agent) = seen.user_agent {
            word!(self, "program", own::program(user_agent));
            name!(self, "user_agent");
            self.plain(&own::user_agent(user_agent));
        }
    }

    /// Writes for how much of all requests the line stands: all that did not end well are written.
    #[inline]
    fn sample(&mut self, share: f64, trail: &Trail) {
        if share < 1.0 {
            name!(self, "sample");
            let share = if trail.ending() == Ending::Ok { share } else { 1.0 };
            // Writing to a vector cannot fail.
            _ = write!(self.out, "{share}");
        }
    }

    /// Writes the caller's app and key, if there is one.
    #[inline]
    fn app(&mut self, trail: &Trail) {
        if let Some(app) = &trail.app {
            name!(self, "app");
            self.text(&app.name);
            if let Some(Some(key)) = app.keys.get(trail.key) {
                name!(self, "key");
                self.text(key);
            }
        }
    }

    /// Writes a client's text, which has nothing that could end a quote.
    fn plain(&mut self, words: &[u8]) {
        self.put("\"");
        self.out.extend_from_slice(words);
        self.put("\"");
    }

    fn text(&mut self, value: &str) {
        json::string(self.out, value);
    }

    /// Writes a path, which is mostly one of the settings.
    fn path(&mut self, sent: &[u8], known: &[String]) {
        match known.iter().find(|known| known.as_bytes() == sent) {
            Some(known) => self.text(known),
            None => self.plain(own::path(sent).as_bytes()),
        }
    }

    fn number(&mut self, value: u64) {
        self.put(itoa::Buffer::new().format(value));
    }

    /// Writes an address; only JSON puts it in quotes.
    fn address(&mut self, address: IpAddr) {
        let quote = if JSON { "\"" } else { "" };
        self.put(quote);
        match address {
            // By hand, because the standard library's formatting takes as long as the rest of the line.
            IpAddr::V4(address) => {
                for (number, octet) in address.octets().into_iter().enumerate() {
                    self.put(if number > 0 { "." } else { "" });
                    self.put(itoa::Buffer::new().format(octet));
                }
            }
            // Writing to a vector cannot fail.
            IpAddr::V6(address) => _ = write!(self.out, "{address}"),
        }
        self.put(quote);
    }

    fn end(&mut self) {
        self.put(if JSON { ",\"target\":\"mesigate::access\"}\n" } else { "\n" });
    }

    #[inline]
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

const fn connection(is_reused: bool) -> &'static str {
    if is_reused { "reused" } else { "new" }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

thread_local! {
    static SECOND: RefCell<WrittenSecond> = RefCell::default();
}

/// Writes a time since 1970, in microseconds (RFC 3339).
fn time(since: Duration, out: &mut Vec<u8>) {
    SECOND.with_borrow_mut(|written| {
        out.extend_from_slice(written.of(since.as_secs(), up_to_the_point).as_bytes());
    });
    let mut digits = itoa::Buffer::new();
    // The leading one keeps the zeros, and is cut off.
    out.extend_from_slice(&digits.format(1_000_000 + since.subsec_micros()).as_bytes()[1..]);
    out.push(b'Z');
}

/// A time such as `2026-11-25T17:40:24`, with the point of its fraction.
fn up_to_the_point(second: SystemTime) -> String {
    let mut text = humantime::format_rfc3339_seconds(second).to_string();
    text.pop();
    text.push('.');
    text
}

#[cfg(test)]
mod tests;
