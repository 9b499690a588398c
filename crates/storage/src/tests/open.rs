use super::fixture::{Ledger, at, minutes};
use crate::{Intake, PunchFilter, Sealer, Store, StoreError};

#[tokio::test]
async fn the_writer_is_as_careful_as_sqlite_can_be() {
    let ledger = Ledger::new().await;
    let settings: (String, i64, i64) = ledger
        .write(crate::Weight::LIGHT, |conn| {
            Box::pin(async move {
                let journal = sqlx::query_scalar("PRAGMA journal_mode")
                    .fetch_one(&mut *conn)
                    .await?;
                let synchronous = sqlx::query_scalar("PRAGMA synchronous")
                    .fetch_one(&mut *conn)
                    .await?;
                let foreign_keys = sqlx::query_scalar("PRAGMA foreign_keys")
                    .fetch_one(conn)
                    .await?;
                Ok((journal, synchronous, foreign_keys))
            })
        })
        .await
        .unwrap();
    assert_eq!(settings, ("wal".to_owned(), 2, 1));
}

#[tokio::test]
async fn what_a_savepoint_may_undo_is_not_written_to_the_disk() {
    let ledger = Ledger::new().await;
    let temporary: i64 = ledger
        .write(crate::Weight::LIGHT, |conn| {
            Box::pin(async move {
                Ok(sqlx::query_scalar("PRAGMA temp_store")
                    .fetch_one(conn)
                    .await?)
            })
        })
        .await
        .unwrap();
    assert_eq!(temporary, 2, "MEMORY");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger
        .ingest(Intake::of(terminal.id, minutes(3)), at(1))
        .await
        .unwrap();
    ledger.close().await.unwrap();
    let again = ledger.beside().await;
    assert_eq!(
        again.count_punches(&PunchFilter::default()).await.unwrap(),
        3
    );
    assert_eq!(again.terminal(terminal.id).await.unwrap(), Some(terminal));
}

#[tokio::test]
async fn two_stores_on_one_file_write_in_turn() {
    let ledger = Ledger::new().await;
    let other = ledger.beside().await;
    let (one, two) = (&*ledger, &other);
    let here = async {
        for round in 0..40 {
            one.set_setting(&format!("here {round}"), "").await.unwrap();
        }
    };
    let there = async {
        for round in 0..40 {
            two.set_setting(&format!("there {round}"), "")
                .await
                .unwrap();
        }
    };
    tokio::join!(here, there);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM settings").await, 80);
    assert_eq!(other.setting("here 39").await.unwrap().as_deref(), Some(""));
}

#[tokio::test]
async fn a_new_ledger_can_be_opened_by_two_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let opens = (0..4).map(|_| Store::open(dir.path(), Sealer::new([1; 32])));
    for store in futures_util::future::join_all(opens).await {
        store.unwrap().set_setting("opened", "1").await.unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open(&dir.path().join("missing"), Sealer::new([1; 32]))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, StoreError::Io(_)), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_told() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("ledger.db"),
        "not a database, but long enough to be taken for one".repeat(50),
    )
    .unwrap();
    let error = Store::open(dir.path(), Sealer::new([1; 32]))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
}

#[tokio::test]
async fn a_ledger_of_a_newer_version_is_not_touched() {
    let ledger = Ledger::new().await;
    ledger
        .write(crate::Weight::LIGHT, |conn| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                    VALUES (9999, 'from the future', 1, x'00', 0)",
                )
                .execute(conn)
                .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    ledger.close().await.unwrap();
    let error = Store::open(ledger.dir.path(), Sealer::new([1; 32]))
        .await
        .err()
        .unwrap();
    assert!(matches!(error, StoreError::OtherVersion(_)), "{error:?}");
}
