//! The operation message: which users may send, and who receives a message when it is due.

use std::sync::Arc;
use std::time::Duration;

use super::App;
use crate::sandbox::ids::Ids;
use crate::sandbox::message::{Message, Receiver};
use crate::sandbox::read::message::{Recipients, Send};
use crate::sandbox::refusal::{Refusable, Refusal};
use crate::sandbox::reply::Reply;

/// How many accepted messages the state shows, the newest first to stay, so that a long load test does not fill the
/// memory.
const ACCEPTED_KEEPS: usize = 1_000;

impl App {
    /// Accepts a message. The sender's rights are checked now, the receivers are determined when it is due.
    pub(super) fn send(&mut self, ids: &mut Ids, now: Duration, send: Send) -> Refusable<Reply> {
        let sender = self.uid(&send.from, "message.from")?;
        if self.users.get(&sender).is_some_and(|user| !user.active) {
            let cause = "the sender is not active";
            return Err(Refusal::not_allowed("message.from", cause));
        }
        let to = match send.target {
            Recipients::Users(addresses) => Receiver::Users(self.receivers(&addresses)?),
            Recipients::Group(gid) => {
                self.enter(now, sender, gid, send.content.kind)?;
                Receiver::Group(gid)
            }
        };
        let mid = ids.mid();
        let due = now.saturating_add(send.delay);
        self.accept(Message {
            mid,
            sender,
            from: send.from,
            to,
            due,
            expires: due.saturating_add(send.lives),
            content: send.content,
        });
        self.deliver_due(now);
        Ok(Reply::with("mid", mid))
    }

    /// Delivers every message that is due, each by the state at its own time.
    pub(super) fn deliver_due(&mut self, now: Duration) {
        while let Some(first) = self.scheduled.first_entry() {
            if first.key().0 > now {
                return;
            }
            let message = first.remove();
            self.deliver(&message);
        }
    }

    /// The users of these addresses; one unknown address refuses the message for all.
    fn receivers(&self, addresses: &[String]) -> Refusable<Vec<u64>> {
        addresses.iter().map(|address| self.uid(address, "message.to")).collect()
    }

    /// Checks that a user may send to a group, which then counts as active.
    fn enter(&mut self, now: Duration, sender: u64, gid: u64, kind: u64) -> Refusable<()> {
        let group = self.group(now, gid, "message.gid")?;
        if !group.active {
            let cause = "the group is not active";
            return Err(Refusal::not_allowed("message.gid", cause));
        }
        if !group.may_send(sender, kind) {
            let cause = "the sender may not send messages of this type to this group";
            return Err(Refusal::not_allowed("message.from", cause));
        }
        group.touch(now);
        Ok(())
    }

    fn accept(&mut self, message: Message) {
        let message = Arc::new(message);
        if self.accepted.len() == ACCEPTED_KEEPS {
            self.accepted.pop_front();
        }
        self.accepted.push_back(Arc::clone(&message));
        self.scheduled.insert((message.due, message.mid), message);
    }

    /// A receiver or a group that has been deleted gets nothing.
    fn deliver(&mut self, message: &Arc<Message>) {
        let users = &self.users;
        let online = |uid: u64| {
            let user = users.get(&uid);
            user.is_some_and(|user| user.online(message.due))
        };
        let receivers = match &message.to {
            Receiver::Users(uids) => uids.clone(),
            Receiver::Group(gid) => match self.groups.get_mut(gid) {
                Some(group) if !group.expired(message.due) => {
                    group.receivers(message.sender, message.content.kind, online)
                }
                _ => Vec::new(),
            },
        };
        for uid in receivers {
            if let Some(user) = self.users.get_mut(&uid) {
                user.receive(message);
            }
        }
    }
}
