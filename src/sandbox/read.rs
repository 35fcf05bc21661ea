//! Reads a request's members into a typed call, independent of any state.
//!
//! Each operation reads exactly the members that public documents and code have for it, so that every other member is
//! refused.

pub(crate) mod group;
pub(crate) mod message;
pub(crate) mod otp;
pub(crate) mod user;

use super::fields::PlainFields;
use super::refusal::{Refusable, Refusal, RefusalReason};

/// One operation with all its parameters.
pub(crate) enum ApiCall {
    UserAdd(user::Add),
    UserSet(user::Set),
    UserDel(user::Who),
    GroupAdd(group::Edit),
    GroupSet(group::Set),
    GroupDel { gid: u64 },
    GroupEditMembers(group::EditMembers),
    GroupGetMembers { gid: u64, count: Option<u64> },
    Message(message::Send),
    Otp(otp::Ask),
}

impl ApiCall {
    /// Reads the payload of `op` and the top level around it.
    ///
    /// # Errors
    /// `BADOP`, `BADPROPERTY` or `MISSINGPROPERTY`.
    pub(crate) fn read(op: &str, mut top: PlainFields) -> Refusable<Self> {
        let call = match op {
            "useradd" => Self::UserAdd(user::add(top.need_object("user")?)?),
            "userset" => Self::UserSet(user::set(top.need_object("user")?)?),
            "userdel" => Self::UserDel(user::only_who(top.need_object("user")?)?),
            "groupadd" => Self::GroupAdd(group::add(top.need_object("group")?)?),
            "groupset" => Self::GroupSet(group::set(top.need_object("group")?)?),
            "groupdel" => Self::GroupDel { gid: group::only_gid(top.need_object("group")?)? },
            "groupeditmembers" => Self::GroupEditMembers(group::edit_members(top.need_object("group")?)?),
            "groupgetmembers" => Self::GroupGetMembers {
                count: top.natural("count")?,
                gid: group::only_gid(top.need_object("group")?)?,
            },
            "message" => Self::Message(message::send(top.need_object("message")?)?),
            "otp" => Self::Otp(otp::ask(top.need_object("otp")?)?),
            _ => {
                let cause = "the API has no such operation";
                return Err(Refusal::new(RefusalReason::BadOp, "op", cause));
            }
        };
        top.finish()?;
        Ok(call)
    }
}

/// Splits a comma list into its addresses.
///
/// # Errors
/// `BADPROPERTY` for an empty address, as in `a,,b`.
fn addresses(fields: &mut PlainFields, name: &str) -> Refusable<Vec<String>> {
    let list = fields.need_text(name)?;
    split(fields, name, &list)
}

fn split(fields: &PlainFields, name: &str, list: &str) -> Refusable<Vec<String>> {
    list.split(',')
        .map(|address| match address {
            "" => Err(fields.bad(name, "has an address without characters")),
            address => Ok(address.to_owned()),
        })
        .collect()
}
