use domain::TerminalHealth;
use serde_json::json;

use super::fixture::{Ledger, at};
use crate::{JobKind, JobState, NewNotice, NoticeLevel, ReadHow, RunKind, RunOutcome, RunResult};

#[tokio::test]
async fn a_run_keeps_its_numbers() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let run = ledger
        .start_run(terminal.id, RunKind::Punches, at(1))
        .await
        .unwrap();
    let running = ledger.sync_runs(None, None, 10).await.unwrap().remove(0);
    assert_eq!(
        (running.id, running.outcome, running.finished_at),
        (run, RunOutcome::Running, None)
    );
    let result = RunResult {
        terminal_says: Some(10),
        seen: 9,
        stored: 3,
        repeats: 2,
        unreadable: 1,
        error: None,
        ..RunResult::default()
    };
    ledger.finish_run(run, result, at(2)).await.unwrap();
    let done = ledger
        .sync_runs(Some(terminal.id), None, 10)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (done.kind, done.outcome, done.tries),
        (RunKind::Punches, RunOutcome::Ok, 1)
    );
    assert_eq!((done.started_at, done.finished_at), (at(1), Some(at(2))));
    assert_eq!(
        (
            done.terminal_says,
            done.seen,
            done.stored,
            done.repeats,
            done.unreadable
        ),
        (Some(10), 9, 3, 2, 1)
    );
    assert_eq!((done.error_code, done.error), (None, None));
}

#[tokio::test]
async fn a_run_that_failed_says_why() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let run = ledger
        .start_run(terminal.id, RunKind::Users, at(1))
        .await
        .unwrap();
    let error = Some(("timeout".to_owned(), "it did not answer".to_owned()));
    ledger
        .finish_run(
            run,
            RunResult {
                error,
                ..RunResult::default()
            },
            at(2),
        )
        .await
        .unwrap();
    let failed = ledger.sync_runs(None, None, 10).await.unwrap().remove(0);
    assert_eq!(
        (failed.kind, failed.outcome),
        (RunKind::Users, RunOutcome::Failed)
    );
    assert_eq!(failed.error_code.as_deref(), Some("timeout"));
    assert_eq!(failed.error.as_deref(), Some("it did not answer"));
}

#[tokio::test]
async fn contacts_that_fail_in_a_row_for_one_cause_share_a_run() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let fail = async |id, code: &str, seconds| {
        ledger
            .record_failed_contact(id, code, &format!("{code} at {seconds}"), at(seconds))
            .await
            .unwrap();
    };
    let tries = async || -> Vec<(i64, String, u32)> {
        let runs = ledger.sync_runs(None, None, 20).await.unwrap();
        runs.into_iter()
            .rev()
            .map(|run| (run.terminal_id.0, run.error.unwrap(), run.tries))
            .collect()
    };
    fail(one.id, "refused", 10).await;
    fail(two.id, "refused", 11).await;
    fail(one.id, "refused", 20).await;
    let first = (one.id.0, "refused at 20".to_owned(), 2);
    let other = (two.id.0, "refused at 11".to_owned(), 1);
    assert_eq!(tries().await, [first.clone(), other.clone()]);

    fail(one.id, "timeout", 30).await;
    fail(one.id, "refused", 40).await;
    let rest = [
        (one.id.0, "timeout at 30".to_owned(), 1),
        (one.id.0, "refused at 40".to_owned(), 1),
    ];
    assert_eq!(tries().await[2..], rest);

    let health = TerminalHealth {
        last_contact_at: Some(at(50)),
        ..TerminalHealth::default()
    };
    ledger.flush_health(vec![(one.id, health)]).await.unwrap();
    fail(one.id, "refused", 60).await;
    fail(one.id, "refused", 70).await;
    assert_eq!(
        tries().await[4..],
        [(one.id.0, "refused at 70".to_owned(), 2)]
    );
}

