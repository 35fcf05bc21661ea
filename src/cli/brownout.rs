//! `mesigate brownout`: planned pauses of the old door, shown, told beforehand, and stopped in the gateway that runs on
//! this host.

use clap::Args;

use super::forecast::{self, ForecastArgs};
use super::tell::say;
use super::{AdminArgs, Done};
use crate::admin::routes;

#[derive(Args)]
#[command(after_help = "\
Windows are written as [[brownout]] in the settings; a rehearsal refuses nobody. Without a flag they are shown,
with their state: upcoming, in force, paused or over.
--pause stops all real ones at once, the one in force too, and --resume lets them refuse again. Neither needs
a reload; a reload keeps it, and the next start of the gateway forgets it: for good, take the window out of
the settings. Each gateway is told by itself: with several of them, run it on every one.
--forecast says before a window comes whom it would meet, from the hours of the week at which each client has
called so far; nobody is refused for that. Callers whose tokens upstream has never taken are left out.
  mesigate brownout --forecast
  mesigate brownout --forecast --from 2027-03-01T10:00Z --for 2h --op message
Exit code 1: no gateway answers, or nothing was done.")]
pub(super) struct BrownoutArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// Stop all planned pauses at once
    #[arg(long, conflicts_with = "resume")]
    pause: bool,
    /// Let planned pauses happen again
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    forecast: ForecastArgs,
}

pub fn run(brownout: &BrownoutArgs) -> Done {
    if brownout.forecast.forecast {
        return forecast::run(&brownout.admin, &brownout.forecast);
    }
    let route = match (brownout.pause, brownout.resume) {
        (true, _) => &routes::PAUSE,
        (_, true) => &routes::RESUME,
        _ => &routes::BROWNOUTS,
    };
    let told = say(&brownout.admin, route, "")?;
    super::print(&told.text)?;
    Ok(told.code())
}
