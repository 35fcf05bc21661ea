//! Accepting connections, and ending them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use super::{client_address, frames, lines, proxy_protocol, tls};
use crate::config::{ClientAddress, Config};
use crate::http::connection::crowd::Crowd;
use crate::http::connection::heading::{Heading, Phase};
use crate::http::connection::wire::{End, Version, Wire};
use crate::http::net::stream::Stream;
use crate::http::proto::head::Rules;
use crate::http::shutdown::Stage;
use crate::snapshot::Snapshot;
use crate::snapshot::worker::Worker;

/// How many connections the kernel holds for a listener that is busy.
const BACKLOG: u32 = 1024;

/// How long a listener waits that has no place or no file descriptor for the next connection.
const PAUSE: Duration = Duration::from_millis(10);

/// One listener of `count` that share an address; the kernel spreads connections over them.
///
/// # Errors
/// That the address cannot be had, also when another process shares its ports in the same way:
/// that would take half of the connections without a word.
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

/// What a worker needs to take connections in.
struct Reception {
    worker: Arc<Worker>,
    crowd: Crowd,
    /// HTTP/2 has a way of its own to end.
    frames: GracefulShutdown,
}

/// Serves connections until the stage says that no more are taken, then ends them all.
pub async fn serve(listener: TcpListener, worker: Arc<Worker>, mut stage: watch::Receiver<Stage>) {
    let crowd = Crowd::new(worker.connections);
    let reception = Reception { worker, crowd, frames: GracefulShutdown::new() };
    loop {
        tokio::select! {
            () = reception.take_one(&listener) => {}
            _ = stage.wait_for(|stage| *stage == Stage::Ending) => break,
        }
    }
    reception.end(listener).await;
}

impl Reception {
    async fn take_one(&self, listener: &TcpListener) {
        if !self.crowd.has_room() {
            return tokio::time::sleep(PAUSE).await;
        }
        match listener.accept().await {
            Ok((stream, peer)) => {
                self.receive(stream, peer);
                if self.crowd.is_full() {
                    // Whoever had to make room must be gone before the next one comes.
                    tokio::task::yield_now().await;
                }
            }
            Err(error) => {
                self.worker.cells.not_accepted();
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of file descriptors, most likely: somebody goes, and nobody spins.
                self.crowd.make_room();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn receive(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(place) = self.crowd.enter() else {
            return;
        };
        // Without it the kernel holds small answers back; if it fails, they are only slower.
        let _ = stream.set_nodelay(true);
        let heading = Arc::new(Heading::new(peer.ip()));
        let frames = self.frames.watcher();
        let (worker, known) = (self.worker.clone(), heading.clone());
        let number = place.number();
        let open = worker.cells.connection();
        let task = tokio::spawn(async move {
            // The client's side of an end is no news; requests are counted where they are handled.
            let _ = converse(stream, heading, worker, frames).await;
            drop((place, open));
        });
        self.crowd.know(number, known, task.abort_handle());
    }

    /// Takes what the kernel has accepted already, waits for last requests on the connections that
    /// there are, then for the answers that are under way.
    async fn end(self, listener: TcpListener) {
        match listener.into_std() {
            Ok(listener) => self.take_the_rest(&listener),
            Err(error) => tracing::warn!(%error, "connections that wait cannot be taken"),
        }
        let Self { worker, crowd, frames } = self;
        let view = worker.view();
        let config = &view.snapshot.config;
        let (linger, drain) = (config.stop.linger, config.deadline.drain);
        let lines = async {
            let _ = tokio::time::timeout(linger, until_nobody(&crowd)).await;
            while crowd.has_newcomers(linger) {
                tokio::time::sleep(PAUSE).await;
            }
            crowd.dismiss_all();
            until_nobody(&crowd).await;
        };
        // HTTP/2 has a word for it that loses nothing (RFC 9113, section 6.8): it is said at once.
        let all = async { tokio::join!(lines, frames.shutdown()) };
        if tokio::time::timeout(linger + drain, all).await.is_err() {
            tracing::warn!("the drain deadline passed with connections open (deadline.drain)");
        }
    }

    fn take_the_rest(&self, listener: &std::net::TcpListener) {
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.receive(stream, peer);
            }
        }
    }
}

async fn until_nobody(crowd: &Crowd) {
    while crowd.has_lines() {
        tokio::time::sleep(PAUSE).await;
    }
}

/// One connection from its first byte to its last.
async fn converse(
    stream: TcpStream,
    heading: Arc<Heading>,
    worker: Arc<Worker>,
    watcher: Watcher,
) -> Result<(), End> {
    let snapshot = worker.view().snapshot.clone();
    let config = &snapshot.config;
    let rules = Rules::of(config);
    let stream = named(stream, &heading, config).await?;
    let (stream, agreed) = secured(stream, &snapshot).await?;
    heading.enter(Phase::Silent);
    let mut wire = Wire::new(stream, heading.clone(), config.deadline);
    let version = match agreed {
        Some(version) => version,
        None if config.listen.http2 => wire.sniff().await?,
        None => Version::One,
    };
    // A connection may last for days, and many a reload.
    drop(snapshot);
    match version {
        Version::One => lines::speak(wire, rules, worker).await,
        Version::Two => frames::speak(wire, heading, worker, watcher).await,
    }
    Ok(())
}

/// The client of a connection: whoever is on the socket, or whom a trusted proxy names in front of
/// its first byte, where the settings say that proxies do.
async fn named(mut stream: TcpStream, heading: &Heading, config: &Config) -> io::Result<TcpStream> {
    let listen = &config.listen;
    let is_named = listen.client_address == ClientAddress::ProxyProtocol
        && client_address::is_trusted(&listen.trusted_proxies, heading.peer());
    if is_named {
        let header = proxy_protocol::read(&mut stream);
        let client = tokio::time::timeout(config.deadline.first_byte, header).await??;
        if let Some(client) = client {
            heading.is_of(client);
        }
    }
    Ok(stream)
}

/// TLS where the settings have it, and the version that both sides have agreed on.
async fn secured(stream: TcpStream, snapshot: &Snapshot) -> io::Result<(Stream, Option<Version>)> {
    let Some(tls) = &snapshot.tls else {
        return Ok((Stream::Plain(stream), None));
    };
    let handshake = tls.accept(stream);
    let stream = tokio::time::timeout(snapshot.config.deadline.tls, handshake).await??;
    let agreed = tls::agreed(&stream);
    Ok((Stream::tls(stream), agreed))
}
