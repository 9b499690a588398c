use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{id, persons::PersonBody, unknown, whom};
use crate::{
    AppState,
    actions::{self, AnswerManyView, AnswerWish, DecisionView, InboxPage, InboxWish},
    auth::{Operator, Viewer},
    envelope::{Answer, Reply},
    input::{Body, Count, PageQuery, Query, Segment, Switch, Word, row_id},
    openapi::PlainErrors,
    problem::Problem,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InboxQuery {
    /// True: those that were answered, instead of those that are open.
    #[param(value_type = Option<bool>)]
    answered: Option<Switch>,
    /// `unmapped`, `number`, `renamed` or `returned`
    #[param(value_type = Option<String>)]
    kind: Option<Word>,
    /// Id, serial number or address.
    #[param(value_type = Option<String>)]
    device: Option<Word>,
}

/// One of `person` or `employee_number`, `new_person`, `same_person` and `ignore`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerBody {
    /// It is this person's PIN; an id.
    #[schema(value_type = Option<u64>)]
    person: Option<Count>,
    /// The same, by employee number.
    #[schema(value_type = Option<String>, example = "007")]
    employee_number: Option<Word>,
    /// It is that of somebody who is not in the list yet.
    new_person: Option<PersonBody>,
    /// True: nothing has changed; of a PIN that equals an employee number: it is that person's.
    #[schema(value_type = Option<bool>)]
    same_person: Option<Switch>,
    /// True: it is nobody's, and is not asked again.
    #[schema(value_type = Option<bool>)]
    ignore: Option<Switch>,
    /// From when it is another person's, on the device's own clock.
    #[schema(value_type = Option<String>, example = "2026-11-01")]
    from: Option<Word>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerManyBody {
    #[schema(value_type = Vec<u64>, example = json!([3, 4]))]
    ids: Option<Vec<Count>>,
    /// `ignored`, `same_person` of those that were renamed or came back, or `new_person`: somebody new for each, under
    /// the device's name and with the user id as employee number, where nobody is like them
    #[schema(value_type = String, example = "same_person")]
    answer: Option<Word>,
}

const MOST: usize = 1_000;

/// What people are asked about PINs, newest first, with suggestions.
#[utoipa::path(
    get, path = "/api/v1/inbox", tag = "people", operation_id = "list_inbox", params(InboxQuery, PageQuery),
    security(("bearer" = ["viewer"]), ("api_key" = ["viewer"])),
    responses((status = OK, body = Answer<InboxPage>), PlainErrors)
)]
pub(super) async fn list(
    _: Viewer,
    State(state): State<AppState>,
    Query(query): Query<InboxQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Reply<InboxPage>, Problem> {
    let (limit, before) = page.read()?;
    let wish = InboxWish {
        answered: query.answered.is_some_and(|Switch(answered)| answered),
        kind: query.kind.and_then(Word::filled),
        device: query.device.and_then(Word::filled),
    };
    let page = actions::inbox(&state, &wish, before, limit).await?;
    Ok(Reply::ok(format!("{} are open", page.open), page))
}

/// Answers one item. What waited for it goes.
#[utoipa::path(
    post, path = "/api/v1/inbox/{id}/answer", tag = "people", operation_id = "answer_inbox",
    params(("id" = i64, Path, description = "as GET /api/v1/inbox shows it")),
    request_body(content = AnswerBody, example = json!({"employee_number": "007"})),
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<DecisionView>), PlainErrors)
)]
pub(super) async fn answer(
    Operator(caller): Operator,
    State(state): State<AppState>,
    Segment(id): Segment,
    Body(body): Body<AnswerBody>,
) -> Result<Reply<DecisionView>, Problem> {
    let id = row_id(&id, unknown("question"))?;
    let decision = actions::answer_inbox(&state, id, body.wish()?, &caller.name).await?;
    Ok(Reply::ok(
        format!("{} records that waited for it go now", decision.released),
        decision,
    ))
}

/// Answers many at once.
#[utoipa::path(
    post, path = "/api/v1/inbox/answer", tag = "people", operation_id = "answer_inbox_many",
    request_body = AnswerManyBody,
    security(("bearer" = ["operator"]), ("api_key" = ["operator"])),
    responses((status = OK, body = Answer<AnswerManyView>), PlainErrors)
)]
pub(super) async fn answer_many(
    Operator(caller): Operator,
    State(state): State<AppState>,
    Body(body): Body<AnswerManyBody>,
) -> Result<Reply<AnswerManyView>, Problem> {
    let ids = body.ids.unwrap_or_default();
    if ids.is_empty() || ids.len() > MOST {
        return Err(Problem::invalid(format!(
            "ids has {} entries; send 1 to {MOST}",
            ids.len()
        )));
    }
    let ids = ids
        .into_iter()
        .map(|number| id("ids", number))
        .collect::<Result<_, _>>()?;
    let answer = body.answer.and_then(Word::filled).unwrap_or_default();
    let answered = actions::answer_many(&state, ids, &answer, &caller.name).await?;
    Ok(Reply::ok(
        format!("{} are answered", answered.answered),
        answered,
    ))
}

impl AnswerBody {
    fn wish(self) -> Result<AnswerWish, Problem> {
        let from = self.from.and_then(Word::filled);
        let number = self.employee_number.filter(|Word(text)| !text.is_empty());
        let is_somebody = self.person.is_some() || number.is_some();
        let is_same = self.same_person.is_some_and(|Switch(same)| same);
        let is_nobody = self.ignore.is_some_and(|Switch(ignore)| ignore);
        match (is_somebody, self.new_person, is_same, is_nobody) {
            (true, None, false, false) => Ok(AnswerWish::Person {
                person: whom(self.person, number)?,
                from,
            }),
            (false, Some(person), false, false) => Ok(AnswerWish::NewPerson {
                person: person.wish(),
                from,
            }),
            (false, None, true, false) => Ok(AnswerWish::SamePerson),
            (false, None, false, true) => Ok(AnswerWish::Ignore),
            _ => Err(Problem::invalid(
                "answer with one of {\"employee_number\": \"007\"}, {\"new_person\": {…}}, {\"same_person\": true} and \
                 {\"ignore\": true}",
            )),
        }
    }
}
