//! `mesigate status` and `GET /status` of the program as it runs: a healthy gateway, everything that can be wrong with one,
//! and every way to be shown it.

mod shown; // how it is shown: for people, for programs, again and again
mod wrong; // each thing that can be wrong: exit code, first line, and what to do

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::client::get;
use crate::support::program::{Serving, err, mesigate, out, run};

/// A gateway with these settings, in a folder of its own.
struct Scene {
    serving: Serving,
    folder: TempDir,
}

impl Scene {
    /// `FOLDER` in the settings is the scene's own.
    fn start(settings: &str, more: &[&str]) -> Self {
        Self::prepared(settings, more, |_| {})
    }

    /// The same, with files that are made before the gateway starts.
    fn prepared(settings: &str, more: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path());
        let file = folder.path().join("mesigate.toml");
        write(&file, settings);
        let file = file.display().to_string();
        let mut arguments =
            vec!["serve", "--config", &file, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        arguments.extend(more);
        let mut command = mesigate(&arguments);
        if !settings.contains("log.file") {
            command.env("MESIGATE__LOG__FILE", folder.path().join("log"));
        }
        command.env("MESIGATE__LISTEN__WORKERS", "1").env("MESIGATE__STOP__ANNOUNCE", "0s");
        Self { serving: Serving::of(&mut command), folder }
    }

    fn settings(&self) -> std::path::PathBuf {
        self.folder.path().join("mesigate.toml")
    }

    /// Writes other settings.
    fn write(&self, settings: &str) {
        write(&self.settings(), settings);
    }

    /// What a command to this gateway prints, and its exit code.
    fn tell(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let admin = self.serving.admin.to_string();
        let output = run(&[arguments, &["--admin", &admin]].concat());
        assert_eq!(err(&output), "", "{arguments:?}");
        (output.status.code(), out(&output))
    }

    /// The document of the second listener.
    async fn document(&self) -> Value {
        let answer = get(self.serving.admin, "/status").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        answer.json()
    }
}

fn write(file: &Path, settings: &str) {
    let folder = file.parent().expect("a folder").display().to_string();
    std::fs::write(file, settings.replace("FOLDER", &folder)).expect("a file");
}

/// The row of a label: its own line and those under it.
fn row<'s>(screen: &'s str, label: &str) -> Vec<&'s str> {
    let mut lines = screen.lines().skip_while(|line| !line.starts_with(label));
    let first = lines.next().unwrap_or_else(|| panic!("no row {label} in\n{screen}"));
    std::iter::once(first).chain(lines.take_while(|line| line.starts_with(' '))).collect()
}
