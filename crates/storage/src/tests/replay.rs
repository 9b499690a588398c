use super::{
    batches::open,
    fixture::{Ledger, at, begun, local},
    outcomes::note,
};
use crate::{DeliveryState, Leftover, PunchFilter, Replay, Resend};

/// Six records: two parked for one cause, one for another, two delivered, one that waits.
async fn mixed() -> (Ledger, domain::DestinationId) {
    let (ledger, _, destination) = Ledger::with_waiting(6).await;
    let sent = open(&ledger, destination.id, 5).await;
    ledger
        .begin_attempt(sent.id, begun(), at(11))
        .await
        .unwrap();
    let records = ledger.batch_records(sent.id).await.unwrap();
    let leftovers = [
        ("refused", "unknown"),
        ("refused", "unknown"),
        ("too_large", "413"),
    ]
    .into_iter()
    .zip(&records)
    .map(|((cause, reason), record)| Leftover {
        id: record.id,
        reason: reason.to_owned(),
        cause,
        due: None,
    })
    .collect();
    ledger
        .settle_accepted(note(&sent, 12), leftovers)
        .await
        .unwrap();
    (ledger, destination.id)
}

async fn places(ledger: &Ledger, destination: domain::DestinationId) -> Vec<(DeliveryState, bool)> {
    let mut all: Vec<_> = ledger
        .deliveries(destination, None, None, None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|record| (record.state, record.late))
        .collect();
    all.reverse();
    all
}

use DeliveryState::{Delivered, Parked, Waiting};

#[tokio::test]
async fn parked_records_are_counted_by_cause() {
    let (ledger, destination) = mixed().await;
    let causes = ledger.parked_causes(destination, 10).await.unwrap();
    let told: Vec<_> = causes
        .iter()
        .map(|each| {
            (
                each.cause.as_deref().unwrap(),
                each.reason.as_deref().unwrap(),
                each.count,
            )
        })
        .collect();
    assert_eq!(told, [("refused", "unknown", 2), ("too_large", "413", 1)]);
    assert_eq!(causes[0].newest, Some(at(12)));
}

#[tokio::test]
async fn a_group_goes_again_by_its_cause_and_is_marked_late() {
    let (ledger, destination) = mixed().await;
    let replay = |reason: Option<&str>| Replay::Cause {
        cause: "refused".to_owned(),
        reason: reason.map(str::to_owned),
    };
    let other = ledger
        .replay(destination, replay(Some("else")), at(20))
        .await;
    assert_eq!(other.unwrap(), 0);
    let count = ledger.replay(destination, replay(None), at(20)).await;
    assert_eq!(count.unwrap(), 2);
    assert_eq!(
        places(&ledger, destination).await,
        [
            (Waiting, true),
            (Waiting, true),
            (Parked, true),
            (Delivered, false),
            (Delivered, false),
            (Waiting, false)
        ]
    );
}

#[tokio::test]
async fn single_records_go_again_and_delivered_ones_only_by_force() {
    let (ledger, destination) = mixed().await;
    let all: Vec<_> = ledger
        .deliveries(destination, None, None, None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.id)
        .collect();
    let again = ledger
        .replay(
            destination,
            Replay::Records(all.clone(), Resend::Skip),
            at(20),
        )
        .await;
    assert_eq!(again.unwrap(), 3, "what waits is on its way already");
    let forced = ledger
        .replay(destination, Replay::Records(all, Resend::Force), at(21))
        .await;
    assert_eq!(forced.unwrap(), 2);
    let counts = ledger.outbox_counts(destination).await.unwrap();
    assert_eq!((counts.waiting, counts.delivered), (6, 0));
}

#[tokio::test]
async fn a_range_goes_again() {
    let (ledger, destination) = mixed().await;
    let filter = PunchFilter {
        range: domain::TimeRange {
            from: Some(local("2026-11-23 00:02:00")),
            to: Some(local("2026-11-23 00:03:00")),
        },
        ..PunchFilter::default()
    };
    let count = ledger
        .replay(destination, Replay::Range(filter, Resend::Force), at(20))
        .await;
    assert_eq!(count.unwrap(), 2);
    assert_eq!(
        places(&ledger, destination).await,
        [
            (Parked, true),
            (Parked, true),
            (Waiting, true),
            (Waiting, true),
            (Delivered, false),
            (Waiting, false)
        ]
    );
}

#[tokio::test]
async fn all_that_is_parked_goes_again_but_what_is_parked_later() {
    let (ledger, destination) = mixed().await;
    assert_eq!(
        ledger
            .replay(destination, Replay::Parked, at(11))
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        ledger
            .replay(destination, Replay::Parked, at(12))
            .await
            .unwrap(),
        3
    );
}

#[tokio::test]
async fn deliveries_are_paged_by_state() {
    let (ledger, destination) = mixed().await;
    let page = async |state, cause, before| {
        ledger
            .deliveries(destination, state, cause, before, 2)
            .await
            .unwrap()
    };
    let first = page(Some(Parked), None, None).await;
    assert_eq!(first.len(), 2);
    let rest = page(Some(Parked), None, Some(first[1].cursor(Some(Parked)))).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(page(Some(Parked), Some("too_large"), None).await.len(), 1);
    assert_eq!(page(Some(Delivered), None, None).await.len(), 2);
    let newest = page(None, None, None).await;
    let older = page(None, None, Some(newest[1].cursor(None))).await;
    assert!(older[0].punch_id < newest[1].punch_id);
}
