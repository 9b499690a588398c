//! Ledgers of versions before are brought up to date with all that is in them.

use std::{path::Path, str::FromStr as _};

use domain::JobId;
use serde_json::json;
use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::fixture::{at, local, punch};
use crate::{FILE, Intake, JobKind, JobState, PunchFilter, Sealer, Store, store::MIGRATIONS};

/// A ledger as migration 2 left it, with two terminals, a thousand punches, and a destination that got half of them.
async fn old_ledger(dir: &Path) {
    const FILL: &str = "
        INSERT INTO terminals (id, identity, serial, name, host, port, transport, registered_at) VALUES
            (1, 'SN1', 'SN1', 'Gate', '10.0.0.1', 4370, 'tcp', 0), (2, 'SN2', 'SN2', 'Door', '10.0.0.2', 4370, 'udp', 0);
        INSERT INTO sync_runs (id, terminal_id, kind, outcome, started_at, seen, stored)
            VALUES (1, 1, 'punches', 'ok', 0, 500, 500);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO punches (record_id, terminal_id, pin, local_time, state, verify, work_code, zone, instant, flag,
                source, person_name, raw, sync_run_id, stored_at)
            SELECT printf('%032x', i), 1 + i % 2, CAST(1 + i % 7 AS TEXT),
                datetime('2026-11-23', '+' || i || ' minutes'), 0, 1, 7, 'UTC', 1795392000 + 60 * i,
                CASE i WHEN 9 THEN 'implausible' ELSE 'ok' END, 'pull', 'Person', CAST('row ' || i AS BLOB), 1, 0
            FROM n;
        DELETE FROM punches WHERE id = 1000;
        INSERT INTO destinations (id, name, start_from, created_at) VALUES (1, 'default', '2026-01-01 00:00:00', 0);
        INSERT INTO outbox (destination_id, punch_id, terminal_id, pin, state)
            SELECT 1, id, terminal_id, pin, CASE WHEN id < 500 THEN 'delivered' ELSE 'waiting' END FROM punches;
        INSERT INTO unreadable_rows (terminal_id, raw, reason, seen_at) VALUES (1, x'00ff', 'the month is 13', 0);
        INSERT INTO jobs (id, kind, state, created_at, request, result) VALUES
            (1, 'import_users', 'done', 0, '{}', '{}'),
            (2, 'send_attendance', 'running', 0, '{}', '{\"matched\":2,\"skipped\":0,\"missing\":0}');
        INSERT INTO job_items (job_id, outbox_id)
            SELECT 2, id FROM outbox WHERE punch_id IN (499, 500);";
    let address = format!("sqlite://{}", dir.join(FILE).display());
    let mut connection = SqliteConnectOptions::from_str(&address)
        .unwrap()
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .unwrap();
    let first = Migrator::with_migrations(MIGRATIONS.iter().take(2).cloned().collect());
    first.run(&mut connection).await.unwrap();
    sqlx::raw_sql(FILL).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn open(dir: &Path) -> Store {
    Store::open(dir, Sealer::new([7; 32])).await.unwrap()
}

#[tokio::test]
async fn a_ledger_of_the_first_version_keeps_all_that_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    old_ledger(dir.path()).await;
    let store = open(dir.path()).await;
    let punches = store
        .punches(&PunchFilter::default(), None, 2_000)
        .await
        .unwrap();
    assert_eq!(punches.len(), 999);
    assert!(punches.iter().zip(1..).all(|(punch, id)| punch.id.0 == id
        && punch.record_id.as_str() == format!("{id:032x}")
        && Some(punch.local_time)
            == local("2026-11-23 00:00:00").checked_add(jiff::SignedDuration::from_mins(id))));
    let two = store.terminals().await.unwrap().remove(1).id;
    let rows = |numbers: std::ops::RangeInclusive<i64>| {
        numbers
            .map(|number| format!("row {number}").into_bytes())
            .collect::<Vec<_>>()
    };
    let known = store.known_rows(two, rows(1..=1_001)).await.unwrap();
    assert!(
        known
            .iter()
            .zip(1..)
            .all(|(known, number)| *known == (number % 2 == 1 && number < 1_000))
    );
    let counts = store.outbox_counts(domain::DestinationId(1)).await.unwrap();
    assert_eq!((counts.waiting, counts.held), (500, 0));
    let settled: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM outbox WHERE state = 'delivered' AND correction_id = 0",
    )
    .fetch_one(store.reader())
    .await
    .unwrap();
    assert_eq!(settled, 499, "what was sent stays as it was");
    assert_eq!(
        store.unreadable_rows(None, None, 10).await.unwrap().len(),
        1
    );
    let wrong: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pragma_foreign_key_check")
        .fetch_one(store.reader())
        .await
        .unwrap();
    assert_eq!(wrong, 0);
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(store.reader())
        .await
        .unwrap();
    assert_eq!(whole, "ok");
}

#[tokio::test]
async fn a_ledger_of_the_first_version_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    old_ledger(dir.path()).await;
    let store = open(dir.path()).await;
    let one = store.terminals().await.unwrap().remove(0).id;
    let again = punch("1", "2026-11-23 00:14:00");
    let new = punch("1", "2026-11-24 00:00:00");
    let done = store
        .ingest(Intake::of(one, vec![again, new]), at(1))
        .await
        .unwrap();
    assert_eq!((done.stored, done.known, done.queued), (1, 1, 1));
    let last: i64 = sqlx::query_scalar("SELECT MAX(id) FROM punches")
        .fetch_one(store.reader())
        .await
        .unwrap();
    assert_eq!(last, 1_001, "the number of a punch is never given twice");
}

#[tokio::test]
async fn a_ledger_of_the_first_version_keeps_its_jobs_and_goes_on_counting_them() {
    let dir = tempfile::tempdir().unwrap();
    old_ledger(dir.path()).await;
    let store = open(dir.path()).await;
    let import = store.job(JobId(1)).await.unwrap().unwrap();
    assert_eq!(
        (import.kind, import.state),
        (JobKind::ImportUsers, JobState::Done)
    );
    let progress = store.send_job_progress(JobId(2)).await.unwrap().unwrap();
    assert_eq!((progress.delivered, progress.waiting), (1, 1));
    let next = store
        .start_job(JobKind::ClearLog, json!({}), at(1))
        .await
        .unwrap();
    assert_eq!(next, JobId(3));
}
