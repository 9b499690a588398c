//! `cargo xtask crash`: kills the program in the middle, again and again, and counts punches at a receiver.
//!
//! A black box: it knows the built binary, its sockets and its documented answers, and shares no code with it. Virtual
//! terminals go on being punched on, a receiver fails, cuts and dawdles by its dice, the server dies by SIGKILL at
//! moments that the dice choose. At the end every punch of every terminal must be at the receiver, each under one
//! `Idempotency-Key`, each resend byte for byte what it was (see [`judge`]).

mod clock;
mod dice;
mod http;
mod journal;
mod judge;
mod program;
mod receiver;
mod request;
#[cfg(test)]
mod tests;

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use self::{
    dice::Dice,
    journal::{Event, Journal},
    judge::Log,
    program::{Serve, Terminal},
    receiver::{Mood, Receiver},
};

#[derive(Args)]
pub(crate) struct CrashArgs {
    /// How often the server is killed
    #[arg(long, default_value_t = 5)]
    kills: u32,
    /// Virtual terminals
    #[arg(long, default_value_t = 3)]
    terminals: u16,
    /// Punches on each terminal at the start
    #[arg(long, default_value_t = 2_500)]
    records: u32,
    /// Repeats the choices of an earlier run (their timing is the machine's)
    #[arg(long)]
    seed: Option<u64>,
    /// The program to kill; otherwise it is built first
    #[arg(long)]
    bin: Option<PathBuf>,
}

/// How long the whole log may take to arrive once nothing fails any more.
const SETTLE: Duration = Duration::from_secs(90);
/// Far below the sender's own 30 s, so that a slow answer is an answer.
const SLOWEST_ANSWER: Duration = Duration::from_millis(2_500);
const BATCH_SIZE: u32 = 50;

pub(crate) fn run(args: &CrashArgs) -> anyhow::Result<()> {
    let seed = args.seed.unwrap_or_else(clock::seed);
    let binary = match &args.bin {
        Some(path) => path.clone(),
        None => program::build()?,
    };
    let folder = env::temp_dir().join(format!("zk-attendance-crash-{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    say(&format!("crash: seed {seed}, {} kills", args.kills))?;
    let done = Run::start(args, &binary, &folder, seed).and_then(Run::finish);
    match done {
        Ok(summary) => {
            say(&format!("crash: {summary}"))?;
            fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))
        }
        Err(error) => Err(error.context(format!(
            "the crash run with --seed {seed} failed; its data folder and logs stay in {}",
            folder.display()
        ))),
    }
}

struct Run {
    journal: Journal,
    receiver: Receiver,
    terminals: Vec<Terminal>,
    serve: Serve,
    dice: Dice,
    kills: u32,
}

impl Run {
    fn start(args: &CrashArgs, binary: &Path, folder: &Path, seed: u64) -> anyhow::Result<Self> {
        let mut dice = Dice::new(seed);
        let journal = Journal::default();
        let receiver = Receiver::start(journal.clone(), dice.fork(), SLOWEST_ANSWER)?;
        let terminals = (0..args.terminals)
            .map(|index| Terminal::start(binary, folder, index, args.records, dice.next()))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let serve = Serve::start(binary, folder)?;
        let mut run = Self {
            journal,
            receiver,
            terminals,
            serve,
            dice,
            kills: args.kills,
        };
        run.configure()?;
        Ok(run)
    }

    fn configure(&mut self) -> anyhow::Result<()> {
        self.serve.post(
            "/api/export-config",
            &json!({
                "export_url": self.receiver.url(),
                "auto_export": true,
                "start_from": "2000-01-01",
                "batch_size": BATCH_SIZE,
            }),
        )?;
        for (index, terminal) in self.terminals.iter().enumerate() {
            let port = terminal.port();
            // Both ways to register, and both transports.
            if index == 0 {
                self.serve.post(
                    "/api/connect",
                    &json!({ "ip": "127.0.0.1", "port": port, "timeout": 5 }),
                )?;
            } else {
                let protocol = if index % 2 == 1 { "udp" } else { "tcp" };
                self.serve.post(
                    "/api/v1/devices",
                    &json!({
                        "name": format!("Door {index}"),
                        "address": format!("127.0.0.1:{port}"),
                        "protocol": protocol,
                    }),
                )?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<String> {
        self.receiver.set_mood(Mood::Failing);
        for _ in 0..self.kills {
            self.wait_for_a_bad_moment()?;
            self.journal.killing(|| self.serve.kill())?;
            self.serve.restart()?;
        }
        self.receiver.set_mood(Mood::Healthy);
        self.resume()?;
        self.settle()?;

        // An end in good order, and a start after it: nothing may go out again but what is new.
        self.serve.stop()?;
        self.journal.add(Event::Stopped);
        self.serve.restart()?;
        let expected = self.settle()?;
        self.journal.killing(|| self.serve.kill())?;
        let known = self.logs()?;

        let verdict = judge::judge(&self.journal.events(), &expected, &known);
        if verdict.complaints.is_empty() {
            return Ok(verdict.summary);
        }
        let shown: Vec<&str> = verdict
            .complaints
            .iter()
            .take(20)
            .map(String::as_str)
            .collect();
        bail!(
            "{} complaints, beginning with:\n  {}\n{}",
            verdict.complaints.len(),
            shown.join("\n  "),
            verdict.summary
        );
    }

    /// Some moment, or just after a request arrived: that is when most can go wrong.
    fn wait_for_a_bad_moment(&mut self) -> anyhow::Result<()> {
        let deadline = clock::now() + Duration::from_millis(self.dice.between(300, 7_000));
        let in_flight = self.dice.chance(60);
        let seen = self.journal.arrivals();
        while clock::now() < deadline {
            if in_flight && self.journal.arrivals() > seen {
                clock::pause(self.dice.wait(Duration::from_millis(400)));
                return Ok(());
            }
            // Otherwise most of a short life would be spent waiting for the receiver's next turn.
            if self.dice.chance(2) {
                self.resume()?;
            }
            clock::pause(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Setting the export settings, also unchanged, makes a waiting destination try at once.
    fn resume(&mut self) -> anyhow::Result<()> {
        self.serve
            .post("/api/export-config", &json!({ "auto_export": true }))
    }

    /// Waits until all that the terminals hold now has arrived, and answers what that was.
    fn settle(&mut self) -> anyhow::Result<Vec<Log>> {
        let logs = self.logs()?;
        let deadline = clock::now() + SETTLE;
        loop {
            let missing = judge::missing(&self.journal.events(), &logs);
            if missing.is_empty() {
                return Ok(logs);
            }
            if clock::now() > deadline {
                let some: Vec<String> = missing.iter().take(5).map(ToString::to_string).collect();
                bail!(
                    "{} punches never arrived, such as {}",
                    missing.len(),
                    some.join(", ")
                );
            }
            self.serve.check_alive()?;
            clock::pause(Duration::from_millis(200));
        }
    }

    fn logs(&self) -> anyhow::Result<Vec<Log>> {
        self.terminals.iter().map(Terminal::log).collect()
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("write to standard output")
}
