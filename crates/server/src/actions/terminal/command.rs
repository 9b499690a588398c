//! Short commands: they go between two pieces of a long log.

use std::time::Duration;

use collector::{DoorState, TerminalState};
use domain::Terminal;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::devices::{self, LiveNow},
    problem::Problem,
};

/// Whoever wants a door open longer wants something else.
pub(crate) const LONGEST_UNLOCK: Duration = Duration::from_mins(10);
/// Characters of a line of a display; longer ones are cut by the terminal.
const LCD_TEXT: usize = 64;

/// A command that was carried out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CommandView {
    /// The device's id.
    #[schema(example = 1)]
    pub(crate) device: i64,
    #[schema(example = "Front gate")]
    pub(crate) name: String,
    /// `unlock`, `voice`, `lcd`, `lcd_clear`, `restart` or `enable`
    #[schema(example = "unlock")]
    pub(crate) command: &'static str,
    /// When the device had answered.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) done_at: Timestamp,
}

/// What a terminal is doing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StateView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    /// `idle`, `enrolling`, `identifying`, `menu`, `busy`, `writing_card` or `other`; null where it does not say.
    #[schema(example = "idle")]
    pub(crate) state: Option<&'static str>,
    /// `open` or `closed`; null where it has no sensor at its door.
    #[schema(example = "closed")]
    pub(crate) door: Option<&'static str>,
    /// Terminal clock minus server clock, in seconds; null where it shows no time.
    #[schema(example = -2)]
    pub(crate) clock_offset: Option<i64>,
}

/// Whether a terminal tells punches as they happen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LiveView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    /// `auto` or `off`, as it is set.
    #[schema(example = "auto")]
    pub(crate) setting: &'static str,
    /// `on`, `off`, or `waiting` when it is wanted and is not so.
    #[schema(example = "on")]
    pub(crate) state: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) since: Option<Timestamp>,
    /// Why it waits; for people.
    pub(crate) reason: Option<String>,
}

/// Opens the door. Sent once, whatever happens.
pub(crate) async fn unlock(
    state: &AppState,
    device: &str,
    time: Duration,
) -> Result<CommandView, Problem> {
    if time.is_zero() || time > LONGEST_UNLOCK {
        return Err(Problem::invalid(format!(
            "seconds must be more than 0 and at most {}",
            LONGEST_UNLOCK.as_secs()
        )));
    }
    let terminal = devices::open(state, device).await?;
    state.collector.unlock(terminal.id, time).await?;
    Ok(done(state, &terminal, "unlock"))
}

/// Plays one of the terminal's sounds.
pub(crate) async fn play_voice(
    state: &AppState,
    device: &str,
    number: u32,
) -> Result<CommandView, Problem> {
    let terminal = devices::open(state, device).await?;
    state.collector.play_voice(terminal.id, number).await?;
    Ok(done(state, &terminal, "voice"))
}

/// Shows a text on a line of the display.
pub(crate) async fn write_lcd(
    state: &AppState,
    device: &str,
    line: i16,
    text: &str,
) -> Result<CommandView, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LCD_TEXT || text.chars().any(char::is_control) {
        return Err(Problem::invalid(format!(
            "text must be of 1 to {LCD_TEXT} characters in one line; to take a text away, clear the display"
        )));
    }
    let terminal = devices::open(state, device).await?;
    state
        .collector
        .write_lcd(terminal.id, line, text.to_owned())
        .await?;
    Ok(done(state, &terminal, "lcd"))
}

pub(crate) async fn clear_lcd(state: &AppState, device: &str) -> Result<CommandView, Problem> {
    let terminal = devices::open(state, device).await?;
    state.collector.clear_lcd(terminal.id).await?;
    Ok(done(state, &terminal, "lcd_clear"))
}

/// Restarts the terminal. Sent once, whatever happens.
pub(crate) async fn restart(state: &AppState, device: &str) -> Result<CommandView, Problem> {
    let terminal = devices::open(state, device).await?;
    state.collector.restart(terminal.id).await?;
    Ok(done(state, &terminal, "restart"))
}

/// Lets people punch again, should somebody have disabled the terminal.
pub(crate) async fn enable(state: &AppState, device: &str) -> Result<CommandView, Problem> {
    let terminal = devices::open(state, device).await?;
    state.collector.enable(terminal.id).await?;
    Ok(done(state, &terminal, "enable"))
}

/// Asks the terminal what it is doing.
pub(crate) async fn look(state: &AppState, device: &str) -> Result<StateView, Problem> {
    let terminal = devices::open(state, device).await?;
    let now = state.collector.terminal_state(terminal.id).await?;
    Ok(StateView {
        device: terminal.id.0,
        state: now.state.map(word),
        door: now.door.map(|door| match door {
            DoorState::Open => "open",
            DoorState::Closed => "closed",
        }),
        clock_offset: now.clock_offset_secs,
    })
}

/// Whether punches are told as they happen, from memory.
pub(crate) async fn live(state: &AppState, device: &str) -> Result<LiveView, Problem> {
    let terminal = devices::find(state, device).await?;
    let now = LiveNow::of(&devices::status(state, &terminal).live);
    Ok(LiveView {
        device: terminal.id.0,
        setting: terminal.live.as_str(),
        state: now.state,
        since: now.since,
        reason: now.reason,
    })
}

fn done(state: &AppState, terminal: &Terminal, command: &'static str) -> CommandView {
    CommandView {
        device: terminal.id.0,
        name: terminal.name.clone(),
        command,
        done_at: state.clock.now(),
    }
}

fn word(state: TerminalState) -> &'static str {
    match state {
        TerminalState::Idle => "idle",
        TerminalState::Enrolling => "enrolling",
        TerminalState::Identifying => "identifying",
        TerminalState::Menu => "menu",
        TerminalState::Busy => "busy",
        TerminalState::WritingCard => "writing_card",
        TerminalState::Other(_) => "other",
    }
}
