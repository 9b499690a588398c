//! Fingerprints. Their bytes are sealed in the ledger and never shown.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use storage::TemplateInfo;
use utoipa::ToSchema;

use super::copy::{CopiedPerson, results};
use crate::{
    AppState,
    actions::{devices, users::pin},
    problem::Problem,
};

/// That there is a fingerprint, without it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TemplateView {
    /// 0 to 9, from the left little finger to the right one.
    #[schema(example = 6)]
    pub(crate) finger: u8,
    /// It is for punching under duress.
    pub(crate) duress: bool,
    /// Which algorithm made it; others cannot read it.
    #[schema(example = "ZKFinger 10")]
    pub(crate) algorithm: Option<String>,
    /// Bytes.
    #[schema(example = 1204)]
    pub(crate) size: u32,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) read_at: Timestamp,
}

/// The fingerprints of one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonTemplates {
    #[schema(example = "123")]
    pub(crate) user_id: String,
    /// Null for somebody who is not on the device any more.
    #[schema(example = "John Doe")]
    pub(crate) name: Option<String>,
    pub(crate) templates: Vec<TemplateView>,
}

/// By user id as a text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TemplatePage {
    pub(crate) people: Vec<PersonTemplates>,
    /// People with fingerprints, altogether.
    #[schema(example = 1)]
    pub(crate) total: usize,
    /// Cursor of the next page; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// What a read of all fingerprints came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TemplatesReadView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    #[schema(example = 412)]
    pub(crate) templates: usize,
    #[schema(example = 206)]
    pub(crate) people: usize,
    /// Fingerprints of slots without a user, which are left out.
    #[schema(example = 0)]
    pub(crate) nobodys: usize,
    /// Bytes at the end of the table that cannot be read.
    #[schema(example = 0)]
    pub(crate) unreadable_bytes: usize,
}

/// What writing fingerprints back came to, person by person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct WrittenView {
    #[schema(example = 1)]
    pub(crate) device: i64,
    pub(crate) people: Vec<CopiedPerson>,
}

/// Of whom there are fingerprints, as last read from the terminal.
pub(crate) async fn templates(
    state: &AppState,
    device: &str,
    only: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<TemplatePage, Problem> {
    let terminal = devices::find(state, device).await?;
    let only = only.map(pin).transpose()?;
    let names: HashMap<String, String> = state
        .store
        .enrolments(terminal.id)
        .await?
        .into_iter()
        .map(|person| (person.pin.into(), person.name))
        .collect();
    let mut people: BTreeMap<String, Vec<TemplateView>> = BTreeMap::new();
    for info in state.store.templates(terminal.id, only.as_ref()).await? {
        let pin = info.pin.to_string();
        people.entry(pin).or_default().push(info.into());
    }
    let total = people.len();
    let mut rest = people
        .into_iter()
        .filter(|(pin, _)| after.is_none_or(|after| pin.as_str() > after));
    let page: Vec<_> = rest
        .by_ref()
        .take(limit)
        .map(|(pin, templates)| PersonTemplates {
            name: names.get(&pin).cloned(),
            user_id: pin,
            templates,
        })
        .collect();
    let next_cursor = match (rest.next(), page.last()) {
        (Some(_), Some(last)) => Some(last.user_id.clone()),
        (Some(_) | None, _) => None,
    };
    Ok(TemplatePage {
        people: page,
        total,
        next_cursor,
    })
}

/// Reads all fingerprints from the terminal and keeps them, sealed.
pub(crate) async fn read_templates(
    state: &AppState,
    device: &str,
) -> Result<TemplatesReadView, Problem> {
    let terminal = devices::open(state, device).await?;
    let read = state.collector.read_templates(terminal.id).await?;
    Ok(TemplatesReadView {
        device: terminal.id.0,
        templates: read.templates,
        people: read.people,
        nobodys: read.nobodys,
        unreadable_bytes: read.unreadable_bytes,
    })
}

/// Writes the kept fingerprints of these people back to their terminal.
pub(crate) async fn write_templates(
    state: &AppState,
    device: &str,
    people: &[String],
) -> Result<WrittenView, Problem> {
    if people.is_empty() {
        return Err(Problem::invalid(
            "user_ids is missing; send whose fingerprints to write, as in {\"user_ids\": [\"123\"]}",
        ));
    }
    let terminal = devices::open(state, device).await?;
    let pins = people
        .iter()
        .map(|text| pin(text))
        .collect::<Result<_, _>>()?;
    let written = state.collector.write_templates(terminal.id, pins).await?;
    Ok(WrittenView {
        device: terminal.id.0,
        people: results(written),
    })
}

/// Deletes one finger of somebody, on the terminal and what is kept of it.
pub(crate) async fn delete_template(
    state: &AppState,
    device: &str,
    user_id: &str,
    finger: &str,
) -> Result<i64, Problem> {
    let terminal = devices::open(state, device).await?;
    let finger = finger.parse().ok().filter(|finger| *finger <= 9);
    let finger = finger.ok_or_else(|| Problem::invalid("finger must be a number from 0 to 9"))?;
    state
        .collector
        .delete_template(terminal.id, pin(user_id)?, finger)
        .await?;
    Ok(terminal.id.0)
}

impl From<TemplateInfo> for TemplateView {
    fn from(info: TemplateInfo) -> Self {
        /// As on the wire.
        const DURESS: u8 = 3;
        Self {
            finger: info.finger,
            duress: info.valid == DURESS,
            algorithm: info.algorithm,
            size: info.size,
            read_at: info.read_at,
        }
    }
}
