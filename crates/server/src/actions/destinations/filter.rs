use domain::{DestinationFilter, LocalTime, PunchState, TerminalId, TimeRange};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{AppState, actions::chosen, problem::Problem};

/// Which punches a destination wants; an empty list leaves its question out.
///
/// A punch must be from one of the devices or sites, and of one of the people or groups, and in one of the states, and not
/// from before the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FilterView {
    /// Ids.
    #[schema(example = json!([1, 2]))]
    pub(crate) devices: Vec<i64>,
    /// Names of places where devices stand.
    #[schema(example = json!(["Karachi"]))]
    pub(crate) sites: Vec<String>,
    /// Names of groups of people.
    #[schema(example = json!(["Drivers"]))]
    pub(crate) groups: Vec<String>,
    /// Employee numbers, or user ids of people that nobody mapped.
    #[schema(example = json!(["007"]))]
    pub(crate) people: Vec<String>,
    /// Codes: 0 Check In, 1 Check Out, 2 Break Out, 3 Break In, 4 Overtime In, 5 Overtime Out.
    #[schema(example = json!([0, 1]))]
    pub(crate) states: Vec<u8>,
    /// Compared with a punch's local time; null: nothing is wanted until it is set.
    #[schema(example = "2026-11-01 00:00:00")]
    pub(crate) start_from: Option<String>,
}

/// What to change of a filter; `None` leaves a list as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FilterWish {
    /// Each by id, serial number or address.
    pub(crate) devices: Option<Vec<String>>,
    pub(crate) sites: Option<Vec<String>>,
    pub(crate) groups: Option<Vec<String>>,
    pub(crate) people: Option<Vec<String>>,
    /// Each by code or label.
    pub(crate) states: Option<Vec<String>>,
    /// A date or a date-time.
    pub(crate) start_from: Option<String>,
}

/// How many stored punches a filter matches.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MatchView {
    /// What was stored up to now and matches; queued only on request.
    #[schema(example = 1204)]
    pub(crate) matching: u64,
    pub(crate) filter: FilterView,
}

const LONGEST_LIST: usize = 1_000;
const LONGEST_NAME: usize = 200;
/// The last year of the calendar stands for "not set yet".
const NEVER: i16 = 9999;

/// How many past punches match a destination's filter, or what it is about to become.
pub(crate) async fn count_matching(
    state: &AppState,
    wish: &FilterWish,
    of: Option<&str>,
) -> Result<MatchView, Problem> {
    let filter = match of {
        Some(name) => super::named(state, name).await?.filter,
        None => everything(),
    };
    let filter = wish.applied(state, filter).await?;
    Ok(MatchView {
        matching: state.store.count_matching(&filter).await?,
        filter: filter.into(),
    })
}

/// From the first day of the calendar on.
pub(super) fn everything() -> DestinationFilter {
    DestinationFilter::since(beginning())
}

fn beginning() -> LocalTime {
    const FIRST: jiff::civil::DateTime = jiff::civil::date(1, 1, 1).at(0, 0, 0, 0);
    LocalTime::from_civil(FIRST)
}

impl FilterWish {
    /// The filter after the change.
    pub(super) async fn applied(
        &self,
        state: &AppState,
        mut filter: DestinationFilter,
    ) -> Result<DestinationFilter, Problem> {
        if let Some(devices) = &self.devices {
            filter.terminals = terminals(state, devices).await?;
        }
        if let Some(sites) = &self.sites {
            filter.sites = names("sites", sites)?;
        }
        if let Some(groups) = &self.groups {
            filter.groups = names("groups", groups)?;
        }
        if let Some(people) = &self.people {
            filter.people = names("people", people)?;
        }
        if let Some(states) = &self.states {
            filter.states = states
                .iter()
                .map(|word| punch_state(word))
                .collect::<Result<_, _>>()?;
            filter.states.sort_unstable();
            filter.states.dedup();
        }
        if let Some(start) = &self.start_from {
            filter.from = start_of("start_from", start)?;
        }
        Ok(filter)
    }
}

/// A date or a date-time.
pub(super) fn start_of(name: &'static str, text: &str) -> Result<LocalTime, Problem> {
    TimeRange::parse_start(name, text).map_err(|error| Problem::invalid(error.to_string()))
}

async fn terminals(state: &AppState, devices: &[String]) -> Result<Vec<TerminalId>, Problem> {
    let devices = names("devices", devices)?;
    let mut ids = Vec::with_capacity(devices.len());
    for device in &devices {
        if let Some(terminal) = chosen(state, Some(device)).await? {
            ids.push(terminal.id);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn names(list: &str, names: &[String]) -> Result<Vec<String>, Problem> {
    if names.len() > LONGEST_LIST {
        return Err(Problem::invalid(format!(
            "{list} has {} entries; at most {LONGEST_LIST} can be named",
            names.len()
        )));
    }
    let mut clean = Vec::with_capacity(names.len());
    for name in names {
        let name = name.trim();
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err(Problem::invalid(format!(
                "{list} holds a name of {} bytes; names have 1 to {LONGEST_NAME}",
                name.len()
            )));
        }
        if !clean.iter().any(|known| known == name) {
            clean.push(name.to_owned());
        }
    }
    Ok(clean)
}

/// By code, or by the seed's word whatever its capitals.
fn punch_state(word: &str) -> Result<PunchState, Problem> {
    let word = word.trim();
    let by_label = (0..=5)
        .map(PunchState::new)
        .find(|state| state.label().eq_ignore_ascii_case(word));
    by_label
        .or_else(|| word.parse().ok().map(PunchState::new))
        .ok_or_else(|| {
            Problem::invalid(format!(
                "states holds {word:?}; write codes from 0 to 255, or Check In, Check Out, Break Out, Break In, Overtime In, Overtime Out"
            ))
        })
}

impl From<DestinationFilter> for FilterView {
    fn from(filter: DestinationFilter) -> Self {
        Self {
            devices: filter.terminals.iter().map(|id| id.0).collect(),
            sites: filter.sites,
            groups: filter.groups,
            people: filter.people,
            states: filter.states.iter().map(|state| state.code()).collect(),
            start_from: Some(filter.from)
                .filter(|start| start.civil().year() < NEVER)
                .map(|start| start.to_string()),
        }
    }
}
