//! An upstream that costs as little as it can: one thread, one answer for everything.
//!
//! It reads any method with a Content-Length, answers from memory and keeps connections. On a second port it reports
//! the requests that it got.

mod connection;
mod record;
mod wire;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::poll::Poll;
use connection::Connection;
use record::Record;
use wire::Wire;

const LISTENER: usize = 0;
const CONTROL: usize = 1;
const FIRST: usize = 2;
/// A thousand clients connect at once.
const BACKLOG: i32 = 4096;

/// An upstream of its own, to try a proxy by hand.
#[derive(clap::Args)]
pub struct Options {
    /// Where it serves.
    #[arg(long)]
    pub listen: SocketAddr,
    /// Where it tells how many requests it had, and the first since it was last asked.
    #[arg(long)]
    pub control: SocketAddr,
    /// A file with the body of every answer.
    #[arg(long)]
    pub answer: PathBuf,
    /// A certificate (PEM): serve over TLS.
    #[arg(long, requires = "key")]
    pub certificate: Option<PathBuf>,
    /// Its key (PEM).
    #[arg(long)]
    pub key: Option<PathBuf>,
}

/// Serves for ever.
///
/// # Errors
/// When it cannot begin, or the system fails it.
pub fn run(options: &Options) -> Result<()> {
    let tls = match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => Some(tls(certificate, key)?),
        _ => None,
    };
    let body = std::fs::read(&options.answer).context("the answer's file")?;
    let mut upstream = Upstream {
        listener: listen(options.listen)?,
        control: listen(options.control)?,
        tls,
        answer: answer(&body),
        record: Record::default(),
        connections: Vec::new(),
        free: Vec::new(),
    };
    upstream.serve()
}

struct Upstream {
    listener: TcpListener,
    control: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    answer: Vec<u8>,
    record: Record,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
}

impl Upstream {
    fn serve(&mut self) -> Result<()> {
        let mut poll = Poll::new()?;
        poll.add(&self.listener, LISTENER)?;
        poll.add(&self.control, CONTROL)?;
        loop {
            for index in 0..poll.wait(None)? {
                match poll.number(index) {
                    LISTENER => self.accept(&poll)?,
                    CONTROL => self.tell(),
                    number => self.serve_one(number - FIRST),
                }
            }
        }
    }

    fn accept(&mut self, poll: &Poll) -> Result<()> {
        while let Ok((stream, _)) = self.listener.accept() {
            let connection = Connection::new(Wire::new(stream, self.tls.as_ref())?);
            let place = self.free.pop().unwrap_or(self.connections.len());
            poll.add(connection.wire.socket(), place + FIRST)?;
            if place == self.connections.len() {
                self.connections.push(None);
            }
            self.connections[place] = Some(connection);
        }
        Ok(())
    }

    fn serve_one(&mut self, place: usize) {
        let Some(connection) = &mut self.connections[place] else { return };
        if connection.serve(&self.answer, &mut self.record).is_err() {
            self.connections[place] = None;
            self.free.push(place);
        }
    }

    /// Answers a query; an error on that connection is left to the client that asked.
    fn tell(&mut self) {
        if let Ok((stream, _)) = self.control.accept() {
            let _ = told(stream, &mut self.record);
        }
    }
}

fn told(mut stream: TcpStream, record: &mut Record) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut request = [0; 1024];
    let _ = stream.read(&mut request)?;
    stream.write_all(&answer(&record.told()))
}

/// The answer to every request: a head as mesibo's server writes it, and the body.
fn answer(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 200 OK\r\nServer: upstream\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| format!("listening on {address}"))?;
    listener.set_nonblocking(true)?;
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(listener)
}

fn tls(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    Ok(Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?))
}
