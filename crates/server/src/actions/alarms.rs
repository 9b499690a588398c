//! What somebody should look after.

use domain::TerminalId;
use serde::Serialize;
use storage::{HeldFilter, PersonFilter};
use utoipa::ToSchema;

use super::{
    in_words::{clock_off, is_clock_wrong},
    sync::TerminalStatusView,
    terminal::ReconciliationView,
};
use crate::{AppState, problem::Problem};

/// Something that does not go away by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AlarmView {
    /// `log_does_not_add_up`, `unreadable_rows`, `clock_wrong`, `held_records` or `open_questions`
    #[schema(example = "log_does_not_add_up")]
    pub(crate) code: &'static str,
    /// The device's id, where it is about one.
    #[schema(example = 1)]
    pub(crate) device: Option<i64>,
    /// What is wrong and what to do about it; for people.
    pub(crate) text: String,
}

/// Held punches that are counted; more are many.
const HELD: u32 = 1_000;

/// The alarms about these terminals, and about punches of `only` or of all.
pub(super) async fn alarms(
    state: &AppState,
    devices: &[TerminalStatusView],
    only: Option<TerminalId>,
) -> Result<Vec<AlarmView>, Problem> {
    let mut alarms = Vec::new();
    for run in state.store.differences().await? {
        let Some(device) = devices.iter().find(|device| device.id == run.terminal_id.0) else {
            continue;
        };
        alarms.push(AlarmView {
            code: "log_does_not_add_up",
            device: Some(device.id),
            text: format!("{}: {}", device.name, ReconciliationView::from(run).text),
        });
    }
    if state.store.count_unreadable(None).await? > 0 {
        for device in devices {
            let rows = state
                .store
                .count_unreadable(Some(TerminalId(device.id)))
                .await?;
            if rows > 0 {
                alarms.push(AlarmView {
                    code: "unreadable_rows",
                    device: Some(device.id),
                    text: format!(
                        "{}: {rows} rows of its log cannot be read; they are kept raw, and can be decoded again after an \
                         update",
                        device.name
                    ),
                });
            }
        }
    }
    alarms.extend(devices.iter().filter_map(wrong_clock));
    let filter = HeldFilter {
        terminal: only,
        ..HeldFilter::default()
    };
    let held = state.store.held_punches(&filter, None, HELD).await?.len();
    if held > 0 {
        let held = if held < HELD as usize {
            held.to_string()
        } else {
            format!("{HELD} or more")
        };
        alarms.push(AlarmView {
            code: "held_records",
            device: None,
            text: format!(
                "punches are held, because their time cannot be right: {held}. Look at them and release them"
            ),
        });
    }
    if only.is_none() {
        alarms.extend(open_questions(state).await?);
    }
    Ok(alarms)
}

/// Where nobody keeps people, nobody needs to answer.
async fn open_questions(state: &AppState) -> Result<Option<AlarmView>, Problem> {
    let open = state.store.inbox_count().await?;
    let anybody = PersonFilter::default();
    if open == 0 || state.store.people(&anybody, None, 1).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(AlarmView {
        code: "open_questions",
        device: None,
        text: format!(
            "questions about user ids are open: {open}. Until they are answered, receivers are told the \
                       terminals' own numbers and names"
        ),
    }))
}

fn wrong_clock(device: &TerminalStatusView) -> Option<AlarmView> {
    let offset = device.clock_offset.filter(|secs| is_clock_wrong(*secs))?;
    Some(AlarmView {
        code: "clock_wrong",
        device: Some(device.id),
        text: format!(
            "{}: its clock is {}, and its punches carry this wrong time; set it right",
            device.name,
            clock_off(offset)
        ),
    })
}
