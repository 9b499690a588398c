//! Punches that the terminal tells as they happen. They are hints: each is stored at once, and the end of the log, read a
//! little later, is what counts.

use std::{sync::Arc, time::Duration};

use domain::Source;
use storage::Intake;
use tokio::time::Instant;
use zk_client::{Error, LiveAnswer};
use zk_wire::{AttendanceEvent, Event};

use super::{
    Line,
    talk::{Listening, Talk},
};
use crate::{
    CommandError, decode,
    failure::not_connected,
    mute::Cause,
    pace::Pace,
    people::People,
    rows::{Fresh, Reading, Who},
};

/// A terminal that said nothing for so long is asked whether it is still there: one that restarts says nothing of it.
const PROBE_AFTER: Duration = Duration::from_mins(1);
/// One look for events; only so long, because a timer must end some time.
const LISTEN_FOR: Duration = Duration::from_hours(1);
/// Events that are taken between two pieces of a log.
const AT_ONCE: usize = 512;

/// What became of a punch that was told.
enum Told {
    /// Now, or before: its row may have been read before it was heard of. One who punches twice within a second is told
    /// from that by the log only.
    Stored,
    /// Only the log, or the table of users, tells whose punch it is.
    Unclear,
}

/// What is left to do after an open conversation brought something.
pub(super) enum After {
    /// Nothing before the next contact.
    Wait,
    /// The conversation broke off: a new one, now.
    ConnectAgain,
}

/// The next thing that an open conversation tells; for ever where there is none.
pub(super) async fn next_event(open: &mut Option<Talk>) -> Result<Event, Error> {
    let Some(talk) = open else {
        return std::future::pending().await;
    };
    loop {
        if let Some(event) = talk.session.next_event(LISTEN_FOR).await? {
            return Ok(event);
        }
    }
}

impl Line {
    /// Asks the terminal to tell punches from now on, where that is wanted and not known to be in vain.
    pub(super) async fn listen(&mut self, talk: &mut Talk) -> Result<(), CommandError> {
        if !self.wants_live() || self.memory.mute.is_left_alone(Instant::now()) {
            return Ok(());
        }
        let answer = match talk.session.start_live().await {
            Ok(answer) => answer,
            Err(error) if error.is_about_the_request() => LiveAnswer::Silent,
            Err(error) => return Err(not_connected(&self.terminal, &error)),
        };
        match answer {
            LiveAnswer::Agrees => self.memory.mute.agreed(),
            LiveAnswer::Refuses(_) | LiveAnswer::Silent => {
                self.memory.mute.refused(Instant::now());
            }
            LiveAnswer::Unknown => self.memory.mute.unknown(Instant::now()),
        }
        self.learn_live(answer).await?;
        if !answer.agrees() {
            return Ok(());
        }
        talk.listening = Some(Listening {
            since: self.shared.clock.now(),
            began: Instant::now(),
            pace: Pace::default(),
            heard_at: Instant::now(),
            told: 0,
            ever_told: false,
            caught_up: false,
            lost: talk.session.events_lost(),
        });
        Ok(())
    }

    /// For people.
    pub(super) fn why_not_live(&self) -> String {
        let reason = match self.memory.mute.cause() {
            Some(Cause::Refused) => "the terminal refuses to tell punches",
            Some(Cause::Unknown) => "the terminal does not know how to tell punches",
            Some(Cause::Silent) => "the terminal agreed to tell punches and told none",
            Some(Cause::HangsUp) => "the terminal ends sessions that stay open",
            None => return "the terminal is not connected".to_owned(),
        };
        format!("{reason}; it is read at each contact instead")
    }

