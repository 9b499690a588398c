use domain::AttemptId;
use jiff::SignedDuration;

use super::{
    batches::{batch, open},
    fixture::{Ledger, at, begun},
    outcomes::note,
};
use crate::{
    AttemptEnd, AttemptFilter, AttemptKind, AttemptNote, AttemptStart, Batch, BodyMark, Leftover,
    Postponed, members,
};

/// The next batch, sent and postponed after an answer 503.
async fn failed(
    ledger: &Ledger,
    destination: domain::DestinationId,
    second: i64,
) -> (Batch, AttemptId) {
    let open_now = ledger.open_batches(destination).await.unwrap();
    let batch = match open_now.into_iter().next() {
        Some(batch) => batch,
        None => open(ledger, destination, 2).await,
    };
    let start = AttemptStart {
        kind: AttemptKind::Delivery,
        records: batch.size,
        body: Some(BodyMark {
            size: 321,
            digest: vec![7; 32],
        }),
    };
    let id = ledger
        .begin_attempt(batch.id, start, at(second))
        .await
        .unwrap();
    let end = AttemptEnd {
        id,
        class: "server_error",
        duration_ms: 45,
        answer: Some(vec![b'x'; 9_000]),
        next_at: Some(at(second + 5)),
    };
    let postponed = Postponed {
        may_have_arrived: true,
        server_errors: 0,
        schedule: Some((1, at(second + 5))),
        probe_at: None,
    };
    let note = AttemptNote {
        status: Some(503),
        error: Some("the receiver answered 503".to_owned()),
        attempt: Some(end),
        ..note(&batch, second + 1)
    };
    ledger.settle_postponed(note, postponed).await.unwrap();
    (batch, id)
}

#[tokio::test]
async fn an_attempt_is_kept_with_what_came_of_it() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    let (batch, id) = failed(&ledger, destination.id, 11).await;
    let kept = ledger.attempt(id).await.unwrap().unwrap();
    assert_eq!(
        (kept.destination_id, kept.batch_id, kept.kind, kept.records),
        (destination.id, Some(batch.id), AttemptKind::Delivery, 2)
    );
    assert_eq!(
        (kept.class.as_str(), kept.status),
        ("server_error", Some(503))
    );
    assert_eq!(kept.error.as_deref(), Some("the receiver answered 503"));
    assert_eq!((kept.at, kept.next_at), (at(11), Some(at(16))));
    assert_eq!(kept.duration_ms, Some(45));
    assert_eq!(kept.answer.unwrap().len(), 4_096, "no more is kept");
    assert_eq!(kept.body.unwrap().size, 321);
}

#[tokio::test]
async fn what_was_being_sent_when_the_program_ended_is_told_as_interrupted() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    let sent = open(&ledger, destination.id, 2).await;
    let id = ledger
        .begin_attempt(sent.id, begun(), at(11))
        .await
        .unwrap();
    assert_eq!(ledger.attempt(id).await.unwrap().unwrap().class, "sending");
    ledger.recover_batches(destination.id).await.unwrap();
    let kept = ledger.attempt(id).await.unwrap().unwrap();
    assert_eq!(kept.class, "interrupted");
}

#[tokio::test]
async fn attempts_are_paged_from_the_newest_and_found_by_class() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    let mut ids = Vec::new();
    for second in [11, 21, 31] {
        ids.push(failed(&ledger, destination.id, second).await.1);
    }
    let sent = batch(
        &ledger,
        destination.id,
        ledger.open_batches(destination.id).await.unwrap()[0].id,
    )
    .await;
    let good = ledger
        .begin_attempt(sent.id, begun(), at(41))
        .await
        .unwrap();
    let end = AttemptEnd {
        id: good,
        class: "delivered",
        duration_ms: 1,
        answer: None,
        next_at: None,
    };
    let note = AttemptNote {
        attempt: Some(end),
        ..note(&sent, 42)
    };
    ledger.settle_accepted(note, Vec::new()).await.unwrap();
    let page = async |filter: AttemptFilter, before, limit| -> Vec<AttemptId> {
        ledger
            .attempts(destination.id, &filter, before, limit)
            .await
            .unwrap()
            .into_iter()
            .map(|attempt| attempt.id)
            .collect()
    };
    let newest = page(AttemptFilter::All, None, 2).await;
    assert_eq!(newest, [good, ids[2]]);
    assert_eq!(
        page(AttemptFilter::All, Some(ids[2]), 9).await,
        [ids[1], ids[0]]
    );
    assert_eq!(
        page(AttemptFilter::Failed, None, 9).await,
        [ids[2], ids[1], ids[0]]
    );
    let class = |word: &str| AttemptFilter::Class(word.to_owned());
    assert_eq!(page(class("delivered"), None, 9).await, [good]);
    assert_eq!(page(class("server_error"), Some(ids[1]), 9).await, [ids[0]]);
    assert_eq!(page(class("refused"), None, 9).await, []);
}

