//! Upstreams that lead back to a gateway: by another name, through a proxy, through another gateway.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::support::client::{Answer, ask, get, metric, metrics};
use crate::support::frames::{Frames, Heard, with};
use crate::support::gateway::Gateway;
use crate::support::stub::{Stub, signature};

const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";
const READ: &str = "/api.php?op=groupgetmembers&token=T&gid=7";
const DONE: &str = r#"{"op":"userdel","result":true}"#;

/// A proxy to an address that is named later: its own address does not show where it leads.
struct Detour {
    address: SocketAddr,
    to: Arc<OnceLock<SocketAddr>>,
    taken: Arc<AtomicUsize>,
}

impl Detour {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (to, taken) = (Arc::<OnceLock<SocketAddr>>::default(), Arc::<AtomicUsize>::default());
        let (leads, count) = (to.clone(), taken.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Relaxed);
                let to = *leads.get().expect("it leads somewhere");
                let mut there = TcpStream::connect(to).await.expect("somebody there");
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut there).await });
            }
        });
        Self { address, to, taken }
    }

    fn leads_to(&self, gateway: &Gateway) {
        self.to.set(gateway.address).expect("it leads nowhere yet");
    }
}

/// A ring of gateways: clients ask the first.
struct Ring {
    gateways: Vec<Gateway>,
    detour: Detour,
}

impl Ring {
    async fn of(length: usize, toml: &str) -> Self {
        let detour = Detour::start().await;
        let mut gateways = vec![Gateway::with(detour.address, toml)];
        while gateways.len() < length {
            let next = Gateway::with(gateways[0].address, toml);
            gateways.insert(0, next);
        }
        detour.leads_to(&gateways[0]);
        Self { gateways, detour }
    }

    async fn loops(&self, at: usize) -> u64 {
        let metrics = metrics(self.gateways[at].admin).await;
        let looped = metrics
            .lines()
            .filter(|line| line.starts_with("mesigate_requests_total") && line.contains("=\"loop\""));
        looped.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }
}

