//! What each command does, once the session is open.

use std::{sync::MutexGuard, time::Duration};

use jiff::{SignedDuration, civil::DateTime};
use zk_wire::{Packet, WireTime, code};

use crate::{
    config::{RestartAnswer, TerminalConfig},
    counters,
    effects::Effect,
    faults::Writes,
    live::LiveEvent,
    operations::Done,
    options,
    people::Rules,
    reply::{Answer, Reply, Then},
    session::Session,
    shared::{Disabled, State},
    tables, template_commands, wall_clock,
};

/// Idle, waiting for somebody to identify themselves.
const IDENTIFYING: u16 = 2;
const BUSY: u16 = 4;

// Commands that other clients send and zk-wire has no use for.
const CLEAR_ACCESS: u16 = 32;
const CLEAR_OPERATIONS: u16 = 33;
const ENABLE_CLOCK: u16 = 57;

pub(crate) fn answer(session: &mut Session, id: u16, packet: &Packet) -> Answer {
    if let Some(answer) = tables::answer(session, id, packet) {
        return answer;
    }
    let shared = session.shared.clone();
    if packet.command == code::REG_EVENT {
        let answer = session.register(number(&packet.payload).unwrap_or(0));
        return Answer::of(Reply::bare(answer, id, packet.reply));
    }
    let (true_time, now) = (shared.true_time(), shared.time());
    let mut command = Command {
        id,
        packet,
        config: &shared.config,
        true_time,
        now,
        state: shared.state(),
        event: None,
    };
    let answer = template_commands::answer(&mut command, &mut session.upload)
        .unwrap_or_else(|| command.answer());
    let event = command.event.take();
    drop(command);
    if let Some(event) = event {
        shared.tell(event.into());
    }
    answer
}

/// A command that is being done.
pub(crate) struct Command<'a> {
    id: u16,
    pub(crate) packet: &'a Packet,
    pub(crate) config: &'a TerminalConfig,
    true_time: DateTime,
    /// By the terminal's own clock.
    now: DateTime,
    pub(crate) state: MutexGuard<'a, State>,
    /// What clients that listen are told of afterwards.
    event: Option<LiveEvent>,
}

