//! What each command does, once the session is open.

use std::time::Duration;

use jiff::SignedDuration;
use zk_wire::{Packet, WireTime, code};

use crate::{
    config::{RestartAnswer, TerminalConfig},
    counters, options,
    people::Rules,
    reply::{Answer, Reply, Then},
    session::Session,
    shared::{Disabled, Shared, State},
    tables, wall_clock,
};

/// Idle, waiting for somebody to identify themselves.
const IDENTIFYING: u16 = 2;
const BUSY: u16 = 4;

// Commands that other clients send and zk-wire has no use for.
const CLEAR_ACCESS: u16 = 32;
const CLEAR_OPERATIONS: u16 = 33;
const ENABLE_CLOCK: u16 = 57;
const DELETE_USER_TEMPLATE: u16 = 134;

pub(crate) fn answer(session: &mut Session, id: u16, packet: &Packet) -> Answer {
    if let Some(answer) = tables::answer(session, id, packet) {
        return answer;
    }
    let reply = Answering { id, packet };
    let shared = session.shared.clone();
    match packet.command {
        code::REG_EVENT => {
            let answer = session.register(number(&packet.payload).unwrap_or(0));
            reply.code(answer)
        }
        code::RESTART | code::POWER_OFF => restart(&shared, &reply),
        code::GET_TIME => {
            let now = wall_clock::to_wire(shared.time()).map_or(u32::MAX, WireTime::to_u32);
            reply.with(now.to_le_bytes().to_vec())
        }
        code::SET_TIME => reply.done(set_time(&shared, &packet.payload)),
        code::GET_VERSION => {
            let mut version = shared.config.firmware.clone().into_bytes();
            version.push(0);
            reply.with(version)
        }
        code::PIN_WIDTH => reply.with(vec![options::pin_width(shared.config.user_format)]),
        code::DOOR_STATE => reply.with(vec![0]),
        code::GET_FREE_SIZES => {
            let mut state = shared.state();
            state.activity.counter_reads += 1;
            reply.with(counters::answer(&shared.config, &mut state))
        }
        _ => with_state(&shared.config, &mut shared.state(), &reply),
    }
}

/// Commands that need nothing but what the terminal holds.
fn with_state(config: &TerminalConfig, state: &mut State, reply: &Answering<'_>) -> Answer {
    let payload = reply.packet.payload.as_slice();
    match reply.packet.command {
        code::OPTIONS_READ => match state.options.answer(payload) {
            Some(option) => reply.with(option),
            None => reply.done(false),
        },
        code::OPTIONS_WRITE => reply.done(state.options.write(payload)),
        code::USER_WRITE => {
            let written = state.people_mut().write(payload, Rules::of(config));
            if let Err(error) = &written {
                tracing::debug!(%error, "user refused");
            }
            state.activity.user_writes += u64::from(written.is_ok());
            reply.done(written.is_ok())
        }
        code::DELETE_USER => {
            let uid = payload.first_chunk().map(|uid| u16::from_le_bytes(*uid));
            let deleted = uid.is_some_and(|uid| state.people_mut().remove(uid));
            state.activity.user_writes += u64::from(deleted);
            reply.done(deleted)
        }
        code::CLEAR_ATTENDANCE => {
            state.activity.clears += 1;
            state.log.clear();
            reply.ok()
        }
        code::CLEAR_DATA => reply.done(clear(state, payload.first().copied())),
        code::CLEAR_ADMIN => {
            state.people_mut().clear_roles();
            reply.ok()
        }
        code::REFRESH_DATA => {
            state.activity.refreshes += 1;
            reply.ok()
        }
        code::ENABLE_DEVICE => {
            state.activity.enables += 1;
            state.disabled = Disabled::No;
            reply.ok()
        }
        code::DISABLE_DEVICE => {
            state.activity.disables += 1;
            // Clients of the Node family send 0 and mean: until it is enabled.
            let seconds = number(payload).unwrap_or(0);
            state.disable_for(Duration::from_secs(u64::from(seconds)));
            reply.ok()
        }
        code::STATE => {
            let what = if state.is_disabled() {
                BUSY
            } else {
                IDENTIFYING
            };
            Answer::of(Reply::bare(code::ACK_OK, what, reply.packet.reply))
        }
        // Nothing to be seen from outside.
        code::REFRESH_OPTION
        | code::CANCEL_CAPTURE
        | code::START_VERIFY
        | code::UNLOCK
        | code::TEST_VOICE
        | code::WRITE_LCD
        | code::CLEAR_LCD
        | CLEAR_ACCESS
        | CLEAR_OPERATIONS
        | ENABLE_CLOCK => reply.ok(),
        // There are no templates.
        code::DELETE_TEMPLATE | code::TEMPLATE_READ | DELETE_USER_TEMPLATE => reply.done(false),
        _ => {
            state.activity.unknown_commands += 1;
            reply.code(code::ACK_UNKNOWN)
        }
    }
}

fn clear(state: &mut State, table: Option<u8>) -> bool {
    match table {
        None => {
            state.log.clear();
            state.people_mut().clear();
        }
        Some(code::table::ATTENDANCE) => state.log.clear(),
        Some(code::table::USERS) => state.people_mut().clear(),
        Some(code::table::TEMPLATES | code::table::OPERATIONS) => {}
        Some(_) => return false,
    }
    state.activity.clears += 1;
    true
}

fn set_time(shared: &Shared, payload: &[u8]) -> bool {
    let given = number(payload)
        .and_then(WireTime::from_u32)
        .and_then(wall_clock::from_wire);
    let Some(given) = given else { return false };
    let offset: SignedDuration = given.duration_since(shared.true_time());
    shared.state().offset = offset;
    true
}

fn restart(shared: &Shared, reply: &Answering<'_>) -> Answer {
    let mut state = shared.state();
    state.activity.restarts += 1;
    state.disabled = Disabled::No;
    match shared.config.restart.answer {
        RestartAnswer::Acknowledged => reply.ok(),
        RestartAnswer::Silent => Answer::nothing(),
    }
    .then(Then::Restart)
}

/// The first four bytes as a number.
fn number(payload: &[u8]) -> Option<u32> {
    payload
        .first_chunk()
        .map(|number| u32::from_le_bytes(*number))
}

/// A request that is being answered.
struct Answering<'a> {
    id: u16,
    packet: &'a Packet,
}

impl Answering<'_> {
    fn code(&self, code: u16) -> Answer {
        Answer::of(Reply::bare(code, self.id, self.packet.reply))
    }

    fn ok(&self) -> Answer {
        self.code(code::ACK_OK)
    }

    fn done(&self, done: bool) -> Answer {
        self.code(if done { code::ACK_OK } else { code::ACK_ERROR })
    }

    fn with(&self, payload: Vec<u8>) -> Answer {
        Answer::of(Reply {
            command: code::ACK_OK,
            session: self.id,
            number: self.packet.reply,
            payload: payload.into(),
        })
    }
}
