use domain::{
    Destination, DestinationFilter, Field, FieldValue, Mode, Order, RequestAuth, RequestSpec,
    Schedule, Secret,
};
use jiff::SignedDuration;

use super::{
    batches::{batch, open},
    fixture::{Ledger, at, begun, local, minutes},
    outcomes::note,
};
use crate::{
    DeliveryState, DestinationChange, Intake, NewDestination, Past, QueueWorkKind, StoreError,
};

fn erp() -> NewDestination {
    NewDestination::plain("erp", "http://erp.example/", local("2026-01-01 00:00:00"))
}

/// A ledger with a terminal and punches, and a destination that was added after them.
async fn with_history(punches: usize, past: Past) -> (Ledger, Destination) {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger
        .ingest(Intake::of(terminal.id, minutes(punches)), at(1))
        .await
        .unwrap();
    let new = NewDestination { past, ..erp() };
    let destination = ledger.create_destination(new, at(2)).await.unwrap();
    (ledger, destination)
}

fn only(pins: &[&str]) -> DestinationFilter {
    DestinationFilter {
        people: pins.iter().map(|pin| (*pin).to_owned()).collect(),
        ..DestinationFilter::since(local("2026-01-01 00:00:00"))
    }
}

#[tokio::test]
async fn a_destination_comes_back_as_it_was_given() {
    let ledger = Ledger::new().await;
    let new = NewDestination {
        mode: Mode::Paused,
        schedule: Schedule::Cron {
            expr: "0 6 * * *".to_owned(),
            zone: "Africa/Cairo".to_owned(),
        },
        batch_size: 7,
        rate_limit: Some(60),
        order: Order::Any,
        keep_days: 3,
        give_up_after: SignedDuration::from_hours(5),
        spec: RequestSpec {
            auth: RequestAuth::Bearer {
                token: Secret::new("s3cr3t".to_owned()),
            },
            headers: vec![Field {
                name: "X-Site".to_owned(),
                value: FieldValue::Value("HQ".to_owned()),
            }],
            ..RequestSpec::default()
        },
        ..erp()
    };
    let made = ledger.create_destination(new.clone(), at(2)).await.unwrap();
    assert_eq!(
        (made.mode, made.schedule, made.batch_size, made.rate_limit),
        (new.mode, new.schedule, 7, Some(60))
    );
    assert_eq!(
        (made.order, made.keep_days, made.give_up_after, made.spec),
        (Order::Any, 3, SignedDuration::from_hours(5), new.spec)
    );
    assert_eq!(made.url.as_deref(), Some("http://erp.example/"));
    let kept = ledger
        .text("SELECT spec || hex(spec_secrets) FROM destinations")
        .await;
    assert!(!kept.contains("s3cr3t"), "{kept}");
}

#[tokio::test]
async fn two_destinations_cannot_have_one_name() {
    let ledger = Ledger::new().await;
    ledger.create_destination(erp(), at(0)).await.unwrap();
    let again = ledger.create_destination(erp(), at(1)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let other = NewDestination::plain("other", "http://x.example/", local("2026-01-01 00:00:00"));
    let other = ledger.create_destination(other, at(2)).await.unwrap();
    let change = DestinationChange {
        name: Some("erp".to_owned()),
        ..DestinationChange::default()
    };
    let renamed = ledger.update_destination(other.id, change, at(3)).await;
    assert!(
        matches!(renamed, Err(StoreError::Conflict(_))),
        "{renamed:?}"
    );
    let default = NewDestination {
        name: "default".to_owned(),
        ..erp()
    };
    let default = ledger.create_destination(default, at(4)).await;
    assert!(
        matches!(default, Err(StoreError::Conflict(_))),
        "{default:?}"
    );
}

#[tokio::test]
async fn from_now_on_queues_nothing_of_what_the_ledger_has() {
    let (ledger, destination) = with_history(3, Past::Leave).await;
    assert_eq!(ledger.unfinished_queues().await.unwrap(), []);
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!(counts.waiting, 0);
}

#[tokio::test]
async fn history_is_queued_bit_by_bit_and_goes_on_after_a_restart() {
    let (ledger, destination) = with_history(12_000, Past::Queue).await;
    assert_eq!(
        ledger.unfinished_queues().await.unwrap(),
        [destination.id],
        "nothing is queued by the request itself"
    );
    assert_eq!(destination.queue_upto, Some(domain::PunchId(0)));
    let work = ledger
        .step_queue(destination.id, at(3))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (work.kind, work.cursor, work.upto, work.touched),
        (QueueWorkKind::History, 5_000, 12_000, 5_000)
    );
    // Punches that arrive meanwhile are queued at once, and wait for the earlier ones.
    let terminal = ledger.default_terminal().await.unwrap().unwrap();
    let new = vec![super::fixture::punch("9", "2026-12-24 08:00:00")];
    ledger
        .ingest(Intake::of(terminal.id, new), at(3))
        .await
        .unwrap();
    let beside = ledger.beside().await;
    let upto = beside.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(upto.queue_upto, Some(domain::PunchId(5_000)));
    let mut steps = 0;
    while let Some(work) = beside.step_queue(destination.id, at(4)).await.unwrap() {
        steps += 1;
        assert_eq!(work.finished_at.is_some(), steps == 2);
    }
    let counts = beside.outbox_counts(destination.id).await.unwrap();
    assert_eq!((steps, counts.waiting), (2, 12_001));
    let done = beside.destination(destination.id).await.unwrap().unwrap();
    assert_eq!(done.queue_upto, None);
    let late = beside
        .deliveries(destination.id, None, None, None, 1)
        .await
        .unwrap();
    assert!(!late[0].late);
}

