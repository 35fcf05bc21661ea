//! Each place where a request has to wait while its client leaves, and what upstream has seen in the end.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::crowd::{Crowd, Half, Lines, Streams, What};
use super::tunnel::{Let, Tunnel, until};
use crate::support::chance::Chance;
use crate::support::client::{Client, metric};
use crate::support::gateway::Gateway;

/// Deadlines that no request meets, however slow the machine is.
const PATIENCE: &str = "listen.http2 = true\nretry = { most = 1, share = 100 }\n\
    deadline = { queue = '5m', total = '5m', upstream_first_byte = '5m', connect = '5m', body = '5m' }\n\
    upstream.queue = 5000\n";
/// After that long a scene counts as hung.
const LONGEST: Duration = Duration::from_mins(2);

struct Scene {
    tunnel: Tunnel,
    gateway: Gateway,
    chance: Chance,
    /// The number of the next request.
    next: u64,
}

impl Scene {
    async fn start(connections: Let, answers: Let, settings: &str) -> Self {
        let tunnel = Tunnel::start(connections, answers, settings.contains("idle_connections")).await;
        let gateway = Gateway::start(&format!("{}{PATIENCE}{settings}", tunnel.settings()));
        Self { tunnel, gateway, chance: Chance::new(), next: 1 }
    }

    async fn crowd<C: Crowd>(&mut self, what: What, count: u64) -> C {
        let first = self.next;
        self.next += count;
        C::ask(self.gateway.address, what, first, count, &mut self.chance).await
    }

    /// Waits until this many requests are under way.
    async fn are_under_way(&self, count: u64) {
        until(async || metric(self.gateway.admin, "mesigate_in_flight").await == count).await;
    }

    /// Reads all answers that can still be read, and compares how often upstream saw the requests of clients that
    /// stayed, and of those that left.
    async fn ends<C: Crowd>(&self, crowd: C, seen: [usize; 2]) {
        let all = crowd.all();
        for (uid, told) in timeout(LONGEST, crowd.hear()).await.expect("an end") {
            let stays = all.contains(&(uid, true));
            assert!(told.contains(&format!("\"result\":{stays}")), "{uid}: {told}");
        }
        self.are_under_way(0).await;
        for (uid, stays) in all {
            let expected = seen[usize::from(!stays)];
            assert_eq!(self.tunnel.seen(uid), expected, "{uid} {}", if stays { "stayed" } else { "left" });
        }
    }

    /// One more request that deletes a user.
    fn userdel(&mut self) -> Vec<u8> {
        self.next += 1;
        let uid = self.next - 1;
        format!("GET /api.php?op=userdel&token=T&uid={uid} HTTP/1.1\r\nHost: g\r\n\r\n").into_bytes()
    }
}

/// How many clients of a crowd stay.
fn staying<C: Crowd>(crowd: &C) -> u64 {
    crowd.all().iter().filter(|(_, stays)| *stays).count() as u64
}

/// The request's body is not whole.
async fn body<C: Crowd>(rounds: u64, count: u64) {
    let mut scene = Scene::start(Let::GO_ON, Let::GO_ON, "upstream.connections = 5000\n").await;
    for _ in 0..rounds {
        let mut crowd: C = scene.crowd(What::Part, count).await;
        crowd.leave(Half::First).await;
        crowd.send_rest().await;
        crowd.leave(Half::Second).await;
        scene.ends(crowd, [1, 0]).await;
    }
}

/// Upstream has as many requests as it may have, so the others queue.
async fn queue<C: Crowd>(rounds: u64, count: u64) {
    let mut scene =
        Scene::start(Let::GO_ON, Let::WAIT, "upstream.connections = 1\nupstream.idle_connections = 1\n")
            .await;
    for _ in 0..rounds {
        let asked = scene.tunnel.asked();
        scene.tunnel.answers(Let { fail: 0, go_on: asked });
        let mut first = Client::connect(scene.gateway.address).await;
        first.send(&scene.userdel()).await;
        until(async || scene.tunnel.asked() > asked).await;
        let mut crowd: C = scene.crowd(What::Write, count).await;
        let admin = scene.gateway.admin;
        until(async || metric(admin, "mesigate_upstream_waiting").await == count).await;
        crowd.leave(Half::First).await;
        crowd.leave(Half::Second).await;
        scene.tunnel.answers(Let::GO_ON);
        first.answer().await.expect("an answer");
        scene.ends(crowd, [1, 0]).await;
    }
}

/// There is no connection to upstream yet; in every second round the first try to connect fails.
async fn connecting<C: Crowd>(rounds: u64, count: u64, is_told_at_once: bool) {
    let more = "upstream.connections = 5000\n";
    let mut scene = Scene::start(Let::WAIT, Let::GO_ON, more).await;
    for round in 0..rounds {
        let dialled = scene.tunnel.dialled();
        scene.tunnel.connections(Let { fail: 0, go_on: dialled });
        let mut crowd: C = scene.crowd(What::Write, count).await;
        until(async || scene.tunnel.dialled() == dialled + count).await;
        crowd.leave(Half::First).await;
        if round % 2 == 1 {
            scene.tunnel.connections(Let { fail: dialled + count, go_on: 0 });
        }
        crowd.leave(Half::Second).await;
        // Over HTTP/1 a client may have ended its sending side alone: that it has left shows after a moment.
        if !is_told_at_once || round % 4 > 1 {
            scene.are_under_way(staying(&crowd)).await;
        }
        let fail = if round % 2 == 1 { dialled + count } else { 0 };
        scene.tunnel.connections(Let { fail, go_on: u64::MAX });
        scene.ends(crowd, [1, 0]).await;
    }
}

