//! The log: `tracing` for rare events, and a writer of its own for the one line of each request, for which `tracing`
//! would take too long.

mod file;
pub mod journal;
mod line;
pub mod live;
mod own;
mod writer;

use std::io::{IsTerminal as _, Write};
use std::time::Duration;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config;
use crate::http::reply::Reply;
use crate::ledger::facts::Ending;
use crate::telemetry::trace::chance::Chance;
use crate::telemetry::trail::Trail;
use file::NamedFile;
use journal::{Journal, Ranked, Stream};
pub use line::{InForce, ShownHead};
pub use own::path as shown_path;
pub use writer::Losses;
use writer::{Sheet, Writer};

/// The log. Its drop writes all lines that are still buffered.
pub struct Log {
    writer: Writer,
    is_json: bool,
    level: Level,
}

/// Takes the lines of one worker's requests.
pub struct AccessLog {
    sheet: Sheet,
    is_json: bool,
    /// Decides which lines of a sampled log are written.
    chance: Chance,
}

/// Starts the log, once for the process. Lines that go to the `journal` have their priorities.
///
/// # Errors
/// A sentence that names the setting, for a file that cannot be opened.
pub fn start(settings: &config::LogConfig, journal: Option<&Journal>) -> Result<Log, String> {
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
    let layer = if settings.file.is_none() && journal.is_some_and(|it| it.takes(Stream::Output)) {
        if settings.json { json(Ranked(sheet)) } else { text(Ranked(sheet), false) }
    } else if settings.json {
        json(sheet)
    } else {
        text(sheet, settings.file.is_none() && std::io::stdout().is_terminal())
    };
    // Only the gateway's own lines: a library's could show a target or a header.
    let ours = Targets::new().with_target("mesigate", settings.level);
    // A second start in one process, as in tests, keeps the first writer.
    let _ = tracing_subscriber::registry().with(layer.with_filter(ours)).try_init();
    Ok(Log { writer, is_json: settings.json, level: settings.level })
}

type Boxed = Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>;

fn json<W>(lines: W) -> Boxed
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    Box::new(
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(lines),
    )
}

fn text<W>(lines: W, colours: bool) -> Boxed
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    Box::new(fmt::layer().with_ansi(colours).with_writer(lines))
}

impl Log {
    /// The access log of one worker; `None` if the level excludes its lines.
    #[must_use]
    pub fn access(&self) -> Option<AccessLog> {
        (self.level >= Level::INFO).then(|| AccessLog {
            sheet: self.writer.sheet(),
            is_json: self.is_json,
            chance: Chance::default(),
        })
    }

    /// Returns a function that says which lines were lost for lack of room.
    pub fn losses(&self) -> impl Fn() -> Losses + use<> {
        self.writer.losses()
    }
}

impl AccessLog {
    /// Whether the line of a request is not among the share that is written. What did not end well always is.
    #[allow(clippy::cast_precision_loss)] // no more bits than a fraction has
    fn leaves_out(&self, share: f64, trail: &Trail) -> bool {
        const ALL: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
        let drawn = self.chance.next() >> (u64::BITS - f64::MANTISSA_DIGITS);
        trail.ending() == Ending::Ok && drawn as f64 >= share * ALL
    }

    /// Adds the line of an answered request, unless the settings switch it off.
    pub fn add(
        &self,
        in_force: InForce<'_>,
        trail: &Trail,
        seen: &ShownHead<'_>,
        reply: &Reply,
        took: Duration,
    ) {
        let settings = &in_force.config.log;
        if !settings.access || settings.sample < 1.0 && self.leaves_out(settings.sample, trail) {
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
