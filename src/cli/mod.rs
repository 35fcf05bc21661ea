//! The commands, each a script of a few steps; the rooms below do the work.

mod brownout;
mod check;
mod decide;
mod explain;
mod forecast;
mod form;
mod inject;
mod key;
mod ledger;
mod load;
mod manual;
mod metrics;
mod ops;
mod proxies;
mod report;
mod same;
mod sandbox;
mod scan;
mod serve;
mod signals;
mod status;
mod tell;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Profile;
use crate::telemetry::log::journal::{self, Stream};

/// What was typed.
#[derive(Parser)]
#[command(name = "mesigate", version, about, after_help = EXAMPLES, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Try it, with nothing but this program:
  mesigate serve --sandbox
  curl 'http://127.0.0.1:8080/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app'

See what an old request becomes, without sending it:
  mesigate explain 'op=groupadd&token=T&name=Team&flag=0x20'

Every setting, with its default and a comment, is in config/mesigate.toml.";

#[derive(Subcommand)]
enum Command {
    /// Serve old clients: take legacy requests, pass them on as JSON
    Serve(ServeArgs),
    /// Serve a JSON API to try things with, in memory, in place of mesibo's
    Sandbox(SandboxArgs),
    /// Ask the gateway on this host whether it runs, or with --ready whether it takes new clients
    Health(HealthArgs),
    /// Show how the gateway on this host is, on one screen, and say what is wrong and what to do
    Status(status::StatusArgs),
    /// Tell the gateway on this host that its end is near: not ready any more, every answer ends its connection
    Drain(DrainArgs),
    /// Show who calls by the old door, how far each has come, and the code that replaces its calls
    Report(report::ReportArgs),
    /// Say that a client needs the old door no more
    Done(decide::DoneArgs),
    /// Close the old door for a client, or open it again
    Retire(decide::RetireArgs),
    /// Have the gateway on this host read its settings again
    Reload(ReloadArgs),
    /// Show the apps on this host that are held back because mesibo has disabled their token
    Breaches(BreachesArgs),
    /// Show the planned pauses of the old door on this host, tell whom they would meet, or stop them at once
    Brownout(brownout::BrownoutArgs),
    /// Read all settings and the operations table as `serve` would, and list every fault
    Check(CheckArgs),
    /// Make a key for a client, and the line of settings that knows it by its digest
    Key(key::KeyArgs),
    /// Put the sidecar into Kubernetes manifests, or take it out of them
    Inject(inject::InjectArgs),
    /// Show the operations: their parameters, units, and where each goes in the JSON
    Ops(ops::OpsArgs),
    /// Show the metrics of a gateway: their units, labels and values
    Metrics(metrics::MetricsArgs),
    /// Show what an old request becomes in JSON, field by field, without sending anything
    Explain(explain::ExplainArgs),
    /// Say whether a JSON call means what an old call means; else where they differ
    Same(same::SameArgs),
    /// Find old calls in source files, show what takes their place, and replace what is sure
    Scan(scan::ScanArgs),
    /// Print what a shell needs to complete the commands
    Completions(manual::CompletionsArgs),
    /// Write the manual pages of all commands and of the settings into a folder
    Manual(manual::ManualArgs),
}

#[derive(Args)]
struct ConfigArgs {
    /// A settings file; it needs only what differs from the defaults
    #[arg(long, value_name = "FILE", env = "MESIGATE_CONFIG")]
    config: Option<PathBuf>,
    /// Settings for where the gateway runs, under those of the file: `sidecar` (beside one app in a pod), `central`
    /// (reached over a network) or `none`
    #[arg(
        long,
        value_name = "PROFILE",
        env = "MESIGATE_PROFILE",
        default_value = "none",
        hide_default_value = true
    )]
    profile: Profile,
}

#[derive(Args)]
#[command(after_help = "\
Settings come from the defaults, then the profile, then the file, then MESIGATE__SECTION__KEY in the environment, then
these flags. SIGHUP, and a change of the file, has them read again. SIGTERM ends the gateway: it announces
the end (stop.announce), waits for last requests (stop.linger) and finishes what is under way
(deadline.drain); a second one ends it at once.")]
struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Run a sandbox in the same process and use it as upstream: no account, nothing leaves this host
    #[arg(long, conflicts_with = "upstream")]
    sandbox: bool,
    /// Where old clients are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where /livez, /readyz, /startupz and /metrics are served [default: 127.0.0.1:18090]
    #[arg(long, value_name = "ADDR")]
    admin: Option<String>,
    /// The whole JSON endpoint [default: `https://api.mesibo.com/backend/`]
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Worker threads [default: one for each core]
    #[arg(long, value_name = "N")]
    workers: Option<String>,
}

#[derive(Args)]
struct SandboxArgs {
    /// Where the sandbox is served
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
}