/// A read was sent and got no answer; the next try has to connect.
async fn between_two_tries<C: Crowd>(rounds: u64, count: u64, is_told_at_once: bool) {
    let more = "upstream.connections = 5000\n";
    let mut scene = Scene::start(Let::GO_ON, Let::WAIT, more).await;
    for round in 0..rounds {
        let asked = scene.tunnel.asked();
        scene.tunnel.answers(Let { fail: 0, go_on: asked });
        let mut crowd: C = scene.crowd(What::Read, count).await;
        until(async || scene.tunnel.asked() == asked + count).await;
        scene.tunnel.connections(Let { fail: 0, go_on: scene.tunnel.dialled() });
        crowd.leave(Half::First).await;
        scene.tunnel.answers(Let { fail: asked + count, go_on: u64::MAX });
        crowd.leave(Half::Second).await;
        if !is_told_at_once || round % 2 == 1 {
            scene.are_under_way(staying(&crowd)).await;
        }
        scene.tunnel.connections(Let::GO_ON);
        scene.ends(crowd, [2, 1]).await;
    }
}

/// Clients leave between two tries, while there are idle connections for the next try.
async fn between_two_tries_on_resting_connections(rounds: u64, count: u64) {
    let more = "upstream.connections = 5000\nupstream.idle_connections = 5000\n";
    let mut scene = Scene::start(Let::GO_ON, Let::WAIT, more).await;
    let elsewhere = Scene::start(Let::WAIT, Let::WAIT, "").await;
    for _ in 0..rounds {
        let mut asked = scene.tunnel.asked();
        scene.tunnel.answers(Let { fail: 0, go_on: asked });
        let mut before = Vec::new();
        for _ in 0..2 * count {
            let mut client = Client::connect(scene.gateway.address).await;
            client.send(&scene.userdel()).await;
            before.push(client);
        }
        asked += 2 * count;
        until(async || scene.tunnel.asked() == asked).await;
        scene.tunnel.answers(Let { fail: 0, go_on: asked });
        for mut client in before {
            client.answer().await.expect("an answer");
        }
        let dialled = scene.tunnel.dialled();
        let mut crowd: Lines = scene.crowd(What::Read, count).await;
        until(async || scene.tunnel.asked() == asked + count).await;
        crowd.leave(Half::First).await;
        crowd.leave(Half::Second).await;
        a_moment_passes(&elsewhere.gateway).await;
        scene.tunnel.answers(Let { fail: asked + count, go_on: u64::MAX });
        scene.ends(crowd, [2, 1]).await;
        assert_eq!(scene.tunnel.dialled(), dialled, "there were enough connections");
    }
}

/// Once this client, which comes last and ends its side, is taken for gone, the gateway has noticed all that left
/// before.
async fn a_moment_passes(gateway: &Gateway) {
    let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
    let request = b"GET /api.php?op=userdel&token=T&uid=1 HTTP/1.1\r\nHost: g\r\n\r\n";
    stream.write_all(request).await.expect("it is sent");
    stream.shutdown().await.expect("an end");
    let mut told = String::new();
    stream.read_to_string(&mut told).await.expect("an answer");
    assert!(told.contains("\"error\":\"CLIENTLEFT\""), "{told}");
}

// 10,000 requests of each version of HTTP, together with those in the queue of tests/it/leaving.rs.

#[tokio::test]
async fn of_a_client_of_http_1_that_leaves_within_its_body_nothing_is_sent() {
    body::<Lines>(4, 200).await;
}

#[tokio::test]
async fn of_a_client_of_http_2_that_leaves_within_its_body_nothing_is_sent() {
    body::<Streams>(5, 400).await;
}

#[tokio::test]
async fn of_a_client_of_http_1_that_leaves_the_queue_nothing_is_sent() {
    queue::<Lines>(2, 250).await;
}

#[tokio::test]
async fn of_a_client_of_http_2_that_leaves_the_queue_nothing_is_sent() {
    queue::<Streams>(6, 500).await;
}

#[tokio::test]
async fn of_a_client_of_http_1_that_leaves_before_there_is_a_connection_nothing_is_sent() {
    connecting::<Lines>(6, 200, false).await;
}

#[tokio::test]
async fn of_a_client_of_http_2_that_leaves_before_there_is_a_connection_nothing_is_sent() {
    connecting::<Streams>(8, 400, true).await;
}

#[tokio::test]
async fn of_a_client_of_http_1_that_leaves_between_two_tries_nothing_more_is_sent() {
    between_two_tries::<Lines>(4, 250, false).await;
}

#[tokio::test]
async fn of_a_client_of_http_2_that_leaves_between_two_tries_nothing_more_is_sent() {
    between_two_tries::<Streams>(5, 400, true).await;
}

#[tokio::test]
async fn of_a_client_that_leaves_between_two_tries_nothing_more_is_sent_on_a_connection_that_rests() {
    between_two_tries_on_resting_connections(3, 100).await;
}
