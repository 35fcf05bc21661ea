//! One group: its fields, members, flags and expiry.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::flags::{Flags, Receivers, Senders};
use super::members::Members;
use super::read::group::Edit;
use super::rights::Rights;

/// One year (legacy API, groupadd).
const DEFAULT_EXPIRY_SECONDS: u64 = 31_536_000;

pub(crate) struct Group {
    pub(crate) gid: u64,
    pub(crate) active: bool,
    pub(crate) members: Members,
    expires: Duration,
    /// Added to the time of each activity; zero: activity does not extend the group.
    extend: Duration,
    flags: Flags,
    flags_by_type: BTreeMap<u64, Flags>,
    /// How many messages went to one member in turn.
    turns: usize,
    /// Fields that are stored without effect, under their JSON names.
    said: Map<String, Value>,
}

impl Group {
    /// An active group without members that expires in one year.
    pub(crate) fn new(gid: u64, now: Duration) -> Self {
        Self {
            gid,
            active: true,
            members: Members::default(),
            expires: after(now, 0),
            extend: Duration::ZERO,
            flags: Flags::default(),
            flags_by_type: BTreeMap::new(),
            turns: 0,
            said: Map::new(),
        }
    }

    /// Applies `edit`, except for members. With a message type, its flags hold for that type only.
    pub(crate) fn apply(&mut self, now: Duration, kind: Option<u64>, edit: Edit) {
        let before = kind.map_or(self.flags, |kind| self.flags_for(kind));
        let after_edit = edit.flags.apply(before);
        match kind {
            Some(kind) if edit.flags.changes() => {
                self.flags_by_type.insert(kind, after_edit);
            }
            Some(_) => {}
            None => self.flags = after_edit,
        }
        self.active = edit.active.unwrap_or(self.active);
        self.extend = edit.expiryext.map_or(self.extend, Duration::from_secs);
        if let Some(seconds) = edit.expiry {
            self.expires = after(now, seconds);
        }
        let said = [
            ("name", edit.name.map(Value::from)),
            ("permissions", edit.permissions.map(Value::from)),
            ("start", edit.start.map(Value::from)),
            ("duration", edit.duration.map(Value::from)),
            ("call", edit.call.map(Value::from)),
            ("profile", edit.profile.map(Value::from)),
            ("image", edit.image.map(Value::from)),
        ];
        for (name, value) in said {
            self.said.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    pub(crate) fn expired(&self, now: Duration) -> bool {
        self.expires <= now
    }

    /// Notes a message: an automatic extension moves the expiry, and never makes it earlier.
    pub(crate) fn touch(&mut self, now: Duration) {
        if !self.extend.is_zero() {
            self.expires = self.expires.max(now.saturating_add(self.extend));
        }
    }

    pub(crate) fn flags_for(&self, kind: u64) -> Flags {
        *self.flags_by_type.get(&kind).unwrap_or(&self.flags)
    }

    pub(crate) fn may_send(&self, uid: u64, kind: u64) -> bool {
        let rights = self.members.rights(uid, kind);
        match self.flags_for(kind).senders {
            Senders::Anyone => true,
            Senders::Members => rights.is_some_and(Rights::sends),
            Senders::Selected => rights.is_some_and(Rights::selected_to_send),
        }
    }

    /// The receivers of a message of this type from `sender`; takes a turn if the group's members take turns.
    ///
    /// Without storing, only users for whom `online` holds can get it, so that no message is lost on an absent member's
    /// turn.
    pub(crate) fn receivers(&mut self, sender: u64, kind: u64, online: impl Fn(u64) -> bool) -> Vec<u64> {
        let flags = self.flags_for(kind);
        let reached = |uid: u64| !flags.no_store || online(uid);
        let right = match flags.receivers {
            Receivers::Members | Receivers::OneInTurn => Rights::receives,
            Receivers::Selected => Rights::selected_to_receive,
        };
        let mut receivers = self.members.with(kind, right);
        receivers.retain(|&uid| uid != sender && reached(uid));
        if flags.receivers == Receivers::OneInTurn && !receivers.is_empty() {
            let one = receivers[self.turns % receivers.len()];
            receivers = vec![one];
            self.turns = self.turns.wrapping_add(1);
        }
        if flags.loop_back && reached(sender) {
            receivers.push(sender);
        }
        receivers
    }

    /// The group as the control state shows it; `address` names a member.
    pub(crate) fn shown(&self, address: impl Fn(u64) -> String) -> Value {
        let mut shown = self.said.clone();
        let by_type = self.flags_by_type.iter();
        shown.extend([
            ("gid".to_owned(), self.gid.into()),
            ("active".to_owned(), self.active.into()),
            ("flags".to_owned(), self.flags.bits().into()),
            ("expires".to_owned(), self.expires.as_secs().into()),
            ("expiryext".to_owned(), self.extend.as_secs().into()),
            ("members".to_owned(), self.members.shown(address)),
            (
                "types".to_owned(),
                by_type.map(|(kind, flags)| (kind.to_string(), json!({ "flags": flags.bits() }))).collect(),
            ),
        ]);
        Value::Object(shown)
    }
}

/// Zero seconds stand for the default: mesibo's own published code creates its groups with an expiry of 0.
fn after(now: Duration, seconds: u64) -> Duration {
    let seconds = if seconds == 0 { DEFAULT_EXPIRY_SECONDS } else { seconds };
    now.saturating_add(Duration::from_secs(seconds))
}
