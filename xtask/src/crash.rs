//! `cargo xtask crash`: kills the program in the middle, again and again, and counts punches at several receivers.
//!
//! A black box: it knows the built binary, its sockets and its documented answers, and shares no code with it. Virtual
//! terminals go on being punched on over lines that break, are cleared and roll over ([`fleet`]); receivers fail in every
//! way that receivers know ([`manners`]); people map PINs and change what a destination wants ([`people`]); the disk is
//! full now and then; the server dies by SIGKILL at moments that the dice choose. At the end each receiver must have every
//! punch that it is to have and no other, each under one record id, each resend byte for byte what it was, nobody's out
//! of order (see [`judge`]), and the ledger must say what the terminals say.

mod clock;
mod destinations;
mod dice;
mod fleet;
mod http;
mod journal;
mod judge;
mod ledger;
mod manners;
mod people;
mod program;
mod receiver;
mod request;
mod roster;
mod run;
mod server;
#[cfg(test)]
mod tests;
mod wants;

use std::{
    env, fs,
    io::{self, Write as _},
    path::PathBuf,
    process,
};

use anyhow::Context as _;
use clap::Args;

use self::run::Run;

#[derive(Args)]
pub(crate) struct CrashArgs {
    /// How often the server is killed
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// Virtual terminals: TCP and UDP in turn, two that tell of punches at once and two that do not, of which
    /// one rolls over and one is cleared
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(2..=100))]
    terminals: u16,
    /// Punches on each terminal at the start
    #[arg(long, default_value_t = 2_500)]
    records: u32,
    /// Repeats the choices of an earlier run (their timing is the machine's)
    #[arg(long)]
    seed: Option<u64>,
    /// Kills what is built as for release
    #[arg(long, conflicts_with = "bin")]
    release: bool,
    /// The program to kill; otherwise it is built first
    #[arg(long)]
    bin: Option<PathBuf>,
}

pub(crate) fn run(args: &CrashArgs) -> anyhow::Result<()> {
    let seed = args.seed.unwrap_or_else(clock::seed);
    let binary = match &args.bin {
        Some(path) => path.clone(),
        None => program::build(args.release)?,
    };
    let folder = env::temp_dir().join(format!("zk-attendance-crash-{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    say(&format!("crash: seed {seed}, {} kills", args.kills))?;
    let done = Run::start(args, &binary, &folder, seed).and_then(Run::finish);
    match done {
        Ok(summary) => {
            for line in summary {
                say(&format!("crash: {line}"))?;
            }
            fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))
        }
        Err(error) => Err(error.context(format!(
            "the crash run with --seed {seed} failed; its data folder and logs stay in {}",
            folder.display()
        ))),
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}").context("write to standard output")
}
