//! Bytes that follow an answer, or come without a request, never become another request's answer.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::server::{Does, Saw, Server, says};
use super::{GOOD, ask, upstream};
use crate::protocol::reject::Reject;
use crate::upstream::call::{TWO_LENGTHS, UNREACHABLE};
use crate::upstream::resolve;

const EVIL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

#[tokio::test(start_paused = true)]
async fn bytes_behind_an_answer_never_become_the_next_one() {
    let behind = [EVIL, "\r\n", "x"].map(|more| format!("{GOOD}{more}"));
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n{EVIL}");
    let none = format!("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n{EVIL}");
    for (answer, text) in
        behind.into_iter().map(|answer| (answer, "good")).chain([(chunked, "good"), (none, "")])
    {
        let mut server = Server::start(says(&[&answer, GOOD])).await;
        let upstream = server.upstream("");
        assert_eq!(ask(&upstream).await.as_deref(), Ok(text), "{answer}");
        assert_eq!(ask(&upstream).await.as_deref(), Ok("good"), "{answer}");
        let saw = [server.saw().await, server.saw().await, server.saw().await];
        assert!(saw.contains(&Saw::Request(2)) && saw.contains(&Saw::End(1)), "{answer}: {saw:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_asked_for_never_becomes_the_next_one() {
    for (more, is_seen) in [(EVIL, false), (EVIL, true), ("\r\n", false), ("", false)] {
        let (test, handed_over) = oneshot::channel();
        let script = [Does::HandsOver(GOOD, test), Does::Says(GOOD.to_owned())];
        let mut server = Server::start(script).await;
        let upstream = server.upstream("");
        assert_eq!(ask(&upstream).await.as_deref(), Ok("good"));
        let mut stream = handed_over.await.expect("the connection");
        if more.is_empty() {
            // A closed connection must get no request, either.
            drop(stream);
        } else {
            // Right before the next request, so that the runtime has not seen the bytes yet.
            assert_eq!(stream.try_write(more.as_bytes()).expect("room"), more.len());
            if is_seen {
                // A reset is an end too: the gateway has closed without reading the bytes.
                assert!(matches!(stream.read(&mut [0; 9]).await, Ok(0) | Err(_)), "it is closed at once");
            }
        }
        assert_eq!(ask(&upstream).await.as_deref(), Ok("good"), "{more:?}");
        assert_eq!([server.saw().await, server.saw().await], [Saw::Request(1), Saw::Request(2)], "{more:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_end_is_not_sure_is_none_and_ends_its_connection() {
    let chunks = "4\r\ngood\r\n0\r\n\r\n";
    let two = format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    let other = two.replacen(
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 99",
        1,
    );
    let mut server = Server::start(says(&[&two, &other, GOOD])).await;
    let upstream = server.upstream("");
    for number in 1..=2 {
        assert_eq!(ask(&upstream).await, Err(Reject::BadAnswer(TWO_LENGTHS)));
        assert_eq!(server.saw().await, Saw::Request(number));
        assert_eq!(server.saw().await, Saw::End(number));
    }
    assert_eq!(ask(&upstream).await.as_deref(), Ok("good"));
}

#[tokio::test(start_paused = true)]
async fn another_protocol_is_not_spoken() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    let mut server = Server::start(says(&[switch, GOOD])).await;
    let upstream = server.upstream("");
    assert_eq!(ask(&upstream).await.expect_err("none").upstream_status(), Some(101));
    assert_eq!([server.saw().await, server.saw().await], [Saw::Request(1), Saw::End(1)]);
    assert_eq!(ask(&upstream).await.as_deref(), Ok("good"));
}

#[tokio::test]
async fn what_a_proxy_says_behind_its_own_answer_is_nobodys() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = proxy.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut stream, _) = proxy.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 1024]).await.expect("a request");
        // Fills the buffer that a proxy's answer is read into, so that the rest is left on the connection.
        let answer = format!("HTTP/1.1 200 OK\r\n\r\n{}{EVIL}", "x".repeat(8192 - 19));
        stream.write_all(answer.as_bytes()).await.expect("it is taken");
        let _ = stream.read(&mut [0; 1024]).await;
    });
    let upstream = upstream(
        "http://far.example/",
        Arc::new(resolve::system),
        &format!("upstream.proxy = 'http://{address}'"),
    );
    assert_eq!(ask(&upstream).await, Err(Reject::UpstreamDown(UNREACHABLE)));
}

#[tokio::test(start_paused = true)]
async fn nothing_comes_behind_an_answer_without_a_body() {
    let empty = "HTTP/1.1 204 No Content\r\nContent-Length: 48\r\n\r\n";
    let mut server = Server::start(says(&[empty, GOOD])).await;
    let upstream = server.upstream("");
    ask(&upstream).await.expect("an answer");
    assert_eq!([server.saw().await, server.saw().await], [Saw::Request(1), Saw::End(1)]);
    assert_eq!(ask(&upstream).await.as_deref(), Ok("good"));
}
