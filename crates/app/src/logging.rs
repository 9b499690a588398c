//! Logs: text on the terminal, one JSON object a line in a daily file of the data folder.

use std::{io::IsTerminal as _, path::Path};

use anyhow::Context as _;
use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::LevelFilter, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::data_dir;

/// Whether it is a filter that means what it says: the library takes a misspelt level for the name of a part, and is
/// silent about all the others.
pub(crate) fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
        && text
            .split(',')
            .all(|word| word.contains(['=', '[']) || word.trim().parse::<LevelFilter>().is_ok())
}

/// Starts logging; the returned guard writes what is left when it is dropped.
pub(crate) fn start(dir: &Path, filter: &str, days: usize) -> anyhow::Result<WorkerGuard> {
    let parse = |filter: &str| {
        EnvFilter::try_new(filter).with_context(|| format!("log is {filter:?}, which is no filter"))
    };
    let logs = dir.join("logs");
    data_dir::create(&logs)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("zk-attendance")
        .filename_suffix("log")
        .max_log_files(days)
        .build(&logs)
        .with_context(|| {
            format!(
                "write a log in {}; this user must be allowed to write there",
                logs.display()
            )
        })?;
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
