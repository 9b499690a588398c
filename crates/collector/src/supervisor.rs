//! Keeps one task a terminal, as the store has them, and writes their health now and then.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{Address, Terminal, TerminalId};
use storage::StoreError;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

use crate::{
    CommandError, TerminalStatus,
    handle::{LineEntry, MAILBOX, Shared},
    line::{Channels, Line, Start},
    schedule,
};

/// How often what contacts learned of a terminal's health is written, all in one statement.
const FLUSH_EVERY: Duration = Duration::from_secs(30);
/// How long a new task leaves the first word to a command that is on its way to it.
const AFTER_COMMAND: Duration = Duration::from_secs(5);

/// The one that starts, changes and stops tasks.
pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    /// Tasks that were told to stop and may still hold the connection to their address.
    leaving: Vec<(Address, CancellationToken)>,
}

/// The terminals in the store changed.
pub(crate) struct Follow {
    begin: Begin,
    done: Option<oneshot::Sender<Result<(), StoreError>>>,
}

/// When new tasks contact their terminals first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    Soon,
    /// A command is on its way and should not wait for a long first read.
    AfterCommand,
}

impl Supervisor {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            leaving: Vec::new(),
        }
    }

    pub(crate) async fn run(mut self, mut requests: mpsc::Receiver<Follow>) {
        let mut flush = tokio::time::interval(FLUSH_EVERY);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = false;
        let cancel = self.shared.cancel.clone();
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                request = requests.recv() => match request {
                    Some(request) => self.serve(request).await,
                    None => break,
                },
                _ = flush.tick() => flush_health(&self.shared, &mut told).await,
            }
        }
        flush_health(&self.shared, &mut told).await;
    }

    async fn serve(&mut self, request: Follow) {
        let result = self.follow(request.begin).await;
        if let Err(error) = &result {
            tracing::error!("the registered terminals cannot be read: {error}");
        }
        if let Some(done) = request.done {
            // Who asked may be gone.
            let _ = done.send(result);
        }
    }

    /// Starts tasks for terminals that have none, tells those of changed terminals, stops those of terminals that are
    /// gone.
    pub(crate) async fn follow(&mut self, begin: Begin) -> Result<(), StoreError> {
        let terminals = self.shared.store.terminals().await?;
        let mut wanted: HashMap<TerminalId, Terminal> = terminals
            .into_iter()
            .filter(|terminal| terminal.closed_at.is_none())
            .map(|terminal| (terminal.id, terminal))
            .collect();
        self.leaving.retain(|(_, ended)| !ended.is_cancelled());
        self.shared.lines().retain(|id, line| {
            let Some(terminal) = wanted.remove(id) else {
                line.cancel.cancel();
                let address = line.settings.borrow().address.clone();
                self.leaving.push((address, line.ended.clone()));
                return false;
            };
            line.settings.send_if_modified(|running| {
                let changed = !same_settings(&terminal, running);
                if changed {
                    *running = terminal;
                }
                changed
            });
            true
        });
        let mut missing: Vec<Terminal> = wanted.into_values().collect();
        missing.sort_by_key(|terminal| terminal.id);
        let count = missing.len();
        for (rank, terminal) in missing.into_iter().enumerate() {
            let interval = terminal.interval.unwrap_or(self.shared.settings.interval);
            let first = match begin {
                Begin::Soon => schedule::first_contact(rank, count, interval),
                Begin::AfterCommand => AFTER_COMMAND,
            };
            let phase = schedule::phase(rank, count, interval);
            self.start_line(terminal, first, phase);
        }
        Ok(())
    }

    fn start_line(&self, terminal: Terminal, first: Duration, phase: Duration) {
        let (mailbox, commands) = mpsc::channel(MAILBOX);
        let (settings, changes) = watch::channel(terminal.clone());
        let cancel = self.shared.cancel.child_token();
        let ended = CancellationToken::new();
        let channels = Channels {
            commands,
            settings: changes,
            cancel: cancel.clone(),
            _ended: ended.clone().drop_guard(),
        };
        let after = self
            .leaving
            .iter()
            .filter(|(address, _)| *address == terminal.address)
            .map(|(_, ended)| ended.clone())
            .collect();
        let status = TerminalStatus {
            health: terminal.health.clone(),
            ..TerminalStatus::default()
        };
        let id = terminal.id;
        let line = Line::new(Arc::clone(&self.shared), terminal, channels);
        let entry = LineEntry {
            mailbox,
            settings,
            cancel,
            ended,
            heard: None,
            status,
            unsaved: false,
        };
        self.shared.lines().insert(id, entry);
        self.shared.tracker.spawn(line.run(Start {
            after,
            first,
            phase,
        }));
    }
}

impl Shared {
    /// Has the tasks follow the store, soon.
    pub(crate) fn reload(&self) {
        // Where requests wait already, the last of them will see what changed.
        let _ = self.follow.try_send(Follow {
            begin: Begin::Soon,
            done: None,
        });
    }

    /// Has the tasks follow the store, and waits until they do.
    pub(crate) async fn follow(&self, begin: Begin) -> Result<(), CommandError> {
        let (done, followed) = oneshot::channel();
        let request = Follow {
            begin,
            done: Some(done),
        };
        self.follow
            .send(request)
            .await
            .map_err(|_| CommandError::ShuttingDown)?;
        Ok(followed.await.map_err(|_| CommandError::ShuttingDown)??)
    }
}

/// Whether nothing that people set differs.
fn same_settings(stored: &Terminal, running: &Terminal) -> bool {
    let others = |terminal: &Terminal| {
        (
            terminal.name.clone(),
            terminal.zone.clone(),
            terminal.interval,
            terminal.is_default,
            terminal.live,
            terminal.clock_policy,
            terminal.code_page.clone(),
            terminal.order16,
            terminal.site.clone(),
        )
    };
    same_connection(stored, running) && others(stored) == others(running)
}

/// Whether a contact that is under way may go on with `new`.
pub(crate) fn same_connection(new: &Terminal, running: &Terminal) -> bool {
    let connection = |terminal: &Terminal| {
        (
            terminal.address.clone(),
            terminal.transport,
            terminal.comm_key.clone(),
            terminal.connect_timeout,
            terminal.enabled,
        )
    };
    connection(new) == connection(running)
}

/// Writes what changed; what fails is written the next time, and told the first time.
async fn flush_health(shared: &Shared, told: &mut bool) {
    let changed: Vec<_> = shared
        .lines()
        .iter_mut()
        .filter(|(_, line)| line.unsaved)
        .map(|(id, line)| {
            line.unsaved = false;
            (*id, line.status.health.clone())
        })
        .collect();
    if changed.is_empty() {
        return;
    }
    let ids: Vec<TerminalId> = changed.iter().map(|(id, _)| *id).collect();
    let Err(error) = shared.store.flush_health(changed).await else {
        *told = false;
        return;
    };
    for id in ids {
        if let Some(line) = shared.lines().get_mut(&id) {
            line.unsaved = true;
        }
    }
    if !std::mem::replace(told, true) {
        tracing::warn!("the terminals' times of contact are not written for now: {error}");
    }
}
