//! Accepts a listener's connections, hands each to HTTP/1 or HTTP/2, and ends them at shutdown.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::http::connection::io::{Connection, End};
use crate::http::connection::memory::Link;
use crate::http::connection::phase::Phase;
use crate::http::connection::state::ConnectionState;
use crate::http::connection::table::Connections;
use crate::http::handler::Handler;
use crate::http::net::stream::Stream;
use crate::http::proto::head_reject::HeadReject;
use crate::http::proto::version::Version;
use crate::http::shutdown::Stage;
use crate::http::terms::{Current, Terms};
use crate::http::unsecured::{self, Reason};
use crate::http::{client_address, h1, h2, proxy_protocol, tls};

/// How many connections the kernel queues for a busy listener.
const BACKLOG: u32 = 1024;

/// How long a listener waits when it has no slot or no file descriptor for the next connection.
const PAUSE: Duration = Duration::from_millis(10);

/// Binds `count` listeners to one address; the kernel spreads connections over them.
///
/// # Errors
/// The address cannot be bound, also when another process already shares it in this way: that process would
/// take half of the connections without a sign.
pub fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<std::net::TcpListener>> {
    let probe = socket(address)?;
    probe.bind(address)?;
    let address = probe.local_addr()?;
    drop(probe);
    (0..count).map(|_| shared(address)).collect()
}

fn shared(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = socket(address)?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

/// Accepts the connections of one listener.
struct Reception<H: Handler> {
    handler: Arc<H>,
    connections: Connections,
    /// A connection that was accepted while a slot was free, and found none.
    waiting: Option<(TcpStream, SocketAddr)>,
}

/// Serves at most `most` connections at once until the stage is [`Stage::Ending`], then ends them all.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    most: usize,
    mut stage: watch::Receiver<Stage>,
    end: impl Fn() -> Times,
) {
    let mut reception = Reception::new(handler, most);
    tokio::select! {
        () = reception.take_all(&listener) => {}
        _ = stage.wait_for(|stage| *stage == Stage::Ending) => {}
    }
    reception.end(listener, end()).await;
}

