//! Connections to upstream over real sockets, on a paused clock: no test takes the time that it covers.

mod behind;
mod rests;
mod server;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper_util::client::legacy::connect::dns::Name;
use tokio::net::TcpListener;
use tokio::time::{Instant, advance};
use tower_service::Service as _;

use super::along::ALONE;
use super::call::{NO_TIME, SLOW_FIRST_BYTE, SLOW_TOTAL};
use super::resolve::{self, Find, Resolver};
use super::site::Site;
use super::{Answer, OutgoingRequest, Upstream, UpstreamTerms};
use crate::config::secret::Environment;
use crate::config::{Layers, UpstreamId};
use crate::http::via;
use crate::protocol::reject::Reject;
use crate::telemetry::metrics::WorkerCounters;
use server::{Does, Saw, Server, says};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

impl Server {
    fn upstream(&self, toml: &str) -> Upstream {
        upstream(&format!("http://{}/", self.address), Arc::new(resolve::system), toml)
    }
}

fn upstream(url: &str, find: Find, toml: &str) -> Upstream {
    let toml = format!("upstream.url = '{url}'\n{toml}");
    let layers = Layers::shipped().and_then(|layers| layers.text("test", &toml)).expect("sound TOML");
    let config = layers.config().expect("sound settings");
    let site = Site::all(&config, &Environment::default(), None).expect("sites")[UpstreamId::OF_ALL].clone();
    Upstream::new(site, &via::Name::default(), UpstreamTerms::of(&config), Arc::default(), find)
        .expect("an upstream")
}

async fn ask(upstream: &Upstream) -> Result<String, Reject> {
    send(upstream, &mut upstream.outgoing(&ALONE, true, 2, |out| out.extend(b"{}"))).await
}

async fn send(upstream: &Upstream, outgoing: &mut OutgoingRequest) -> Result<String, Reject> {
    let text = |answer: &Answer| Ok(String::from_utf8_lossy(&answer.bytes).into_owned());
    let now = Instant::now();
    upstream
        .ask(outgoing, &super::asker::tests::stranger(1), now, upstream.until(now), text)
        .await
        .map(|answered| answered.read)
}

