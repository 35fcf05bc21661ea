//! The program itself, as a process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

/// The program, with no variables of this environment.
pub fn mesigate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mesigate"));
    command.args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

pub fn run(arguments: &[&str]) -> Output {
    mesigate(arguments).output().expect("the program runs")
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// Sends a signal without an external program, which some systems lack.
pub fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a process that runs");
}

/// A serving program; it is killed if the test fails before it ends.
pub struct Serving {
    pub child: Child,
    pub address: SocketAddr,
    pub admin: SocketAddr,
}

impl Serving {
    /// A program in front of its own sandbox, with a log.
    pub fn start(more: &[&str], log: &Path) -> Self {
        let mut arguments = vec!["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        arguments.extend(more);
        let mut command = mesigate(&arguments);
        command.env("MESIGATE__LOG__FILE", log).env("MESIGATE__LOG__LEVEL", "trace");
        Self::of(command.env("MESIGATE__STOP__ANNOUNCE", "0s"))
    }

    /// A program with a settings file.
    pub fn with(settings: &Path) -> Self {
        let settings = settings.display().to_string();
        Self::of(&mut mesigate(&["serve", "--config", &settings]))
    }

    pub fn of(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let first = lines.next().expect("a first line").expect("text");
        // Reads on, so that the program can always write.
        std::thread::spawn(move || lines.for_each(drop));
        let address = |text: &str| {
            let rest = first.split(text).nth(1).expect("an address");
            rest.split(['/', ')']).next().and_then(|address| address.parse().ok()).expect("an address")
        };
        let clients =
            if first.contains("clients at https://") { "clients at https://" } else { "clients at http://" };
        Self { address: address(clients), admin: address("metrics: http://"), child }
    }

    pub fn signal(&self, signal: Signal) {
        send(&self.child, signal);
    }

    /// The program's memory in KiB: `VmRSS`, what it takes now, or `VmHWM`, the most that it ever took.
    pub fn memory(&self, what: &str) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix(what)).expect("a line");
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().expect("a number")
    }

    /// The processor time that the program has taken so far.
    pub fn processor_time(&self) -> Duration {
        let stat = self.proc("stat");
        // After the name, which may contain spaces: proc_pid_stat(5), fields 14 and 15, in hundredths of a second.
        let fields: Vec<_> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(ticks * 10)
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("it runs")
    }

    /// The program's exit code, once it has ended.
    pub async fn ended(mut self) -> Option<i32> {
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
