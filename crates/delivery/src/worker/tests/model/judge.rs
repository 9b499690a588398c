//! What must be so in the end.

use std::collections::{HashMap, HashSet};

use domain::{Order, PunchId};
use storage::{AttemptFilter, Delivery, DeliveryState};

use super::{
    manners::Seen,
    script::LANES,
    world::{Punch, Somebody, World},
};

pub(super) async fn judge(world: &World) {
    for lane in 0..LANES {
        let id = world.lanes[lane].id;
        let rows = world
            .store
            .deliveries(id, None, None, None, 10_000)
            .await
            .unwrap();
        let rows: HashMap<PunchId, Delivery> =
            rows.into_iter().map(|row| (row.punch_id, row)).collect();
        let requests = one_lane(world, lane, &rows);
        attempts(world, lane, requests, world.cuts).await;
    }
}

/// Gives how many requests there were.
fn one_lane(world: &World, lane: usize, rows: &HashMap<PunchId, Delivery>) -> u64 {
    let manners = world.manners();
    let seen: Vec<&Seen> = manners
        .seen
        .iter()
        .filter(|seen| seen.lane == lane)
        .collect();
    let told = Told::of(&seen);
    for (place, punch) in world.punches.iter().enumerate() {
        let row = rows.get(&PunchId(i64::try_from(place).unwrap() + 1));
        one(world, lane, place, row, &told);
        if let Some(row) = row {
            assert_eq!(row.record_id.as_str(), punch.record_id);
        }
    }
    one_key_one_body(&seen);
    uninvited(&seen, rows);
    if world.lanes[lane].order == Order::PerPerson {
        in_order(world, lane, rows, &told);
    }
    seen.len() as u64
}

/// What a receiver was told.
struct Told<'a> {
    /// In the order of their first taking.
    taken: Vec<&'a str>,
    has: HashSet<&'a str>,
    accused: HashSet<&'a str>,
    /// The same, when they came by themselves, or others of the request were taken: then later ones may pass them.
    set_aside: HashSet<&'a str>,
}

impl<'a> Told<'a> {
    fn of(seen: &[&'a Seen]) -> Self {
        let mut has = HashSet::new();
        let taken = seen.iter().flat_map(|seen| &seen.taken);
        let taken = taken
            .map(String::as_str)
            .filter(|id| has.insert(*id))
            .collect();
        let accused = seen.iter().flat_map(|seen| &seen.accused);
        let decided = seen.iter().filter(|seen| {
            seen.records.len() == 1 || (1..seen.records.len()).contains(&seen.taken.len())
        });
        let set_aside = decided.flat_map(|seen| &seen.accused);
        Self {
            taken,
            accused: accused.map(String::as_str).collect(),
            set_aside: set_aside.map(String::as_str).collect(),
            has,
        }
    }
}

/// A record was told of that was not wanted, and nobody had asked for it.
fn uninvited(seen: &[&Seen], rows: &HashMap<PunchId, Delivery>) {
    let asked: HashSet<&str> = rows
        .values()
        .filter(|row| row.asked)
        .map(|row| row.record_id.as_str())
        .collect();
    let mut known = HashSet::new();
    for seen in seen {
        for id in &seen.records {
            let is_new = known.insert(id.as_str());
            assert!(
                !is_new || asked.contains(id.as_str()) || !seen.unwanted.contains(id),
                "told of {id} although it was not wanted any more"
            );
        }
    }
}

fn one(world: &World, lane: usize, place: usize, row: Option<&Delivery>, told: &Told<'_>) {
    let punch = &world.punches[place];
    let id = punch.record_id.as_str();
    let (is_wanted, has) = (world.wants(lane, punch), told.has.contains(id));
    let was_unwanted = world.lanes[lane].ever_unwanted[place];
    let about = || format!("lane {lane}, {punch:?}, wanted: {is_wanted}, at the receiver: {has}");
    let Some(row) = row else {
        assert!(!is_wanted, "never queued: {}", about());
        assert!(!has, "not in the queue: {}", about());
        return;
    };
    let about = || format!("{}: {row:?}", about());
    let is_reasoned = row.reason.as_ref().is_some_and(|reason| !reason.is_empty());
    match row.state {
        DeliveryState::Waiting | DeliveryState::Batched => panic!("left over: {}", about()),
        DeliveryState::Held => {
            let waits = world.lanes[lane].needs_mapping && !world.is_mapped(punch);
            assert!(waits, "held: {}", about());
            assert!(!has, "told of nobody: {}", about());
        }
        DeliveryState::Delivered => assert!(has, "never arrived: {}", about()),
        DeliveryState::Parked => {
            assert!(is_reasoned && row.cause.is_some(), "why? {}", about());
            assert!(told.accused.contains(id), "never refused: {}", about());
        }
        DeliveryState::Withdrawn => {
            assert!(!is_wanted, "withdrawn: {}", about());
            assert!(is_reasoned && row.cause.is_some(), "why? {}", about());
        }
    }
    let may_be_late = was_unwanted || row.asked || told.accused.contains(id);
    assert!(
        !row.late || may_be_late || world.lanes[lane].needs_mapping,
        "late for no reason: {}",
        about()
    );
}

fn one_key_one_body(seen: &[&Seen]) {
    let mut bodies: HashMap<&str, &[u8]> = HashMap::new();
    for seen in seen {
        let first = bodies.entry(&seen.key).or_insert(&seen.body);
        assert_eq!(
            String::from_utf8_lossy(first),
            String::from_utf8_lossy(&seen.body),
            "two bodies under {}",
            seen.key
        );
    }
}

fn in_order(world: &World, lane: usize, rows: &HashMap<PunchId, Delivery>, told: &Told<'_>) {
    let places: HashMap<&str, usize> = world
        .punches
        .iter()
        .enumerate()
        .map(|(place, punch)| (punch.record_id.as_str(), place))
        .collect();
    let mut last: HashMap<Somebody, &Punch> = HashMap::new();
    let mut latest: HashMap<Somebody, usize> = HashMap::new();
    for id in &told.taken {
        let place = places[id];
        let punch = &world.punches[place];
        let row = &rows[&PunchId(i64::try_from(place).unwrap() + 1)];
        if row.late || row.asked || told.set_aside.contains(id) {
            continue;
        }
        let whose = world.whose(punch);
        let before = latest.insert(whose, place);
        assert!(
            before.is_none_or(|before| before < place),
            "lane {lane}: {punch:?} came after {:?}",
            last.get(&whose)
        );
        last.insert(whose, punch);
    }
}

/// One row a request; where the worker was cut off, perhaps one for a request that never left.
async fn attempts(world: &World, lane: usize, requests: u64, cuts: u64) {
    let id = world.lanes[lane].id;
    let all = AttemptFilter::All;
    let rows = world.store.attempts(id, &all, None, 100_000).await.unwrap();
    let reached = rows.iter().filter(|row| row.class != "not_reached");
    let count = reached.count() as u64;
    assert!(
        (requests..=requests + cuts).contains(&count),
        "{count} attempts for {requests} requests, {cuts} cuts"
    );
    let open = rows.iter().filter(|row| row.class == "sending").count();
    assert_eq!(open, 0, "attempts without an end");
}
