use domain::{JobId, TerminalId};
use serde_json::json;

use super::fixture::{Ledger, at};
use crate::{JobKind, JobState};

#[tokio::test]
async fn an_import_job_runs_until_somebody_says_what_came_of_it() {
    let ledger = Ledger::new().await;
    let request = json!({ "url": "https://people.example/list", "dry_run": false });
    let id = ledger
        .start_job(JobKind::ImportUsers, request.clone(), at(1))
        .await
        .unwrap();
    let job = ledger.job(id).await.unwrap().unwrap();
    assert_eq!(
        (job.kind, job.state, job.created_at),
        (JobKind::ImportUsers, JobState::Running, at(1))
    );
    assert_eq!(
        (job.request, job.result, job.finished_at),
        (request, None, None)
    );
    ledger
        .finish_job(id, JobState::Done, json!({ "added": 3 }), at(2))
        .await
        .unwrap();
    let job = ledger.job(id).await.unwrap().unwrap();
    assert_eq!((job.state, job.finished_at), (JobState::Done, Some(at(2))));
    assert_eq!(job.result, Some(json!({ "added": 3 })));
    assert_eq!(ledger.send_job_progress(id).await.unwrap(), None);
    assert_eq!(ledger.job(JobId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn a_job_says_how_far_it_has_come_until_it_is_done() {
    let ledger = Ledger::new().await;
    let id = ledger
        .start_job(JobKind::ExamineDevice, json!({ "device": 1 }), at(1))
        .await
        .unwrap();
    ledger.note_job(id, json!({ "steps": 1 })).await.unwrap();
    let job = ledger.job(id).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.result),
        (JobState::Running, Some(json!({ "steps": 1 })))
    );
    ledger
        .finish_job(id, JobState::Done, json!({ "steps": 9 }), at(2))
        .await
        .unwrap();
    ledger.note_job(id, json!({ "steps": 2 })).await.unwrap();
    let job = ledger.job(id).await.unwrap().unwrap();
    assert_eq!(job.result, Some(json!({ "steps": 9 })));
}

#[tokio::test]
async fn the_jobs_at_a_terminal_are_those_that_touched_it() {
    let ledger = Ledger::new().await;
    let mut begun = Vec::new();
    for (kind, request) in [
        (JobKind::ExamineDevice, json!({ "device": 1 })),
        (JobKind::ExamineDevice, json!({ "device": 2 })),
        (JobKind::ImportUsers, json!({ "device": 1 })),
        (JobKind::CopyUsers, json!({ "device": 2, "to": 1 })),
    ] {
        begun.push(ledger.start_job(kind, request, at(1)).await.unwrap());
    }
    let jobs = |terminal, limit| {
        let ledger = &ledger;
        async move {
            let jobs = ledger
                .jobs_at(TerminalId(terminal), None, limit)
                .await
                .unwrap();
            jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(jobs(1, 10).await, [begun[3], begun[0]]);
    assert_eq!(jobs(2, 1).await, [begun[3]]);
    assert_eq!(jobs(3, 10).await, []);
}
