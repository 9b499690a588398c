//! What the terminal's page shows of its log, of what could not be read, and of its fingerprints.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    AppState,
    actions::{self, ReconciliationPage, ReconciliationView, TemplatePage, UnreadablePage},
    ui::{
        frame::{Moment, PageProblem, Pill, Tone, sentence_of},
        words::count,
    },
};

const READS: u32 = 5;
const ROWS: u32 = 10;
const PEOPLE: usize = 20;

/// The terminal's log beside the ledger.
pub(super) struct Ledger {
    pub(super) reads: Vec<ReadRow>,
    /// The last read did not add up: in plain words.
    pub(super) alarm: Option<String>,
    pub(super) unreadable: Vec<UnreadableRow>,
    /// `3 rows`
    pub(super) unreadable_total: String,
    pub(super) people: Vec<FingerRow>,
    /// `12 people`
    pub(super) people_total: String,
}

/// One read of the whole log: N = S + R + U.
pub(super) struct ReadRow {
    pub(super) at: Moment,
    pub(super) says: String,
    pub(super) stored: u64,
    pub(super) repeats: u64,
    pub(super) unreadable: u64,
    pub(super) result: Pill,
}

pub(super) struct UnreadableRow {
    pub(super) raw: String,
    pub(super) reason: String,
    pub(super) seen: Moment,
}

/// How many fingers of somebody are kept.
pub(super) struct FingerRow {
    pub(super) user_id: String,
    pub(super) name: String,
    pub(super) fingers: String,
}

impl Ledger {
    pub(super) async fn load(state: &AppState, id: i64) -> Result<Self, PageProblem> {
        let id = id.to_string();
        let now = state.clock.now();
        let zone = &state.settings.zone;
        let ReconciliationPage {
            reconciliations, ..
        } = actions::reconciliations(state, &id, None, READS).await?;
        let UnreadablePage { rows, total, .. } =
            actions::unreadable(state, &id, None, ROWS).await?;
        let TemplatePage {
            people,
            total: with_fingers,
            ..
        } = actions::templates(state, &id, None, None, PEOPLE).await?;
        Ok(Self {
            alarm: reconciliations
                .first()
                .filter(|last| last.difference.is_some_and(|difference| difference != 0))
                .map(|last| sentence_of(&last.text)),
            reads: reconciliations
                .iter()
                .map(|read| ReadRow::new(read, now, zone))
                .collect(),
            unreadable: rows
                .into_iter()
                .map(|row| UnreadableRow {
                    raw: row.raw,
                    reason: row.reason,
                    seen: Moment::new(row.seen_at, now, zone),
                })
                .collect(),
            unreadable_total: count(total, "row", "rows"),
            people: people
                .into_iter()
                .map(|person| FingerRow {
                    name: person.name.unwrap_or_else(|| person.user_id.clone()),
                    user_id: person.user_id,
                    fingers: count(person.templates.len() as u64, "finger", "fingers"),
                })
                .collect(),
            people_total: count(with_fingers as u64, "person", "people"),
        })
    }
}

impl ReadRow {
    pub(super) fn new(read: &ReconciliationView, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            at: Moment::new(read.started_at, now, zone),
            says: read
                .device_says
                .map_or_else(|| "not counted".to_owned(), |says| says.to_string()),
            stored: read.stored,
            repeats: read.repeats,
            unreadable: read.unreadable,
            result: match read.difference {
                None => Pill::new(Tone::Idle, "Cannot be checked"),
                Some(0) => Pill::new(Tone::Good, "Adds up"),
                Some(missing @ 1..) => Pill::new(Tone::Bad, format!("{missing} missing")),
                Some(more) => Pill::new(Tone::Warn, format!("{} more", more.unsigned_abs())),
            },
        }
    }
}
