//! Copying people with their fingerprints from one terminal to another.

use collector::CopyResult;
use domain::{JobId, Pin, TerminalId};
use serde::Serialize;
use serde_json::json;
use storage::JobKind;
use utoipa::ToSchema;

use crate::{
    AppState,
    actions::{
        background, devices,
        users::{pin, word},
    },
    problem::Problem,
};

/// Whom to copy where.
#[derive(Debug, Clone)]
pub(crate) struct CopyWish {
    /// Id, serial number or address.
    pub(crate) to: String,
    /// `None`: everybody.
    pub(crate) people: Option<Vec<String>>,
    /// Only says what would be done.
    pub(crate) dry_run: bool,
}

/// What became of one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CopiedPerson {
    #[schema(example = "123")]
    pub(crate) user_id: String,
    /// `added`, `updated`, `unchanged` or `failed`
    #[schema(example = "added")]
    pub(crate) result: &'static str,
    /// Fingerprints that were written with them.
    #[schema(example = 2)]
    pub(crate) templates: usize,
    /// What is not as on the other device; for people.
    pub(crate) warning: Option<String>,
    /// Why it failed: a stable word, and a text.
    pub(crate) code: Option<&'static str>,
    pub(crate) reason: Option<String>,
}

/// What a copy came to; what one person meets does not stop the others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CopyView {
    /// The ids of both devices.
    #[schema(example = 1)]
    pub(crate) from: i64,
    #[schema(example = 2)]
    pub(crate) to: i64,
    pub(crate) dry_run: bool,
    #[schema(example = 1)]
    pub(crate) copied: usize,
    #[schema(example = 0)]
    pub(crate) failed: usize,
    pub(crate) people: Vec<CopiedPerson>,
}

/// Copies people with their fingerprints, where both terminals make them with the same algorithm, and reads all of it
/// back.
pub(crate) async fn copy_people(
    state: &AppState,
    from: &str,
    wish: CopyWish,
) -> Result<CopyView, Problem> {
    Copy::new(state, from, &wish).await?.run(state).await
}

/// The same as a job.
pub(crate) async fn begin_copy(
    state: &AppState,
    from: &str,
    wish: CopyWish,
) -> Result<JobId, Problem> {
    let copy = Copy::new(state, from, &wish).await?;
    let request = json!({
        "device": copy.from,
        "to": copy.to,
        "user_ids": wish.people,
        "dry_run": wish.dry_run,
    });
    background::begin(state, JobKind::CopyUsers, request, async move |state, _| {
        copy.run(&state).await
    })
    .await
}

struct Copy {
    from: TerminalId,
    to: TerminalId,
    pins: Option<Vec<Pin>>,
    dry_run: bool,
}

impl Copy {
    async fn new(state: &AppState, from: &str, wish: &CopyWish) -> Result<Self, Problem> {
        let from = devices::open(state, from).await?;
        let to = devices::open(state, &wish.to).await?;
        if from.id == to.id {
            return Err(Problem::invalid(
                "to is the device that is copied from; give another one",
            ));
        }
        let pins = wish
            .people
            .as_ref()
            .map(|people| people.iter().map(|text| pin(text)).collect())
            .transpose()?;
        Ok(Self {
            from: from.id,
            to: to.id,
            pins,
            dry_run: wish.dry_run,
        })
    }

    async fn run(self, state: &AppState) -> Result<CopyView, Problem> {
        let copied = state
            .collector
            .copy_people(self.from, self.to, self.pins, self.dry_run)
            .await?;
        let people = results(copied);
        let failed = people.iter().filter(|person| person.code.is_some()).count();
        Ok(CopyView {
            from: self.from.0,
            to: self.to.0,
            dry_run: self.dry_run,
            copied: people.len() - failed,
            failed,
            people,
        })
    }
}

pub(super) fn results(copied: Vec<CopyResult>) -> Vec<CopiedPerson> {
    copied
        .into_iter()
        .map(|CopyResult { pin, outcome }| match outcome {
            Ok(copied) => CopiedPerson {
                user_id: pin,
                result: word(copied.saved),
                templates: copied.templates,
                warning: copied.warning,
                code: None,
                reason: None,
            },
            Err(error) => CopiedPerson {
                user_id: pin,
                result: "failed",
                templates: 0,
                warning: None,
                code: Some(error.code()),
                reason: Some(error.to_string()),
            },
        })
        .collect()
}
