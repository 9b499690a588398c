//! Everything that `serve` and `demo` run: wired together, started in order, and stopped in order.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, bail};
use collector::{Collector, CollectorSettings};
use delivery::{Delivery, DeliverySettings, OutboundPolicy};
use domain::{Clock, LocalTime};
use ring::hmac;
use server::{AppState, Auth, ServerSettings, StatusCodes};
use storage::{Sealer, Store};
use tokio::{net::TcpListener, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::SystemClock,
    config::Config,
    data_dir::{self, DataDir},
    seed_files, shutdown,
};

/// The running program.
pub(crate) struct Program {
    store: Store,
    collector: Collector,
    delivery: Delivery,
    address: SocketAddr,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Held until everything else ended.
    _dir: DataDir,
}

impl Program {
    /// Opens the ledger, imports the seed's settings files, and starts capture, delivery and the server.
    pub(crate) async fn start(
        config: &Config,
        dir: DataDir,
        listener: TcpListener,
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = open_ledger(config, &dir).await?;
        store
            .abandon_runs(clock.now())
            .await
            .context("close the reads that were cut off")?;
        let policy = OutboundPolicy {
            allow: config.outbound_allow.clone(),
        };
        let local_now = LocalTime::at(clock.now(), &config.zone);
        seed_files::import(dir.path(), &store, &policy, clock.now(), local_now).await?;

        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let delivery = Delivery::start(
            DeliverySettings {
                timeout: config.delivery_timeout,
                policy: policy.clone(),
                jitter_seed: random_number()?,
                zone: config.zone.clone(),
            },
            store.clone(),
            Arc::clone(&clock),
            &tasks,
            stop.clone(),
        )
        .context("start delivery")?;
        let to_wake = delivery.clone();
        let collector = Collector::start(
            CollectorSettings {
                interval: config.poll_interval,
                connect_timeout: config.connect_timeout,
                zone: config.zone.clone(),
                zone_name: config.zone_name.clone(),
                mint,
            },
            store.clone(),
            Arc::clone(&clock),
            Arc::new(move || to_wake.wake()),
            &tasks,
            stop.clone(),
        )
        .await
        .context("start the collector")?;
        let state = AppState {
            store: store.clone(),
            collector: collector.clone(),
            delivery: delivery.clone(),
            policy,
            clock,
            settings: Arc::new(server_settings(config)),
            form_key: Arc::new(hmac::Key::new(
                hmac::HMAC_SHA256,
                &data_dir::random_bytes()?,
            )),
            tasks: tasks.clone(),
            stopping: stop.clone(),
        };
        tasks.spawn(serve(listener, state, stop.clone()));
        Ok(Self {
            store,
            collector,
            delivery,
            address,
            tasks,
            stop,
            _dir: dir,
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn collector(&self) -> &Collector {
        &self.collector
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Where the pages and the API are.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a signal, or for the end of the server by itself, then stops everything within
    /// [`shutdown::DEADLINE`].
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        tokio::select! {
            signal = shutdown::signal() => signal.context("wait for a signal")?,
            () = self.stop.cancelled() => tracing::error!("the server ended by itself; the log above says why"),
        }
        tracing::info!("stopping: requests and deliveries under way may end");
        self.end().await
    }

    async fn end(self) -> anyhow::Result<()> {
        let by_itself = self.stop.is_cancelled();
        let deadline = Instant::now() + shutdown::DEADLINE;
        self.stop.cancel();
        self.tasks.close();
        let drained = tokio::time::timeout_at(deadline, self.tasks.wait()).await;
        if drained.is_err() {
            tracing::warn!(
                "something did not end in time and is cut off; what was sent without an answer goes again under its id"
            );
        }
        let closed = tokio::time::timeout_at(deadline, self.store.close()).await;
        match closed {
            Ok(closed) => closed.context("close the ledger")?,
            // SQLite recovers from its log at the next start.
            Err(_) => {
                tracing::warn!("the ledger was not closed in time; nothing committed is lost")
            }
        }
        if by_itself {
            bail!("the server ended by itself; see the log");
        }
        tracing::info!("stopped");
        Ok(())
    }
}

async fn serve(listener: TcpListener, state: AppState, stop: CancellationToken) {
    if let Err(error) = server::serve(listener, server::router(state), stop.clone()).await {
        tracing::error!("the server failed: {error}");
    }
    stop.cancel();
}

async fn open_ledger(config: &Config, dir: &DataDir) -> anyhow::Result<Store> {
    let key = data_dir::sealing_key(dir.path(), config.secret_key.as_ref())?;
    Store::open(dir.path(), Sealer::new(*key.expose()))
        .await
        .with_context(|| format!("open the ledger in {}", dir.path().display()))
}

fn server_settings(config: &Config) -> ServerSettings {
    ServerSettings {
        auth: if config.no_auth {
            Auth::Open
        } else {
            Auth::Keys
        },
        zone: config.zone.clone(),
        zone_name: config.zone_name.clone(),
        interval: config.poll_interval,
        version: env!("CARGO_PKG_VERSION"),
        codes: if config.legacy_status_codes {
            StatusCodes::Seed
        } else {
            StatusCodes::Plain
        },
    }
}

/// The id of a terminal that has no serial number of its own.
fn mint() -> String {
    let bytes = data_dir::random_bytes().unwrap_or_else(|_| {
        // Without randomness the moment must do: one id is minted in a terminal's life.
        let mut bytes = [0; 32];
        let moment = SystemClock.now().as_nanosecond().to_le_bytes();
        bytes
            .iter_mut()
            .zip(moment)
            .for_each(|(to, from)| *to = from);
        bytes
    });
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn random_number() -> anyhow::Result<u64> {
    let [a, b, c, d, e, f, g, h, ..] = data_dir::random_bytes()?;
    Ok(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
}
