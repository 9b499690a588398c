//! What people are asked about PINs, page by page.

use domain::{
    Acquaintance, InboxId, LocalTime, PersonId, PersonName, Pin, SuggestionReason, TerminalId,
    suggest,
};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{inbox_answers::InboxAnswerKind, known::number};
use crate::{
    Result, Store, StoreError,
    columns::{local_time, moment, moment_opt, narrow},
};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InboxKind {
    /// Whose the PIN is.
    Unmapped,
    /// Whether it is that of the person whose employee number it equals: the terminal has another name for it, or
    /// somebody else has it.
    Number,
    /// Whether it has another owner, because the terminal has another name for it.
    Renamed,
    /// The same, because it was deleted and added again.
    Returned,
}

/// Something that people are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    pub id: InboxId,
    pub kind: InboxKind,
    pub terminal: TerminalId,
    pub pin: Pin,
    /// What the terminal calls the PIN now; else what it did at the last punch.
    pub called: Option<String>,
    /// Who is behind the PIN by the last mapping that holds.
    pub person: Option<PersonName>,
    /// Of `Number`: whose employee number it is.
    pub asked: Option<PersonName>,
    pub old_name: Option<String>,
    pub new_name: Option<String>,
    /// When the terminal was last seen with the old name; the change came after it.
    pub known_at: Option<Timestamp>,
    pub opened_at: Timestamp,
    /// At most a thousand are counted.
    pub punches: u32,
    pub first_punch: Option<LocalTime>,
    pub last_punch: Option<LocalTime>,
    /// Who may be behind the PIN, the likeliest first; of open items.
    pub suggestions: Vec<(PersonName, SuggestionReason)>,
    pub answered: Option<InboxAnswered>,
}

/// What was answered, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxAnswered {
    pub answer: InboxAnswerKind,
    pub person: Option<PersonName>,
    pub by: String,
    pub at: Timestamp,
}

/// Which items are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxFilter {
    /// `None`: those that are open; else those that were answered.
    pub answered: bool,
    pub kind: Option<InboxKind>,
    pub terminal: Option<TerminalId>,
}

/// People who are looked through for suggestions.
const MOST_PEOPLE: u32 = 50_000;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    terminal_id: i64,
    pin: String,
    called: Option<String>,
    person_id: Option<i64>,
    person_number: Option<String>,
    person_name: Option<String>,
    asked_id: Option<i64>,
    asked_number: Option<String>,
    asked_name: Option<String>,
    old_name: Option<String>,
    new_name: Option<String>,
    known_at: Option<i64>,
    opened_at: i64,
    punches: i64,
    first_punch: Option<String>,
    last_punch: Option<String>,
    answer: Option<String>,
    answer_id: Option<i64>,
    answer_number: Option<String>,
    answer_name: Option<String>,
    answered_by: Option<String>,
    answered_at: Option<i64>,
}

macro_rules! select_inbox {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.kind, i.terminal_id, i.pin,
                COALESCE((SELECT NULLIF(e.name, '') FROM enrolments e
                        WHERE e.terminal_id = i.terminal_id AND e.pin = i.pin AND e.gone_at IS NULL),
                    (SELECT NULLIF(p.person_name, p.pin) FROM punches p
                        WHERE p.terminal_id = i.terminal_id AND p.pin = i.pin ORDER BY p.local_time DESC LIMIT 1)) AS called,
                w.id AS person_id, w.employee_number AS person_number, w.name AS person_name,
                q.id AS asked_id, q.employee_number AS asked_number, q.name AS asked_name,
                i.old_name, i.new_name, i.known_at, i.opened_at,
                (SELECT COUNT(*) FROM (SELECT 1 FROM punches p WHERE p.terminal_id = i.terminal_id AND p.pin = i.pin
                    LIMIT 1000)) AS punches,
                (SELECT MIN(p.local_time) FROM punches p WHERE p.terminal_id = i.terminal_id AND p.pin = i.pin)
                    AS first_punch,
                (SELECT MAX(p.local_time) FROM punches p WHERE p.terminal_id = i.terminal_id AND p.pin = i.pin)
                    AS last_punch,
                i.answer, a.id AS answer_id, a.employee_number AS answer_number, a.name AS answer_name,
                i.answered_by, i.answered_at
            FROM inbox i
                LEFT JOIN people w ON w.id = (SELECT m.person_id FROM pin_people m WHERE m.terminal_id = i.terminal_id
                    AND m.pin = i.pin ORDER BY m.valid_from DESC LIMIT 1)
                LEFT JOIN people q ON q.id = i.person_id
                LEFT JOIN people a ON a.id = i.answer_person_id ",
            $rest
        )
    };
}

