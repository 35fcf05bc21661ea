//! The planned pauses of the old door.

use serde::Deserialize;
use serde_json::{Value, json};

use super::said::Refused;
use super::{Call, parsed};
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::policy::brownout::ShownWindow;

pub fn brownouts(call: &Call<'_>) -> Value {
    let snapshot = call.console.current();
    let brownouts = &snapshot.policies.brownouts;
    let window = |ShownWindow { brownout, state, met }: &ShownWindow| {
        json!({
            "name": brownout.name,
            "from": brownout.from.0,
            "to": brownout.to.0,
            "state": state.text(),
            "rehearse": brownout.rehearse,
            "met": met,
        })
    };
    let shown = brownouts.shown(Moment(since_1970().as_secs()));
    json!({ "paused": brownouts.is_paused(), "windows": shown.iter().map(window).collect::<Value>() })
}

pub fn pause(call: &Call<'_>, body: &[u8]) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Asked {
        pause: bool,
    }
    let Asked { pause } = parsed(body, "{ \"pause\": true or false }")?;
    if call.console.current().policies.brownouts.pause(pause) {
        call.audit("brownouts", if pause { "paused" } else { "resumed" });
    }
    Ok(())
}
