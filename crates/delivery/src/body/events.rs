//! A list of events as `CloudEvents` 1.0 writes them (a batch in JSON): each says what it is, when and where it
//! happened.

use domain::{BatchFacts, OutPunch, PunchState};
use serde::Serialize;
use url::form_urlencoded;

use super::times;

pub(super) const CONTENT_TYPE: &str = "application/cloudevents-batch+json";

#[derive(Serialize)]
struct Event<'a> {
    specversion: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    source: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    employee_id: &'a str,
    employee_name: &'a str,
    pin: &'a str,
    /// The terminal's own wall clock.
    local_time: String,
    zone: &'a str,
    /// Whether that time is sure: ok, gap, fold, implausible.
    time_flag: &'static str,
    state: u8,
    punch_type: &'static str,
    verify: u8,
    work_code: u32,
    terminal: Terminal<'a>,
}

#[derive(Serialize)]
struct Terminal<'a> {
    serial: Option<&'a str>,
    name: &'a str,
}

pub(super) fn body(facts: &BatchFacts, punches: &[OutPunch]) -> Result<Vec<u8>, serde_json::Error> {
    let terminal = facts.device_serial.as_deref().unwrap_or(&facts.device_ip);
    let escaped: String = form_urlencoded::byte_serialize(terminal.as_bytes()).collect();
    let source = format!("/terminals/{escaped}");
    let events: Vec<Event<'_>> = punches
        .iter()
        .map(|punch| event(facts, &source, punch))
        .collect();
    serde_json::to_vec(&events)
}

fn event<'a>(facts: &'a BatchFacts, source: &'a str, punch: &'a OutPunch) -> Event<'a> {
    Event {
        specversion: "1.0",
        kind: "attendance.punch.created",
        id: punch.record_id.as_str(),
        source,
        time: times::rfc3339(punch),
        datacontenttype: "application/json",
        data: Data {
            employee_id: &punch.employee_id,
            employee_name: &punch.employee_name,
            pin: punch.pin.as_str(),
            local_time: punch.local_time.to_string(),
            zone: &punch.zone,
            time_flag: punch.flag.as_str(),
            state: punch.state.code(),
            punch_type: PunchState::label(punch.state),
            verify: punch.verify,
            work_code: punch.work_code,
            terminal: Terminal {
                serial: facts.device_serial.as_deref(),
                name: &facts.device_name,
            },
        },
    }
}
