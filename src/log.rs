//! What is written where. The queue to the writer is bounded: when nobody takes the lines, they are
//! counted and lost, and requests go on.

use std::fs::OpenOptions;
use std::time::Duration;

use hyper::body::Body;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::Log;
use crate::http::reply::Reply;
use crate::snapshot::Snapshot;
use crate::trail::Trail;

/// How many lines may wait for the writer.
const QUEUE: usize = 16_384;

/// Keeps the writer alive; what still waits is written when it is dropped.
pub struct Writer {
    _guard: WorkerGuard,
    lost: ErrorCounter,
}

impl Writer {
    /// How many lines had no room.
    #[must_use]
    pub fn lost(&self) -> ErrorCounter {
        self.lost.clone()
    }
}

/// Begins to write, once for the process.
///
/// # Errors
/// A sentence that names the setting, for a file that cannot be opened.
pub fn start(settings: &Log) -> Result<Writer, String> {
    let (writer, guard) = match &settings.file {
        None => queue().finish(std::io::stdout()),
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            queue().finish(file.map_err(|error| format!("log.file: {}: {error}", path.display()))?)
        }
    };
    let lost = writer.error_counter();
    let layer = if settings.json { json(writer) } else { text(writer, settings.file.is_none()) };
    // Only our own lines: a library's could show a target or a header.
    let ours = Targets::new().with_target("mesigate", settings.level);
    // A second start in one process, as tests do it, keeps the first one's writer.
    let _ = tracing_subscriber::registry().with(layer.with_filter(ours)).try_init();
    Ok(Writer { _guard: guard, lost })
}

fn queue() -> NonBlockingBuilder {
    NonBlockingBuilder::default().buffered_lines_limit(QUEUE).lossy(true).thread_name("log")
}

type Boxed = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

fn json(writer: NonBlocking) -> Boxed {
    Box::new(
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(writer),
    )
}

fn text(writer: NonBlocking, standard_output: bool) -> Boxed {
    use std::io::IsTerminal as _;
    let colours = standard_output && std::io::stdout().is_terminal();
    Box::new(fmt::layer().with_ansi(colours).with_writer(writer))
}

/// The one line that each request has. It is built from what the gateway knows of the request, never
/// from the request's own text.
pub fn access(snapshot: &Snapshot, trail: &Trail, reply: &Reply, took: Duration) {
    if !snapshot.config.log.access {
        return;
    }
    let operations = snapshot.table.operations();
    let op = trail.operation.map_or("-", |number| operations[number].row.name.as_str());
    tracing::info!(
        target: "mesigate::access",
        door = trail.door.text(),
        op,
        outcome = trail.label.text(),
        upstream = trail.outcome.text(),
        status = reply.status().as_u16(),
        bytes_in = trail.bytes_in,
        bytes_out = reply.body().size_hint().lower(),
        dropped = trail.dropped,
        upstream_us = trail.upstream.map(micros),
        took_us = micros(took),
        client = %trail.client,
        app = trail.app.as_ref().map(|app| app.name.as_str()),
        cache = trail.cache.map(|(state, _)| state.text()),
        "request"
    );
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}
