use domain::JobId;
use serde_json::json;

use super::fixture::{Ledger, at};
use crate::{JobKind, JobState};

#[tokio::test]
async fn an_import_job_runs_until_somebody_says_what_came_of_it() {
    let ledger = Ledger::new().await;
    let request = json!({ "url": "https://people.example/list", "dry_run": false });
    let id = ledger
        .start_import_job(request.clone(), at(1))
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
