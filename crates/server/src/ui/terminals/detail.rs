use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{ClockPolicy, Role, TimeRange};
use serde::Deserialize;

use super::{Rights, connect::address, ledger::Ledger};
use crate::{
    AppState, StatusCodes,
    actions::{self, DeviceChange, DeviceView, SyncStatus, sync_status},
    input::{
        Count, Seconds, Switch, Word, clock_policy, code_page, comm_key, live, order16, transport,
    },
    problem::Problem,
    ui::{
        fields::{filled, value, word},
        frame::{Html, PageProblem, Place, Shell, Tone, sentence},
        jobs::JobRow,
        overview::TerminalCard,
        session::{NoFields, Posted, Visit, Visitor, go_on},
        words::count,
    },
};

const JOBS: u32 = 5;

#[derive(Template)]
#[template(path = "terminal.html")]
struct TerminalPage {
    shell: Shell,
    id: i64,
    enabled: bool,
    /// `None` once the terminal was removed or replaced.
    card: Option<TerminalCard>,
    facts: Vec<Fact>,
    form: SettingsForm,
    has_key: bool,
    problem: Option<String>,
    default_interval_secs: u64,
    default_zone: String,
    code_pages: Vec<(&'static str, &'static str)>,
    ledger: Ledger,
    /// What was done at it of late, in the background.
    jobs: Vec<JobRow>,
    may: Rights,
}

/// Something that the terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    name: &'static str,
    value: String,
}

/// The settings as they were typed.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, Default)]
pub(super) struct SettingsForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    port: String,
    #[serde(default)]
    protocol: String,
    /// Empty keeps the key that is set.
    #[serde(default)]
    password: String,
    #[serde(default)]
    no_key: String,
    #[serde(default)]
    zone: String,
    #[serde(default)]
    interval: String,
    #[serde(default)]
    timeout: String,
    /// Empty: only punches from now on are in the zone.
    #[serde(default)]
    zone_from: String,
    #[serde(default)]
    site: String,
    #[serde(default)]
    live: String,
    #[serde(default)]
    clock_policy: String,
    #[serde(default)]
    clock_correct_over: String,
    #[serde(default)]
    code_page: String,
    #[serde(default)]
    order16: String,
}

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    #[serde(default)]
    enabled: String,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let device = actions::device(&state, &id).await?;
    let form = SettingsForm::of(&device);
    page(&state, visit, &device, StatusCode::OK, form, None).await
}