#[tokio::test]
async fn a_narrower_filter_withdraws_what_waits_and_leaves_what_may_have_arrived() {
    let (ledger, _, destination) = Ledger::with_waiting(9).await;
    let sent = open(&ledger, destination.id, 3).await;
    ledger
        .begin_attempt(sent.id, begun(), at(11))
        .await
        .unwrap();
    let untried = open(&ledger, destination.id, 3).await;
    let change = DestinationChange {
        filter: Some(only(&["1"])),
        ..DestinationChange::default()
    };
    let saved = ledger
        .update_destination(destination.id, change, at(12))
        .await
        .unwrap();
    assert_eq!((saved.withdrawn, saved.in_doubt), (4, 2));
    assert_eq!(saved.destination.filter, only(&["1"]));
    assert_eq!(saved.destination.queue_upto, None);
    let open_now = ledger.open_batches(destination.id).await.unwrap();
    assert_eq!(open_now.len(), 1, "{open_now:?}");
    assert_ne!(open_now[0].id, untried.id);
    let withdrawn = ledger
        .deliveries(
            destination.id,
            Some(DeliveryState::Withdrawn),
            Some("filter"),
            None,
            10,
        )
        .await
        .unwrap();
    assert_eq!(withdrawn.len(), 4);
    assert!(withdrawn.iter().all(|record| record.pin.as_str() != "1"));
    let sending = batch(&ledger, destination.id, sent.id).await;
    ledger
        .settle_accepted(note(&sending, 13), Vec::new())
        .await
        .unwrap();
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!(
        (counts.delivered, counts.waiting, counts.withdrawn),
        (3, 2, 4)
    );
}

#[tokio::test]
async fn a_wider_filter_queues_what_is_past_only_on_request() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let new = NewDestination {
        filter: only(&["1"]),
        ..erp()
    };
    let destination = ledger.create_destination(new, at(0)).await.unwrap();
    ledger
        .ingest(Intake::of(terminal.id, minutes(6)), at(1))
        .await
        .unwrap();
    let change = DestinationChange {
        filter: Some(only(&["1", "2"])),
        ..DestinationChange::default()
    };
    let saved = ledger
        .update_destination(destination.id, change, at(2))
        .await
        .unwrap();
    assert_eq!(saved.withdrawn, 0);
    let waiting = async || ledger.outbox_counts(destination.id).await.unwrap().waiting;
    assert_eq!(waiting().await, 2);
    ledger
        .queue_past(destination.id, local("2026-01-01 00:00:00"), at(3))
        .await
        .unwrap();
    while ledger
        .step_queue(destination.id, at(3))
        .await
        .unwrap()
        .is_some()
    {}
    assert_eq!(waiting().await, 4);
    let records = ledger
        .deliveries(destination.id, None, None, None, 10)
        .await
        .unwrap();
    for record in records {
        assert_eq!(record.late, record.pin.as_str() == "2", "{record:?}");
    }
}

#[tokio::test]
async fn what_was_withdrawn_is_queued_again_on_request() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    for pins in [&["1"][..], &["1", "2"][..]] {
        let change = DestinationChange {
            filter: Some(only(pins)),
            ..DestinationChange::default()
        };
        ledger
            .update_destination(destination.id, change, at(2))
            .await
            .unwrap();
    }
    ledger
        .queue_past(destination.id, local("2026-01-01 00:00:00"), at(3))
        .await
        .unwrap();
    while ledger
        .step_queue(destination.id, at(3))
        .await
        .unwrap()
        .is_some()
    {}
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.withdrawn), (2, 1));
}

#[tokio::test]
async fn what_a_person_asked_for_stays_though_the_filter_does_not_want_it() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let filter = crate::PunchFilter {
        people: vec!["2".to_owned()],
        ..crate::PunchFilter::default()
    };
    ledger
        .queue_for_sending(destination.id, &filter, crate::Resend::Skip, at(2))
        .await
        .unwrap();
    let change = DestinationChange {
        filter: Some(only(&["1"])),
        ..DestinationChange::default()
    };
    let saved = ledger
        .update_destination(destination.id, change, at(3))
        .await
        .unwrap();
    assert_eq!(saved.withdrawn, 1);
}