/// Serves at most `most` connections at once until `stop` turns true; the open ones are then left to their
/// tasks.
pub async fn serve_until<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    most: usize,
    mut stop: watch::Receiver<bool>,
) {
    let mut reception = Reception::new(handler, most);
    tokio::select! {
        () = reception.take_all(&listener) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// How long connections have at shutdown.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For one last request on each.
    pub linger: Duration,
    /// For the answers that are under way.
    pub drain: Duration,
}

impl<H: Handler> Reception<H> {
    fn new(handler: Arc<H>, most: usize) -> Self {
        let known = handler.clone();
        Self { handler, connections: Connections::new(most, move || known.dismissed()), waiting: None }
    }

    async fn take_all(&mut self, listener: &TcpListener) {
        loop {
            self.take_one(listener).await;
        }
    }

    async fn take_one(&mut self, listener: &TcpListener) {
        if !self.connections.has_room() {
            return tokio::time::sleep(PAUSE).await;
        }
        let taken = match self.waiting.take() {
            Some(waiting) => Ok(waiting),
            None => listener.accept().await,
        };
        match taken {
            Ok((stream, peer)) => {
                self.waiting = self.receive(stream, peer);
                if self.connections.is_full() {
                    // A connection that made room must be gone before the next one is accepted.
                    tokio::task::yield_now().await;
                }
            }
            Err(error) => {
                self.handler.not_accepted(&error);
                // Most likely the process is out of file descriptors: one connection is closed, and the loop
                // does not spin.
                let _ = self.connections.make_room();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Serves a connection; returns it when there is no slot. The connection that could have made room may have
    /// begun a request while the listener waited.
    fn receive(&self, stream: TcpStream, peer: SocketAddr) -> Option<(TcpStream, SocketAddr)> {
        let Some(place) = self.connections.enter() else {
            return Some((stream, peer));
        };
        // Without NODELAY the kernel delays small answers; if the call fails, they are only slower.
        let _ = stream.set_nodelay(true);
        let state = Arc::new(ConnectionState::new(peer.ip()));
        let link = Link { state: state.clone(), connections: self.connections.clone() };
        let handler = self.handler.clone();
        let number = place.number();
        let open = handler.opened();
        let task = tokio::spawn(async move {
            // An error here says only that the client closed; the handler has counted its requests.
            let _ = converse(stream, link, handler).await;
            drop((place, open));
        });
        self.connections.know(number, state, task.abort_handle());
        None
    }

    /// Accepts what the kernel has queued, waits for last requests on open connections, then for the answers
    /// that are under way.
    async fn end(mut self, listener: TcpListener, Times { linger, drain }: Times) {
        if let Some((stream, peer)) = self.waiting.take() {
            let _ = self.receive(stream, peer);
        }
        match listener.into_std() {
            Ok(listener) => self.take_the_rest(&listener),
            Err(error) => tracing::warn!(%error, "connections that wait cannot be taken"),
        }
        let connections = &self.connections;
        let all = async {
            // Only HTTP/2 can announce the end, with GOAWAY, so these connections need no wait.
            connections.dismiss_h2();
            let _ = tokio::time::timeout(linger, until_no_h1(connections)).await;
            while connections.has_newcomers(linger) {
                tokio::time::sleep(PAUSE).await;
            }
            connections.dismiss_all();
            until_nobody(connections).await;
        };
        if tokio::time::timeout(linger + drain, all).await.is_err() {
            tracing::warn!("the drain deadline passed with connections open (deadline.drain)");
        }
    }

    fn take_the_rest(&self, listener: &std::net::TcpListener) {
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                let _ = self.receive(stream, peer);
            }
        }
    }
}

async fn until_no_h1(connections: &Connections) {
    while connections.has_h1() {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn until_nobody(connections: &Connections) {
    while connections.has_anybody() {
        tokio::time::sleep(PAUSE).await;
    }
}

/// Serves one connection from its first byte to its last.
async fn converse<H: Handler>(stream: TcpStream, link: Link, handler: Arc<H>) -> Result<(), End> {
    let terms = handler.terms().load_full();
    let stream = named(stream, &link.state, &terms).await?;
    let (stream, agreed) = match secured(stream, &terms).await {
        Ok(secured) => secured,
        Err(failed) => return unsecured(failed, link, &*handler).await,
    };
    link.state.enter(Phase::Silent);
    let mut connection = Connection::new(stream, link.clone(), Current::of(handler.terms()));
    let version = match agreed {
        Some(version) => version,
        None if terms.http2 => connection.sniff().await?,
        None => Version::One,
    };
    // A connection may outlive many reloads; it must not keep old settings in memory.
    drop(terms);
    match version {
        Version::One => h1::speak(connection, &*handler).await,
        Version::Two => h2::speak(connection, link, handler).await,
    }
    Ok(())
}

/// Sets the connection's client where the settings say that a trusted proxy names it, in a PROXY header before
/// the first byte.
async fn named(mut stream: TcpStream, state: &ConnectionState, terms: &Terms) -> io::Result<TcpStream> {
    let proxies = terms.naming_proxies.as_deref().unwrap_or_default();
    if client_address::is_trusted(proxies, state.peer()) {
        let header = proxy_protocol::read(&mut stream);
        let client = tokio::time::timeout(terms.deadlines.first_byte, header).await??;
        if let Some(client) = client {
            state.is_of(client);
        }
    }
    Ok(stream)
}

/// A TLS handshake that failed.
enum Failed {
    /// The client speaks plain HTTP, of which nothing has been read.
    PlainHttp(TcpStream),
    /// The error of TLS or the socket.
    Handshake(io::Error),
}

/// Performs the TLS handshake, if TLS is configured; returns the version of HTTP that both sides agreed on.
async fn secured(stream: TcpStream, terms: &Terms) -> Result<(Stream, Option<Version>), Failed> {
    let Some(tls) = &terms.tls else {
        return Ok((Stream::Plain(Arc::new(stream)), None));
    };
    let handshake = async {
        let mut first = [0];
        // TLS would read the request, and answer it with an alert that an HTTP client does not understand.
        if stream.peek(&mut first).await.is_ok_and(|length| length > 0) && unsecured::is_plain_http(first[0])
        {
            return Err(Failed::PlainHttp(stream));
        }
        tls.accept(stream).await.map_err(Failed::Handshake)
    };
    let late = || Failed::Handshake(io::ErrorKind::TimedOut.into());
    let stream = tokio::time::timeout(terms.deadlines.tls, handshake).await.map_err(|_| late())??;
    let agreed = tls::agreed(&stream);
    Ok((Stream::tls(stream), agreed))
}

/// Ends a connection whose handshake failed; a client of plain HTTP gets an answer in plain text.
async fn unsecured<H: Handler>(failed: Failed, link: Link, handler: &H) -> Result<(), End> {
    let peer = link.state.peer();
    match failed {
        Failed::Handshake(error) => {
            handler.not_secured(peer, Reason::of(&error), &error);
            Err(error.into())
        }
        Failed::PlainHttp(stream) => {
            handler.not_secured(peer, Reason::PlainHttp, &HeadReject::PlainHttp.why());
            handler.refused(peer, HeadReject::PlainHttp, Instant::now());
            let mut connection =
                Connection::new(Stream::Plain(Arc::new(stream)), link, Current::of(handler.terms()));
            connection.close_with(h1::refusal(HeadReject::PlainHttp)).await;
            Ok(())
        }
    }
}
