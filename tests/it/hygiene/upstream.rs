//! An upstream that does whatever every request asks, and remembers the requests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::support::stub::{Call, http, read_call};

pub struct Upstream {
    pub address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Upstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let calls = Arc::new(Mutex::new(Vec::new()));
        let shared = calls.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { address, calls }
    }

    /// The calls since the last look.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().expect("a lock"))
    }
}

async fn serve(mut stream: TcpStream, calls: Arc<Mutex<Vec<Call>>>) {
    while let Some(call) = read_call(&mut stream).await {
        let asked: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let uid = &asked["user"]["uid"];
        let answer = http(&format!(r#"{{"op":"userdel","result":true,"user":{{"uid":{uid}}}}}"#));
        calls.lock().expect("a lock").push(call);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}
