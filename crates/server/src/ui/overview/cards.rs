use jiff::{Timestamp, tz::TimeZone};

use crate::{
    actions::{DestinationState, DestinationStatus, TerminalStatusView, clock_off, is_clock_wrong},
    ui::frame::{Moment, Pill, Tone, sentence_of},
};

/// A terminal at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TerminalCard {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) serial: Option<String>,
    pub(crate) pill: Pill,
    pub(crate) is_default: bool,
    pub(crate) last_contact: Option<Moment>,
    pub(crate) next_contact: Option<Moment>,
    /// Punches as the terminal counts them.
    pub(crate) says: Option<u32>,
    pub(crate) stored: u64,
    pub(crate) last_punch: Option<String>,
    pub(crate) drift: Option<Drift>,
    /// Whether it tells punches as they happen.
    pub(crate) live: &'static str,
    /// Why it does not, although it should.
    pub(crate) live_reason: Option<String>,
    pub(crate) error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drift {
    pub(crate) text: String,
    pub(crate) is_bad: bool,
}

/// A receiver at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeliveryCard {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) url: Option<String>,
    pub(crate) pill: Pill,
    pub(crate) waiting: u64,
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
    pub(crate) held: u64,
    pub(crate) withdrawn: u64,
    pub(crate) waiting_since: Option<Moment>,
    pub(crate) last_success: Option<Moment>,
    pub(crate) retry_at: Option<Moment>,
    pub(crate) single_records: bool,
    /// What is wrong at present: why it is paused, or what the last attempt met.
    pub(crate) error: Option<String>,
    pub(crate) error_tone: Tone,
    pub(crate) paused_since: Option<Moment>,
}

impl TerminalCard {
    pub(crate) fn new(device: &TerminalStatusView, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            id: device.id,
            name: device.name.clone(),
            address: device.address.clone(),
            serial: device.serial_number.clone(),
            pill: terminal_pill(device),
            is_default: device.default,
            last_contact: device.last_seen.map(|at| Moment::new(at, now, zone)),
            next_contact: device
                .next_sync
                .filter(|_| device.enabled)
                .map(|at| Moment::planned(at, now, zone)),
            says: device.records_on_device,
            stored: device.records,
            last_punch: device.last_record.clone(),
            drift: device.clock_offset.map(|seconds| Drift {
                text: clock_off(seconds),
                is_bad: is_clock_wrong(seconds),
            }),
            live: match device.live_state {
                "on" => "on, punches are told as they happen",
                "waiting" => "not now, it is asked regularly",
                _ => "off, it is asked regularly",
            },
            live_reason: device
                .live_reason
                .as_deref()
                .filter(|_| device.enabled && device.connected)
                .map(sentence_of),
            error: device
                .last_error
                .as_deref()
                .filter(|_| device.enabled)
                .map(sentence_of),
        }
    }
}

/// How a terminal stands, in a word.
pub(crate) fn terminal_pill(device: &TerminalStatusView) -> Pill {
    if !device.enabled {
        Pill::new(Tone::Idle, "Disabled")
    } else if device.last_error.is_some() {
        let word = if is_silent(device) {
            "Offline"
        } else {
            "Cannot be read"
        };
        Pill::new(Tone::Bad, word)
    } else if device.connected {
        Pill::new(Tone::Good, "Online")
    } else if device.busy {
        Pill::new(Tone::Busy, "Connecting")
    } else {
        Pill::new(Tone::Idle, "Not contacted yet")
    }
}

/// It is not there, rather than that something is wrong between it and us.
pub(super) fn is_silent(device: &TerminalStatusView) -> bool {
    matches!(
        device.last_error_code.as_deref(),
        None | Some("unreachable" | "timeout" | "connection_lost" | "busy")
    )
}

impl DeliveryCard {
    pub(crate) fn new(destination: &DestinationStatus, now: Timestamp, zone: &TimeZone) -> Self {
        let moment = |at: Option<Timestamp>| at.map(|at| Moment::new(at, now, zone));
        let planned = |at: Option<Timestamp>| at.map(|at| Moment::planned(at, now, zone));
        let error = match &destination.paused {
            Some(pause) => Some(sentence_of(&pause.reason)),
            None if is_paused_by_hand(destination) => Some(PAUSED_BY_HAND.to_owned()),
            None => destination
                .last_error
                .as_deref()
                .filter(|_| destination.failures > 0)
                .map(sentence_of),
        };
        Self {
            id: destination.id,
            name: destination.name.clone(),
            url: destination.export_url.clone(),
            pill: destination_pill(destination),
            error_tone: if is_paused_by_hand(destination) {
                Tone::Warn
            } else {
                Tone::Bad
            },
            waiting: destination.waiting,
            delivered: destination.delivered,
            failed: destination.failed,
            held: destination.held,
            withdrawn: destination.withdrawn,
            waiting_since: moment(
                destination
                    .waiting_since
                    .filter(|_| destination.waiting > 0),
            ),
            last_success: moment(destination.last_success),
            retry_at: planned(match &destination.paused {
                Some(pause) => pause.probe_at,
                None => destination.retry_at.filter(|_| destination.failures > 0),
            }),
            single_records: destination.single_records,
            error,
            paused_since: moment(destination.paused.as_ref().map(|pause| pause.since)),
        }
    }
}

/// Why nothing goes where the receiver did not cause it.
pub(super) const PAUSED_BY_HAND: &str = "Somebody paused it. It goes on when it is resumed.";

/// Not by what the receiver answered.
pub(super) fn is_paused_by_hand(destination: &DestinationStatus) -> bool {
    destination.state == DestinationState::Paused && destination.paused.is_none()
}

fn destination_pill(destination: &DestinationStatus) -> Pill {
    match destination.state {
        DestinationState::NotSet => Pill::new(Tone::Idle, "No receiver set"),
        DestinationState::Paused if is_paused_by_hand(destination) => {
            Pill::new(Tone::Warn, "Paused")
        }
        DestinationState::Paused => Pill::new(Tone::Bad, "Paused"),
        DestinationState::Retrying => Pill::new(Tone::Warn, "Trying again"),
        DestinationState::Off => Pill::new(Tone::Idle, "Switched off"),
        DestinationState::Sending => Pill::new(Tone::Busy, "Sending"),
        DestinationState::Idle => Pill::new(Tone::Good, "All sent"),
    }
}
