use std::collections::{HashMap, hash_map::Entry};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::{Role, SuggestionReason};
use serde::Deserialize;
use storage::{InboxAnswerKind, InboxKind};

use super::one::released;
use crate::{
    AppState,
    actions::{
        AnswerWish, InboxItemView, InboxWish, PersonWish, Whom, answer_inbox, answer_many, device,
        devices, inbox,
    },
    input::{Query, row_id},
    problem::Problem,
    ui::{
        choice::TerminalChoice,
        fields::{Fields, filled},
        frame::{Html, Moment, PageProblem, Pill, Place, Shell, Tone, sentence},
        session::{Posted, Visit, go_on},
        words::{count, link},
    },
};

const ITEMS: u32 = 50;

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    answered: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    before: String,
}

/// An answer as it was pressed or typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    person: String,
    /// What the terminal says of the PIN.
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    called: String,
    #[serde(default)]
    employee_number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    from: String,
}

pub(super) struct Item {
    id: i64,
    pill: Pill,
    question: String,
    facts: String,
    opened: Moment,
    suggestions: Vec<Suggested>,
    /// Somebody is behind the PIN: it must be said from when it is another person's.
    needs_from: bool,
    may_be_same: Option<String>,
    user_id: String,
    called: String,
    answered: Option<String>,
}

struct Suggested {
    id: i64,
    word: String,
    why: &'static str,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    shell: Shell,
    items: Vec<Item>,
    choices: Vec<TerminalChoice>,
    answered: String,
    shows_answered: bool,
    open: u64,
    newest: Option<String>,
    older: Option<String>,
    may_answer: bool,
}

pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(shown): Query<Shown>,
) -> Result<Response, PageProblem> {
    let shows_answered = !shown.answered.is_empty();
    let wish = InboxWish {
        answered: shows_answered,
        device: filled(&shown.device),
        ..InboxWish::default()
    };
    let found = inbox(&state, &wish, shown.before.parse().ok(), ITEMS).await?;
    let mut terminals: HashMap<i64, String> = devices(&state)
        .await?
        .into_iter()
        .map(|device| (device.id, device.name))
        .collect();
    for item in &found.items {
        // Of a terminal that was removed meanwhile.
        if let Entry::Vacant(place) = terminals.entry(item.device) {
            place.insert(device(&state, &item.device.to_string()).await?.name);
        }
    }
    let now = state.clock.now();
    let page = InboxPage {
        items: found
            .items
            .iter()
            .map(|item| {
                let terminal = terminals.get(&item.device).cloned();
                let terminal = terminal.unwrap_or_else(|| format!("terminal {}", item.device));
                let opened = Moment::new(item.opened_at, now, &state.settings.zone);
                Item::new(item, &terminal, opened)
            })
            .collect(),
        open: found.open,
        newest: (!shown.before.is_empty()).then(|| shown.page("")),
        older: found
            .next_cursor
            .as_deref()
            .map(|cursor| shown.page(cursor)),
        choices: TerminalChoice::list(&state, &shown.device).await?,
        answered: shown.answered,
        shows_answered,
        may_answer: visit.visitor.may(Role::Operator),
        shell: Shell::new(&state, visit, Place::People).titled("Questions about user ids"),
    };
    Ok(Html(StatusCode::OK, page).into_response())
}

pub(super) async fn answer(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Posted { visitor, form }: Posted<AnswerForm>,
) -> Result<Response, PageProblem> {
    const HERE: &str = "/people/inbox";
    visitor.must_have(Role::Operator)?;
    let id = row_id(&id, || Problem::invalid("there is no such question"))?;
    let done = match form.wish() {
        Ok(wish) => answer_inbox(&state, id, wish, &visitor.caller().name).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(decision) => {
            let text = format!(
                "User id {} is answered. {}",
                decision.item.user_id,
                released(decision.released)
            );
            Ok(go_on(&state, &visitor, HERE, Tone::Good, text.trim_end()))
        }
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => Ok(go_on(
            &state,
            &visitor,
            HERE,
            Tone::Bad,
            &sentence(&problem),
        )),
    }
}

/// One answer to those that are ticked.
pub(super) async fn answer_several(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<Fields>,
) -> Result<Response, PageProblem> {
    const HERE: &str = "/people/inbox";
    visitor.must_have(Role::Operator)?;
    let ids: Vec<i64> = form
        .all("item")
        .iter()
        .filter_map(|id| id.parse().ok())
        .collect();
    if ids.is_empty() {
        let text = "Nothing is ticked; tick the questions first.";
        return Ok(go_on(&state, &visitor, HERE, Tone::Warn, text));
    }
    let asked = ids.len() as u64;
    match answer_many(&state, ids, form.get("answer"), &visitor.caller().name).await {
        Ok(done) => {
            let answered = count(done.answered, "question is", "questions are");
            let (tone, rest) = if done.answered < asked {
                let rest = " The others stay open: this answer does not fit them.";
                (Tone::Warn, rest)
            } else {
                (Tone::Good, "")
            };
            let text = format!("{answered} answered.{rest}");
            Ok(go_on(&state, &visitor, HERE, tone, &text))
        }
        Err(problem @ Problem::Internal { .. }) => Err(problem.into()),
        Err(problem) => {
            let text = sentence(&problem);
            Ok(go_on(&state, &visitor, HERE, Tone::Bad, &text))
        }
    }
}

