//! `key create|list|revoke`: API keys, while the server runs or not.
#![expect(
    clippy::print_stdout,
    reason = "these commands' answers go to standard output"
)]

use anyhow::Context as _;
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
        /// Who or what uses it
        #[arg(long)]
        name: String,
        /// viewer reads; operator also writes users, connects and sends; admin everything
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
    /// Makes a key useless at once
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
                create(&open(data).await?, name, *role).await
            }
            KeyCommand::List { data } => list(&open(data).await?).await,
            KeyCommand::Revoke { key, data } => revoke(&open(data).await?, key).await,
        }
    })
}

/// Opens the ledger beside a server that may be running: SQLite lets both write in turn.
async fn open(data: &DataDirArg) -> anyhow::Result<Store> {
    let dir = config::data_dir(data.data_dir.as_deref())?;
    data_dir::create(&dir)?;
    let key = data_dir::sealing_key(&dir, None)?;
    Store::open(&dir, storage::Sealer::new(*key.expose()))
        .await
        .with_context(|| format!("open the ledger in {}", dir.display()))
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
    store
        .add_key(name, role, &key.hash(), key.hint(), SystemClock.now())
        .await?;
    store.close().await?;
    println!("{}", key.expose());
    Ok(())
}

async fn list(store: &Store) -> anyhow::Result<()> {
    println!(
        "{:>4}  {:<8}  {:<8}  {:<20}  name",
        "id", "role", "ends in", "created"
    );
    for key in store.keys().await? {
        let state = if key.revoked_at.is_some() {
            " (revoked)"
        } else {
            ""
        };
        println!(
            "{:>4}  {:<8}  …{:<7}  {:<20}  {}{state}",
            key.id,
            key.role,
            key.hint,
            key.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            key.name,
        );
    }
    store.close().await?;
    Ok(())
}

async fn revoke(store: &Store, key: &str) -> anyhow::Result<()> {
    let revoked = store.revoke_key(key, SystemClock.now()).await?;
    store.close().await?;
    println!("revoked key {} ({})", revoked.id, revoked.name);
    Ok(())
}
