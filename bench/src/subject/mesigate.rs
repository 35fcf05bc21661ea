//! The gateway as it is shipped: with its limits, its metrics, and its access log, to a file.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Purpose, filled};
use crate::ports;
use crate::scenario::Door;

/// As many requests at once as it holds without a queue longer than the shipped one.
const SHIPPED_ROOM: usize = 256;

/// What starts it.
///
/// # Errors
/// When its settings cannot be written.
pub fn command(purpose: &Purpose, dir: &Path, address: SocketAddr) -> Result<Command> {
    let settings = filled(
        include_str!("../../conf/mesigate.toml"),
        &[
            ("LISTEN", &address.to_string()),
            ("ADMIN", &ports::free()?.to_string()),
            ("WORKERS", &purpose.workers.to_string()),
            ("SCHEME", if purpose.door == Door::FormTls { "https" } else { "http" }),
            ("UPSTREAM", &purpose.upstream.to_string()),
            ("UPSTREAM_SETTINGS", &upstream_settings(purpose)),
            ("DIR", &dir.to_string_lossy()),
        ],
    )?;
    let file = dir.join("mesigate.toml");
    fs::write(&file, settings)?;
    let mut command = Command::new(purpose.gateway);
    command.arg("serve").arg("--config").arg(file);
    Ok(command)
}

/// What a scenario cannot do without, and the results say.
fn upstream_settings(purpose: &Purpose) -> String {
    let mut lines = Vec::new();
    if purpose.door == Door::FormTls {
        lines.push(format!("ca_file = {:?}", purpose.ca));
    }
    if purpose.door == Door::FormCached {
        // The shipped limit on listing members, 30 a minute, is for mesibo's cloud only.
        lines.push("kind = \"on-premise\"".into());
    }
    if purpose.clients > SHIPPED_ROOM {
        lines.push(format!("queue = {}", purpose.clients));
    }
    lines.join("\n")
}
