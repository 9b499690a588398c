use domain::{
    MappingHow, MappingId, PersonId, Pin, PinGroupId, Place, Validity, read_mappings,
    write_mappings,
};
use jiff::Timestamp;
use serde::Serialize;
use storage::{Mapping, MappingFilter, MappingsTaken, NewMapping};
use utoipa::ToSchema;

use super::{PersonNameView, SheetFaultView, Whom, moment, person_meant};
use crate::{AppState, actions::chosen, problem::Problem};

/// Whose PIN is whose, at one device or at a group of devices, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MappingView {
    pub(crate) id: i64,
    /// Id of the device; null where it is a group's.
    pub(crate) device: Option<i64>,
    pub(crate) pin_group: Option<i64>,
    /// The PIN; leading zeros count.
    #[schema(example = "42")]
    pub(crate) user_id: String,
    pub(crate) person: PersonNameView,
    /// On the device's own clock; null: always.
    #[schema(example = "2026-11-01 00:00:00")]
    pub(crate) valid_from: Option<String>,
    /// Left out itself; null: for ever.
    pub(crate) valid_until: Option<String>,
    /// It never held: it was a mistake.
    pub(crate) taken_back: bool,
    /// `auto`, `hand` or `csv`
    #[schema(value_type = String, example = "hand")]
    pub(crate) how: MappingHow,
    pub(crate) made_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) made_at: Timestamp,
    pub(crate) ended_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) ended_at: Option<Timestamp>,
}

/// Newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MappingPage {
    pub(crate) mappings: Vec<MappingView>,
    pub(crate) next_cursor: Option<String>,
}

/// Which mappings are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct MappingsQueryWish {
    pub(crate) device: Option<String>,
    pub(crate) pin_group: Option<i64>,
    pub(crate) user_id: Option<String>,
    pub(crate) person: Option<i64>,
}

/// A mapping to be made, at a device or at a group.
#[derive(Debug, Clone)]
pub(crate) struct MappingWish {
    pub(crate) device: Option<String>,
    pub(crate) pin_group: Option<i64>,
    pub(crate) user_id: String,
    pub(crate) person: Whom,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_until: Option<String>,
}

/// What mappings came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MappingsTakenView {
    /// Nothing was written.
    pub(crate) dry_run: bool,
    /// New ones; the rest were so already.
    pub(crate) made: u64,
    pub(crate) unchanged: u64,
    /// Records that waited for them and go now.
    pub(crate) released: u64,
    /// Nothing was written where there is one.
    pub(crate) faults: Vec<SheetFaultView>,
}

pub(crate) async fn mappings(
    state: &AppState,
    wish: &MappingsQueryWish,
    before: Option<i64>,
    limit: u32,
) -> Result<MappingPage, Problem> {
    let filter = MappingFilter {
        place: match (&wish.device, wish.pin_group) {
            (None, None) => None,
            (device, group) => Some(place(state, device.as_deref(), group).await?),
        },
        pin: wish.user_id.as_deref().map(pin).transpose()?,
        person: wish.person.map(PersonId),
    };
    let found = state
        .store
        .mappings(&filter, before.map(MappingId), limit)
        .await?;
    let full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
    let next_cursor = found
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    Ok(MappingPage {
        mappings: found.into_iter().map(MappingView::from).collect(),
        next_cursor,
    })
}

pub(crate) async fn add_mapping(
    state: &AppState,
    wish: MappingWish,
    by: &str,
) -> Result<MappingsTakenView, Problem> {
    let validity = Validity {
        from: moment("valid_from", wish.valid_from.as_deref())?,
        until: moment("valid_until", wish.valid_until.as_deref())?,
    };
    if validity.is_empty() {
        return Err(Problem::invalid("valid_until is not after valid_from"));
    }
    let new = NewMapping {
        place: place(state, wish.device.as_deref(), wish.pin_group).await?,
        pin: pin(&wish.user_id)?,
        person: person_meant(state, &wish.person).await?.id,
        validity,
        how: MappingHow::Hand,
    };
    let mapped = state.store.map(new, by, state.clock.now()).await?;
    state.delivery.wake();
    Ok(MappingsTakenView {
        dry_run: false,
        made: mapped.made,
        unchanged: u64::from(mapped.made == 0),
        released: mapped.released,
        faults: Vec::new(),
    })
}

/// `None`: it was a mistake and never held.
pub(crate) async fn end_mapping(
    state: &AppState,
    id: i64,
    until: Option<&str>,
    by: &str,
) -> Result<MappingView, Problem> {
    let until = moment("until", until)?;
    let ended = state
        .store
        .end_mapping(MappingId(id), until, by, state.clock.now())
        .await?;
    Ok(ended.into())
}

pub(crate) async fn import_mappings(
    state: &AppState,
    file: &[u8],
    dry_run: bool,
    by: &str,
) -> Result<MappingsTakenView, Problem> {
    let taken = match read_mappings(file) {
        Ok(rows) => {
            state
                .store
                .take_mappings(rows, dry_run, by, state.clock.now())
                .await?
        }
        Err(domain::SheetError::Faults(faults)) => MappingsTaken {
            faults,
            ..MappingsTaken::default()
        },
        Err(error) => return Err(error.into()),
    };
    state.delivery.wake();
    Ok(MappingsTakenView {
        dry_run,
        made: taken.made,
        unchanged: taken.unchanged,
        released: taken.released,
        faults: taken.faults.into_iter().map(SheetFaultView::from).collect(),
    })
}

/// All that hold or held, as a CSV file that can be taken in again.
pub(crate) async fn export_mappings(state: &AppState) -> Result<Vec<u8>, Problem> {
    const PAGE: u32 = 1_000;
    let mut file = write_mappings(true, &[]);
    let mut before = None;
    loop {
        let page = state
            .store
            .mappings(&MappingFilter::default(), before, PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(file);
        };
        before = Some(last.id);
        let held: Vec<Mapping> = page
            .into_iter()
            .filter(|mapping| !mapping.validity.is_empty())
            .collect();
        let rows = state.store.mapping_rows(&held).await?;
        file.extend(write_mappings(false, &rows));
    }
}

async fn place(
    state: &AppState,
    device: Option<&str>,
    pin_group: Option<i64>,
) -> Result<Place, Problem> {
    match (device, pin_group) {
        (Some(device), None) => chosen(state, Some(device))
            .await?
            .map(|terminal| Place::Terminal(terminal.id))
            .ok_or_else(|| Problem::invalid("no device is registered yet")),
        (None, Some(group)) => Ok(Place::Group(PinGroupId(group))),
        _ => Err(Problem::invalid(
            "say where the PIN is: send either device or pin_group",
        )),
    }
}

fn pin(text: &str) -> Result<Pin, Problem> {
    Pin::new(text.trim()).map_err(|error| Problem::invalid(format!("user_id: {error}")))
}

impl From<Mapping> for MappingView {
    fn from(mapping: Mapping) -> Self {
        let (device, pin_group) = match mapping.place {
            Place::Terminal(id) => (Some(id.0), None),
            Place::Group(id) => (None, Some(id.0)),
        };
        Self {
            id: mapping.id.0,
            device,
            pin_group,
            user_id: mapping.pin.into(),
            person: mapping.person.into(),
            taken_back: mapping.validity.is_empty(),
            valid_from: mapping.validity.from.map(|time| time.to_string()),
            valid_until: mapping.validity.until.map(|time| time.to_string()),
            how: mapping.how,
            made_by: mapping.made_by,
            made_at: mapping.made_at,
            ended_by: mapping.ended_by,
            ended_at: mapping.ended_at,
        }
    }
}
