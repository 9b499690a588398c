use domain::TimeRange;
use storage::{ExportChange, PunchFilter, Resend};
use test_kit::receiver::{Gate, Reply};

use crate::bench::Bench;

fn of(pins: &[&str]) -> PunchFilter {
    PunchFilter {
        people: pins.iter().map(|&pin| pin.to_owned()).collect(),
        ..PunchFilter::default()
    }
}

#[tokio::test]
async fn what_is_asked_for_is_sent_although_auto_export_is_off() {
    let mut bench = Bench::new().await;
    bench
        .save(ExportChange {
            auto_export: Some(false),
            ..ExportChange::default()
        })
        .await;
    bench.start();
    bench.punch(&["1", "2", "3", "2"]).await;
    let id = bench.destination().await.id;
    let gate = Gate::default();
    bench
        .receiver
        .answer_next(Reply::Later(gate.clone(), Box::new(Reply::ok())));
    let job = bench
        .store
        .queue_for_sending(id, &of(&["2"]), Resend::Skip, bench.now())
        .await
        .unwrap();
    assert_eq!((job.matched, job.queued), (2, 2));
    bench.wake();
    bench.receiver.wait_for_requests(1).await;
    let progress = bench
        .store
        .send_job_progress(job.job_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((progress.delivered, progress.waiting), (0, 2));
    gate.open();
    let requests = bench.settled(1).await;
    assert_eq!(requests[0].pins(), ["2", "2"]);
    let progress = bench
        .store
        .send_job_progress(job.job_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (progress.delivered, progress.failed, progress.waiting),
        (2, 0, 0)
    );
    assert_eq!(bench.counts().await.waiting, 2, "the others still wait");
}

#[tokio::test]
async fn a_forced_resend_has_the_same_id_and_an_unforced_one_sends_nothing() {
    let mut bench = Bench::running().await;
    bench.punch(&["1"]).await;
    bench.settled(1).await;
    let id = bench.destination().await.id;
    let job = bench
        .store
        .queue_for_sending(id, &of(&[]), Resend::Skip, bench.now())
        .await
        .unwrap();
    assert_eq!((job.queued, job.skipped), (0, 1));
    let range = PunchFilter {
        range: TimeRange::default(),
        ..of(&["1"])
    };
    let job = bench
        .store
        .queue_for_sending(id, &range, Resend::Force, bench.now())
        .await
        .unwrap();
    assert_eq!((job.queued, job.skipped), (1, 0));
    bench.turn(3_600);
    bench.wake();
    let requests = bench.settled(2).await;
    assert_eq!(requests[1].key(), requests[0].key());
    assert_eq!(requests[1].body, requests[0].body, "one id, one body");
    assert_eq!(bench.counts().await.delivered, 1);
}

#[tokio::test]
async fn a_parked_record_that_is_asked_for_goes_again_and_is_told_as_failed_when_refused() {
    let mut bench = Bench::running().await;
    bench.receiver.answer(|_| Reply::status(400));
    bench.punch(&["1"]).await;
    bench.settled(2).await;
    let id = bench.destination().await.id;
    let job = bench
        .store
        .queue_for_sending(id, &of(&["1"]), Resend::Skip, bench.now())
        .await
        .unwrap();
    assert_eq!(job.queued, 1);
    bench.wake();
    bench.settled(4).await;
    let progress = bench
        .store
        .send_job_progress(job.job_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((progress.failed, progress.waiting), (1, 0));
}
