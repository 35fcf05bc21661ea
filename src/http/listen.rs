//! Accepting connections, and ending them.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use super::wire::{Heading, Wire};
use super::{client_address, proxy_protocol};
use crate::config::ClientAddress;
use crate::handle::handle;
use crate::worker::Worker;

/// How many connections the kernel holds for a listener that is busy.
const BACKLOG: u32 = 1024;

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

/// Serves connections until `stop` turns true, then ends them: idle ones at once, the others after
/// the answer they wait for, and whatever is left when the drain deadline has passed.
pub async fn serve(listener: TcpListener, worker: Arc<Worker>, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(stream, peer, &worker, &graceful),
                Err(error) => pause_after(&error).await,
            },
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    drain(listener, &worker, graceful).await;
}

/// Takes what the kernel has accepted already, then waits for what is under way.
async fn drain(listener: TcpListener, worker: &Arc<Worker>, graceful: GracefulShutdown) {
    while let Some(Ok((stream, peer))) = accepted_already(&listener).await {
        connection(stream, peer, worker, &graceful);
    }
    drop(listener);
    let deadline = worker.snapshot.config.deadline.drain;
    if tokio::time::timeout(deadline, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = deadline.as_secs(), "the drain deadline passed with connections open");
    }
}

async fn accepted_already(listener: &TcpListener) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    tokio::select! {
        biased;
        accepted = listener.accept() => Some(accepted),
        () = tokio::task::yield_now() => None,
    }
}

/// A listener that is out of file descriptors must not spin.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

fn connection(stream: TcpStream, peer: SocketAddr, worker: &Arc<Worker>, graceful: &GracefulShutdown) {
    // Without it the kernel holds small answers back; if it fails, they are only slower.
    let _ = stream.set_nodelay(true);
    let (worker, watcher) = (worker.clone(), graceful.watcher());
    let open = worker.cells.connection();
    tokio::spawn(async move {
        if let Ok((stream, client)) = named(stream, peer.ip(), &worker).await {
            speak(stream, client, worker, watcher).await;
        }
        drop(open);
    });
}

/// The client of a connection: whoever is on the socket, or whom a trusted proxy names in front of
/// its first byte, where the settings say that proxies do.
async fn named(mut stream: TcpStream, peer: IpAddr, worker: &Worker) -> io::Result<(TcpStream, IpAddr)> {
    let config = &worker.snapshot.config;
    let listen = &config.listen;
    if listen.client_address != ClientAddress::ProxyProtocol
        || !client_address::is_trusted(&listen.trusted_proxies, peer)
    {
        return Ok((stream, peer));
    }
    let header = proxy_protocol::read(&mut stream);
    let client = tokio::time::timeout(config.deadline.first_byte, header).await??;
    Ok((stream, client.unwrap_or(peer)))
}

/// Speaks HTTP with a client until one of the two ends it.
async fn speak(stream: TcpStream, client: IpAddr, worker: Arc<Worker>, watcher: Watcher) {
    let heading = Arc::new(Heading::new(client));
    let snapshot = worker.snapshot.clone();
    let config = &snapshot.config;
    let wire = Wire::new(stream, heading.clone(), config.deadline, config.cap);
    let service = service_fn(move |request| {
        let (worker, heading) = (worker.clone(), heading.clone());
        async move { Ok::<_, Infallible>(handle(&worker, &heading, request).await) }
    });
    let connection = http1::Builder::new()
        // The wire has the deadlines: hyper's one timer cannot tell a slow head from a rest.
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        // A client that has said all it has to say still gets its answer, and a write that has
        // begun is never cut off half-way.
        .half_close(true)
        .max_buf_size(config.cap.head)
        .max_headers(config.cap.headers)
        .serve_connection(TokioIo::new(wire), service);
    // The client's side of an end is no news; requests are counted where they are handled.
    let _ = watcher.watch(connection).await;
}
