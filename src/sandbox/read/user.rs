//! Reads the `user` object of useradd, userset and userdel.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::sandbox::fields::{JsonType, PlainFields};
use crate::sandbox::refusal::{Refusable, Refusal};

/// One year, the documented default of an access token.
const DEFAULT_EXPIRY_MINUTES: u64 = 525_600;

const PERMISSIONS: [(&str, JsonType); 9] = [
    ("retention", JsonType::Boolean),
    ("incoming", JsonType::Boolean),
    ("outgoing", JsonType::Boolean),
    ("calls", JsonType::Boolean),
    ("turn", JsonType::Boolean),
    ("storage", JsonType::Boolean),
    ("groupCreate", JsonType::Boolean),
    ("webhook", JsonType::Boolean),
    ("peers", JsonType::Natural),
];

const PROFILE: [(&str, JsonType); 5] = [
    ("name", JsonType::Text),
    ("image", JsonType::Text),
    ("info", JsonType::Text),
    ("status", JsonType::Text),
    ("update", JsonType::Boolean),
];

/// A user by uid, by address, or by both if they agree.
pub(crate) struct Who {
    pub(crate) uid: Option<u64>,
    pub(crate) address: Option<String>,
}

/// A useradd: the user to make or to update.
pub(crate) struct Add {
    pub(crate) address: String,
    pub(crate) edit: Edit,
}

/// A userset: the user and the changes.
pub(crate) struct Set {
    pub(crate) who: Who,
    pub(crate) edit: Edit,
}

/// The editable fields; an absent one stays unchanged.
#[derive(Default)]
pub(crate) struct Edit {
    pub(crate) name: Option<String>,
    pub(crate) active: Option<bool>,
    pub(crate) flags: Option<u64>,
    pub(crate) otp: Option<String>,
    pub(crate) groups: Option<u64>,
    pub(crate) restrictions: Option<u64>,
    pub(crate) permissions: Option<Map<String, Value>>,
    pub(crate) profile: Option<Map<String, Value>>,
    pub(crate) token: Option<TokenEdit>,
}

/// The request of a token block.
pub(crate) enum TokenEdit {
    Remove,
    Issue(Issue),
}

/// A new access token: the app names that may log in with it, and its lifetime.
pub(crate) struct Issue {
    pub(crate) apps: Vec<String>,
    pub(crate) lives: Duration,
}

/// Reads useradd.
pub(crate) fn add(mut fields: PlainFields) -> Refusable<Add> {
    let address = fields.need_text("address")?;
    let edit = Edit {
        name: fields.text("name")?,
        otp: fields.text("otp")?,
        groups: fields.natural("groups")?,
        restrictions: fields.natural("restrictions")?,
        permissions: fields.flat("permissions", &PERMISSIONS)?,
        ..editable(&mut fields)?
    };
    fields.finish()?;
    Ok(Add { address, edit })
}

/// Reads userset, which has fewer editable fields: public code sends it without name, password, groups and permissions.
pub(crate) fn set(mut fields: PlainFields) -> Refusable<Set> {
    let who = who(&mut fields)?;
    let edit = editable(&mut fields)?;
    fields.finish()?;
    Ok(Set { who, edit })
}

/// Reads userdel.
pub(crate) fn only_who(mut fields: PlainFields) -> Refusable<Who> {
    let who = who(&mut fields)?;
    fields.finish()?;
    Ok(who)
}

fn who(fields: &mut PlainFields) -> Refusable<Who> {
    let who = Who { uid: fields.natural("uid")?, address: fields.text("address")? };
    if who.uid.is_none() && who.address.is_none() {
        let either = vec![fields.path("uid"), fields.path("address")];
        return Err(Refusal::missing(either));
    }
    Ok(who)
}

fn editable(fields: &mut PlainFields) -> Refusable<Edit> {
    Ok(Edit {
        active: fields.boolean("active")?,
        flags: fields.natural("flags")?,
        profile: fields.flat("profile", &PROFILE)?,
        token: fields.object("token")?.map(token).transpose()?,
        ..Edit::default()
    })
}

/// A v1 token is bound to `appid`; a v2 token may name its apps by package, bundle or url instead.
fn token(mut fields: PlainFields) -> Refusable<TokenEdit> {
    let minutes = fields.natural("expiry")?;
    let remove = fields.boolean("remove")?.unwrap_or(false);
    let second_version = fields.boolean("v2")?.unwrap_or(false);
    let appid = fields.text("appid")?.filter(|appid| !appid.is_empty());
    if appid.is_none() && !remove && !second_version {
        return Err(fields.missing("appid"));
    }
    let mut apps: Vec<String> = appid.into_iter().collect();
    for name in ["package", "bundle", "url"] {
        apps.extend(fields.text(name)?);
    }
    read_and_forget(&mut fields)?;
    fields.finish()?;
    if remove {
        return Ok(TokenEdit::Remove);
    }
    Ok(TokenEdit::Issue(Issue { apps, lives: lifetime(minutes) }))
}

/// Checks the types of members that have no effect.
fn read_and_forget(fields: &mut PlainFields) -> Refusable<()> {
    for name in ["android", "ios", "javascript", "python", "cpp"] {
        fields.boolean(name)?;
    }
    for name in ["session", "autorefresh"] {
        fields.natural(name)?;
    }
    for name in ["device", "linkto"] {
        fields.text(name)?;
    }
    Ok(())
}

fn lifetime(minutes: Option<u64>) -> Duration {
    let minutes = minutes.filter(|&minutes| minutes != 0).unwrap_or(DEFAULT_EXPIRY_MINUTES);
    Duration::from_secs(minutes.saturating_mul(60))
}
