//! HTTP knows no gateway: it serves whatever handler it is handed.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use mesigate::config::Layers;
use mesigate::http::body::{self, Body, Most};
use mesigate::http::handler::Handler;
use mesigate::http::listen;
use mesigate::http::proto::head_reject::HeadReject;
use mesigate::http::reply::{Reply, TEXT, plain};
use mesigate::http::request::Request;
use mesigate::http::terms::Terms;
use mesigate::http::unsecured::Reason;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::support::client::Client;
use crate::support::frames::{Frames, Heard, with};

/// Says what it was asked.
struct Echo {
    terms: Arc<ArcSwap<Terms>>,
    opened: AtomicUsize,
    refused: Mutex<Vec<HeadReject>>,
}

impl Handler for Echo {
    type Open = ();

    fn terms(&self) -> &Arc<ArcSwap<Terms>> {
        &self.terms
    }

    async fn handle(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Reply {
        let most = Most { length: 1000, memory: 1000, time: self.terms.load().deadlines.body };
        let text = match body::read(asked.fields.coding, body, most).await {
            Ok(whole) => format!("{} {} {}", asked.method, asked.query.len(), whole.bytes.len()),
            Err(reject) => reject.code().to_owned(),
        };
        plain(200, text.into(), TEXT)
    }

    fn is_leaving(&self) -> bool {
        false
    }

    fn opened(&self) {
        self.opened.fetch_add(1, Relaxed);
    }

    fn not_accepted(&self, _: &io::Error) {}

    fn dismissed(&self) {}

    fn not_secured(&self, _: IpAddr, _: Reason, _: &(dyn Display + Sync)) {}

    fn refused(&self, _: IpAddr, refusal: HeadReject, _: Instant) {
        self.refused.lock().expect("nobody panics").push(refusal);
    }
}

/// A listener that has it, until the sender goes.
async fn serve() -> (SocketAddr, Arc<Echo>, watch::Sender<bool>) {
    let layers = Layers::shipped().and_then(|layers| layers.text("test", "listen.http2 = true"));
    let config = layers.and_then(|layers| layers.config()).expect("sound settings");
    let terms = Arc::new(ArcSwap::from_pointee(Terms::of(&config, None)));
    let echo = Arc::new(Echo { terms, opened: AtomicUsize::new(0), refused: Mutex::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(listen::serve_until(listener, echo.clone(), 9, stopped));
    (address, echo, stop)
}

#[tokio::test]
async fn any_handler_is_served_with_requests_of_either_version_one_after_the_other() {
    let (address, echo, _stop) = serve().await;
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
    let (address, echo, _stop) = serve().await;
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
