//! HAProxy, which passes requests through unchanged.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Purpose, filled, program};
use crate::scenario::Door;

/// The command that starts HAProxy.
///
/// # Errors
/// When its settings cannot be written.
pub fn command(purpose: &Purpose, dir: &Path, address: SocketAddr) -> Result<Command> {
    let (tls, cached) = (purpose.door == Door::FormTls, purpose.door == Door::FormCached);
    let tls = if tls {
        format!("ssl verify required ca-file {} verifyhost localhost", purpose.ca.display())
    } else {
        String::new()
    };
    let settings = filled(
        include_str!("../../conf/haproxy.cfg"),
        &[
            ("LISTEN", &address.to_string()),
            ("WORKERS", &purpose.workers.to_string()),
            ("UPSTREAM", &purpose.upstream.to_string()),
            ("TLS", &tls),
            ("CACHE_SECTION", if cached { include_str!("../../conf/haproxy-cache.cfg") } else { "" }),
            ("CACHE_USE", if cached { include_str!("../../conf/haproxy-cache-use.cfg") } else { "" }),
            ("DIR", &dir.to_string_lossy()),
        ],
    )?;
    let file = dir.join("haproxy.cfg");
    fs::write(&file, settings)?;
    let mut command = program("haproxy");
    command.arg("-db").arg("-f").arg(file);
    Ok(command)
}
