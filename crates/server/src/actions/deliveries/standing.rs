use std::collections::HashMap;

use domain::PunchId;
use storage::DeliveryState;

use crate::{AppState, actions::PunchView, problem::Problem};

/// Where punches stand on their way to all destinations, by their numbers; `None` where there is no destination.
pub(crate) async fn standings(
    state: &AppState,
    punches: &[PunchView],
) -> Result<Option<HashMap<i64, Vec<DeliveryState>>>, Problem> {
    let destinations = state.store.destinations().await?;
    if destinations.is_empty() {
        return Ok(None);
    }
    let ids: Vec<PunchId> = punches.iter().map(|punch| PunchId(punch.number)).collect();
    let mut standings: HashMap<i64, Vec<DeliveryState>> = HashMap::new();
    for destination in destinations {
        for delivery in state.store.deliveries_of(destination.id, &ids).await? {
            let of_one = standings.entry(delivery.punch_id.0).or_default();
            if !of_one.contains(&delivery.state) {
                of_one.push(delivery.state);
            }
        }
    }
    Ok(Some(standings))
}
