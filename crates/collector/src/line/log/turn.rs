//! How many new rows may be in memory at one time, over all terminals.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::CommandError;

/// Reads that bring no more new rows than this never wait, so that slow terminals do not hold up the daily work of others.
const LARGE: u64 = 2_000;
/// New rows that one place stands for.
const ROWS: u64 = 1_000;
/// Places over all terminals.
pub(crate) const PLACES: usize = 100;
/// How long a large read waits for its turn while the terminal's session is open.
const TURN: Duration = Duration::from_secs(2);

/// What a read holds of the places; `None` where it needs none.
pub(super) type Place = Option<OwnedSemaphorePermit>;

pub(super) enum Turn {
    /// It may be read now; a large one holds its places meanwhile.
    Free(Place),
    Wait,
}

/// Whether a read that may bring so many new rows may begin.
pub(super) async fn turn(places: &Arc<Semaphore>, new: u64) -> Result<Turn, CommandError> {
    if new <= LARGE {
        return Ok(Turn::Free(None));
    }
    let most = u32::try_from(PLACES).unwrap_or(u32::MAX);
    let wanted = u32::try_from(new.div_ceil(ROWS)).unwrap_or(most).min(most);
    let acquired = Arc::clone(places).acquire_many_owned(wanted);
    match tokio::time::timeout(TURN, acquired).await {
        Ok(Ok(permit)) => Ok(Turn::Free(Some(permit))),
        Ok(Err(_)) => Err(CommandError::ShuttingDown),
        Err(_) => Ok(Turn::Wait),
    }
}

/// As [`turn`], now that it is known how many rows there are; for a read that may hold places already.
pub(super) async fn turn_with(
    place: Place,
    places: &Arc<Semaphore>,
    new: u64,
) -> Result<Turn, CommandError> {
    match place {
        Some(place) => Ok(Turn::Free(Some(place))),
        None => turn(places, new).await,
    }
}
