//! `terminal`: virtual terminals by themselves, for trying out clients and for tests of other programs.

mod args;
mod fleet;
mod orders;

use std::io::Write as _;

use anyhow::Context as _;
use jiff::{civil::DateTime, tz::TimeZone};
use zk_terminal::{Error, Replay, ReplayTerminal};
use zk_wire::capture::Capture;

pub(crate) use self::args::TerminalArgs;
use self::{fleet::Fleet, orders::Orders};
use crate::{clock::SystemClock, open_files, shutdown::Signals};

/// The local time of this machine, which is where the virtual terminals hang.
fn local_time() -> DateTime {
    use domain::Clock as _;
    TimeZone::system().to_datetime(SystemClock.now())
}

pub(crate) async fn run(args: TerminalArgs) -> anyhow::Result<()> {
    open_files::allow_many();
    let mut signals = Signals::take()?;
    if args.replay.is_some() {
        let replay = start_replay(&args).await?;
        say(&format!(
            "a capture answers on {} (what it does not answer is listed at the end)",
            replay.address()
        ))?;
        signals.next().await?;
        replay.stop().await;
        return list_unanswered(&replay);
    }
    let fleet = Fleet::start(&args).await?;
    for terminal in fleet.terminals() {
        say(&format!(
            "virtual terminal {} listens on {} (TCP and UDP), {} users, {} records",
            terminal.serial(),
            terminal.address(),
            args.users,
            args.records.min(args.record_capacity),
        ))?;
    }
    let mut orders = Orders::listen(args.orders)?;
    loop {
        tokio::select! {
            stop = signals.next() => {
                stop?;
                break;
            }
            order = orders.next() => say(&fleet.obey(&order))?,
        }
    }
    fleet.stop().await;
    Ok(())
}

async fn start_replay(args: &TerminalArgs) -> anyhow::Result<Replay> {
    let file = args.replay.as_ref().context("no capture is named")?;
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let capture: Capture = text
        .parse()
        .with_context(|| format!("read {}", file.display()))?;
    match ReplayTerminal::start(args.listen, &capture).await {
        Err(error) => Err(started(error)),
        Ok(replay) => Ok(replay),
    }
}

/// Where another program listens, what to do about it.
fn started(error: Error) -> anyhow::Error {
    match error {
        Error::PortTaken { address, .. } => anyhow::anyhow!(
            "another program listens on {address}; stop it, or choose another port with --listen ({}:0 takes a free one)",
            address.ip()
        ),
        error => anyhow::Error::from(error).context("start the virtual terminal"),
    }
}

fn list_unanswered(replay: &Replay) -> anyhow::Result<()> {
    for request in replay.unanswered() {
        say(&format!(
            "not in the capture: command {} with {:02x?}",
            request.command, request.payload
        ))?;
    }
    Ok(())
}

/// Whoever started us waits for these lines, so they are written at once.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush().context("write to standard output")
}
