use domain::{InboxId, SuggestionReason};
use jiff::Timestamp;
use serde::Serialize;
use storage::{Decision, InboxAnswer, InboxAnswerKind, InboxFilter, InboxItem, InboxKind};
use utoipa::ToSchema;

use super::{PersonNameView, PersonWish, Whom, moment, person_meant};
use crate::{AppState, actions::chosen, problem::Problem};

/// Something that people are asked about a PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct InboxItemView {
    pub(crate) id: i64,
    /// `unmapped` (whose is it?), `number` (is it that of the person whose employee number it equals?), `renamed` or
    /// `returned` (is it still the same person's?)
    #[schema(value_type = String, example = "unmapped")]
    pub(crate) kind: InboxKind,
    pub(crate) device: i64,
    #[schema(example = "42")]
    pub(crate) user_id: String,
    /// What the device calls the PIN.
    pub(crate) called: Option<String>,
    /// Who is behind the PIN now.
    pub(crate) person: Option<PersonNameView>,
    /// Of `number`: whose employee number it is.
    pub(crate) asked: Option<PersonNameView>,
    pub(crate) old_name: Option<String>,
    pub(crate) new_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) opened_at: Timestamp,
    /// At most a thousand are counted.
    pub(crate) punches: u32,
    pub(crate) first_punch: Option<String>,
    pub(crate) last_punch: Option<String>,
    /// Who may be behind the PIN, the likeliest first.
    pub(crate) suggestions: Vec<SuggestionView>,
    pub(crate) answered: Option<AnsweredView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SuggestionView {
    #[serde(flatten)]
    pub(crate) person: PersonNameView,
    /// `same_number`, `same_name`, `same_name_elsewhere`, `number_but_zeros` or `like_name`
    #[schema(value_type = String, example = "same_name")]
    pub(crate) reason: SuggestionReason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AnsweredView {
    /// `mapped`, `new_person`, `ignored` or `same_person`
    #[schema(value_type = String, example = "mapped")]
    pub(crate) answer: InboxAnswerKind,
    pub(crate) person: Option<PersonNameView>,
    pub(crate) by: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct InboxPage {
    pub(crate) items: Vec<InboxItemView>,
    /// How many are open altogether.
    pub(crate) open: u64,
    pub(crate) next_cursor: Option<String>,
}

/// Which items are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct InboxWish {
    pub(crate) answered: bool,
    pub(crate) kind: Option<String>,
    pub(crate) device: Option<String>,
}

/// What somebody says to an item; `from` on the device's own clock.
#[derive(Debug, Clone)]
pub(crate) enum AnswerWish {
    Person {
        person: Whom,
        from: Option<String>,
    },
    NewPerson {
        person: PersonWish,
        from: Option<String>,
    },
    SamePerson,
    Ignore,
}

/// What came of an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DecisionView {
    pub(crate) item: InboxItemView,
    /// Records that waited for it and go now.
    pub(crate) released: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AnswerManyView {
    /// Those that were open.
    pub(crate) answered: u64,
}

pub(crate) async fn inbox(
    state: &AppState,
    wish: &InboxWish,
    before: Option<i64>,
    limit: u32,
) -> Result<InboxPage, Problem> {
    let filter = InboxFilter {
        answered: wish.answered,
        kind: wish.kind.as_deref().map(kind).transpose()?,
        terminal: match wish.device.as_deref() {
            None => None,
            Some(device) => chosen(state, Some(device))
                .await?
                .map(|terminal| terminal.id),
        },
    };
    let found = state
        .store
        .inbox(&filter, before.map(InboxId), limit)
        .await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next_cursor = found
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(InboxPage {
        items: found.into_iter().map(InboxItemView::from).collect(),
        open: state.store.inbox_count().await?,
        next_cursor,
    })
}

pub(crate) async fn answer_inbox(
    state: &AppState,
    id: i64,
    wish: AnswerWish,
    by: &str,
) -> Result<DecisionView, Problem> {
    let answer = match wish {
        AnswerWish::Person { person, from } => InboxAnswer::Person {
            person: person_meant(state, &person).await?.id,
            from: moment("from", from.as_deref())?,
        },
        AnswerWish::NewPerson { person, from } => InboxAnswer::NewPerson {
            person: person.details()?,
            from: moment("from", from.as_deref())?,
        },
        AnswerWish::SamePerson => InboxAnswer::SamePerson,
        AnswerWish::Ignore => InboxAnswer::Ignore,
    };
    let Decision { item, released } = state
        .store
        .answer(InboxId(id), answer, by, state.clock.now())
        .await?;
    state.delivery.wake();
    Ok(DecisionView {
        item: item.into(),
        released,
    })
}

/// `ignored`, `same_person` of those that were renamed or came back, or `new_person` of those that are like nobody.
pub(crate) async fn answer_many(
    state: &AppState,
    ids: Vec<i64>,
    answer: &str,
    by: &str,
) -> Result<AnswerManyView, Problem> {
    let answer = match answer {
        "ignored" => InboxAnswerKind::Ignored,
        "same_person" => InboxAnswerKind::SamePerson,
        "new_person" => return add_many(state, ids, by).await,
        other => {
            return Err(Problem::invalid(format!(
                "answer is {other:?}; of many at once it can be ignored, same_person or new_person"
            )));
        }
    };
    let ids = ids.into_iter().map(InboxId).collect();
    let answered = state
        .store
        .answer_many(ids, answer, by, state.clock.now())
        .await?;
    state.delivery.wake();
    Ok(AnswerManyView { answered })
}

/// A person for each, under the terminal's name and with the user id as employee number. Where somebody may be behind it
/// already, or has that number, the question stays.
async fn add_many(state: &AppState, ids: Vec<i64>, by: &str) -> Result<AnswerManyView, Problem> {
    let mut answered = 0;
    for id in ids {
        let Some(item) = state.store.inbox_item(InboxId(id)).await? else {
            continue;
        };
        let is_like_nobody = item.kind == InboxKind::Unmapped && item.suggestions.is_empty();
        if !is_like_nobody || item.answered.is_some() {
            continue;
        }
        let wish = AnswerWish::NewPerson {
            person: PersonWish {
                employee_number: Some(item.pin.into()),
                name: item.called,
                ..PersonWish::default()
            },
            from: None,
        };
        match answer_inbox(state, id, wish, by).await {
            Ok(_) => answered += 1,
            Err(Problem::Conflict { .. } | Problem::Invalid { .. }) => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(AnswerManyView { answered })
}

fn kind(word: &str) -> Result<InboxKind, Problem> {
    Ok(match word {
        "unmapped" => InboxKind::Unmapped,
        "number" => InboxKind::Number,
        "renamed" => InboxKind::Renamed,
        "returned" => InboxKind::Returned,
        other => {
            return Err(Problem::invalid(format!(
                "kind is {other:?}; use unmapped, number, renamed or returned"
            )));
        }
    })
}

impl From<InboxItem> for InboxItemView {
    fn from(item: InboxItem) -> Self {
        Self {
            id: item.id.0,
            kind: item.kind,
            device: item.terminal.0,
            user_id: item.pin.into(),
            called: item.called,
            person: item.person.map(PersonNameView::from),
            asked: item.asked.map(PersonNameView::from),
            old_name: item.old_name,
            new_name: item.new_name,
            opened_at: item.opened_at,
            punches: item.punches,
            first_punch: item.first_punch.map(|time| time.to_string()),
            last_punch: item.last_punch.map(|time| time.to_string()),
            suggestions: item
                .suggestions
                .into_iter()
                .map(|(person, reason)| SuggestionView {
                    person: person.into(),
                    reason,
                })
                .collect(),
            answered: item.answered.map(|answered| AnsweredView {
                answer: answered.answer,
                person: answered.person.map(PersonNameView::from),
                by: answered.by,
                at: answered.at,
            }),
        }
    }
}
