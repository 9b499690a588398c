use super::{
    batches::{open, waiting},
    fixture::{Ledger, at, begun, local, minutes, punch},
};
use crate::{Claim, ExportChange, Intake, Postponed, PunchFilter, Resend};

async fn save(ledger: &Ledger, change: ExportChange) -> crate::ExportSaved {
    ledger
        .save_export_settings(change, at(100), local("2026-11-23 00:02:00"))
        .await
        .unwrap()
}

fn start(time: &str) -> ExportChange {
    ExportChange {
        start_from: Some(local(time)),
        ..ExportChange::default()
    }
}

fn url(url: &str) -> ExportChange {
    ExportChange {
        url: Some(Some(url.to_owned())),
        ..ExportChange::default()
    }
}

#[tokio::test]
async fn nothing_is_wanted_until_a_url_is_set_and_then_from_that_moment_on() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    assert_eq!(ledger.default_destination().await.unwrap(), None);
    let saved = save(
        &ledger,
        ExportChange {
            auto_export: Some(true),
            ..ExportChange::default()
        },
    )
    .await;
    assert_eq!(
        (
            saved.destination.url.clone(),
            saved.destination.auto_export()
        ),
        (None, true)
    );
    assert_eq!(
        ledger
            .ingest(Intake::of(terminal.id, minutes(4)), at(1))
            .await
            .unwrap()
            .queued,
        0
    );

    let saved = save(&ledger, url("http://one.example/")).await;
    assert_eq!((saved.queued, saved.withdrawn, saved.in_doubt), (2, 0, 0));
    assert_eq!(saved.destination.filter.from, local("2026-11-23 00:02:00"));
    assert_eq!(saved.destination.name, "default");
    assert_eq!(
        ledger.destinations().await.unwrap(),
        std::slice::from_ref(&saved.destination)
    );
    assert_eq!(
        ledger.default_destination().await.unwrap(),
        Some(saved.destination.clone())
    );

    let moved = save(&ledger, url("http://two.example/")).await;
    assert_eq!(
        (moved.queued, moved.destination.id),
        (0, saved.destination.id)
    );
    assert_eq!(moved.destination.filter.from, saved.destination.filter.from);
}

#[tokio::test]
async fn a_start_set_back_queues_what_was_never_queued_and_keeps_what_was_delivered() {
    let (ledger, terminal, destination) = Ledger::with_waiting(0).await;
    let mut all = minutes(7_000);
    all.reverse();
    save(&ledger, start("2026-11-23 00:01:00")).await;
    ledger
        .ingest(Intake::of(terminal.id, all), at(1))
        .await
        .unwrap();
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().waiting,
        6_999
    );
    let batch = open(&ledger, destination.id, 500).await;
    ledger
        .settle_accepted(super::outcomes::note(&batch, 2), Vec::new())
        .await
        .unwrap();

    let saved = save(&ledger, start("2026-11-23 00:00:00")).await;
    assert_eq!((saved.queued, saved.withdrawn), (1, 0));
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.delivered), (6_500, 500));
    assert_eq!(save(&ledger, start("2020-01-01 00:00:00")).await.queued, 0);
}

#[tokio::test]
async fn a_start_set_forward_withdraws_what_waits_and_back_again_queues_it_as_late() {
    let (ledger, _, destination) = Ledger::with_waiting(6).await;
    let saved = save(&ledger, start("2026-11-23 00:04:00")).await;
    assert_eq!((saved.queued, saved.withdrawn, saved.in_doubt), (0, 4, 0));
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.withdrawn), (2, 4));
    let saved = save(&ledger, start("2026-11-23 00:01:00")).await;
    assert_eq!((saved.queued, saved.withdrawn), (3, 0));
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.withdrawn), (5, 1));
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND late = 1")
            .await,
        3
    );
    let order = ledger
        .candidates(destination.id, Claim::EVERYTHING, 10)
        .await
        .unwrap();
    assert!(order.is_sorted_by_key(|each| each.punch_id));
}

#[tokio::test]
async fn withdrawing_breaks_up_batches_that_were_not_sent_and_spares_those_in_doubt() {
    let (ledger, _, destination) = Ledger::with_waiting(6).await;
    let sent = open(&ledger, destination.id, 2).await;
    ledger
        .begin_attempt(sent.id, begun(), at(11))
        .await
        .unwrap();
    let unanswered = Postponed {
        may_have_arrived: true,
        server_errors: 0,
        schedule: Some((1, at(20))),
        probe_at: None,
    };
    ledger
        .settle_postponed(super::outcomes::note(&sent, 12), unanswered)
        .await
        .unwrap();
    let fresh = open(&ledger, destination.id, 2).await;
    let saved = save(&ledger, start("2026-11-23 00:04:00")).await;
    assert_eq!((saved.withdrawn, saved.in_doubt), (2, 2));
    let open: Vec<_> = ledger
        .open_batches(destination.id)
        .await
        .unwrap()
        .into_iter()
        .map(|each| each.id)
        .collect();
    assert_eq!(open, [sent.id]);
    ledger
        .begin_attempt(fresh.id, begun(), at(13))
        .await
        .unwrap_err();
    assert_eq!(waiting(&ledger, destination.id, 10).await.len(), 2);
}

