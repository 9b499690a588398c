//! One contact with the terminal: connect or go on, find out who it is, do the work.

use std::time::Duration;

use domain::{LocalTime, Terminal, Transport};
use zk_client::Session;
use zk_wire::FreeSizes;

use super::{Line, talk::Talk};
use crate::{
    CommandError,
    failure::not_connected,
    handle::{Heard, Shared},
    supervisor::same_connection,
};

/// How long an interrupted contact waits for the answer to its CONNECT.
const OPENING: Duration = Duration::from_secs(1);

/// What a contact that did not fail came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contact {
    Done,
    /// The log must be read, but many others are being read.
    LogWaits,
    /// The program stops, or people changed how the terminal is reached.
    Interrupted,
}

/// What is asked on every contact before anything else.
pub(crate) struct Greeting {
    pub(crate) counters: Option<FreeSizes>,
}

impl Line {
    pub(super) async fn contact_and_read(&mut self) -> Result<Contact, CommandError> {
        let cancel = self.channels.cancel.clone();
        let mut settings = self.channels.settings.clone();
        let present = self.terminal.clone();
        let interrupted = async {
            tokio::select! {
                () = cancel.cancelled() => {}
                _ = settings.wait_for(|new| !same_connection(new, &present)) => {}
            }
        };
        tokio::pin!(interrupted);
        if let Some(mut talk) = self.open.take() {
            let result = tokio::select! {
                result = self.go_on_and_read(&mut talk) => result,
                () = &mut interrupted => Ok(Contact::Interrupted),
            };
            if !result.as_ref().is_err_and(went_silent) {
                self.leave(
                    talk,
                    matches!(result, Ok(Contact::Done | Contact::LogWaits)),
                )
                .await;
                return result;
            }
            // It went silent at some time since the last contact, as terminals do that restart.
            talk.session.close().await;
        }
        let mut talk = {
            let opening = self.shared.open(&self.terminal);
            tokio::pin!(opening);
            tokio::select! {
                session = &mut opening => Talk::new(session?),
                () = &mut interrupted => {
                    // The terminal may be about to give us a session, and that wants its EXIT.
                    if let Ok(Ok(session)) = tokio::time::timeout(OPENING, opening).await {
                        session.close().await;
                    }
                    return Ok(Contact::Interrupted);
                }
            }
        };
        let result = tokio::select! {
            result = self.greet_and_read(&mut talk) => result,
            () = interrupted => Ok(Contact::Interrupted),
        };
        self.leave(
            talk,
            matches!(result, Ok(Contact::Done | Contact::LogWaits)),
        )
        .await;
        result
    }

    async fn greet_and_read(&mut self, talk: &mut Talk) -> Result<Contact, CommandError> {
        let greeting = self.greet(&mut talk.session).await?;
        self.listen(talk).await?;
        self.read_what_changed(talk, greeting.counters.as_ref())
            .await
    }

    async fn go_on_and_read(&mut self, talk: &mut Talk) -> Result<Contact, CommandError> {
        let greeting = self.greet_again(&mut talk.session).await?;
        self.read_what_changed(talk, greeting.counters.as_ref())
            .await
    }

    /// Reads serial number, counters and clock, and makes sure that this is the terminal we mean.
    pub(super) async fn greet(&mut self, session: &mut Session) -> Result<Greeting, CommandError> {
        let serial = self.shared.serial_of(&self.terminal, session).await?;
        self.hears(Some(Heard {
            serial: serial.clone(),
        }));
        self.identify(serial.as_deref()).await?;
        self.enable_if_owed(session).await?;
        self.look_at(session).await
    }

    /// As [`greet`](Self::greet), in a session in which the terminal said before who it is. Over UDP nothing but the
    /// address holds a session together.
    pub(super) async fn greet_again(
        &mut self,
        session: &mut Session,
    ) -> Result<Greeting, CommandError> {
        match self.terminal.transport {
            Transport::Udp => self.greet(session).await,
            Transport::Tcp => {
                self.enable_if_owed(session).await?;
                self.look_at(session).await
            }
        }
    }

    async fn look_at(&mut self, session: &mut Session) -> Result<Greeting, CommandError> {
        let counters = self.count(session).await?;
        self.measure_clock(session).await?;
        self.learn_numbers(session).await?;
        let now = self.shared.clock.now();
        self.shared.update_status(self.terminal.id, |status| {
            status.health.last_contact_at = Some(now);
        });
        Ok(Greeting { counters })
    }

    pub(super) async fn count(
        &self,
        session: &mut Session,
    ) -> Result<Option<FreeSizes>, CommandError> {
        session
            .counters()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))
    }

    /// The serial number that answers at the terminal's address now.
    pub(super) async fn who_is_there(&mut self) -> Result<Option<String>, CommandError> {
        if let Some(mut talk) = self.open.take() {
            let serial = self
                .shared
                .serial_of(&self.terminal, &mut talk.session)
                .await;
            let is_there = serial.is_ok();
            self.leave(talk, is_there).await;
            if is_there {
                return serial;
            }
        }
        let mut session = self.shared.open(&self.terminal).await?;
        let serial = self.shared.serial_of(&self.terminal, &mut session).await;
        session.close().await;
        serial
    }
}

/// Whether a session was lost, rather than what was asked in it.
fn went_silent(error: &CommandError) -> bool {
    matches!(
        error,
        CommandError::NotConnected {
            code: "timeout" | "connection_lost" | "damaged_table",
            ..
        }
    )
}

impl Shared {
    /// `None` where the terminal has no serial number, or an empty one.
    pub(crate) async fn serial_of(
        &self,
        terminal: &Terminal,
        session: &mut Session,
    ) -> Result<Option<String>, CommandError> {
        let serial = session
            .option("~SerialNumber")
            .await
            .map_err(|error| not_connected(terminal, &error))?;
        Ok(serial
            .map(|serial| serial.trim().to_owned())
            .filter(|serial| !serial.is_empty()))
    }

    /// The zone of a terminal's local times, with its IANA name.
    pub(crate) fn zone_of(&self, terminal: &Terminal) -> (jiff::tz::TimeZone, String) {
        let own = terminal
            .zone
            .as_deref()
            .and_then(|name| Some((jiff::tz::TimeZone::get(name).ok()?, name.to_owned())));
        own.unwrap_or_else(|| (self.settings.zone.clone(), self.settings.zone_name.clone()))
    }

    /// The terminal's wall clock as it should be.
    pub(crate) fn local_now(&self, terminal: &Terminal) -> LocalTime {
        LocalTime::at(self.clock.now(), &self.zone_of(terminal).0)
    }
}
