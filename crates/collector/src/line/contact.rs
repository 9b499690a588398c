//! One conversation with the terminal: connect, find out who it is, do the work, and always EXIT.

use std::time::Duration;

use domain::{LocalTime, Secret, Terminal, Transport};
use zk_client::{Session, Target, Timeouts};
use zk_wire::{CommKey, FreeSizes};

use super::Line;
use crate::{
    CommandError, decode,
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
        let mut session = {
            let opening = self.shared.open(&self.terminal);
            tokio::pin!(opening);
            tokio::select! {
                session = &mut opening => session?,
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
            result = self.greet_and_read(&mut session) => result,
            () = interrupted => Ok(Contact::Interrupted),
        };
        session.close().await;
        result
    }

    async fn greet_and_read(&mut self, session: &mut Session) -> Result<Contact, CommandError> {
        let greeting = self.greet(session).await?;
        self.read_what_changed(session, greeting.counters.as_ref())
            .await
    }

    /// Reads serial number, counters and clock, and makes sure that this is the terminal we mean.
    pub(super) async fn greet(&mut self, session: &mut Session) -> Result<Greeting, CommandError> {
        let serial = self.shared.serial_of(&self.terminal, session).await?;
        self.hears(Some(Heard {
            serial: serial.clone(),
        }));
        self.identify(serial.as_deref()).await?;
        let counters = self.count(session).await?;
        let offset = self.clock_offset(session).await?;
        let now = self.shared.clock.now();
        self.shared.update_status(self.terminal.id, |status| {
            status.health.last_contact_at = Some(now);
            status.health.clock_offset_secs = offset;
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

    /// Terminal clock minus ours, in seconds; `None` where the terminal's time is no time.
    pub(super) async fn clock_offset(
        &self,
        session: &mut Session,
    ) -> Result<Option<i64>, CommandError> {
        let time = session
            .clock()
            .await
            .map_err(|error| not_connected(&self.terminal, &error))?;
        let (zone, _) = self.shared.zone_of(&self.terminal);
        let now = self.shared.clock.now();
        Ok(time
            .and_then(|time| decode::local_time(time).ok())
            .and_then(|time| time.resolve(&zone).ok())
            .map(|resolved| resolved.instant.as_second() - now.as_second()))
    }

    pub(super) async fn who_is_there(&mut self) -> Result<Option<String>, CommandError> {
        let mut session = self.shared.open(&self.terminal).await?;
        let serial = self.shared.serial_of(&self.terminal, &mut session).await;
        session.close().await;
        serial
    }
}

impl Shared {
    pub(crate) async fn open(&self, terminal: &Terminal) -> Result<Session, CommandError> {
        let timeout = terminal
            .connect_timeout
            .unwrap_or(self.settings.connect_timeout);
        let target = target(terminal, timeout);
        Session::connect(&target)
            .await
            .map_err(|error| not_connected(terminal, &error))
    }

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

fn target(terminal: &Terminal, connect: Duration) -> Target {
    Target {
        host: terminal.address.host.clone(),
        port: terminal.address.port,
        transport: match terminal.transport {
            Transport::Tcp => zk_client::Transport::Tcp,
            Transport::Udp => zk_client::Transport::Udp,
        },
        comm_key: terminal
            .comm_key
            .as_ref()
            .map(Secret::expose)
            .copied()
            .map(CommKey::new),
        timeouts: Timeouts {
            connect,
            ..Timeouts::default()
        },
    }
}
