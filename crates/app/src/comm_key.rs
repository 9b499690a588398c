//! Where a command gets a terminal's communication key from.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use zk_wire::CommKey;

use crate::config::UsageError;

/// Read where there is no flag: a flag shows in the list of processes.
const VARIABLE: &str = "ZK_COMM_KEY";

#[derive(Args, Default)]
pub(crate) struct CommKeyArgs {
    #[arg(
        long,
        visible_alias = "comm-key",
        value_name = "N",
        conflicts_with = "key_file",
        help = "Communication key, as the terminal's menu shows it [env: ZK_COMM_KEY]"
    )]
    key: Option<u32>,
    /// File with the communication key in it
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl CommKeyArgs {
    /// The key by flag, file or variable, in this order.
    pub(crate) fn read(&self) -> anyhow::Result<Option<CommKey>> {
        if let Some(key) = self.key {
            return Ok(Some(CommKey::new(key)));
        }
        if let Some(path) = &self.key_file {
            return from_file(path).map(Some);
        }
        match std::env::var(VARIABLE) {
            Ok(text) if text.trim().is_empty() => Ok(None),
            Ok(text) => number(&text, VARIABLE).map(Some),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => number("", VARIABLE).map(Some),
        }
    }
}

fn from_file(path: &Path) -> anyhow::Result<CommKey> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the communication key in {}", path.display()))?;
    number(&text, &path.display().to_string())
}

/// The value itself is a secret and stays out of the message.
fn number(text: &str, source: &str) -> anyhow::Result<CommKey> {
    let wrong = || {
        UsageError(format!(
            "{source} holds no communication key; it is a number such as 123456"
        ))
    };
    Ok(CommKey::new(text.trim().parse().map_err(|_| wrong())?))
}
