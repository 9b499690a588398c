//! Commands that leave the terminal's one buffer alone, so that they go between two pieces of a long log.

use std::time::Duration;

use zk_client::{DoorState, Session, TerminalState};
use zk_wire::text;

use super::{Command, Line, command::Reply, talk::Talk};
use crate::{
    CommandError,
    failure::{not_connected, once_failed, write_failed},
    handle::MAILBOX,
};

/// A short command, and who waits for its answer.
pub(crate) struct Short {
    pub(crate) task: Task,
    pub(crate) reply: Reply<Answer>,
}

pub(crate) enum Task {
    /// Which serial number answers at the terminal's address now.
    WhoIsThere,
    Unlock(Duration),
    PlayVoice(u32),
    WriteLcd {
        line: i16,
        text: String,
    },
    ClearLcd,
    SetClock,
    State,
    Enable,
}

#[derive(Debug)]
pub(crate) enum Answer {
    Done,
    Serial(Option<String>),
    State(TerminalNow),
}

/// What a terminal is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalNow {
    /// `None` where it does not say.
    pub state: Option<TerminalState>,
    /// `None` where it has no sensor at its door, or does not say.
    pub door: Option<DoorState>,
    /// Terminal clock minus ours; `None` where it shows no time.
    pub clock_offset_secs: Option<i64>,
}

/// Bytes of a line of the display.
const LCD_LINE: usize = 64;

impl Line {
    /// Carries a short command out in a conversation of its own, or in the one that is open.
    pub(super) async fn perform_short(&mut self, Short { task, reply }: Short) {
        let answer = match task {
            Task::WhoIsThere => self.who_is_there().await.map(Answer::Serial),
            task => self.perform_task(&task).await,
        };
        // Nobody waits any more: what was done stays done.
        let _ = reply.send(answer);
    }

    async fn perform_task(&mut self, wanted: &Task) -> Result<Answer, CommandError> {
        let (mut talk, _) = self.talk().await?;
        let answer = self.task(&mut talk.session, wanted).await;
        self.settle(talk, &answer).await;
        answer
    }

    async fn task(&mut self, session: &mut Session, task: &Task) -> Result<Answer, CommandError> {
        let done = match task {
            Task::WhoIsThere => {
                let serial = self.shared.serial_of(&self.terminal, session).await?;
                return Ok(Answer::Serial(serial));
            }
            Task::State => return self.look(session).await.map(Answer::State),
            Task::SetClock => return self.set_clock_in(session).await.map(|()| Answer::Done),
            Task::Enable => return self.enable(session).await.map(|()| Answer::Done),
            Task::Unlock(time) => {
                let opened = session.unlock(*time).await;
                return opened
                    .map(|()| Answer::Done)
                    .map_err(|error| once_failed(&self.terminal, &error));
            }
            Task::PlayVoice(number) => session.play_voice(*number).await,
            Task::WriteLcd { line, text } => {
                let text = text::encode(text, self.code_page(), LCD_LINE).map_err(|error| {
                    CommandError::Invalid {
                        reason: format!("the text cannot be shown: {error}"),
                    }
                })?;
                session.write_lcd(*line, &text.bytes).await
            }
            Task::ClearLcd => session.clear_lcd().await,
        };
        done.map(|()| Answer::Done)
            .map_err(|error| write_failed(&self.terminal, &error))
    }

    async fn look(&mut self, session: &mut Session) -> Result<TerminalNow, CommandError> {
        let failed = |error: zk_client::Error| not_connected(&self.terminal, &error);
        let state = session.state().await.map_err(failed)?;
        let door = session.door_state().await.map_err(failed)?;
        Ok(TerminalNow {
            state,
            door,
            clock_offset_secs: self.measure_clock(session).await?,
        })
    }

    /// Between two pieces of a log: short commands, and what was told. Other commands wait for the end of the read.
    pub(super) async fn between_pieces(&mut self, talk: &mut Talk) -> Result<(), CommandError> {
        self.take_events(talk).await?;
        while self.waiting.len() < MAILBOX {
            let Ok(command) = self.channels.commands.try_recv() else {
                break;
            };
            let Command::Short(Short { task, reply }) = command else {
                self.put_off(command);
                continue;
            };
            let answer = self.task(&mut talk.session, &task).await;
            let lost = answer.as_ref().err().and_then(CommandError::retold);
            let _ = reply.send(answer);
            if let Some(error) = lost {
                return Err(error);
            }
        }
        Ok(())
    }

    fn put_off(&mut self, command: Command) {
        // One more read of what is being read is enough.
        let is_poll = |command: &Command| matches!(command, Command::Poll);
        if is_poll(&command) && self.waiting.iter().any(is_poll) {
            return;
        }
        self.waiting.push_back(command);
    }
}
