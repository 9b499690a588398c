use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use domain::Role;
use serde::Deserialize;

use super::list::{self, Forms};
use crate::{
    AppState,
    actions::{ImportView, ImportWish, import_users},
    problem::Problem,
    ui::{
        fields::{filled, ticked},
        frame::{Html, PageProblem, Place, Shell, sentence_of},
        session::{Posted, Visit},
        words::{count, link},
    },
};

/// The import as it was typed.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, Default)]
pub(super) struct ImportForm {
    #[serde(default)]
    pub(super) device: String,
    #[serde(default)]
    pub(super) url: String,
    /// One header, as `Authorization: Bearer …`.
    #[serde(default)]
    pub(super) header: String,
    #[serde(default)]
    pub(super) items_path: String,
    /// `user_id=emp_code, name=full_name`
    #[serde(default)]
    pub(super) field_map: String,
    #[serde(default)]
    pub(super) dry_run: String,
}

#[derive(Template)]
#[template(path = "users_import.html")]
struct ImportPage {
    shell: Shell,
    form: ImportForm,
    result: ImportView,
    headline: String,
    failed: Vec<Told>,
    warned: Vec<Told>,
    back: String,
}

/// What is said of a row of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    row: usize,
    user_id: String,
    reason: String,
}

pub(super) async fn import(
    State(state): State<AppState>,
    Posted { visitor, form }: Posted<ImportForm>,
) -> Result<Response, PageProblem> {
    visitor.must_have(Role::Admin)?;
    let done = match form.wish() {
        Ok(wish) => import_users(&state, wish).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(result) => Ok(result_page(&state, Visit::again(visitor), form, result)),
        Err(problem @ (Problem::Internal { .. } | Problem::NotFound { .. })) => Err(problem.into()),
        Err(problem) => {
            let device = form.device.clone();
            let forms = Forms {
                import: Some(form),
                ..Forms::default()
            };
            list::again(&state, visitor, device, &problem, forms).await
        }
    }
}

fn result_page(state: &AppState, visit: Visit, form: ImportForm, result: ImportView) -> Response {
    let page = ImportPage {
        shell: Shell::new(state, visit, Place::Users).titled("Import"),
        headline: headline(&result),
        failed: result
            .failed
            .iter()
            .map(|failed| Told {
                row: failed.row,
                user_id: failed.user_id.clone().unwrap_or_default(),
                reason: sentence_of(&failed.reason),
            })
            .collect(),
        warned: result
            .warnings
            .iter()
            .map(|warned| Told {
                row: warned.row,
                user_id: warned.user_id.clone(),
                reason: sentence_of(&warned.warning),
            })
            .collect(),
        back: link("/users", [("device", form.device.as_str())]),
        form,
        result,
    };
    Html(StatusCode::OK, page).into_response()
}

pub(super) fn headline(result: &ImportView) -> String {
    let users = count(
        u64::try_from(result.total).unwrap_or(u64::MAX),
        "user",
        "users",
    );
    if result.state == "running" {
        "The import takes longer than this page waits; it goes on by itself".to_owned()
    } else if result.dry_run {
        format!("Nothing was changed yet: the list has {users}")
    } else {
        format!("The list had {users}")
    }
}

impl ImportForm {
    pub(super) fn wish(&self) -> Result<ImportWish, Problem> {
        Ok(ImportWish {
            url: self.url.trim().to_owned(),
            headers: self.headers()?,
            method: None,
            items_path: filled(&self.items_path),
            field_map: self.fields()?,
            device: filled(&self.device),
            dry_run: ticked(&self.dry_run),
        })
    }

    fn headers(&self) -> Result<BTreeMap<String, String>, Problem> {
        let Some(header) = filled(&self.header) else {
            return Ok(BTreeMap::new());
        };
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Problem::invalid("The header must be written as Name: value"))?;
        Ok(BTreeMap::from([(
            name.trim().to_owned(),
            value.trim().to_owned(),
        )]))
    }

    fn fields(&self) -> Result<BTreeMap<String, String>, Problem> {
        self.field_map
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                pair.split_once('=').map(|(ours, theirs)| (ours.trim().to_owned(), theirs.trim().to_owned())).ok_or_else(
                    || Problem::invalid(format!("The field names hold {pair:?}; write ours=theirs, as in user_id=emp_code")),
                )
            })
            .collect()
    }
}
