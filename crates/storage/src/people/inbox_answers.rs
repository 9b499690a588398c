//! Answers to what people are asked about PINs.

use domain::{InboxId, LocalTime, MappingHow, PersonDetails, PersonId, Validity};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{
    inbox::{InboxItem, InboxKind, load},
    mappings::{NewMapping, assign},
    notice::place_of,
    persons::save_one,
};
use crate::{Result, Store, StoreError, Weight, columns::json};

/// What somebody says to an item of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxAnswer {
    /// It is this person's PIN, from that time on; without a time always, where it was nobody's.
    Person {
        person: PersonId,
        from: Option<LocalTime>,
    },
    /// It is that of somebody who is not in the list yet.
    NewPerson {
        person: PersonDetails,
        from: Option<LocalTime>,
    },
    /// Nothing has changed, it is the same person; of a PIN that equals an employee number: it is that person's.
    SamePerson,
    /// It is nobody's, and is not asked again.
    Ignore,
}

/// An answer in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxAnswerKind {
    Mapped,
    NewPerson,
    Ignored,
    SamePerson,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub item: InboxItem,
    /// Records that waited for it and go now.
    pub released: u64,
}

impl Store {
    /// `Conflict` where it was answered already, or where the PIN is somebody else's and it is not said from when it is
    /// another person's.
    pub async fn answer(
        &self,
        id: InboxId,
        answer: InboxAnswer,
        by: &str,
        now: Timestamp,
    ) -> Result<Decision> {
        let by = by.to_owned();
        self.write(Weight::outbox(1_000), move |conn| {
            Box::pin(async move {
                let item = load(conn, id).await?;
                if item.answered.is_some() {
                    return Err(StoreError::conflict(
                        "somebody answered this already; look at it again",
                    ));
                }
                let (kind, person, released) = decide(conn, &item, answer, &by, now).await?;
                record(conn, id, kind, person, &by, now).await?;
                Ok(Decision {
                    item: load(conn, id).await?,
                    released,
                })
            })
        })
        .await
    }

    /// Says of many items that it is the same person (those that were renamed or came back), or that they are ignored.
    /// Gives how many were open and are answered now.
    pub async fn answer_many(
        &self,
        ids: Vec<InboxId>,
        answer: InboxAnswerKind,
        by: &str,
        now: Timestamp,
    ) -> Result<u64> {
        const IGNORE: &str =
            "UPDATE inbox SET answer = 'ignored', answered_by = ?2, answered_at = ?3
            WHERE id IN (SELECT value FROM json_each(?1)) AND answered_at IS NULL";
        const SAME: &str = "UPDATE inbox SET answer = 'same_person', answered_by = ?2, answered_at = ?3
            WHERE id IN (SELECT value FROM json_each(?1)) AND answered_at IS NULL AND kind IN ('renamed', 'returned')";
        let statement = match answer {
            InboxAnswerKind::Ignored => IGNORE,
            InboxAnswerKind::SamePerson => SAME,
            InboxAnswerKind::Mapped | InboxAnswerKind::NewPerson => {
                return Err(StoreError::conflict(
                    "say whose each user id is, one by one or with a CSV file",
                ));
            }
        };
        let weight = Weight::outbox(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        let ids = json(&ids.iter().map(|id| id.0).collect::<Vec<_>>())?;
        let by = by.to_owned();
        self.write(weight, move |conn| {
            Box::pin(async move {
                Ok(sqlx::query(statement)
                    .bind(ids)
                    .bind(by)
                    .bind(now.as_millisecond())
                    .execute(conn)
                    .await?
                    .rows_affected())
            })
        })
        .await
    }
}

async fn decide(
    conn: &mut SqliteConnection,
    item: &InboxItem,
    answer: InboxAnswer,
    by: &str,
    now: Timestamp,
) -> Result<(InboxAnswerKind, Option<PersonId>, u64)> {
    let (kind, person, from) = match answer {
        InboxAnswer::Ignore => return Ok((InboxAnswerKind::Ignored, None, 0)),
        InboxAnswer::SamePerson => match (item.kind, &item.asked, &item.person) {
            (InboxKind::Renamed | InboxKind::Returned, _, same) => {
                let same = same.as_ref().map(|person| person.id);
                return Ok((InboxAnswerKind::SamePerson, same, 0));
            }
            (InboxKind::Number, Some(asked), None) => (InboxAnswerKind::SamePerson, asked.id, None),
            (InboxKind::Number, _, Some(person)) => {
                return Ok((InboxAnswerKind::SamePerson, Some(person.id), 0));
            }
            (InboxKind::Unmapped, ..) | (InboxKind::Number, None, None) => {
                return Err(StoreError::conflict(
                    "nobody is known by this user id yet; say whose it is",
                ));
            }
        },
        InboxAnswer::Person { person, from } => (InboxAnswerKind::Mapped, person, from),
        InboxAnswer::NewPerson { person, from } => {
            let made = save_one(conn, None, person, now).await?;
            (InboxAnswerKind::NewPerson, made.id, from)
        }
    };
    let asks_when = matches!(item.kind, InboxKind::Renamed | InboxKind::Returned);
    if asks_when && from.is_none() && item.person.as_ref().map(|known| known.id) != Some(person) {
        return Err(StoreError::conflict(
            "say from when it is this person's user id; punches before that keep their person",
        ));
    }
    let mapping = NewMapping {
        place: place_of(conn, item.terminal).await?,
        pin: item.pin.clone(),
        person,
        validity: Validity { from, until: None },
        how: MappingHow::Hand,
    };
    let done = assign(conn, vec![mapping], by, now).await?;
    Ok((kind, Some(person), done.released))
}

async fn record(
    conn: &mut SqliteConnection,
    id: InboxId,
    answer: InboxAnswerKind,
    person: Option<PersonId>,
    by: &str,
    now: Timestamp,
) -> Result<()> {
    const RECORD: &str =
        "UPDATE inbox SET answer = ?, answer_person_id = ?, answered_by = ?, answered_at = ?
        WHERE id = ?";
    sqlx::query(RECORD)
        .bind(answer.as_str())
        .bind(person.map(|person| person.0))
        .bind(by)
        .bind(now.as_millisecond())
        .bind(id.0)
        .execute(conn)
        .await?;
    Ok(())
}

impl InboxAnswerKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::NewPerson => "new_person",
            Self::Ignored => "ignored",
            Self::SamePerson => "same_person",
        }
    }

    pub(super) fn read(word: &str) -> Result<Self> {
        match word {
            "mapped" => Ok(Self::Mapped),
            "new_person" => Ok(Self::NewPerson),
            "ignored" => Ok(Self::Ignored),
            "same_person" => Ok(Self::SamePerson),
            other => Err(StoreError::damaged(format!("{other:?} is no answer"))),
        }
    }
}
