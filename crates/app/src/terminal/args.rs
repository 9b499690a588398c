use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use zk_terminal::{
    AnswerShape, CounterShape, FaultError, Faults, Handle, LiveShape, OffsetReads, Restart,
    TerminalConfig, WhenFull,
};
use zk_wire::{CommKey, RowLayout, UserFormat, text::CodePage};

use crate::seconds;

#[derive(Args)]
#[command(after_long_help = long_help())]
pub(crate) struct TerminalArgs {
    /// Address and port, TCP and UDP; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4370")]
    pub(crate) listen: SocketAddr,
    /// Terminals in this one process, each with a serial number of its own and the same people and punches
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) count: u16,
    /// What several terminals differ in: the port, counted up, or the address, counted up
    #[arg(long, value_name = "BY", default_value = "ports")]
    pub(crate) spread: Spread,
    /// People it knows, with PINs from 1001 on
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16))]
    pub(crate) users: u16,
    /// Punches in its log at the start
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub(crate) records: u32,
    /// Fingers that everybody has enrolled
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=10))]
    fingers: u8,
    /// Row of the attendance log in bytes: 8, 8b (the other layout of 8), 16, 40 or 49
    #[arg(long, value_name = "FORMAT", default_value = "40")]
    record_format: RowLayout,
    /// Row of the user table in bytes: 28 or 72
    #[arg(long, value_name = "FORMAT", default_value = "72", value_parser = user_format)]
    user_format: UserFormat,
    /// Code page of people's names: UTF-8, GBK, windows-1256 …; letters that it lacks become question marks
    #[arg(long, value_name = "NAME", default_value = "UTF-8")]
    code_page: CodePage,
    /// Communication key that clients must prove; 0 asks nobody
    #[arg(long, value_name = "N", default_value_t = 0)]
    comm_key: u32,
    /// Same seed, same people and punches; the serial number comes from it too
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Somebody punches so often at each terminal; without it, nobody does
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    punch_every: Option<Duration>,
    /// Serial number instead of the one from the seed
    #[arg(long, value_name = "TEXT")]
    serial: Option<String>,
    /// Model that it says it is
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Firmware that it says it has
    #[arg(long, value_name = "TEXT")]
    firmware: Option<String>,
    /// Punches that the log holds
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) record_capacity: u32,
    /// A punch in a full log: the oldest gives way, or it is refused
    #[arg(long, value_name = "rollover|refuse", default_value = "rollover")]
    when_full: WhenFull,
    /// What is told of how much there is: 80, 92 or 112 bytes, unknown, zero, one-too-many, frozen, records=N
    #[arg(long, value_name = "SHAPE", default_value = "92")]
    counters: CounterShape,
    /// A part out of the middle of a table: yes, refused:CODE, ignored (the beginning comes), short (half comes)
    #[arg(long, value_name = "HOW", default_value = "yes")]
    offset_reads: OffsetReads,
    /// How it tells of punches at once: usual, or bytes=N,refused=CODE,when-enabled,newest,first,unacknowledged=N
    #[arg(long, value_name = "SHAPE", default_value = "usual")]
    events: LiveShape,
    /// Its clock, ahead of this machine's; negative: behind
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_hyphen_values = true
    )]
    clock_offset: i64,
    /// TCP connections at a time; many real terminals take one
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    max_connections: u16,
    /// How long it is away after a restart
    #[arg(long, value_name = "SECONDS", value_parser = seconds::parse)]
    restart_away: Option<Duration>,
    /// Milliseconds between the packets of a table, for clients that lose packets which arrive together
    #[arg(long, value_name = "MS", default_value_t = 0)]
    packet_pause: u64,
    /// Bytes in one packet of a table over TCP [default: 65528; 1008 on old terminals]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    packet_size: Option<u32>,
    /// Tables up to so many bytes come at once instead of in pieces [default: 1024]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    inline_limit: Option<u32>,
    /// Something that goes wrong from the start on, once for each; --help lists them
    #[arg(long, value_name = "NAME=VALUE", value_parser = fault)]
    fault: Vec<String>,
    /// Takes orders from standard input also where that is a console; --help lists them
    #[arg(long)]
    pub(crate) orders: bool,
    /// Answers from a capture that `doctor` wrote instead
    #[arg(long, value_name = "FILE", conflicts_with_all = ["count", "fault", "orders"])]
    pub(crate) replay: Option<PathBuf>,
}