#[tokio::test]
async fn a_change_ends_a_pause_of_the_receivers_but_pausing_does_not() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    ledger
        .alter(
            "UPDATE destinations SET paused_code = 'gone', paused_reason = 'why', paused_at = 1, failures = 3",
        )
        .await;
    let mode = |mode| DestinationChange {
        mode: Some(mode),
        ..DestinationChange::default()
    };
    let paused = ledger
        .update_destination(destination.id, mode(Mode::Paused), at(2))
        .await
        .unwrap()
        .destination;
    assert_eq!((paused.mode, paused.failures), (Mode::Paused, 3));
    assert!(paused.pause.is_some());
    let resumed = ledger
        .update_destination(destination.id, mode(Mode::On), at(3))
        .await
        .unwrap()
        .destination;
    assert_eq!((resumed.mode, resumed.failures), (Mode::On, 0));
    assert_eq!(resumed.pause, None);
}

#[tokio::test]
async fn a_removed_destination_queues_nothing_more_and_goes_bit_by_bit() {
    let (ledger, destination) = with_history(3_000, Past::Queue).await;
    while ledger
        .step_queue(destination.id, at(3))
        .await
        .unwrap()
        .is_some()
    {}
    let sent = open(&ledger, destination.id, 500).await;
    ledger
        .begin_attempt(sent.id, begun(), at(11))
        .await
        .unwrap();
    ledger
        .settle_accepted(note(&sent, 12), Vec::new())
        .await
        .unwrap();
    ledger
        .delete_destination(destination.id, at(13))
        .await
        .unwrap();
    assert_eq!(ledger.destination(destination.id).await.unwrap(), None);
    assert_eq!(ledger.destinations().await.unwrap(), []);
    let terminal = ledger.default_terminal().await.unwrap().unwrap();
    let new = vec![super::fixture::punch("9", "2026-12-24 08:00:00")];
    let done = ledger
        .ingest(Intake::of(terminal.id, new), at(14))
        .await
        .unwrap();
    assert_eq!((done.stored, done.queued), (1, 0));
    assert_eq!(
        ledger.deleted_destinations().await.unwrap(),
        [destination.id]
    );
    let mut steps = 0;
    while ledger.clear_deleted(destination.id).await.unwrap() > 0 {
        steps += 1;
    }
    assert_eq!(steps, 3, "two of records, one of the rest");
    assert_eq!(ledger.deleted_destinations().await.unwrap(), []);
    for table in [
        "SELECT COUNT(*) FROM outbox",
        "SELECT COUNT(*) FROM batches",
        "SELECT COUNT(*) FROM attempts",
    ] {
        assert_eq!(ledger.number(table).await, 0, "{table}");
    }
    ledger.create_destination(erp(), at(15)).await.unwrap();
}

#[tokio::test]
async fn the_default_destination_cannot_be_removed_or_renamed() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    let removed = ledger.delete_destination(destination.id, at(2)).await;
    assert!(
        matches!(removed, Err(StoreError::Conflict(_))),
        "{removed:?}"
    );
    let change = DestinationChange {
        name: Some("other".to_owned()),
        ..DestinationChange::default()
    };
    let renamed = ledger
        .update_destination(destination.id, change, at(3))
        .await;
    assert!(
        matches!(renamed, Err(StoreError::Conflict(_))),
        "{renamed:?}"
    );
}

#[tokio::test]
async fn nothing_is_cleared_of_a_destination_that_is_there() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    assert_eq!(ledger.clear_deleted(destination.id).await.unwrap(), 0);
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().waiting,
        3
    );
}

#[tokio::test]
async fn nothing_is_sent_once_a_pause_is_committed() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let chosen = open(&ledger, destination.id, 3).await;
    let paused = DestinationChange {
        mode: Some(Mode::Paused),
        ..DestinationChange::default()
    };
    ledger
        .update_destination(destination.id, paused, at(2))
        .await
        .unwrap();
    let sent = ledger.begin_attempt(chosen.id, begun(), at(3)).await;
    assert!(matches!(sent, Err(StoreError::Conflict(_))), "{sent:?}");
}

#[tokio::test]
async fn what_a_person_paused_is_resumed_as_it_was_before() {
    let (ledger, erp) = with_history(1, Past::Leave).await;
    let set = async |mode| {
        let change = DestinationChange {
            mode: Some(mode),
            ..DestinationChange::default()
        };
        ledger
            .update_destination(erp.id, change, at(3))
            .await
            .unwrap();
    };
    let resumed = async || {
        let saved = ledger.resume_destination(erp.id, at(4)).await.unwrap();
        saved.destination.mode
    };
    for mode in [Mode::Off, Mode::On] {
        set(mode).await;
        assert_eq!(resumed().await, mode, "it was not paused");
        set(Mode::Paused).await;
        set(Mode::Paused).await;
        assert_eq!(resumed().await, mode);
    }
    set(Mode::Off).await;
    set(Mode::Paused).await;
    set(Mode::On).await;
    set(Mode::Paused).await;
    assert_eq!(resumed().await, Mode::On);
    let new = NewDestination {
        mode: Mode::Paused,
        ..NewDestination::plain(
            "later",
            "http://later.example/",
            local("2026-01-01 00:00:00"),
        )
    };
    let later = ledger.create_destination(new, at(5)).await.unwrap();
    let saved = ledger.resume_destination(later.id, at(6)).await.unwrap();
    assert_eq!(saved.destination.mode, Mode::On);
}
