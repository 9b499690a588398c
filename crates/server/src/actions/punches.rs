use std::collections::HashMap;

use domain::{LocalTime, PersonName, Punch, PunchId, TerminalId, TimeRange};
use jiff::Timestamp;
use serde::Serialize;
use storage::{PunchCursor, PunchFilter, Store};
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{PersonNameView, chosen},
    problem::Problem,
};

/// A punch: the seed's six keys, then what else the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PunchView {
    /// The employee number of who made it; where nobody is known behind it, the user id. Leading zeros count.
    #[schema(example = "123")]
    pub(crate) employee_id: String,
    /// The person's; where nobody is known, the terminal's own at the time of capture.
    #[schema(example = "John Doe")]
    pub(crate) employee_name: String,
    /// The terminal's own wall clock.
    #[schema(example = "2025-05-04 09:00:00")]
    pub(crate) timestamp: String,
    #[schema(example = "2025-05-04")]
    pub(crate) date: String,
    #[schema(example = "09:00:00")]
    pub(crate) time: String,
    /// Check In, Check Out, Break Out, Break In, Overtime In, Overtime Out or Unknown
    #[schema(example = "Check In")]
    pub(crate) punch_type: &'static str,
    /// The same for the same punch on every machine and after every re-import.
    pub(crate) record_id: String,
    /// The code behind `punch_type`.
    pub(crate) state: u8,
    pub(crate) verify_mode: u8,
    pub(crate) work_code: u32,
    /// The terminal's serial number, or its id here where it has none.
    pub(crate) device: String,
    /// By which way it came: pull, live, push or import
    #[schema(example = "pull")]
    pub(crate) source: &'static str,
    /// ok, gap or fold (clocks were changed), or implausible
    #[schema(example = "ok")]
    pub(crate) flag: &'static str,
    /// As the terminal knows them.
    #[schema(example = "123")]
    pub(crate) user_id: String,
    /// Its number in the ledger; told by its record id outside.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) number: i64,
}

/// A punch, with whose it is and where.
#[derive(Debug, Clone)]
pub(crate) struct PunchDetail {
    pub(crate) punch: PunchView,
    /// The device's id.
    pub(crate) device: i64,
    pub(crate) zone: String,
    pub(crate) stored_at: Timestamp,
    /// Who is behind its PIN by its time; `None` where nobody is mapped.
    pub(crate) person: Option<PersonNameView>,
}

/// Which punches are meant; all where nothing is said.
#[derive(Debug, Clone, Default)]
pub(crate) struct PunchWish {
    /// A date or a date-time, included.
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    /// Employee numbers, and user ids where nobody is known behind them; nobody: everybody.
    pub(crate) people: Vec<String>,
    /// Id, serial number or address; none or `all`: every terminal, closed ones too.
    pub(crate) device: Option<String>,
}

/// A page, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PunchPage {
    pub(crate) punches: Vec<PunchView>,
    /// How many match altogether.
    pub(crate) total: u64,
    /// Cursor of the page with older ones; `None` on the last.
    pub(crate) next: Option<String>,
}

/// How terminals are called in records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels(HashMap<TerminalId, String>);

impl PunchWish {
    /// Nothing is said.
    pub(crate) fn is_everything(&self) -> bool {
        self.start_date.is_none()
            && self.end_date.is_none()
            && self.people.is_empty()
            && self.device.is_none()
    }
}

/// The filter for a wish; what cannot be used is told by the name of its field.
pub(crate) async fn punch_filter(
    state: &AppState,
    wish: &PunchWish,
) -> Result<PunchFilter, Problem> {
    let range = TimeRange::parse(wish.start_date.as_deref(), wish.end_date.as_deref())
        .map_err(|error| Problem::invalid(error.to_string()))?;
    let device = wish
        .device
        .as_deref()
        .map(str::trim)
        .filter(|device| !device.is_empty());
    let terminal = match device {
        None => None,
        Some(device) if device.eq_ignore_ascii_case("all") => None,
        Some(device) => chosen(state, Some(device))
            .await?
            .map(|terminal| terminal.id),
    };
    let filter = PunchFilter {
        range,
        people: wish.people.clone(),
        terminal,
        ..PunchFilter::default()
    };
    Ok(state.store.of_people(filter).await?)
}

pub(crate) async fn count_punches(state: &AppState, filter: &PunchFilter) -> Result<u64, Problem> {
    Ok(state.store.count_punches(filter).await?)
}