#[tokio::test]
async fn a_letter_that_has_left_is_kept_only_if_it_may_go_again() {
    let mut server = Server::start(says(&[GOOD, GOOD])).await;
    let upstream = server.upstream("");
    for may_repeat in [true, false] {
        let mut outgoing = upstream.outgoing(&ALONE, may_repeat, 2, |out| out.extend(b"{}"));
        send(&upstream, &mut outgoing).await.expect("an answer");
        assert_eq!(server.saw().await, Saw::Request(1));
        assert_eq!(outgoing.bytes().ends_with(b"{}"), may_repeat);
        assert_eq!(outgoing.bytes().is_empty(), !may_repeat);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_address_is_followed_when_a_connection_has_its_age() {
    let listen = async |address: [u8; 4], port| TcpListener::bind((IpAddr::from(address), port)).await;
    let (here, there) = loop {
        let here = listen([127, 0, 0, 1], 0).await.expect("a port");
        // The same port on another address, unless it is taken.
        if let Ok(there) = listen([127, 0, 0, 2], here.local_addr().expect("an address").port()).await {
            break (here, there);
        }
    };
    let mut servers = [Server::on(here, says(&[GOOD, GOOD])), Server::on(there, says(&[GOOD]))];
    let addresses = servers.each_ref().map(|server| server.address);
    let current = Arc::new(Mutex::new(addresses[0]));
    let known = current.clone();
    let find: Find = Arc::new(move |name| {
        assert_eq!(name, "moving.example");
        let address = *known.lock().expect("a lock");
        Box::pin(async move { Ok(vec![address]) })
    });
    let url = format!("http://moving.example:{}/", addresses[0].port());
    let upstream = upstream(&url, find, "upstream.age = '5m'\nupstream.idle_timeout = '1h'");
    ask(&upstream).await.expect("an answer");
    *current.lock().expect("a lock") = addresses[1];
    advance(Duration::from_mins(5) * 79 / 100).await;
    ask(&upstream).await.expect("an answer");
    assert_eq!([servers[0].saw().await, servers[0].saw().await], [Saw::Request(1), Saw::Request(1)]);
    advance(Duration::from_mins(5) * 42 / 100).await;
    ask(&upstream).await.expect("an answer");
    assert_eq!(servers[1].saw().await, Saw::Request(1));
    assert_eq!(servers[0].saw().await, Saw::End(1));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_in_time_though_no_request_comes() {
    let mut server = Server::start(says(&[GOOD, GOOD])).await;
    let upstream = server.upstream("upstream.idle_timeout = '20s'");
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(1));
    let rests = Instant::now();
    assert_eq!(server.saw().await, Saw::End(1));
    assert!(rests.elapsed() < Duration::from_secs(21), "{:?}", rests.elapsed());
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(2));
    assert_eq!(server.saw().await, Saw::End(2), "the next one too");
    drop(upstream);
}

#[tokio::test(start_paused = true)]
async fn connections_end_with_their_upstream() {
    let mut server = Server::start(says(&[GOOD])).await;
    let upstream = server.upstream("upstream.idle_timeout = '1h'");
    ask(&upstream).await.expect("an answer");
    assert_eq!(server.saw().await, Saw::Request(1));
    let began = Instant::now();
    drop(upstream);
    assert_eq!(server.saw().await, Saw::End(1));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[test]
fn a_way_that_nothing_has_changed_for_is_kept() {
    let config = |toml: &str| {
        let layers = Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML");
        layers.config().expect("sound settings")
    };
    let counters: Arc<WorkerCounters> = Arc::default();
    let (before, same, other) =
        (config(""), config("log.level = 'warn'\nretry.most = 1"), config("deadline.total = '1m'"));
    let environment = Environment::default();
    let sites = Site::all(&before, &environment, None).expect("sites");
    let ways = Upstream::all(&sites, &via::Name::default(), &before, &counters, None).expect("ways");
    let again = |config| {
        Upstream::all(
            &Site::all(config, &environment, Some(&sites))?,
            &via::Name::default(),
            config,
            &counters,
            Some(&ways),
        )
    };
    let (all, first) = (UpstreamId::OF_ALL, &ways[UpstreamId::OF_ALL]);
    assert!(Arc::ptr_eq(&again(&same).expect("ways")[all], first));
    let other = &again(&other).expect("ways")[all];
    assert!(!Arc::ptr_eq(other, first) && Arc::ptr_eq(&other.site, &first.site));
}

#[tokio::test(start_paused = true)]
async fn what_never_ends_is_given_up_in_time_and_its_connection_closed() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (head, repeated, why, seconds) in [
        ("", "HTTP/1.1 100 Continue\r\n\r\n", SLOW_FIRST_BYTE, 15),
        ("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", SLOW_FIRST_BYTE, 15),
        (chunked, "1\r\nx\r\n", SLOW_TOTAL, 20),
    ] {
        let mut server = Server::start([Does::Repeats(head, repeated)]).await;
        let upstream = server.upstream("");
        let began = Instant::now();
        assert_eq!(ask(&upstream).await, Err(Reject::Timeout(why)));
        assert_eq!(began.elapsed(), Duration::from_secs(seconds));
        assert_eq!([server.saw().await, server.saw().await], [Saw::Request(1), Saw::End(1)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_gives_back_its_seat_and_its_connection() {
    let mut server = Server::start([Does::Repeats("", ""), Does::Says(GOOD.to_owned())]).await;
    let upstream = server.upstream("upstream.connections = 1\nupstream.queue = 0");
    {
        let asking = ask(&upstream);
        tokio::select! {
            _ = asking => panic!("nobody has answered"),
            saw = server.saw() => assert_eq!(saw, Saw::Request(1)),
        }
    }
    assert_eq!(ask(&upstream).await.as_deref(), Ok("good"));
}

#[tokio::test(start_paused = true)]
async fn failures_open_the_breaker_and_long_answers_do_not() {
    let long = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ngood good";
    let failure = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
    let script: Vec<&str> = [[long; 3], [failure; 3]].concat();
    let mut server = Server::start(says(&script)).await;
    let upstream = server.upstream("cap.answer = 8\nbreaker.failures = 3");
    for _ in 0..3 {
        assert_eq!(ask(&upstream).await, Err(Reject::OVERSIZE));
    }
    for _ in 0..3 {
        assert_eq!(ask(&upstream).await.expect_err("none").upstream_status(), Some(500));
    }
    assert!(matches!(ask(&upstream).await, Err(Reject::BreakerOpen { .. })));
    let mut requests = 0;
    while let Ok(saw) = server.saw.try_recv() {
        requests += usize::from(matches!(saw, Saw::Request(_)));
    }
    assert_eq!(requests, 6);
}

#[tokio::test]
async fn only_addresses_of_the_wanted_kind_are_used() {
    let both: Vec<SocketAddr> = ["[::1]:0", "192.0.2.1:0"].map(|text| text.parse().expect("one")).to_vec();
    let resolved = async |found: &[SocketAddr], ipv4_only| {
        let found = found.to_vec();
        let find: Find = Arc::new(move |_| {
            let found = found.clone();
            Box::pin(async move { Ok(found) })
        });
        let name: Name = "name.example".parse().expect("a name");
        Resolver::new(find, ipv4_only).call(name).await.map(Iterator::collect::<Vec<_>>)
    };
    assert_eq!(resolved(&both, false).await.expect("addresses"), both);
    assert_eq!(resolved(&both, true).await.expect("addresses"), both[1..]);
    let error = resolved(&both[..1], true).await.expect_err("none is left");
    assert!(error.to_string().contains("upstream.ipv4_only"), "{error}");
    assert!(resolved(&[], false).await.is_err());
}

/// A request whose time is nearly over proves nothing about upstream.
#[tokio::test(start_paused = true)]
async fn who_has_too_little_time_to_connect_closes_no_upstream_for_others() {
    let find: Find = Arc::new(|_| Box::pin(std::future::pending()));
    let upstream = upstream("http://slow.example/", find, "");
    let asker = super::asker::tests::known(1);
    let most = upstream.terms.connect;
    for _ in 0..10 {
        let mut outgoing = upstream.outgoing(&ALONE, true, 2, |out| out.extend(b"{}"));
        let now = Instant::now();
        let ended = upstream.ask(&mut outgoing, &asker, now, now + most / 2, |_: &Answer| Ok(())).await;
        let reject = ended.err().expect("nobody has answered");
        assert!(matches!(reject, Reject::UpstreamDown(NO_TIME) | Reject::BreakerOpen { .. }), "{reject:?}");
    }
    assert!(upstream.site.breaker.check(&super::asker::tests::known(2)).is_ok());
}
