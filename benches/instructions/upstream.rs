//! An upstream that expects one JSON document and has one answer.

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::exchanges::Exchange;
use crate::http;

/// The upstream; its threads end with the connections.
pub struct Upstream {
    pub address: SocketAddr,
    asked: Arc<AtomicU32>,
}

impl Upstream {
    pub fn start(exchange: &Exchange) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (json, answer) = (exchange.json.clone(), http::answer(&exchange.upstream_says));
        let asked = Arc::new(AtomicU32::new(0));
        let count = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (json, answer, count) = (json.clone(), answer.clone(), count.clone());
                thread::spawn(move || serve(stream.expect("a connection"), &json, &answer, &count));
            }
        });
        Self { address, asked }
    }

    /// How many requests it got.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

fn serve(stream: TcpStream, expected: &str, answer: &[u8], asked: &AtomicU32) {
    stream.set_nodelay(true).expect("no delay");
    let mut stream = BufReader::new(stream);
    while let Some(json) = http::body(&mut stream) {
        let start = |text: &str| text.chars().take(400).collect::<String>();
        assert!(json == expected, "upstream got {} instead of {}", start(&json), start(expected));
        asked.fetch_add(1, Ordering::SeqCst);
        stream.get_mut().write_all(answer).expect("sent");
    }
}
