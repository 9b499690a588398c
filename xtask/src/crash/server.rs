use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use super::{
    clock, http,
    program::{self, Process},
};

const START: Duration = Duration::from_mins(1);
/// Ten seconds, and what a busy machine needs for that.
const STOP: Duration = Duration::from_secs(20);

/// The server, which is killed and started again on the same folder and port.
pub(super) struct Serve {
    binary: PathBuf,
    folder: PathBuf,
    address: SocketAddr,
    process: Process,
}

impl Serve {
    pub(super) fn start(binary: &Path, folder: &Path) -> anyhow::Result<Self> {
        // Free a moment ago; it must be the same one after each restart, so the system cannot choose it then.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = spawn(binary, folder, address)?;
        let mut serve = Self {
            binary: binary.to_owned(),
            folder: folder.to_owned(),
            address,
            process,
        };
        serve.wait_until_ready()?;
        Ok(serve)
    }

    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        self.check_alive()?;
        self.process.kill()
    }

    /// Asks it to end, as an operating system does, and sees that it does so in time.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        self.check_alive()?;
        let asked = Command::new("kill")
            .args(["-TERM", &self.process.0.id().to_string()])
            .status()
            .context("run kill -TERM")?;
        if !asked.success() {
            bail!("kill -TERM failed");
        }
        let deadline = clock::now() + STOP;
        while clock::now() < deadline {
            if let Some(status) = self.process.0.try_wait()? {
                if status.success() {
                    return Ok(());
                }
                bail!("the server ended with {status} when it was asked to end");
            }
            clock::pause(Duration::from_millis(20));
        }
        bail!("the server did not end within {STOP:?} of SIGTERM");
    }

    pub(super) fn restart(&mut self) -> anyhow::Result<()> {
        self.process = spawn(&self.binary, &self.folder, self.address)?;
        self.wait_until_ready()
    }

    pub(super) fn check_alive(&mut self) -> anyhow::Result<()> {
        match self.process.0.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the server ended by itself with {status}; see serve.log"),
        }
    }

    /// From now on nothing can be written, as on a full disk; ends with the process, or with [`free_disk`].
    ///
    /// [`free_disk`]: Self::free_disk
    pub(super) fn fill_disk(&self) -> anyhow::Result<()> {
        self.limit_files("0")
    }

    pub(super) fn free_disk(&self) -> anyhow::Result<()> {
        self.limit_files("unlimited")
    }

    fn limit_files(&self, bytes: &str) -> anyhow::Result<()> {
        let done = Command::new("prlimit")
            .args(["--pid", &self.process.0.id().to_string()])
            .arg(format!("--fsize={bytes}:"))
            .status()
            .context("run prlimit")?;
        if !done.success() {
            bail!("prlimit failed");
        }
        Ok(())
    }

    /// A change of nothing is written like any other: on a full disk it is refused in plain words.
    pub(super) fn expect_full(&self, path: &str) -> anyhow::Result<()> {
        let answer = http::send(
            self.address,
            "PATCH",
            path,
            Some(&Value::Object(Map::new())),
        )?;
        let is_said = answer.status >= 500 && answer.body.contains("disk");
        if !is_said {
            bail!(
                "on a full disk PATCH {path} answered {}: {}",
                answer.status,
                answer.body
            );
        }
        Ok(())
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask("POST", path, Some(body))
    }

    pub(super) fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask("PATCH", path, Some(body))
    }

    pub(super) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask("GET", path, None)
    }

    /// The `data` of its answer.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let answer = http::send(self.address, method, path, body)?;
        if !(200..300).contains(&answer.status) {
            bail!(
                "{method} {path} answered {}: {}",
                answer.status,
                answer.body
            );
        }
        let mut answer: Value = serde_json::from_str(&answer.body)
            .with_context(|| format!("{method} {path} answered no JSON"))?;
        Ok(answer
            .pointer_mut("/data")
            .map(Value::take)
            .unwrap_or_default())
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = clock::now() + START;
        while clock::now() < deadline {
            self.check_alive()?;
            if http::send(self.address, "GET", "/healthz", None)
                .is_ok_and(|answer| answer.status == 200)
            {
                return Ok(());
            }
            clock::pause(Duration::from_millis(20));
        }
        bail!("the server did not answer /healthz within {START:?}");
    }
}

fn spawn(binary: &Path, folder: &Path, address: SocketAddr) -> anyhow::Result<Process> {
    let log = program::log_file(folder, "serve.log")?;
    let child = program::command_on_full_disks(binary)
        .args(["serve", "--no-auth", "--listen", &address.to_string()])
        .arg("--data-dir")
        .arg(folder.join("data"))
        .env("ZK_ATTENDANCE_OUTBOUND_ALLOW", "127.0.0.0/8")
        .env("ZK_ATTENDANCE_POLL_INTERVAL", "10s")
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("start the server")?;
    Ok(Process(child))
}