const BY_ID: &str = select_inbox!("WHERE i.id = ?");

impl Store {
    /// Newest first; `before` is the last one of the page before.
    pub async fn inbox(
        &self,
        filter: &InboxFilter,
        before: Option<InboxId>,
        limit: u32,
    ) -> Result<Vec<InboxItem>> {
        const OPEN: &str = select_inbox!(
            "WHERE i.answered_at IS NULL AND i.id < ?1 AND (?2 IS NULL OR i.kind = ?2)
                AND (?3 IS NULL OR i.terminal_id = ?3)
            ORDER BY i.id DESC LIMIT ?4"
        );
        const ANSWERED: &str = select_inbox!(
            "WHERE i.answered_at IS NOT NULL AND i.id < ?1 AND (?2 IS NULL OR i.kind = ?2)
                AND (?3 IS NULL OR i.terminal_id = ?3)
            ORDER BY i.id DESC LIMIT ?4"
        );
        let rows: Vec<Row> = sqlx::query_as(if filter.answered { ANSWERED } else { OPEN })
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(filter.kind.map(InboxKind::as_str))
            .bind(filter.terminal.map(|id| id.0))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        let mut items: Vec<InboxItem> = rows
            .into_iter()
            .map(InboxItem::try_from)
            .collect::<Result<_>>()?;
        self.add_suggestions(&mut items).await?;
        Ok(items)
    }

    pub async fn inbox_item(&self, id: InboxId) -> Result<Option<InboxItem>> {
        let row: Option<Row> = sqlx::query_as(BY_ID)
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut items = [InboxItem::try_from(row)?];
        self.add_suggestions(&mut items).await?;
        let [item] = items;
        Ok(Some(item))
    }

    /// How many items are open.
    pub async fn inbox_count(&self) -> Result<u64> {
        const COUNT: &str = "SELECT COUNT(*) FROM inbox WHERE answered_at IS NULL";
        let count: i64 = sqlx::query_scalar(COUNT).fetch_one(self.reader()).await?;
        narrow(count, "inbox count")
    }

    async fn add_suggestions(&self, items: &mut [InboxItem]) -> Result<()> {
        const PEOPLE: &str = "SELECT w.id, w.employee_number, w.name,
                (SELECT json_group_array(DISTINCT e.name) FROM pin_people m JOIN enrolments e
                    ON e.terminal_id = m.terminal_id AND e.pin = m.pin AND e.name <> '' WHERE m.person_id = w.id)
            FROM people w WHERE w.active = 1 ORDER BY w.employee_number LIMIT ?";
        if items.iter().all(|item| item.answered.is_some()) {
            return Ok(());
        }
        let rows: Vec<(i64, String, String, String)> = sqlx::query_as(PEOPLE)
            .bind(MOST_PEOPLE)
            .fetch_all(self.reader())
            .await?;
        let people: Vec<Acquaintance> = rows
            .into_iter()
            .map(|(id, employee_number, name, known_as)| {
                Ok(Acquaintance {
                    id: PersonId(id),
                    employee_number,
                    name,
                    known_as: serde_json::from_str(&known_as)
                        .map_err(|error| StoreError::damaged(error.to_string()))?,
                })
            })
            .collect::<Result<_>>()?;
        let asked: Vec<_> = items
            .iter()
            .map(|item| {
                let name = item.new_name.clone().or_else(|| item.called.clone());
                (item.pin.clone(), name)
            })
            .collect();
        let named: std::collections::HashMap<PersonId, &Acquaintance> =
            people.iter().map(|person| (person.id, person)).collect();
        for (item, suggestions) in items.iter_mut().zip(suggest(&people, &asked)) {
            if item.answered.is_some() {
                continue;
            }
            for each in suggestions {
                if let Some(known) = named.get(&each.person) {
                    let person = PersonName {
                        id: known.id,
                        employee_number: number(known.employee_number.clone())?,
                        name: known.name.clone(),
                    };
                    item.suggestions.push((person, each.reason));
                }
            }
        }
        Ok(())
    }
}

