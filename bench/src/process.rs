//! A process that ends when the value for it is dropped.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

const GRACE: Duration = Duration::from_secs(3);

/// A running process.
pub struct Process {
    child: Child,
    said: PathBuf,
    end: Signal,
}

impl Process {
    /// Starts `command`, which `end` will end; its output goes to a file in `dir`. It is in a process group of its own,
    /// so that Ctrl-C reaches only the benchmark, which then ends it in order.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(mut command: Command, dir: &Path, end: Signal) -> Result<Self> {
        let said = dir.join("said");
        let file = File::create(&said)?;
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        Ok(Self { child, said, end })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// # Errors
    /// When the process has ended, with its output.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("it ended ({status}): {}", self.said());
        }
        Ok(())
    }

    /// The beginning of the process's output.
    pub fn said(&self) -> String {
        let said = fs::read_to_string(&self.said).unwrap_or_default();
        said.chars().take(1000).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(id) = Pid::from_raw(self.child.id().cast_signed()) {
            let _ = kill_process(id, self.end);
        }
        let begin = Instant::now();
        while begin.elapsed() < GRACE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
