use axum::{
    Form,
    extract::{FromRequest, Request},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::Visitor;
use crate::{AppState, problem::Problem, ui::frame::PageProblem};

/// A form of one of our pages, with the visitor who sent it: they have a key, and the form's token is theirs.
#[derive(Debug)]
pub(crate) struct Posted<T> {
    pub(crate) visitor: Visitor,
    pub(crate) form: T,
}

/// A form of somebody who has no key yet; its token is checked by whoever reads it.
#[derive(Debug)]
pub(crate) struct Unknown<T> {
    pub(crate) token: String,
    pub(crate) form: T,
}

/// A form that is a button alone.
#[derive(Debug, Deserialize)]
pub(crate) struct NoFields {}

#[derive(Deserialize)]
struct WithToken<T> {
    #[serde(default)]
    token: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Posted<T> {
    type Rejection = PageProblem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, PageProblem> {
        let visitor = Visitor::find(state, request.headers())
            .await?
            .ok_or(Problem::Unauthorized)?;
        let Unknown { token, form } = Unknown::from_request(request, state).await?;
        if !visitor.session().is_token(&state.form_key, &token) {
            return Err(PageProblem::stale_form());
        }
        Ok(Self { visitor, form })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for Unknown<T> {
    type Rejection = PageProblem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, PageProblem> {
        let Form(WithToken { token, form }) =
            Form::from_request(request, state)
                .await
                .map_err(|rejection| {
                    let text = rejection.body_text();
                    let why = text.rsplit_once(": ").map_or(text.as_str(), |(_, why)| why);
                    Problem::invalid(format!("the form cannot be used: {why}"))
                })?;
        Ok(Self { token, form })
    }
}
