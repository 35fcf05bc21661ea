//! An old program with one connection, which sends a request, waits for the answer, and sends the next.

use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::http;

/// No answer takes this long, however slow the machine; a run that hangs must end.
const PATIENCE: Duration = Duration::from_mins(1);

/// The client.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Self { stream: BufReader::new(stream) }
    }

    /// Sends a request and waits for the answer, which must be this one.
    pub fn ask(&mut self, request: &[u8], expected: &str) {
        self.stream.get_mut().write_all(request).expect("sent");
        let answer = http::body(&mut self.stream);
        assert!(answer.as_deref() == Some(expected), "the client got {answer:?} instead of {expected}");
    }
}
