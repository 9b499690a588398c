//! Virtual terminals that people go on punching on, and `pull`, which tells what each holds.

use std::{
    collections::BTreeSet,
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

const START: Duration = Duration::from_mins(1);
const RECORD_FORMATS: [&str; 3] = ["40", "16", "8"];
pub(super) const PEOPLE: u16 = 40;
/// What goes wrong on the way between a terminal and the server, in the terminal's own words.
const FAULTS: [&str; 24] = [
    "cut=300",
    "cut=3000",
    "cut-all=2000",
    "stall=200:2",
    "delay=30",
    "busy=reset",
    "busy=refuse",
    "udp-loss=5",
    "udp-request-loss=5",
    "repeat=twice",
    "repeat=previous",
    "tcp-order=swapped",
    "udp-order=swapped",
    "checksum=wrong",
    "number=3",
    "garbage=5",
    "frame-length=4000000000",
    "event=tables",
    "event=answers",
    "write-size=1",
    "truncate=100",
    "announced=4294967295",
    "prepared=+400",
    "declared=-40",
];
const PULLS: u32 = 3;
/// For what it says to an order.
const ANSWER: Duration = Duration::from_mins(1);
/// Punches on top of those of the start until a terminal that rolls over is full.
const ROOM: u32 = 20;
/// A log with fewer rows might lose one that nobody has seen when it rolls over.
const FEWEST_TO_ROLL: u32 = 2_000;

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

    /// People punch, connections break, lines go bad and well again, logs are cleared.
    pub(super) fn stir(&mut self, dice: &mut Dice) -> anyhow::Result<()> {
        let count = u64::try_from(self.0.len())?;
        let place = usize::try_from(dice.between(0, count))?;
        let Some(terminal) = self.0.get_mut(place) else {
            return Ok(());
        };
        match dice.between(0, 40) {
            0..20 => terminal.order(&format!("punch {}", dice.between(1, 6))),
            20..23 => terminal.order("cut"),
            23..26 => terminal.order("die"),
            26..31 => terminal.calm(),
            31 => terminal.order(&format!("fill {}", dice.between(1, 60))),
            32..35 if terminal.kind == Kind::Cleared => terminal.clear(dice),
            _ => {
                let last = u64::try_from(FAULTS.len())?;
                let place = usize::try_from(dice.between(0, last))?;
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

    /// All that each ever held.
    pub(super) fn ever(&self) -> anyhow::Result<Vec<Log>> {
        self.0.iter().map(Terminal::ever).collect()
    }

    /// The same of those that tell of no punch by themselves.
    pub(super) fn ever_polled(&self) -> anyhow::Result<Vec<Log>> {
        let polled = self.0.iter().filter(|terminal| terminal.kind.is_polled());
        polled.map(Terminal::ever).collect()
    }

    /// How often a log was cleared.
    pub(super) fn clears(&self) -> u32 {
        self.0.iter().map(|terminal| terminal.clears).sum()
    }
}

/// What becomes of a terminal's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It grows, and tells of each punch as it happens.
    Live,
    /// It is full soon: then the oldest row gives way to the newest. It tells of nothing.
    Rolls,
    /// It is cleared now and then. It tells of nothing.
    Cleared,
}

impl Kind {
    fn of(index: u16) -> Self {
        match index % 4 {
            2 => Self::Rolls,
            3 => Self::Cleared,
            _ => Self::Live,
        }
    }

    fn is_polled(self) -> bool {
        self != Self::Live
    }
}

struct Terminal {
    binary: PathBuf,
    serial: String,
    kind: Kind,
    address: SocketAddr,
    orders: ChildStdin,
    answers: mpsc::Receiver<String>,
    /// What it held at the start, and before each time that it was cleared.
    held: Vec<Punch>,
    clears: u32,
    /// Held for its end.
    _process: Process,
}

impl Terminal {
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
        let kind = Kind::of(index);
        let mut command = program::command(binary);
        command
            .args(["terminal", "--listen", "127.0.0.1:0", "--serial", &serial])
            .args(["--users", &PEOPLE.to_string()])
            .args(["--records", &records.to_string()])
            .args(["--record-format", format])
            .args(["--seed", &(seed % 1_000_000).to_string()]);
        if kind.is_polled() {
            command.args(["--events", "refused=2001"]);
        }
        match kind {
            Kind::Live => {
                command.args(["--punch-every", "2"]);
            }
            Kind::Rolls => {
                let capacity = records.max(FEWEST_TO_ROLL) + ROOM;
                command.args(["--punch-every", "2"]);
                command.args(["--record-capacity", &capacity.to_string()]);
            }
            // Nobody punches between our last look and the clearing.
            Kind::Cleared => {}
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
        let (lines, answers) = mpsc::sync_channel(1);
        thread::spawn(move || {
            // Each line answers an order, but for the first, and somebody waits for each.
            for text in BufReader::new(output).lines().map_while(Result::ok) {
                if lines.send(text).is_err() {
                    return;
                }
            }
        });
        let said = answers
            .recv_timeout(START)
            .context("a virtual terminal did not say where it listens")?;
        let address = said
            .split_whitespace()
            .find_map(|word| word.trim_matches(',').parse::<SocketAddr>().ok())
            .with_context(|| format!("a virtual terminal said {said:?}, and no address"))?;
        let mut terminal = Self {
            binary: binary.to_owned(),
            serial,
            kind,
            address,
            orders,
            answers,
            held: Vec::new(),
            clears: 0,
            _process: process,
        };
        terminal.held = terminal.log()?.0;
        Ok(terminal)
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns when it is done.
    fn order(&mut self, line: &str) -> anyhow::Result<()> {
        let call = || format!("order {line} of {}", self.serial);
        writeln!(self.orders, "{line}").with_context(call)?;
        let answer = self.answers.recv_timeout(ANSWER).with_context(call)?;
        if answer.starts_with("error") {
            bail!("{}: {answer}", call());
        }
        Ok(())
    }

    /// Somebody clears the log at its menu, and people go on. What nobody has read by then is nowhere any more.
    fn clear(&mut self, dice: &mut Dice) -> anyhow::Result<()> {
        self.calm()?;
        self.held = self.ever()?.0;
        self.order("clear")?;
        self.clears += 1;
        self.order(&format!("fill {}", dice.between(1, 100)))
    }

    fn calm(&mut self) -> anyhow::Result<()> {
        self.order("fault none")
    }

    /// All that it ever held, each once, in its order.
    fn ever(&self) -> anyhow::Result<Log> {
        let mut seen = BTreeSet::new();
        let mut ever = Vec::new();
        for punch in self.held.iter().chain(&self.log()?.0) {
            if seen.insert(punch.clone()) {
                ever.push(punch.clone());
            }
        }
        Ok(Log(ever))
    }

    /// What it holds now.
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
                    pin: text(&row, "/user_id")?,
                    time: text(&row, "/timestamp")?,
                    kind: text(&row, "/punch_type")?,
                })
            })
            .collect::<anyhow::Result<_>>()
            .map(Log)
    }
}
