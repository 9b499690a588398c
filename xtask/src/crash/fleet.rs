//! Virtual terminals that people go on punching on, and `pull`, which tells what each holds.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ChildStdin, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{
    clock,
    dice::Dice,
    judge::Log,
    program::{self, Process},
    request::{Doors, Punch, text},
};

const START: Duration = Duration::from_secs(20);
const RECORD_FORMATS: [&str; 3] = ["40", "16", "8"];
pub(super) const PEOPLE: u16 = 40;
/// What goes wrong on the way between a terminal and the server, in the terminal's own words.
const FAULTS: [&str; 6] = [
    "cut=300",
    "cut=3000",
    "stall=200:2",
    "udp-loss=5",
    "udp-request-loss=5",
    "repeat=twice",
];
const PULLS: u32 = 3;

pub(super) struct Fleet(Vec<Terminal>);

impl Fleet {
    pub(super) fn start(
        binary: &Path,
        folder: &Path,
        terminals: u16,
        records: u32,
        dice: &mut Dice,
    ) -> anyhow::Result<Self> {
        (0..terminals)
            .map(|index| Terminal::start(binary, folder, index, records, dice.next()))
            .collect::<anyhow::Result<_>>()
            .map(Self)
    }

    /// People punch, connections break, lines go bad and well again.
    pub(super) fn stir(&mut self, dice: &mut Dice) -> anyhow::Result<()> {
        let count = u64::try_from(self.0.len())?;
        let place = usize::try_from(dice.between(0, count))?;
        let Some(terminal) = self.0.get_mut(place) else {
            return Ok(());
        };
        match dice.between(0, 10) {
            0..5 => terminal.order(&format!("punch {}", dice.between(1, 6))),
            5 => terminal.order("cut"),
            6 => terminal.order("die"),
            7 => terminal.calm(),
            _ => {
                let place = usize::try_from(dice.between(0, 6))?;
                let fault = FAULTS.get(place).context("no such fault")?;
                terminal.order(&format!("fault {fault}"))
            }
        }
    }

    /// Nothing goes wrong any more but the server's end.
    pub(super) fn calm(&mut self) -> anyhow::Result<()> {
        self.0.iter_mut().try_for_each(Terminal::calm)
    }

    pub(super) fn doors(&self) -> Doors {
        self.0
            .iter()
            .map(|terminal| (terminal.serial.clone(), terminal.port()))
            .collect()
    }

    pub(super) fn ports(&self) -> Vec<u16> {
        self.0.iter().map(Terminal::port).collect()
    }

    /// What each holds now.
    pub(super) fn logs(&self) -> anyhow::Result<Vec<Log>> {
        self.0.iter().map(Terminal::log).collect()
    }
}

struct Terminal {
    binary: PathBuf,
    serial: String,
    address: SocketAddr,
    orders: ChildStdin,
    /// Held for its end.
    _process: Process,
}

impl Terminal {
    /// Every other pair of them tells nobody of punches as they happen.
    fn start(
        binary: &Path,
        folder: &Path,
        index: u16,
        records: u32,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let serial = format!("CRASH{index:03}");
        let format = RECORD_FORMATS
            .get(usize::from(index) % RECORD_FORMATS.len())
            .context("no record format")?;
        let mut command = program::command(binary);
        command
            .args(["terminal", "--listen", "127.0.0.1:0", "--serial", &serial])
            .args(["--users", &PEOPLE.to_string()])
            .args(["--records", &records.to_string()])
            .args(["--record-format", format])
            .args(["--seed", &(seed % 1_000_000).to_string()])
            .args(["--punch-every", "2"]);
        if index % 4 >= 2 {
            command.args(["--events", "refused=2001"]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(program::log_file(folder, &format!("terminal-{index}.log"))?)
            .spawn()
            .context("start a virtual terminal")?;
        let orders = child.stdin.take().context("a terminal without input")?;
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
            serial,
            address,
            orders,
            _process: process,
        })
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    fn order(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.orders, "{line}").with_context(|| format!("order {line} of {}", self.serial))
    }

    fn calm(&mut self) -> anyhow::Result<()> {
        self.order("fault none")
    }

    /// What it holds now. It does its orders in its own time, so that the last fault may still be about.
    fn log(&self) -> anyhow::Result<Log> {
        let mut tries = 1;
        loop {
            match self.pull() {
                Err(_) if tries < PULLS => tries += 1,
                done => return done,
            }
            clock::pause(Duration::from_millis(500));
        }
    }

    fn pull(&self) -> anyhow::Result<Log> {
        let pulled = program::command(&self.binary)
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
                Ok(Punch {
                    terminal: self.port(),
                    person: text(&row, "/user_id")?,
                    time: text(&row, "/timestamp")?,
                    kind: text(&row, "/punch_type")?,
                })
            })
            .collect::<anyhow::Result<_>>()
            .map(Log)
    }
}
