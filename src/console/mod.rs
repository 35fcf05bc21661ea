//! The console: pages on the second listener, and what they ask for. Everything that it shows comes from the rooms below;
//! whoever wants to see it logs in, and whoever changes something leaves a line in the log.

mod attempts;
mod brownouts;
mod changed;
mod clients;
pub mod counters;
mod counts;
mod explain;
mod history;
mod files;
mod filled;
mod guard;
mod login;
mod operations;
mod pasted;
pub mod routes;
mod said;
mod send;
mod sessions;
mod settings;
mod state;
mod traffic;
mod upstream;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::http::body::{self, Body, Most};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::shutdown::Shutdown;
use crate::sandbox::Sandbox;
use crate::snapshot::Snapshot;
use crate::status::Status;
use crate::telemetry::history::History;
use crate::telemetry::metrics::{RequestCounters, WorkerCounters};
use crate::telemetry::traffic::Traffic;
use counters::ConsoleCounters;
use login::Door;
use routes::{Action, Who};
pub use said::POLICY;
use said::{Refused, Why, done, json};
use sessions::{Role, Session};

/// The path below which all of it is.
pub const PATH: &str = "/console";
/// The longest body of a request, and what bodies of all connections may take together, in bytes.
pub const BODY: usize = 64 * 1024;
/// What bodies may take together: those of all the listener's connections.
pub const BODIES: usize = 16 * BODY;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands in a token's place.
const TOKEN: &str = "TOKEN";

/// What the console shows and does.
pub struct ConsoleSources {
    /// The snapshot in use.
    pub current: Arc<ArcSwap<Snapshot>>,
    /// How far the end of serving has come.
    pub stop: Arc<Shutdown>,
    /// The counters of each worker.
    pub counters: Vec<Arc<WorkerCounters>>,
    /// The counters of requests, by operation.
    pub request_counters: Arc<RequestCounters>,
    /// Where old clients are served.
    pub address: SocketAddr,
    /// The sandbox that is the gateway's upstream, if it is.
    pub sandbox: Option<Sandbox>,
    /// How the gateway is.
    pub status: Arc<Status>,
    /// What the last hours were like.
    pub history: Arc<History>,
    /// Requests as they come.
    pub traffic: Arc<Traffic>,
}

/// The console of a running gateway.
pub struct Console {
    sources: ConsoleSources,
    /// Who may come in; or why nobody may.
    door: Result<Door, String>,
    /// A sandbox of its own, for gateways with another upstream.
    sandbox: Sandbox,
    may_send_upstream: AtomicBool,
    counters: Arc<ConsoleCounters>,
}

impl Console {
    /// A console, and the login token that was made for it where the settings have none.
    ///
    /// # Errors
    /// A sentence, if the system has no randomness.
    pub fn new(sources: ConsoleSources) -> Result<(Self, Option<String>), String> {
        let snapshot = sources.current.load_full();
        let config = &snapshot.config;
        let counters = Arc::new(ConsoleCounters::default());
        let (door, made) = if let Err(why) = config.console.is_open(&config.admin) {
            (Err(why), None)
        } else {
            let (door, made) = Door::new(&snapshot.logins, counters.clone())?;
            (Ok(door), made)
        };
        let sandbox = sources.sandbox.clone().unwrap_or_default();
        let may_send_upstream = AtomicBool::new(false);
        Ok((Self { sources, door, sandbox, may_send_upstream, counters }, made))
    }

    /// What it counts.
    #[must_use]
    pub fn counters(&self) -> &ConsoleCounters {
        &self.counters
    }

