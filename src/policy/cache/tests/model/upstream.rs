//! The simulated upstream.

use std::collections::HashMap;
use std::sync::Mutex;

use super::answer::{self, Answer, Group};
use super::{Fault, World};
use crate::policy::cache::{Filled, Touches};
use crate::protocol::reject::Reject;

/// The longest pause, in seconds, before upstream reads its state, and again before it answers.
pub(super) const LONGEST_PAUSE: u64 = 2;

/// How many writes each group has seen.
#[derive(Default)]
pub(super) struct Upstream(Mutex<HashMap<Group, u64>>);

const GROUPS: [Group; 6] = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)];

/// The groups that a write changes.
pub(super) fn touched((app, group): Group, touches: &Touches) -> Vec<Group> {
    match touches {
        Touches::Group(_) => vec![(app, group)],
        Touches::App => GROUPS.into_iter().filter(|(of, _)| *of == app).collect(),
    }
}

impl Upstream {
    /// Applies a write and returns each group's new version.
    pub(super) fn apply(&self, groups: &[Group]) -> Vec<(Group, u64)> {
        let mut versions = self.0.lock().unwrap();
        let mut apply = |group: &Group| {
            let version = versions.entry(*group).or_default();
            *version += 1;
            (*group, *version)
        };
        groups.iter().map(&mut apply).collect()
    }

    fn version(&self, group: Group) -> u64 {
        self.0.lock().unwrap().get(&group).copied().unwrap_or_default()
    }
}

/// The error of a fill; it names the group of the fill.
pub(super) fn failure((app, group): Group) -> Reject {
    Reject::BadRequest(format!("{app} {group}").into())
}

/// Answers a read after random pauses, randomly with a failure.
pub(super) async fn answer(
    world: &World,
    group: Group,
    count: Option<u64>,
    id: Option<u64>,
) -> Result<Filled, Reject> {
    world.pause(LONGEST_PAUSE).await;
    let (version, looked) = (world.upstream.version(group), world.now());
    world.pause(LONGEST_PAUSE).await;
    if world.chance.percent(20) {
        return Err(failure(group));
    }
    let keep = world.chance.percent(90);
    let answer = Answer { group, version, looked, keep, rows: answer::rows(count), id };
    let keep = keep || world.fault == Fault::FailuresKept;
    Ok(Filled { status: 200, bytes: answer.write().into(), keep })
}
