//! Records on their way, found by the punches that they are: by person, time or device.

use std::collections::HashMap;

use domain::{DestinationId, Person, Punch, PunchId};
use storage::{Delivery, DeliveryState};

use crate::{
    AppState,
    actions::{cursor_at, people::person_meant, punch_filter, read_cursor, write_cursor},
    problem::Problem,
};

use super::DeliveryWish;

/// Punches looked at together.
const CHUNK: u32 = 1_000;
/// For one page. What is rare among so many is better asked for by state alone.
const MOST_LOOKED_AT: usize = 500_000;

/// Newest first, along the time of the punches; what was never queued, or is in another state, is left out.
pub(super) async fn by_punch(
    state: &AppState,
    destination: DestinationId,
    wanted: Option<DeliveryState>,
    wish: &DeliveryWish,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<Delivery>, Option<String>), Problem> {
    let mut filter = punch_filter(state, &wish.punches).await?;
    let person = match &wish.person {
        None => None,
        Some(whom) => Some(person_meant(state, whom).await?),
    };
    if let Some(person) = &person {
        let mut pins = state.store.pins_of_person(person.id).await?;
        pins.push(person.employee_number.as_str().to_owned());
        if !filter.people.is_empty() {
            pins.retain(|pin| filter.people.contains(pin));
        }
        if pins.is_empty() {
            return Ok((Vec::new(), None));
        }
        filter.people = pins;
    }
    let mut at = cursor.map(read_cursor).transpose()?;
    let mut last_found = None;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let chunk = CHUNK.max(limit.saturating_add(1));
    let mut found = Vec::new();
    let mut looked_at = 0_usize;
    loop {
        let punches = state.store.latest_punches(&filter, at, chunk).await?;
        let mut deliveries = matching(state, destination, &punches, person.as_ref()).await?;
        for punch in &punches {
            let delivery = deliveries.remove(&punch.id).filter(|delivery| {
                wanted.is_none_or(|wanted| delivery.state == wanted)
                    && (wish.cause.is_none() || delivery.cause == wish.cause)
            });
            let Some(delivery) = delivery else { continue };
            if found.len() == most {
                return Ok((found, last_found.map(write_cursor)));
            }
            found.push(delivery);
            last_found = Some(cursor_at(punch));
        }
        looked_at = looked_at.saturating_add(punches.len());
        if u32::try_from(punches.len()).is_ok_and(|length| length < chunk) {
            return Ok((found, None));
        }
        at = punches.last().map(cursor_at);
        if looked_at >= MOST_LOOKED_AT {
            let next = if found.len() == most { last_found } else { at };
            return Ok((found, next.map(write_cursor)));
        }
    }
}

/// The records of these punches; of one person's, where one is asked for.
async fn matching(
    state: &AppState,
    destination: DestinationId,
    punches: &[Punch],
    person: Option<&Person>,
) -> Result<HashMap<PunchId, Delivery>, Problem> {
    let mut ids: Vec<PunchId> = punches.iter().map(|punch| punch.id).collect();
    if let Some(person) = person {
        let people = state.store.people_of_punches(&ids).await?;
        let theirs: HashMap<PunchId, bool> = punches
            .iter()
            .map(|punch| {
                let is_theirs = people.get(&punch.id).map_or_else(
                    || punch.pin.as_str() == person.employee_number.as_str(),
                    |known| known.id == person.id,
                );
                (punch.id, is_theirs)
            })
            .collect();
        ids.retain(|id| theirs.get(id) == Some(&true));
    }
    let deliveries = state.store.deliveries_of(destination, &ids).await?;
    Ok(deliveries
        .into_iter()
        .map(|delivery| (delivery.punch_id, delivery))
        .collect())
}
