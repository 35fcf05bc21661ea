//! A listener of `mesigate::http` and its client. The clock moves only when all tasks are idle, so that a deadline
//! takes no time.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use mesigate::config::Layers;
use mesigate::http::body::{self, Body, Most};
use mesigate::http::handler::Handler;
use mesigate::http::listen;
use mesigate::http::proto::head::{Hosts, Rules};
use mesigate::http::proto::head_reject::HeadReject;
use mesigate::http::reply::{Reply, TEXT, plain};
use mesigate::http::request::Request;
use mesigate::http::terms::Terms;
use mesigate::http::unsecured::Reason;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// Bounds that an input can reach.
const RULES: Rules = Rules { line: 1024, headers: 1024, count: 16, hosts: Hosts::Any };
/// The longest body that the handler accepts.
const MOST: usize = 1000;
/// Longer than all deadlines together.
const LONG: Duration = Duration::from_hours(1);
/// With every piece, together less than any deadline.
const A_MOMENT: Duration = Duration::from_millis(1);

/// A request as the handler got it.
#[derive(Debug, PartialEq, Eq)]
pub struct Heard {
    pub method: Vec<u8>,
    pub path: Vec<u8>,
    pub query: Vec<u8>,
    /// `None` if the body could not be read.
    pub body: Option<Vec<u8>>,
}

impl Heard {
    pub fn is_head(&self) -> bool {
        self.method == b"HEAD"
    }
}

/// The record of one connection, until its end.
pub struct Talk {
    pub heard: Vec<Heard>,
    /// How many heads were refused.
    pub refused: usize,
    /// All bytes that came back.
    pub wire: Vec<u8>,
}

/// Answers with the request's body.
struct Echo {
    terms: Arc<ArcSwap<Terms>>,
    heard: Mutex<Vec<Heard>>,
    refused: AtomicUsize,
    /// One reference for each connection, and one of its own.
    open: Arc<()>,
}

impl Echo {
    fn heard(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Echo {
    type Open = Arc<()>;

    fn terms(&self) -> &Arc<ArcSwap<Terms>> {
        &self.terms
    }

    async fn handle(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Reply {
        let most = Most { length: MOST, memory: MOST, time: self.terms.load().deadlines.body };
        let body = body::read(asked.fields.coding, body, most).await.ok().map(|whole| whole.bytes);
        self.heard().push(Heard {
            method: asked.method.as_str().into(),
            path: asked.path.to_vec(),
            query: asked.query.to_vec(),
            body: body.as_deref().map(<[u8]>::to_vec),
        });
        let ends = body.is_none();
        Reply { ends, ..plain(200, body.unwrap_or_default(), TEXT) }
    }

    fn is_leaving(&self) -> bool {
        false
    }

    fn opened(&self) -> Arc<()> {
        self.open.clone()
    }

    fn not_accepted(&self, error: &io::Error) {
        panic!("{error}");
    }

    fn dismissed(&self) {}

    fn not_secured(&self, _: IpAddr, _: Reason, _: &(dyn Display + Sync)) {}

    fn refused(&self, _: IpAddr, _: HeadReject, _: Instant) {
        self.refused.fetch_add(1, Relaxed);
    }
}

thread_local! {
    static SERVED: Served = Served::start();
}

/// A listener that serves as long as the thread lives.
struct Served {
    runtime: Runtime,
    address: SocketAddr,
    echo: Arc<Echo>,
    _until: watch::Sender<bool>,
}

impl Served {
    fn start() -> Self {
        let layers = Layers::shipped().and_then(|layers| layers.text("test", "listen.http2 = true"));
        let config = layers.and_then(|layers| layers.config()).expect("sound settings");
        let terms = Terms { rules: RULES, ..Terms::of(&config, None) };
        let terms = Arc::new(ArcSwap::from_pointee(terms));
        let (heard, refused, open) = (Mutex::default(), AtomicUsize::new(0), Arc::default());
        let echo = Arc::new(Echo { terms, heard, refused, open });
        let runtime =
            Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let (until, stop) = watch::channel(false);
        let served = echo.clone();
        let address = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            tokio::spawn(listen::serve_until(listener, served, 9, stop));
            address
        });
        Self { runtime, address, echo, _until: until }
    }

    async fn talk(&self, pieces: &[&[u8]], stays: bool) -> Talk {
        let client = TcpStream::connect(self.address).await.expect("a connection");
        client.set_nodelay(true).expect("an option");
        let (mut from, mut to) = client.into_split();
        let mut wire = Vec::new();
        let send = async {
            for piece in pieces {
                if to.write_all(piece).await.is_err() {
                    break;
                }
                // The clock moves on when the piece is read.
                sleep(A_MOMENT).await;
            }
            if !stays {
                // The connection may have ended already.
                let _ = to.shutdown().await;
            }
        };
        let (ended, ()) = tokio::join!(timeout(LONG, from.read_to_end(&mut wire)), send);
        let _ = ended.expect("every connection ends");
        drop((from, to));
        timeout(LONG, self.until_nobody()).await.expect("every connection's task ends");
        let heard = std::mem::take(&mut *self.echo.heard());
        Talk { heard, refused: self.echo.refused.swap(0, Relaxed), wire }
    }

    async fn until_nobody(&self) {
        while Arc::strong_count(&self.echo.open) > 1 {
            sleep(A_MOMENT).await;
        }
    }
}

/// Sends the pieces on a connection of their own, and reads it to its end.
///
/// # Panics
/// If the connection does not end.
pub fn talk(pieces: &[&[u8]], stays: bool) -> Talk {
    SERVED.with(|served| served.runtime.block_on(served.talk(pieces, stays)))
}
