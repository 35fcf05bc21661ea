//! The rights of one member in a group.

use serde_json::{Value, json};

use super::fields::PlainFields;
use super::refusal::Refusable;

/// The five rights under the names of `group.members.permissions`. `None` was never set, and counts as given unless a
/// group wants *selected* members. That default is the sandbox's choice: the real one is not public.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rights {
    send: Option<bool>,
    recv: Option<bool>,
    publish: Option<bool>,
    subscribe: Option<bool>,
    list: Option<bool>,
}

impl Rights {
    /// Reads a `permissions` object of booleans.
    pub(crate) fn read(mut fields: PlainFields) -> Refusable<Self> {
        let rights = Self {
            send: fields.boolean("send")?,
            recv: fields.boolean("recv")?,
            publish: fields.boolean("pub")?,
            subscribe: fields.boolean("sub")?,
            list: fields.boolean("list")?,
        };
        fields.finish()?;
        Ok(rights)
    }

    /// These rights, overridden by those set in `given`.
    pub(crate) fn merge(self, given: Self) -> Self {
        Self {
            send: given.send.or(self.send),
            recv: given.recv.or(self.recv),
            publish: given.publish.or(self.publish),
            subscribe: given.subscribe.or(self.subscribe),
            list: given.list.or(self.list),
        }
    }

    /// Whether the member may send in a group of ordinary senders.
    pub(crate) fn sends(self) -> bool {
        self.send.unwrap_or(true)
    }

    pub(crate) fn selected_to_send(self) -> bool {
        self.send == Some(true)
    }

    /// Whether the member receives in a group of ordinary receivers.
    pub(crate) fn receives(self) -> bool {
        self.recv.unwrap_or(true)
    }

    pub(crate) fn selected_to_receive(self) -> bool {
        self.recv == Some(true)
    }

    /// The five booleans as in groupgetmembers.
    pub(crate) fn shown(self) -> Value {
        json!({
            "send": self.send.unwrap_or(true),
            "recv": self.recv.unwrap_or(true),
            "pub": self.publish.unwrap_or(true),
            "sub": self.subscribe.unwrap_or(true),
            "list": self.list.unwrap_or(true),
        })
    }
}