    /// When an open conversation wants something: the end of the log read, or a sign of life.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        let listening = self.open.as_ref()?.listening.as_ref()?;
        let probe = listening.heard_at + PROBE_AFTER;
        Some(listening.pace.due().map_or(probe, |due| due.min(probe)))
    }

    /// Whether the end of the log is to be read now; otherwise the wait that is over was for a sign of life.
    pub(super) fn is_log_due(&self) -> bool {
        self.open
            .as_ref()
            .and_then(|talk| talk.listening.as_ref()?.pace.due())
            .is_some_and(|due| due <= Instant::now())
    }

    /// Asks an open conversation for a sign of life.
    pub(super) async fn probe(&mut self) -> After {
        let Some(mut talk) = self.open.take() else {
            return After::Wait;
        };
        match talk.session.probe().await {
            Ok(_) => {
                self.leave(talk, true).await;
                After::Wait
            }
            Err(error) => {
                self.broke_off(talk, &error).await;
                After::ConnectAgain
            }
        }
    }

    /// What an open conversation told.
    pub(super) async fn hear(&mut self, heard: Result<Event, Error>) -> After {
        let Some(mut talk) = self.open.take() else {
            return After::Wait;
        };
        match heard {
            Ok(event) => {
                self.take_event(&mut talk, &event).await;
                self.leave(talk, true).await;
                After::Wait
            }
            Err(error) => {
                self.broke_off(talk, &error).await;
                After::ConnectAgain
            }
        }
    }

    async fn broke_off(&mut self, talk: Talk, error: &Error) {
        tracing::info!(
            terminal.id = self.terminal.id.0,
            "the open session ended and is opened anew: {error}"
        );
        let lasted = talk
            .listening
            .as_ref()
            .map(|listening| listening.began.elapsed());
        talk.session.close().await;
        if let Some(lasted) = lasted {
            self.memory.mute.broke_off(lasted, Instant::now());
        }
        self.show_live();
    }

    /// Takes what was told meanwhile, without waiting for more.
    pub(super) async fn take_events(&mut self, talk: &mut Talk) -> Result<(), CommandError> {
        for _ in 0..AT_ONCE {
            if talk.listening.is_none() {
                return Ok(());
            }
            match talk.session.next_event(Duration::ZERO).await {
                Ok(Some(event)) => self.take_event(talk, &event).await,
                Ok(None) => return Ok(()),
                Err(error) => return Err(not_connected(&self.terminal, &error)),
            }
        }
        Ok(())
    }

    /// Stores the punch of an event, and has the log read soon.
    async fn take_event(&mut self, talk: &mut Talk, event: &Event) {
        let Some(listening) = &mut talk.listening else {
            return;
        };
        let now = Instant::now();
        listening.heard_at = now;
        let lost = talk.session.events_lost();
        let some_were_lost = std::mem::replace(&mut listening.lost, lost) < lost;
        match event {
            Event::Attendance(told) => {
                listening.told += 1;
                listening.ever_told = true;
                self.memory.mute.told();
                let taken = match told {
                    Ok(punch) => self.store_told(punch).await,
                    Err(_) => Ok(Told::Unclear),
                };
                let taken = taken.unwrap_or_else(|error| {
                    tracing::warn!(
                        terminal.id = self.terminal.id.0,
                        "a punch that was told is not stored yet; the log is read for it: {error}"
                    );
                    Told::Unclear
                });
                match taken {
                    Told::Stored => listening.pace.event(now),
                    Told::Unclear => listening.pace.at_once(now),
                }
            }
            Event::EnrollUser { .. } | Event::EnrollFinger { .. } => {
                self.memory.users.due = true;
                listening.pace.event(now);
            }
            other => {
                tracing::debug!(terminal.id = self.terminal.id.0, event = ?other, "told");
            }
        }
        if some_were_lost {
            listening.pace.at_once(now);
        }
    }

    async fn store_told(&mut self, told: &AttendanceEvent) -> Result<Told, CommandError> {
        let Some(decoded) = decode::event(told) else {
            return Ok(Told::Unclear);
        };
        let Who::Pin(pin) = &decoded.who else {
            // Whose slot it was when the users were last read is not certain to be whose it is: it may have got another
            // owner since, nothing tells of one who is deleted, and the counters of old terminals, which are the ones
            // that tell slots, need not show it. The users are read before its row is believed; stored under a wrong
            // PIN it would stay so.
            return Ok(Told::Unclear);
        };
        let people = self.people_at_hand().await?;
        // Where nobody is known, nobody will be: some terminals keep their users to themselves.
        if !people.names.is_empty() && !people.names.contains_key(pin) {
            return Ok(Told::Unclear);
        }
        let after = self.memory.log.as_ref().and_then(|log| log.last_time);
        let now = self.shared.clock.now();
        let (zone, zone_name) = self.shared.zone_of(&self.terminal);
        let reading = Reading {
            identity: self.terminal.identity.as_deref().unwrap_or_default(),
            zone: &zone,
            zone_name: &zone_name,
            now,
            people: &people,
            source: Source::Live,
        };
        let raw = Vec::new();
        let Ok(punch) = reading.punch(Fresh {
            raw,
            decoded,
            after,
            is_repeat: false,
        }) else {
            return Ok(Told::Unclear);
        };
        let intake = Intake::of(self.terminal.id, vec![punch]);
        let stored = self.shared.store.ingest(intake, now).await?.stored;
        if stored > 0 {
            (self.shared.on_stored)();
        }
        Ok(Told::Stored)
    }

    /// The terminal's people, kept while punches are being told.
    async fn people_at_hand(&mut self) -> Result<Arc<People>, CommandError> {
        if let Some(people) = &self.memory.people {
            return Ok(Arc::clone(people));
        }
        let people = Arc::new(self.shared.people_of(self.terminal.id).await?);
        self.memory.people = Some(Arc::clone(&people));
        Ok(people)
    }

    /// The end of the log was read, and so many punches were new: does the terminal tell what it should?
    pub(super) fn compare_with_told(&mut self, talk: &mut Talk, new: u64) {
        let Some(listening) = &mut talk.listening else {
            return;
        };
        let told = std::mem::take(&mut listening.told);
        if !std::mem::replace(&mut listening.caught_up, true) {
            // These are from before.
            return;
        }
        let ever = listening.ever_told;
        if self.memory.mute.compared(told, new, ever, Instant::now()) {
            talk.listening = None;
        }
    }
}
