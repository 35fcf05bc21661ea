//! `mesigate metrics`: every family of `/metrics`, for people and for programs.

use std::process::ExitCode;

use clap::Args;

use super::Done;
use crate::admin::exposition::list;

#[derive(Args)]
pub struct MetricsArgs {
    /// As JSON, for programs
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// As Markdown: this makes docs/metrics.md
    #[arg(long)]
    markdown: bool,
}

pub fn run(metrics: &MetricsArgs) -> Done {
    let shown = if metrics.json {
        list::json()
    } else if metrics.markdown {
        list::markdown()
    } else {
        list::text()
    };
    super::print(&shown)?;
    Ok(ExitCode::SUCCESS)
}
