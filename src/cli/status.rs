//! `mesigate status`: how the gateway on this host is, on one screen.

mod screen;
mod words;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::tell::say;
use super::{AdminArgs, CommandFailure, Done};
use crate::admin::routes::STATUS;
use crate::status::Document;

#[derive(Args)]
#[command(after_help = "\
What is wrong comes first; under the line of what it is about stands what to do.

  mesigate status
  mesigate status --watch
  mesigate status --json | jq .last_minute

Requests are those of the last minute; what is counted since the start says so. In --json, which is GET /status of the
second listener, the names of numbers end with their unit: _s, _us, _days, _bytes; _unix_s are seconds since 1970.
Colours are for terminals, and for none where NO_COLOR is set. Ctrl-C ends --watch.

Exit code 0: all is well. 1: something is wrong; what, is said first. 2: no gateway answers, or not as one does.")]
pub(super) struct StatusArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// Show it again every 2 seconds: in its place on a terminal, else one behind the other
    #[arg(long)]
    watch: bool,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// The exit code where it is not known how the gateway is.
const UNKNOWN: u8 = 2;
/// How long a screen stays.
const PACE: Duration = Duration::from_secs(2);
/// Moves to the upper left corner and clears what is below (ECMA-48: CUP, ED).
const CLEAR: &str = "\x1b[H\x1b[J";

/// A screen, and the exit code that goes with it.
struct Look {
    text: String,
    code: ExitCode,
}

pub fn run(arguments: &StatusArgs) -> Done {
    if arguments.watch {
        return Ok(watch(arguments)?);
    }
    match look(arguments) {
        Ok(look) => {
            super::print(&look.text)?;
            Ok(look.code)
        }
        Err(CommandFailure(sentences)) => {
            for sentence in sentences {
                eprintln!("mesigate: {sentence}");
            }
            Ok(ExitCode::from(UNKNOWN))
        }
    }
}

/// Shows it again and again, until the reader of a pipe has gone. A gateway that does not answer may be back for the next
/// look.
fn watch(arguments: &StatusArgs) -> io::Result<ExitCode> {
    let is_screen = io::stdout().is_terminal() && !arguments.json;
    let mut is_first = true;
    loop {
        let look = look(arguments).unwrap_or_else(|CommandFailure(sentences)| Look {
            text: format!("{}\n", sentences.join("\n")),
            code: ExitCode::from(UNKNOWN),
        });
        // Not through the filter of colours, which would take this for one.
        let before = if is_screen { CLEAR } else { "\n" };
        let parts = if is_screen || !is_first && !arguments.json { before } else { "" };
        is_first = false;
        let shown = io::stdout().write_all(parts.as_bytes()).and_then(|()| {
            let mut out = anstream::stdout();
            out.write_all(look.text.as_bytes()).and_then(|()| out.flush())
        });
        match shown {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(look.code),
            shown => shown?,
        }
        #[allow(clippy::disallowed_methods)] // nothing else is to do here
        std::thread::sleep(PACE);
    }
}

/// Asks the gateway.
fn look(arguments: &StatusArgs) -> Result<Look, CommandFailure> {
    let reply = say(&arguments.admin, &STATUS, "")?;
    let other = || "what answers there is no gateway of this kind: it has no /status".to_owned();
    if reply.status != 200 {
        return Err(other().into());
    }
    let document: Document = serde_json::from_str(&reply.text).map_err(|_| other())?;
    let code = if document.well { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    let text = if arguments.json { reply.text } else { screen::text(&document) };
    Ok(Look { text, code })
}
