//! One terminal's task: it owns the terminal's only connection, and everything that wants to use it waits in its mailbox.

mod command;
mod connect;
mod contact;
pub(crate) mod due;
mod identify;
mod read;
mod users;

use std::{sync::Arc, time::Duration};

use domain::{Terminal, TerminalInfo};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) use self::{
    command::{Command, Reply},
    identify::ANOTHER_TERMINAL,
};
use self::{contact::Contact, due::Remembered};
use crate::{
    CommandError,
    handle::{Heard, Shared, TerminalStatus},
    schedule,
    supervisor::same_connection,
};

/// How long a command that is under way may go on when the program stops, so that a write is not left in the middle.
const GRACE: Duration = Duration::from_secs(3);
/// How long a task waits for the one that had its terminal's address before.
const PREDECESSOR: Duration = Duration::from_secs(10);
/// A log that had to wait for other logs comes again so soon.
const LOG_AGAIN: Duration = Duration::from_secs(5);

/// The task's own state.
pub(crate) struct Line {
    shared: Arc<Shared>,
    terminal: Terminal,
    channels: Channels,
    /// Contacts in a row that failed.
    failures: u32,
    /// What is worth knowing between two contacts.
    memory: Memory,
}

/// How others reach a task, and it them.
pub(crate) struct Channels {
    pub(crate) commands: mpsc::Receiver<Command>,
    /// The terminal as it stands in the store, when people changed it.
    pub(crate) settings: watch::Receiver<Terminal>,
    pub(crate) cancel: CancellationToken,
    /// Says that the task ended, however it ended.
    pub(crate) _ended: DropGuard,
}

/// When a task begins.
pub(crate) struct Start {
    /// Tasks that end now and may still hold a connection to the same address.
    pub(crate) after: Vec<CancellationToken>,
    /// Until the first contact.
    pub(crate) first: Duration,
    /// Until the first regular one after it, which sets the phase of all that follow.
    pub(crate) phase: Duration,
}

/// Lost with the process, and then simply read again.
#[derive(Debug, Default)]
struct Memory {
    users: Remembered,
    /// Fingerprint of the last log of which everything was stored.
    settled: Option<u64>,
    /// What the terminal says of itself was asked for.
    info_was_read: bool,
    /// As the store has it.
    saved_info: TerminalInfo,
    /// When the regular contacts begin.
    phase: Option<Instant>,
    /// Another terminal answered; the supervisor must look.
    handed_over: bool,
    /// The error that was last written to the log, so that it is not repeated every minute.
    told_error: Option<&'static str>,
    /// The same of failures that could not be recorded.
    told_unrecorded: bool,
}

impl Line {
    pub(crate) fn new(shared: Arc<Shared>, terminal: Terminal, channels: Channels) -> Self {
        let memory = Memory {
            saved_info: terminal.info.clone(),
            ..Memory::default()
        };
        Self {
            shared,
            terminal,
            channels,
            failures: 0,
            memory,
        }
    }

    /// Contacts the terminal at every interval, and serves commands between, until cancelled.
    pub(crate) async fn run(mut self, start: Start) {
        let cancel = self.channels.cancel.clone();
        let predecessors = async {
            for ended in &start.after {
                ended.cancelled().await;
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = tokio::time::timeout(PREDECESSOR, predecessors) => {}
        }
        let mut next = Instant::now() + start.first;
        self.memory.phase = Some(Instant::now() + start.phase);
        loop {
            self.note_next(next);
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                changed = self.channels.settings.changed() => match changed {
                    Ok(()) => next = self.take_settings(next),
                    Err(_) => break,
                },
                command = self.channels.commands.recv() => match command {
                    Some(command) => {
                        if self.perform_in_time(command).await {
                            next = Instant::now();
                        }
                    }
                    None => break,
                },
                () = tokio::time::sleep_until(next), if self.terminal.enabled => {
                    next = self.poll().await;
                    self.hand_over();
                }
            }
        }
    }

    fn interval(&self) -> Duration {
        self.terminal
            .interval
            .unwrap_or(self.shared.settings.interval)
    }

    fn status(&self) -> TerminalStatus {
        self.shared
            .lines()
            .get(&self.terminal.id)
            .map(|line| line.status.clone())
            .unwrap_or_default()
    }

