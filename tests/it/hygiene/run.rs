//! Runs the cases of a file through sockets: each as it is, and short ones once more byte by byte.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::timeout;

use super::case::{self, Case, End, Outcome, Step};
use super::upstream::Upstream;
use crate::support::client::{Answer, Client};
use crate::support::gateway::Gateway;
use crate::support::stub::Call;

/// After that long a case counts as hung.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest case that is sent byte by byte as well.
const SHORT: usize = 400;

/// Runs every case of `tests/raw/<file>.txt` and shows all whose result is wrong.
pub async fn file(file: &str) {
    let upstream = Upstream::start().await;
    let mut places: Vec<Place> = Vec::new();
    let mut failures = Vec::new();
    for case in case::parse(file, &super::read(file)) {
        let known = places.iter().position(|place| place.settings == case.settings);
        let number = known.unwrap_or(places.len());
        if known.is_none() {
            places.push(Place::start(&upstream, &case.settings).await);
        }
        let found = check(&case, &mut places[number], &upstream).await;
        failures.extend(found.err().map(|what| format!("{}: {what}", case.name)));
    }
    for place in places.iter().filter(|place| !is_timed(&place.settings)) {
        let served = timeout(PATIENCE, place.serves()).await;
        assert_eq!(served, Ok(true), "{file}: good requests behind all others are not answered");
    }
    assert!(failures.is_empty(), "{} do not hold:\n{}", failures.len(), failures.join("\n"));
}

async fn check(case: &Case, place: &mut Place, upstream: &Upstream) -> Result<(), String> {
    let whole = Run::new(case, place, upstream, false).await.outcome().await;
    whole.map_err(|what| format!("\n{what}"))?;
    if case.length() >= SHORT || is_timed(&case.settings) {
        return Ok(());
    }
    let in_bytes = Run::new(case, place, upstream, true).await.outcome().await;
    in_bytes.map_err(|what| format!("sent byte by byte\n{what}"))
}

/// Whether a case sets deadlines so short that a busy machine may miss them between two writes.
fn is_timed(settings: &str) -> bool {
    settings.contains("deadline.")
}

/// A request that deletes a user, and that every rule allows.
fn good(uid: u64) -> String {
    format!("GET /api.php?op=userdel&token=T&uid={uid} HTTP/1.1\r\nHost: gateway\r\n\r\n")
}

/// A uid that no case and no other request uses.
fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(900_000);
    NEXT.fetch_add(1, Relaxed)
}

/// A gateway, and a connection to it beside the case's own.
struct Place {
    settings: String,
    /// Declared before the gateway, so that it is closed when the gateway stops and waits for its clients.
    bystander: Client,
    gateway: Gateway,
}

impl Place {
    async fn start(upstream: &Upstream, settings: &str) -> Self {
        let gateway = Gateway::with(upstream.address, settings);
        let bystander = Client::connect(gateway.address).await;
        Self { settings: settings.to_owned(), bystander, gateway }
    }

    /// Waits until the gateway has read all bytes that were sent to it before. Its one worker takes sockets in the
    /// order in which bytes came, so the bytes before this request are read when this request is answered.
    async fn turn(&mut self) {
        let request = b"GET /nowhere HTTP/1.1\r\nHost: gateway\r\n\r\n";
        loop {
            if self.bystander.try_send(request).await && self.bystander.answer().await.is_some() {
                return;
            }
            // A short deadline of the case's settings has ended it.
            self.bystander = Client::connect(self.gateway.address).await;
        }
    }

    /// Whether good requests on a connection of their own are answered.
    async fn serves(&self) -> bool {
        let mut client = Client::connect(self.gateway.address).await;
        let uid = fresh();
        let form = format!("op=userdel&token=T&uid={uid}");
        let head = format!("POST /api.php HTTP/1.1\r\nHost: gateway\r\nContent-Length: {}", form.len());
        for request in [good(uid), format!("{head}\r\n\r\n{form}")] {
            client.send(request.as_bytes()).await;
            if client.answer().await.as_ref().and_then(deleted) != Some(uid) {
                return false;
            }
        }
        true
    }
}

/// One conversation of a case.
struct Run<'r> {
    case: &'r Case,
    place: &'r mut Place,
    upstream: &'r Upstream,
    client: Client,
    byte_by_byte: bool,
    answers: Vec<Answer>,
    /// The uid of the request that shows that the connection stays.
    last: u64,
}

impl<'r> Run<'r> {
    async fn new(case: &'r Case, place: &'r mut Place, upstream: &'r Upstream, byte_by_byte: bool) -> Self {
        let client = Client::connect(place.gateway.address).await;
        Self { case, place, upstream, client, byte_by_byte, answers: Vec::new(), last: fresh() }
    }

    /// Talks to the end and compares; the error tells the differences.
    async fn outcome(mut self) -> Result<(), String> {
        let stays = timeout(PATIENCE, self.talk()).await;
        let calls = self.upstream.take_calls();
        let upstream: Vec<String> =
            calls.iter().map(asked).filter(|uid| *uid != self.last.to_string()).collect();
        let end = match stays {
            Ok(true) => End::Stays,
            Ok(false) => ended(self.answers.last()),
            Err(_) => {
                let answers: Vec<String> = self.answers.iter().map(told).collect();
                return Err(format!("  expected {}\n  hangs behind {answers:?}", self.case.expected));
            }
        };
        let found = Outcome { answers: self.answers.iter().map(told).collect(), end, upstream };
        if found != self.case.expected {
            return Err(format!("  expected {}\n  found    {found}", self.case.expected));
        }
        let faults = self.faults(&found);
        if faults.is_empty() { Ok(()) } else { Err(format!("  {}", faults.join("\n  "))) }
    }