/// What several terminals of one process differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spread {
    Ports,
    Addresses,
}

impl TerminalArgs {
    /// What goes wrong from the start on.
    pub(crate) fn faults(&self) -> anyhow::Result<Faults> {
        let mut faults = Faults::default();
        for fault in &self.fault {
            faults.change(fault)?;
        }
        Ok(faults)
    }

    /// Of the terminal number `nth`, from 0 on.
    pub(crate) fn config(&self, nth: u16) -> anyhow::Result<TerminalConfig> {
        let usual = TerminalConfig::default();
        let shape = AnswerShape::default();
        let bytes = |given: Option<u32>, usual: usize| given.map_or(Ok(usual), usize::try_from);
        let seed = self.seed.wrapping_add(u64::from(nth));
        let serial = match &self.serial {
            None => serial_of(seed),
            Some(serial) if self.count == 1 => serial.clone(),
            Some(serial) => format!("{serial}{:05}", nth + 1),
        };
        Ok(TerminalConfig {
            serial,
            name: self.name.clone().unwrap_or(usual.name),
            firmware: self.firmware.clone().unwrap_or(usual.firmware),
            comm_key: Some(CommKey::new(self.comm_key)),
            user_format: self.user_format,
            code_page: self.code_page,
            record_format: self.record_format,
            record_capacity: self.record_capacity,
            when_full: self.when_full,
            fingers: self.fingers,
            counters: self.counters,
            offset_reads: self.offset_reads,
            live: self.events,
            answers: AnswerShape {
                inline_limit: bytes(self.inline_limit, shape.inline_limit)?,
                tcp_packet: bytes(self.packet_size, shape.tcp_packet)?,
                ..shape
            },
            packet_pause: Duration::from_millis(self.packet_pause),
            clock_offset: SignedDuration::from_secs(self.clock_offset),
            max_connections: usize::from(self.max_connections),
            restart: Restart {
                away: self.restart_away.unwrap_or(usual.restart.away),
                ..usual.restart
            },
            seed,
            punch_every: self.punch_every,
            // One after the other, so that they do not all punch at once.
            punch_first: self
                .punch_every
                .map(|every| every * (u32::from(nth) + 1) / u32::from(self.count)),
            ..TerminalConfig::default()
        })
    }
}

fn fault(text: &str) -> Result<String, FaultError> {
    Faults::default().change(text)?;
    Ok(text.to_owned())
}

fn user_format(text: &str) -> Result<UserFormat, String> {
    match text {
        "28" => Ok(UserFormat::B28),
        "72" => Ok(UserFormat::B72),
        other => Err(format!("{other:?} is no user format; use 28 or 72")),
    }
}

/// The serial number of the virtual terminal that a seed makes.
fn serial_of(seed: u64) -> String {
    format!("ZKEMU{seed:07}")
}

fn long_help() -> String {
    format!(
        "Faults, for --fault and for the order of that name:\n{}A SIZE is a number, or +N or -N for how much it is off; \
         NAME=none ends one fault.\n\nOrders, one a line on standard input (where that is a console, only with --orders), \
         each answered with a line; several terminals do each of them:\n{}",
        list(Faults::NAMES),
        list(Handle::ORDERS)
    )
}

fn list(entries: &[(&str, &str)]) -> String {
    let lines: Vec<_> = entries
        .iter()
        .map(|(form, meaning)| format!("  {form:<28} {meaning}\n"))
        .collect();
    lines.concat()
}