impl Shown {
    fn page(&self, before: &str) -> String {
        let places = [
            ("answered", self.answered.as_str()),
            ("device", self.device.trim()),
            ("before", before),
        ];
        link("/people/inbox", places)
    }
}

impl AnswerForm {
    pub(super) fn wish(&self) -> Result<AnswerWish, Problem> {
        let from = filled(&self.from);
        if let Ok(person) = self.person.parse() {
            return Ok(AnswerWish::Person {
                person: Whom::Id(person),
                from,
            });
        }
        let number = filled(&self.employee_number);
        match (self.answer.as_str(), number) {
            ("same", _) => Ok(AnswerWish::SamePerson),
            ("ignore", _) => Ok(AnswerWish::Ignore),
            ("as_called", _) => Ok(AnswerWish::NewPerson {
                person: PersonWish {
                    employee_number: filled(&self.user_id),
                    name: filled(&self.called),
                    ..PersonWish::default()
                },
                from,
            }),
            ("somebody", Some(number)) => Ok(AnswerWish::Person {
                person: Whom::Number(number),
                from,
            }),
            ("new", Some(number)) => Ok(AnswerWish::NewPerson {
                person: PersonWish {
                    employee_number: Some(number),
                    name: filled(&self.name),
                    ..PersonWish::default()
                },
                from,
            }),
            _ => Err(Problem::invalid("write the employee number of the person")),
        }
    }
}

impl Item {
    #[cfg(test)]
    pub(super) fn question(&self) -> &str {
        &self.question
    }

    pub(super) fn new(item: &InboxItemView, terminal: &str, opened: Moment) -> Self {
        let called = item.called.as_deref().unwrap_or_default();
        let named = if called.is_empty() {
            String::new()
        } else {
            format!(", called {called}")
        };
        let who = |person: &Option<crate::actions::PersonNameView>| {
            person.as_ref().map_or_else(
                || "the same person".to_owned(),
                |person| format!("{} ({})", person.name, person.employee_number),
            )
        };
        let (pill, question) = match item.kind {
            InboxKind::Unmapped => (
                Pill::new(Tone::Warn, "Not known"),
                format!("Whose is user id {}{named} at {terminal}?", item.user_id),
            ),
            InboxKind::Number => (
                Pill::new(Tone::Warn, "Is it theirs?"),
                format!(
                    "Is user id {}{named} at {terminal} that of {}, whose employee number it is?",
                    item.user_id,
                    who(&item.asked)
                ),
            ),
            InboxKind::Renamed => (
                Pill::new(Tone::Bad, "Another name"),
                format!(
                    "{terminal} calls user id {} {} now, and called it {} before. Is it still {}?",
                    item.user_id,
                    item.new_name.as_deref().unwrap_or("nothing"),
                    item.old_name.as_deref().unwrap_or("nothing"),
                    who(&item.person)
                ),
            ),
            InboxKind::Returned => (
                Pill::new(Tone::Bad, "Added again"),
                format!(
                    "User id {} was deleted at {terminal} and added again. Is it still {}?",
                    item.user_id,
                    who(&item.person)
                ),
            ),
        };
        let mut facts = vec![count(u64::from(item.punches), "punch", "punches")];
        if let (Some(first), Some(last)) = (&item.first_punch, &item.last_punch) {
            facts.push(format!("from {first} to {last}"));
        }
        Self {
            id: item.id,
            pill,
            question,
            facts: facts.join(", "),
            opened,
            user_id: item.user_id.clone(),
            called: called.to_owned(),
            suggestions: item
                .suggestions
                .iter()
                .map(|suggestion| Suggested {
                    id: suggestion.person.id,
                    word: format!(
                        "{} {}",
                        suggestion.person.name, suggestion.person.employee_number
                    ),
                    why: why(suggestion.reason),
                })
                .collect(),
            needs_from: item.person.is_some(),
            may_be_same: match item.kind {
                InboxKind::Unmapped => None,
                InboxKind::Number => Some(format!("Yes, {}", who(&item.asked))),
                InboxKind::Renamed | InboxKind::Returned => {
                    Some(format!("Yes, still {}", who(&item.person)))
                }
            },
            answered: item.answered.as_ref().map(|answered| {
                let what = match answered.answer {
                    InboxAnswerKind::Mapped | InboxAnswerKind::NewPerson => {
                        format!("It is {}", who(&answered.person))
                    }
                    InboxAnswerKind::Ignored => "It is nobody's".to_owned(),
                    InboxAnswerKind::SamePerson => "It is the same person".to_owned(),
                };
                format!("{what}, said {}.", answered.by)
            }),
        }
    }
}

fn why(reason: SuggestionReason) -> &'static str {
    match reason {
        SuggestionReason::SameNumber => "the same number",
        SuggestionReason::SameName => "the same name",
        SuggestionReason::SameNameElsewhere => "another terminal has that name for them",
        SuggestionReason::NumberButZeros => "the same number but for zeros",
        SuggestionReason::LikeName => "a name like it",
    }
}
