use domain::{BatchShape, DestinationId, OutboxId, TerminalId};

use super::fixture::{Ledger, at, begun, local, minutes, punch_at};
use crate::{Batch, BatchRole, Claim, Intake, NewBatch, StoreError};

/// A batch of these records in the shape `batch`.
pub(super) fn new_batch(
    destination: DestinationId,
    terminal: TerminalId,
    records: Vec<OutboxId>,
) -> NewBatch {
    NewBatch {
        destination_id: destination,
        terminal_id: terminal,
        shape: BatchShape::Batch,
        idempotency_key: format!("key of {}", records.len()),
        export_time: local("2026-11-23 09:00:00"),
        role: BatchRole::Plain,
        others_passed: false,
        records,
    }
}

/// The ids of the oldest waiting records.
pub(super) async fn waiting(
    ledger: &Ledger,
    destination: DestinationId,
    limit: u32,
) -> Vec<OutboxId> {
    let candidates = ledger
        .candidates(destination, Claim::EVERYTHING, limit)
        .await
        .unwrap();
    candidates
        .into_iter()
        .map(|candidate| candidate.id)
        .collect()
}

/// Opens a batch of the oldest waiting records.
pub(super) async fn open(ledger: &Ledger, destination: DestinationId, limit: u32) -> Batch {
    let candidates = ledger
        .candidates(destination, Claim::EVERYTHING, limit)
        .await
        .unwrap();
    let terminal = candidates[0].terminal_id;
    let records = candidates
        .into_iter()
        .map(|candidate| candidate.id)
        .collect();
    let id = ledger
        .open_batch(new_batch(destination, terminal, records), at(10))
        .await
        .unwrap();
    batch(ledger, destination, id).await
}

pub(super) async fn batch(
    ledger: &Ledger,
    destination: DestinationId,
    id: domain::BatchId,
) -> Batch {
    let open = ledger.open_batches(destination).await.unwrap();
    open.into_iter().find(|batch| batch.id == id).unwrap()
}

#[tokio::test]
async fn candidates_come_in_the_order_of_arrival() {
    let (ledger, terminal, destination) = Ledger::with_waiting(3).await;
    let other = ledger.terminal_at("10.0.0.2", "SN2").await;
    let late = vec![punch_at("SN2", "9", "2026-11-22 00:00:00", 0)];
    ledger
        .ingest(Intake::of(other.id, late), at(2))
        .await
        .unwrap();
    let found = ledger
        .candidates(destination.id, Claim::EVERYTHING, 10)
        .await
        .unwrap();
    let order: Vec<_> = found
        .iter()
        .map(|each| (each.terminal_id, each.pin.as_str()))
        .collect();
    assert_eq!(
        order,
        [
            (terminal.id, "1"),
            (terminal.id, "2"),
            (terminal.id, "3"),
            (other.id, "9")
        ]
    );
    assert_eq!(found[0].record_id, minutes(1)[0].record_id);
    assert_eq!(
        ledger
            .candidates(destination.id, Claim::EVERYTHING, 2)
            .await
            .unwrap(),
        found[..2]
    );
    assert!(
        ledger
            .candidates(destination.id, Claim::Asked, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_open_batch_keeps_its_members_in_order_and_where_they_came_from() {
    let (ledger, terminal, destination) = Ledger::with_waiting(5).await;
    let batch = open(&ledger, destination.id, 3).await;
    assert_eq!(
        (batch.terminal_id, batch.shape, batch.size),
        (terminal.id, BatchShape::Batch, 3)
    );
    assert_eq!(
        (batch.device_ip.as_str(), batch.device_port),
        ("10.0.0.1", 4370)
    );
    assert_eq!(
        (batch.idempotency_key.as_str(), batch.export_time.as_str()),
        ("key of 3", "2026-11-23 09:00:00")
    );
    assert_eq!(
        (batch.attempts, batch.in_doubt, batch.role),
        (0, false, BatchRole::Plain)
    );
    let records = ledger.batch_records(batch.id).await.unwrap();
    let given = minutes(3);
    assert_eq!(records.len(), 3);
    for (record, punch) in records.iter().zip(&given) {
        assert_eq!(
            (&record.record_id, &record.pin),
            (&punch.record_id, &punch.pin)
        );
        assert_eq!(
            (record.local_time, record.state),
            (punch.local_time, punch.state)
        );
        assert_eq!(
            (&record.person_name, record.tries, record.in_doubt),
            (&punch.person_name, 0, false)
        );
    }
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.batched), (2, 3));
    assert_eq!(waiting(&ledger, destination.id, 10).await.len(), 2);
}

#[tokio::test]
async fn a_record_cannot_be_in_two_batches() {
    let (ledger, terminal, destination) = Ledger::with_waiting(3).await;
    let records = waiting(&ledger, destination.id, 2).await;
    let new = new_batch(destination.id, terminal.id, records.clone());
    ledger.open_batch(new.clone(), at(10)).await.unwrap();
    assert!(matches!(
        ledger.open_batch(new, at(11)).await,
        Err(StoreError::Conflict(_))
    ));
    assert_eq!(ledger.open_batches(destination.id).await.unwrap().len(), 1);
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().waiting,
        1
    );
}

