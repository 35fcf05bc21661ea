//! One app of the sandbox: its users, groups and messages. Time is passed in; nothing here waits or reads a clock.

mod groups;
mod messages;
mod otps;
mod users;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::group::Group;
use super::ids::Ids;
use super::message::{Delivery, Message};
use super::read::ApiCall;
use super::refusal::Refusable;
use super::reply::Reply;
use super::user::{LoginRefused, User};

/// The state behind one app token.
#[derive(Default)]
pub(crate) struct App {
    users: BTreeMap<u64, User>,
    uids: HashMap<String, u64>,
    groups: BTreeMap<u64, Group>,
    /// Messages that are not due yet, in the order in which they will be.
    scheduled: BTreeMap<(Duration, u64), Arc<Message>>,
    /// The newest messages that were accepted.
    accepted: VecDeque<Arc<Message>>,
    otps: BTreeMap<String, otps::Otp>,
}

impl App {
    /// Carries out one call.
    ///
    /// # Errors
    /// `NOUSER`, `NOGROUP` or `NOTALLOWED`; the state is unchanged then.
    pub(crate) fn carry_out(&mut self, ids: &mut Ids, now: Duration, call: ApiCall) -> Refusable<Reply> {
        self.deliver_due(now);
        match call {
            ApiCall::UserAdd(add) => Ok(self.add_user(ids, now, add)),
            ApiCall::UserSet(set) => self.set_user(ids, now, set),
            ApiCall::UserDel(who) => self.delete_user(&who),
            ApiCall::GroupAdd(edit) => self.add_group(ids, now, edit),
            ApiCall::GroupSet(set) => self.set_group(now, set),
            ApiCall::GroupDel { gid } => self.delete_group(now, gid),
            ApiCall::GroupEditMembers(edit) => self.edit_members(now, edit),
            ApiCall::GroupGetMembers { gid, count } => self.members(now, gid, count),
            ApiCall::Message(send) => self.send(ids, now, send),
            ApiCall::Otp(ask) => Ok(self.otp(ids, now, ask)),
        }
    }

    /// Logs a user's device in; `None` if no user of this app has the token.
    pub(crate) fn login(
        &mut self,
        now: Duration,
        secret: &str,
        appid: &str,
    ) -> Option<Result<u64, LoginRefused>> {
        self.deliver_due(now);
        self.users.values_mut().find_map(|user| user.login(now, secret, appid))
    }

    /// The messages that a user received and still has, oldest first.
    pub(crate) fn inbox(&mut self, now: Duration, address: &str) -> Vec<Delivery> {
        self.deliver_due(now);
        let user = self.uids.get(address).and_then(|uid| self.users.get(uid));
        user.into_iter().flat_map(|user| user.inbox(now)).map(|message| message.delivery()).collect()
    }

    /// The whole state. Times are seconds of the sandbox's clock.
    pub(crate) fn shown(&mut self, now: Duration) -> Value {
        self.deliver_due(now);
        self.groups.retain(|_, group| !group.expired(now));
        let address = |uid: u64| {
            let user = self.users.get(&uid);
            user.map_or_else(String::new, |user| user.address.clone())
        };
        json!({
            "now": now.as_secs(),
            "users": self.users.values().map(|user| user.shown(now)).collect::<Value>(),
            "groups": self.groups.values().map(|group| group.shown(address)).collect::<Value>(),
            "messages": self.accepted.iter().map(|message| message.shown()).collect::<Value>(),
            "otps": self.otps.iter().map(|(address, otp)| otp.shown(address)).collect::<Value>(),
        })
    }
}
