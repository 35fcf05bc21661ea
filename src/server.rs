//! The running gateway: its threads, from the first bound listener to the last answered request.

mod bind;
mod pulse;
mod second;

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::admin::{self, Admin};
use crate::config::Config;
use crate::console;
use crate::export::Exporter;
use crate::http::listen::{self, Times};
use crate::http::net::clock::since_1970;
use crate::http::open_files;
use crate::http::shutdown::{Shutdown, Stage};
use crate::sandbox::Sandbox;
use crate::snapshot::Snapshot;
use crate::snapshot::housekeeping::{Housekeeping, tell_of_time};
use crate::snapshot::reload::{Reloader, SettingsSource};
use crate::snapshot::worker::{View, Worker};
use crate::telemetry::history::History;
use crate::telemetry::log::Log;
use crate::telemetry::metrics::{RequestCounters, WorkerCounters};
use crate::telemetry::trace::Spans;
use crate::telemetry::traffic::Traffic;
use crate::upstream::Upstream;

use bind::{bind, local};

pub(crate) use bind::cannot_listen;
pub use pulse::Pulse;
use second::Known;

/// A gateway that serves. Dropping it leaves it running; [`Server::stop`] ends it.
pub struct Server {
    address: SocketAddr,
    admin_address: SocketAddr,
    login: Option<String>,
    stop: Arc<Shutdown>,
    stop_admin: watch::Sender<bool>,
    current: Arc<ArcSwap<Snapshot>>,
    reloader: Arc<Reloader>,
    pulse: Pulse,
    workers: Vec<JoinHandle<()>>,
    admin: JoinHandle<()>,
    housekeeping: Housekeeping,
    exporter: Option<Exporter>,
}

impl Server {
    /// Binds every listener, then starts every thread: the gateway serves when this returns. A reload reads
    /// `source`.
    ///
    /// # Errors
    /// A sentence that names the setting: an address that cannot be had, a thread that cannot be
    /// started.
    pub fn start(snapshot: Snapshot, source: SettingsSource, log: Option<&Log>) -> Result<Self, String> {
        Self::start_beside(snapshot, source, log, None)
    }

    /// As [`Server::start`], beside a sandbox that is the gateway's upstream: the console shows its world.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start_beside(
        snapshot: Snapshot,
        source: SettingsSource,
        log: Option<&Log>,
        sandbox: Option<Sandbox>,
    ) -> Result<Self, String> {
        let (listeners, admin_listener) = bind(&snapshot.config)?;
        let (address, admin_address) = (local(&listeners[0])?, local(&admin_listener)?);
        let request_counters =
            Arc::new(RequestCounters::new(&snapshot.table, &snapshot.config, listeners.len()));
        let (snapshot, stop) = (Arc::new(snapshot), Arc::new(Shutdown::default()));
        let traffic = Arc::new(Traffic::default());
        let workers = workers(&snapshot, &request_counters, &stop, (log, &traffic))?;
        let counters: Vec<_> = workers.iter().map(|worker| worker.counters.clone()).collect();
        let history = Arc::new(History::new(counters.clone(), since_1970().as_secs()));
        keep_ledger(&snapshot, &workers);
        let (exporter, spans) = export(&snapshot.config, &workers)?;
        let current = Arc::new(ArcSwap::new(snapshot));
        let reloader =
            Arc::new(Reloader::new(source, workers.clone(), current.clone(), request_counters.clone()));
        let (mut runtimes, workers): (Vec<_>, Vec<_>) =
            serve_clients(listeners, workers, &stop)?.into_iter().unzip();
        let known = Known {
            counters,
            request_counters,
            stop: stop.clone(),
            current: current.clone(),
            reloader: reloader.clone(),
            spans,
            history: history.clone(),
            traffic,
        };
        let (admin, login) = known.shown(log, address, sandbox)?;
        let (runtime, admin, stop_admin) = serve_admin(admin_listener, admin)?;
        runtimes.push(runtime);
        Ok(Self {
            housekeeping: Housekeeping::start(current.clone(), reloader.clone(), history)?,
            address,
            admin_address,
            login,
            stop,
            stop_admin,
            current,
            reloader,
            pulse: Pulse::of(runtimes),
            workers,
            admin,
            exporter,
        })
    }

    /// Where clients are served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The link that logs in to the console, once: it has the token that was made where the settings have none. The token
    /// stands behind the `#`, which browsers send to nobody.
    pub fn login_link(&mut self) -> Option<String> {
        let token = self.login.take()?;
        Some(format!("http://{}{}/#login={token}", self.admin_address, console::PATH))
    }

    /// Where the console is; or why it is not there.
    ///
    /// # Errors
    /// A sentence, with the lines to set.
    pub fn console(&self) -> Result<String, String> {
        let config = &self.current.load().config;
        config.console.is_open(&config.admin)?;
        let port = self.admin_address.port();
        let host = config.admin.hosts.first().filter(|_| !self.admin_address.ip().is_loopback());
        let place = host.map_or_else(|| self.admin_address.to_string(), |host| format!("{host}:{port}"));
        Ok(format!("http://{place}{}/", console::PATH))
    }

    /// Where probes and metrics are served.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin_address
    }

    /// The reloader, which reads the settings again.
    #[must_use]
    pub fn reloader(&self) -> Arc<Reloader> {
        self.reloader.clone()
    }

    /// The pulse of the threads that serve.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        self.pulse.clone()
    }

    /// How long [`Server::stop`] may take, by the settings in use.
    #[must_use]
    pub fn longest_end(&self, announced: bool) -> Duration {
        let config = &self.current.load().config;
        let announce = if announced { config.stop.announce } else { Duration::ZERO };
        announce + config.stop.linger + config.deadline.drain
    }

    /// Announces the end and, if `announced`, serves on for as long as the settings say; then takes
    /// no more connections, lets requests under way end within the drain deadline, and returns when
    /// all threads have ended.
    pub fn stop(self, announced: bool) {
        let since = self.stop.announce();
        if announced {
            let announce = self.current.load().config.stop.announce;
            #[allow(clippy::disallowed_methods)] // the thread that waits serves nobody
            std::thread::sleep(announce.saturating_sub(since.elapsed()));
        }
        self.stop.end();
        for worker in self.workers {
            if worker.join().is_err() {
                tracing::error!("a worker ended in a panic");
            }
        }
        self.housekeeping.stop();
        if let Some(exporter) = self.exporter {
            exporter.stop();
        }
        self.stop_admin.send_replace(true);
        let _ = self.admin.join();
    }
}

