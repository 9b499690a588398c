use domain::{BatchShape, OutboxId, Pause};

use super::{
    batches::{batch, new_batch, open, waiting},
    fixture::{Ledger, at, begun, local},
};
use crate::{
    Accepted, AttemptNote, Batch, BatchPart, BatchRole, Claim, Leftover, NewBatch, Postponed,
    StoreError,
};

/// An attempt with this batch that was answered 200.
pub(super) fn note(batch: &Batch, seconds: i64) -> AttemptNote {
    AttemptNote {
        destination: batch.destination_id,
        batch: batch.id,
        status: Some(200),
        error: None,
        at: at(seconds),
        attempt: None,
    }
}

fn failed(batch: &Batch, status: u16, seconds: i64) -> AttemptNote {
    AttemptNote {
        status: Some(status),
        error: Some(format!("answered {status}")),
        ..note(batch, seconds)
    }
}

fn parked(id: OutboxId) -> Leftover {
    Leftover {
        id,
        reason: "no such \"employee\"".to_owned(),
        due: None,
        cause: "refused",
    }
}

fn pause(code: &str, seconds: i64, probe: Option<i64>) -> Pause {
    Pause {
        code: code.to_owned(),
        reason: "why".to_owned(),
        since: at(seconds),
        probe_at: probe.map(at),
    }
}

async fn ids(ledger: &Ledger, batch: &Batch) -> Vec<OutboxId> {
    ledger
        .batch_records(batch.id)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.id)
        .collect()
}

#[tokio::test]
async fn what_was_accepted_is_delivered_and_the_destination_is_well() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let first = open(&ledger, destination.id, 2).await;
    let postponed = Postponed {
        may_have_arrived: true,
        server_errors: 1,
        schedule: Some((4, at(60))),
        probe_at: None,
    };
    ledger
        .begin_attempt(first.id, begun(), at(11))
        .await
        .unwrap();
    ledger
        .settle_postponed(failed(&first, 500, 12), postponed)
        .await
        .unwrap();
    let ill = ledger.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(
        (ill.failures, ill.retry_at, ill.last_status),
        (4, Some(at(60)), Some(500))
    );
    assert_eq!(
        (ill.last_error.as_deref(), ill.last_error_at),
        (Some("answered 500"), Some(at(12)))
    );
    let again = batch(&ledger, destination.id, first.id).await;
    assert_eq!(
        (again.in_doubt, again.server_errors, again.attempts),
        (true, 1, 1)
    );

    let accepted = ledger
        .settle_accepted(note(&first, 61), Vec::new())
        .await
        .unwrap();
    assert_eq!(
        accepted,
        Accepted {
            resumed: false,
            learned_bare: false
        }
    );
    let well = ledger.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(
        (well.failures, well.retry_at, well.delivered_count),
        (0, None, 2)
    );
    assert_eq!(
        (well.last_success_at, well.last_status, well.last_error),
        (Some(at(61)), Some(200), None)
    );
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!(
        (counts.delivered, counts.batched, counts.waiting),
        (2, 0, 1)
    );
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM outbox WHERE state = 'delivered'")
            .await,
        2
    );
}

#[tokio::test]
async fn a_batch_taken_in_part_parks_what_was_refused_with_its_reason() {
    let (ledger, terminal, destination) = Ledger::with_waiting(3).await;
    let whole = open(&ledger, destination.id, 3).await;
    let members = ids(&ledger, &whole).await;
    let later = Leftover {
        id: members[2],
        reason: "busy".to_owned(),
        cause: "refused",
        due: Some(at(90)),
    };
    ledger
        .settle_accepted(note(&whole, 20), vec![parked(members[0]), later])
        .await
        .unwrap();
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!(
        (
            counts.delivered,
            counts.parked,
            counts.waiting,
            counts.batched
        ),
        (1, 1, 1, 0)
    );
    let refused = ledger.parked(destination.id, None, 10).await.unwrap();
    assert_eq!(
        (refused.len(), refused[0].id, refused[0].terminal_id),
        (1, members[0], terminal.id)
    );
    assert_eq!(refused[0].reason.as_deref(), Some("no such \"employee\""));
    assert_eq!(
        (refused[0].since, refused[0].pin.as_str()),
        (Some(at(20)), "1")
    );
    assert!(
        ledger
            .parked(destination.id, Some(members[0]), 10)
            .await
            .unwrap()
            .is_empty()
    );

    assert!(waiting(&ledger, destination.id, 10).await.is_empty());
    let (own, due) = ledger
        .next_own_retry(destination.id, Claim::EVERYTHING)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((own.id, due), (members[2], at(90)));
    let alone = new_batch(destination.id, terminal.id, vec![own.id]);
    let alone = ledger.open_batch(alone, at(90)).await.unwrap();
    let record = ledger.batch_records(alone).await.unwrap().remove(0);
    assert_eq!((record.tries, record.first_failed_at), (1, Some(at(20))));
}

