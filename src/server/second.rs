//! Puts together what the second listener shows: metrics, the status and the console.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::admin::Admin;
use crate::admin::exposition::Sources;
use crate::console::{Console, ConsoleSources};
use crate::sandbox::Sandbox;
use crate::status::{Status, StatusSources};
use crate::telemetry::history::History;
use crate::telemetry::log::Losses;
use crate::telemetry::traffic::Traffic;

/// What is shown beside the metrics' own sources.
pub(super) struct Beside {
    /// Where old clients are served.
    pub address: SocketAddr,
    /// The sandbox that is the gateway's upstream, if it is.
    pub sandbox: Option<Sandbox>,
    /// What the last hours were like.
    pub history: Arc<History>,
    /// Requests as they come.
    pub traffic: Arc<Traffic>,
    /// The log lines that were lost.
    pub lines_lost: Box<dyn Fn() -> Losses + Send + Sync>,
}

/// The second listener's handler, and the token that was made for the console where the settings have none.
pub(super) fn shown(sources: Sources, beside: Beside) -> Result<(Admin, Option<String>), String> {
    let status = Arc::new(Status::new(StatusSources {
        current: sources.current.clone(),
        stop: sources.stop.clone(),
        counters: sources.counters.clone(),
        history: beside.history.clone(),
        reloader: sources.reloader.clone(),
        lines_lost: beside.lines_lost,
        sandbox: beside.sandbox.is_some(),
    }));
    let (console, login) = Console::new(ConsoleSources {
        current: sources.current.clone(),
        stop: sources.stop.clone(),
        counters: sources.counters.clone(),
        request_counters: sources.request_counters.clone(),
        address: beside.address,
        sandbox: beside.sandbox,
        status: status.clone(),
        history: beside.history,
        traffic: beside.traffic,
    })?;
    Ok((Admin::new(sources, status, console), login))
}
