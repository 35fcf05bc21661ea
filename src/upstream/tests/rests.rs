//! For how long a connection rests when upstream has set a limit.

use std::time::Duration;

use tokio::time::{Instant, advance};

use super::server::{Saw, Server, says};
use super::{GOOD, ask};

#[tokio::test(start_paused = true)]
async fn a_connection_that_upstream_is_about_to_end_gets_no_request() {
    let hint = |hint: &str| format!("HTTP/1.1 200 OK\r\nKeep-Alive: {hint}\r\nContent-Length: 4\r\n\r\ngood");
    let mut server = Server::start(says(&[&hint("timeout=5"), &hint("timeout=5, max=7"), GOOD, GOOD])).await;
    let upstream = server.upstream("upstream.idle_timeout = '1h'");
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(1));
    advance(Duration::from_millis(3900)).await;
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(1), "four seconds are not over");
    let rests = Instant::now();
    assert_eq!(server.saw().await, Saw::End(1), "though no request comes");
    assert!(rests.elapsed() < Duration::from_secs(5), "{:?}", rests.elapsed());
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(2));
    advance(Duration::from_secs(6)).await;
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(2), "without a hint it rests as long as the settings say");
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_heeded_beside_connections_that_rest_longer() {
    let hint = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 4\r\n\r\ngood";
    let mut server = Server::start(says(&[GOOD, GOOD, GOOD, hint])).await;
    let upstream = server.upstream("upstream.idle_timeout = '1h'");
    let both = tokio::join!(ask(&upstream), ask(&upstream));
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!(server.saw().await, Saw::Request(1));
    assert_eq!(server.saw().await, Saw::Request(2));
    // The task that closes idle connections runs, and will look again in an hour.
    advance(Duration::from_secs(1)).await;
    let both = tokio::join!(ask(&upstream), ask(&upstream));
    assert!(both.0.is_ok() && both.1.is_ok());
    let asked = [server.saw().await, server.saw().await];
    assert!(asked.contains(&Saw::Request(1)) && asked.contains(&Saw::Request(2)), "{asked:?}");
    let rests = Instant::now();
    assert!(matches!(server.saw().await, Saw::End(_)));
    assert!(rests.elapsed() < Duration::from_secs(5), "{:?}", rests.elapsed());
}