/// The newest punches before a cursor.
pub(crate) async fn latest_punches(
    state: &AppState,
    filter: &PunchFilter,
    before: Option<&str>,
    limit: u32,
) -> Result<PunchPage, Problem> {
    let before = before
        .filter(|cursor| !cursor.is_empty())
        .map(read_cursor)
        .transpose()?;
    let total = state.store.count_punches(filter).await?;
    let found = state.store.latest_punches(filter, before, limit).await?;
    let labels = labels(state).await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next = found
        .last()
        .filter(|_| full)
        .map(|last| write_cursor(cursor_at(last)));
    Ok(PunchPage {
        punches: punch_views(&state.store, found, &labels).await?,
        total,
        next,
    })
}

/// Punches as they are shown, with who made them.
pub(crate) async fn punch_views(
    store: &Store,
    punches: Vec<Punch>,
    labels: &Labels,
) -> Result<Vec<PunchView>, Problem> {
    let ids: Vec<PunchId> = punches.iter().map(|punch| punch.id).collect();
    let people = store.people_of_punches(&ids).await?;
    let views = punches.into_iter().map(|punch| {
        let person = people.get(&punch.id);
        PunchView::new(punch, person, labels)
    });
    Ok(views.collect())
}

/// One punch, by its number in the ledger.
pub(crate) async fn punch(state: &AppState, number: i64) -> Result<PunchDetail, Problem> {
    let found = state.store.punch(PunchId(number)).await?;
    let punch = found.ok_or_else(|| Problem::NotFound {
        code: "unknown_punch",
        message: format!("there is no punch {number} in the ledger"),
    })?;
    let mut people = state.store.people_of_punches(&[punch.id]).await?;
    let person = people.remove(&punch.id);
    Ok(PunchDetail {
        device: punch.terminal_id.0,
        zone: punch.zone.clone(),
        stored_at: punch.stored_at,
        punch: PunchView::new(punch, person.as_ref(), &labels(state).await?),
        person: person.map(PersonNameView::from),
    })
}

/// Serial numbers of all terminals, as records carry them.
pub(crate) async fn labels(state: &AppState) -> Result<Labels, Problem> {
    let terminals = state.store.terminals().await?;
    Ok(Labels(
        terminals
            .into_iter()
            .map(|terminal| {
                let label = terminal
                    .serial
                    .or(terminal.identity)
                    .unwrap_or_else(|| terminal.id.to_string());
                (terminal.id, label)
            })
            .collect(),
    ))
}

impl Labels {
    pub(crate) fn of(&self, terminal: TerminalId) -> String {
        self.0
            .get(&terminal)
            .cloned()
            .unwrap_or_else(|| terminal.to_string())
    }
}

impl PunchView {
    fn new(punch: Punch, person: Option<&PersonName>, labels: &Labels) -> Self {
        let user_id = String::from(punch.pin);
        Self {
            employee_id: person.map_or_else(
                || user_id.clone(),
                |person| person.employee_number.as_str().to_owned(),
            ),
            employee_name: person
                .map(|person| person.name.clone())
                .filter(|name| !name.is_empty())
                .unwrap_or(punch.person_name),
            timestamp: punch.local_time.to_string(),
            date: punch.local_time.date(),
            time: punch.local_time.time(),
            punch_type: punch.state.label(),
            record_id: punch.record_id.to_string(),
            state: punch.state.code(),
            verify_mode: punch.verify,
            work_code: punch.work_code,
            device: labels.of(punch.terminal_id),
            source: punch.source.as_str(),
            flag: punch.flag.as_str(),
            user_id,
            number: punch.id.0,
        }
    }
}

pub(crate) fn cursor_at(punch: &Punch) -> PunchCursor {
    PunchCursor {
        local_time: punch.local_time,
        id: punch.id,
    }
}

/// A place in the order of punches, to be handed back unread: `20250504090000-17`.
pub(crate) fn write_cursor(cursor: PunchCursor) -> String {
    let digits: String = cursor
        .local_time
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    format!("{digits}-{}", cursor.id)
}

pub(crate) fn read_cursor(text: &str) -> Result<PunchCursor, Problem> {
    let wrong = || {
        Problem::invalid(format!(
            "cursor is {text:?}, which is none of ours; send next_cursor as it was given"
        ))
    };
    let (digits, id) = text.trim().split_once('-').ok_or_else(wrong)?;
    let local_time = local_time(digits).ok_or_else(wrong)?;
    let id = id.parse().ok().filter(|id| *id >= 0).ok_or_else(wrong)?;
    Ok(PunchCursor {
        local_time,
        id: PunchId(id),
    })
}

fn local_time(digits: &str) -> Option<LocalTime> {
    const LENGTH: usize = "20250504090000".len();
    if digits.len() != LENGTH || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2)?.parse::<i8>().ok();
    let year = digits.get(..4)?.parse().ok()?;
    LocalTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?).ok()
}
