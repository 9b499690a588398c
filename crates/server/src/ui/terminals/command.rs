//! What operators have a terminal do: asked first where it is felt at the terminal, then done.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use crate::{
    AppState, StatusCodes,
    actions::{self, DeviceView},
    input::{Count, Seconds},
    problem::Problem,
    ui::{
        fields::{filled, value},
        frame::{Html, PageProblem, Place, Shell, Tone, sentence, sentence_of},
        session::{NoFields, Posted, Visit, Visitor, go_on},
    },
};

/// A command that is confirmed on a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Unlock,
    Restart,
    Voice,
    Message,
}

#[derive(Template)]
#[template(path = "terminal_command.html")]
struct CommandPage {
    shell: Shell,
    device: DeviceView,
    deed: Deed,
    form: CommandForm,
    problem: Option<String>,
}

/// What was typed.
#[derive(Debug, Clone, Deserialize, Default, PartialEq, Eq)]
pub(super) struct CommandForm {
    #[serde(default)]
    seconds: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    line: String,
}

pub(super) async fn ask(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, deed)): Path<(String, String)>,
) -> Result<Response, PageProblem> {
    visit.visitor.must_have(Role::Operator)?;
    let deed = Deed::named(&deed)?;
    let form = CommandForm {
        seconds: "5".to_owned(),
        number: "0".to_owned(),
        line: "1".to_owned(),
        text: String::new(),
    };
    page(&state, visit, &id, deed, StatusCode::OK, form, None).await
}

pub(super) async fn run(
    State(state): State<AppState>,
    Path((id, deed)): Path<(String, String)>,
    Posted { visitor, form }: Posted<CommandForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Operator)?;
    let deed = Deed::named(&deed)?;
    match deed.run(&state, &id, &form).await {
        Ok(text) => Ok(go_on(
            &state,
            &visitor,
            &format!("/terminals/{id}"),
            Tone::Good,
            &text,
        )),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => {
            let status = problem.status(StatusCodes::Plain);
            let told = Some(sentence(&problem));
            page(&state, Visit::again(visitor), &id, deed, status, form, told).await
        }
    }
}

pub(super) async fn set_clock(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Operator)?;
    let done = actions::set_clock(&state, &id).await;
    told(
        &state,
        &posted.visitor,
        &id,
        done.map(|_| "Its clock is set.".to_owned()),
    )
}

pub(super) async fn enable(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Operator)?;
    let done = actions::enable(&state, &id).await;
    told(
        &state,
        &posted.visitor,
        &id,
        done.map(|_| "People can punch on it.".to_owned()),
    )
}

pub(super) async fn read_log(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Operator)?;
    let done = actions::read_log(&state, &id).await.map(|read| {
        read.reconciliation.map_or_else(
            || "Its log is long; it is still being read.".to_owned(),
            |found| format!("Its whole log was read: {}", sentence_of(&found.text)),
        )
    });
    told(&state, &posted.visitor, &id, done)
}

pub(super) async fn reread(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Operator)?;
    let done = actions::reread_unreadable(&state, &id).await.map(|done| {
        format!(
            "{} rows are punches now, {} still cannot be read.",
            done.read, done.left
        )
    });
    told(&state, &posted.visitor, &id, done)
}

pub(super) async fn read_templates(
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<NoFields>,
) -> Result<Response, PageProblem> {
    posted.visitor.must_have(Role::Admin)?;
    let done = actions::read_templates(&state, &id).await.map(|read| {
        format!(
            "{} fingerprints of {} people are kept.",
            read.templates, read.people
        )
    });
    told(&state, &posted.visitor, &id, done)
}

/// Back on the terminal's page, with what came of it.
fn told(
    state: &AppState,
    visitor: &Visitor,
    id: &str,
    done: Result<String, Problem>,
) -> Result<Response, PageProblem> {
    let to = format!("/terminals/{id}");
    match done {
        Ok(text) => Ok(go_on(state, visitor, &to, Tone::Good, &text)),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => Ok(go_on(state, visitor, &to, Tone::Bad, &sentence(&problem))),
    }
}

async fn page(
    state: &AppState,
    visit: Visit,
    id: &str,
    deed: Deed,
    status: StatusCode,
    form: CommandForm,
    problem: Option<String>,
) -> Result<Response, PageProblem> {
    let device = actions::device(state, id).await?;
    let page = CommandPage {
        shell: Shell::new(state, visit, Place::Terminals).titled(format!(
            "{} {}",
            deed.title(),
            device.name
        )),
        device,
        deed,
        form,
        problem,
    };
    Ok(Html(status, page).into_response())
}

impl Deed {
    fn named(word: &str) -> Result<Self, Problem> {
        match word {
            "unlock" => Ok(Self::Unlock),
            "restart" => Ok(Self::Restart),
            "voice" => Ok(Self::Voice),
            "message" => Ok(Self::Message),
            other => Err(Problem::NotFound {
                code: "not_found",
                message: format!("a terminal cannot be told to {other:?}"),
            }),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Restart => "restart",
            Self::Voice => "voice",
            Self::Message => "message",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Unlock => "Open the door of",
            Self::Restart => "Restart",
            Self::Voice => "Play a sound on",
            Self::Message => "Show a message on",
        }
    }

    /// What people at the terminal will notice.
    fn effect(self) -> &'static str {
        match self {
            Self::Unlock => {
                "Its door opens at once, for everybody who stands there. It is told so once; where its answer is lost, \
                 the door may be open all the same."
            }
            Self::Restart => {
                "It is away for half a minute or more, and nobody can punch meanwhile. Nothing on it is changed."
            }
            Self::Voice => "Whoever stands there hears it.",
            Self::Message => {
                "It stands on its display until somebody uses the terminal. Terminals with a coloured display say yes and \
                 show nothing."
            }
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Unlock => "Open the door",
            Self::Restart => "Restart it",
            Self::Voice => "Play it",
            Self::Message => "Show it",
        }
    }

    /// Gives what to say of it.
    async fn run(self, state: &AppState, id: &str, form: &CommandForm) -> Result<String, Problem> {
        match self {
            Self::Unlock => {
                let Seconds(time) = value("seconds", &form.seconds)?
                    .ok_or_else(|| Problem::invalid("seconds is missing; say how long"))?;
                let done = actions::unlock(state, id, time).await?;
                Ok(format!(
                    "The door of {} is open for {} s.",
                    done.name,
                    time.as_secs_f64()
                ))
            }
            Self::Restart => {
                let done = actions::restart(state, id).await?;
                Ok(format!(
                    "{} restarts; it is away for half a minute or more.",
                    done.name
                ))
            }
            Self::Voice => {
                let Count(number) = value("number", &form.number)?.unwrap_or(Count(0));
                let number = u32::try_from(number)
                    .map_err(|_| Problem::invalid("number is no sound of a terminal"))?;
                let done = actions::play_voice(state, id, number).await?;
                Ok(format!("{} plays its sound {number}.", done.name))
            }
            Self::Message => {
                let Count(line) = value("line", &form.line)?.unwrap_or(Count(1));
                let line = i16::try_from(line)
                    .map_err(|_| Problem::invalid("line must be from 0 to 15"))?;
                if let Some(text) = filled(&form.text) {
                    let done = actions::write_lcd(state, id, line, &text).await?;
                    Ok(format!("{} shows the message.", done.name))
                } else {
                    let done = actions::clear_lcd(state, id).await?;
                    Ok(format!("The display of {} is as always.", done.name))
                }
            }
        }
    }
}