    /// Sends and reads; whether the connection stays open.
    async fn talk(&mut self) -> bool {
        // Before the connection is accepted, its first bytes would be read together.
        self.place.turn().await;
        for step in &self.case.steps {
            match step {
                Step::Send(bytes) => self.send(bytes).await,
                Step::Pause => self.place.turn().await,
                Step::Answer => self.answers.extend(self.client.answer().await),
                Step::End => self.client.finish().await,
            }
        }
        while self.answers.len() < self.case.expected.answers.len() {
            match self.client.answer().await {
                Some(answer) => self.answers.push(answer),
                None => return false,
            }
        }
        // On a connection that ends, no request after the last answer may be served.
        let goes_on = match self.case.expected.end {
            End::Stays => true,
            End::Ends => !self.answers.is_empty(),
            End::EndsSilently => false,
        };
        if goes_on {
            self.client.try_send(good(self.last).as_bytes()).await;
        }
        while let Some(answer) = self.client.answer().await {
            if deleted(&answer) == Some(self.last) {
                return true;
            }
            self.answers.push(answer);
        }
        false
    }

    /// Sends bytes; a gateway that has refused need not take the rest.
    async fn send(&mut self, bytes: &[u8]) {
        if !self.byte_by_byte {
            self.client.try_send(bytes).await;
            return;
        }
        for (place, byte) in bytes.iter().enumerate() {
            if !self.client.try_send(&[*byte]).await {
                return;
            }
            // The letters of a word may travel together: a cut within a word changes nothing for any reader.
            let is_cut = bytes[place..].iter().take(2).any(|byte| !byte.is_ascii_alphabetic());
            if is_cut {
                self.place.turn().await;
            }
        }
    }

    /// What is wrong with the answers, each by its status and position.
    fn faults(&self, found: &Outcome) -> Vec<String> {
        let mut faults = Vec::new();
        let rest = self.client.rest();
        if !rest.is_empty() {
            faults.push(format!("half an answer: {}", String::from_utf8_lossy(rest)));
        }
        let deleted: Vec<String> =
            self.answers.iter().filter_map(deleted).map(|uid| uid.to_string()).collect();
        if deleted != found.upstream {
            faults.push(format!("the answers are those to {deleted:?}"));
        }
        let last = self.answers.len().saturating_sub(1);
        for (place, answer) in self.answers.iter().enumerate() {
            if says_close(answer) && (place < last || found.end == End::Stays) {
                faults.push(format!("answer {place} says that the connection ends, and it does not"));
            }
            faults.extend(fault(answer).map(|what| format!("answer {place}: {what}")));
        }
        faults
    }
}

/// The uid that upstream was asked to delete; the whole body if the call asks for anything else.
fn asked(call: &Call) -> String {
    let body = String::from_utf8_lossy(&call.body).into_owned();
    let uid = body.strip_prefix(r#"{"op":"userdel","token":"T","user":{"uid":"#);
    let uid = uid.and_then(|rest| rest.strip_suffix("}}")).map(str::to_owned);
    uid.unwrap_or(body)
}

/// The user that an answer says is deleted.
fn deleted(answer: &Answer) -> Option<u64> {
    let told: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    told["user"]["uid"].as_u64().filter(|_| told["result"] == true)
}

/// An answer in the notation of a case.
fn told(answer: &Answer) -> String {
    let status = answer.status;
    if status != 200 || deleted(answer).is_some() {
        return status.to_string();
    }
    if answer.body.is_empty() {
        return "200 empty".to_owned();
    }
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    format!("200 {}", told["error"].as_str().unwrap_or("and neither JSON nor an error"))
}

fn says_close(answer: &Answer) -> bool {
    let words = answer.header("connection").unwrap_or_default().to_ascii_lowercase();
    let says = |wanted: &str| words.split(',').any(|word| word.trim() == wanted);
    says("close") || (answer.version == "HTTP/1.0" && !says("keep-alive"))
}

/// How a connection ended.
fn ended(last: Option<&Answer>) -> End {
    if last.is_none_or(says_close) { End::Ends } else { End::EndsSilently }
}

/// What is wrong with an answer, whichever request it belongs to.
fn fault(answer: &Answer) -> Option<&'static str> {
    let is_text = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
    let is_short = (1..=200).contains(&answer.body.len()) && !answer.body.starts_with(b"{");
    match answer.status {
        100 | 204 => (!answer.body.is_empty()).then_some("it has a body"),
        200 if answer.body.is_empty() => None,
        200 => (!is_json(answer)).then_some("it is not JSON"),
        405 if answer.header("allow").is_none() => Some("it does not say what is allowed"),
        404 | 405 => (!is_text || !is_short).then_some("it is no short text"),
        _ if !is_text || !is_short => Some("it is no short text"),
        _ => (!says_close(answer)).then_some("it does not say that the connection ends"),
    }
}

/// Whether an answer has the content type of one of the doors.
fn is_json(answer: &Answer) -> bool {
    let types = ["application/json", "application/json; charset=utf-8"];
    answer.header("content-type").is_some_and(|kind| types.contains(&kind))
}
