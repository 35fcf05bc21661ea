//! Reads the `group` object of the five group operations.

use serde_json::{Map, Value};

use crate::sandbox::fields::{JsonType, PlainFields};
use crate::sandbox::flags::{FlagsEdit, Receivers, SELECTOR_BITS, Senders};
use crate::sandbox::refusal::{Refusable, Refusal};
use crate::sandbox::rights::Rights;

const PERMISSIONS: [(&str, JsonType); 5] = [
    ("send", JsonType::Natural),
    ("recv", JsonType::Natural),
    ("pub", JsonType::Natural),
    ("sub", JsonType::Natural),
    ("list", JsonType::Natural),
];

const PROFILE: [(&str, JsonType); 5] = [
    ("name", JsonType::Text),
    ("image", JsonType::Text),
    ("status", JsonType::Text),
    ("info", JsonType::Text),
    ("other", JsonType::Text),
];

/// The fields that groupadd sets and groupset changes; an absent field keeps its default or its value.
#[derive(Default)]
pub(crate) struct Edit {
    pub(crate) name: Option<String>,
    pub(crate) flags: FlagsEdit,
    pub(crate) permissions: Option<Map<String, Value>>,
    /// Seconds from now.
    pub(crate) expiry: Option<u64>,
    /// Seconds from each activity.
    pub(crate) expiryext: Option<u64>,
    pub(crate) active: Option<bool>,
    pub(crate) start: Option<u64>,
    pub(crate) duration: Option<u64>,
    pub(crate) call: Option<Map<String, Value>>,
    pub(crate) profile: Option<Map<String, Value>>,
    pub(crate) image: Option<String>,
    pub(crate) members: Option<MemberEdits>,
}

/// A groupset; with a message type, flags and rights hold for that type only.
pub(crate) struct Set {
    pub(crate) gid: u64,
    pub(crate) kind: Option<u64>,
    pub(crate) edit: Edit,
}

/// A groupeditmembers: the members to add or remove.
pub(crate) struct EditMembers {
    pub(crate) gid: u64,
    pub(crate) kind: Option<u64>,
    pub(crate) members: MemberEdits,
}

/// The `members` object: one object for all its addresses, never an array.
pub(crate) struct MemberEdits {
    pub(crate) addresses: Vec<String>,
    pub(crate) rights: Rights,
    pub(crate) admin: Option<Map<String, Value>>,
    pub(crate) remove: bool,
}

/// Reads groupadd.
pub(crate) fn add(mut fields: PlainFields) -> Refusable<Edit> {
    let edit = edit(&mut fields)?;
    fields.finish()?;
    Ok(edit)
}

/// Reads groupset.
pub(crate) fn set(mut fields: PlainFields) -> Refusable<Set> {
    let set = Set {
        gid: fields.need_number("gid")?,
        kind: kind(&mut fields)?,
        edit: Edit { image: fields.text("image")?, ..edit(&mut fields)? },
    };
    fields.finish()?;
    Ok(set)
}

/// Reads groupdel and groupgetmembers, which have only the group's number.
pub(crate) fn only_gid(mut fields: PlainFields) -> Refusable<u64> {
    let gid = fields.need_number("gid")?;
    fields.finish()?;
    Ok(gid)
}

/// Reads groupeditmembers. `group.delete` does what `group.members.remove` does: public code has both.
pub(crate) fn edit_members(mut fields: PlainFields) -> Refusable<EditMembers> {
    let gid = fields.need_number("gid")?;
    let kind = kind(&mut fields)?;
    let delete = fields.bit("delete")?.unwrap_or(false);
    let members = members(fields.need_object("members")?, delete)?;
    fields.finish()?;
    Ok(EditMembers { gid, kind, members })
}

fn edit(fields: &mut PlainFields) -> Refusable<Edit> {
    let permissions = fields.flat("permissions", &PERMISSIONS)?;
    Ok(Edit {
        name: fields.text("name")?,
        flags: flags(fields, permissions.as_ref())?,
        permissions,
        expiry: fields.natural("expiry")?,
        expiryext: fields.natural("expiryext")?,
        active: fields.switch("active")?,
        start: fields.natural("start")?,
        duration: fields.natural("duration")?,
        call: fields.opaque("call")?,
        profile: fields.flat("profile", &PROFILE)?,
        image: None,
        members: fields.object("members")?.map(|inner| members(inner, false)).transpose()?,
    })
}

/// Type 0 is every message's default, so permissions "for type 0" are the general ones.
fn kind(fields: &mut PlainFields) -> Refusable<Option<u64>> {
    Ok(fields.natural("type")?.filter(|&kind| kind != 0))
}

/// The bit field, or its five selectors under `permissions` and the rest of the bits in `flags`: public
/// code of 2022 has the first form, of 2025 the second.
fn flags(fields: &mut PlainFields, permissions: Option<&Map<String, Value>>) -> Refusable<FlagsEdit> {
    let bits = fields.natural("flags")?;
    let Some(permissions) = permissions else {
        let all = bits.map(|bits| FlagsEdit::all(bits).ok_or_else(|| unknown_bits(fields)));
        return Ok(all.transpose()?.unwrap_or_default());
    };
    if bits.is_some_and(|bits| bits & SELECTOR_BITS != 0) {
        let fault = "must leave who may do what to `permissions` when that is given";
        return Err(fields.bad("flags", fault));
    }
    let mut edit = match bits {
        Some(bits) => FlagsEdit::all(bits).ok_or_else(|| unknown_bits(fields))?,
        None => FlagsEdit::default(),
    };
    let number = |name| permissions.get(name).and_then(Value::as_u64);
    let unknown = |name| fields.bad(name, "must be 0, 1 or 2");
    edit.senders = number("send")
        .map(|selector| Senders::read(selector).ok_or_else(|| unknown("permissions.send")))
        .transpose()?;
    edit.receivers = number("recv")
        .map(|selector| Receivers::read(selector).ok_or_else(|| unknown("permissions.recv")))
        .transpose()?;
    for (call, name) in edit.calls.iter_mut().zip(["pub", "sub", "list"]) {
        let selector = number(name);
        if selector.is_some_and(|selector| selector > 3) {
            return Err(fields.bad(&format!("permissions.{name}"), "must be 0, 1, 2 or 3"));
        }
        *call = selector.or(*call);
    }
    Ok(edit)
}

fn unknown_bits(fields: &PlainFields) -> Refusal {
    fields.bad("flags", "has bits that no group flag has")
}

fn members(mut fields: PlainFields, delete: bool) -> Refusable<MemberEdits> {
    let addresses = super::addresses(&mut fields, "m")?;
    let remove = fields.switch("remove")?.unwrap_or(false) || delete;
    let rights = fields.object("permissions")?;
    if remove && rights.is_some() {
        return Err(fields.bad("permissions", "is for members who are added, not removed"));
    }
    let members = MemberEdits {
        addresses,
        rights: rights.map(Rights::read).transpose()?.unwrap_or_default(),
        admin: fields.open("admin", JsonType::Boolean)?,
        remove,
    };
    fields.finish()?;
    Ok(members)
}