#[derive(Args)]
struct AdminArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Where its second listener is [default: what the settings say]
    #[arg(long, value_name = "ADDR")]
    admin: Option<String>,
}

#[derive(Args)]
#[command(after_help = "\
Exit code 0: yes. 1: no, or no gateway answers. For probes where there is no curl: exec probes of Kubernetes,
HEALTHCHECK of a Dockerfile, `kubectl exec`. A fault of the settings file does not count.")]
struct HealthArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// Whether it takes new clients: no longer once its end is announced
    #[arg(long)]
    ready: bool,
}

#[derive(Args)]
#[command(after_help = "\
A preStop hook for Kubernetes: by the time it returns, whoever spreads the load has seen that the gateway
is not ready, and SIGTERM then finds it nearly empty. It goes on serving until that SIGTERM.")]
struct DrainArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// How long to wait before returning: what it takes until nobody sends new clients here
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = humantime::parse_duration)]
    wait: std::time::Duration,
}

#[derive(Args)]
#[command(after_help = "\
Exit code 0: the settings are in use, changed or not. 1: nothing was changed; the reasons are listed.
SIGHUP does the same, and so does a change of the files (reload.interval).")]
struct ReloadArgs {
    #[command(flatten)]
    admin: AdminArgs,
}

#[derive(Args)]
#[command(after_help = "\
mesibo answers TOKENBREACH once it has disabled a token: it leaked, or was used from more than five
addresses. Its requests are then refused here until breach.cool_down has passed, the app has a new token,
or --clear.")]
struct BreachesArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// Pass requests on again: of all, or of the app of this name
    #[arg(long, value_name = "APP", num_args = 0..=1, default_missing_value = "")]
    clear: Option<String>,
}

#[derive(Args)]
#[command(after_help = "\
Exit code 0: all is well, but for what a warning says. 1: there are faults; each is listed with its place.
--connect looks up each upstream's name, connects, shakes hands and sends one request without an operation
and a token, for which no API does anything; it waits no longer than the deadlines of the settings.")]
struct CheckArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Also try each upstream: its name, TCP, TLS, and a request that does nothing
    #[arg(long)]
    connect: bool,
    /// Also show the settings in force, and where each was written
    #[arg(long)]
    show: bool,
}

/// Runs the command that was typed.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    hide_panics();
    let done = match arguments.command {
        Command::Serve(serve) => serve::run(serve),
        Command::Sandbox(sandbox) => sandbox::run(&sandbox),
        Command::Health(health) => tell::health(&health),
        Command::Status(status) => status::run(&status),
        Command::Drain(drain) => tell::drain(&drain),
        Command::Report(report) => report::run(&report),
        Command::Done(done) => decide::done(&done),
        Command::Retire(retire) => decide::retire(&retire),
        Command::Reload(reload) => tell::reload(&reload),
        Command::Breaches(breaches) => tell::breaches(&breaches),
        Command::Brownout(brownout) => brownout::run(&brownout),
        Command::Check(check) => check::run(&check),
        Command::Key(key) => key::run(&key),
        Command::Inject(inject) => inject::run(inject),
        Command::Ops(ops) => ops::run(&ops),
        Command::Metrics(metrics) => metrics::run(&metrics),
        Command::Explain(explain) => explain::run(&explain),
        Command::Same(calls) => same::run(&calls),
        Command::Scan(scan) => Ok(scan::run(&scan)),
        Command::Completions(completions) => manual::completions(&completions),
        Command::Manual(manual) => manual::pages(&manual),
    };
    match done {
        Ok(code) => code,
        Err(CommandFailure(sentences)) => {
            let is_journal = load::journal().is_some_and(|it| it.takes(Stream::Error));
            let priority = if is_journal { journal::ERROR } else { "" };
            for sentence in sentences {
                eprintln!("{priority}mesigate: {sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Prints to standard output. A reader that has gone, as `head` has when it has seen enough, is no fault.
fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Shows a panic's place alone: its message may hold text of a request, as those of slices do.
fn hide_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("mesigate: a panic at {place}; its message is not shown, for it may hold a request's text");
        tracing::error!(place, "a panic; its message is not shown, for it may hold a request's text");
    }));
}

/// Why a command could not do its work: a sentence for each reason.
struct CommandFailure(Vec<String>);

impl From<String> for CommandFailure {
    fn from(sentence: String) -> Self {
        Self(vec![sentence])
    }
}

impl From<Vec<String>> for CommandFailure {
    fn from(sentences: Vec<String>) -> Self {
        Self(sentences)
    }
}

impl From<io::Error> for CommandFailure {
    fn from(error: io::Error) -> Self {
        Self(vec![error.to_string()])
    }
}

type Done = Result<ExitCode, CommandFailure>;
