//! Every known fault of upstream, and what the caller is told of it.
//!
//! Whatever upstream does, the caller gets one answer of one shape, which says what became of the request: done only if
//! upstream said so, not sent only if nothing of it can have left, unknown otherwise. No text of upstream's gets any
//! further, and the next request does not suffer.

mod answers; // bodies that are no answer, or odd ones
mod at_most_once; // thousands of writes, where chance decides what each one meets
mod connections; // connections that end too early, too late, or not at all
mod framing; // odd, ambiguous and broken framing
mod row; // one fault, and what may become of a request that meets it
mod tls; // what goes wrong with TLS

use std::io;
use std::slice::from_ref;
use std::sync::{Mutex, Once};
use std::time::Duration;

use tokio::time::timeout;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::support::chaos::Step::{Answer, Flood, Hang, Read, ReadPart};
use crate::support::chaos::words::good;
use crate::support::chaos::{Chaos, Fault, MARK, Step, When};
use crate::support::client::{Answer as Got, ask};
use crate::support::gateway::Gateway;
use row::{End, Row};

/// Whether a read that met a fault is asked again, twice at most.
const READS_ARE_REPEATED: bool = true;

/// Far above the tests' short deadlines, and below the shipped ones: no fault may take longer.
const PATIENCE: Duration = Duration::from_secs(5);

const SHORT: &str = "deadline = { upstream_first_byte = '1s', total = '1500ms' }";
const SHORT_CONNECT: &str = "deadline.connect = '200ms'";
/// So small that a debug build reaches it soon.
const SMALL_CAP: &str = "cap.answer = 20000";

/// The requests of one row: one before it where the connection must be an old one, the one that meets the fault, and
/// one after it that must not notice.
const BEFORE: u64 = 10_000_001;
const NONCE: u64 = 10_000_002;
const NEXT: u64 = 10_000_003;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Effect {
    Write,
    Read,
}

impl Effect {
    fn op(self) -> &'static str {
        match self {
            Self::Write => "message",
            Self::Read => "groupgetmembers",
        }
    }

    fn request(self) -> String {
        let params = match self {
            Self::Write => format!("from=a&to=b&msg=N{NONCE}"),
            Self::Read => format!("gid={NONCE}"),
        };
        let op = self.op();
        format!("GET /api.php?op={op}&token=T&id={NONCE}&{params} HTTP/1.1\r\nHost: gateway\r\n\r\n")
    }
}

/// What the caller was told. Every answer has one shape, and contains nothing that upstream wrote.
#[track_caller]
pub fn told(got: &Got, op: &str, id: u64) -> End {
    let json = got.json();
    assert_eq!((got.status, &json["op"], &json["id"]), (200, &op.into(), &id.into()), "{json}");
    let error = json.get("error").map(|error| error.as_str().expect("a text"));
    let end = match (error, got.header("x-mesigate-outcome").expect("an outcome")) {
        (None, "done") => End::Yes,
        (Some("BADUSER"), "done") => End::No,
        (Some("UPSTREAMDOWN"), "not-sent") => End::NotSent,
        (Some("BADANSWER"), "unknown") => End::BadAnswer,
        (Some("TIMEOUT"), "unknown") => End::Timeout,
        other => panic!("an error and an outcome that do not belong together: {other:?}"),
    };
    assert_eq!(json["result"], end == End::Yes, "{json}");
    assert!(end == End::Yes || json["cause"].is_string() && json["code"].is_number(), "{json}");
    end
}

