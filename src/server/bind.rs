//! Listeners, bound before anything serves.

use std::io;
use std::net::{SocketAddr, TcpListener};

use rustix::net::sockopt::set_socket_send_buffer_size;

use crate::config::Config;
use crate::http::listen;

/// How many bytes of answers the system keeps for a client of the second listener that does not read. By itself it keeps
/// megabytes, which are a hundred expositions that nobody reads.
const MOST_UNREAD: usize = 64 * 1024;

/// The listeners of the workers, one for each, and the second listener.
pub(super) fn bind(config: &Config) -> Result<(Vec<TcpListener>, TcpListener), String> {
    let listen = &config.listen;
    let listeners = listen::bind(listen.address, listen.workers)
        .map_err(|error| cannot_listen("listen.address", listen.address, &error))?;
    let address = config.admin.address;
    let admin =
        TcpListener::bind(address).map_err(|error| cannot_listen("admin.address", address, &error))?;
    // Connections inherit it (tcp(7)). Where it cannot be set, the system's own size holds.
    let _ = set_socket_send_buffer_size(&admin, MOST_UNREAD);
    Ok((listeners, admin))
}

/// A sentence: why the gateway cannot listen on an address, and what to do.
pub fn cannot_listen(setting: &str, address: SocketAddr, error: &io::Error) -> String {
    let what = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "a port below 1024 needs CAP_NET_BIND_SERVICE: AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, \
             or setcap cap_net_bind_service=+ep on the program; or choose a port from 1024 on"
        }
        io::ErrorKind::AddrNotAvailable => "this host has no such address: ip address lists those it has",
        _ => "choose another address or end what holds it",
    };
    format!("{setting}: cannot listen on {address}: {error}: {what}")
}

/// The address that a listener has got.
pub(super) fn local(listener: &TcpListener) -> Result<SocketAddr, String> {
    listener.local_addr().map_err(|error| format!("a listener has no address: {error}"))
}
