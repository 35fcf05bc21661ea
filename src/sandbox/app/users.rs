//! The user operations: useradd, userset, userdel.

use std::time::Duration;

use serde_json::json;

use super::App;
use crate::sandbox::ids::Ids;
use crate::sandbox::read::user::{Add, Edit, Set, Who};
use crate::sandbox::refusal::{Refusable, Refusal};
use crate::sandbox::reply::Reply;
use crate::sandbox::user::User;

impl App {
    /// Makes a user, or updates the one with this address: the uid stays.
    pub(super) fn add_user(&mut self, ids: &mut Ids, now: Duration, add: Add) -> Reply {
        let Add { address, edit } = add;
        let uid = *self.uids.entry(address.clone()).or_insert_with(|| ids.uid());
        let user = self.users.entry(uid).or_insert_with(|| User::new(uid, address));
        edit_user(user, ids, now, edit)
    }

    pub(super) fn set_user(&mut self, ids: &mut Ids, now: Duration, set: Set) -> Refusable<Reply> {
        let uid = self.find(&set.who)?;
        let user = self.users.get_mut(&uid);
        let user = user.ok_or_else(|| Refusal::no_user("user.uid"))?;
        Ok(edit_user(user, ids, now, set.edit))
    }

    /// Deletes a user with all tokens, messages and memberships.
    pub(super) fn delete_user(&mut self, who: &Who) -> Refusable<Reply> {
        let uid = self.find(who)?;
        if let Some(user) = self.users.remove(&uid) {
            self.uids.remove(&user.address);
        }
        for group in self.groups.values_mut() {
            group.members.remove(uid, None);
        }
        Ok(Reply::with("user", json!({ "uid": uid })))
    }

    /// The uid of a user who must exist.
    pub(super) fn uid(&self, address: &str, property: &str) -> Refusable<u64> {
        let uid = self.uids.get(address).copied();
        uid.ok_or_else(|| Refusal::no_user(property))
    }

    fn find(&self, who: &Who) -> Refusable<u64> {
        let by_address = who.address.as_ref().map(|address| self.uid(address, "user.address")).transpose()?;
        match (who.uid, by_address) {
            (Some(uid), None) if self.users.contains_key(&uid) => Ok(uid),
            (Some(uid), Some(other)) if uid == other => Ok(uid),
            (None, Some(uid)) => Ok(uid),
            _ => Err(Refusal::no_user("user.uid")),
        }
    }
}

fn edit_user(user: &mut User, ids: &mut Ids, now: Duration, edit: Edit) -> Reply {
    let issued = user.apply(now, edit, || ids.access_token());
    let mut shown = json!({ "uid": user.uid, "address": user.address });
    if let Some(token) = issued {
        shown["token"] = token.into();
    }
    Reply::with("user", shown)
}
