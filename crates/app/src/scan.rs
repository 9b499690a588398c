//! `scan`: which terminals are on a network.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use zk_doctor::{Found, KeyState, Ranges, ScanOptions};

use crate::{cli, comm_key::CommKeyArgs, config::UsageError, doctor::Form, seconds, shutdown};

#[derive(Args)]
pub(crate) struct ScanArgs {
    /// Networks, addresses and ranges: 192.168.1.0/24, 192.168.1.201, 192.168.1.10-50
    #[arg(value_name = "ADDRESSES", required = true, value_parser = ranges)]
    addresses: Vec<Ranges>,
    /// Port at which to look
    #[arg(long, value_name = "N", default_value_t = 4370)]
    port: u16,
    #[command(flatten)]
    key: CommKeyArgs,
    /// How long each address may take to answer, over TCP and again over UDP
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds::parse)]
    timeout: Duration,
    /// Addresses that are looked at together
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    at_once: u16,
    /// Also more than 4,096 addresses, and such as are in no private network
    #[arg(long)]
    force: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

fn ranges(text: &str) -> Result<Ranges, String> {
    text.parse::<Ranges>().map_err(|error| error.to_string())
}

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<()> {
    let mut ranges = Ranges::default();
    for more in &args.addresses {
        ranges.extend(more.clone());
    }
    if !args.force {
        ranges
            .check()
            .map_err(|error| UsageError(error.to_string()))?;
    }
    let options = ScanOptions {
        port: args.port,
        key: args.key.read()?,
        timeout: args.timeout,
        at_once: usize::from(args.at_once),
        ..ScanOptions::default()
    };
    let mut found = cli::block_on(scanned(&ranges, options))?;
    found.sort_by_key(|found| found.address);
    let text = match args.format {
        Form::Text => table(&found),
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&found)?),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("write to standard output")
}

async fn scanned(ranges: &Ranges, options: ScanOptions) -> anyhow::Result<Vec<Found>> {
    let mut all = Vec::new();
    let total = ranges.iter().count();
    let watched = io::stderr().is_terminal();
    let scan = zk_doctor::scan(
        ranges,
        options,
        |found| all.push(found),
        |done| {
            if watched {
                // Nothing depends on it.
                let _ = write!(io::stderr(), "\r{done} of {total} addresses");
            }
        },
    );
    let stopped = tokio::select! {
        () = scan => Ok(()),
        stop = shutdown::signal() => stop.and_then(|()| {
            anyhow::bail!("stopped by a signal before the end")
        }),
    };
    if watched {
        let _ = writeln!(io::stderr());
    }
    stopped?;
    Ok(all)
}

const HEADER: [&str; 7] = ["address", "over", "serial", "model", "firmware", "key", ""];

fn table(found: &[Found]) -> String {
    if found.is_empty() {
        return "no terminal answers at these addresses\n".to_owned();
    }
    let rows: Vec<[String; 7]> = std::iter::once(HEADER.map(str::to_owned))
        .chain(found.iter().map(row))
        .collect();
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &[String; 7]| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(found: &Found) -> [String; 7] {
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    [
        found.address.to_string(),
        found.transport.to_owned(),
        told(&found.device.serial),
        told(&found.device.model),
        told(&found.device.firmware),
        match found.key {
            KeyState::NotNeeded => "none",
            KeyState::Taken => "right",
            KeyState::Needed => "needed",
            KeyState::Wrong => "wrong",
            KeyState::Unknown => "-",
        }
        .to_owned(),
        found.remark.clone().unwrap_or_default(),
    ]
}
