//! `mesigate sandbox`: the sandbox upstream, by itself.

use std::net::TcpListener;
use std::process::ExitCode;

use super::signals::{Signal, Signals};
use super::{Done, SandboxArgs};
use crate::server::cannot_listen;

/// What a person reads who starts the sandbox.
pub const NOTICE: &str = "the sandbox is for trying and testing: it keeps its state in memory, and any token that begins with `sandbox` is an app";

pub fn run(sandbox: &SandboxArgs) -> Done {
    let listener = TcpListener::bind(sandbox.listen)
        .map_err(|error| cannot_listen("--listen", sandbox.listen, &error))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    eprintln!("mesigate sandbox: {NOTICE}");
    eprintln!("the JSON API is at http://{address}/backend/, its state at http://{address}/sandbox/");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut signals = Signals::new()?;
        crate::sandbox::Sandbox::new()
            .serve(listener, async move { while signals.next().await == Signal::HangUp {} })
            .await
    })?;
    Ok(ExitCode::SUCCESS)
}