/// The answer contains nothing that upstream wrote, and not its address.
#[track_caller]
pub fn tells_nothing_of_upstream(got: &Got) {
    let text = format!("{:?} {}", got.headers, String::from_utf8_lossy(&got.body));
    for word in [MARK, "127.0.0.1", "localhost", "elsewhere"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

/// A request through the other door that must succeed, with its own answer.
async fn plain(gateway: &Gateway, nonce: u64) {
    let body = format!(
        r#"{{"op":"message","token":"T","id":{nonce},"message":{{"from":"a","to":"b","message":"N{nonce}"}}}}"#
    );
    let head = format!("POST /backend/ HTTP/1.1\r\nHost: gateway\r\nContent-Length: {}\r\n\r\n", body.len());
    let got = timeout(PATIENCE, ask(gateway.address, (head + &body).as_bytes())).await.expect("an answer");
    assert_eq!(told(&got, "message", nonce), End::Yes);
    assert_eq!(got.json()["nonce"], nonce, "another's answer");
}

async fn judge(row: &Row, settings: &str, over_tls: bool) {
    for effect in [Effect::Write, Effect::Read] {
        for on_an_old_connection in [false, true] {
            if on_an_old_connection && row.fault.when != When::Request {
                continue;
            }
            let chaos = if over_tls { Chaos::over_tls().await } else { Chaos::start().await };
            let gateway = Gateway::start(&chaos.settings(settings));
            if on_an_old_connection {
                plain(&gateway, BEFORE).await;
            }
            chaos.will(row.fault);
            let request = effect.request();
            let got = timeout(PATIENCE, ask(gateway.address, request.as_bytes())).await.expect("an answer");
            assert!(chaos.is_through(), "the fault has not come to pass");
            let end = told(&got, effect.op(), NONCE);
            tells_nothing_of_upstream(&got);

            plain(&gateway, NEXT).await;
            let (seen, next) = (chaos.seen(NONCE), chaos.seen(NEXT));
            match effect {
                // A write that surely was not sent may go to another connection.
                Effect::Write if end == End::Yes && row.ends.contains(&End::NotSent) => {
                    assert_eq!(seen.whole.len(), 1, "{seen:?}");
                }
                Effect::Write => {
                    assert!(row.ends.contains(&end), "{end:?} is none of {:?}", row.ends);
                    assert_eq!(seen.whole.len(), row.seen, "how often upstream read it");
                }
                Effect::Read if READS_ARE_REPEATED && row.is_mended_by_repeating => {
                    assert_eq!(end, End::Yes);
                    assert!((1..=3).contains(&seen.whole.len()), "{seen:?}");
                }
                Effect::Read => {
                    assert!(end == End::Yes || row.ends.contains(&end), "{end:?} is none of {:?}", row.ends);
                    assert!(seen.whole.len() <= 3, "{seen:?}");
                }
            }
            if matches!(end, End::Yes | End::No) {
                assert_eq!(seen.answered, Some(end == End::Yes), "done is what upstream said is done");
            }
            if end == End::NotSent {
                assert!(seen.whole.is_empty() && !seen.partly, "it was sent: {seen:?}");
            }
            assert_eq!(next.whole.len(), 1, "{next:?}");
            let is_reused = chaos.met_its_fault_on() == next.whole[0];
            assert!(row.may_be_reused || !is_reused, "a connection in doubt is used again");
            assert_eq!(chaos.astray(), 0, "a redirect was followed");
        }
    }
}

/// Log lines that contain anything upstream wrote.
static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Watch;

impl io::Write for Watch {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if text.contains(MARK) {
            LEAKS.lock().expect("a lock").push(text.into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Searches every line of the gateway's log, at every level.
fn watch_the_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ours = Targets::new().with_target("mesigate", LevelFilter::TRACE);
        let layer = tracing_subscriber::fmt::layer().with_writer(|| Watch);
        tracing_subscriber::registry().with(ours).with(layer).init();
    });
}

/// Judges every row, so that one run shows all failures.
async fn hold(rows: &'static [Row], settings: &'static str, over_tls: bool) {
    watch_the_log();
    let mut untrue = Vec::new();
    for row in rows {
        if tokio::spawn(judge(row, settings, over_tls)).await.is_err() {
            untrue.push(row.name);
        }
    }
    assert!(untrue.is_empty(), "untrue of {} of {}: {untrue:#?}", untrue.len(), rows.len());
    let leaks = LEAKS.lock().expect("a lock");
    assert!(leaks.is_empty(), "in the log: {leaks:?}");
}

#[tokio::test]
async fn a_connection_that_ends_too_early_is_told_as_what_it_is() {
    hold(connections::ENDED, "", false).await;
    hold(connections::ENDED, "", true).await;
}

#[tokio::test]
async fn silence_is_ended_by_a_deadline() {
    // All rows at once, since each of them waits.
    let each = connections::SILENT.iter().map(|row| tokio::spawn(hold(from_ref(row), SHORT, false)));
    for row in each.collect::<Vec<_>>() {
        row.await.expect("a row that holds");
    }
}

#[tokio::test]
async fn what_has_no_end_is_ended_by_a_cap() {
    hold(connections::ENDLESS, SMALL_CAP, false).await;
}

const PUT_OFF: &[Step] =
    &[Read, Flood(|_| format!("HTTP/1.1 100 Continue\r\nX-Mark: {MARK}\r\n\r\n").repeat(1000).into())];

#[tokio::test]
async fn upstream_that_puts_its_answer_off_for_ever_keeps_nobody_waiting() {
    let chaos = Chaos::start().await;
    let gateway = Gateway::start(&chaos.settings(SHORT));
    let address = gateway.address;
    chaos.will(Fault { when: When::Request, steps: PUT_OFF });
    let asked = tokio::spawn(async move { ask(address, Effect::Write.request().as_bytes()).await });
    while chaos.seen(NONCE).whole.is_empty() {
        tokio::task::yield_now().await;
    }
    // These requests share a thread of the gateway with the flood, and wait for each turn that the flood takes.
    for _ in 0..3 {
        let neighbour = ask(address, b"GET /api.php HTTP/1.1\r\nHost: gateway\r\n\r\n");
        timeout(PATIENCE, neighbour).await.expect("a neighbour's answer");
    }
    let got = timeout(PATIENCE, asked).await.expect("in time").expect("an answer");
    assert!(matches!(told(&got, "message", NONCE), End::Timeout | End::BadAnswer));
    tells_nothing_of_upstream(&got);
    plain(&gateway, NEXT).await;
}

#[tokio::test]
async fn an_answer_that_is_whole_is_taken_in_every_form_that_http_has_for_one() {
    hold(framing::WHOLE, "", false).await;
    hold(framing::WHOLE, "", true).await;
}

#[tokio::test]
async fn bytes_behind_an_answer_are_nobodys() {
    hold(framing::MORE, "", false).await;
    hold(framing::MORE, "", true).await;
}

#[tokio::test]
async fn an_answer_that_is_broken_is_none() {
    hold(framing::BROKEN, "", false).await;
}

#[tokio::test]
async fn a_status_that_says_it_is_none_is_believed() {
    hold(answers::STATUSES, "", false).await;
}

#[tokio::test]
async fn a_body_that_is_no_answer_of_the_api_is_none_whatever_its_status() {
    hold(answers::BODIES, "", false).await;
}

#[tokio::test]
async fn an_odd_answer_is_one() {
    hold(answers::ODD, "", false).await;
}

#[tokio::test]
async fn nothing_is_sent_before_tls_has_shown_who_is_there() {
    hold(tls::HANDSHAKES, "", true).await;
    hold(tls::STALLED, SHORT_CONNECT, true).await;
}

#[tokio::test]
async fn tls_says_where_an_answer_ends() {
    hold(tls::ENDS, "", true).await;
}

#[tokio::test]
async fn upstream_that_lets_nobody_in_was_sent_nothing() {
    for mut chaos in [Chaos::refusing().await, Chaos::full().await] {
        let gateway = Gateway::start(&chaos.settings(SHORT_CONNECT));
        for effect in [Effect::Write, Effect::Read] {
            let request = effect.request();
            let got = timeout(PATIENCE, ask(gateway.address, request.as_bytes())).await.expect("an answer");
            assert_eq!(told(&got, effect.op(), NONCE), End::NotSent);
            tells_nothing_of_upstream(&got);
        }
        chaos.open();
        plain(&gateway, NEXT).await;
        assert!(chaos.seen(NONCE).whole.is_empty());
    }
}

#[tokio::test]
async fn a_connection_on_which_a_request_has_not_left_whole_gets_no_other() {
    const LENGTH: usize = 12 << 20;
    // More than the kernel buffers: what upstream does not read stays in the gateway.
    let chaos = Chaos::start().await;
    let settings =
        "cap.body = 20000000\ndeadline = { body = '2m', upstream_first_byte = '2m', total = '2m' }";
    let gateway = Gateway::start(&chaos.settings(settings));
    chaos.will(Fault { when: When::Request, steps: &[ReadPart, Answer(good), Hang] });
    let form = format!("op=message&token=T&id={NONCE}&from=a&to=b&msg=N{NONCE}{}", "x".repeat(LENGTH));
    let head = format!("POST /api.php HTTP/1.1\r\nHost: gateway\r\nContent-Length: {}\r\n\r\n", form.len());
    let got = timeout(PATIENCE, ask(gateway.address, (head + &form).as_bytes())).await.expect("an answer");
    assert_eq!(told(&got, "message", NONCE), End::Yes);
    plain(&gateway, NEXT).await;
    assert_eq!(chaos.seen(NEXT).whole, [2]);
}
