//! What callers write of a destination.

use domain::{Mode, Order, RequestSpec, Schedule};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    actions::{DestinationWish, FilterWish, History, RequestSchema, ScheduleSchema},
    input::{Count, People, Seconds, Switch, Word, present},
    problem::Problem,
};

/// A destination to add. A key that is not known here is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewDestinationBody {
    #[schema(value_type = String, example = "Payroll")]
    name: Option<Word>,
    /// What is done with punches that are stored already; there is no default for it.
    history: Option<HistoryBody>,
    #[schema(value_type = Option<String>, example = "https://payroll.example/punches")]
    url: Option<Word>,
    /// `on` (the default), `off` or `paused`
    #[schema(value_type = Option<String>, example = "on")]
    mode: Option<Mode>,
    #[serde(default)]
    filter: FilterBody,
    /// At once where nothing is said.
    #[schema(value_type = Option<ScheduleSchema>)]
    schedule: Option<Schedule>,
    /// 1 to 10000; 500 where nothing is said.
    #[schema(value_type = Option<u64>, example = 500)]
    batch_size: Option<Count>,
    /// Requests a minute.
    #[schema(value_type = Option<u64>)]
    rate_limit: Option<Count>,
    /// `per_person` (the default) or `any`
    #[schema(value_type = Option<String>)]
    order: Option<Order>,
    /// 1 to 3650; 30 where nothing is said.
    #[schema(value_type = Option<u64>)]
    keep_days: Option<Count>,
    /// Seconds, or `60s`, `5m`, `24h`; 7 days where nothing is said.
    #[schema(value_type = Option<u64>)]
    give_up_after: Option<Seconds>,
    /// True where nothing is said.
    #[schema(value_type = Option<bool>)]
    include_record_id: Option<Switch>,
    /// True: a punch waits until somebody is mapped to its user id; false where nothing is said.
    #[schema(value_type = Option<bool>)]
    needs_mapping: Option<Switch>,
    /// How a request is made; the seed's way where nothing is said.
    #[schema(value_type = Option<RequestSchema>)]
    request: Option<RequestSpec>,
}

/// One of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct HistoryBody {
    /// True: only punches that are stored from now on.
    #[schema(value_type = Option<bool>, example = true)]
    from_now: Option<Switch>,
    /// Also stored ones from this date or date-time on, queued in the background.
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    since: Option<Word>,
}

/// What to change of a destination; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::option_option,
    reason = "missing, null and a value are three things in a change"
)]
pub(in crate::api) struct DestinationChangeBody {
    #[schema(value_type = Option<String>)]
    name: Option<Word>,
    /// Null or an empty text clears it: punches go on queueing, nothing is sent.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    url: Option<Option<Word>>,
    #[schema(value_type = Option<String>, example = "on")]
    mode: Option<Mode>,
    /// What is left out of it stays.
    #[serde(default)]
    filter: FilterBody,
    #[schema(value_type = Option<ScheduleSchema>)]
    schedule: Option<Schedule>,
    #[schema(value_type = Option<u64>)]
    batch_size: Option<Count>,
    /// Null: no limit.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u64>)]
    rate_limit: Option<Option<Count>>,
    #[schema(value_type = Option<String>)]
    order: Option<Order>,
    #[schema(value_type = Option<u64>)]
    keep_days: Option<Count>,
    #[schema(value_type = Option<u64>)]
    give_up_after: Option<Seconds>,
    #[schema(value_type = Option<bool>)]
    include_record_id: Option<Switch>,
    #[schema(value_type = Option<bool>)]
    needs_mapping: Option<Switch>,
    /// All of it; secrets that read `***` stay what they are.
    #[schema(value_type = Option<RequestSchema>)]
    request: Option<RequestSpec>,
}

/// Which punches are wanted; an empty list leaves its question out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct FilterBody {
    /// Each by id, serial number or address.
    #[schema(value_type = Option<Vec<String>>, example = json!(["CJDE193560303"]))]
    devices: Option<Vec<Word>>,
    #[schema(value_type = Option<Vec<String>>)]
    sites: Option<Vec<Word>>,
    #[schema(value_type = Option<Vec<String>>)]
    groups: Option<Vec<Word>>,
    /// Employee numbers, or user ids of people that nobody mapped.
    #[schema(value_type = Option<Vec<String>>, example = json!(["007"]))]
    people: Option<Vec<Word>>,
    /// Codes, or labels as Check In.
    #[schema(value_type = Option<Vec<String>>, example = json!(["Check In", "Check Out"]))]
    states: Option<Vec<Word>>,
    /// A date or a date-time, compared with a punch's local time.
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    start_from: Option<Word>,
}

/// A filter, as it is or as it is about to become.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CountBody {
    #[serde(default)]
    filter: FilterBody,
}

/// A request as somebody is writing it; what is left out is the destination's own, or the default.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PreviewBody {
    #[schema(value_type = Option<String>)]
    url: Option<Word>,
    #[schema(value_type = Option<bool>)]
    include_record_id: Option<Switch>,
    #[schema(value_type = Option<RequestSchema>)]
    request: Option<RequestSpec>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct SinceBody {
    /// A date or a date-time, not before the filter's start.
    #[schema(value_type = String, example = "2026-11-01")]
    since: Option<Word>,
}

