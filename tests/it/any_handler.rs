//! The HTTP room knows no gateway: it serves any handler.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use mesigate::config::Layers;
use mesigate::http::body::{self, Body, Most};
use mesigate::http::handler::Handler;
use mesigate::http::listen::{self, Times};
use mesigate::http::proto::head_reject::HeadReject;
use mesigate::http::reply::{Reply, TEXT, plain};
use mesigate::http::request::Request;
use mesigate::http::shutdown::Stage;
use mesigate::http::terms::Terms;
use mesigate::http::unsecured::Reason;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::support::client::Client;
use crate::support::frames::{Frames, GOAWAY, Heard, with};

/// Answers with the request that it got.
struct Echo {
    terms: Arc<ArcSwap<Terms>>,
    opened: AtomicUsize,
    dismissed: AtomicUsize,
    refused: Mutex<Vec<HeadReject>>,
}

impl Handler for Echo {
    type Open = ();

    fn terms(&self) -> &Arc<ArcSwap<Terms>> {
        &self.terms
    }

    async fn handle(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Reply {
        let most = Most { length: 1000, memory: 1000, time: self.terms.load().deadlines.body };
        match body::read(asked.fields.coding, body, most).await {
            Ok(whole) => {
                let text = format!("{} {} {}", asked.method, asked.query.len(), whole.bytes.len());
                plain(200, text.into(), TEXT)
            }
            // The reject came before the rest of the body.
            Err(reject) => Reply { ends: true, ..plain(200, reject.code().into(), TEXT) },
        }
    }

    fn is_leaving(&self) -> bool {
        false
    }

    fn opened(&self) {
        self.opened.fetch_add(1, Relaxed);
    }

    fn not_accepted(&self, _: &io::Error) {}

    fn dismissed(&self) {
        self.dismissed.fetch_add(1, Relaxed);
    }

    fn not_secured(&self, _: IpAddr, _: Reason, _: &(dyn Display + Sync)) {}

    fn refused(&self, _: IpAddr, refusal: HeadReject, _: Instant) {
        self.refused.lock().expect("nobody panics").push(refusal);
    }
}

impl Echo {
    fn new() -> Arc<Self> {
        let layers = Layers::shipped().and_then(|layers| layers.text("test", "listen.http2 = true"));
        let config = layers.and_then(|layers| layers.config()).expect("sound settings");
        let terms = Arc::new(ArcSwap::from_pointee(Terms::of(&config, None)));
        let (opened, dismissed, refused) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::default());
        Arc::new(Self { terms, opened, dismissed, refused })
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// A listener with this handler, for so many connections at once, until the sender is dropped.
async fn serve(most: usize) -> (SocketAddr, Arc<Echo>, watch::Sender<bool>) {
    let ((listener, address), echo) = (listener().await, Echo::new());
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(listen::serve_until(listener, echo.clone(), most, stopped));
    (address, echo, stop)
}

#[tokio::test]
async fn any_handler_is_served_with_requests_of_either_version_one_after_the_other() {
    let (address, echo, _stop) = serve(9).await;
    let mut client = Client::connect(address).await;
    let head = "Host: a\r\n";
    client.send(format!("GET /?ab HTTP/1.1\r\n{head}\r\nPOST / HTTP/1.1\r\n{head}").as_bytes()).await;
    client.send(b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").await;
    for said in ["GET 2 0", "POST 0 3"] {
        assert_eq!(client.answer().await.expect("an answer").body, said.as_bytes());
    }
    let mut frames = Frames::connect(address).await;
    for stream in [1, 3] {
        assert!(frames.ask(stream, &with("/?abc", &[])).await);
        assert_eq!(frames.hear(stream).await, Heard::Answer(200, "GET 3 0".to_owned()));
    }
    assert_eq!(echo.opened.load(Relaxed), 2);
}

#[tokio::test]
async fn what_is_no_request_never_reaches_it_and_is_told_to_it() {
    let (address, echo, _stop) = serve(9).await;
    for (request, reject) in [
        ("GET / HTTP/1.1\r\n\r\n", HeadReject::NoHost),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", HeadReject::Version),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", HeadReject::TwoHosts),
    ] {
        let mut client = Client::connect(address).await;
        client.send(request.as_bytes()).await;
        let answer = client.answer().await.expect("a refusal");
        assert_eq!(answer.status, reject.status(), "{request}");
        assert_eq!(answer.body, format!("{}\n", reject.why()).into_bytes());
        assert!(client.is_ended().await, "{request}");
        assert_eq!(echo.refused.lock().expect("nobody panics").pop(), Some(reject));
    }
}

#[tokio::test]
async fn a_body_that_it_does_not_take_is_the_last_of_its_connection() {
    let (address, _, _stop) = serve(9).await;
    let long = "Content-Length: 1001\r\n\r\n".to_owned() + &"a".repeat(1001);
    let broken = "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n".to_owned();
    for (body, code) in [(long, "TOOLARGE"), (broken, "BADREQUEST")] {
        let mut client = Client::connect(address).await;
        let next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        client.send(format!("POST / HTTP/1.1\r\nHost: a\r\n{body}{next}").as_bytes()).await;
        let answer = client.answer().await.expect("an answer");
        assert_eq!((answer.header("Connection"), &*answer.body), (Some("close"), code.as_bytes()));
        assert!(client.is_ended().await, "{code}");
    }
}

#[tokio::test]
async fn whoever_rests_makes_room_for_the_next_and_it_is_told() {
    let (address, echo, _stop) = serve(1).await;
    let mut clients = Vec::new();
    for dismissed in 0..3 {
        let mut client = Client::connect(address).await;
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(client.answer().await.expect("an answer").body, b"GET 0 0");
        assert_eq!(echo.dismissed.load(Relaxed), dismissed);
        clients.push(client);
    }
    assert!(clients[0].is_ended().await && clients[1].is_ended().await);
}

#[tokio::test]
async fn at_the_end_those_who_rest_go_and_what_is_under_way_has_its_answer() {
    let ((listener, address), echo) = (listener().await, Echo::new());
    let (stage, stages) = watch::channel(Stage::Serving);
    let times = || Times { linger: Duration::ZERO, drain: Duration::from_mins(1) };
    let served = tokio::spawn(listen::serve(listener, echo, 9, stages, times));
    let (mut rests, mut sends) = (Client::connect(address).await, Client::connect(address).await);
    rests.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    rests.answer().await.expect("an answer");
    let mut frames = Frames::connect(address).await;
    assert!(frames.ask(1, &with("/", &[])).await);
    assert_eq!(frames.hear(1).await.status(), Some(200));
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    sends.send(head.as_bytes()).await;
    assert_eq!(sends.head().await, "HTTP/1.1 100 Continue\r\n\r\n", "the handler has begun");

    stage.send(Stage::Ending).expect("it is served");
    assert!(rests.is_ended().await);
    let mut is_told = false;
    while let Some(frame) = frames.next().await {
        is_told |= frame.kind == GOAWAY;
    }
    assert!(is_told, "HTTP/2 has a word for it");
    sends.send(b"abc").await;
    assert_eq!(sends.answer().await.expect("an answer").body, b"POST 0 3");
    assert!(sends.is_ended().await);
    drop((rests, sends, frames));
    served.await.expect("it has ended");
}
