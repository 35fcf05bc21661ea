//! What is written where: lines of `tracing` for what happens now and then, and one line for each
//! request, which `tracing` would take too long for.

mod file;
mod line;
mod own;
mod writer;

use std::io::{IsTerminal as _, Write};
use std::time::Duration;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config;
use crate::http::reply::Reply;
use crate::telemetry::trail::Trail;
use file::NamedFile;
pub use line::{InForce, ShownHead};
use writer::{Sheet, Writer};

/// The log. What is still under way is written when it is dropped.
pub struct Log {
    writer: Writer,
    is_json: bool,
    level: Level,
}

/// Where one worker's requests leave their lines.
pub struct AccessLog {
    sheet: Sheet,
    is_json: bool,
}

/// Begins to write, once for the process.
///
/// # Errors
/// A sentence that names the setting, for a file that cannot be opened.
pub fn start(settings: &config::LogConfig) -> Result<Log, String> {
    let out: Box<dyn Write + Send> = match &settings.file {
        None => Box::new(std::io::stdout()),
        Some(path) => {
            let file = NamedFile::open(path.clone());
            Box::new(file.map_err(|error| format!("log.file: {}: {error}", path.display()))?)
        }
    };
    let writer =
        Writer::start(out).map_err(|error| format!("the log's thread cannot be started: {error}"))?;
    let sheet = writer.sheet();
    let layer = if settings.json { json(sheet) } else { text(sheet, settings.file.is_none()) };
    // Only our own lines: a library's could show a target or a header.
    let ours = Targets::new().with_target("mesigate", settings.level);
    // A second start in one process, as tests do it, keeps the first one's writer.
    let _ = tracing_subscriber::registry().with(layer.with_filter(ours)).try_init();
    Ok(Log { writer, is_json: settings.json, level: settings.level })
}

type Boxed = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

fn json(sheet: Sheet) -> Boxed {
    Box::new(
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(sheet),
    )
}

fn text(sheet: Sheet, standard_output: bool) -> Boxed {
    let colours = standard_output && std::io::stdout().is_terminal();
    Box::new(fmt::layer().with_ansi(colours).with_writer(sheet))
}

impl Log {
    /// One worker's; none where the level leaves such lines out.
    #[must_use]
    pub fn access(&self) -> Option<AccessLog> {
        (self.level >= Level::INFO).then(|| AccessLog { sheet: self.writer.sheet(), is_json: self.is_json })
    }

    /// Tells how many lines had no room.
    pub fn lost(&self) -> impl Fn() -> usize + use<> {
        self.writer.lost()
    }
}

impl AccessLog {
    /// Leaves the line of a request that is answered, unless the settings want none.
    pub fn add(
        &self,
        in_force: InForce<'_>,
        trail: &Trail,
        seen: &ShownHead<'_>,
        reply: &Reply,
        took: Duration,
    ) {
        if !in_force.config.log.access {
            return;
        }
        let line = |out: &mut Vec<u8>| line::write(out, self.is_json, in_force, (trail, seen), reply, took);
        if trail.upstream.is_some() || trail.cache.is_some() {
            self.sheet.add(line);
        } else {
            self.sheet.add_refused(line);
        }
    }
}
