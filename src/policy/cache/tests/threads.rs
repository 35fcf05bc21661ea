//! Workers: threads with a runtime each, and one cache.

use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use super::*;

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

#[test]
fn misses_on_several_workers_are_one_fill() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let (joined, all_joined) = mpsc::channel();
    let worker = |_| {
        let (cache, slow, joined) = (cache.clone(), slow.clone(), joined.clone());
        thread::spawn(move || {
            runtime().block_on(async {
                let mut reads: Vec<_> =
                    (0..250).map(|_| Box::pin(cache.read(key(), slow.brings("one")))).collect();
                for read in &mut reads {
                    waits(read).await;
                }
                joined.send(()).expect("the test waits");
                for read in reads {
                    assert_eq!(told(read.await), is("one", Provenance::Miss));
                }
            });
        })
    };
    let workers: Vec<_> = (0..4).map(worker).collect();
    for _ in &workers {
        all_joined.recv().expect("a worker");
    }
    slow.answer();
    for worker in workers {
        worker.join().expect("no failure");
    }
    assert_eq!(slow.asked(), 1);
}

/// Ends the filler's runtime while `followers` wait on another thread; each follower has a fill of its own.
fn filler_ends(followers: usize, polled: bool) {
    let (cache, _clock) = cache(SETTINGS);
    let never = Slow::new();
    let filler = runtime();
    filler.block_on(async {
        let mut leader = Box::pin(cache.read(key(), never.brings("never")));
        waits(&mut leader).await;
        if polled {
            settle().await;
        }
    });
    assert_eq!(never.asked(), usize::from(polled));
    let (joined, has_joined) = mpsc::channel();
    let follower = thread::spawn(move || {
        runtime().block_on(async {
            let own = Slow::new();
            let mut reads: Vec<_> =
                (0..followers).map(|_| Box::pin(cache.read(key(), own.brings("own")))).collect();
            for read in &mut reads {
                waits(read).await;
            }
            joined.send(()).expect("the test waits");
            own.answer();
            for read in reads {
                // A miss, or a hit for a follower that looks again after the first has its answer.
                assert_eq!(told(read.await).0, "own");
            }
            assert_eq!(own.asked(), 1);
        });
    });
    has_joined.recv().expect("the followers wait");
    drop(filler);
    follower.join().expect("no failure");
}

#[test]
fn those_who_wait_go_on_when_the_fillers_runtime_ends() {
    filler_ends(1, true);
    filler_ends(50, true);
}

#[test]
fn those_who_wait_go_on_when_the_fill_never_began_to_run() {
    filler_ends(1, false);
    filler_ends(50, false);
}

/// A read's answer is at least as young as the last write that was answered before it started.
#[test]
fn no_worker_sees_what_was_before_a_write_on_another() {
    let (cache, _clock) = cache(SETTINGS);
    let [upstream, answered] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
    let writes_and_reads = |number: u64| {
        let (cache, upstream, answered) = (cache.clone(), upstream.clone(), answered.clone());
        async move {
            for round in 0..1_500 {
                if (round + number).is_multiple_of(5) {
                    let write = cache.write(APP, group());
                    let version = upstream.fetch_add(1, SeqCst) + 1;
                    drop(write);
                    answered.fetch_max(version, SeqCst);
                }
                let floor = answered.load(SeqCst);
                let upstream = upstream.clone();
                let fill = || async move {
                    tokio::task::yield_now().await;
                    let version = upstream.load(SeqCst);
                    tokio::task::yield_now().await;
                    Ok(Filled { status: 200, bytes: version.to_string().into(), keep: true })
                };
                let (version, _state) = read(&cache, key(), fill).await;
                assert!(version.parse::<u64>().expect("a number") >= floor, "{version} after {floor}");
            }
        }
    };
    let workers: Vec<_> = (0..3)
        .map(|number| {
            let work = writes_and_reads(number);
            thread::spawn(|| runtime().block_on(work))
        })
        .collect();
    for worker in workers {
        worker.join().expect("no failure");
    }
}
