//! `demo`: the whole line at work on this machine: three virtual terminals that people punch on, the server, and a
//! receiver that shows what arrived. No hardware, no network, no configuration.

mod receiver;
mod terminals;

use std::{
    io::{ErrorKind, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use domain::{Clock as _, LocalTime};
use figment::{Figment, providers::Serialized};
use storage::{ExportChange, Store};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{receiver::Receiver, terminals::Fleet};
use crate::{
    clock::SystemClock,
    config::{self, Config},
    data_dir::DataDir,
    logging, open_files,
    program::{self, Program},
    serve::runtime,
    shutdown::Signals,
};

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Keeps the demo's data in this folder; otherwise it is gone afterwards
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Port of the page; the next free one when it is taken
    #[arg(long, value_name = "PORT", default_value_t = 5000)]
    port: u16,
}

/// Ports that are tried, from the one asked for on.
const PORTS: u16 = 100;
/// The shortest that is allowed, so that there is something to see at once.
const POLL_EVERY: Duration = config::SHORTEST_INTERVAL;

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<()> {
    let temporary = match args.data_dir {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new()
                .prefix("zk-attendance-demo-")
                .tempdir()
                .context("make a temporary folder; give one with --data-dir")?,
        ),
    };
    let folder = match (&args.data_dir, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => unreachable!("one of them was made above"),
    };
    let dir = DataDir::open(&folder)?;
    let _written_at_the_end = logging::start(dir.path(), "warn", 14)?;
    open_files::allow_many();
    runtime()?.block_on(demo(args.port, dir, &folder))
}

async fn demo(port: u16, dir: DataDir, folder: &Path) -> anyhow::Result<()> {
    let signals = Signals::take().context("wait for signals")?;
    let tasks = TaskTracker::new();
    let stop = CancellationToken::new();
    let fleet = Fleet::start().await?;
    let receiver = start_receiver(&tasks, &stop).await?;
    let listener = bind(port).await?;
    let config = config(listener.local_addr()?, folder)?;
    prepare(&config, &dir, &fleet, receiver).await?;
    let program = Program::start(&config, dir, listener).await?;
    let text = introduction(program.address(), receiver, &fleet, folder);
    if let Err(error) = std::io::stdout().write_all(text.as_bytes()) {
        tracing::warn!(
            "nobody reads standard output ({error}); the page is http://{}",
            program.address()
        );
    }
    let ended = program.run(signals).await;
    stop.cancel();
    tasks.close();
    fleet.stop().await;
    // The receiver's page keeps no connection that is worth waiting for.
    let _ = tokio::time::timeout(Duration::from_secs(1), tasks.wait()).await;
    ended
}

/// Port 5000, or the next that is free.
async fn bind(first: u16) -> anyhow::Result<TcpListener> {
    for port in first..=first.saturating_add(PORTS) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            other => return other.with_context(|| format!("listen on 127.0.0.1:{port}")),
        }
    }
    anyhow::bail!("no port from {first} on is free; give another with --port")
}

async fn start_receiver(
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .context("start the receiver")?;
    let address = listener.local_addr()?;
    let router = Receiver::default().router();
    let stop = stop.clone();
    tasks.spawn(async move {
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::error!("the demo's receiver failed: {error}");
        }
    });
    Ok(address)
}

/// The defaults, open on loopback; variables and files of a real installation do not reach the demo.
fn config(listen: SocketAddr, folder: &Path) -> anyhow::Result<Config> {
    let defaults = config::check(&Figment::from(Serialized::defaults(
        config::Written::default(),
    )))?;
    Ok(Config {
        listen,
        data_dir: folder.to_owned(),
        no_auth: true,
        poll_interval: POLL_EVERY,
        outbound_allow: vec![ipnet::Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8).into()],
        ..defaults
    })
}

/// What an installer would do: register the terminals, and set the receiver. Before anything runs, so that in a kept
/// folder nobody looks for the terminals where the last demo had them.
async fn prepare(
    config: &Config,
    dir: &DataDir,
    fleet: &Fleet,
    receiver: SocketAddr,
) -> anyhow::Result<()> {
    let store = program::open_ledger(config, dir).await?;
    fleet.register(&store).await?;
    deliver_to(&store, config, receiver).await?;
    store.close().await.context("close the ledger")
}

fn introduction(page: SocketAddr, receiver: SocketAddr, fleet: &Fleet, folder: &Path) -> String {
    let terminals: String = fleet
        .described()
        .flat_map(|terminal| ["  terminal     ".to_owned(), terminal, "\n".to_owned()])
        .collect();
    let folder = folder.display();
    format!(
        "ZK Attendance demo\n  open this    http://{page}\n  receiver     http://{receiver}\n{terminals}  data folder  \
         {folder}\nPeople punch every few seconds. Stop it with Ctrl-C.\n"
    )
}

/// All of the terminals' history goes to the receiver, so that there is something to see.
async fn deliver_to(store: &Store, config: &Config, receiver: SocketAddr) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let start = LocalTime::new(2000, 1, 1, 0, 0, 0)?;
    let change = ExportChange {
        url: Some(Some(format!("http://{receiver}/punches"))),
        auto_export: Some(true),
        start_from: Some(start),
        ..ExportChange::default()
    };
    store
        .save_export_settings(change, now, LocalTime::at(now, &config.zone))
        .await
        .context("set the demo's receiver")?;
    Ok(())
}