pub(super) async fn save(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<SettingsForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = match form.change() {
        Ok(change) => actions::change_device(&state, &id, change, &visitor.caller().name).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(changed) => {
            let device = changed.device;
            let corrected = changed.corrected_records.map(|records| {
                format!(
                    " The instants of {} are corrected.",
                    count(records, "punch", "punches")
                )
            });
            let text = format!(
                "The settings of {} are saved; they hold from its next contact on.{}",
                device.name,
                corrected.unwrap_or_default()
            );
            Ok(go_on(&state, &visitor, &path(device.id), Tone::Good, &text))
        }
        Err(problem @ (Problem::Invalid { .. } | Problem::Conflict { .. })) => {
            let device = actions::device(&state, &id).await?;
            let status = problem.status(StatusCodes::Plain);
            let visit = Visit::again(visitor);
            page(
                &state,
                visit,
                &device,
                status,
                form,
                Some(sentence(&problem)),
            )
            .await
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn contact(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let device = actions::sync_device(&state, &id).await?;
    let text = format!("{} is being contacted.", device.name);
    Ok(go_on(&state, &visitor, &path(device.id), Tone::Busy, &text))
}

pub(super) async fn switch(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<SwitchForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let Switch(enabled) = value("enabled", &form.enabled)?
        .ok_or_else(|| Problem::invalid("enabled is missing; send true or false"))?;
    let change = DeviceChange {
        enabled: Some(enabled),
        ..DeviceChange::default()
    };
    let text = if enabled {
        "is contacted regularly again."
    } else {
        "is not contacted any more until it is enabled."
    };
    changed(&state, &visitor, &id, change, text).await
}

pub(super) async fn make_default(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted {
        visitor,
        form: NoFields {},
    }: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let change = DeviceChange {
        default: true,
        ..DeviceChange::default()
    };
    changed(
        &state,
        &visitor,
        &id,
        change,
        "is the one that is meant where none is named.",
    )
    .await
}

async fn changed(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    change: DeviceChange,
    text: &str,
) -> Result<Response, PageProblem> {
    let device = actions::change_device(state, id, change, &visitor.caller().name)
        .await?
        .device;
    Ok(go_on(
        state,
        visitor,
        &path(device.id),
        Tone::Good,
        &format!("{} {text}", device.name),
    ))
}

fn path(id: i64) -> String {
    format!("/terminals/{id}")
}

async fn page(
    state: &AppState,
    visit: Visit,
    device: &DeviceView,
    status: StatusCode,
    form: SettingsForm,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let now = state.clock.now();
    let SyncStatus { devices, .. } = sync_status(state, Some(&device.id.to_string())).await?;
    let is_open = device.closed_at.is_none();
    let page = TerminalPage {
        id: device.id,
        enabled: device.enabled,
        card: devices
            .first()
            .filter(|_| is_open)
            .map(|device| TerminalCard::new(device, now, &state.settings.zone)),
        facts: facts(device),
        form,
        has_key: device.key.is_some(),
        problem,
        default_interval_secs: state.settings.interval.as_secs(),
        default_zone: state.settings.zone_name.clone(),
        code_pages: collector::code_pages().collect(),
        ledger: Ledger::load(state, device.id).await?,
        jobs: actions::jobs_at(state, device.id, JOBS)
            .await?
            .iter()
            .map(|job| JobRow::new(job, state))
            .collect(),
        may: Rights {
            connect: is_open && visit.visitor.may(Role::Operator),
            manage: is_open && visit.visitor.may(Role::Admin),
        },
        shell: Shell::new(state, visit, Place::Terminals).titled(&device.name),
    };
    Ok(Html(status, page).into_response())
}

pub(super) fn facts(device: &DeviceView) -> Vec<Fact> {
    let capacity = match (device.records_on_device, device.records_capacity) {
        (Some(records), Some(capacity)) => Some(format!("{records} of {capacity} punches")),
        (Some(_) | None, None) | (None, Some(_)) => None,
    };
    [
        ("Serial number", device.serial_number.clone()),
        ("Model", device.device_name.clone()),
        ("Platform", device.platform.clone()),
        ("Firmware", device.firmware.clone()),
        ("MAC address", device.mac.clone()),
        (
            "Users on it",
            device.users_on_device.map(|users| users.to_string()),
        ),
        ("Log", capacity),
        ("Protocol", Some(device.protocol.to_uppercase())),
        ("Communication key", device.key.map(|_| "set".to_owned())),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        value
            .filter(|value| !value.is_empty())
            .map(|value| Fact { name, value })
    })
    .collect()
}

impl SettingsForm {
    fn of(device: &DeviceView) -> Self {
        Self {
            name: device.name.clone(),
            ip: device.ip.clone(),
            port: device.port.to_string(),
            protocol: device.protocol.to_owned(),
            password: String::new(),
            no_key: String::new(),
            zone: device.zone.clone().unwrap_or_default(),
            interval: device
                .interval
                .map(|secs| secs.to_string())
                .unwrap_or_default(),
            timeout: device
                .timeout
                .map(|secs| secs.to_string())
                .unwrap_or_default(),
            zone_from: String::new(),
            site: device.site.clone().unwrap_or_default(),
            live: device.live.to_owned(),
            clock_policy: device.clock_policy.to_owned(),
            clock_correct_over: device
                .clock_correct_over
                .map(|secs| secs.to_string())
                .unwrap_or_default(),
            code_page: device.code_page.clone().unwrap_or_default(),
            order16: device.order16.to_owned(),
        }
    }

    fn is_udp(&self) -> bool {
        self.protocol == "udp"
    }

    fn clock_policy(&self) -> Result<Option<ClockPolicy>, Problem> {
        let over = match self.clock_policy.as_str() {
            // The field beside it means nothing then.
            "measure" => None,
            _ => value::<Count>(
                "seconds over which the clock is set",
                &self.clock_correct_over,
            )?,
        };
        clock_policy(word(&self.clock_policy), over)
    }

    /// The whole form is what the settings should be; only an empty key is kept.
    fn change(&self) -> Result<DeviceChange, Problem> {
        let key = comm_key("The communication key", word(&self.password))?;
        let seconds = |name, text| {
            Ok::<_, Problem>(value::<Seconds>(name, text)?.map(|Seconds(length)| length))
        };
        Ok(DeviceChange {
            name: Some(self.name.clone()),
            address: Some(address(&self.ip, &self.port)?),
            transport: transport(word(&self.protocol))?,
            comm_key: if self.no_key.is_empty() {
                key.map(Some)
            } else {
                Some(None)
            },
            zone: Some(filled(&self.zone)),
            interval: Some(seconds("interval", &self.interval)?),
            timeout: Some(seconds("timeout", &self.timeout)?),
            zone_from: filled(&self.zone_from)
                .map(|text| TimeRange::parse_start("the day since when", &text))
                .transpose()
                .map_err(|error| Problem::invalid(error.to_string()))?,
            site: Some(filled(&self.site)),
            live: live(word(&self.live))?,
            clock_policy: self.clock_policy()?,
            code_page: code_page(Some(Word(self.code_page.clone()))),
            order16: order16(word(&self.order16))?,
            ..DeviceChange::default()
        })
    }
}