impl Command<'_> {
    fn answer(&mut self) -> Answer {
        let payload = self.packet.payload.as_slice();
        match self.packet.command {
            code::RESTART | code::POWER_OFF => self.restart(),
            code::GET_TIME => {
                let now = wall_clock::to_wire(self.now).map_or(u32::MAX, WireTime::to_u32);
                self.with(now.to_le_bytes().to_vec())
            }
            code::SET_TIME => self.set_time(),
            code::GET_VERSION => {
                let mut version = self.config.firmware.clone().into_bytes();
                version.push(0);
                self.with(version)
            }
            code::PIN_WIDTH => self.with(vec![options::pin_width(self.config)]),
            code::GET_FREE_SIZES => {
                self.state.activity.counter_reads += 1;
                let counters = counters::answer(self.config, &mut self.state);
                self.with(counters)
            }
            code::OPTIONS_READ => match self.state.options.answer(payload) {
                Some(option) => self.with(option),
                None => self.done(false),
            },
            code::OPTIONS_WRITE => {
                let written = self.state.options.write(payload);
                self.done_as(written, Done::SettingChanged, [0; 4])
            }
            code::USER_WRITE => self.write_user(),
            code::DELETE_USER => {
                let uid = payload.first_chunk().map(|uid| u16::from_le_bytes(*uid));
                let deleted = uid.is_some_and(|uid| self.keeps() && self.state.remove_user(uid));
                self.state.activity.user_writes += u64::from(deleted);
                let done = deleted || (uid.is_some() && !self.keeps());
                self.done_as(done, Done::UserDeleted, [uid.unwrap_or(0), 0, 0, 0])
            }
            code::CLEAR_ATTENDANCE => {
                self.state.activity.clears += 1;
                if self.keeps() {
                    self.state.log.clear();
                }
                self.done_as(true, Done::AttendanceCleared, [0; 4])
            }
            code::CLEAR_DATA => {
                let cleared = self.clear(payload.first().copied());
                self.done_as(cleared, Done::DataCleared, [0; 4])
            }
            code::CLEAR_ADMIN => {
                self.state.people_mut().clear_roles();
                self.done_as(true, Done::AdministratorsCleared, [0; 4])
            }
            CLEAR_OPERATIONS => {
                self.state.operations.clear();
                self.ok()
            }
            code::REFRESH_DATA => {
                self.state.activity.refreshes += 1;
                self.ok()
            }
            code::ENABLE_DEVICE => {
                self.state.activity.enables += 1;
                self.state.disabled = Disabled::No;
                self.ok()
            }
            code::DISABLE_DEVICE => {
                self.state.activity.disables += 1;
                // Clients of the Node family send 0 and mean: until it is enabled.
                let seconds = number(payload).unwrap_or(0);
                self.state
                    .disable_for(Duration::from_secs(u64::from(seconds)));
                self.ok()
            }
            // Nothing to be seen from outside.
            code::REFRESH_OPTION
            | code::CANCEL_CAPTURE
            | code::START_VERIFY
            | CLEAR_ACCESS
            | ENABLE_CLOCK => self.ok(),
            _ => self.care(),
        }
    }

    /// What people see and hear at the terminal.
    fn care(&mut self) -> Answer {
        let payload = self.packet.payload.as_slice();
        match self.packet.command {
            code::STATE => {
                let usual = if self.state.is_disabled() {
                    BUSY
                } else {
                    IDENTIFYING
                };
                let state = self.state.shown.unwrap_or(usual);
                Answer::of(Reply::bare(code::ACK_OK, state, self.packet.reply))
            }
            code::UNLOCK => self.unlock(),
            code::DOOR_STATE => {
                let door = self.state.effects.door_answer();
                self.with(door)
            }
            code::TEST_VOICE => {
                self.state.activity.voices += 1;
                self.seen(number(payload).map(Effect::Played))
            }
            code::WRITE_LCD => {
                let written = match payload {
                    [l0, l1, 0, _, text @ ..] => Some(Effect::Written {
                        line: i16::from_le_bytes([*l0, *l1]),
                        text: text.to_vec(),
                    }),
                    _ => None,
                };
                self.seen(written)
            }
            code::CLEAR_LCD => self.seen(Some(Effect::DisplayCleared)),
            _ => {
                self.state.activity.unknown_commands += 1;
                self.code(code::ACK_UNKNOWN)
            }
        }
    }

    fn write_user(&mut self) -> Answer {
        if !self.keeps() {
            return self.ok();
        }
        let rules = Rules::of(self.config);
        let before = self.state.people().len();
        let written = self.state.people_mut().write(&self.packet.payload, rules);
        match written {
            Ok(uid) => {
                self.state.activity.user_writes += 1;
                if self.state.people().len() > before {
                    self.record(Done::UserEnrolled, [uid, 0, 0, 0]);
                }
                self.ok()
            }
            Err(error) => {
                tracing::debug!(%error, "user refused");
                self.done(false)
            }
        }
    }

    fn clear(&mut self, table: Option<u8>) -> bool {
        if !matches!(
            table,
            None | Some(
                code::table::ATTENDANCE
                    | code::table::USERS
                    | code::table::TEMPLATES
                    | code::table::OPERATIONS
            )
        ) {
            return false;
        }
        self.state.activity.clears += 1;
        if !self.keeps() {
            return true;
        }
        let of = |number: u8| table.is_none_or(|table| table == number);
        if of(code::table::ATTENDANCE) {
            self.state.log.clear();
        }
        if of(code::table::USERS) {
            self.state.people_mut().clear();
        }
        if of(code::table::USERS) || of(code::table::TEMPLATES) {
            self.state.templates.clear();
        }
        if of(code::table::OPERATIONS) {
            self.state.operations.clear();
        }
        true
    }

    fn set_time(&mut self) -> Answer {
        let given = number(&self.packet.payload)
            .and_then(WireTime::from_u32)
            .and_then(wall_clock::from_wire);
        let Some(given) = given else {
            return self.done(false);
        };
        let offset: SignedDuration = given.duration_since(self.true_time);
        if self.keeps() {
            self.state.offset = offset;
            self.now = given;
        }
        self.done_as(true, Done::ClockSet, [0; 4])
    }

    fn unlock(&mut self) -> Answer {
        // Tenths of a second, as most clients mean it.
        let Some(tenths) = number(&self.packet.payload) else {
            return self.done(false);
        };
        let lasting = Duration::from_millis(u64::from(tenths) * 100);
        self.state.effects.happened(Effect::Unlocked(lasting));
        self.state.activity.unlocks += 1;
        self.event = Some(LiveEvent::Unlock);
        self.done_as(true, Done::DoorUnlocked, [0; 4])
    }

    fn restart(&mut self) -> Answer {
        self.state.activity.restarts += 1;
        self.state.disabled = Disabled::No;
        self.record(Done::SwitchedOff, [0; 4]);
        match self.config.restart.answer {
            RestartAnswer::Acknowledged => self.ok(),
            RestartAnswer::Silent => Answer::nothing(),
        }
        .then(Then::Restart)
    }

    /// An effect that people see or hear; `None` for a request that makes no sense.
    fn seen(&mut self, effect: Option<Effect>) -> Answer {
        let known = effect.is_some();
        if let Some(effect) = effect {
            self.state.effects.happened(effect);
        }
        self.done(known)
    }

    /// Whether what clients write is stored. Some terminals say so and do not.
    pub(crate) fn keeps(&self) -> bool {
        self.state.faults.writes == Writes::Kept
    }

    /// Writes down that something was done.
    pub(crate) fn record(&mut self, done: Done, values: [u16; 4]) {
        let now = self.now;
        self.state.operations.record(done, now, values);
    }

    pub(crate) fn code(&self, code: u16) -> Answer {
        Answer::of(Reply::bare(code, self.id, self.packet.reply))
    }

    pub(crate) fn ok(&self) -> Answer {
        self.code(code::ACK_OK)
    }

    pub(crate) fn done(&self, done: bool) -> Answer {
        self.code(if done { code::ACK_OK } else { code::ACK_ERROR })
    }

    /// What was done is written down, too.
    pub(crate) fn done_as(&mut self, done: bool, what: Done, values: [u16; 4]) -> Answer {
        if done {
            self.record(what, values);
        }
        self.done(done)
    }

    pub(crate) fn with(&self, payload: Vec<u8>) -> Answer {
        Answer::of(Reply {
            command: code::ACK_OK,
            session: self.id,
            number: self.packet.reply,
            payload: payload.into(),
        })
    }
}

/// The first four bytes as a number.
fn number(payload: &[u8]) -> Option<u32> {
    payload
        .first_chunk()
        .map(|number| u32::from_le_bytes(*number))
}
