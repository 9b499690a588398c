use serde::{Deserialize, Serialize};

use crate::{LocalTime, Pin, PunchState, TerminalId};

/// Which punches a destination wants; an empty list leaves its question out.
///
/// A punch must be from one of the terminals or sites, and of one of the people or groups, and in one of the states,
/// and not from before `from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationFilter {
    #[serde(default)]
    pub terminals: Vec<TerminalId>,
    /// Names of places where terminals stand, or people belong.
    #[serde(default)]
    pub sites: Vec<String>,
    /// Names of groups of people.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Employee numbers; the PIN where nobody is mapped.
    #[serde(default)]
    pub people: Vec<String>,
    #[serde(default)]
    pub states: Vec<PunchState>,
    /// Punches whose local time is earlier are not wanted.
    pub from: LocalTime,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct FilterFacts<'a> {
    pub terminal: TerminalId,
    pub site: Option<&'a str>,
    pub pin: &'a Pin,
    /// Of the person behind the PIN, where one is mapped.
    pub employee_number: Option<&'a str>,
    pub person_site: Option<&'a str>,
    pub groups: &'a [String],
    /// Nobody is mapped, and the destination waits for that: who it is and where they belong decides then.
    pub is_open: bool,
    pub state: PunchState,
    pub local_time: LocalTime,
}

/// Why a punch is not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwanted {
    /// From before the filter's start.
    Earlier,
    /// From another terminal or site.
    Terminal,
    /// Of somebody else.
    Person,
    /// In another state.
    State,
}

impl DestinationFilter {
    /// Everything from this time on.
    pub fn since(from: LocalTime) -> Self {
        Self {
            terminals: Vec::new(),
            sites: Vec::new(),
            groups: Vec::new(),
            people: Vec::new(),
            states: Vec::new(),
            from,
        }
    }

    /// Why a punch is not wanted; `None` when it is. The ledger asks the same in SQL.
    pub fn refuses(&self, punch: &FilterFacts<'_>) -> Option<Unwanted> {
        let of_place = !self.asks_where()
            || self.terminals.contains(&punch.terminal)
            || [punch.site, punch.person_site]
                .into_iter()
                .flatten()
                .any(|site| self.sites.iter().any(|each| each == site))
            || (punch.is_open && !self.sites.is_empty());
        let employee = punch.employee_number.unwrap_or_else(|| punch.pin.as_str());
        let of_person = !self.asks_who()
            || punch.is_open
            || self.people.iter().any(|each| each == employee)
            || punch.groups.iter().any(|group| self.groups.contains(group));
        let of_state = !self.asks_state() || self.states.contains(&punch.state);
        if punch.local_time < self.from {
            Some(Unwanted::Earlier)
        } else if !of_place {
            Some(Unwanted::Terminal)
        } else if !of_person {
            Some(Unwanted::Person)
        } else if !of_state {
            Some(Unwanted::State)
        } else {
            None
        }
    }

    pub fn asks_where(&self) -> bool {
        !self.terminals.is_empty() || !self.sites.is_empty()
    }

    pub fn asks_who(&self) -> bool {
        !self.people.is_empty() || !self.groups.is_empty()
    }

    pub fn asks_state(&self) -> bool {
        !self.states.is_empty()
    }
}
