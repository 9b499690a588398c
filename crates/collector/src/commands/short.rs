//! Commands that do not wait for the end of a long read.

use std::time::Duration;

use domain::TerminalId;

use crate::{
    Collector, CommandError, TerminalNow,
    line::{Answer, Command, Short, Task},
};

impl Collector {
    /// Opens the door for so long. Never sent twice: where no answer comes, the door may have been opened all the same.
    pub async fn unlock(&self, id: TerminalId, time: Duration) -> Result<(), CommandError> {
        self.short(id, Task::Unlock(time)).await.map(drop)
    }

    /// Plays one of the terminal's sounds: 0 thank you, 10 a beep …
    pub async fn play_voice(&self, id: TerminalId, number: u32) -> Result<(), CommandError> {
        self.short(id, Task::PlayVoice(number)).await.map(drop)
    }

    /// Shows a text on a line of the terminal's display. Terminals with a coloured one say yes and show nothing.
    pub async fn write_lcd(
        &self,
        id: TerminalId,
        line: i16,
        text: String,
    ) -> Result<(), CommandError> {
        self.short(id, Task::WriteLcd { line, text })
            .await
            .map(drop)
    }

    pub async fn clear_lcd(&self, id: TerminalId) -> Result<(), CommandError> {
        self.short(id, Task::ClearLcd).await.map(drop)
    }

    /// Sets the terminal's clock to its zone's wall clock.
    pub async fn set_clock(&self, id: TerminalId) -> Result<(), CommandError> {
        self.short(id, Task::SetClock).await.map(drop)
    }

    /// Lets people punch again, should somebody have disabled the terminal.
    pub async fn enable(&self, id: TerminalId) -> Result<(), CommandError> {
        self.short(id, Task::Enable).await.map(drop)
    }

    /// What the terminal is doing right now.
    pub async fn terminal_state(&self, id: TerminalId) -> Result<TerminalNow, CommandError> {
        match self.short(id, Task::State).await? {
            Answer::State(now) => Ok(now),
            Answer::Done | Answer::Serial(_) => Err(CommandError::ShuttingDown),
        }
    }

    async fn short(&self, id: TerminalId, task: Task) -> Result<Answer, CommandError> {
        self.0
            .ask(id, |reply| Command::Short(Short { task, reply }))
            .await
    }
}
