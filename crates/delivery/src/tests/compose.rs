use std::collections::HashMap;

use domain::{Order, OutboxId, PunchId, RecordId, TerminalId};
use proptest::prelude::*;
use storage::Candidate;

use crate::compose::compose;

fn candidate(id: i64, terminal: i64, pin: &str) -> Candidate {
    Candidate {
        id: OutboxId(id),
        punch_id: PunchId(id),
        record_id: RecordId::from_stored(format!("record {id}")),
        terminal_id: TerminalId(terminal),
        pin: pin.to_owned(),
        person: None,
    }
}

fn ids(chosen: &[Candidate]) -> Vec<i64> {
    chosen.iter().map(|each| each.id.0).collect()
}

#[test]
fn nothing_is_made_of_nothing() {
    assert!(compose(Vec::new(), 10, Order::PerPerson).is_empty());
}

#[test]
fn a_batch_holds_one_terminals_records_that_of_the_oldest() {
    let waiting = vec![
        candidate(1, 7, "a"),
        candidate(2, 8, "b"),
        candidate(3, 7, "c"),
    ];
    assert_eq!(ids(&compose(waiting, 10, Order::PerPerson)), [1, 3]);
}

#[test]
fn where_order_does_not_count_everything_of_the_terminal_goes() {
    let waiting = vec![
        candidate(1, 7, "a"),
        candidate(2, 8, "b"),
        candidate(3, 7, "b"),
    ];
    assert_eq!(ids(&compose(waiting, 10, Order::Any)), [1, 3]);
}

#[test]
fn a_record_does_not_overtake_the_same_persons_earlier_one_at_another_terminal() {
    let waiting = vec![
        candidate(1, 7, "a"),
        candidate(2, 8, "b"),
        candidate(3, 7, "b"),
        candidate(4, 7, "c"),
    ];
    assert_eq!(ids(&compose(waiting, 10, Order::PerPerson)), [1, 4]);
}

#[test]
fn a_batch_is_no_larger_than_the_limit() {
    let waiting = (1..=10).map(|id| candidate(id, 7, "a")).collect();
    assert_eq!(ids(&compose(waiting, 3, Order::PerPerson)), [1, 2, 3]);
}

proptest! {
    #[test]
    fn composing_again_and_again_sends_everything_once_and_everybody_in_order(
        punches in prop::collection::vec((0_i64..3, 0_u8..4), 0..60),
        limit in 1_usize..8,
    ) {
        let mut waiting: Vec<Candidate> = punches
            .iter()
            .zip(1..)
            .map(|((terminal, pin), id)| candidate(id, *terminal, &pin.to_string()))
            .collect();
        let mut last: HashMap<String, i64> = HashMap::new();
        let mut sent = 0;
        while !waiting.is_empty() {
            let batch = compose(waiting.clone(), limit, Order::PerPerson);
            prop_assert!(!batch.is_empty() && batch.len() <= limit);
            prop_assert!(batch.iter().all(|each| each.terminal_id == batch[0].terminal_id));
            for each in &batch {
                let before = last.insert(each.pin.clone(), each.id.0);
                prop_assert!(before.is_none_or(|before| before < each.id.0));
            }
            sent += batch.len();
            waiting.retain(|each| !batch.contains(each));
        }
        prop_assert_eq!(sent, punches.len());
    }
}
