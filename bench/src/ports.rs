//! Ports that no process uses, below those that the system gives to clients.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Result, bail};

const FIRST: u16 = 21_000;
const LAST: u16 = 32_000;

static NEXT: AtomicU16 = AtomicU16::new(FIRST);

/// An address on loopback with a port that is free now and was not returned lately.
///
/// # Errors
/// When no port is free.
pub fn free() -> Result<SocketAddr> {
    for _ in FIRST..LAST {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        if port >= LAST {
            NEXT.store(FIRST, Ordering::Relaxed);
            continue;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port from {FIRST} to {LAST} is free")
}