    /// Goes on with what people changed; says when the next contact is due.
    fn take_settings(&mut self, next: Instant) -> Instant {
        let new = self.channels.settings.borrow_and_update().clone();
        let before = self.terminal.clone();
        self.terminal = Terminal {
            // What the task itself learns and writes is newer here.
            identity: before.identity.clone().or(new.identity),
            serial: before.serial.clone().or(new.serial),
            info: before.info.clone(),
            ..new
        };
        self.remember_terminal();
        if same_connection(&before, &self.terminal) {
            return next.min(Instant::now() + self.interval());
        }
        self.failures = 0;
        Instant::now()
    }

    /// One regular contact; says when the next one is due.
    async fn poll(&mut self) -> Instant {
        let started = Instant::now();
        self.busy(true);
        let result = self.contact_and_read().await;
        self.busy(false);
        let pause = match result {
            Ok(Contact::Done) => {
                self.went_well();
                match self.memory.phase.take() {
                    Some(phase) if phase > Instant::now() => phase - Instant::now(),
                    Some(_) | None => schedule::until_next(self.interval(), started.elapsed()),
                }
            }
            Ok(Contact::LogWaits) => {
                self.went_well();
                LOG_AGAIN
            }
            // The loop looks why before it comes here again.
            Ok(Contact::Interrupted) => self.interval(),
            Err(error) => {
                self.went_wrong(&error).await;
                schedule::backoff(self.failures, self.interval())
            }
        };
        Instant::now() + pause
    }

    fn busy(&self, busy: bool) {
        self.shared
            .update_status(self.terminal.id, |status| status.busy = busy);
        if !busy {
            self.hears(None);
        }
    }

    /// Lets other tasks know whom this one is talking to.
    fn hears(&self, heard: Option<Heard>) {
        if let Some(line) = self.shared.lines().get_mut(&self.terminal.id) {
            line.heard = heard;
        }
    }

    fn went_well(&mut self) {
        if self.memory.told_error.take().is_some() {
            tracing::info!(
                terminal.id = self.terminal.id.0,
                "terminal {} answers again",
                self.terminal.address
            );
        }
        self.failures = 0;
        self.shared.update_status(self.terminal.id, |status| {
            status.connected = true;
            status.consecutive_failures = 0;
            status.health.last_error = None;
            status.health.last_error_code = None;
            status.health.last_error_at = None;
        });
    }

    async fn went_wrong(&mut self, error: &CommandError) {
        self.failures = self.failures.saturating_add(1);
        let now = self.shared.clock.now();
        let failures = self.failures;
        if self.memory.told_error != Some(error.code()) {
            self.memory.told_error = Some(error.code());
            tracing::warn!(
                terminal.id = self.terminal.id.0,
                code = error.code(),
                "not read: {error}"
            );
        }
        self.shared.update_status(self.terminal.id, |status| {
            status.connected = false;
            status.consecutive_failures = failures;
            status.health.last_error = Some(error.to_string());
            status.health.last_error_code = Some(error.code().to_owned());
            status.health.last_error_at = Some(now);
        });
        let told = self
            .shared
            .store
            .record_failed_contact(self.terminal.id, error.code(), &error.to_string(), now)
            .await;
        let told_before = std::mem::replace(&mut self.memory.told_unrecorded, told.is_err());
        if let (Err(error), false) = (told, told_before) {
            tracing::warn!(
                terminal.id = self.terminal.id.0,
                "failed contacts are not recorded for now: {error}"
            );
        }
    }

    /// Wakes the supervisor when the address belongs to another terminal now.
    fn hand_over(&mut self) {
        if std::mem::take(&mut self.memory.handed_over) {
            self.shared.reload();
        }
    }

    fn note_next(&self, next: Instant) {
        let until = next.saturating_duration_since(Instant::now());
        // To the millisecond, as all times that people see.
        let until = Duration::from_millis(u64::try_from(until.as_millis()).unwrap_or_default());
        let at = self
            .terminal
            .enabled
            .then(|| self.shared.clock.now() + until);
        self.shared
            .update_status(self.terminal.id, |status| status.next_poll_at = at);
    }
}

/// The end of what may go on after a cancellation.
async fn too_late(cancel: &CancellationToken) {
    cancel.cancelled().await;
    tokio::time::sleep(GRACE).await;
}