    /// How many sessions have not ended.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.door.as_ref().map_or(0, |door| door.sessions.count(Instant::now()))
    }

    /// How many pages are shown calls as they come.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.sources.traffic.watchers()
    }

    /// Whether a path is the console's.
    #[must_use]
    pub fn is_for(path: &[u8]) -> bool {
        path.strip_prefix(PATH.as_bytes()).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }

    /// Answers a request below [`PATH`].
    pub async fn answer(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Reply {
        let routed = self.routed(asked, body).await;
        let mut reply = routed.unwrap_or_else(|refused| refused.reply());
        said::guard(&mut reply);
        reply
    }

    async fn routed(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Result<Reply, Refused> {
        let door = self.door.as_ref().map_err(|why| Refused::new(Why::Off, why.clone()))?;
        let route = routes::find(asked)?;
        let session = admitted(door, route.who, asked)?;
        let call = Call { console: self, peer: asked.peer.to_canonical(), query: asked.query, session };
        match route.action {
            Action::Home => Ok(home()),
            Action::File(file) => Ok(file.reply(asked)),
            Action::Watch => traffic::watch(&call),
            Action::Show(show) => Ok(json(&show(&call))),
            Action::Look(look) => look(&call).map(|value| json(&value)),
            Action::Enter => door.enter(asked, &read(asked, body).await?),
            Action::Leave => read(asked, body).await.map(|_| door.leave(asked)),
            Action::Ask(ask) => ask(&call, &read(asked, body).await?).map(|value| json(&value)),
            Action::Tell(tell) => tell(&call, &read(asked, body).await?).map(|()| done()),
            Action::Send => {
                Box::pin(send::send(&call, &read(asked, body).await?)).await.map(|value| json(&value))
            }
        }
    }

    fn current(&self) -> Arc<Snapshot> {
        self.sources.current.load_full()
    }

    fn may_send_upstream(&self) -> bool {
        self.may_send_upstream.load(Relaxed)
    }
}

/// Whether somebody may ask for this: from where, and as whom.
fn admitted(door: &Door, who: Who, asked: &Request<'_, '_>) -> Result<Option<Session>, Refused> {
    if asked.method == hyper::Method::POST {
        guard::of_page(asked)?;
    } else if who != Who::Anybody {
        guard::of_reader(asked)?;
    }
    let session = door.sessions.of(asked.header("cookie"), Instant::now());
    match (who, session) {
        (Who::Anybody, _) => Ok(session),
        (_, None) => Err(Refused::new(
            Why::Login,
            "nobody is logged in here: open the link that the gateway wrote when it started, or log in with the token \
             of console.view or console.operate",
        )),
        (Who::Operator, Some(session)) if session.role < Role::Operate => Err(Refused::new(
            Why::Role,
            "your token lets you look: what changes something takes the token of console.operate",
        )),
        (_, session) => Ok(session),
    }
}

/// A request of somebody who may make it.
pub struct Call<'c> {
    /// The console.
    console: &'c Console,
    /// Whence it comes.
    peer: IpAddr,
    /// Its query.
    query: &'c [u8],
    /// The asker's session; none at the door alone.
    session: Option<Session>,
}

impl Call<'_> {
    /// Counts what somebody does, and writes a line for it.
    fn audit(&self, action: &str, about: &str) {
        let (session, role) = self.session.map_or((0, ""), |session| (session.number, session.role.word()));
        self.console.counters.action();
        tracing::info!(peer = %self.peer, session, role, action, about, "console: an action");
    }

    /// The asker's role; the smaller one without a session.
    fn role(&self) -> Role {
        self.session.map_or(Role::View, |session| session.role)
    }

    /// The value of a parameter of the query.
    fn parameter(&self, name: &str) -> Option<String> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(self.query).ok()?;
        pairs.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// Leads from the path without its last slash, against which the pages' own paths would be read wrongly.
fn home() -> Reply {
    let mut reply = crate::http::reply::empty(308);
    reply.say("Location", "/console/");
    reply
}

/// Reads the body of a request that brings one.
async fn read(asked: &Request<'_, '_>, body: Body<'_>) -> Result<bytes::Bytes, Refused> {
    let most = Most { length: BODY, memory: BODIES, time: PATIENCE };
    let whole = body::read(asked.fields.coding, body, most).await;
    whole.map(|whole| whole.bytes).map_err(|_| {
        Refused::new(
            Why::Bad,
            "the body cannot be read: it is JSON of 64 KiB or less, not compressed, sent at once",
        )
    })
}

/// Reads JSON that a page sends.
fn parsed<'b, T: Deserialize<'b>>(body: &'b [u8], form: &'static str) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused::new(Why::Bad, format!("the body is {form}")))
}

/// Lets operators send to upstream, or lets nobody.
fn switch(call: &Call<'_>, body: &[u8]) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Asked {
        upstream: bool,
    }
    let Asked { upstream } = parsed(body, "{ \"upstream\": true or false }")?;
    call.audit("switch", if upstream { "sending to upstream is on" } else { "sending to upstream is off" });
    call.console.may_send_upstream.store(upstream, Relaxed);
    Ok(())
}

/// The languages in which code is written.
fn languages(_: &Call<'_>) -> Value {
    explain::languages()
}
