//! The tasks: each reads, writes and reloads a few times, and may leave before its answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::answer::{Answer, Door, Group};
use super::chance::Chance;
use super::judge::Asked;
use super::upstream;
use super::{Current, Fault, World};
use crate::config::Kept;
use crate::policy::apps::Caller;
use crate::policy::cache::{Filled, ReadKey, Touches, Write};
use crate::policy::fingerprint::Fingerprint;
use crate::protocol::reject::Reject;

const STEPS: usize = 6;

/// Room for more entries than a run can make.
const ROOM: u64 = 1 << 20;

/// The groups that are asked for, some more often, so that tasks meet.
const OFTEN: [Group; 8] = [(0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 1), (1, 0), (1, 1)];

pub(super) async fn act(world: Arc<World>) {
    for _ in 0..STEPS {
        world.pause(3).await;
        let patience = if world.chance.percent(10) { world.chance.below(5) } else { 1_000 };
        let patience = Duration::from_secs(patience);
        match world.chance.below(100) {
            0..74 => {
                if timeout(patience, read(&world)).await.is_err() {
                    world.judge.left();
                }
            }
            74..84 => drop(timeout(patience, write(&world)).await),
            84..95 => meet(&world),
            _ => reload(&world),
        }
    }
}

/// Settings in whole seconds; zero is among them.
pub(super) fn settings(chance: &Chance) -> Kept {
    let seconds = |of: &[u64]| Duration::from_secs(chance.one_of(of));
    Kept {
        fresh: seconds(&[0, 3, 6, 6]),
        stale_while_revalidate: seconds(&[0, 2, 6]),
        stale_if_error: seconds(&[0, 10, 20]),
        bytes: chance.one_of(&[0, 600, ROOM, ROOM, ROOM, ROOM, ROOM, ROOM]),
        entry_bytes: if chance.percent(90) { 1_000 } else { 10 },
    }
}

fn reload(world: &World) {
    let mut current = world.current.lock().unwrap();
    let settings = if world.chance.percent(50) { current.settings } else { settings(&world.chance) };
    let cache = current.cache.reloaded(settings, true);
    let reloads = current.reloads + u64::from(settings != current.settings);
    *current = Current { cache, settings, reloads };
}

/// Makes a token known or unknown.
fn meet(world: &World) {
    let number = world.chance.below(2);
    let token = world.names.fingerprint(number);
    match world.chance.below(8) {
        0 | 1 => world.known.accept(token, Instant::now()),
        2 => {
            world.known.refuse(token);
            world.judge.moved(&upstream::touched((number, 0), &Touches::App));
        }
        3 => world.known.push_out(token),
        // New settings: a request that began under the old ones sees their known tokens.
        4 => world.known.settle([token]),
        5 => world.known.settle([]),
        _ => world.names.change(&world.chance),
    }
}

/// Upstream has accepted a caller's token; only tokens that no key stands for are noted.
fn proven(world: &World, caller: &Caller) {
    if caller.app.is_none() {
        world.known.accept(caller.fingerprint, Instant::now());
    }
}

/// A random caller, and the group of its request.
fn somebody(world: &World) -> (Caller, Group) {
    let (own, group) = world.chance.one_of(&OFTEN);
    let (caller, token) = world.names.somebody(&world.chance, own);
    (caller, (token, group))
}

/// The fingerprint that identifies a caller for the cache, unless the fault changes it.
fn known_by(world: &World, caller: &Caller) -> Fingerprint {
    match world.fault {
        Fault::AppsMixed => world.names.fingerprint(0),
        Fault::KnownByName => caller.budget(),
        Fault::KnownByFirstToken => world.names.first(caller),
        _ => caller.fingerprint,
    }
}

// ------------------------------------------------------------------------------------------- reads

async fn read(world: &Arc<World>) {
    let current = world.current();
    let (caller, group) = somebody(world);
    let count = world.chance.one_of(&[None, Some(1), Some(2), Some(4), Some(9), Some(9)]);
    let door = world.chance.one_of(&[Door::Legacy, Door::Json]);
    let id = world.chance.below(u64::MAX);
    let tenure = world.known.tenure(caller.fingerprint).map(|tenure| tenure.number());
    let asked = world.judge.starts(group, count, id, tenure, &current);
    let (filling, key) = (world.clone(), key(world, &caller, &asked));
    let result = current.cache.read(key, move || fill(filling, caller, asked)).await;
    match result {
        Ok(served) => {
            let shared = Answer::read(&served.bytes);
            let told = shared.clone().through(door, count, id);
            world.judge.served(&asked, world.now(), (served.state, served.age), &shared, &told);
        }
        Err(reject) => world.judge.failed(&asked, &reject),
    }
}

/// A read's key, unless the fault changes it.
fn key(world: &World, caller: &Caller, asked: &Asked) -> ReadKey {
    let (fault, (_, group)) = (world.fault, asked.wants.group);
    ReadKey {
        app: known_by(world, caller),
        upstream: 0,
        operation: 0,
        group: if fault == Fault::GroupsMixed { String::new() } else { group.to_string() },
        variant: if fault == Fault::NothingShared { asked.id.to_string() } else { String::new() },
        count: if fault == Fault::CountsMixed { Some(9) } else { asked.wants.count },
    }
}

async fn fill(world: Arc<World>, caller: Caller, asked: Asked) -> Result<Filled, Reject> {
    world.judge.fill_begins(&asked);
    let id = (world.fault == Fault::IdsShared).then_some(asked.id);
    let brought = upstream::answer(&world, asked.wants.group, asked.wants.count, id).await;
    if brought.is_ok() && world.chance.percent(60) {
        proven(&world, &caller);
    }
    world.judge.fill_ends(&asked, brought.is_err());
    brought
}

// ------------------------------------------------------------------------------------------ writes

/// A write under way, with what the judge must know of it.
struct UnderWay<'a> {
    world: &'a World,
    groups: &'a [Group],
    write: Option<Write>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        match self.world.fault {
            Fault::EndOfWriteMissed => std::mem::forget(self.write.take()),
            _ => drop(self.write.take()),
        }
        self.world.judge.moved(self.groups);
    }
}

async fn write(world: &Arc<World>) {
    let (caller, (token, group)) = somebody(world);
    let touches = if world.chance.percent(20) { Touches::App } else { Touches::Group(group.to_string()) };
    let groups = upstream::touched((token, group), &touches);
    let write = Some(world.current().cache.write(known_by(world, &caller), touches));
    world.judge.moved(&groups);
    let under_way = UnderWay { world, groups: &groups, write };

    // Upstream applies the write or not, whether or not its caller still waits.
    let does_it = world.chance.percent(85);
    let applied = tokio::spawn({
        let (world, groups) = (world.clone(), groups.clone());
        async move {
            world.pause(6).await;
            if does_it { world.upstream.apply(&groups) } else { Vec::new() }
        }
    });
    if world.chance.percent(25) {
        // The answer is lost: upstream may still apply the write at any later time.
        world.pause(4).await;
        return;
    }
    let versions = applied.await.unwrap();
    world.pause(3).await;
    if !versions.is_empty() && world.chance.percent(50) {
        proven(world, &caller);
    }
    if world.fault == Fault::AnsweredTooSoon {
        world.judge.answered(&versions);
        world.pause(3).await;
    }
    drop(under_way);
    world.judge.answered(&versions);
}
