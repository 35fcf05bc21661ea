//! `mesigate health`, `drain`, `reload` and `breaches`: commands to the gateway that runs on this host.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use super::load::Settings;
use super::{AdminArgs, BreachesArgs, CommandFailure, Done, DrainArgs, HealthArgs, ReloadArgs};
use crate::admin::OF_APP;
use crate::admin::routes::{self, AdminRoute};

/// How long the gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn health(health: &HealthArgs) -> Done {
    let told = say(&health.admin, if health.ready { &routes::READY } else { &routes::LIVE }, "")?;
    super::print(&told.text)?;
    Ok(told.code())
}

pub fn drain(drain: &DrainArgs) -> Done {
    let told = say(&drain.admin, &routes::DRAIN, "")?;
    super::print(&told.text)?;
    if told.status == 202 {
        #[allow(clippy::disallowed_methods)] // nothing else is to do here
        std::thread::sleep(drain.wait);
    }
    Ok(told.code())
}

pub fn reload(reload: &ReloadArgs) -> Done {
    let told = say(&reload.admin, &routes::RELOAD, "")?;
    super::print(&told.text)?;
    Ok(told.code())
}

pub fn breaches(breaches: &BreachesArgs) -> Done {
    let told = match breaches.clear.as_deref() {
        None => say(&breaches.admin, &routes::BREACHES, "")?,
        Some("") => say(&breaches.admin, &routes::CLEAR, "")?,
        Some(app) => say(&breaches.admin, &routes::CLEAR, &format!("?{OF_APP}{app}"))?,
    };
    super::print(&told.text)?;
    Ok(told.code())
}

/// The gateway's reply.
pub(super) struct GatewayReply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The lines of its head.
    head: String,
    /// What it says.
    pub(super) text: String,
}

impl GatewayReply {
    /// Success, if it did what it was told.
    pub(super) fn code(&self) -> ExitCode {
        if self.status < 300 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Sends the request of `route`; `query` begins with its question mark, or is empty.
pub(super) fn say(
    admin: &AdminArgs,
    route: &AdminRoute,
    query: &str,
) -> Result<GatewayReply, CommandFailure> {
    let address = here(address_of(admin, route)?);
    ask(address, &format!("{} {}{query}", route.method(), route.path)).map_err(|error| {
        format!("no gateway answers on {address}: {error}: is it running, and is this its admin.address?")
            .into()
    })
}

/// The address of the second listener. A file that cannot be read is no reason not to ask how the gateway fares, or to
/// have it read that file: it serves on by the settings of before. What changes something is sent to no guess.
fn address_of(admin: &AdminArgs, route: &AdminRoute) -> Result<SocketAddr, CommandFailure> {
    let settings =
        Settings::of(&admin.config).with(vec![("--admin", &["admin", "address"], admin.admin.clone())]);
    match settings.admin_address()? {
        (address, Some(doubt)) if admin.admin.is_none() => {
            if !may_be_guessed(route) {
                return Err(vec![
                    doubt,
                    "where the gateway is told is not known: give --admin ADDR".to_owned(),
                ]
                .into());
            }
            eprintln!("mesigate: {doubt}; asking on {address}, where the gateway is told without that file");
            Ok(address)
        }
        (address, _) => Ok(address),
    }
}

fn may_be_guessed(route: &AdminRoute) -> bool {
    route.method() == "GET" || route.path == routes::RELOAD.path
}

/// The address to connect to: loopback for a listener on all addresses.
fn here(address: SocketAddr) -> SocketAddr {
    let own = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    if address.ip().is_unspecified() { SocketAddr::new(own, address.port()) } else { address }
}

fn ask(address: SocketAddr, request: &str) -> io::Result<GatewayReply> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head =
        format!("{request} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok());
    match (status, answer.split_once("\r\n\r\n")) {
        (Some(status), Some((head, text))) => {
            Ok(GatewayReply { status, head: head.to_owned(), text: text.to_owned() })
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "what answers there speaks no HTTP")),
    }
}
