//! The members of one group and their rights, in general and for single message types.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::rights::Rights;

/// One member. Rights for a message type replace the general ones; a user with only those is a member for that type
/// alone.
struct Member {
    uid: u64,
    general: Option<Rights>,
    by_type: BTreeMap<u64, Rights>,
    admin: Map<String, Value>,
}

/// Members in the order in which they joined, which is the order of their turns.
#[derive(Default)]
pub(crate) struct Members(Vec<Member>);

impl Members {
    /// Adds a member; one who is there gets the named rights and keeps the others.
    pub(crate) fn add(&mut self, uid: u64, kind: Option<u64>, given: Rights) {
        let member = self.entry(uid);
        match kind {
            Some(kind) => {
                let rights = member.by_type.entry(kind).or_default();
                *rights = rights.merge(given);
            }
            None => member.general = Some(member.general.unwrap_or_default().merge(given)),
        }
    }

    /// Stores administrative rights, which have no effect.
    pub(crate) fn administer(&mut self, uid: u64, admin: Map<String, Value>) {
        self.entry(uid).admin.extend(admin);
    }

    /// Removes the rights of one message type, or the whole membership.
    pub(crate) fn remove(&mut self, uid: u64, kind: Option<u64>) {
        let Some(kind) = kind else {
            self.0.retain(|member| member.uid != uid);
            return;
        };
        for member in self.0.iter_mut().filter(|member| member.uid == uid) {
            member.by_type.remove(&kind);
        }
        self.0.retain(|member| member.general.is_some() || !member.by_type.is_empty());
    }

    /// A user's rights for messages of this type; `None` if the user is no member.
    pub(crate) fn rights(&self, uid: u64, kind: u64) -> Option<Rights> {
        let member = self.0.iter().find(|member| member.uid == uid)?;
        member.rights(kind)
    }

    /// The members who have a right for messages of this type.
    pub(crate) fn with(&self, kind: u64, right: impl Fn(Rights) -> bool) -> Vec<u64> {
        let has = |member: &&Member| member.rights(kind).is_some_and(&right);
        self.0.iter().filter(has).map(|member| member.uid).collect()
    }

    /// General members with their rights.
    pub(crate) fn general(&self) -> impl Iterator<Item = (u64, Rights)> {
        self.0.iter().filter_map(|member| Some((member.uid, member.general?)))
    }

    /// The members as the control state shows them; `address` names a member.
    pub(crate) fn shown(&self, address: impl Fn(u64) -> String) -> Value {
        let rows = self.0.iter().map(|member| {
            let by_type = member.by_type.iter();
            json!({
                "uid": member.uid,
                "address": address(member.uid),
                "permissions": member.general.map(Rights::shown),
                "types": by_type
                    .map(|(kind, rights)| (kind.to_string(), rights.shown()))
                    .collect::<Map<_, _>>(),
                "admin": member.admin,
            })
        });
        rows.collect()
    }

    fn entry(&mut self, uid: u64) -> &mut Member {
        let place = self.0.iter().position(|member| member.uid == uid);
        let place = place.unwrap_or_else(|| {
            self.0.push(Member { uid, general: None, by_type: BTreeMap::new(), admin: Map::new() });
            self.0.len() - 1
        });
        &mut self.0[place]
    }
}

impl Member {
    fn rights(&self, kind: u64) -> Option<Rights> {
        self.by_type.get(&kind).copied().or(self.general)
    }
}
