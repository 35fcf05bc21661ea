//! The one line that each request has. It is built from what the gateway knows of the request, never
//! from the request's own text.

use std::cell::RefCell;
use std::io::Write as _;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::http::net::clock::{Written, micros};
use crate::http::reply::Reply;
use crate::protocol::ops::Table;
use crate::protocol::translate::json;
use crate::telemetry::trail::Trail;

/// Puts a name with the marks around it, in the line's form. In place for each name, so that its length is
/// known to the compiler and nothing is called to copy a handful of bytes.
macro_rules! name {
    ($line:ident, $name:literal) => {
        if $line.is_json {
            $line.put(concat!(",\"", $name, "\":"));
        } else {
            $line.put(concat!(" ", $name, "="));
        }
    };
}

/// Writes the line of a request that is answered, as JSON or as text for people.
pub fn write(out: &mut Vec<u8>, is_json: bool, table: &Table, trail: &Trail, reply: &Reply, took: Duration) {
    let op = trail.operation.map_or("-", |number| table.operations()[number].row.name.as_str());
    let mut line = Line { out, is_json };
    line.begin(reply.at);
    name!(line, "door");
    line.word(trail.door.text());
    name!(line, "op");
    line.text(op);
    name!(line, "outcome");
    line.word(trail.label.text());
    name!(line, "upstream");
    line.word(trail.outcome.text());
    name!(line, "status");
    line.number(reply.status.into());
    name!(line, "bytes_in");
    line.number(trail.bytes_in as u64);
    name!(line, "bytes_out");
    line.number(reply.body.len() as u64);
    name!(line, "dropped");
    line.number(trail.dropped as u64);
    if let Some(upstream) = trail.upstream {
        name!(line, "upstream_us");
        line.number(micros(upstream));
    }
    name!(line, "took_us");
    line.number(micros(took));
    name!(line, "client");
    line.address(trail.client);
    if let Some(app) = &trail.app {
        name!(line, "app");
        line.text(&app.name);
    }
    if let Some((state, _)) = trail.cache {
        name!(line, "cache");
        line.word(state.text());
    }
    line.end();
}

/// A line under way, in the form that `tracing` gives the others.
struct Line<'o> {
    out: &'o mut Vec<u8>,
    is_json: bool,
}

impl Line<'_> {
    fn begin(&mut self, at: Duration) {
        if self.is_json {
            self.put("{\"timestamp\":\"");
            time(at, self.out);
            self.put("\",\"level\":\"INFO\",\"message\":\"request\"");
        } else {
            time(at, self.out);
            self.put("  INFO mesigate::access: request");
        }
    }

    /// A word of ours, in which there is nothing to escape.
    fn word(&mut self, word: &str) {
        self.put("\"");
        self.put(word);
        self.put("\"");
    }

    /// A text of the settings' or the table's.
    fn text(&mut self, value: &str) {
        json::string(self.out, value);
    }

    fn number(&mut self, value: u64) {
        self.put(itoa::Buffer::new().format(value));
    }

    /// An address, which has quotes in JSON alone.
    fn address(&mut self, address: IpAddr) {
        let quote = if self.is_json { "\"" } else { "" };
        self.put(quote);
        match address {
            // By hand: the standard library's way takes as long as the rest of the line.
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
        self.put(if self.is_json { ",\"target\":\"mesigate::access\"}\n" } else { "\n" });
    }

    #[inline]
    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

thread_local! {
    static SECOND: RefCell<Written> = RefCell::default();
}

/// Writes a time since 1970, in microseconds (RFC 3339).
fn time(since: Duration, out: &mut Vec<u8>) {
    SECOND.with_borrow_mut(|written| {
        out.extend_from_slice(written.of(since.as_secs(), up_to_the_point).as_bytes());
    });
    let mut digits = itoa::Buffer::new();
    // A one in front keeps the zeros, and goes.
    out.extend_from_slice(&digits.format(1_000_000 + since.subsec_micros()).as_bytes()[1..]);
    out.push(b'Z');
}

/// A second such as `2026-11-25T17:40:24`, and the point of its fraction.
fn up_to_the_point(second: SystemTime) -> String {
    let mut text = humantime::format_rfc3339_seconds(second).to_string();
    text.pop();
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::write;
    use crate::http::reply;
    use crate::policy::cache::State;
    use crate::protocol::ops::Table;
    use crate::protocol::outcome::Outcome;
    use crate::telemetry::trail::Trail;

    fn line(is_json: bool) -> String {
        let mut trail = Trail::new([127, 0, 0, 1].into(), false);
        trail.operation = Some(0);
        trail.answered(true);
        (trail.bytes_in, trail.upstream) = (195, Some(Duration::from_nanos(1_234_999)));
        trail.cache = Some((State::Bypass, Duration::ZERO));
        let mut out = Vec::new();
        let reply = reply::json(200, "{}".into(), Outcome::Done);
        let table = Table::shipped().expect("a table");
        write(&mut out, is_json, &table, &trail, &reply, Duration::from_millis(2));
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn it_is_json_with_the_time_first() {
        let line = line(true);
        let read: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let time = read["timestamp"].as_str().expect("a time");
        assert!(humantime::parse_rfc3339(time).is_ok() && time.len() == 27, "{time}");
        let expected = format!(
            "{{\"timestamp\":\"{time}\",\"level\":\"INFO\",\"message\":\"request\",\"door\":\"unread\",\
             \"op\":\"useradd\",\"outcome\":\"ok\",\"upstream\":\"done\",\"status\":200,\"bytes_in\":195,\
             \"bytes_out\":2,\"dropped\":0,\"upstream_us\":1234,\"took_us\":2000,\"client\":\"127.0.0.1\",\
             \"cache\":\"bypass\",\"target\":\"mesigate::access\"}}\n"
        );
        assert_eq!(line, expected);
    }

    #[test]
    fn or_text_for_people() {
        let line = line(false);
        let expected = "  INFO mesigate::access: request door=\"unread\" op=\"useradd\" outcome=\"ok\" \
                        upstream=\"done\" status=200 bytes_in=195 bytes_out=2 dropped=0 upstream_us=1234 \
                        took_us=2000 client=127.0.0.1 cache=\"bypass\"\n";
        assert_eq!(&line[27..], expected);
    }
}
