//! Thousands of writes, where chance decides which fault each one meets: upstream sees no write twice, and each caller
//! is told the truth.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::time::timeout;

use super::row::{End, Odds, Row};
use super::{PATIENCE, answers, connections, framing, tells_nothing_of_upstream, tls, told};
use crate::support::chaos::words::{no, ok};
use crate::support::chaos::{Chance, Chaos, Fault, Step, When};
use crate::support::client::{Answer, Client};
use crate::support::gateway::Gateway;

const SEED: u64 = 0x6d65_7369_6761_7465;
const CLIENTS: u64 = 16;
const FIRST_NONCE: u64 = 10_000_000;

/// Short, since every silence is waited for; now and then too short for an answer, as real deadlines are.
const DEADLINES: &str = "deadline = { connect = '60ms', upstream_first_byte = '40ms', total = '60ms' }";

/// Pseudo-random numbers, the same in each run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits") % bound
    }

    fn of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }
}

/// Half of the requests succeed, and one in a hundred meets a slow fault; connections likewise.
fn chance(tables: &[&[Row]]) -> Chance {
    let faults = |odds: Odds, at_request: bool| -> Vec<Fault> {
        let rows = tables.iter().copied().flatten();
        let due = rows.filter(|row| row.odds == odds && (row.fault.when == When::Request) == at_request);
        due.map(|row| row.fault).collect()
    };
    let [often, rarely] = [Odds::Often, Odds::Rarely].map(|odds| [false, true].map(|at| faults(odds, at)));
    let mut random = Random(SEED);
    Box::new(move |at_request| {
        let at = usize::from(at_request);
        match random.below(200) {
            0..2 => Some(random.of(&rarely[at])),
            2..30 => Some(random.of(&often[at])),
            30..85 if at_request => Some(random.of(&often[at])),
            85..100 if at_request => Some(NO),
            _ => None,
        }
    })
}

const NO: Fault = Fault { when: When::Request, steps: &[Step::Read, Step::Answer(|call| ok(no(call)))] };

