//! nginx, alone or with Lua.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Kind, Purpose, filled, program};
use crate::scenario::Door;

/// The command that starts nginx.
///
/// # Errors
/// When its settings cannot be written.
pub fn command(kind: Kind, purpose: &Purpose, dir: &Path, address: SocketAddr) -> Result<Command> {
    let values: &[(&str, &str)] = &[
        ("LISTEN", &address.to_string()),
        ("WORKERS", &purpose.workers.to_string()),
        ("SCHEME", if purpose.door == Door::FormTls { "https" } else { "http" }),
        ("UPSTREAM", &purpose.upstream.to_string()),
        ("IDLE", &purpose.clients.to_string()),
        ("CA", &purpose.ca.to_string_lossy()),
        ("DIR", &dir.to_string_lossy()),
    ];
    for (path, template) in pieces(kind, purpose.door) {
        let file = dir.join(path);
        fs::create_dir_all(file.parent().unwrap_or(dir))?;
        fs::write(file, filled(template, values)?)?;
    }
    let mut command = program("nginx");
    command.args(["-e", "stderr"]).arg("-c").arg(dir.join("nginx.conf"));
    Ok(command)
}

fn pieces(kind: Kind, door: Door) -> Vec<(&'static str, &'static str)> {
    let mut pieces = vec![("nginx.conf", include_str!("../../conf/nginx.conf"))];
    if rustix::process::geteuid().is_root() {
        // Otherwise its workers become another user, which cannot read this run's folder.
        pieces.push(("main/user.conf", "user root;"));
    }
    if door == Door::FormTls {
        pieces.push(("http/tls.conf", include_str!("../../conf/nginx-tls.conf")));
    }
    if door == Door::FormCached {
        pieces.push(("http/cache.conf", include_str!("../../conf/nginx-cache-http.conf")));
        pieces.push(("location/cache.conf", include_str!("../../conf/nginx-cache.conf")));
    }
    if kind == Kind::NginxLua {
        pieces.push(("main/lua.conf", include_str!("../../conf/nginx-lua-main.conf")));
        pieces.push(("http/lua.conf", include_str!("../../conf/nginx-lua-http.conf")));
        pieces.push(("location/lua.conf", include_str!("../../conf/nginx-lua.conf")));
        pieces.push(("translate.lua", include_str!("../../conf/translate.lua")));
    }
    pieces
}
