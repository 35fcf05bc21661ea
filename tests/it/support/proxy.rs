//! An HTTP proxy that opens tunnels by CONNECT, and may ask for credentials.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::gateway::Gateway;

const WHO_ASKS: &str = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\
                            Content-Length: 0\r\n\r\n";

/// The proxy: tunnels lead to one address, whatever a request names, unless it is to refuse.
pub struct Proxy {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    login: Arc<Mutex<Option<String>>>,
}

impl Proxy {
    pub async fn start(to: SocketAddr, refusals: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, login) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Option<String>>>::default());
        let (log, wants) = (asked.clone(), login.clone());
        let mut refusals: VecDeque<&str> = refusals.iter().copied().collect();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut head).await.expect("a head") > 0, "it broke off");
                }
                let head = String::from_utf8(head).expect("text");
                let wanted = wants.lock().expect("a lock").clone();
                let is_stranger = wanted.is_some_and(|login| !head.contains(&format!("\r\n{login}\r\n")));
                log.lock().expect("a lock").push(head);
                if let Some(refusal) = refusals.pop_front().or(is_stranger.then_some(WHO_ASKS)) {
                    stream.write_all(refusal.as_bytes()).await.expect("a refusal");
                    continue;
                }
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("an answer");
                let mut upstream = TcpStream::connect(to).await.expect("an upstream");
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut upstream).await });
            }
        });
        Self { address, asked, login }
    }

    /// From now on opens tunnels only for requests with this line.
    pub fn wants(&self, line: &str) {
        *self.login.lock().expect("a lock") = Some(line.to_owned());
    }

    /// The requests since the last look.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("a lock"))
    }

    pub fn gateway(&self, url: &str, more: &str) -> Gateway {
        Gateway::start(&format!("upstream.url = '{url}'\nupstream.proxy = 'http://{}'\n{more}", self.address))
    }
}
