//! The group operations: groupadd, groupset, groupdel, groupeditmembers, groupgetmembers.

use std::time::Duration;

use serde_json::{Value, json};

use super::App;
use crate::sandbox::group::Group;
use crate::sandbox::ids::Ids;
use crate::sandbox::read::group::{Edit, EditMembers, MemberEdits, Set};
use crate::sandbox::refusal::{Refusable, Refusal};
use crate::sandbox::reply::Reply;

/// The cloud's cap on groupgetmembers (legacy API, Get Group Members).
const MOST_MEMBERS: u64 = 20;

/// Members of a request, all of whose addresses are users of the app.
struct KnownMembers {
    uids: Vec<u64>,
    members: MemberEdits,
}

impl App {
    /// Makes a group, with the request's members if it has any.
    pub(super) fn add_group(&mut self, ids: &mut Ids, now: Duration, mut edit: Edit) -> Refusable<Reply> {
        let known = self.known(edit.members.take())?;
        let gid = ids.gid();
        let mut group = Group::new(gid, now);
        group.apply(now, None, edit);
        edit_group_members(&mut group, None, known);
        self.groups.insert(gid, group);
        Ok(named(gid))
    }

    /// Changes a group, and its members if the request has any.
    pub(super) fn set_group(&mut self, now: Duration, set: Set) -> Refusable<Reply> {
        let Set { gid, kind, mut edit } = set;
        self.group(now, gid, "group.gid")?;
        let known = self.known(edit.members.take())?;
        let group = self.group(now, gid, "group.gid")?;
        group.apply(now, kind, edit);
        edit_group_members(group, kind, known);
        Ok(named(gid))
    }

    pub(super) fn delete_group(&mut self, now: Duration, gid: u64) -> Refusable<Reply> {
        self.group(now, gid, "group.gid")?;
        self.groups.remove(&gid);
        Ok(named(gid))
    }

    /// Adds or removes members. The answer has no `group`, as in the answers that were published in 2020.
    pub(super) fn edit_members(&mut self, now: Duration, edit: EditMembers) -> Refusable<Reply> {
        self.group(now, edit.gid, "group.gid")?;
        let known = self.known(Some(edit.members))?;
        let group = self.group(now, edit.gid, "group.gid")?;
        edit_group_members(group, edit.kind, known);
        Ok(Reply::default())
    }

    /// At most 20 members, whatever count the request has.
    pub(super) fn members(&mut self, now: Duration, gid: u64, count: Option<u64>) -> Refusable<Reply> {
        self.group(now, gid, "group.gid")?;
        let (users, groups) = (&self.users, &self.groups);
        let most = count.filter(|&count| count != 0).unwrap_or(MOST_MEMBERS);
        let most = usize::try_from(most.min(MOST_MEMBERS)).unwrap_or_default();
        let members = groups.get(&gid).into_iter();
        let members = members.flat_map(|group| group.members.general());
        let rows = members.take(most).filter_map(|(uid, rights)| {
            let user = users.get(&uid)?;
            Some(json!({ "uid": uid, "address": user.address, "permissions": rights.shown() }))
        });
        let rows: Vec<Value> = rows.collect();
        Ok(Reply::with("gid", gid).and("count", rows.len()).and("members", rows))
    }

    /// A group that must exist; an expired one is removed on its next use.
    pub(super) fn group(&mut self, now: Duration, gid: u64, property: &str) -> Refusable<&mut Group> {
        if self.groups.get(&gid).is_some_and(|group| group.expired(now)) {
            self.groups.remove(&gid);
        }
        let group = self.groups.get_mut(&gid);
        group.ok_or_else(|| Refusal::no_group(property))
    }

    /// The public material does not say what an unknown address does; here it is refused, and no member is added or
    /// removed.
    fn known(&self, members: Option<MemberEdits>) -> Refusable<Option<KnownMembers>> {
        let Some(members) = members else {
            return Ok(None);
        };
        let uids = members
            .addresses
            .iter()
            .map(|address| self.uid(address, "group.members.m"))
            .collect::<Refusable<_>>()?;
        Ok(Some(KnownMembers { uids, members }))
    }
}

fn edit_group_members(group: &mut Group, kind: Option<u64>, known: Option<KnownMembers>) {
    let Some(KnownMembers { uids, members }) = known else {
        return;
    };
    for uid in uids {
        if members.remove {
            group.members.remove(uid, kind);
            continue;
        }
        group.members.add(uid, kind, members.rights);
        if let Some(admin) = &members.admin {
            group.members.administer(uid, admin.clone());
        }
    }
}

fn named(gid: u64) -> Reply {
    Reply::with("group", json!({ "gid": gid }))
}
