use jiff::{Timestamp, tz::TimeZone};
use storage::{NoticeLevel, ParkedRecord, RunKind, RunOutcome};

use crate::{
    actions::{NoticeView, RunView, TerminalStatusView, length},
    ui::{
        frame::{Moment, Pill, Tone, sentence_of},
        overview::terminal_pill,
        words::count,
    },
};

/// How reading one terminal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TerminalRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) pill: Pill,
    pub(crate) last_read: Option<Moment>,
    pub(crate) next_contact: Option<Moment>,
    pub(crate) says: Option<u32>,
    pub(crate) stored: u64,
    pub(crate) error: Option<String>,
    /// `3 contacts in a row failed`
    pub(crate) failures: Option<String>,
}

/// One read of users or of the log, or contacts in a row that failed for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunRow {
    pub(crate) started: Moment,
    pub(crate) terminal: String,
    pub(crate) kind: &'static str,
    pub(crate) pill: Pill,
    pub(crate) took: Option<String>,
    /// What it came to, in words.
    pub(crate) result: String,
}

/// A punch that the receiver does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusedRow {
    pub(crate) since: Option<Moment>,
    pub(crate) name: String,
    pub(crate) user_id: String,
    pub(crate) local_time: String,
    pub(crate) terminal: String,
    pub(crate) reason: String,
}

/// Something that people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoticeRow {
    pub(crate) tone: Tone,
    pub(crate) text: String,
    pub(crate) at: Moment,
}

impl TerminalRow {
    pub(crate) fn new(device: &TerminalStatusView, now: Timestamp, zone: &TimeZone) -> Self {
        let moment = |at: Option<Timestamp>| at.map(|at| Moment::new(at, now, zone));
        Self {
            id: device.id,
            name: device.name.clone(),
            pill: terminal_pill(device),
            last_read: moment(device.last_sync),
            next_contact: device
                .next_sync
                .filter(|_| device.enabled)
                .map(|at| Moment::planned(at, now, zone)),
            says: device.records_on_device,
            stored: device.records,
            error: device.last_error.as_deref().map(sentence_of),
            failures: (device.failures > 1)
                .then(|| format!("{} contacts in a row failed.", device.failures)),
        }
    }
}

impl RunRow {
    pub(crate) fn new(
        run: &RunView,
        devices: &[TerminalStatusView],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let took = run
            .finished_at
            .map(|end| end.as_millisecond() - run.started_at.as_millisecond());
        Self {
            started: Moment::new(run.started_at, now, zone),
            terminal: terminal_name(devices, run.device),
            kind: match run.kind {
                RunKind::Users => "Users",
                RunKind::Punches => "Punches",
                RunKind::Contact => "Contact",
            },
            pill: match run.outcome {
                RunOutcome::Ok => Pill::new(Tone::Good, "Done"),
                RunOutcome::Failed => Pill::new(Tone::Bad, "Failed"),
                RunOutcome::Running => Pill::new(Tone::Busy, "Running"),
            },
            // Of several tries that share a row, nobody asks how long they took.
            took: took.filter(|_| run.tries == 1).map(duration),
            result: result(run),
        }
    }
}

fn result(run: &RunView) -> String {
    if let Some(error) = &run.error {
        let tries = if run.tries > 1 {
            format!(" {} times in a row.", run.tries)
        } else {
            String::new()
        };
        return format!("{}{tries}", sentence_of(error));
    }
    let mut parts = match run.kind {
        RunKind::Users => vec![count(run.seen, "user", "users")],
        RunKind::Punches => vec![format!(
            "{} new of {}",
            run.stored,
            count(run.seen, "punch", "punches")
        )],
        RunKind::Contact => Vec::new(),
    };
    if run.repeats > 0 {
        parts.push(count(run.repeats, "exact repeat", "exact repeats"));
    }
    if run.unreadable > 0 {
        parts.push(count(
            run.unreadable,
            "unreadable row kept raw",
            "unreadable rows kept raw",
        ));
    }
    if let Some(says) = run
        .device_says
        .filter(|says| u64::from(*says) != run.seen && run.outcome == RunOutcome::Ok)
    {
        parts.push(format!("the terminal says {says}"));
    }
    parts.join(", ")
}

fn duration(milliseconds: i64) -> String {
    const SECOND: i64 = 1_000;
    if milliseconds < SECOND {
        return format!("{milliseconds} ms");
    }
    if milliseconds < 10 * SECOND {
        format!(
            "{}.{} s",
            milliseconds / SECOND,
            milliseconds % SECOND / 100
        )
    } else {
        length(milliseconds / SECOND)
    }
}

impl RefusedRow {
    pub(crate) fn new(
        record: &ParkedRecord,
        devices: &[TerminalStatusView],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        Self {
            since: record.since.map(|at| Moment::new(at, now, zone)),
            name: record.person_name.clone(),
            user_id: record.pin.to_string(),
            local_time: record.local_time.to_string(),
            terminal: terminal_name(devices, record.terminal_id.0),
            reason: record
                .reason
                .as_deref()
                .map_or_else(|| "No reason was given.".to_owned(), sentence_of),
        }
    }
}

impl NoticeRow {
    pub(crate) fn new(notice: &NoticeView, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            tone: match notice.level {
                NoticeLevel::Error => Tone::Bad,
                NoticeLevel::Warning => Tone::Warn,
                NoticeLevel::Info => Tone::Idle,
            },
            text: sentence_of(&notice.text),
            at: Moment::new(notice.at, now, zone),
        }
    }
}

/// A terminal that was removed has only its number left here.
fn terminal_name(devices: &[TerminalStatusView], id: i64) -> String {
    devices.iter().find(|device| device.id == id).map_or_else(
        || format!("terminal {id}, removed"),
        |device| device.name.clone(),
    )
}