#[tokio::test]
async fn a_batch_whose_answer_was_never_seen_goes_again_as_it_was() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let opened = open(&ledger, destination.id, 3).await;
    let records = ledger.batch_records(opened.id).await.unwrap();
    ledger
        .begin_attempt(opened.id, begun(), at(11))
        .await
        .unwrap();
    assert_eq!(
        ledger
            .destination(destination.id)
            .await
            .unwrap()
            .unwrap()
            .last_attempt_at,
        Some(at(11))
    );
    // kill -9
    let again = ledger.beside().await;
    assert_eq!(again.recover_batches(destination.id).await.unwrap(), 1);
    let found = again.open_batches(destination.id).await.unwrap();
    assert_eq!(
        found,
        [Batch {
            attempts: 1,
            in_doubt: true,
            ..opened.clone()
        }]
    );
    assert_eq!(again.batch_records(opened.id).await.unwrap(), records);
    assert_eq!(again.recover_batches(destination.id).await.unwrap(), 0);
}

#[tokio::test]
async fn a_batch_that_is_done_cannot_be_sent() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    let opened = open(&ledger, destination.id, 1).await;
    ledger
        .settle_accepted(super::outcomes::note(&opened, 12), Vec::new())
        .await
        .unwrap();
    assert!(matches!(
        ledger.begin_attempt(opened.id, begun(), at(13)).await,
        Err(StoreError::Conflict(_))
    ));
    assert!(
        ledger
            .open_batches(destination.id)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_witness_is_somebody_of_whom_nothing_is_under_way() {
    let (ledger, _, destination) = Ledger::with_waiting(6).await;
    open(&ledger, destination.id, 2).await;
    let found = ledger
        .uninvolved_candidate(destination.id, Claim::EVERYTHING)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.pin, "3");
    open(&ledger, destination.id, 1).await;
    assert_eq!(
        ledger
            .uninvolved_candidate(destination.id, Claim::EVERYTHING)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        ledger
            .uninvolved_candidate(destination.id, Claim::Asked)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_batch_with_the_id_of_one_that_was_sent_has_its_export_time() {
    let (ledger, terminal, destination) = Ledger::with_waiting(2).await;
    let records = waiting(&ledger, destination.id, 2).await;
    let first = open(&ledger, destination.id, 2).await;
    ledger
        .begin_attempt(first.id, begun(), at(11))
        .await
        .unwrap();
    let note = super::outcomes::note(&first, 12);
    ledger.settle_accepted(note, Vec::new()).await.unwrap();
    let forced = ledger
        .queue_for_sending(
            destination.id,
            &crate::PunchFilter::default(),
            crate::Resend::Force,
            at(13),
        )
        .await
        .unwrap();
    assert_eq!(forced.queued, 2);
    let later = local("2026-11-24 17:00:00");
    let again = NewBatch {
        export_time: later,
        ..new_batch(destination.id, terminal.id, records.clone())
    };
    let again = ledger.open_batch(again, at(14)).await.unwrap();
    let again = batch(&ledger, destination.id, again).await;
    assert_eq!(again.idempotency_key, first.idempotency_key);
    assert_eq!(again.export_time, first.export_time);
    let part = crate::BatchPart {
        idempotency_key: first.idempotency_key,
        shape: BatchShape::Batch,
        role: BatchRole::Plain,
        others_passed: false,
        records,
    };
    ledger
        .settle_divided(
            super::outcomes::note(&again, 15),
            vec![part],
            local("2026-11-25 17:00:00"),
            None,
        )
        .await
        .unwrap();
    let open = ledger.open_batches(destination.id).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].export_time, first.export_time);
}