#[tokio::test]
async fn a_batch_of_which_nothing_was_taken_is_refused() {
    let (ledger, _, destination) = Ledger::with_waiting(2).await;
    let whole = open(&ledger, destination.id, 2).await;
    let members = ids(&ledger, &whole).await;
    let leftovers = members.into_iter().map(parked).collect();
    ledger
        .settle_accepted(note(&whole, 20), leftovers)
        .await
        .unwrap();
    let after = ledger.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(
        (
            after.refused_streak,
            after.delivered_count,
            after.last_success_at
        ),
        (2, 0, None)
    );
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().parked,
        2
    );
}

#[tokio::test]
async fn a_refused_batch_goes_on_in_halves_that_inherit_the_doubt() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    let whole = open(&ledger, destination.id, 4).await;
    ledger
        .begin_attempt(whole.id, begun(), at(11))
        .await
        .unwrap();
    ledger.recover_batches(destination.id).await.unwrap();
    let members = ids(&ledger, &whole).await;
    let part = |records: &[OutboxId], role| BatchPart {
        idempotency_key: format!("part {}", records[0]),
        shape: BatchShape::Batch,
        role,
        others_passed: false,
        records: records.to_vec(),
    };
    let parts = vec![
        part(&members[..2], BatchRole::Plain),
        part(&members[2..], BatchRole::Suspected),
    ];
    let export_time = local("2026-11-23 10:00:00");
    ledger
        .settle_divided(failed(&whole, 413, 20), parts, export_time, Some(2))
        .await
        .unwrap();
    let open = ledger.open_batches(destination.id).await.unwrap();
    assert_eq!(open.len(), 2);
    assert_eq!(
        (open[0].idempotency_key.clone(), open[0].size),
        (format!("part {}", members[0]), 2)
    );
    assert_eq!(
        (open[0].role, open[1].role),
        (BatchRole::Plain, BatchRole::Suspected)
    );
    assert!(open.iter().all(|half| half.in_doubt && half.attempts == 0));
    assert!(
        open.iter()
            .all(|half| half.export_time == "2026-11-23 10:00:00" && half.device_ip == "10.0.0.1")
    );
    assert_eq!(ids(&ledger, &open[0]).await, members[..2]);
    assert_eq!(ids(&ledger, &open[1]).await, members[2..]);
    assert!(ids(&ledger, &whole).await.is_empty());
    assert_eq!(
        ledger
            .destination(destination.id)
            .await
            .unwrap()
            .unwrap()
            .max_batch,
        Some(2)
    );
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().batched,
        4
    );
}

#[tokio::test]
async fn a_part_with_a_record_from_elsewhere_divides_nothing() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let whole = open(&ledger, destination.id, 2).await;
    let foreign = waiting(&ledger, destination.id, 1).await;
    let part = BatchPart {
        idempotency_key: "part".to_owned(),
        shape: BatchShape::Bare,
        role: BatchRole::Plain,
        others_passed: false,
        records: foreign,
    };
    let divided = ledger
        .settle_divided(
            failed(&whole, 400, 20),
            vec![part],
            local("2026-11-23 10:00:00"),
            None,
        )
        .await;
    assert!(matches!(divided, Err(StoreError::Conflict(_))));
    assert_eq!(ledger.open_batches(destination.id).await.unwrap(), [whole]);
}

