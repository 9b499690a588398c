//! `key create|list|revoke`: API keys, while the server runs or not.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::{Clock as _, Role};
use server::ApiKeyText;
use storage::Store;

use crate::{
    cli::{DataDirArg, block_on},
    clock::SystemClock,
    config, data_dir,
};

#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Makes a key and prints it, once, alone on one line
    Create {
        /// Who or what uses it, as in payroll
        #[arg(long)]
        name: String,
        /// viewer: reads; operator: also saves users, connects terminals, sends; admin: everything
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        data: DataDirArg,
    },
    /// Lists keys, without the keys themselves
    List {
        #[command(flatten)]
        data: DataDirArg,
    },
    /// Makes a key useless, within a second also where the server runs
    Revoke {
        /// Number or name as `key list` shows it
        key: String,
        #[command(flatten)]
        data: DataDirArg,
    },
}

pub(crate) fn run(args: &KeyArgs) -> anyhow::Result<()> {
    block_on(async {
        match &args.command {
            KeyCommand::Create { name, role, data } => {
                let dir = dir_of(data);
                data_dir::create_ledger(&dir)?;
                create(&open(&dir).await?, name, *role).await
            }
            KeyCommand::List { data } => list(&open_made(data).await?).await,
            KeyCommand::Revoke { key, data } => revoke(&open_made(data).await?, key).await,
        }
    })
}

fn dir_of(data: &DataDirArg) -> PathBuf {
    config::data_dir(data.data_dir.as_deref())
}

/// Where there is no installation yet, a list of no keys would hide that the folder is the wrong one.
async fn open_made(data: &DataDirArg) -> anyhow::Result<Store> {
    let dir = dir_of(data);
    let ledger = dir.join(storage::FILE);
    if let Err(error) = std::fs::metadata(&ledger) {
        bail!(
            "there is no ledger {} ({error}); give the server's data folder with --data-dir",
            ledger.display()
        );
    }
    open(&dir).await
}

/// Opens the ledger beside a server that may be running: `SQLite` lets both write in turn.
///
/// API keys are hashed, not sealed, so that any sealing key does.
async fn open(dir: &Path) -> anyhow::Result<Store> {
    Store::open(dir, storage::Sealer::new(data_dir::random_bytes()?))
        .await
        .with_context(|| format!("open the ledger in {}", dir.display()))
}

/// What `println!` does, but for a full disk it panics.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context("write to standard output")
}

async fn create(store: &Store, name: &str, role: Role) -> anyhow::Result<()> {
    let name = name.trim();
    if name.is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
        return Err(config::UsageError(
            "give the key a name of 1 to 100 characters with --name".to_owned(),
        )
        .into());
    }
    let key = ApiKeyText::from_random(data_dir::random_bytes()?);
    let made = store
        .add_key(name, role, &key.hash(), key.hint(), SystemClock.now())
        .await?;
    let printed = print(&format!("{}\n", key.expose()));
    if printed.is_err() {
        // Nobody has seen it, and nobody will.
        store
            .revoke_key(&made.to_string(), SystemClock.now())
            .await?;
    }
    store.close().await?;
    printed
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let mut lines = format!(
        "{:>4}  {:<8}  {:<8}  {:<20}  name\n",
        "id", "role", "ends in", "created"
    );
    for key in store.keys().await? {
        let state = if key.revoked_at.is_some() {
            " (revoked)"
        } else {
            ""
        };
        writeln!(
            lines,
            "{:>4}  {:<8}  …{:<7}  {:<20}  {}{state}",
            key.id,
            key.role,
            key.hint,
            key.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            key.name,
        )?;
    }
    store.close().await?;
    print(&lines)
}

async fn revoke(store: &Store, key: &str) -> anyhow::Result<()> {
    let revoked = store.revoke_key(key, SystemClock.now()).await?;
    store.close().await?;
    print(&format!("revoked key {} ({})\n", revoked.id, revoked.name))
}
