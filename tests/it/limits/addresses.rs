//! Whose address it is: the socket's, or the one that a trusted proxy names.

use std::net::SocketAddr;

use super::{DONE, passes, two, userdel};
use crate::support::client::{Answer, Client, ask};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

async fn userdel_for(address: SocketAddr, header: &str) -> Answer {
    let target = "/api.php?op=userdel&token=T&uid=5";
    ask(address, format!("GET {target} HTTP/1.1\r\nHost: g\r\n{header}\r\n\r\n").as_bytes()).await
}

fn behind(from: &str, proxy: &str) -> String {
    format!(
        "listen = {{ client_address = '{from}', trusted_proxies = ['{proxy}'] }}\n{}",
        two("per = 'client-address', burst = 1")
    )
}

#[tokio::test]
async fn a_header_from_somebody_who_is_no_trusted_proxy_changes_nothing() {
    let stub = Stub::start().await;
    for toml in [
        behind("x-forwarded-for", "10.0.0.0/8"),
        behind("forwarded", "10.0.0.0/8"),
        behind("socket", "127.0.0.1"),
    ] {
        let gateway = Gateway::with(stub.address, &toml);
        let from = |client: u8| {
            let header = format!("X-Forwarded-For: 203.0.113.{client}\r\nForwarded: for=203.0.113.{client}");
            async move { userdel_for(gateway.address, &header).await }
        };
        assert!(passes(&stub, DONE, from(1)).await);
        assert!(!passes(&stub, DONE, from(2)).await, "{toml}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_clients_apart() {
    let stub = Stub::start().await;
    for (setting, header, element) in
        [("x-forwarded-for", "X-Forwarded-For", ""), ("forwarded", "Forwarded", "for=")]
    {
        let gateway = Gateway::with(stub.address, &behind(setting, "127.0.0.1"));
        let from = |clients: &str| {
            let list: Vec<_> = clients.split(',').map(|client| format!("{element}\"{client}\"")).collect();
            let list = if element.is_empty() { clients.to_owned() } else { list.join(",") };
            let header = format!("{header}: {list}");
            async move { userdel_for(gateway.address, &header).await }
        };
        assert!(passes(&stub, DONE, from("203.0.113.1")).await);
        assert!(passes(&stub, DONE, from("203.0.113.2")).await);
        assert!(!passes(&stub, DONE, from("203.0.113.1")).await);
        // A client may write anything in front of the last hop.
        assert!(!passes(&stub, DONE, from("198.51.100.9,203.0.113.2")).await);
        // A network of IPv6 counts as one client.
        assert!(passes(&stub, DONE, from("[2001:db8::1]:80")).await);
        assert!(!passes(&stub, DONE, from("[2001:db8::2]:81")).await);
        assert!(passes(&stub, DONE, from("[2001:db8:0:1::1]:80")).await);
    }
}

#[tokio::test]
async fn the_proxy_protocol_names_the_client_in_front_of_the_first_byte() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &behind("proxy-protocol", "127.0.0.1"));
    let request =
        "GET /api.php?op=userdel&token=T&uid=5 HTTP/1.1\r\nHost: g\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n";
    let line = |client: u8| format!("PROXY TCP4 203.0.113.{client} 127.0.0.1 4711 80\r\n");
    let from = |client| {
        let bytes = line(client) + request;
        async move { ask(gateway.address, bytes.as_bytes()).await }
    };
    assert!(passes(&stub, DONE, from(1)).await);
    assert!(passes(&stub, DONE, from(2)).await);
    assert!(!passes(&stub, DONE, from(1)).await);
    // The PROXY line holds for the whole connection, and comes once.
    let mut client = Client::connect(gateway.address).await;
    client.send((line(3) + request + request).as_bytes()).await;
    stub.will_say(DONE);
    assert_eq!(client.answer().await.expect("an answer").json()["result"], true);
    assert_eq!(client.answer().await.expect("an answer").json()["error"], "RATELIMIT");
    assert_eq!(stub.take_calls().len(), 1);
    // A trusted proxy must send the line.
    let mut silent = Client::connect(gateway.address).await;
    silent.send(request.as_bytes()).await;
    assert!(silent.answer().await.is_none());
    // From any other peer the line is not HTTP.
    let gateway = Gateway::with(stub.address, &behind("proxy-protocol", "10.0.0.0/8"));
    let mut stranger = Client::connect(gateway.address).await;
    stranger.send((line(1) + request).as_bytes()).await;
    assert!(stranger.answer().await.is_none_or(|answer| answer.status == 400));
    assert!(passes(&stub, DONE, userdel(gateway.address, "T")).await);
}
