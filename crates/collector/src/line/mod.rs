//! One terminal's task: it owns the terminal's only connection, and everything that wants to use it waits in its mailbox.

mod aside;
mod availability;
mod clear;
mod clock;
mod command;
mod connect;
mod contact;
pub(crate) mod due;
mod identify;
mod learned;
mod live;
mod log;
mod operations;
mod people;
mod read;
mod short;
mod standing;
mod talk;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{LiveMode, Terminal, TerminalInfo};
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::{aside::Aside, short::TerminalNow};
use zk_wire::quirks::Act;

pub(crate) use self::{
    command::{Command, Reply},
    identify::ANOTHER_TERMINAL,
    log::PLACES,
    short::{Answer, Short, Task},
};
use self::{
    contact::Contact,
    due::Remembered,
    live::After,
    log::{KnownLog, Whole},
    talk::Talk,
};
use crate::{handle::Shared, mute::Mute, people::People, schedule, supervisor::same_connection};

/// How long a command that is under way may go on when the program stops, so that a write is not left in the middle.
const GRACE: Duration = Duration::from_secs(3);
/// How long a task waits for the one that had its terminal's address before.
const PREDECESSOR: Duration = Duration::from_secs(10);
/// A log that had to wait for other logs comes again so soon.
const LOG_AGAIN: Duration = Duration::from_secs(5);
/// Until a terminal whose session broke off while nobody could punch is connected anew: it may hold the old one a moment.
const ENABLE_AFTER: Duration = Duration::from_secs(1);

/// The task's own state.
pub(crate) struct Line {
    shared: Arc<Shared>,
    terminal: Terminal,
    channels: Channels,
    /// The conversation that stays open between contacts, where the terminal tells punches as they happen.
    open: Option<Talk>,
    /// Commands that came while a log was read and have to wait for its end.
    waiting: VecDeque<Command>,
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, no two of them make a state"
)]
struct Memory {
    /// How its model has to be treated.
    acts: Vec<Act>,
    users: Remembered,
    /// Kept while punches are being told.
    people: Option<Arc<People>>,
    /// How far the log was read; `None` before that was looked up.
    log: Option<KnownLog>,
    /// A read of the whole log that is under way or broke off.
    whole: Option<Whole>,
    /// Somebody asked for the whole log.
    whole_is_asked: bool,
    /// Fingerprint of the last log of which everything was stored.
    settled: Option<u64>,
    /// How it takes it to be asked to tell punches.
    mute: Mute,
    /// It refuses users in bulk.
    takes_no_bulk: bool,
    /// When its clock was last set by itself.
    clock_set_at: Option<Timestamp>,
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
        let mut mute = Mute::default();
        if learned::does_not_know_live(&terminal.info) {
            mute.unknown(Instant::now());
        }
        let memory = Memory {
            acts: learned::acts(&terminal.info),
            mute,
            saved_info: terminal.info.clone(),
            ..Memory::default()
        };
        Self {
            shared,
            terminal,
            channels,
            open: None,
            waiting: VecDeque::new(),
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
        while !cancel.is_cancelled() {
            if let Some(command) = self.waiting.pop_front() {
                next = self.serve(command, next).await;
                continue;
            }
            self.note_next(next);
            let wakes_at = self.wakes_at();
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                changed = self.channels.settings.changed() => match changed {
                    Ok(()) => next = self.take_settings(next).await,
                    Err(_) => break,
                },
                command = self.channels.commands.recv() => match command {
                    Some(command) => next = self.serve(command, next).await,
                    None => break,
                },
                () = tokio::time::sleep_until(next), if self.terminal.enabled => {
                    next = self.poll().await;
                    self.hand_over();
                }
                heard = live::next_event(&mut self.open) => {
                    if let After::ConnectAgain = self.hear(heard).await {
                        next = Instant::now();
                    }
                }
                () = tokio::time::sleep_until(wakes_at.unwrap_or(next)), if wakes_at.is_some() => {
                    next = self.wake(next).await;
                }
            }
        }
        self.hang_up().await;
    }

    /// Performs a command; says when the next contact is due. That is soon where it left the terminal disabled.
    async fn serve(&mut self, command: Command, next: Instant) -> Instant {
        match self.perform_in_time(command).await {
            Some(pause) => Instant::now() + pause,
            None if self.owes_enabling() => next.min(Instant::now() + ENABLE_AFTER),
            None => next,
        }
    }

    /// The end of the log is due for what was told, or the terminal was silent for long.
    async fn wake(&mut self, next: Instant) -> Instant {
        if self.is_log_due() {
            let then = self.poll().await;
            self.hand_over();
            return if self.failures == 0 {
                next.min(then)
            } else {
                then
            };
        }
        match self.probe().await {
            After::Wait => next,
            After::ConnectAgain => Instant::now(),
        }
    }

    fn interval(&self) -> Duration {
        self.terminal
            .interval
            .unwrap_or(self.shared.settings.interval)
    }

    /// Goes on with what people changed; says when the next contact is due.
    async fn take_settings(&mut self, next: Instant) -> Instant {
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
        if before.code_page != self.terminal.code_page {
            self.memory.users.due = true;
        }
        if before.live != self.terminal.live {
            self.memory.mute = Mute::default();
        }
        if !same_connection(&before, &self.terminal) {
            self.hang_up().await;
            self.failures = 0;
            return Instant::now();
        }
        match (self.terminal.live, before.live) {
            (LiveMode::Off, _) => self.hang_up().await,
            (LiveMode::Auto, LiveMode::Off) => return Instant::now(),
            (LiveMode::Auto, LiveMode::Auto) => {}
        }
        next.min(Instant::now() + self.interval())
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

    /// Wakes the supervisor when the address belongs to another terminal now.
    fn hand_over(&mut self) {
        if std::mem::take(&mut self.memory.handed_over) {
            self.shared.reload();
        }
    }
}

/// The end of what may go on after a cancellation.
async fn too_late(cancel: &CancellationToken) {
    cancel.cancelled().await;
    tokio::time::sleep(GRACE).await;
}
