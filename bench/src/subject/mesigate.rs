//! The gateway as it is shipped: with its limits, its metrics, and its access log, to a file.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Purpose, filled};
use crate::ports;
use crate::scenario::Door;

/// As many requests at once as a worker takes: those that upstream has, and those that wait.
const SHIPPED_ROOM: usize = 256;

/// The command that starts the gateway.
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
            ("EXCEPTIONS", &exceptions(purpose)),
            ("DIR", &dir.to_string_lossy()),
        ],
    )?;
    let file = dir.join("mesigate.toml");
    fs::write(&file, settings)?;
    let mut command = Command::new(purpose.gateway);
    command.arg("serve").arg("--config").arg(file);
    // Settings in this process's environment would win over the file's.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"MESIGATE_") {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// What a scenario cannot do without, and the results say.
fn exceptions(purpose: &Purpose) -> String {
    let mut lines = Vec::new();
    if purpose.door == Door::FormTls {
        lines.push(format!("upstream.ca_file = '{}'", purpose.ca.display()));
    }
    if purpose.door == Door::FormCached {
        // The shipped limit on listing members, 30 a minute, is for mesibo's cloud only.
        lines.push("upstream.kind = \"on-premise\"".into());
    }
    if purpose.trains {
        lines.push("stop = { announce = \"0s\", linger = \"0s\" }".into());
    }
    if purpose.clients > SHIPPED_ROOM {
        lines.push(format!("upstream.queue = {}", purpose.clients));
        lines.push("deadline.queue = \"10s\"".into());
    }
    lines.join("\n")
}
