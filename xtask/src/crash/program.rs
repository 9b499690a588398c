//! The built program as processes.

use std::{
    env,
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Builds the program and answers where it is.
pub(super) fn build(release: bool) -> anyhow::Result<PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "app"])
        .args(release.then_some("--release"))
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .context("run cargo build")?;
    if !built.status.success() {
        bail!("cargo build failed");
    }
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .next_back()
        .context("cargo build named no executable")
}

/// The program without the settings of whoever runs us.
pub(super) fn command(binary: &Path) -> Command {
    without_settings(Command::new(binary))
}

/// The same, to be told by `prlimit` that files may not grow: then it hears of a failed write, as on a full disk, where
/// it would be killed by a signal otherwise.
pub(super) fn command_on_full_disks(binary: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(binary);
    without_settings(shell)
}

/// Whether this machine has the command that makes a disk seem full.
pub(super) fn can_fill_disks() -> bool {
    Command::new("prlimit")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn without_settings(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("ZK_ATTENDANCE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

pub(super) fn log_file(folder: &Path, name: &str) -> anyhow::Result<File> {
    let path = folder.join(name);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("open {}", path.display()))
}

/// A process that does not outlive us.
pub(super) struct Process(pub(super) Child);

impl Process {
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        self.0.kill().context("kill the process")?;
        self.0.wait().context("wait for the killed process")?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.kill();
    }
}
