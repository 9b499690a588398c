//! Everything that `serve` and `demo` run: wired together, started in order, and stopped in order.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, bail};
use collector::{Collector, CollectorSettings};
use delivery::{Delivery, DeliverySettings, OutboundPolicy};
use domain::{Clock, LocalTime};
use jiff::Timestamp;
use ring::hmac;
use server::{AppState, Auth, ServerSettings, StatusCodes};
use storage::{NewNotice, NoticeLevel, Sealer, Store};
use tokio::{net::TcpListener, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::SystemClock,
    config::Config,
    data_dir::{self, DataDir},
    seed_files,
    shutdown::{self, Signals},
};

/// The running program.
pub(crate) struct Program {
    store: Store,
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
        tell_lost_comm_keys(&store, clock.now()).await?;
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
                copies: dir.path().join("log-copies"),
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
            collector,
            delivery,
            policy,
            clock,
            settings: Arc::new(server_settings(config)),
            form_key: Arc::new(hmac::Key::new(
                hmac::HMAC_SHA256,
                &data_dir::random_bytes()?,
            )),
            kept: server::Kept::default(),
            tasks: tasks.clone(),
            stopping: stop.clone(),
        };
        tasks.spawn(serve(listener, state, stop.clone()));
        Ok(Self {
            store,
            address,
            tasks,
            stop,
            _dir: dir,
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Where the pages and the API are.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a signal, or for the end of the server by itself, then stops everything within
    /// [`shutdown::DEADLINE`].
    pub(crate) async fn run(self, mut signals: Signals) -> anyhow::Result<()> {
        tokio::select! {
            signal = signals.next() => signal.context("wait for a signal")?,
            () = self.stop.cancelled() => tracing::error!("the server ended by itself; the log above says why"),
        }
        tracing::info!("stopping: requests and deliveries under way may end");
        tokio::select! {
            // Whoever asks twice does not want to wait; the ledger stands that as it stands a power cut.
            again = shutdown::second_signal() => {
                again.context("wait for a signal")?;
                bail!("asked to stop a second time; what was under way is cut off")
            }
            ended = self.end() => ended,
        }
    }

    async fn end(self) -> anyhow::Result<()> {
        let by_itself = self.stop.is_cancelled();
        let deadline = Instant::now() + shutdown::DEADLINE;
        self.stop.cancel();
        self.tasks.close();
        let drained =
            tokio::time::timeout_at(deadline - shutdown::CLOSING, self.tasks.wait()).await;
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
                tracing::warn!("the ledger was not closed in time; nothing committed is lost");
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
    let served = server::serve(listener, server::router(state), stop.clone());
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(shutdown::REQUESTS).await;
    };
    tokio::select! {
        served = served => if let Err(error) = served {
            tracing::error!("the server failed: {error}");
        },
        () = too_late => tracing::info!("a request to the server did not end in time and is cut off"),
    }
    stop.cancel();
}

pub(crate) async fn open_ledger(config: &Config, dir: &DataDir) -> anyhow::Result<Store> {
    let key = data_dir::sealing_key(dir.path(), config.secret_key.as_ref())?;
    data_dir::create_ledger(dir.path())?;
    Store::open(dir.path(), Sealer::new(*key.expose()))
        .await
        .with_context(|| format!("open the ledger in {}", dir.path().display()))
}

/// Terminals whose communication key cannot be read any more: they answer nothing until it is set again.
async fn tell_lost_comm_keys(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    for (id, name) in store
        .sealed_otherwise()
        .await
        .context("read the terminals' communication keys")?
    {
        let text = format!(
            "the communication key of the terminal {name} was sealed with another secret key than the present one \
             (secret.key in the data folder, or the setting secret_key); bring that back, or set the terminal's key again"
        );
        tracing::error!(terminal.id = id.0, "{text}");
        let notice = NewNotice {
            at: now,
            level: NoticeLevel::Error,
            code: "comm_key_lost".to_owned(),
            terminal_id: Some(id),
            destination_id: None,
            text,
        };
        store.tell(notice).await.context("write a notice")?;
    }
    Ok(())
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
    data_dir::hex(bytes.get(..8).unwrap_or(&bytes))
}

fn random_number() -> anyhow::Result<u64> {
    let bytes = data_dir::random_bytes()?;
    let (number, _) = bytes.split_first_chunk().context("too few random bytes")?;
    Ok(u64::from_le_bytes(*number))
}
