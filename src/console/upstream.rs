//! Sends a call through the gateway's own JSON door, as a program would: with its limits, its caller and its line in the
//! log.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Console;
use super::said::{Refused, Why};
use super::state::reachable;
use crate::config::ClientAddress;

/// The most bytes of an answer with its head.
const MOST: u64 = 2 * 1024 * 1024;
/// What a call may take beyond upstream's part.
const GRACE: Duration = Duration::from_secs(5);

/// Posts JSON to the gateway; returns the status and the body of its answer.
///
/// # Errors
/// [`Why::Off`], if the clients' listener is none that can be asked like this; [`Why::Silent`], if it does not answer.
pub async fn post(console: &Console, json: &[u8]) -> Result<(u16, Vec<u8>), Refused> {
    let snapshot = console.current();
    let listen = &snapshot.config.listen;
    if snapshot.config.tls.is_some() || listen.client_address == ClientAddress::ProxyProtocol {
        return Err(Refused::new(
            Why::Off,
            "old clients are served over TLS or behind PROXY headers, which the console does not speak: send this call by \
             curl, as the code says",
        ));
    }
    let address = reachable(console.sources.address);
    let host = listen.hosts.first().cloned().unwrap_or_else(|| address.to_string());
    let path = listen.paths.first().map_or("/", String::as_str);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: mesigate-console\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        json.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&[head.as_bytes(), json].concat()).await?;
        let mut answer = Vec::new();
        stream.take(MOST).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(snapshot.config.deadline.total + GRACE, exchange).await;
    let silent = || {
        Refused::new(
            Why::Silent,
            "the gateway's own listener gave no answer: whether the call was done is not known",
        )
    };
    answer.ok().and_then(Result::ok).as_deref().and_then(read).ok_or_else(silent)
}

/// The status and the body of a reply, which has its length always.
fn read(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = memchr::memmem::find(answer, b"\r\n\r\n")?;
    let line = str::from_utf8(answer.get(..end)?.split(|byte| *byte == b'\r').next()?).ok()?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer[end + 4..].to_vec()))
}
