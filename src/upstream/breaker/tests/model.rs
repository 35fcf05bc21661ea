//! A hostile caller beside a good one: whatever the hostile one does, the good one is let through as if alone.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{Instant, advance};

use crate::config;
use crate::upstream::asker::Asker;
use crate::upstream::asker::tests::{from, known, stranger};
use crate::upstream::breaker::{Breaker, Pass};

const SETTINGS: config::BreakerConfig =
    config::BreakerConfig { failures: 5, wait: Duration::from_secs(5), longest: Duration::from_mins(1) };
/// A number that no hostile caller has.
const GOOD: u128 = u128::MAX;

/// The results of hostile requests.
#[derive(Debug, Clone, Copy)]
enum Comes {
    /// An HTTP error, a page, no answer in time.
    Failure,
    /// An error page that blames the request.
    Nothing,
}

fn end(pass: Pass<'_>, comes: Comes) {
    match comes {
        Comes::Failure => pass.failed(),
        Comes::Nothing => drop(pass),
    }
}

/// Runs for two minutes: hostile requests every 20 ms, and a good one every 0.9 s, which must be let through.
async fn beside(
    breaker: &Breaker,
    hostile: impl Fn(u128) -> Asker<'static>,
    comes: Comes,
    good: fn(u128) -> Asker<'static>,
) {
    let began = Instant::now();
    let mut next_good = began;
    for number in 0.. {
        if began.elapsed() > Duration::from_mins(2) {
            break;
        }
        if let Ok(pass) = breaker.pass(&hostile(number)) {
            end(pass, comes);
        }
        if Instant::now() >= next_good {
            let good = good(GOOD);
            let pass = breaker.pass(&good);
            pass.unwrap_or_else(|reject| panic!("{reject:?} after {:?}", began.elapsed())).succeeded();
            next_good += Duration::from_millis(900);
        }
        advance(Duration::from_millis(20)).await;
    }
}

fn address(number: u128) -> IpAddr {
    IpAddr::from((0xfd00 << 112 | number << 64).to_be_bytes())
}

#[tokio::test(start_paused = true)]
async fn no_hostile_caller_takes_upstream_from_a_good_one() {
    for comes in [Comes::Failure, Comes::Nothing] {
        // After a start the good caller is unknown too, and may come from the same address.
        for good in [known, stranger] {
            let breaker = Breaker::new(SETTINGS, "upstream".to_owned());
            beside(&breaker, |_| known(2), comes, good).await;
            beside(&breaker, stranger, comes, good).await;
            beside(&breaker, |number| from(address(number), number), comes, good).await;
            // A caller with an accepted token may also invent others, and two may come together.
            let both: fn(u128) -> Asker<'static> =
                |number| if number % 2 == 0 { known(2) } else { stranger(number) };
            beside(&breaker, both, comes, good).await;
            beside(&breaker, |number| known(2 + number % 2), comes, good).await;
            beside(&breaker, |number| known(2 + number % 5), comes, good).await;
        }
    }
}

/// Upstream may reject a token while its trial is under way.
#[tokio::test(start_paused = true)]
async fn a_caller_that_is_forgotten_during_its_try_gives_the_try_back() {
    let (breaker, mut is_known) = (Breaker::new(SETTINGS, "upstream".to_owned()), AtomicBool::new(true));
    for _ in 0..5 {
        breaker.pass(&known(GOOD)).expect("closed").failed();
    }
    for says in [false, true, false] {
        advance(SETTINGS.wait * 2).await;
        let ask = || is_known.load(Relaxed);
        let Asker { caller, client, .. } = known(GOOD);
        let asker = Asker::new(caller, client, None, &ask);
        let pass = breaker.pass(&asker).expect("it may try");
        is_known.store(says, Relaxed);
        drop(pass);
        *is_known.get_mut() = true;
    }
    breaker.pass(&known(GOOD)).expect("it may try again").succeeded();
}

/// A caller whose trial is slow must not take the turn of the others, nor come before them again.
#[tokio::test(start_paused = true)]
async fn slow_tries_come_after_those_that_have_not_tried() {
    let breaker = Breaker::new(SETTINGS, "upstream".to_owned());
    for _ in 0..5 {
        breaker.pass(&known(GOOD)).expect("closed").unreachable();
    }
    advance(SETTINGS.wait * 2).await;
    let slow = [known(2), known(3)];
    let mut passes: Vec<Pass<'_>> = Vec::new();
    for asker in [&slow[0], &slow[1], &slow[0], &slow[1]] {
        passes.extend(breaker.pass(asker));
        advance(Duration::from_millis(1100)).await;
    }
    assert_eq!(passes.len(), 2, "each once");
    breaker.pass(&known(GOOD)).expect("it may try").succeeded();
    assert!(!breaker.is_open());
}

#[tokio::test(start_paused = true)]
async fn who_fails_again_and_again_is_left_alone_and_nobody_else_is() {
    let breaker = Breaker::new(SETTINGS, "upstream".to_owned());
    let mut asked = 0;
    for _ in 0..1000 {
        if let Ok(pass) = breaker.pass(&known(2)) {
            asked += 1;
            pass.failed();
        }
        advance(Duration::from_millis(20)).await;
    }
    assert!((5..12).contains(&asked), "in 20 s it was asked {asked} times");
    assert_eq!((breaker.callers(), breaker.is_open()), (1, true));
    breaker.pass(&known(GOOD)).expect("nobody else is").succeeded();
    assert!(breaker.check(&known(2)).is_err(), "what others get is no answer to this one");
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_cannot_be_reached_is_left_alone_by_all() {
    let breaker = Breaker::new(SETTINGS, "upstream".to_owned());
    for number in 0..5 {
        breaker.pass(&stranger(number)).expect("it is not known yet").unreachable();
    }
    assert!(breaker.check(&known(GOOD)).is_err() && breaker.check(&stranger(9)).is_err());
    advance(SETTINGS.wait * 2).await;
    let good = known(GOOD);
    let trial = breaker.pass(&good).expect("one may try");
    assert!(breaker.check(&known(2)).is_err(), "one at a time");
    trial.succeeded();
    assert!(breaker.check(&known(2)).is_ok() && !breaker.is_open());
}

/// A hostile caller's trial that fails, and one that proves nothing, must not take the turn of the others.
#[tokio::test(start_paused = true)]
async fn a_try_in_vain_holds_back_only_whoever_made_it() {
    for comes in [Comes::Failure, Comes::Nothing] {
        let breaker = Breaker::new(SETTINGS, "upstream".to_owned());
        for _ in 0..5 {
            breaker.pass(&known(GOOD)).expect("closed").unreachable();
        }
        advance(SETTINGS.wait * 2).await;
        end(breaker.pass(&known(2)).expect("one may try"), comes);
        assert!(breaker.check(&known(2)).is_err(), "{comes:?}");
        breaker.pass(&known(GOOD)).expect("the next may try at once").succeeded();
        assert!(breaker.check(&known(GOOD)).is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_each_is_left_alone_sooner() {
    let breaker = Breaker::new(SETTINGS, "upstream".to_owned());
    let mut asked = 0;
    for round in 0..200 {
        for number in 0..100 {
            if let Ok(pass) = breaker.pass(&known(10 + number)) {
                asked += 1;
                pass.failed();
            }
        }
        advance(Duration::from_millis(20)).await;
        assert!(asked < 200, "{asked} in round {round}");
    }
    assert!(breaker.check(&known(GOOD)).is_err(), "so many are not all at fault");
}
