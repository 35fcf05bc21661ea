//! Accepting connections, and ending them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use super::wire::{Heading, Wire};
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
    let heading = Arc::new(Heading::new(Some(peer.ip())));
    let config = &worker.snapshot.config;
    let wire = Wire::new(stream, heading.clone(), config.deadline, config.cap);
    let service = {
        let worker = worker.clone();
        service_fn(move |request| {
            let (worker, heading) = (worker.clone(), heading.clone());
            async move { Ok::<_, std::convert::Infallible>(handle(&worker, &heading, request).await) }
        })
    };
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
    let connection = graceful.watch(connection);
    let open = worker.cells.connection();
    tokio::spawn(async move {
        // The client's side of an end is no news; requests are counted where they are handled.
        let _ = connection.await;
        drop(open);
    });
}