#[tokio::test]
async fn what_ran_when_the_program_ended_is_closed_at_the_next_start() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let done = ledger
        .start_run(terminal.id, RunKind::Punches, at(1))
        .await
        .unwrap();
    ledger
        .finish_run(done, RunResult::default(), at(2))
        .await
        .unwrap();
    ledger
        .start_run(terminal.id, RunKind::Punches, at(3))
        .await
        .unwrap();
    let job = ledger
        .start_job(JobKind::ImportUsers, json!({}), at(3))
        .await
        .unwrap();
    let beside = ledger.beside().await;
    assert_eq!(
        beside.sync_runs(None, None, 1).await.unwrap()[0].outcome,
        RunOutcome::Running
    );

    beside.abandon_runs(at(9)).await.unwrap();
    let runs = beside.sync_runs(None, None, 10).await.unwrap();
    assert_eq!(
        (runs[0].outcome, runs[0].finished_at),
        (RunOutcome::Failed, Some(at(9)))
    );
    assert_eq!(runs[0].error_code.as_deref(), Some("interrupted"));
    assert_eq!(
        (runs[1].outcome, runs[1].finished_at),
        (RunOutcome::Ok, Some(at(2)))
    );
    let job = beside.job(job).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.finished_at),
        (JobState::Failed, Some(at(9)))
    );
}

#[tokio::test]
async fn runs_and_notices_are_paged_from_the_newest() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    for seconds in 0..7 {
        let terminal = if seconds % 2 == 0 { one.id } else { two.id };
        ledger
            .start_run(terminal, RunKind::Punches, at(seconds))
            .await
            .unwrap();
        let notice = NewNotice {
            at: at(seconds),
            level: NoticeLevel::Warning,
            code: "terminal_replaced".to_owned(),
            terminal_id: Some(terminal),
            destination_id: None,
            text: format!("number {seconds}"),
        };
        ledger.tell(notice).await.unwrap();
    }
    let page = ledger.sync_runs(None, None, 3).await.unwrap();
    let next = ledger.sync_runs(None, Some(page[2].id), 10).await.unwrap();
    let starts: Vec<_> = page.iter().chain(&next).map(|run| run.started_at).collect();
    assert_eq!(starts, (0..7).rev().map(at).collect::<Vec<_>>());
    assert_eq!(
        ledger
            .sync_runs(Some(two.id), None, 10)
            .await
            .unwrap()
            .len(),
        3
    );

    let page = ledger.notices(None, 4).await.unwrap();
    let next = ledger.notices(Some(page[3].id), 10).await.unwrap();
    let texts: Vec<_> = page
        .iter()
        .chain(&next)
        .map(|notice| notice.text.clone())
        .collect();
    assert_eq!(
        texts,
        (0..7)
            .rev()
            .map(|number| format!("number {number}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        (page[0].level, page[0].terminal_id, page[0].at),
        (NoticeLevel::Warning, Some(one.id), at(6))
    );
}

#[tokio::test]
async fn what_a_full_read_leaves_unexplained_is_an_alarm_until_the_next_one() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    let numbers = |how, says| RunResult {
        how: Some(how),
        terminal_says: Some(says),
        seen: 20,
        stored: 3,
        stored_before: 10,
        repeats: 5,
        unreadable: 2,
        error: None,
    };
    let finish = async |result: RunResult| {
        let run = ledger
            .start_run(terminal, RunKind::Punches, at(1))
            .await
            .unwrap();
        ledger.finish_run(run, result, at(2)).await.unwrap();
    };
    finish(numbers(ReadHow::Full, 20)).await;
    assert_eq!(ledger.differences().await.unwrap(), []);
    finish(numbers(ReadHow::Full, 21)).await;
    finish(numbers(ReadHow::Tail, 500)).await;
    let failed = RunResult {
        error: Some(("connection".to_owned(), "it broke".to_owned())),
        ..numbers(ReadHow::Full, 20)
    };
    finish(failed).await;
    let alarms = ledger.differences().await.unwrap();
    assert_eq!((alarms.len(), alarms[0].difference), (1, Some(1)));
    let differences: Vec<_> = ledger
        .reconciliations(terminal, 10)
        .await
        .unwrap()
        .iter()
        .map(|run| (run.how, run.stored_before, run.difference))
        .collect();
    assert_eq!(
        differences,
        [
            (Some(ReadHow::Full), 10, Some(1)),
            (Some(ReadHow::Full), 10, Some(0))
        ]
    );
    finish(numbers(ReadHow::Full, 20)).await;
    assert_eq!(ledger.differences().await.unwrap(), []);
}
