//! An upstream that fails on command: a script, or chance, picks the fault for each connection and for each request on
//! it. Without a fault it answers well.
//!
//! By the nonce in a request's body it remembers whether it saw the request whole or in part, on which connection, and
//! whether it answered it well.

mod identity; // certificates, right and wrong
mod line; // one connection: its bytes, and how it ends
mod serve; // what happens on a connection, step by step
pub mod words; // the bytes that it sends

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use identity::IDENTITIES;
pub use identity::Identity;
use serve::accept;
use words::Words;

/// Laid over a gateway's settings, so that each request meets its own fault, whatever became of others.
pub const EACH_FOR_ITSELF: &str = "breaker.failures = 0\nretry.most = 2\nretry.share = 100";

/// Part of everything that upstream writes and that must not get any further.
pub const MARK: &str = "MARKED";

/// One step of upstream's; after the last step the connection goes on.
#[derive(Clone, Copy)]
pub enum Step {
    /// Reads a request to its end.
    Read,
    /// Reads a request up to its last two bytes, or the first 4 KiB of a large one.
    ReadPart,
    /// Reads whatever comes first.
    Await,
    Send(Words),
    /// Sends a good and whole answer.
    Answer(Words),
    /// Sends the words byte by byte, over and over, until the gateway closes.
    Trickle(Words),
    /// Sends the words over and over, until the gateway closes.
    Flood(Words),
    /// Sends nothing more, and keeps the connection.
    Hang,
    Close,
    /// Closes without TLS's `close_notify`.
    Cut,
    /// Closes so that the gateway loses what it has not read yet.
    Reset,
}

/// Where a fault begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As soon as there is a connection, before TLS.
    Accept,
    /// Shows this certificate in place of the right one.
    Handshake(Identity),
    /// With a request's first bytes.
    Request,
}

#[derive(Clone, Copy)]
pub struct Fault {
    pub when: When,
    pub steps: &'static [Step],
}

/// What became of one request, as far as upstream can tell.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The connections on which it was read to its end.
    pub whole: Vec<usize>,
    /// Whether upstream read a part of the request and no more.
    pub partly: bool,
    /// The `result` that upstream gave it.
    pub answered: Option<bool>,
}

/// Draws the next fault for a connection, or for a request on one.
pub type Chance = Box<dyn FnMut(bool) -> Option<Fault> + Send>;

#[derive(Default)]
struct Book {
    script: VecDeque<Fault>,
    chance: Option<Chance>,
    seen: HashMap<u64, Seen>,
    connections: usize,
    /// The connection that met the last fault of the script.
    faulty: usize,
    astray: usize,
}

impl Book {
    fn next(&mut self, at_request: bool, number: usize) -> Option<Fault> {
        if let Some(chance) = &mut self.chance {
            return chance(at_request);
        }
        let is_due = self.script.front().is_some_and(|fault| (fault.when == When::Request) == at_request);
        if !is_due {
            return None;
        }
        self.faulty = number;
        self.script.pop_front()
    }
}

enum Door {
    Open,
    /// The address is bound, and no socket listens on it.
    Shut(TcpSocket),
    /// The queue of connections is full; this is the connection that fills it.
    Full {
        listener: TcpListener,
        _filler: TcpStream,
    },
}

/// The upstream.
pub struct Chaos {
    pub address: SocketAddr,
    door: Door,
    shared: Shared,
    certificates: Option<TempDir>,
}

impl Chaos {
    pub async fn start() -> Self {
        Self::new(false).await
    }

    /// Over TLS, as `localhost`.
    pub async fn over_tls() -> Self {
        Self::new(true).await
    }

    async fn new(over_tls: bool) -> Self {
        let listener = socket().listen(1024).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let certificates = over_tls.then(|| {
            let folder = tempfile::tempdir().expect("a folder");
            std::fs::write(folder.path().join("ca.pem"), &IDENTITIES.ca).expect("a file");
            folder
        });
        let shared = Shared::new(over_tls).await;
        tokio::spawn(accept(listener, shared.clone()));
        Self { address, door: Door::Open, shared, certificates }
    }

    /// Refuses every connection until it is opened.
    pub async fn refusing() -> Self {
        let socket = socket();
        let address = socket.local_addr().expect("an address");
        Self { address, door: Door::Shut(socket), shared: Shared::new(false).await, certificates: None }
    }

    /// Lets every connection wait, and accepts none until it is opened.
    pub async fn full() -> Self {
        let listener = socket().listen(0).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let filler = TcpStream::connect(address).await.expect("the queue's one place");
        let door = Door::Full { listener, _filler: filler };
        Self { address, door, shared: Shared::new(false).await, certificates: None }
    }

    pub fn open(&mut self) {
        let listener = match std::mem::replace(&mut self.door, Door::Open) {
            Door::Open => return,
            Door::Shut(socket) => socket.listen(1024).expect("a listener"),
            Door::Full { listener, .. } => listener,
        };
        tokio::spawn(accept(listener, self.shared.clone()));
    }

    /// The settings of a gateway in front of this upstream, with `more` over them.
    pub fn settings(&self, more: &str) -> String {
        let port = self.address.port();
        let url = match &self.certificates {
            None => format!("upstream.url = 'http://127.0.0.1:{port}/backend/'\n"),
            Some(folder) => format!(
                "upstream.url = 'https://localhost:{port}/backend/'\nupstream.ca_file = '{}'\n",
                folder.path().join("ca.pem").display()
            ),
        };
        format!("{url}{EACH_FOR_ITSELF}\n{more}")
    }

    /// Gives this fault to the next connection or request, whichever the fault is for.
    pub fn will(&self, fault: Fault) {
        self.shared.book().script.push_back(fault);
    }

    /// From now on chance picks the faults; its argument says whether one is for a request or a connection.
    pub fn leave_to(&self, chance: Chance) {
        self.shared.book().chance = Some(chance);
    }

    pub fn seen(&self, nonce: u64) -> Seen {
        self.shared.book().seen.get(&nonce).cloned().unwrap_or_default()
    }

    /// The connection that met the last fault of the script.
    pub fn met_its_fault_on(&self) -> usize {
        self.shared.book().faulty
    }

    /// Whether all faults have happened.
    pub fn is_through(&self) -> bool {
        self.shared.book().script.is_empty()
    }

    /// How often a client came to the host that the redirects name.
    pub fn astray(&self) -> usize {
        self.shared.book().astray
    }
}

fn socket() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    socket
}

#[derive(Clone)]
struct Shared {
    book: Arc<Mutex<Book>>,
    over_tls: bool,
    elsewhere: SocketAddr,
}

impl Shared {
    async fn new(over_tls: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let elsewhere = listener.local_addr().expect("an address");
        let shared = Self { book: Arc::default(), over_tls, elsewhere };
        let book = shared.book.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                book.lock().expect("a lock").astray += 1;
            }
        });
        shared
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("a lock")
    }

    fn note(&self, nonce: Option<u64>, what: impl FnOnce(&mut Seen)) {
        if let Some(nonce) = nonce {
            what(self.book().seen.entry(nonce).or_default());
        }
    }
}
