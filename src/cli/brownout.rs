//! `mesigate brownout`: planned pauses of the old door, shown and stopped in the gateway that runs on this host.

use clap::Args;

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
}

pub fn run(brownout: &BrownoutArgs) -> Done {
    let route = match (brownout.pause, brownout.resume) {
        (true, _) => &routes::PAUSE,
        (_, true) => &routes::RESUME,
        _ => &routes::BROWNOUTS,
    };
    let told = say(&brownout.admin, route, "")?;
    super::print(&told.text)?;
    Ok(told.code())
}
