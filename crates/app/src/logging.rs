//! Logs: text on the terminal, one JSON object a line in a daily file of the data folder.

use std::{io::IsTerminal as _, path::Path};

use anyhow::Context as _;
use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{
    EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Starts logging; the returned guard writes what is left when it is dropped.
pub(crate) fn start(dir: &Path, filter: &str, days: usize) -> anyhow::Result<WorkerGuard> {
    let parse = |filter: &str| {
        EnvFilter::try_new(filter).with_context(|| {
            format!("log is {filter:?}; write info, debug, or delivery=debug,info")
        })
    };
    let logs = dir.join("logs");
    std::fs::create_dir_all(&logs)
        .with_context(|| format!("make the folder {}", logs.display()))?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("zk-attendance")
        .filename_suffix("log")
        .max_log_files(days)
        .build(&logs)
        .with_context(|| format!("open the log in {}", logs.display()))?;
    let (file, guard) = tracing_appender::non_blocking(file);
    let on_terminal = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .with_filter(parse(filter)?);
    let in_file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(file)
        .with_filter(parse(filter)?);
    tracing_subscriber::registry()
        .with(on_terminal)
        .with(in_file)
        .try_init()
        .context("start logging")?;
    Ok(guard)
}
