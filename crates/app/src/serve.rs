//! `serve`: collects, serves and delivers until it is told to stop.

use std::{net::SocketAddr, path::Path};

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::{
    cli::ServeArgs,
    config::{self, Config},
    config_source,
    data_dir::DataDir,
    logging, open_files,
    program::Program,
    shutdown::Signals,
};

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let config = config::load(args)?;
    let dir = DataDir::open(&config.data_dir)?;
    let _written_at_the_end = logging::start(dir.path(), &config.log, config.log_days)?;
    open_files::allow_many();
    runtime()?.block_on(serve(&config, dir))
}

/// Two threads are enough for hundreds of terminals; more only where there are more cores.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the run time")
}

async fn serve(config: &Config, dir: DataDir) -> anyhow::Result<()> {
    let signals = Signals::take().context("wait for signals")?;
    let listener = bind(config.listen).await?;
    let path = dir.path().to_owned();
    let program = Program::start(config, dir, listener).await?;
    tracing::info!("data folder {}", path.display());
    for name in config_source::unknown_variables() {
        tracing::warn!("{name} is set, but nothing here reads it; is it misspelt?");
    }
    tell_how_to_begin(config, &program).await?;
    tracing::info!("serving http://{}", program.address());
    program.run(signals).await
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| match address.port() {
            5000 => format!(
                "listen on {address}; if another program has port 5000 (on a Mac: AirPlay Receiver, which System \
                 Settings can turn off), choose another port, as in --listen {}:5050",
                address.ip()
            ),
            _ => format!(
                "listen on {address}; choose an address of this machine and a free port with --listen"
            ),
        })
}

/// Nobody can do anything before the first key is made.
async fn tell_how_to_begin(config: &Config, program: &Program) -> anyhow::Result<()> {
    if config.no_auth {
        tracing::warn!("nobody is asked for a key (--no-auth); use this for trying out only");
        return Ok(());
    }
    let keys = program.store().keys().await.context("read the API keys")?;
    if !keys.iter().any(|key| key.revoked_at.is_none()) {
        tracing::warn!(
            "there is no API key yet; make one with: zk-attendance key create --name me --role admin --data-dir {}",
            for_a_shell(&config.data_dir)
        );
    }
    Ok(())
}

/// A path that can be pasted into a shell in any folder.
fn for_a_shell(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:\\".contains(c);
    if text.chars().all(plain) {
        text
    } else if cfg!(windows) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