const OPS: [&str; 5] = ["message", "groupadd", "useradd", "userset", "groupeditmembers"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Door {
    Query,
    Form,
    Json,
}

const WAYS: [(&str, Door); 5] = [
    ("GET", Door::Query),
    ("POST", Door::Query),
    ("POST", Door::Form),
    ("POST", Door::Json),
    ("GET", Door::Json),
];

fn request((method, door): (&str, Door), op: &str, nonce: u64) -> Vec<u8> {
    let legacy = match op {
        "message" => format!("from=a&to=b&msg=N{nonce}"),
        "groupadd" => format!("name=N{nonce}"),
        "useradd" => format!("addr=N{nonce}&appid=x"),
        "userset" => format!("addr=N{nonce}&active=1"),
        _ => format!("gid=5&m=N{nonce}&cs=1"),
    };
    let json = match op {
        "message" => format!(r#""message":{{"from":"a","to":"b","message":"N{nonce}"}}"#),
        "groupadd" => format!(r#""group":{{"name":"N{nonce}"}}"#),
        "useradd" => format!(r#""user":{{"address":"N{nonce}","token":{{"appid":"x"}}}}"#),
        "userset" => format!(r#""user":{{"address":"N{nonce}","active":true}}"#),
        _ => format!(r#""group":{{"gid":5,"members":{{"m":"N{nonce}"}}}}"#),
    };
    let form = format!("op={op}&token=T&id={nonce}&{legacy}");
    let (query, body) = match door {
        Door::Query => (format!("?{form}"), String::new()),
        Door::Form => (String::new(), form),
        Door::Json => (String::new(), format!(r#"{{"op":"{op}","token":"T","id":{nonce},{json}}}"#)),
    };
    let length = body.len();
    format!("{method} /api.php{query} HTTP/1.1\r\nHost: gateway\r\nContent-Length: {length}\r\n\r\n{body}")
        .into()
}

/// Every number that upstream put into a good answer must be that of this request.
fn is_its_own(answer: &Answer, nonce: u64) -> bool {
    let json = answer.json();
    let places = ["/user/uid", "/group/gid", "/members/0/uid", "/nonce"];
    places.iter().filter_map(|place| json.pointer(place)).all(|number| *number == nonce)
}

/// One client, which keeps its connection for some requests at a time; returns what it was told.
async fn client(address: SocketAddr, number: u64, requests: u64) -> Vec<(u64, End)> {
    let mut random = Random(SEED + 1 + number);
    let mut ends = Vec::new();
    let mut client = Client::connect(address).await;
    for turn in 0..requests {
        if random.below(50) == 0 {
            client = Client::connect(address).await;
        }
        let nonce = FIRST_NONCE + turn * CLIENTS + number;
        let (way, op) = (random.of(&WAYS), random.of(&OPS));
        client.send(&request(way, op, nonce)).await;
        let answer = timeout(PATIENCE, client.answer()).await.expect("in time").expect("an answer");
        let end = told(&answer, op, nonce);
        assert!(is_its_own(&answer, nonce), "another's answer: {}", answer.json());
        // The JSON door passes a good answer on as it came.
        if way.1 != Door::Json || !matches!(end, End::Yes | End::No) {
            tells_nothing_of_upstream(&answer);
        }
        ends.push((nonce, end));
    }
    client.send(b"GET /api.php HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n").await;
    assert_eq!(client.answer().await.expect("an answer").json()["error"], "NOOP");
    assert!(client.answer().await.is_none(), "an answer that nobody asked for");
    ends
}

/// What all clients were told, by kind.
async fn holds(chaos: Chaos, tables: &[&[Row]], requests: u64) -> BTreeMap<String, usize> {
    chaos.leave_to(chance(tables));
    let gateway = Gateway::start(&chaos.settings(DEADLINES));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(gateway.address, number, requests / CLIENTS)))
        .collect();
    let mut counts = BTreeMap::new();
    for client in clients {
        for (nonce, end) in client.await.expect("a client") {
            let seen = chaos.seen(nonce);
            assert!(seen.whole.len() <= 1, "{nonce} was sent twice: {seen:?}");
            let is_true = match end {
                End::Yes => seen.answered == Some(true),
                End::No => seen.answered == Some(false),
                End::NotSent => seen.whole.is_empty() && !seen.partly,
                End::BadAnswer => seen.answered.is_none(),
                // A good answer may have come too late.
                End::Timeout => true,
            };
            assert!(is_true, "{nonce} was told as {end:?}: {seen:?}");
            *counts.entry(format!("{end:?}")).or_default() += 1;
        }
    }
    assert_eq!(chaos.astray(), 0, "a redirect was followed");
    counts
}

#[tokio::test]
async fn no_write_is_sent_twice_and_its_outcome_is_always_told() {
    println!("seed {SEED:#x}");
    let began = Instant::now();
    let tables = [
        connections::ENDED,
        connections::SILENT,
        connections::ENDLESS,
        framing::WHOLE,
        framing::MORE,
        framing::BROKEN,
        answers::STATUSES,
        answers::BODIES,
        answers::ODD,
    ];
    let chaos = Chaos::start().await;
    let counts = holds(chaos, &tables, 10_000).await;
    println!("10,000 writes in {:?}: {counts:?}", began.elapsed());
}

#[tokio::test]
async fn the_same_holds_over_tls() {
    println!("seed {SEED:#x}");
    let began = Instant::now();
    let tables = [
        connections::ENDED,
        connections::SILENT,
        framing::MORE,
        framing::BROKEN,
        answers::ODD,
        tls::HANDSHAKES,
        tls::STALLED,
        tls::ENDS,
    ];
    let chaos = Chaos::over_tls().await;
    let counts = holds(chaos, &tables, 2_000).await;
    println!("2,000 writes in {:?}: {counts:?}", began.elapsed());
}
