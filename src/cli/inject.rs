//! `mesigate inject`: manifests in, manifests out, with the sidecar in their pods.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{CommandFailure, Done};
use crate::inject::{self, ObjectName, Options, Setting, Source, Version};

#[derive(Args)]
#[command(after_help = "\
Put the sidecar into what a cluster runs, and point the container `app` at it:
  kubectl get deployment web -o yaml | mesigate inject --all \\
    --set app.env.MESIBO_API=http://127.0.0.1:18080 | kubectl apply -f -

Into files, looking first:
  mesigate inject --dry-run web.yaml jobs.yaml
  mesigate inject web.yaml jobs.yaml | kubectl apply -f -

With settings of its own and a Secret, from a registry of yours:
  mesigate inject --image registry.example.com/mesigate:0.1.0 --config-map mesigate --secret mesibo-token web.yaml

Into what a chart makes: Helm 3, then Helm 4 with the plugin in deploy/helm-plugin:
  helm upgrade web ./web --post-renderer mesigate --post-renderer-args inject
  helm upgrade web ./web --post-renderer mesigate-inject

Out again:
  kubectl get deployment web -o yaml | mesigate inject --uninject | kubectl apply -f -

Pods ask for it with the label or annotation mesigate.io/sidecar: \"true\" (or mesigate.io/inject), on the pod
template or on the object around it; \"false\" keeps it out, also with --all. Kinds: Pod, Deployment, StatefulSet,
DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate, Argo's Rollout, and lists of them, as YAML
or JSON. All else passes through byte for byte. A second run changes nothing; after an upgrade it brings the new
container. What earlier flags have set goes unless they are given again. docs/sidecar.md has all of it.
Exit code 1: nothing was written, and each reason is a line on standard error.")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct InjectArgs {
    /// Manifests; `-`, or none, for standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take the sidecar out, and all that came with it
    #[arg(long, conflicts_with_all = ["all", "classic", "image", "config_map", "secrets", "settings", "kubernetes"])]
    uninject: bool,
    /// Every pod gets it, asked for or not
    #[arg(long)]
    all: bool,
    /// Show what would change, as a diff, in place of the manifests
    #[arg(long)]
    dry_run: bool,
    /// Let manifests pass through of which none asks for it; else that is a fault
    #[arg(long, short)]
    quiet: bool,
    /// The sidecar's image [default: `mesigate:VERSION`, which a registry of yours has to have]
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// A `ConfigMap` with its settings, in the key mesigate.toml
    #[arg(long, value_name = "NAME")]
    config_map: Option<ObjectName>,
    /// A Secret for it, as files in /run/secrets/mesigate/NAME; may be given several times
    #[arg(long = "secret", value_name = "NAME")]
    secrets: Vec<ObjectName>,
    /// A variable of a container: `app.env.NAME=VALUE`, `*.env.NAME=VALUE` for all of the app's, `mesigate.env.…` for the sidecar's own
    #[arg(long = "set", value_name = "SETTING")]
    settings: Vec<Setting>,
    /// An ordinary container, for clusters before 1.29 and pods that do not end
    #[arg(long)]
    classic: bool,
    /// The cluster's version, to be told what it cannot run
    #[arg(long, value_name = "VERSION")]
    kubernetes: Option<Version>,
}

pub(super) fn run(arguments: InjectArgs) -> Done {
    let sources = read(&arguments.files)?;
    let dry_run = arguments.dry_run;
    let texts = inject::rewrite(&sources, &options(arguments))?;
    let pairs = sources.iter().zip(&texts);
    if dry_run {
        let diffs = pairs.map(|(source, text)| inject::diff::unified(&source.name, &source.text, text));
        super::print(&diffs.collect::<String>())?;
    } else {
        super::print(&joined(&texts))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn options(arguments: InjectArgs) -> Options {
    Options {
        uninject: arguments.uninject,
        all: arguments.all,
        quiet: arguments.quiet,
        classic: arguments.classic,
        kubernetes: arguments.kubernetes,
        image: arguments.image,
        config_map: arguments.config_map,
        secrets: arguments.secrets,
        settings: arguments.settings,
    }
}

fn read(files: &[PathBuf]) -> Result<Vec<Source>, CommandFailure> {
    let all = if files.is_empty() { vec![PathBuf::from("-")] } else { files.to_vec() };
    let (sources, faults): (Vec<_>, Vec<_>) = all.iter().map(|file| source(file)).partition(Result::is_ok);
    if faults.is_empty() {
        Ok(sources.into_iter().filter_map(Result::ok).collect())
    } else {
        Err(faults.into_iter().filter_map(Result::err).collect::<Vec<String>>().into())
    }
}

fn source(file: &Path) -> Result<Source, String> {
    let is_input = file == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let bytes = if is_input { input() } else { std::fs::read(file).map_err(|error| error.to_string()) };
    let bytes = bytes.map_err(|why| format!("{name}: {why}"))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("{name}: is no UTF-8 from byte {} on: save it as UTF-8", at + 1)
    })?;
    Ok(Source { name, text })
}

fn input() -> Result<Vec<u8>, String> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        return Err("is a terminal: name files, or pipe manifests in (mesigate inject --help has examples)"
            .to_owned());
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The texts of several files as one stream: a line `---` stands between them where none has it.
fn joined(texts: &[String]) -> String {
    let mut all = String::new();
    for text in texts {
        if !all.is_empty() {
            if !all.ends_with('\n') {
                all.push('\n');
            }
            if !text.trim_start_matches('\u{feff}').starts_with("---") {
                all.push_str("---\n");
            }
        }
        all.push_str(if all.is_empty() { text } else { text.trim_start_matches('\u{feff}') });
    }
    all
}
