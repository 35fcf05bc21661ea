//! The running gateway: its threads, from the first bound listener to the last answered request.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::admin::{self, Admin};
use crate::http::listen;
use crate::log::Writer;
use crate::metrics::{Cells, Exposition, Fleet};
use crate::upstream::{Upstream, site::Site};
use crate::worker::{Snapshot, Worker};

/// A gateway that serves. Dropping it leaves it running; [`Server::stop`] ends it.
pub struct Server {
    address: SocketAddr,
    admin_address: SocketAddr,
    ready: Arc<AtomicBool>,
    stop_workers: watch::Sender<bool>,
    stop_admin: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
    admin: JoinHandle<()>,
    keeper: Keeper,
}

/// The thread that does what no request should wait for.
struct Keeper {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Binds every listener, then starts every thread: it serves when this returns.
    ///
    /// # Errors
    /// A sentence that names the setting: an address that cannot be had, a CA file that cannot be
    /// read, a thread that cannot be started.
    pub fn start(snapshot: Snapshot, log: Option<&Writer>) -> Result<Self, String> {
        let config = &snapshot.config;
        let sites = Site::all(config, &[])?;
        let listeners = listen::bind(config.listen.address, config.listen.workers)
            .map_err(|error| cannot_listen("listen.address", config.listen.address, &error))?;
        let admin_listener = StdListener::bind(config.admin)
            .map_err(|error| cannot_listen("admin.address", config.admin, &error))?;
        let address = local(&listeners[0])?;
        let admin_address = local(&admin_listener)?;

        let snapshot = Arc::new(snapshot);
        let ready = Arc::new(AtomicBool::new(false));
        let (stop_workers, stopped) = watch::channel(false);
        let (stop_admin, admin_stopped) = watch::channel(false);
        let mut cells = Vec::new();
        let mut workers = Vec::new();
        for (number, listener) in listeners.into_iter().enumerate() {
            let worker = worker(&snapshot, &sites)?;
            cells.push(worker.cells.clone());
            let serve = |listener, stopped| listen::serve(listener, Arc::new(worker), stopped);
            workers.push(thread(&format!("worker-{number}"), listener, stopped.clone(), serve)?);
        }
        let admin = Arc::new(Admin {
            ready: ready.clone(),
            metrics: exposition(&snapshot, sites, cells, &ready, log),
        });
        let serve = |listener, stopped| admin::serve(listener, admin, stopped);
        let admin = thread("admin", admin_listener, admin_stopped, serve)?;
        let keeper = keeper(&snapshot)?;
        ready.store(true, Relaxed);
        Ok(Self { address, admin_address, ready, stop_workers, stop_admin, workers, admin, keeper })
    }

    /// Where clients are served.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where probes and metrics are served.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin_address
    }

    /// Turns un-ready, takes no more connections, lets what is under way end within the drain
    /// deadline, and returns when all threads have ended.
    pub fn stop(self) {
        self.ready.store(false, Relaxed);
        self.stop_workers.send_replace(true);
        for worker in self.workers {
            if worker.join().is_err() {
                tracing::error!("a worker ended in a panic");
            }
        }
        drop(self.keeper.stop);
        let _ = self.keeper.thread.join();
        self.stop_admin.send_replace(true);
        let _ = self.admin.join();
    }
}

fn worker(snapshot: &Arc<Snapshot>, sites: &[Arc<Site>]) -> Result<Worker, String> {
    let cells = Arc::new(Cells::new(snapshot.table.operations().len()));
    let upstreams = Upstream::all(sites, &snapshot.config, &cells, &[])?;
    Ok(Worker { snapshot: snapshot.clone(), upstreams, cells })
}

/// Looks after secrets and limits at intervals, until its sender is dropped.
fn keeper(snapshot: &Arc<Snapshot>) -> Result<Keeper, String> {
    let (stop, stopped) = mpsc::channel();
    let snapshot = snapshot.clone();
    let keep = move || {
        while stopped.recv_timeout(snapshot.config.keys.interval) == Err(RecvTimeoutError::Timeout) {
            snapshot.policies.keep();
        }
    };
    let thread = std::thread::Builder::new().name("keeper".to_owned()).spawn(keep);
    let thread = thread.map_err(|error| format!("the thread keeper cannot be started: {error}"))?;
    Ok(Keeper { stop, thread })
}

fn exposition(
    snapshot: &Arc<Snapshot>,
    sites: Vec<Arc<Site>>,
    cells: Vec<Arc<Cells>>,
    ready: &Arc<AtomicBool>,
    log: Option<&Writer>,
) -> Exposition {
    let operations = snapshot.table.operations().iter().map(|operation| operation.row.name.clone()).collect();
    let lost = log.map(Writer::lost);
    let lines_lost =
        move || lost.as_ref().map_or(0, tracing_appender::non_blocking::ErrorCounter::dropped_lines);
    Exposition::new(Fleet {
        cells,
        operations,
        ready: ready.clone(),
        lines_lost: Box::new(lines_lost),
        snapshot: snapshot.clone(),
        sites,
    })
}

/// A thread with a runtime of its own: nothing on it ever waits for another worker.
fn thread<F, Serve>(
    name: &str,
    listener: StdListener,
    stopped: watch::Receiver<bool>,
    serve: Serve,
) -> Result<JoinHandle<()>, String>
where
    F: Future<Output = ()>,
    Serve: FnOnce(TcpListener, watch::Receiver<bool>) -> F + Send + 'static,
{
    let failed = |error: io::Error| format!("the thread {name} cannot be started: {error}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = {
        let _context = runtime.enter();
        TcpListener::from_std(listener).map_err(failed)?
    };
    let run = move || runtime.block_on(serve(listener, stopped));
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map_err(failed)
}

fn cannot_listen(setting: &str, address: SocketAddr, error: &io::Error) -> String {
    format!("{setting}: cannot listen on {address}: {error}: choose another address or end what holds it")
}

fn local(listener: &StdListener) -> Result<SocketAddr, String> {
    listener.local_addr().map_err(|error| format!("a listener has no address: {error}"))
}
