//! `mesigate serve`: load, start, obey signals, stop.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use super::load::{self, Settings};
use super::signals::{Signal, Signals};
use super::{CommandFailure, Done, ServeArgs, sandbox};
use crate::sandbox::Sandbox;
use crate::server::Server;
use crate::telemetry::{log, supervisor};

pub fn run(serve: ServeArgs) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        // Signals are received before anything is served, so that none is missed.
        let mut signals = Signals::new()?;
        let (upstream, sandbox) = if serve.sandbox {
            let (endpoint, sandbox) = start_sandbox().await?;
            (Some(endpoint), Some(sandbox))
        } else {
            (serve.upstream, None)
        };
        let settings = Settings::of(&serve.config).with(vec![
            ("--listen", &["listen", "address"], serve.listen),
            ("--admin", &["admin", "address"], serve.admin),
            (if serve.sandbox { "--sandbox" } else { "--upstream" }, &["upstream", "url"], upstream),
            ("--workers", &["listen", "workers"], serve.workers),
        ]);
        let snapshot = settings.snapshot()?;
        let upstream = snapshot.config.upstream.all.url.to_string();
        let is_secured = snapshot.config.tls.is_some();
        let unheeded = load::proxies().unheeded(&snapshot.config);
        let log = log::start(&snapshot.config.log, load::journal().as_ref())?;
        for sentence in unheeded {
            tracing::warn!("{sentence}");
        }
        let mut server = Server::start_beside(snapshot, settings.source(), Some(&log), sandbox)?;
        greet(&mut server, is_secured, &upstream, serve.sandbox);
        supervisor::ready(&format!("serving old clients on {}, upstream {upstream}", server.address()));
        watch(&server);
        let ending = until_told_to_end(&mut signals, &server).await;
        tracing::info!("ending: what is under way may finish");
        let announced = ending == Signal::Terminate;
        supervisor::stopping("ending: what is under way may finish", server.longest_end(announced) + GRACE);
        let stopped = tokio::task::spawn_blocking(move || server.stop(announced));
        tokio::select! {
            _ = stopped => {
                tracing::info!("ended");
                Ok(ExitCode::SUCCESS)
            }
            () = second(&mut signals) => Err(CommandFailure::from("ended at once by a second signal".to_owned())),
        }
    });
    // After a second signal, the end that the first one began is not waited for.
    runtime.shutdown_background();
    done
}

/// What the process may need to end once all threads have ended.
const GRACE: Duration = Duration::from_secs(5);

/// Tells a service manager that watches that all threads live, twice as often as it must hear it, until the process ends.
fn watch(server: &Server) {
    let Some(every) = supervisor::watchdog() else {
        return;
    };
    let pulse = server.pulse();
    tokio::spawn(async move {
        loop {
            if pulse.is_there(every / 2).await {
                supervisor::alive();
            }
            tokio::time::sleep(every / 2).await;
        }
    });
}

/// Reloads on SIGHUP, until a signal asks for the end.
async fn until_told_to_end(signals: &mut Signals, server: &Server) -> Signal {
    loop {
        match signals.next().await {
            Signal::HangUp => {
                let reloader = server.reloader();
                // A reload reads files, and this thread must stay free for signals.
                let _ = tokio::task::spawn_blocking(move || reloader.reload_all()).await;
            }
            ending => return ending,
        }
    }
}

/// Waits for the second signal that asks for the end.
async fn second(signals: &mut Signals) {
    while signals.next().await == Signal::HangUp {}
}

/// Writes where the gateway serves: to the log, and for a person to standard error.
fn greet(server: &mut Server, is_secured: bool, upstream: &str, with_sandbox: bool) {
    let (address, admin) = (server.address(), server.admin_address());
    // The certificate is for a name, and the URL has an address, so curl must not verify it.
    let (scheme, curl) = if is_secured { ("https", "curl -k") } else { ("http", "curl") };
    tracing::info!(%address, %admin, upstream, version = env!("CARGO_PKG_VERSION"), "serving");
    eprintln!(
        "mesigate serves old clients at {scheme}://{address}/api.php (probes and metrics: http://{admin}/)"
    );
    eprintln!("what they ask goes as JSON to {upstream}");
    if with_sandbox {
        eprintln!("{}; try:", sandbox::NOTICE);
        eprintln!(
            "  {curl} '{scheme}://{address}/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app'"
        );
    }
    tell_of_console(server);
}

/// Says where the console is. A link that logs in goes to a person alone: what a service manager gathers is read by others
/// too, and kept.
fn tell_of_console(server: &mut Server) {
    let link = server.login_link();
    match (server.console(), link, load::journal()) {
        (Err(why), ..) => tracing::debug!("{why}"),
        (Ok(_), Some(link), None) => {
            eprintln!("the console, with a login that ends with the gateway: {link}");
        }
        (Ok(address), Some(_), Some(_)) => {
            eprintln!(
                "the console is at {address}; console.operate = {{ file = \"…\" }} names the token that logs in"
            );
        }
        (Ok(address), None, _) => eprintln!("the console is at {address}"),
    }
}

/// Starts a sandbox on a port of its own and gives its endpoint, and the sandbox itself.
async fn start_sandbox() -> io::Result<(String, Sandbox)> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let endpoint = format!("http://{}/backend/", listener.local_addr()?);
    let sandbox = Sandbox::new();
    let served = sandbox.clone();
    tokio::spawn(async move {
        if let Err(error) = served.serve(listener, std::future::pending()).await {
            tracing::error!(%error, "the sandbox ended");
        }
    });
    Ok((endpoint, sandbox))
}
