use domain::TimeRange;
use jiff::Timestamp;

use super::{
    batches::{open, waiting},
    fixture::{Ledger, at, implausible, local, minutes, punch},
    outcomes::note,
};
use crate::{Claim, ExportChange, Intake, JobKind, JobState, PunchFilter, Resend, SendJobProgress};

async fn deliver(ledger: &Ledger, destination: domain::DestinationId, count: u32, seconds: i64) {
    let batch = open(ledger, destination, count).await;
    ledger
        .settle_accepted(note(&batch, seconds), Vec::new())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_job_sends_what_matches_and_skips_what_was_delivered() {
    let (ledger, _, destination) = Ledger::with_waiting(5).await;
    deliver(&ledger, destination.id, 2, 20).await;
    let range = TimeRange {
        from: None,
        to: Some(local("2026-11-23 00:03:00")),
    };
    let filter = PunchFilter {
        range,
        ..PunchFilter::default()
    };
    let job = ledger
        .queue_for_sending(destination.id, &filter, Resend::Skip, at(30))
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued, job.skipped), (4, 2, 2));
    assert_eq!(
        ledger
            .candidates(destination.id, Claim::Asked, 10)
            .await
            .unwrap()
            .len(),
        2
    );

    let running = ledger.job(job.job_id).await.unwrap().unwrap();
    assert_eq!(
        (running.kind, running.state),
        (JobKind::SendAttendance, JobState::Running)
    );
    assert_eq!((running.created_at, running.finished_at), (at(30), None));
    assert_eq!(running.request["end_date"], "2026-11-23 00:03:00");
    deliver(&ledger, destination.id, 2, 40).await;
    let progress = SendJobProgress {
        matched: 4,
        queued: 2,
        delivered: 2,
        skipped: 2,
        failed: 0,
        waiting: 0,
    };
    assert_eq!(
        ledger.send_job_progress(job.job_id).await.unwrap(),
        Some(progress)
    );
    let done = ledger.job(job.job_id).await.unwrap().unwrap();
    assert_eq!(
        (done.state, done.finished_at),
        (JobState::Done, Some(at(40)))
    );
    assert_eq!(done.result, Some(serde_json::to_value(progress).unwrap()));
}

#[tokio::test]
async fn force_sends_again_under_the_same_ids() {
    let (ledger, _, destination) = Ledger::with_waiting(3).await;
    let before = waiting(&ledger, destination.id, 10).await;
    deliver(&ledger, destination.id, 3, 20).await;
    let job = ledger
        .queue_for_sending(
            destination.id,
            &PunchFilter::default(),
            Resend::Force,
            at(30),
        )
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued, job.skipped), (3, 3, 0));
    assert_eq!(waiting(&ledger, destination.id, 10).await, before);
    assert_eq!(
        ledger
            .destination(destination.id)
            .await
            .unwrap()
            .unwrap()
            .delivered_count,
        0
    );
    deliver(&ledger, destination.id, 3, 40).await;
    assert_eq!(
        ledger
            .destination(destination.id)
            .await
            .unwrap()
            .unwrap()
            .delivered_count,
        3
    );
}

#[tokio::test]
async fn a_job_also_sends_what_was_never_wanted_held_or_withdrawn() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let destination = ledger.default_receiver().await;
    let punches = vec![
        punch("1", "2020-01-01 00:00:00"),
        implausible(punch("2", "2099-01-01 00:00:00")),
        punch("3", "2026-11-23 08:00:00"),
    ];
    ledger
        .ingest(Intake::of(terminal.id, punches), at(1))
        .await
        .unwrap();
    let later = ExportChange {
        start_from: Some(local("2026-12-01 00:00:00")),
        ..ExportChange::default()
    };
    ledger
        .save_export_settings(later, at(2), local("2026-11-23 00:00:00"))
        .await
        .unwrap();
    assert!(waiting(&ledger, destination.id, 10).await.is_empty());
    let job = ledger
        .queue_for_sending(
            destination.id,
            &PunchFilter::default(),
            Resend::Skip,
            at(30),
        )
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued), (3, 3));
    let order = ledger
        .candidates(destination.id, Claim::Asked, 10)
        .await
        .unwrap();
    assert_eq!(
        order
            .iter()
            .map(|each| each.pin.as_str())
            .collect::<Vec<_>>(),
        ["1", "2", "3"]
    );
}

#[tokio::test]
async fn a_job_hurries_a_batch_that_holds_what_it_asks_for() {
    let (ledger, _, destination) = Ledger::with_waiting(4).await;
    open(&ledger, destination.id, 2).await;
    open(&ledger, destination.id, 2).await;
    let filter = PunchFilter {
        people: vec!["3".to_owned()],
        ..PunchFilter::default()
    };
    let job = ledger
        .queue_for_sending(destination.id, &filter, Resend::Skip, at(30))
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued), (1, 1));
    let asked: Vec<_> = ledger
        .open_batches(destination.id)
        .await
        .unwrap()
        .iter()
        .map(|batch| batch.holds_asked)
        .collect();
    assert_eq!(asked, [false, true]);
}

#[tokio::test]
async fn a_job_that_matches_nothing_is_done_at_once() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    let filter = PunchFilter {
        people: vec!["nobody".to_owned()],
        ..PunchFilter::default()
    };
    let job = ledger
        .queue_for_sending(destination.id, &filter, Resend::Skip, at(30))
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued, job.skipped), (0, 0, 0));
    let found = ledger.job(job.job_id).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.finished_at),
        (JobState::Done, Some(at(30)))
    );
}

#[tokio::test]
async fn a_large_job_goes_by_in_chunks_and_misses_nothing() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger
        .ingest(
            Intake::of(terminal.id, minutes(4_500)),
            Timestamp::UNIX_EPOCH,
        )
        .await
        .unwrap();
    let destination = ledger.default_receiver().await;
    let job = ledger
        .queue_for_sending(
            destination.id,
            &PunchFilter::default(),
            Resend::Skip,
            at(30),
        )
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued, job.skipped), (4_500, 4_500, 0));
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().waiting,
        4_500
    );
}
