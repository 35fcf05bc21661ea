//! A thousand clients where 256 files may be open.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{ONE_AT_A_TIME, PATIENCE, Probe, halting, is_served, open_connections, serving};
use crate::support::client::get;
use crate::support::echo::Echo;
use crate::support::program::Serving;

/// Sends the head or the body of a request a little at a time, until the gateway closes or `is_over`.
async fn trickle(
    address: SocketAddr,
    beginning: &'static [u8],
    piece: &'static [u8],
    is_over: Arc<AtomicBool>,
) {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
    let mut next = beginning;
    while !is_over.load(Relaxed) && stream.write_all(next).await.is_ok() {
        next = piece;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn is_alive_and_ready(serving: &Serving) -> bool {
    let (live, ready) = (get(serving.admin, "/livez").await, get(serving.admin, "/readyz").await);
    (live.status, ready.status) == (200, 200)
}

/// How long it takes until a request on a new connection is served.
async fn recovers(serving: &Serving) -> Duration {
    let began = Instant::now();
    let served = async { while !is_served(serving.address, None).await {} };
    tokio::time::timeout(PATIENCE, served).await.expect("it recovers");
    began.elapsed()
}

const FILES: usize = 256;
const CROWD: usize = 1000;

#[tokio::test]
async fn with_256_files_a_thousand_silent_clients_lock_nobody_out_and_cost_nothing() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let settings = "deadline = { first_byte = '1h', head = '1h' }\n";
    let (mut serving, _folder) = serving(echo.address, settings, Some(FILES));
    let probe = Probe::start(serving.address, None);
    let silent = halting(serving.address, CROWD, &[b""]).await;
    assert!(open_connections(&serving).await < FILES);
    for _ in 0..20 {
        assert!(is_alive_and_ready(&serving).await && is_served(serving.address, None).await);
    }
    println!("beside a thousand silent clients at 256 files: {}", probe.was_served().await);
    let (began, before) = (Instant::now(), serving.processor_time());
    // With nothing to do, the gateway must use next to no processor time.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (took, spent) = (began.elapsed(), serving.processor_time().saturating_sub(before));
    assert!(spent < took / 2, "{spent:?} of processor time in {took:?} with nothing to do");
    drop(silent);
    println!("with nothing to do: {spent:?} of processor time in {took:.1?}");
    println!("after the silent ones: served after {:.1?}", recovers(&serving).await);
    assert!(serving.child.try_wait().expect("a child").is_none(), "it lives");
}

#[tokio::test]
async fn with_256_files_a_thousand_slow_clients_end_nothing_but_themselves() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let settings = "deadline = { first_byte = '2s', head = '2s', body = '2s' }\n";
    let (mut serving, _folder) = serving(echo.address, settings, Some(FILES));
    let head = (b"GET /api.php?op=userdel HTTP/1.1\r\nHost: g\r\n".as_slice(), b"X-A: b\r\n".as_slice());
    let body =
        (b"POST /api.php HTTP/1.1\r\nHost: g\r\nContent-Length: 9000\r\n\r\n".as_slice(), b"a".as_slice());
    for (what, (beginning, piece)) in [("heads", head), ("bodies", body)] {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut slow: JoinSet<()> =
            (0..CROWD).map(|_| trickle(serving.address, beginning, piece, is_over.clone())).collect();
        let (began, before) = (Instant::now(), serving.processor_time());
        for _ in 0..20 {
            assert!(is_alive_and_ready(&serving).await, "beside slow {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let open = open_connections(&serving).await;
        assert!((1..FILES).contains(&open), "{open} are open");
        println!(
            "slow {what}: {:?} of processor time in {:.1?}",
            serving.processor_time().saturating_sub(before),
            began.elapsed()
        );
        println!("beside slow {what}: served after {:.1?}", recovers(&serving).await);
        is_over.store(true, Relaxed);
        slow.shutdown().await;
        println!("after slow {what}: served after {:.1?}", recovers(&serving).await);
    }
    assert!(serving.child.try_wait().expect("a child").is_none(), "it lives");
}