#[tokio::test]
async fn ten_refused_in_a_row_are_put_back_and_the_destination_is_paused() {
    let (ledger, _, destination) = Ledger::with_waiting(12).await;
    for count in 1..=10_u32 {
        let single = open(&ledger, destination.id, 1).await;
        let record = ids(&ledger, &single).await[0];
        let streak = ledger
            .settle_refused(failed(&single, 422, 20), vec![parked(record)])
            .await
            .unwrap();
        assert_eq!(streak, count);
    }
    open(&ledger, destination.id, 1).await;
    let put_back = ledger
        .put_back_refused(destination.id, pause("refuses_everything", 30, Some(3_630)))
        .await
        .unwrap();
    assert_eq!(put_back, 10);
    let after = ledger.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(
        after.pause,
        Some(pause("refuses_everything", 30, Some(3_630)))
    );
    assert_eq!(after.refused_streak, 0);
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.parked, counts.batched), (12, 0, 0));
    let order = waiting(&ledger, destination.id, 20).await;
    assert!(order.is_sorted());
    // It was not their fault: nothing counts against them when they fail by themselves later.
    let again = open(&ledger, destination.id, 10).await;
    for record in ledger.batch_records(again.id).await.unwrap() {
        assert_eq!((record.tries, record.first_failed_at), (0, None));
    }
}

#[tokio::test]
async fn what_was_refused_before_something_passed_stays_parked() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    for _ in 0..2 {
        let single = open(&ledger, destination.id, 1).await;
        let record = ids(&ledger, &single).await[0];
        ledger
            .settle_refused(failed(&single, 422, 20), vec![parked(record)])
            .await
            .unwrap();
        if waiting(&ledger, destination.id, 9).await.len() == 2 {
            let good = open(&ledger, destination.id, 1).await;
            ledger
                .settle_accepted(note(&good, 21), Vec::new())
                .await
                .unwrap();
        }
    }
    let put_back = ledger
        .put_back_refused(destination.id, pause("refuses_everything", 30, None))
        .await
        .unwrap();
    assert_eq!(put_back, 1);
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().parked,
        1
    );
}

#[tokio::test]
async fn a_shut_door_keeps_the_batch_and_the_first_success_opens_it() {
    let (ledger, _, destination) = Ledger::with_waiting(2).await;
    let only = open(&ledger, destination.id, 2).await;
    ledger
        .begin_attempt(only.id, begun(), at(11))
        .await
        .unwrap();
    ledger
        .settle_shut(
            failed(&only, 401, 12),
            pause("unauthorized", 12, Some(3_612)),
        )
        .await
        .unwrap();
    let paused = ledger.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(paused.pause, Some(pause("unauthorized", 12, Some(3_612))));
    let kept = batch(&ledger, destination.id, only.id).await;
    assert_eq!((kept.in_doubt, kept.attempts), (false, 1));

    let probed = Postponed {
        may_have_arrived: false,
        server_errors: 0,
        schedule: None,
        probe_at: Some(at(7_200)),
    };
    ledger
        .settle_postponed(failed(&only, 503, 3_612), probed)
        .await
        .unwrap();
    let paused = ledger.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(paused.pause, Some(pause("unauthorized", 12, Some(7_200))));
    let accepted = ledger
        .settle_accepted(note(&only, 7_200), Vec::new())
        .await
        .unwrap();
    assert!(accepted.resumed);
    assert_eq!(
        ledger
            .destination(destination.id)
            .await
            .unwrap()
            .unwrap()
            .pause,
        None
    );
}

#[tokio::test]
async fn three_rescued_records_teach_that_only_bare_ones_are_taken() {
    let (ledger, terminal, destination) = Ledger::with_waiting(6).await;
    let mut learned = Vec::new();
    for _ in 0..3 {
        let records = waiting(&ledger, destination.id, 1).await;
        let new = NewBatch {
            shape: BatchShape::Bare,
            ..new_batch(destination.id, terminal.id, records)
        };
        let bare = ledger.open_batch(new, at(10)).await.unwrap();
        let bare = batch(&ledger, destination.id, bare).await;
        if learned.len() == 2 {
            open(&ledger, destination.id, 2).await;
        }
        learned.push(
            ledger
                .settle_accepted(note(&bare, 20), Vec::new())
                .await
                .unwrap()
                .learned_bare,
        );
    }
    assert_eq!(learned, [false, false, true]);
    let after = ledger.destination(destination.id).await.unwrap().unwrap();
    assert!(after.bare_only);
    // The batch that was open in the other shape was given up.
    assert_eq!(waiting(&ledger, destination.id, 10).await.len(), 3);
}
