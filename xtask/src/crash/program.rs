//! The program as processes: the server, the virtual terminals, and `pull`, which tells what a terminal holds.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{clock, http, judge::Log, request::Punch};

const START: Duration = Duration::from_secs(20);
const STOP: Duration = Duration::from_secs(10);
const RECORD_FORMATS: &[&str] = &["40", "16", "8"];

/// Builds the program and answers where it is.
pub(super) fn build() -> anyhow::Result<PathBuf> {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "app"])
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
fn command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("ZK_ATTENDANCE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

fn log_file(folder: &Path, name: &str) -> anyhow::Result<File> {
    let path = folder.join(name);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("open {}", path.display()))
}

/// A process that does not outlive us.
struct Process(Child);

impl Process {
    fn kill(&mut self) -> anyhow::Result<()> {
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

/// A virtual terminal that people go on punching on.
pub(super) struct Terminal {
    binary: PathBuf,
    address: SocketAddr,
    /// Held for its end.
    _process: Process,
}

impl Terminal {
    pub(super) fn start(
        binary: &Path,
        folder: &Path,
        index: u16,
        records: u32,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let format = RECORD_FORMATS
            .get(usize::from(index) % RECORD_FORMATS.len())
            .context("no record format")?;
        let mut child = command(binary)
            .args(["terminal", "--listen", "127.0.0.1:0", "--users", "40"])
            .args(["--records", &records.to_string()])
            .args(["--record-format", format])
            .args(["--seed", &(seed % 1_000_000).to_string()])
            .args(["--punch-every", "2"])
            .stdout(Stdio::piped())
            .stderr(log_file(folder, &format!("terminal-{index}.log"))?)
            .spawn()
            .context("start a virtual terminal")?;
        let output = child.stdout.take().context("a terminal without output")?;
        let process = Process(child);
        let (lines, line) = mpsc::sync_channel(1);
        thread::spawn(move || {
            // All of it is read, so that the terminal never waits for us.
            for text in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = lines.try_send(text);
            }
        });
        let said = line
            .recv_timeout(START)
            .context("a virtual terminal did not say where it listens")?;
        let address = said
            .split_whitespace()
            .find_map(|word| word.trim_matches(',').parse::<SocketAddr>().ok())
            .with_context(|| format!("a virtual terminal said {said:?}, and no address"))?;
        Ok(Self {
            binary: binary.to_owned(),
            address,
            _process: process,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it holds now.
    pub(super) fn log(&self) -> anyhow::Result<Log> {
        let pulled = command(&self.binary)
            .args(["pull", &self.address.to_string(), "--format", "jsonl"])
            .output()
            .context("run pull")?;
        if !pulled.status.success() {
            bail!(
                "pull {} failed: {}",
                self.address,
                String::from_utf8_lossy(&pulled.stderr).trim()
            );
        }
        String::from_utf8(pulled.stdout)
            .context("pull printed no UTF-8")?
            .lines()
            .map(|line| {
                let row: Value = serde_json::from_str(line).context("pull printed no JSON")?;
                let field = |name: &str| {
                    row.get(name)
                        .and_then(Value::as_str)
                        .map(str::to_owned)
                        .with_context(|| format!("pull printed a row without {name}: {line}"))
                };
                Ok(Punch {
                    terminal: self.port(),
                    person: field("user_id")?,
                    time: field("timestamp")?,
                    kind: field("punch_type")?,
                })
            })
            .collect::<anyhow::Result<_>>()
            .map(Log)
    }
}

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

    pub(super) fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<()> {
        let answer = http::post(self.address, path, body)?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        bail!(
            "POST {path} {body} answered {}: {}",
            answer.status,
            answer.body
        );
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = clock::now() + START;
        while clock::now() < deadline {
            self.check_alive()?;
            if http::get(self.address, "/healthz").is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            clock::pause(Duration::from_millis(20));
        }
        bail!("the server did not answer /healthz within {START:?}");
    }
}

fn spawn(binary: &Path, folder: &Path, address: SocketAddr) -> anyhow::Result<Process> {
    let log = log_file(folder, "serve.log")?;
    let child = command(binary)
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
