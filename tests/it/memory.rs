//! Far more long requests than there is memory for: the memory that they take is bounded, and a short request is served
//! beside them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::slow_clients::{GOOD, ONE_AT_A_TIME, PATIENCE, is_served, post, serving};
use crate::support::client::{Client, ask, get};
use crate::support::echo::Echo;

const MIB: u64 = 1024 * 1024;

#[tokio::test]
async fn two_hundred_long_bodies_at_once_get_no_more_memory_than_there_is_for_them() {
    const MANY: usize = 200;
    const LENGTH: usize = 1_000_000;
    const ROOM: usize = 16 * 1024 * 1024;
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, &format!("cap.bodies = {ROOM}\n"), None);
    assert!(is_served(serving.address, None).await);
    let before = serving.memory("VmRSS");
    let mut form = b"op=message&token=T&from=a&to=b&msg=".to_vec();
    form.resize(LENGTH, b'm');
    let request: Arc<[u8]> = post("", &form).into();
    // Each request lacks its last byte until all have begun, so that none makes room for another early.
    let all = Arc::new(Barrier::new(MANY));
    let at_once: JoinSet<_> = (0..MANY)
        .map(|_| {
            let (request, all, address) = (request.clone(), all.clone(), serving.address);
            async move {
                let mut client = Client::connect(address).await;
                let (last, rest) = request.split_last().expect("bytes");
                client.try_send(rest).await;
                all.wait().await;
                client.try_send(&[*last]).await;
                client.answer().await
            }
        })
        .collect();
    let mut done = 0;
    for answer in tokio::time::timeout(PATIENCE, at_once.join_all()).await.expect("all have an answer") {
        let answer = answer.expect("an answer");
        if answer.json()["result"] == true {
            done += 1;
        } else {
            assert_eq!(answer.json()["error"], "OVERLOAD");
            assert_eq!(answer.header("x-mesigate-outcome"), Some("not-sent"));
        }
    }
    let most = serving.memory("VmHWM");
    println!("{MANY} bodies of 1 MB: {done} had room, {before} to {most} KiB");
    assert!((1..MANY).contains(&done), "{done} had room");
    // Growing buffers are copied, and a body is translated and written anew; still it is not 200 MB.
    assert!(most - before < 96 * 1024, "from {before} to {most} KiB");
    assert_eq!(ask(serving.address, GOOD).await.json()["result"], true);
}

/// An upstream that takes connections and reads nothing.
async fn deaf() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut all = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            all.push(stream);
        }
    });
    address
}

/// JSON writes a control byte as six. The bytes written are counted, not only those received.
#[tokio::test]
async fn what_becomes_six_times_as_long_takes_no_more_memory_while_upstream_does_not_read() {
    const MANY: usize = 60;
    const ROOM: u64 = 16 * MIB;
    let _alone = ONE_AT_A_TIME.lock().await;
    for (name, begin, part, end) in [
        ("a form", "op=message&token=T&from=a&to=b&msg=", "\u{1}", ""),
        ("JSON", r#"{"op":"message","token":"T","message":{"from":"a","to":"b","msg":""#, "m", r#""}}"#),
    ] {
        let settings = format!(
            "cap.bodies = {ROOM}\nupstream.connections = 64\ndeadline = {{ upstream_first_byte = '5m', total = '5m' }}\n"
        );
        let (serving, _folder) = serving(deaf().await, &settings, None);
        assert_eq!(get(serving.admin, "/livez").await.status, 200);
        let before = serving.memory("VmRSS");
        let body = format!("{begin}{}{end}", part.repeat(1_000_000));
        let request: Arc<[u8]> = post("", body.as_bytes()).into();
        let mut all = JoinSet::new();
        for _ in 0..MANY {
            let (request, address) = (request.clone(), serving.address);
            all.spawn(async move {
                let mut client = Client::connect(address).await;
                client.try_send(&request).await;
                client.answer().await
            });
        }
        // Requests that upstream holds up stay; most are told that there is no room.
        for number in 0..MANY / 2 {
            let answer = tokio::time::timeout(PATIENCE, all.join_next()).await;
            let answer = answer.unwrap_or_else(|_| panic!("{name}: {number} of {MANY} were refused"));
            let answer = answer.expect("a client").expect("a client").expect("an answer");
            assert_eq!(answer.json()["error"], "OVERLOAD");
        }
        let most = serving.memory("VmHWM");
        println!("{name}: {before} to {most} KiB");
        // Beside all that wait, each worker writes one request into a buffer that doubles, and freed memory does not
        // return to the system at once. Counted by received bytes alone it was 16 times 8 MiB.
        assert!((most - before) * 1024 < 5 * ROOM, "{name}: from {before} to {most} KiB");
        assert_eq!(get(serving.admin, "/livez").await.status, 200);
    }
}