/// Starts a thread for each worker, which serves the connections of one listener.
fn serve_clients(
    listeners: Vec<StdListener>,
    workers: Vec<Arc<Worker>>,
    stop: &Shutdown,
) -> Result<Vec<(Handle, JoinHandle<()>)>, String> {
    let start = |(number, (listener, worker))| {
        let stage = stop.watch();
        let serve = move |listener| serve(listener, worker, stage);
        thread(&format!("worker-{number}"), listener, serve)
    };
    listeners.into_iter().zip(workers).enumerate().map(start).collect()
}

/// Starts the thread of the second listener; what stops it is returned too.
fn serve_admin(
    listener: StdListener,
    admin: Admin,
) -> Result<(Handle, JoinHandle<()>, watch::Sender<bool>), String> {
    let (stop, stopped) = watch::channel(false);
    let serve = move |listener| admin::serve(listener, Arc::new(admin), stopped);
    let (runtime, thread) = thread("admin", listener, serve)?;
    Ok((runtime, thread, stop))
}

/// Serves a worker's clients, from its listener's first connection to its last.
async fn serve(listener: TcpListener, worker: Arc<Worker>, stage: watch::Receiver<Stage>) {
    let known = worker.clone();
    let times = move || {
        let config = &known.view().snapshot.config;
        Times { linger: config.stop.linger, drain: config.deadline.drain }
    };
    let most = worker.connections;
    listen::serve(listener, worker, most, stage, times).await;
}

fn workers(
    snapshot: &Arc<Snapshot>,
    request_counters: &RequestCounters,
    stop: &Arc<Shutdown>,
    (log, traffic): (Option<&Log>, &Arc<Traffic>),
) -> Result<Vec<Arc<Worker>>, String> {
    let requests = request_counters.of(&snapshot.table, &snapshot.config);
    let connections = open_files::of_clients(&snapshot.config, requests.len(), snapshot.sites.count());
    let worker = |requests| {
        let counters = Arc::new(WorkerCounters::default());
        let upstreams = Upstream::all(&snapshot.sites, &snapshot.name, &snapshot.config, &counters, None)?;
        let view = View { snapshot: snapshot.clone(), upstreams, requests };
        let log = log.and_then(Log::access);
        Ok(Arc::new(Worker::new(view, counters, stop.clone(), connections, log, traffic.clone())))
    };
    requests.into_iter().map(worker).collect()
}

/// Starts to send what workers leave of sampled requests; and what becomes of it, with examples of them.
fn export(config: &Config, workers: &[Arc<Worker>]) -> Result<(Option<Exporter>, Spans), String> {
    let rings = workers.iter().filter_map(|worker| Some(worker.tracer.as_ref()?.ring.clone())).collect();
    let spans = Spans::default();
    Ok((Exporter::start(&config.trace, rings, spans.clone())?, spans))
}

/// Starts a thread with a runtime of its own, whose tasks never wait for another worker's runtime.
fn thread<F, Serve>(
    name: &str,
    listener: StdListener,
    serve: Serve,
) -> Result<(Handle, JoinHandle<()>), String>
where
    F: Future<Output = ()>,
    Serve: FnOnce(TcpListener) -> F + Send + 'static,
{
    let failed = |error: io::Error| format!("the thread {name} cannot be started: {error}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = {
        let _context = runtime.enter();
        TcpListener::from_std(listener).map_err(failed)?
    };
    let handle = runtime.handle().clone();
    let run = move || {
        runtime.block_on(serve(listener));
        // A name that is being looked up must not delay the exit.
        runtime.shutdown_timeout(Duration::ZERO);
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(failed)?;
    Ok((handle, thread))
}

/// Begins to keep the ledger, if there is one.
fn keep_ledger(snapshot: &Snapshot, workers: &[Arc<Worker>]) {
    if let Some(ledger) = &snapshot.ledger {
        ledger.start(workers.iter().filter_map(|worker| worker.tally.clone()).collect());
        tell_of_time(ledger, snapshot);
    }
}