fn cause(answer: &Answer) -> String {
    answer.json()["cause"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_request_that_comes_back_is_refused_by_whoever_has_sent_it() {
    for length in [1, 2, 3] {
        for (target, toml) in
            [(WRITE, ""), (READ, "cache.fresh = '1h'"), (READ, "retry.most = 2\nretry.share = 100")]
        {
            let ring = Ring::of(length, toml).await;
            let answer = get(ring.gateways[0].address, target).await;
            let json = answer.json();
            assert_eq!(
                (&json["result"], &json["error"], &json["code"]),
                (&false.into(), &"LOOP".into(), &508.into())
            );
            assert!(cause(&answer).contains("has been through this very gateway: upstream.url"), "{json}");
            assert_eq!(ring.loops(0).await, 1, "{length} {target}");
            assert_eq!(ring.detour.taken.load(Relaxed), 1, "it went round once");
        }
    }
}

#[tokio::test]
async fn with_status_codes_a_loop_is_told_by_its_own_and_is_no_endless_one_either() {
    let ring = Ring::of(1, "legacy.status = 'http'\nretry.most = 2\nretry.share = 100").await;
    let answer = get(ring.gateways[0].address, READ).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (502, Some("BADANSWER")));
    assert!(
        cause(&answer).starts_with("upstream answered HTTP 508: it leads back to a gateway"),
        "{}",
        cause(&answer)
    );
    assert_eq!((ring.loops(0).await, ring.detour.taken.load(Relaxed)), (1, 1));
}

#[tokio::test]
async fn gateways_in_a_row_are_no_loop_and_each_signs_what_it_sends() {
    let stub = Stub::start().await;
    let mut row = vec![Gateway::to(stub.address)];
    for length in 1..=4 {
        stub.will_say(DONE);
        let answer = get(row[0].address, WRITE).await;
        assert_eq!(answer.json()["result"], true, "{length}: {}", answer.json());
        let via = signature(&stub.take_calls()[0].head).expect("a signature");
        let names: Vec<&str> = via.split(", ").collect();
        assert_eq!(names.len(), length, "{via}");
        assert!(names.iter().all(|name| names.iter().filter(|other| *other == name).count() == 1), "{via}");
        row.insert(0, Gateway::to(row[0].address));
    }
    let answer = get(row[0].address, WRITE).await;
    assert_eq!(answer.json()["error"], "LOOP");
    assert!(cause(&answer).contains("has been through 4 gateways already"), "{}", cause(&answer));
}

#[tokio::test]
async fn nothing_of_a_clients_via_goes_on_but_names_of_gateways() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let own = {
        stub.will_say(DONE);
        get(gateway.address, WRITE).await;
        signature(&stub.take_calls()[0].head).expect("a signature")
    };
    let other = "1.1 mesigate-0123456789abcdef";
    for (via, before) in [
        ("1.1 nginx", ""),
        ("1.0 fred, 1.1 p.example.net (Apache/1.1)", ""),
        ("1.1 mesigate", ""),
        ("1.1 mesigate-", ""),
        ("1.1 mesigate-0123456789ABCDEF", ""),
        ("1.1 mesigate-0123456789abcde", ""),
        ("1.1 mesigate-0123456789abcdef0", ""),
        ("mesigate-0123456789abcdef", ""),
        ("1.1 x mesigate-0123456789abcdef", ""),
        ("1.1 mesigate-0123456789abcd\u{e9}f", ""),
        (other, other),
        ("1.1 nginx,1.1\tmesigate-0123456789abcdef (x, y),, 1.1 nginx", other),
        ("2.0 mesigate-0123456789abcdef", other),
    ] {
        stub.will_say(DONE);
        let request = format!("GET {WRITE} HTTP/1.1\r\nHost: g\r\nVia: {via}\r\n\r\n");
        assert_eq!(ask(gateway.address, request.as_bytes()).await.json()["result"], true, "{via}");
        let sent = signature(&stub.take_calls()[0].head).expect("a signature");
        let expected = if before.is_empty() { own.clone() } else { format!("{before}, {own}") };
        assert_eq!(sent, expected, "{via}");
    }
    // The name is no secret: a client that sends it has only its own request refused.
    let request =
        format!("GET {WRITE}&id=9 HTTP/1.1\r\nHost: g\r\nvia: 1.1 nginx\r\nvIa: 1.1 x, {own}\r\n\r\n");
    let answer = ask(gateway.address, request.as_bytes()).await.json();
    assert_eq!(
        (&answer["error"], &answer["op"], &answer["id"]),
        (&"LOOP".into(), &"userdel".into(), &9.into())
    );
    assert_eq!(metric(gateway.admin, "mesigate_in_flight").await, 0);
}

#[tokio::test]
async fn a_request_that_comes_back_by_http_2_is_refused_as_well() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "listen.http2 = true");
    stub.will_say(DONE);
    let mut frames = Frames::connect(gateway.address).await;
    assert!(frames.ask(1, &with(WRITE, &[("via", "1.1 nginx")])).await);
    let Heard::Answer(200, _) = frames.hear(1).await else { panic!("a Via is no loop") };
    let own = signature(&stub.take_calls()[0].head).expect("a signature");
    assert!(frames.ask(3, &with(WRITE, &[("via", &own)])).await);
    let Heard::Answer(200, text) = frames.hear(3).await else { panic!("no answer") };
    assert!(text.contains("\"error\":\"LOOP\""), "{text}");
}

#[tokio::test]
async fn a_signature_is_the_same_from_all_workers_after_a_reload_and_in_no_other_process() {
    let stub = Stub::start().await;
    let settings = format!("upstream.url = 'http://{}/backend/'", stub.address);
    let gateway = Gateway::start(&settings);
    let mut seen = Vec::new();
    for more in ["", "\nupstream.connections = 7", "\nupstream.via = false"] {
        gateway.reload(&format!("{settings}{more}"));
        stub.will_say(DONE);
        get(gateway.address, WRITE).await;
        seen.push(signature(&stub.take_calls()[0].head));
    }
    assert!(seen[0].is_some() && seen[0] == seen[1] && seen[2].is_none(), "{seen:?}");
    stub.will_say(DONE);
    get(Gateway::start(&settings).address, WRITE).await;
    assert_ne!(seen[0], signature(&stub.take_calls()[0].head));
}