#[tokio::test]
async fn what_somebody_asked_for_is_not_withdrawn() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let filter = PunchFilter {
        people: vec!["1".to_owned()],
        ..PunchFilter::default()
    };
    ledger
        .queue_for_sending(destination.id, &filter, Resend::Skip, at(5))
        .await
        .unwrap();
    let saved = save(&ledger, start("2026-11-24 00:00:00")).await;
    assert_eq!(saved.withdrawn, 2);
    assert_eq!(waiting(&ledger, destination.id, 10).await.len(), 1);
}

#[tokio::test]
async fn any_save_resumes_and_only_another_url_forgets_what_was_learned() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    ledger
        .write(crate::Weight::LIGHT, |conn| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE destinations SET failures = 3, retry_at = 1, paused_code = 'gone', paused_reason = 'why',
                        paused_at = 1, max_batch = 10, bare_only = 1, refused_streak = 4",
                )
                .execute(conn)
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    assert!(
        ledger
            .destination(destination.id)
            .await
            .unwrap()
            .unwrap()
            .pause
            .is_some()
    );
    let after = save(&ledger, ExportChange::default()).await.destination;
    assert_eq!(
        (
            after.pause,
            after.failures,
            after.retry_at,
            after.refused_streak
        ),
        (None, 0, None, 0)
    );
    assert_eq!(
        (after.max_batch, after.bare_only, after.url),
        (Some(10), true, destination.url)
    );
    let after = save(&ledger, url("http://two.example/")).await.destination;
    assert_eq!((after.max_batch, after.bare_only), (None, false));
    let cleared = save(
        &ledger,
        ExportChange {
            url: Some(None),
            ..ExportChange::default()
        },
    )
    .await
    .destination;
    assert_eq!(
        (cleared.url, cleared.filter.from),
        (None, destination.filter.from)
    );
}

#[tokio::test]
async fn a_smaller_batch_size_breaks_up_what_is_larger() {
    let (ledger, _, destination) = Ledger::with_waiting(5).await;
    open(&ledger, destination.id, 3).await;
    let small = open(&ledger, destination.id, 2).await;
    let change = ExportChange {
        batch_size: Some(2),
        with_record_id: Some(true),
        ..ExportChange::default()
    };
    let after = save(&ledger, change).await.destination;
    assert_eq!((after.batch_size, after.with_record_id), (2, true));
    assert_eq!(ledger.open_batches(destination.id).await.unwrap(), [small]);
    assert_eq!(waiting(&ledger, destination.id, 10).await.len(), 3);
}

#[tokio::test]
async fn punches_that_arrive_after_a_change_follow_the_new_start() {
    let (ledger, terminal, _) = Ledger::with_waiting(0).await;
    save(&ledger, start("2026-11-24 00:00:00")).await;
    let punches = vec![
        punch("1", "2026-11-23 23:59:59"),
        punch("1", "2026-11-24 00:00:00"),
    ];
    assert_eq!(
        ledger
            .ingest(Intake::of(terminal.id, punches), at(1))
            .await
            .unwrap()
            .queued,
        1
    );
}

#[tokio::test]
async fn two_changes_at_once_do_not_undo_each_other() {
    let (ledger, terminal, destination) = Ledger::with_waiting(0).await;
    save(&ledger, start("2026-11-23 12:00:00")).await;
    ledger
        .ingest(Intake::of(terminal.id, minutes(9_000)), at(1))
        .await
        .unwrap();
    let off = ExportChange {
        auto_export: Some(!destination.auto_export()),
        batch_size: Some(7),
        ..ExportChange::default()
    };
    let back = save(&ledger, start("2026-11-23 00:00:00"));
    tokio::join!(back, save(&ledger, off));
    let after = ledger.default_destination().await.unwrap().unwrap();
    assert_eq!(
        (after.filter.from, after.auto_export(), after.batch_size),
        (local("2026-11-23 00:00:00"), !destination.auto_export(), 7)
    );
}

#[tokio::test]
async fn of_two_starts_set_at_once_one_holds_and_the_queue_is_its() {
    let (ledger, terminal, destination) = Ledger::with_waiting(0).await;
    save(&ledger, start("2026-11-23 00:10:00")).await;
    let all = minutes(9_000);
    ledger
        .ingest(Intake::of(terminal.id, all), at(1))
        .await
        .unwrap();
    let back = save(&ledger, start("2026-11-23 00:00:00"));
    let forward = save(&ledger, start("2026-11-23 00:20:00"));
    tokio::join!(back, forward);
    let after = ledger.default_destination().await.unwrap().unwrap();
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    let before_start = if after.filter.from == local("2026-11-23 00:00:00") {
        0
    } else {
        20
    };
    assert_eq!(counts.waiting, 9_000 - before_start);
}
