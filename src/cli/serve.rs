//! `mesigate serve`: load, start, wait for a signal, stop.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use super::signals::Signals;
use super::{Done, Failure, Serve, load, sandbox};
use crate::log;
use crate::sandbox::Sandbox;
use crate::server::Server;

pub fn run(serve: Serve) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before anything is served: a signal at any moment must find somebody who hears it.
        let mut signals = Signals::new()?;
        let upstream = if serve.sandbox { Some(start_sandbox().await?) } else { serve.upstream };
        let layers = load::layers(serve.config.config.as_deref())?
            .flag("--listen", &["listen", "address"], serve.listen)
            .flag("--admin", &["admin", "address"], serve.admin)
            .flag(if serve.sandbox { "--sandbox" } else { "--upstream" }, &["upstream", "url"], upstream)
            .flag("--workers", &["listen", "workers"], serve.workers);
        let snapshot = load::snapshot(&layers)?;
        let upstream = snapshot.config.upstream.all.url.to_string();
        let writer = log::start(&snapshot.config.log)?;
        let server = Server::start(snapshot, Some(&writer))?;
        greet(&server, &upstream, serve.sandbox);
        signals.next().await;
        tracing::info!("ending: no new connections, and what is under way may finish");
        let stopped = tokio::task::spawn_blocking(|| server.stop());
        tokio::select! {
            _ = stopped => {
                tracing::info!("ended");
                Ok(ExitCode::SUCCESS)
            }
            () = signals.next() => Err(Failure::from("ended at once by a second signal".to_owned())),
        }
    })
}

/// Says where everything is: to the log, and to a person who tries the sandbox.
fn greet(server: &Server, upstream: &str, with_sandbox: bool) {
    let (address, admin) = (server.address(), server.admin_address());
    tracing::info!(%address, %admin, upstream, version = env!("CARGO_PKG_VERSION"), "serving");
    eprintln!(
        "mesigate serves old clients at http://{address}/api.php (probes and metrics: http://{admin}/)"
    );
    eprintln!("what they ask goes as JSON to {upstream}");
    if with_sandbox {
        eprintln!("{}; try:", sandbox::NOTICE);
        eprintln!(
            "  curl 'http://{address}/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app'"
        );
    }
}

/// Starts a sandbox on a port of its own and gives its endpoint.
async fn start_sandbox() -> io::Result<String> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let endpoint = format!("http://{}/backend/", listener.local_addr()?);
    tokio::spawn(async move {
        if let Err(error) = Sandbox::new().serve(listener, std::future::pending()).await {
            tracing::error!(%error, "the sandbox ended");
        }
    });
    Ok(endpoint)
}
