//! The program under valgrind.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::scenario::Settings;
use crate::upstream::Upstream;

/// As shipped, with ports of its own and a shutdown without a wait. Work on a timer is off, since its count would
/// depend on how long a run takes.
const SETTINGS: &str = "
listen.address = '127.0.0.1:0'
listen.workers = 1
admin.address = '127.0.0.1:0'
stop = { announce = '0s', linger = '0s' }
reload.interval = '0s'
keys.interval = '1h'
upstream.age = '1h'
";

/// A serving program whose instructions are counted.
pub struct Counted {
    child: Child,
    counts: PathBuf,
    _folder: TempDir,
    pub address: SocketAddr,
}

impl Counted {
    pub fn start(program: &Path, upstream: &Upstream, settings: &Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let counts = folder.path().join("counts");
        let file = folder.path().join("mesigate.toml");
        let log = folder.path().join("log");
        let own = format!(
            "upstream.url = 'http://{}/backend/'\nlog.file = '{}'\n",
            upstream.address,
            log.display()
        );
        let (text, tables) = match settings {
            Settings::Text(text) => (*text, String::new()),
            Settings::Many(many) => ("", many.settings(folder.path())),
        };
        fs::write(&file, format!("{own}{text}\n{SETTINGS}\n{tables}")).expect("a settings file");
        let mut child = under_valgrind(program, &counts, &file).spawn().unwrap_or_else(|error| {
            panic!("valgrind cannot be run ({error}): install it, such as by apt-get install valgrind")
        });
        let address = address(&mut child);
        Self { child, counts, _folder: folder, address }
    }

    /// Ends the program and returns how many instructions all its threads took together.
    pub fn end(mut self) -> u64 {
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("a program that runs");
        let status = self.child.wait().expect("an end");
        assert!(status.success(), "the program ended with {status}");
        let counts = fs::read_to_string(&self.counts).expect("valgrind's file");
        assert!(
            counts.contains(BEGIN),
            "{BEGIN} is no function of its own any more: count from behind another"
        );
        let total = counts.lines().find_map(|line| line.strip_prefix("totals:"));
        total.and_then(|total| total.trim().parse().ok()).expect("a total in valgrind's file")
    }
}

/// A run that fails must not leave the program behind.
impl Drop for Counted {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Counting begins here: while the program reads its settings it measures the speed of the processor's clock, which
/// takes a varying number of instructions.
const BEGIN: &str = "mesigate::snapshot::housekeeping::Housekeeping::start";

fn under_valgrind(program: &Path, counts: &Path, settings: &Path) -> Command {
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--zero-before={BEGIN}"))
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(program)
        .args(["serve", "--config"])
        .arg(settings)
        // Without settings from this environment.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stderr(Stdio::piped());
    command
}

/// The address where the program says it serves; the rest of its output is dropped.
fn address(child: &mut Child) -> SocketAddr {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut said = String::new();
    let address = lines.by_ref().find_map(|line| {
        said.push_str(&line);
        line.split("clients at http://").nth(1)?.split('/').next()?.parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    address.unwrap_or_else(|| panic!("the program does not serve: {said}"))
}
