//! `terminal`: a virtual terminal by itself, for trying out clients and for tests of other programs.

use std::{io::Write as _, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use clap::Args;
use domain::Clock as _;
use jiff::{civil::DateTime, tz::TimeZone};
use zk_terminal::{
    AnswerShape, Contents, Error, Handle, LocalClock, TerminalConfig, VirtualTerminal,
};
use zk_wire::{CommKey, RowLayout, UserFormat};

use crate::{clock::SystemClock, shutdown::Signals};

#[derive(Args)]
pub(crate) struct TerminalArgs {
    /// Address and port, TCP and UDP; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4370")]
    listen: SocketAddr,
    /// People it knows, with PINs from 1001 on
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16))]
    users: u16,
    /// Punches in its log at the start
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    records: u32,
    /// Row of the attendance log in bytes: 8, 8b (the other layout of 8), 16, 40 or 49
    #[arg(long, value_name = "FORMAT", default_value = "40")]
    record_format: RowLayout,
    /// Row of the user table in bytes: 28 or 72
    #[arg(long, value_name = "FORMAT", default_value = "72", value_parser = user_format)]
    user_format: UserFormat,
    /// Communication key that clients must prove; 0 asks nobody
    #[arg(long, value_name = "N", default_value_t = 0)]
    comm_key: u32,
    /// Same seed, same people and punches; the serial number comes from it too
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Somebody punches so often; without it, nobody does
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    punch_every: Option<Duration>,
    /// Serial number instead of the one from the seed
    #[arg(long, value_name = "TEXT")]
    serial: Option<String>,
    /// Punches that the log holds; the oldest gives way to a new one
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    record_capacity: u32,
    /// Milliseconds between the packets of a table, for clients that lose packets which arrive together
    #[arg(long, value_name = "MS", default_value_t = 0)]
    packet_pause: u64,
    /// Bytes in one packet of a table over TCP [default: 65528; 1008 on old terminals]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    packet_size: Option<u32>,
    /// Tables up to so many bytes come at once instead of in pieces [default: 1024]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    inline_limit: Option<u32>,
}

fn user_format(text: &str) -> Result<UserFormat, String> {
    match text {
        "28" => Ok(UserFormat::B28),
        "72" => Ok(UserFormat::B72),
        other => Err(format!("{other:?} is no user format; use 28 or 72")),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    const SHORTEST: Duration = Duration::from_millis(1);
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|every| *every >= SHORTEST)
        .ok_or_else(|| format!("{text:?} is no number of seconds from 0.001 on"))
}

/// The serial number of the virtual terminal that a seed makes.
fn serial_of(seed: u64) -> String {
    format!("ZKEMU{seed:07}")
}

/// The local time of this machine, which is where the virtual terminal hangs.
fn local_time() -> DateTime {
    TimeZone::system().to_datetime(SystemClock.now())
}

pub(crate) async fn run(args: TerminalArgs) -> anyhow::Result<()> {
    let mut signals = Signals::take()?;
    let terminal = start(&args).await?;
    announce(&terminal, &args)?;
    signals.next().await?;
    terminal.stop().await;
    Ok(())
}

async fn start(args: &TerminalArgs) -> anyhow::Result<Handle> {
    let records = usize::try_from(args.records)?;
    let contents = Contents::generate(usize::from(args.users), records, args.seed, local_time());
    match VirtualTerminal::start(
        args.listen,
        config(args)?,
        contents,
        LocalClock::new(local_time),
    )
    .await
    {
        Err(Error::PortTaken { address, .. }) => anyhow::bail!(
            "another program listens on {address}; stop it, or choose another port with --listen ({}:0 takes a free one)",
            address.ip()
        ),
        started => started.context("start the virtual terminal"),
    }
}

fn config(args: &TerminalArgs) -> anyhow::Result<TerminalConfig> {
    let usual = AnswerShape::default();
    let bytes = |given: Option<u32>, usual: usize| given.map_or(Ok(usual), usize::try_from);
    Ok(TerminalConfig {
        serial: args.serial.clone().unwrap_or_else(|| serial_of(args.seed)),
        comm_key: Some(CommKey::new(args.comm_key)),
        user_format: args.user_format,
        record_format: args.record_format,
        record_capacity: args.record_capacity,
        answers: AnswerShape {
            inline_limit: bytes(args.inline_limit, usual.inline_limit)?,
            tcp_packet: bytes(args.packet_size, usual.tcp_packet)?,
            ..usual
        },
        packet_pause: Duration::from_millis(args.packet_pause),
        seed: args.seed,
        punch_every: args.punch_every,
        ..TerminalConfig::default()
    })
}

/// Whoever started us waits for this line, so it is written at once.
fn announce(terminal: &Handle, args: &TerminalArgs) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "virtual terminal {} listens on {} (TCP and UDP), {} users, {} records",
        terminal.serial(),
        terminal.address(),
        args.users,
        args.records.min(args.record_capacity),
    )?;
    out.flush().context("write to standard output")
}
