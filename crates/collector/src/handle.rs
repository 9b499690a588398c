use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Address, Clock, Secret, Terminal, TerminalHealth, TerminalId, Transport};
use jiff::Timestamp;
use storage::Store;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    CollectorError, CollectorSettings, CommandError,
    line::{ANOTHER_TERMINAL, Command, PLACES, Reply},
    supervisor::{Begin, Follow, Supervisor},
};

/// Commands that may wait for one terminal.
pub(crate) const MAILBOX: usize = 32;
/// Changes of the list of terminals that may wait for the supervisor.
const FOLLOWS: usize = 16;

/// Owns the connections to all terminals; cheap to clone.
#[derive(Clone)]
pub struct Collector(pub(crate) Arc<Shared>);

/// What the handle, the supervisor and the lines share.
pub(crate) struct Shared {
    pub(crate) settings: CollectorSettings,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    /// Called after punches were committed.
    pub(crate) on_stored: Arc<dyn Fn() + Send + Sync>,
    pub(crate) tracker: TaskTracker,
    pub(crate) cancel: CancellationToken,
    pub(crate) follow: mpsc::Sender<Follow>,
    /// New rows that may be in memory at one time, in thousands.
    pub(crate) large_reads: Arc<Semaphore>,
    /// One place: changes of which terminal is where are made one at a time.
    pub(crate) identities: Semaphore,
    lines: Mutex<HashMap<TerminalId, LineEntry>>,
}

/// One terminal's task, seen from outside.
pub(crate) struct LineEntry {
    pub(crate) mailbox: mpsc::Sender<Command>,
    /// The terminal as the task knows it; where people change it, the task is told.
    pub(crate) settings: watch::Sender<Terminal>,
    pub(crate) cancel: CancellationToken,
    /// Cancelled once the task ended.
    pub(crate) ended: CancellationToken,
    /// Who answers in the conversation that is under way.
    pub(crate) heard: Option<Heard>,
    pub(crate) status: TerminalStatus,
    /// The health changed since it was last written.
    pub(crate) unsaved: bool,
}

/// Who answers at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// `None` where the terminal has no serial number.
    pub(crate) serial: Option<String>,
}

/// How a terminal stands right now; newer than what the store holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TerminalStatus {
    /// The last contact went well.
    pub connected: bool,
    /// A contact is under way.
    pub busy: bool,
    pub next_poll_at: Option<Timestamp>,
    pub health: TerminalHealth,
    pub consecutive_failures: u32,
    pub live: LiveState,
}

/// Whether the terminal tells punches as they happen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LiveState {
    /// It is not asked to.
    #[default]
    Off,
    On {
        since: Timestamp,
    },
    /// It is wanted and is not so; the reason is for people.
    Waiting {
        reason: String,
    },
}

/// What POST /api/connect asks for.
#[derive(Debug, Clone)]
pub struct ConnectRequest {
    pub address: Address,
    pub transport: Transport,
    pub comm_key: Option<Secret<u32>>,
    pub timeout: Option<Duration>,
    pub name: Option<String>,
}

/// What a successful connect found.
#[derive(Debug, Clone)]
pub struct Connected {
    pub terminal: Terminal,
    pub users: usize,
    pub punches_says: Option<u32>,
    pub clock_offset_secs: Option<i64>,
}

impl Collector {
    /// Starts a task for each registered terminal, and one that follows changes.
    ///
    /// `on_stored` is called after punches were committed, to wake delivery.
    pub async fn start(
        settings: CollectorSettings,
        store: Store,
        clock: Arc<dyn Clock>,
        on_stored: Arc<dyn Fn() + Send + Sync>,
        tracker: &TaskTracker,
        cancel: CancellationToken,
    ) -> Result<Self, CollectorError> {
        let (follow, requests) = mpsc::channel(FOLLOWS);
        let shared = Arc::new(Shared {
            settings,
            store,
            clock,
            on_stored,
            tracker: tracker.clone(),
            cancel,
            follow,
            large_reads: Arc::new(Semaphore::new(PLACES)),
            identities: Semaphore::new(1),
            lines: Mutex::default(),
        });
        let mut supervisor = Supervisor::new(Arc::clone(&shared));
        supervisor.follow(Begin::Soon).await?;
        tracker.spawn(supervisor.run(requests));
        Ok(Self(shared))
    }

    /// Opens a terminal, learns who it is, registers or updates it, makes it the default, and starts the first read of
    /// its log in the background. When it fails nothing changes.
    pub async fn connect(&self, request: ConnectRequest) -> Result<Connected, CommandError> {
        let Some(id) = self.0.line_at(&request.address) else {
            return self.0.connect_unknown(request).await;
        };
        // Its own task holds its one connection.
        match self.0.ask_to_connect(id, request.clone()).await {
            Err(error) if error.code() == ANOTHER_TERMINAL => {
                self.0.follow(Begin::AfterCommand).await?;
                match self.0.line_at(&request.address) {
                    Some(successor) if successor != id => {
                        self.0.ask_to_connect(successor, request).await
                    }
                    Some(_) | None => Err(error),
                }
            }
            result => result,
        }
    }

    /// Says that terminals were added, changed or removed in the store.
    pub fn reload(&self) {
        self.0.reload();
    }

    /// Contacts the terminal now instead of at its next turn.
    pub fn sync_now(&self, id: TerminalId) {
        if let Some(mailbox) = self.0.mailbox(id) {
            // A full mailbox means that it is about to be contacted anyway.
            let _ = mailbox.try_send(Command::Poll);
        }
    }

    pub fn status(&self, id: TerminalId) -> Option<TerminalStatus> {
        self.0.lines().get(&id).map(|line| line.status.clone())
    }
}

impl Shared {
    pub(crate) fn lines(&self) -> MutexGuard<'_, HashMap<TerminalId, LineEntry>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn mailbox(&self, id: TerminalId) -> Option<mpsc::Sender<Command>> {
        self.lines().get(&id).map(|line| line.mailbox.clone())
    }

    fn line_at(&self, address: &Address) -> Option<TerminalId> {
        let lines = self.lines();
        lines
            .iter()
            .find(|(_, line)| line.settings.borrow().address == *address)
            .map(|(id, _)| *id)
    }

    pub(crate) fn update_status(&self, id: TerminalId, change: impl FnOnce(&mut TerminalStatus)) {
        if let Some(line) = self.lines().get_mut(&id) {
            let before = line.status.health.clone();
            change(&mut line.status);
            line.unsaved |= line.status.health != before;
        }
    }

    /// Puts a command into the terminal's mailbox and waits for its answer. The command ends within its own timeouts.
    pub(crate) async fn ask<T>(
        &self,
        id: TerminalId,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, CommandError> {
        let mailbox = self.mailbox(id).ok_or(CommandError::UnknownTerminal)?;
        let (reply, answer) = oneshot::channel();
        mailbox
            .try_send(command(reply))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => CommandError::Busy {
                    reason:
                        "too many commands wait for this terminal already; try again in a minute"
                            .to_owned(),
                },
                mpsc::error::TrySendError::Closed(_) => self.left(),
            })?;
        answer.await.unwrap_or_else(|_| Err(self.left()))
    }

    pub(crate) async fn ask_to_connect(
        &self,
        id: TerminalId,
        request: ConnectRequest,
    ) -> Result<Connected, CommandError> {
        self.ask(id, |reply| Command::Connect { request, reply })
            .await
    }

    /// Why a task does not answer any more.
    fn left(&self) -> CommandError {
        if self.cancel.is_cancelled() {
            CommandError::ShuttingDown
        } else {
            CommandError::UnknownTerminal
        }
    }
}
