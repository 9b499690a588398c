use std::collections::HashSet;

use domain::{
    BatchShape, LocalTime, OutboxId, Pin, PunchId, PunchState, RecordId, Source, TimeFlag,
};
use jiff::Timestamp;
use proptest::prelude::*;
use storage::{Batch, BatchRecord, BatchRole};

use super::blame::batch;
use crate::worker::divide::{by_person, first_person, in_order, of_size, part, too_large};

fn records(pins: &[u8]) -> Vec<BatchRecord> {
    pins.iter()
        .zip(1_i64..)
        .map(|(pin, id)| BatchRecord {
            id: OutboxId(id),
            punch_id: PunchId(id),
            record_id: RecordId::from_stored(format!("record {id}")),
            pin: Pin::new(pin.to_string()).unwrap(),
            person_name: String::new(),
            known_as: None,
            local_time: LocalTime::new(2026, 11, 23, 8, 0, 0).unwrap(),
            zone: "UTC".to_owned(),
            instant: Timestamp::UNIX_EPOCH,
            flag: TimeFlag::Ok,
            state: PunchState::new(0),
            verify: 1,
            work_code: 0,
            source: Source::Pull,
            in_doubt: false,
            tries: 0,
            first_failed_at: None,
        })
        .collect()
}

fn ids(part: &[&BatchRecord]) -> Vec<i64> {
    part.iter().map(|record| record.id.0).collect()
}

#[test]
fn one_record_cannot_be_halved() {
    assert!(in_order(&records(&[1])).is_none());
    assert!(by_person(&records(&[1])).is_none());
}

#[test]
fn halves_in_order_are_the_earlier_and_the_later() {
    let records = records(&[1, 1, 1, 1, 1]);
    let (earlier, later) = in_order(&records).unwrap();
    assert_eq!((ids(&earlier), ids(&later)), (vec![1, 2, 3], vec![4, 5]));
}

#[test]
fn one_persons_records_stay_together() {
    assert!(by_person(&records(&[1, 1, 1])).is_none());
    let records = records(&[1, 2, 1, 2, 3]);
    let (theirs, rest) = first_person(&records).unwrap();
    assert_eq!((ids(&theirs), ids(&rest)), (vec![1, 3], vec![2, 4, 5]));
}

#[test]
fn a_single_record_has_its_own_id_only_when_it_goes_bare() {
    let records = records(&[1]);
    let only: Vec<_> = records.iter().collect();
    assert_eq!(
        part(&only, BatchShape::Bare, BatchRole::Plain).idempotency_key,
        "record 1"
    );
    assert_ne!(
        part(&only, BatchShape::Batch, BatchRole::Plain).idempotency_key,
        "record 1"
    );
}

#[test]
fn a_batch_above_what_is_sent_now_is_divided_unless_it_may_have_arrived() {
    let fresh = batch(BatchRole::Plain, 100, 0, false);
    let size = |takes_one, max_batch, batch: &Batch, records| {
        too_large(takes_one, max_batch, batch, records).map(|(size, _)| size)
    };
    assert_eq!(size(false, None, &fresh, 100), None);
    assert_eq!(size(false, Some(25), &fresh, 100), Some(25));
    assert_eq!(size(false, Some(25), &fresh, 25), None);
    assert_eq!(size(true, None, &fresh, 2), Some(1));
    assert_eq!(size(true, None, &fresh, 1), None);
    let inherited = Batch {
        in_doubt: true,
        ..fresh
    };
    assert_eq!(size(false, Some(25), &inherited, 100), Some(25));
    let sent = Batch {
        attempts: 1,
        ..inherited
    };
    assert_eq!(size(false, Some(25), &sent, 100), None);
}

proptest! {
    #[test]
    fn parts_of_a_size_lose_nothing_and_keep_the_order(count in 1_u8..200, size in 1_usize..60) {
        let records = records(&(0..count).collect::<Vec<_>>());
        let parts = of_size(&records, size);
        prop_assert!(parts.len() <= 8 && parts.iter().all(|part| !part.is_empty()));
        prop_assert!(usize::from(count).div_ceil(size) > 8 || parts.iter().all(|part| part.len() <= size));
        let all: Vec<i64> = parts.iter().flat_map(|part| ids(part)).collect();
        prop_assert_eq!(all, (1..=i64::from(count)).collect::<Vec<_>>());
    }

    #[test]
    fn halves_by_person_share_nobody_lose_nothing_and_keep_the_order(pins in prop::collection::vec(0_u8..20, 2..80)) {
        let records = records(&pins);
        let people: HashSet<u8> = pins.iter().copied().collect();
        let Some((earlier, later)) = by_person(&records) else {
            prop_assert_eq!(people.len(), 1);
            return Ok(());
        };
        prop_assert!(!earlier.is_empty() && !later.is_empty());
        prop_assert_eq!(earlier.len() + later.len(), records.len());
        let left: HashSet<_> = earlier.iter().map(|record| &record.pin).collect();
        prop_assert!(later.iter().all(|record| !left.contains(&record.pin)));
        prop_assert!(ids(&earlier).is_sorted() && ids(&later).is_sorted());
    }

    #[test]
    fn many_people_with_a_record_each_are_halved_evenly(count in 2_u8..200) {
        let records = records(&(0..count).collect::<Vec<_>>());
        let (earlier, later) = by_person(&records).unwrap();
        prop_assert!(earlier.len().abs_diff(later.len()) <= 1);
    }
}
