//! What happens when a terminal says who it is: first contact, another terminal at the address, one that moved.

use std::time::Duration;

use domain::{Terminal, TerminalId};
use storage::{NewNotice, NoticeLevel};
use tokio::sync::{SemaphorePermit, oneshot};

use super::{
    Command, Line, Short,
    short::{Answer, Task},
};
use crate::{
    CommandError,
    handle::{Heard, Shared},
    identity::{self, Verdict},
};

/// The code of the error that ends a contact in which another terminal answered.
pub(crate) const ANOTHER_TERMINAL: &str = "another_terminal";
/// How long the task of a terminal that is known elsewhere may take to look whether it is still there.
const ASK_THE_OTHER: Duration = Duration::from_secs(20);

impl Line {
    /// Makes sure that rows read on this connection belong to this terminal, or fails. Nothing is stored before.
    pub(super) async fn identify(&mut self, serial: Option<&str>) -> Result<(), CommandError> {
        match identity::judge(&self.terminal, serial) {
            Verdict::Same => Ok(()),
            Verdict::Nameless => {
                let minted = format!("{}{}", identity::MINTED, (self.shared.settings.mint)());
                self.recognised(minted, None).await
            }
            Verdict::First { serial } => self.first(serial).await,
            Verdict::Other { serial } => self.other(serial).await,
            Verdict::Silent => Err(CommandError::NotConnected {
                code: "no_serial",
                reason: format!(
                    "terminal {} at {} did not say its serial number, so nothing was read: it cannot be told from \
                     another one. It will be asked again; restart it if this goes on",
                    self.terminal.name, self.terminal.address
                ),
            }),
        }
    }

    async fn first(&mut self, serial: String) -> Result<(), CommandError> {
        let known = self.shared.find_by_identity(&serial).await?;
        let Some(known) = known else {
            let shared = self.shared.clone();
            let _alone = self.alone(&shared, &serial, None).await?;
            return self.recognised(serial.clone(), Some(serial)).await;
        };
        self.shared.ensure_it_moved(&known).await?;
        let shared = self.shared.clone();
        let _alone = self.alone(&shared, &serial, Some(&known)).await?;
        let now = shared.clock.now();
        let moved = shared
            .store
            .move_terminal(known.id, self.terminal.id, now)
            .await?;
        shared.tell_moved(&known, &moved).await?;
        Err(self.handed_over())
    }

    async fn other(&mut self, serial: String) -> Result<(), CommandError> {
        let shared = self.shared.clone();
        let here = self.terminal.clone();
        let known = shared.find_by_identity(&serial).await?;
        let Some(known) = known else {
            let _alone = self.alone(&shared, &serial, None).await?;
            let now = shared.clock.now();
            let successor = shared.store.replace_terminal(here.id, &serial, now).await?;
            shared.tell_replaced(&here, &successor).await?;
            return Err(self.handed_over());
        };
        let answers_there = shared.ensure_it_moved(&known).await?;
        let _alone = self.alone(&shared, &serial, Some(&known)).await?;
        let now = shared.clock.now();
        let moved = shared.store.move_terminal(known.id, here.id, now).await?;
        if known.closed_at.is_none() && answers_there.is_some() && answers_there == here.serial {
            // The two changed places: this one goes on where the other was.
            let swapped = shared
                .store
                .readdress_terminal(here.id, &known.address, known.transport, now)
                .await?;
            if here.is_default {
                shared.store.set_default_terminal(here.id).await?;
            }
            shared.tell_moved(&known, &moved).await?;
            shared.tell_moved(&here, &swapped).await?;
        } else {
            shared.tell_replaced(&here, &moved).await?;
        }
        Err(self.handed_over())
    }

    async fn recognised(
        &mut self,
        identity: String,
        serial: Option<String>,
    ) -> Result<(), CommandError> {
        let (id, now) = (self.terminal.id, self.shared.clock.now());
        self.shared
            .store
            .identify_terminal(id, &identity, serial.as_deref(), now)
            .await?;
        self.terminal.identity = Some(identity);
        self.terminal.serial = serial;
        self.remember_terminal();
        Ok(())
    }

    /// Changes of who is where are made one at a time, and only while they still are as they looked.
    async fn alone<'a>(
        &mut self,
        shared: &'a Shared,
        serial: &str,
        known: Option<&Terminal>,
    ) -> Result<SemaphorePermit<'a>, CommandError> {
        let permit = shared
            .identities
            .acquire()
            .await
            .map_err(|_| CommandError::ShuttingDown)?;
        let here = shared.store.terminal(self.terminal.id).await?;
        let place = |terminal: &Terminal| {
            (
                terminal.id,
                terminal.address.clone(),
                terminal.closed_at.is_some(),
            )
        };
        let is_here = here.is_some_and(|here| place(&here) == place(&self.terminal));
        let now_known = shared.find_by_identity(serial).await?;
        if is_here && now_known.as_ref().map(place) == known.map(place) {
            Ok(permit)
        } else {
            Err(self.handed_over())
        }
    }

    /// The address belongs to another row of the ledger now, whose own task takes over once this contact ended.
    fn handed_over(&mut self) -> CommandError {
        self.memory.handed_over = true;
        CommandError::NotConnected {
            code: ANOTHER_TERMINAL,
            reason: format!(
                "another terminal answers at {} than {}; it is read under its own serial number from now on",
                self.terminal.address, self.terminal.name
            ),
        }
    }

    /// Keeps the supervisor's picture of this terminal in step with what the task learned.
    pub(super) fn remember_terminal(&self) {
        if let Some(line) = self.shared.lines().get(&self.terminal.id) {
            line.settings.send_if_modified(|terminal| {
                terminal.clone_from(&self.terminal);
                // The task itself needs no telling.
                false
            });
        }
    }
}