/// Exactly one of `deliveries`, `cause`, `parked` and `range`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ReplayBody {
    /// Ids of deliveries.
    #[schema(value_type = Option<Vec<u64>>, example = json!([17]))]
    pub(super) deliveries: Option<Vec<Count>>,
    /// Those parked for it, as …/health tells causes.
    #[schema(value_type = Option<String>, example = "refused")]
    pub(super) cause: Option<Word>,
    /// Of a cause: only those with these words of the receiver's.
    #[schema(value_type = Option<String>)]
    pub(super) reason: Option<Word>,
    /// True: all that are parked.
    #[schema(value_type = Option<bool>)]
    pub(super) parked: Option<Switch>,
    pub(super) range: Option<RangeBody>,
    /// Sends again, under the same ids, what was delivered before; of `deliveries` and `range`.
    #[schema(value_type = Option<bool>)]
    pub(super) force: Option<Switch>,
}

/// Punches that were queued before; one of these at least.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RangeBody {
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    pub(super) start_date: Option<Word>,
    #[schema(value_type = Option<String>, example = "2026-11-07")]
    pub(super) end_date: Option<Word>,
    #[schema(value_type = Option<String>, example = "007")]
    pub(super) emp_no: Option<People>,
    #[schema(value_type = Option<String>)]
    pub(super) device: Option<Word>,
}

impl NewDestinationBody {
    pub(super) fn wish(self) -> Result<(DestinationWish, History), Problem> {
        let history = self.history.map(HistoryBody::read).transpose()?.flatten();
        let history = history.ok_or_else(|| Problem::Invalid {
            code: "history_missing",
            message: "say what is done with punches that are stored already: {\"history\": {\"from_now\": true}} sends none \
                      of them, {\"history\": {\"since\": \"2026-11-01\"}} those from that day on"
                .to_owned(),
        })?;
        let wish = DestinationWish {
            name: self.name.and_then(Word::filled),
            url: self.url.map(Word::filled),
            mode: self.mode,
            filter: self.filter.wish(),
            schedule: self.schedule,
            batch_size: self.batch_size.map(|Count(size)| size),
            rate_limit: self.rate_limit.map(|Count(rate)| Some(rate)),
            order: self.order,
            keep_days: self.keep_days.map(|Count(days)| days),
            give_up_after: self.give_up_after.map(|Seconds(time)| time),
            with_record_id: self.include_record_id.map(|Switch(on)| on),
            needs_mapping: self.needs_mapping.map(|Switch(on)| on),
            request: self.request,
        };
        Ok((wish, history))
    }
}

impl HistoryBody {
    fn read(self) -> Result<Option<History>, Problem> {
        let from_now = self.from_now.is_some_and(|Switch(on)| on);
        match (from_now, self.since.and_then(Word::filled)) {
            (true, None) => Ok(Some(History::FromNow)),
            (false, Some(since)) => Ok(Some(History::Since(since))),
            (false, None) => Ok(None),
            (true, Some(_)) => Err(Problem::invalid(
                "history has both from_now and since, which exclude each other; send one",
            )),
        }
    }
}

impl DestinationChangeBody {
    pub(super) fn wish(self) -> DestinationWish {
        DestinationWish {
            name: self.name.map(|Word(name)| name),
            url: self.url.map(|url| url.and_then(Word::filled)),
            mode: self.mode,
            filter: self.filter.wish(),
            schedule: self.schedule,
            batch_size: self.batch_size.map(|Count(size)| size),
            rate_limit: self.rate_limit.map(|rate| rate.map(|Count(rate)| rate)),
            order: self.order,
            keep_days: self.keep_days.map(|Count(days)| days),
            give_up_after: self.give_up_after.map(|Seconds(time)| time),
            with_record_id: self.include_record_id.map(|Switch(on)| on),
            needs_mapping: self.needs_mapping.map(|Switch(on)| on),
            request: self.request,
        }
    }
}

impl FilterBody {
    fn wish(self) -> FilterWish {
        let texts = |words: Option<Vec<Word>>| {
            words.map(|words| words.into_iter().map(|Word(text)| text).collect())
        };
        FilterWish {
            devices: texts(self.devices),
            sites: texts(self.sites),
            groups: texts(self.groups),
            people: texts(self.people),
            states: texts(self.states),
            start_from: self.start_from.and_then(Word::filled),
        }
    }
}

impl CountBody {
    pub(super) fn wish(self) -> FilterWish {
        self.filter.wish()
    }
}

impl PreviewBody {
    pub(super) fn wish(self) -> crate::actions::PreviewWish {
        crate::actions::PreviewWish {
            url: self.url.and_then(Word::filled),
            with_record_id: self.include_record_id.map(|Switch(on)| on),
            request: self.request,
        }
    }
}

impl SinceBody {
    pub(super) fn since(self) -> Result<String, Problem> {
        self.since.and_then(Word::filled).ok_or_else(|| {
            Problem::invalid("since is missing; send it as in {\"since\": \"2026-11-01\"}")
        })
    }
}
