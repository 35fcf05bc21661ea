//! Bytes that follow an answer over TLS never become the next request's answer, however many have come.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rcgen::CertificateParams;
use tempfile::TempDir;
use tokio_rustls::rustls::{ServerConfig, ServerConnection};

use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::tls::{Authority, named};

/// What upstream sends after its first answer.
#[derive(Debug, Clone, Copy)]
enum Behind {
    /// Another answer, in the same write.
    Answer,
    /// Another answer in a record of its own.
    Record,
    /// Another answer in a record whose last bytes come after the next request.
    HalfARecord,
    /// Another answer in a record whose header ends after the next request.
    HalfAHeader,
    /// TLS's `close_notify`, without the end of TCP.
    CloseNotify,
}

/// An answer of this many bytes, head included.
fn answer(uid: u32, length: usize) -> Vec<u8> {
    let body = |pad: usize| {
        format!(r#"{{"op":"userdel","result":true,"user":{{"uid":{uid}}},"x":"{}"}}"#, "a".repeat(pad))
    };
    let whole = |pad: usize| {
        let body = body(pad);
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let mut pad = length.saturating_sub(whole(0).len());
    while whole(pad).len() > length && pad > 0 {
        pad -= 1;
    }
    whole(pad).into_bytes()
}

struct Upstream {
    address: SocketAddr,
    /// The number of the connection on which each request came.
    requests: Receiver<usize>,
}

fn upstream(config: Arc<ServerConfig>, length: usize, behind: Behind) -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (heard, requests) = channel();
    std::thread::spawn(move || {
        for number in 0..2 {
            let (tcp, _) = listener.accept().expect("a connection");
            let (config, heard) = (config.clone(), heard.clone());
            std::thread::spawn(move || {
                let hear = || _ = heard.send(number);
                // Any end of the connection ends this task too.
                let _ = serve(tcp, config, number, &hear, length, behind);
            });
        }
    });
    Upstream { address, requests }
}

fn serve(
    mut tcp: TcpStream,
    config: Arc<ServerConfig>,
    number: usize,
    hear: &dyn Fn(),
    length: usize,
    behind: Behind,
) -> std::io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut tls = ServerConnection::new(config).expect("TLS");
    tls.set_buffer_limit(None);
    request(&mut tls, &mut tcp)?;
    hear();
    if number > 0 {
        tls.writer().write_all(&answer(2, 300))?;
        return flush(&mut tls, &mut tcp);
    }
    tls.writer().write_all(&answer(1, length))?;
    let mut left = Vec::new();
    match behind {
        Behind::Answer => {
            tls.writer().write_all(&answer(666, 300))?;
            flush(&mut tls, &mut tcp)?;
        }
        Behind::CloseNotify => {
            tls.send_close_notify();
            flush(&mut tls, &mut tcp)?;
        }
        Behind::Record | Behind::HalfARecord | Behind::HalfAHeader => {
            let mut records = Vec::new();
            while tls.wants_write() {
                tls.write_tls(&mut records)?;
            }
            let first = records.len();
            tls.writer().write_all(&answer(666, 300))?;
            while tls.wants_write() {
                tls.write_tls(&mut records)?;
            }
            let most = match behind {
                Behind::HalfARecord => records.len() - 10,
                Behind::HalfAHeader => first + 3,
                _ => records.len(),
            };
            left = records.split_off(most);
            tcp.write_all(&records)?;
        }
    }
    // If another request comes on this connection, the held bytes are sent before its answer.
    let mut byte = [0];
    if tcp.peek(&mut byte)? > 0 {
        tcp.write_all(&left)?;
        request(&mut tls, &mut tcp)?;
        hear();
    }
    Ok(())
}

/// Reads one request.
fn request(tls: &mut ServerConnection, tcp: &mut TcpStream) -> std::io::Result<()> {
    let mut text = Vec::new();
    while !text.ends_with(b"}") {
        tls.complete_io(tcp)?;
        let mut some = [0; 4096];
        match tls.reader().read(&mut some) {
            Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => text.extend(&some[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn flush(tls: &mut ServerConnection, tcp: &mut TcpStream) -> std::io::Result<()> {
    let mut records = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut records)?;
    }
    tcp.write_all(&records)
}

fn config(authority: &Authority) -> Arc<ServerConfig> {
    let params: CertificateParams = named("localhost");
    authority.server(&params)
}

fn gateway(upstream: &Upstream, authority: &Authority, folder: &TempDir) -> Gateway {
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &authority.pem).expect("a file");
    let port = upstream.address.port();
    Gateway::start(&format!(
        "upstream = {{ url = 'https://localhost:{port}/', ca_file = '{}', ipv4_only = true }}",
        ca.display()
    ))
}

async fn uid(gateway: &Gateway, uid: u32, what: &str) -> serde_json::Value {
    let answer = get(gateway.address, &format!("/api.php?op=userdel&token=T&uid={uid}")).await;
    assert_eq!(answer.header("x-mesigate-outcome"), Some("done"), "{what}: {}", answer.json());
    answer.json()["user"]["uid"].clone()
}

#[tokio::test]
async fn what_stands_behind_an_answer_over_tls_is_never_the_next_one() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let config = config(&authority);
    let around = |length: usize| (length - 2)..=(length + 2);
    let lengths = [400].into_iter().chain([16_384, 32_768, 65_536].into_iter().flat_map(around));
    for length in lengths {
        for behind in
            [Behind::Answer, Behind::Record, Behind::HalfARecord, Behind::HalfAHeader, Behind::CloseNotify]
        {
            let upstream = upstream(config.clone(), length, behind);
            let gateway = gateway(&upstream, &authority, &folder);
            let what = format!("{behind:?} behind {length} bytes");
            assert_eq!(uid(&gateway, 1, &what).await, 1, "{what}");
            assert_eq!(uid(&gateway, 2, &what).await, 2, "{what}");
            let connections: Vec<usize> = upstream.requests.try_iter().collect();
            assert_eq!(connections, [0, 1], "{what}: nothing more goes where something stands");
        }
    }
}
