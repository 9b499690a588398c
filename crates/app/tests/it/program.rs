//! The program as processes that do not outlive their test.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// Far more than anything here takes; only a hang gets there.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The binary without the settings of whoever runs the tests.
pub(crate) fn zk_attendance() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zk-attendance"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ZK_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    zk_attendance().args(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A process that goes on, and what it says.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Running {
    /// Starts it and listens to standard output and standard error.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for stream in streams {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// The first line from now on that holds `words`.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("it never said {words:?}, only {:#?}", self.said)
                }
            }
        }
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As an operating system asks; gives how it ended and how long that took.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        self.signal();
        (self.wait(), began.elapsed())
    }

    pub(crate) fn signal(&self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success());
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it did not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in a line such as `… http://127.0.0.1:5000` or `… 127.0.0.1:4370, …`.
pub(crate) fn address_in(line: &str) -> SocketAddr {
    line.split_whitespace()
        .find_map(|word| {
            word.trim_start_matches("http://")
                .trim_matches([',', '/'])
                .parse()
                .ok()
        })
        .unwrap_or_else(|| panic!("no address in {line:?}"))
}

/// `serve` on a free port of loopback.
pub(crate) struct Serve {
    pub(crate) process: Running,
    pub(crate) address: SocketAddr,
}

impl Serve {
    /// Open to everybody here, polling as often as is allowed, and allowed to deliver to loopback.
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, &["--no-auth"])
    }

    pub(crate) fn start_with(data_dir: &Path, flags: &[&str]) -> Self {
        let mut process = Self::spawn(data_dir, flags);
        let address = address_in(&process.wait_for("serving http://"));
        Self { process, address }
    }

    /// Without waiting for it.
    pub(crate) fn spawn(data_dir: &Path, flags: &[&str]) -> Running {
        let mut command = zk_attendance();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir)
            .args(flags)
            .env("ZK_ATTENDANCE_POLL_INTERVAL", "10s")
            .env("ZK_ATTENDANCE_OUTBOUND_ALLOW", "127.0.0.0/8");
        Running::start(command)
    }
}

/// `terminal` on a free port of loopback.
pub(crate) struct Terminal {
    pub(crate) address: SocketAddr,
    _process: Running,
}

impl Terminal {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut command = zk_attendance();
        command
            .args(["terminal", "--listen", "127.0.0.1:0"])
            .args(flags);
        let mut process = Running::start(command);
        let address = address_in(&process.wait_for("127.0.0.1:"));
        Self {
            address,
            _process: process,
        }
    }
}

/// Waits until `look` finds something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come about");
        thread::sleep(Duration::from_millis(20));
    }
}
