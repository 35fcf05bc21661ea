use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, advance};

use proptest::prelude::*;
use tokio::sync::oneshot::error::TryRecvError;

use super::seats::{Party, Seats};
use super::{FULL, Gate, SLOW, Seat};
use crate::protocol::reject::Reject;
use crate::upstream::asker::Asker;
use crate::upstream::asker::tests::{from, known, stranger};

const DEADLINE: Duration = Duration::from_secs(1);

fn gate(seats: usize, queue: usize) -> Gate {
    Gate::new(seats, queue, DEADLINE, Arc::default())
}

fn later() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

async fn enter(gate: &Gate) -> Result<Seat<'_>, Reject> {
    gate.enter(&stranger(1), Instant::now(), later()).await
}

async fn is_pending<T>(mut future: Pin<&mut impl Future<Output = T>>) -> bool {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[track_caller]
fn is(entered: Result<Seat<'_>, Reject>, why: &'static str) {
    assert_eq!(entered.err(), Some(Reject::Overload(why)));
}

#[tokio::test(start_paused = true)]
async fn beyond_seats_and_queue_it_is_overload_at_once() {
    let gate = gate(1, 1);
    let seat = enter(&gate).await.expect("a seat");
    let mut waiting = pin!(enter(&gate));
    assert!(is_pending(waiting.as_mut()).await);
    is(enter(&gate).await, FULL);
    drop(seat);
    waiting.await.expect("the seat");
    let _seat = enter(&gate).await.expect("a seat");
}

#[tokio::test(start_paused = true)]
async fn without_a_queue_nobody_waits() {
    let gate = gate(1, 0);
    let _seat = enter(&gate).await.expect("a seat");
    is(enter(&gate).await, FULL);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_deadline() {
    let gate = gate(1, 8);
    let _seat = enter(&gate).await.expect("a seat");
    let began = Instant::now();
    is(enter(&gate).await, SLOW);
    assert_eq!(began.elapsed(), DEADLINE);
    is(gate.enter(&stranger(1), Instant::now(), Instant::now() + DEADLINE / 4).await, SLOW);
    assert_eq!(began.elapsed(), DEADLINE + DEADLINE / 4);
}

#[tokio::test(start_paused = true)]
async fn one_who_leaves_the_queue_makes_room_in_it() {
    let gate = gate(1, 1);
    let seat = enter(&gate).await.expect("a seat");
    {
        let mut leaves = pin!(enter(&gate));
        assert!(is_pending(leaves.as_mut()).await);
    }
    let mut stays = pin!(enter(&gate));
    assert!(is_pending(stays.as_mut()).await);
    drop(seat);
    stays.await.expect("the seat");
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_are_served_in_the_order_of_coming() {
    let gate = gate(1, 8);
    let seat = enter(&gate).await.expect("a seat");
    let (mut first, mut second) = (pin!(enter(&gate)), pin!(enter(&gate)));
    assert!(is_pending(first.as_mut()).await && is_pending(second.as_mut()).await);
    drop(seat);
    assert!(is_pending(second.as_mut()).await);
    let seat = first.await.expect("the seat");
    advance(DEADLINE / 2).await;
    drop(seat);
    second.await.expect("the seat");
}

/// The seats that callers get at once, `most` at most.
async fn taken(gate: &Gate, asker: impl Fn(u128) -> Asker<'static>, most: u128) -> Vec<Seat<'_>> {
    let mut seats = Vec::new();
    for number in 0..most {
        let asker = asker(number);
        let mut entering = pin!(gate.enter(&asker, Instant::now(), later()));
        let entered = poll_fn(|cx| Poll::Ready(entering.as_mut().poll(cx))).await;
        if let Poll::Ready(Ok(seat)) = entered {
            seats.push(seat);
        }
    }
    seats
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_one_caller_leaves_seats_for_another_who_does_not_wait() {
    for hostile in [(|_| known(2)) as fn(u128) -> Asker<'static>, stranger] {
        let gate = gate(128, 128);
        let flood = taken(&gate, hostile, 1000).await;
        assert!(flood.len() < 128, "{}", flood.len());
        for _ in 0..100 {
            assert_eq!(taken(&gate, |_| known(1), 1).await.len(), 1);
        }
    }
}

/// Lets a hostile caller take all seats that it can get, and returns them.
async fn taken_by_one(gate: &Gate, hostile: impl Fn(u128) -> Asker<'static>) -> Vec<Seat<'_>> {
    let seats = taken(gate, hostile, 200).await;
    assert!(!seats.is_empty());
    seats
}

type Entering<'f, 'g> = Pin<Box<dyn Future<Output = Result<Seat<'g>, Reject>> + 'f>>;

/// The seats of requests that need not wait any more; refused and seated ones leave the list.
async fn called<'g>(waiting: &mut Vec<Entering<'_, 'g>>) -> Vec<Seat<'g>> {
    let mut seats = Vec::new();
    for number in (0..waiting.len()).rev() {
        let entered = poll_fn(|cx| Poll::Ready(waiting[number].as_mut().poll(cx))).await;
        if let Poll::Ready(entered) = entered {
            seats.extend(entered);
            drop(waiting.remove(number));
        }
    }
    seats
}

/// The number of the good caller, which no other has.
const GOOD: u128 = 5000;

type Kind = fn(u128) -> Asker<'static>;

/// A hostile caller with an accepted token, one that invents tokens, and one that does both.
const HOSTILE: [Kind; 3] =
    [|_| known(2), stranger, |number| if number % 2 == 0 { known(2) } else { stranger(number) }];

#[tokio::test(start_paused = true)]
async fn a_caller_with_few_seats_gets_the_next_that_is_free_whatever_a_flood_holds_and_waits_for() {
    for (hostile, seats) in HOSTILE.into_iter().flat_map(|hostile| [1, 2, 4, 8, 16, 40].map(|n| (hostile, n)))
    {
        let gate = gate(seats, 8);
        let mut flood = taken_by_one(&gate, hostile).await;
        let crowd: Vec<Asker<'static>> = (0..100).map(|number| hostile(1000 + number)).collect();
        let mut waiting: Vec<Entering<'_, '_>> =
            crowd.iter().map(|asker| Box::pin(gate.enter(asker, Instant::now(), later())) as _).collect();
        called(&mut waiting).await;
        let (good, mut all) = (known(GOOD), Vec::new());
        // The good caller must get its share. At first, and when seats are too few for all, parties take turns.
        let turns = if seats < 16 { 3 } else { 1 };
        for _ in 0..(seats / 4).max(1) {
            let mut entering = Box::pin(gate.enter(&good, Instant::now(), later()));
            let mut ended = 0;
            while is_pending(entering.as_mut()).await {
                drop(flood.pop());
                flood.extend(called(&mut waiting).await);
                ended += 1;
                assert!(ended <= turns, "{ended} of {seats} seats");
            }
            all.push(entering);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_most_in_a_full_queue_makes_room_in_it() {
    for hostile in HOSTILE {
        let gate = gate(2, 4);
        let _seats = taken_by_one(&gate, hostile).await;
        let crowd: Vec<Asker<'static>> = (0..6).map(|number| hostile(1000 + number)).collect();
        let mut waiting: Vec<_> =
            crowd.iter().map(|asker| Box::pin(gate.enter(asker, Instant::now(), later()))).collect();
        let mut is_waiting = Vec::new();
        for one in &mut waiting {
            is_waiting.push(is_pending(one.as_mut()).await);
        }
        assert_eq!(is_waiting, [true, true, true, true, false, false], "its own is refused");
        let good = known(GOOD);
        let mut entering = pin!(gate.enter(&good, Instant::now(), later()));
        assert!(is_pending(entering.as_mut()).await);
        let mut dismissed = 0;
        for (one, _) in waiting.iter_mut().zip(is_waiting).filter(|(_, is)| *is) {
            dismissed += usize::from(!is_pending(one.as_mut()).await);
        }
        assert_eq!(dismissed, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn strangers_of_one_address_keep_no_other_address_waiting() {
    let gate = gate(4, 8);
    let mut flood = taken(&gate, stranger, 100).await;
    let crowd: Vec<Asker<'static>> = (0..20).map(|number| stranger(1000 + number)).collect();
    let mut waiting: Vec<Entering<'_, '_>> =
        crowd.iter().map(|asker| Box::pin(gate.enter(asker, Instant::now(), later())) as _).collect();
    called(&mut waiting).await;
    // A request of the flood has waited longer, and gets the first seat; the second is for the other address.
    let other = from([198, 51, 100, 7].into(), 1);
    let mut entering = pin!(gate.enter(&other, Instant::now(), later()));
    assert!(is_pending(entering.as_mut()).await);
    drop(flood.pop());
    drop(flood.pop());
    assert!(!is_pending(entering.as_mut()).await);
}

#[tokio::test(start_paused = true)]
async fn no_seat_is_lost_when_one_is_called_and_leaves_in_the_same_moment() {
    let gate = gate(1, 8);
    for _ in 0..3 {
        let seat = enter(&gate).await.expect("a seat");
        let mut leaves = Box::pin(enter(&gate));
        assert!(is_pending(leaves.as_mut()).await);
        drop(seat);
        drop(leaves);
    }
    enter(&gate).await.expect("the seat");
}

proptest! {
    /// Whatever requests come, wait, leave and end: no seat is given twice or lost, and no more wait than may.
    #[test]
    fn seats_are_neither_lost_nor_given_twice(
        size in 1_usize..20,
        queue in 0_usize..6,
        steps in prop::collection::vec((0..4_u8, any::<u8>()), 0..200),
    ) {
        let mut seats = Seats::new(size, queue);
        let (mut held, mut waiting) = (Vec::new(), Vec::new());
        for (step, pick) in steps {
            let number = u128::from(pick % 5);
            let asker = if pick % 2 == 0 { known(number) } else { from([192, 0, 2, pick % 3].into(), number) };
            let party = Party::of(&asker);
            match step {
                0 | 1 => match seats.take(asker.caller.0).or_else(|| seats.take_kept(party)) {
                    Some(seat) => held.push(seat),
                    None => waiting.extend(seats.wait(party).map(|(ticket, called)| (party, ticket, called))),
                },
                2 if !held.is_empty() => seats.give_back(held.swap_remove(usize::from(pick) % held.len())),
                3 if !waiting.is_empty() => {
                    let (party, ticket, mut called) = waiting.swap_remove(usize::from(pick) % waiting.len());
                    match called.try_recv() {
                        Ok(seat) => held.push(seat),
                        Err(_) => seats.leave(party, ticket),
                    }
                }
                _ => {}
            }
            waiting.retain_mut(|(_, _, called)| match called.try_recv() {
                Ok(seat) => { held.push(seat); false }
                Err(error) => error == TryRecvError::Empty,
            });
            let mut once = held.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), held.len());
            prop_assert!(held.len() <= size && waiting.len() <= queue);
        }
        held.drain(..).for_each(|seat| seats.give_back(seat));
        // Requests that get these seats end as well.
        while let Some(seat) = waiting.iter_mut().find_map(|(_, _, called)| called.try_recv().ok()) {
            seats.give_back(seat);
        }
        let all = (0..).map_while(|caller| seats.take(caller)).count();
        let kept = (0..).map_while(|caller| seats.take_kept(Party::of(&known(caller + 100)))).count();
        prop_assert_eq!(all + kept, size);
    }
}