#[tokio::test]
async fn a_record_tells_all_attempts_with_the_batches_it_went_through() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    let (first, whole) = failed(&ledger, destination.id, 11).await;
    let records = ledger.batch_records(first.id).await.unwrap();
    let part = |index: usize| crate::BatchPart {
        idempotency_key: format!("part {index}"),
        shape: first.shape,
        role: crate::BatchRole::Plain,
        others_passed: false,
        records: vec![records[index].id],
    };
    ledger
        .settle_divided(
            note(&first, 20),
            vec![part(0), part(1)],
            super::fixture::local("2026-11-23 09:00:00"),
            None,
        )
        .await
        .unwrap();
    let (alone, again) = failed(&ledger, destination.id, 21).await;
    assert_eq!(
        ledger.batch_records(alone.id).await.unwrap()[0].id,
        records[0].id
    );
    let leftover = Leftover {
        id: records[0].id,
        reason: "why".to_owned(),
        cause: "server_error",
        due: Some(at(30)),
    };
    ledger
        .settle_refused(note(&alone, 25), vec![leftover])
        .await
        .unwrap();
    let new = super::batches::new_batch(destination.id, alone.terminal_id, vec![records[0].id]);
    let own = ledger.open_batch(new, at(30)).await.unwrap();
    let last = ledger.begin_attempt(own, begun(), at(31)).await.unwrap();
    let told: Vec<_> = ledger
        .attempts_of_record(records[0].id, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|attempt| attempt.id)
        .collect();
    assert_eq!(told, [last, again, whole]);
    let other: Vec<_> = ledger
        .attempts_of_record(records[1].id, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|attempt| attempt.id)
        .collect();
    assert_eq!(other, [whole]);
}

#[tokio::test]
async fn a_batch_is_known_with_its_members_after_they_have_moved_on() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    let (sent, _) = failed(&ledger, destination.id, 11).await;
    let records = ledger.batch_records(sent.id).await.unwrap();
    ledger
        .settle_refused(
            note(&sent, 12),
            records
                .iter()
                .map(|record| Leftover {
                    id: record.id,
                    reason: "why".to_owned(),
                    cause: "refused",
                    due: None,
                })
                .collect(),
        )
        .await
        .unwrap();
    assert_eq!(ledger.batch_records(sent.id).await.unwrap(), []);
    let (batch, members) = ledger.batch_as_opened(sent.id).await.unwrap().unwrap();
    assert_eq!(batch.idempotency_key, sent.idempotency_key);
    assert_eq!(
        members
            .iter()
            .map(|record| &record.record_id)
            .collect::<Vec<_>>(),
        records
            .iter()
            .map(|record| &record.record_id)
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_is_forgotten_bit_by_bit_and_nothing_else() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    failed(&ledger, destination.id, 11).await;
    let (sent, _) = failed(&ledger, destination.id, 21).await;
    ledger
        .settle_accepted(note(&sent, 25), Vec::new())
        .await
        .unwrap();
    let (_, young) = failed(&ledger, destination.id, 100).await;
    let forget = async |before| ledger.forget_old(destination.id, before).await.unwrap();
    assert_eq!(forget(at(5)).await, 0);
    assert_eq!(forget(at(90)).await, 3, "two attempts and a batch");
    assert_eq!(forget(at(90)).await, 0);
    let left = ledger
        .attempts(destination.id, &AttemptFilter::All, None, 10)
        .await
        .unwrap();
    assert_eq!(
        left.iter().map(|attempt| attempt.id).collect::<Vec<_>>(),
        [young]
    );
    assert_eq!(ledger.batch_as_opened(sent.id).await.unwrap(), None);
    assert_eq!(ledger.open_batches(destination.id).await.unwrap().len(), 1);
    let after = at(0)
        .checked_add(SignedDuration::from_hours(9_999))
        .unwrap();
    assert_eq!(forget(after).await, 1, "an open batch stays");
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().batched,
        2
    );
}

#[test]
fn members_are_read_as_they_were_written_and_take_little_room() {
    let consecutive: Vec<i64> = (1_000_001..1_000_501).collect();
    let every_third: Vec<i64> = (0..500).map(|index| 10 + 3 * index).collect();
    let mixed = vec![0, 1, 2, 7, 8, 1_000_000, i64::from(u32::MAX), 1 << 40];
    for punches in [Vec::new(), vec![1], consecutive.clone(), every_third, mixed] {
        assert_eq!(
            members::decode(&members::encode(&punches)).unwrap(),
            punches
        );
    }
    assert!(members::encode(&consecutive).len() < 8);
    for damaged in [&[0x80][..], &[1], &[0xff; 30], &[0, 0xff, 0xff, 0xff, 0x7f]] {
        assert!(members::decode(damaged).is_err(), "{damaged:?}");
    }
}