impl Shared {
    pub(crate) async fn find_by_identity(
        &self,
        identity: &str,
    ) -> Result<Option<Terminal>, CommandError> {
        Ok(self.store.terminal_by_identity(identity).await?)
    }

    /// Fails when the terminal still answers, with its serial number, at the address where it is known. Otherwise says
    /// which serial number answers there instead, if any.
    pub(crate) async fn ensure_it_moved(
        &self,
        known: &Terminal,
    ) -> Result<Option<String>, CommandError> {
        if known.closed_at.is_some() {
            return Ok(None);
        }
        match self.who_answers_for(known).await {
            Elsewhere::Nobody => Ok(None),
            Elsewhere::Serial(serial) if serial.is_some() && serial == known.serial => {
                Err(two_of(known, "answers"))
            }
            Elsewhere::Serial(serial) => Ok(serial),
            Elsewhere::Unsure => Err(two_of(known, "may still answer")),
        }
    }

    async fn who_answers_for(&self, known: &Terminal) -> Elsewhere {
        let (mailbox, heard) = match self.lines().get(&known.id) {
            Some(line) => (line.mailbox.clone(), line.heard.clone()),
            None => return Elsewhere::Nobody,
        };
        // It is talking to another one right now; of two that changed places each may be asking the other. Where it
        // talks to the one that is meant, that may have been a moment ago, so it is asked to look again.
        if let Some(Heard { serial }) = heard
            && serial != known.serial
        {
            return Elsewhere::Serial(serial);
        }
        let (reply, there) = oneshot::channel();
        let ask = Command::Short(Short {
            task: Task::WhoIsThere,
            reply,
        });
        if mailbox.try_send(ask).is_err() {
            // Its task is so busy that it must be alive.
            return Elsewhere::Unsure;
        }
        match tokio::time::timeout(ASK_THE_OTHER, there).await {
            Ok(Ok(Ok(Answer::Serial(serial)))) => Elsewhere::Serial(serial),
            // Somebody is there and serves another client: perhaps us, at this address.
            Ok(Ok(Err(CommandError::NotConnected { code: "busy", .. }))) | Err(_) => {
                Elsewhere::Unsure
            }
            Ok(Ok(Err(_) | Ok(Answer::Done | Answer::State(_))) | Err(_)) => Elsewhere::Nobody,
        }
    }

    pub(crate) async fn tell_moved(
        &self,
        before: &Terminal,
        after: &Terminal,
    ) -> Result<(), CommandError> {
        let text = format!(
            "terminal {} ({}) moved from {} to {}",
            after.name,
            after.serial.as_deref().unwrap_or("no serial number"),
            before.address,
            after.address
        );
        self.tell("terminal_moved", after.id, NoticeLevel::Info, text)
            .await
    }

    async fn tell_replaced(&self, before: &Terminal, after: &Terminal) -> Result<(), CommandError> {
        let text = format!(
            "at {} terminal {} answers instead of {}; the old one was closed, its punches stay",
            after.address,
            after.serial.as_deref().unwrap_or("?"),
            before.serial.as_deref().unwrap_or(&before.name)
        );
        self.tell("terminal_replaced", after.id, NoticeLevel::Warning, text)
            .await
    }

    pub(crate) async fn tell(
        &self,
        code: &str,
        terminal: TerminalId,
        level: NoticeLevel,
        text: String,
    ) -> Result<(), CommandError> {
        tracing::warn!(terminal.id = terminal.0, "{text}");
        let notice = NewNotice {
            at: self.clock.now(),
            level,
            code: code.to_owned(),
            terminal_id: Some(terminal),
            destination_id: None,
            text,
        };
        Ok(self.store.tell(notice).await?)
    }
}

/// What is found at the address where a terminal was.
enum Elsewhere {
    Nobody,
    Serial(Option<String>),
    /// Somebody is there, perhaps this one.
    Unsure,
}

fn two_of(known: &Terminal, how: &str) -> CommandError {
    CommandError::Conflict {
        reason: format!(
            "serial number {} {how} at {} already, under the name {:?}; two terminals cannot share one. If it is the \
             same terminal, remove the other registration first; if two terminals carry the same number, give one of \
             them another",
            known.serial.as_deref().unwrap_or("?"),
            known.address,
            known.name
        ),
    }
}
