//! `cargo xtask figures`: how quick queues fill and drain, with nothing behind them and behind millions of delivered
//! records, as `cargo bench -p delivery --bench drain` measures it, and whether that is what the project promises.

#[cfg(test)]
mod tests;

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use clap::Args;

/// Records a second from a queue to a receiver on this machine, at least.
const DRAINED: f64 = 5_000.0;
/// Megabytes while a queue drains, at most.
const MEMORY: f64 = 150.0;
/// Of what it is with nothing behind it, at least: it must not fall with what was delivered before.
const RATIO: f64 = 0.5;

#[derive(Args)]
pub(crate) struct FiguresArgs {
    /// Punches that are queued and drained
    #[arg(long, default_value_t = 1_000_000)]
    punches: usize,
    /// Records in a request
    #[arg(long, default_value_t = 500)]
    batch: u32,
    /// Delivered records on top of which the same is measured again; 0 leaves that out. Ten million take about ten
    /// minutes and five gigabytes of disk
    #[arg(long, default_value_t = 10_000_000)]
    behind: usize,
}

/// One line of figures.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    of: String,
    values: Vec<(String, f64)>,
}

pub(crate) fn run(args: &FiguresArgs) -> anyhow::Result<()> {
    let mut bench = Command::new(env!("CARGO"))
        .args(["bench", "--locked", "--package", "delivery", "--bench"])
        .args(["drain", "--"])
        .args([args.punches.to_string(), args.batch.to_string()])
        .args(["--behind".to_owned(), args.behind.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .context("run cargo bench")?;
    let output = bench.stdout.take().context("the output of cargo bench")?;
    let mut lines = Vec::new();
    for text in BufReader::new(output).lines() {
        let text = text.context("read what cargo bench says")?;
        writeln!(io::stdout(), "{text}").context("write to standard output")?;
        lines.extend(line(&text));
    }
    if !bench.wait().context("wait for cargo bench")?.success() {
        bail!("cargo bench failed");
    }
    let expected = if args.behind > 0 { 3 } else { 1 };
    if lines.len() != expected {
        bail!(
            "cargo bench said {} lines of figures, not {expected}",
            lines.len()
        );
    }
    let missed = missed(&lines);
    if missed.is_empty() {
        return writeln!(io::stdout(), "figures: all as promised")
            .context("write to standard output");
    }
    bail!("not as promised: {}", missed.join("; "))
}

/// `figures OF: NAME VALUE, NAME VALUE, …`
fn line(text: &str) -> Option<Line> {
    let (of, values) = text.strip_prefix("figures ")?.split_once(": ")?;
    let values = values.split(", ").map(|each| {
        let (name, value) = each.rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    Some(Line {
        of: of.to_owned(),
        values: values.collect::<Option<_>>()?,
    })
}

/// What is worse than it should be.
fn missed(lines: &[Line]) -> Vec<String> {
    let mut missed = Vec::new();
    for line in lines {
        for (name, value) in &line.values {
            let (bound, is_missed) = match (line.of.as_str(), name.as_str()) {
                ("ratio", "memory") => continue,
                ("ratio", _) => (RATIO, *value < RATIO),
                (_, "drained") => (DRAINED, *value < DRAINED),
                (_, "memory") => (MEMORY, *value > MEMORY),
                _ => continue,
            };
            if is_missed {
                missed.push(format!("{name} {}: {value} instead of {bound}", line.of));
            }
        }
    }
    missed
}