pub(super) async fn load(conn: &mut SqliteConnection, id: InboxId) -> Result<InboxItem> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    row.ok_or_else(|| StoreError::not_found("there is no such item in the inbox"))?
        .try_into()
}

/// Whose these PINs are is not asked any more where it is known now.
pub(super) async fn close_mapped(
    conn: &mut SqliteConnection,
    places: &str,
    by: &str,
    now: Timestamp,
) -> Result<()> {
    const CLOSE: &str = "UPDATE inbox SET answer = 'mapped', answered_by = ?2, answered_at = ?3,
            answer_person_id = (SELECT m.person_id FROM pin_people m WHERE m.terminal_id = inbox.terminal_id
                AND m.pin = inbox.pin ORDER BY m.valid_from DESC LIMIT 1)
        WHERE answered_at IS NULL AND kind IN ('unmapped', 'number')
            AND (terminal_id, pin) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
            AND EXISTS (SELECT 1 FROM pin_people m WHERE m.terminal_id = inbox.terminal_id AND m.pin = inbox.pin)";
    sqlx::query(CLOSE)
        .bind(places)
        .bind(by)
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

impl InboxKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unmapped => "unmapped",
            Self::Number => "number",
            Self::Renamed => "renamed",
            Self::Returned => "returned",
        }
    }

    fn read(word: &str) -> Result<Self> {
        match word {
            "unmapped" => Ok(Self::Unmapped),
            "number" => Ok(Self::Number),
            "renamed" => Ok(Self::Renamed),
            "returned" => Ok(Self::Returned),
            other => Err(StoreError::damaged(format!("nobody is asked {other:?}"))),
        }
    }
}

fn person(
    id: Option<i64>,
    employee_number: Option<String>,
    name: Option<String>,
) -> Result<Option<PersonName>> {
    let (Some(id), Some(employee_number), Some(name)) = (id, employee_number, name) else {
        return Ok(None);
    };
    Ok(Some(PersonName {
        id: PersonId(id),
        employee_number: number(employee_number)?,
        name,
    }))
}

impl TryFrom<Row> for InboxItem {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let time = |text: Option<String>| text.as_deref().map(local_time).transpose();
        let answered = match (row.answer, row.answered_by, row.answered_at) {
            (Some(answer), Some(by), Some(at)) => Some(InboxAnswered {
                answer: InboxAnswerKind::read(&answer)?,
                person: person(row.answer_id, row.answer_number, row.answer_name)?,
                by,
                at: moment(at)?,
            }),
            _ => None,
        };
        Ok(Self {
            id: InboxId(row.id),
            kind: InboxKind::read(&row.kind)?,
            terminal: TerminalId(row.terminal_id),
            pin: Pin::new(row.pin).map_err(|error| StoreError::damaged(error.to_string()))?,
            called: row.called,
            person: person(row.person_id, row.person_number, row.person_name)?,
            asked: person(row.asked_id, row.asked_number, row.asked_name)?,
            old_name: row.old_name,
            new_name: row.new_name,
            known_at: moment_opt(row.known_at)?,
            opened_at: moment(row.opened_at)?,
            punches: narrow(row.punches, "count of punches")?,
            first_punch: time(row.first_punch)?,
            last_punch: time(row.last_punch)?,
            suggestions: Vec::new(),
            answered,
        })
    }
}
