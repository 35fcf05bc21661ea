mod model;

use std::time::Duration;

use tokio::time::advance;

use super::Breaker;
use crate::config;
use crate::protocol::reject::Reject;
use crate::upstream::asker::Asker;

static ME: Asker<'static> = crate::upstream::asker::tests::known(1);

const WAIT: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(30);

fn breaker(failures: u32) -> Breaker {
    Breaker::new(config::BreakerConfig { failures, wait: WAIT, longest: LONGEST }, "upstream".to_owned())
}

fn fail(breaker: &Breaker, times: usize) {
    for _ in 0..times {
        breaker.pass(&ME).expect("closed").failed();
    }
}

fn wait(breaker: &Breaker) -> Option<u64> {
    let refusals = [breaker.check(&ME), breaker.pass(&ME).map(drop)];
    assert_eq!(refusals[0], refusals[1]);
    match &refusals[0] {
        Ok(()) => None,
        Err(Reject::BreakerOpen { wait }) => Some(*wait),
        Err(other) => panic!("{other:?}"),
    }
}

/// Waits for `time` and the most that jitter adds to it.
async fn wait_out(time: Duration) {
    advance(time * 11 / 10 + Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_open_it_for_its_time() {
    let breaker = breaker(3);
    fail(&breaker, 2);
    breaker.pass(&ME).expect("closed").succeeded();
    fail(&breaker, 2);
    assert!(!breaker.is_open(), "not in a row");
    fail(&breaker, 1);
    assert!(breaker.is_open());
    let left = wait(&breaker).expect("a refusal");
    assert!((9..=11).contains(&left), "{left}");
    advance(WAIT / 2).await;
    let later = wait(&breaker).expect("a refusal");
    assert!(later < left, "{later}");
    wait_out(WAIT).await;
    assert_eq!(wait(&breaker), None);
    assert!(breaker.is_open(), "until one has tried");
    assert_eq!(breaker.openings(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_at_a_time_tries_and_its_success_closes_it() {
    let breaker = breaker(1);
    fail(&breaker, 1);
    wait_out(WAIT).await;
    let probe = breaker.pass(&ME).expect("one may try");
    assert_eq!(wait(&breaker), Some(1));
    probe.succeeded();
    assert!(!breaker.is_open());
    assert_eq!(wait(&breaker), None);
    fail(&breaker, 1);
    let left = wait(&breaker).expect("a refusal");
    assert!((9..=11).contains(&left), "the wait begins anew: {left}");
    assert_eq!(breaker.openings(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_try_that_fails_doubles_the_wait_up_to_the_longest() {
    let breaker = breaker(1);
    fail(&breaker, 1);
    let mut waited = WAIT;
    for expected in [20, 30, 30] {
        wait_out(waited).await;
        breaker.pass(&ME).expect("one may try").failed();
        let left = wait(&breaker).expect("a refusal");
        assert!((expected * 9 / 10..=expected * 11 / 10).contains(&left), "{expected}: {left}");
        waited = Duration::from_secs(expected);
    }
    assert_eq!(breaker.openings(), 1, "it was open all the time");
}

#[tokio::test(start_paused = true)]
async fn a_try_whose_caller_has_gone_is_given_back() {
    let breaker = breaker(1);
    fail(&breaker, 1);
    wait_out(WAIT).await;
    drop(breaker.pass(&ME).expect("one may try"));
    breaker.pass(&ME).expect("and another").succeeded();
    assert!(!breaker.is_open());
    drop(breaker.pass(&ME).expect("closed"));
    assert!(!breaker.is_open(), "no word is no failure");
}

#[tokio::test(start_paused = true)]
async fn late_answers_of_an_earlier_time_count_for_nothing() {
    let breaker = breaker(2);
    let [success, failure, other] = [(); 3].map(|()| breaker.pass(&ME).expect("closed"));
    fail(&breaker, 2);
    success.succeeded();
    assert!(breaker.is_open(), "an old success says nothing about now");
    failure.failed();
    wait_out(WAIT).await;
    breaker.pass(&ME).expect("one may try").succeeded();
    fail(&breaker, 1);
    other.failed();
    assert!(!breaker.is_open(), "an old failure is none of those in a row");
}

#[tokio::test(start_paused = true)]
async fn without_a_number_of_failures_it_never_opens() {
    let breaker = breaker(0);
    fail(&breaker, 1000);
    assert_eq!((breaker.is_open(), wait(&breaker)), (false, None));
}

#[test]
fn threads_that_fail_at_once_open_it_once() {
    let breaker = breaker(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    if let Ok(pass) = breaker.pass(&ME) {
                        pass.failed();
                    }
                }
            });
        }
    });
    assert!(breaker.is_open());
    assert_eq!(breaker.openings(), 1);
}
