use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll};

use sqlx::SqliteConnection;
use tokio::sync::Notify;

use super::fixture::{Ledger, at, minutes};
use crate::{Intake, Result, StoreError, Weight};

async fn put(conn: &mut SqliteConnection, key: &str) -> Result<()> {
    sqlx::query("INSERT INTO settings (key, value) VALUES (?, (SELECT COUNT(*) FROM settings))")
        .bind(key.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Holds the writer until told, so that what is queued meanwhile shares the next transaction.
async fn hold(ledger: &Ledger) -> (Arc<Notify>, tokio::task::JoinHandle<Result<()>>) {
    let (go, held) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (store, wait, told) = (ledger.beside_handle(), Arc::clone(&go), Arc::clone(&held));
    let holder = tokio::spawn(async move {
        store
            .write(Weight::LIGHT, move |_| {
                Box::pin(async move {
                    told.notify_one();
                    wait.notified().await;
                    Ok(())
                })
            })
            .await
    });
    held.notified().await;
    (go, holder)
}

impl Ledger {
    fn beside_handle(&self) -> crate::Store {
        (**self).clone()
    }
}

#[tokio::test]
async fn a_write_is_there_for_readers_when_it_is_answered() {
    let ledger = Ledger::new().await;
    for round in 0..50 {
        ledger
            .set_setting("round", &round.to_string())
            .await
            .unwrap();
        assert_eq!(
            ledger.setting("round").await.unwrap(),
            Some(round.to_string())
        );
    }
}

#[tokio::test]
async fn what_fails_in_a_shared_transaction_undoes_only_itself() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    let good = ledger.write(Weight::LIGHT, |conn| {
        Box::pin(async move { put(conn, "a").await })
    });
    let bad = ledger.write(Weight::LIGHT, |conn| {
        Box::pin(async move {
            put(conn, "half done").await?;
            put(conn, "a").await
        })
    });
    let refused = ledger.write(Weight::LIGHT, |conn| {
        Box::pin(async move {
            put(conn, "refused").await?;
            Err::<(), _>(StoreError::conflict("no"))
        })
    });
    let after = ledger.write(Weight::LIGHT, |conn| {
        Box::pin(async move { put(conn, "b").await })
    });
    let (good, bad, refused, after, ()) =
        tokio::join!(biased; good, bad, refused, after, async { go.notify_one() });
    holder.await.unwrap().unwrap();
    good.unwrap();
    after.unwrap();
    assert!(matches!(bad, Err(StoreError::Database(_))));
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    assert_eq!(
        ledger.text("SELECT group_concat(key) FROM settings").await,
        "a,b"
    );
}

#[tokio::test]
async fn a_light_write_waits_for_one_heavy_one_and_not_for_all() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    let write = |weight, key: &'static str| {
        ledger.write(weight, move |conn| {
            Box::pin(async move { put(conn, key).await })
        })
    };
    let heavy = async {
        tokio::join!(biased;
            write(Weight::FULL, "1 heavy"),
            write(Weight::FULL, "2 heavy"),
            write(Weight::FULL, "3 heavy"))
    };
    let light = write(Weight::LIGHT, "light");
    let (heavy, light, ()) = tokio::join!(biased; heavy, light, async { go.notify_one() });
    holder.await.unwrap().unwrap();
    assert!(light.is_ok());
    assert!(matches!(heavy, (Ok(()), Ok(()), Ok(()))), "{heavy:?}");
    assert_eq!(order(&ledger).await, "1 heavy,light,2 heavy,3 heavy");
}

#[tokio::test]
async fn a_heavy_write_whose_caller_went_away_is_done_before_the_next() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    let write = |weight, key: &'static str| {
        ledger.write(weight, move |conn| {
            Box::pin(async move { put(conn, key).await })
        })
    };
    let mut gone = Box::pin(write(Weight::FULL, "gone"));
    assert!(is_pending(gone.as_mut()).await);
    drop(gone);
    let mut waiting = Box::pin(write(Weight::FULL, "heavy"));
    assert!(is_pending(waiting.as_mut()).await);
    let light = write(Weight::LIGHT, "light");
    let (light, heavy, ()) = tokio::join!(biased; light, waiting, async { go.notify_one() });
    holder.await.unwrap().unwrap();
    light.unwrap();
    heavy.unwrap();
    assert_eq!(order(&ledger).await, "gone,light,heavy");
}

/// Begins it; whether it waits for something.
async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

/// In which order settings were written; the table itself is in the order of their keys.
async fn order(ledger: &Ledger) -> String {
    ledger
        .text("SELECT group_concat(key ORDER BY CAST(value AS INTEGER)) FROM settings")
        .await
}

#[tokio::test]
async fn a_full_disk_stores_nothing_by_halves_and_the_next_write_works() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger.default_receiver().await;
    let pages = ledger.number("PRAGMA page_count").await;
    limit(&ledger, pages + 8).await;

    let (go, holder) = hold(&ledger).await;
    let small = ledger.set_setting("beside", "it");
    let large = ledger.ingest(Intake::of(terminal.id, minutes(500)), at(1));
    let (small, large, ()) = tokio::join!(biased; small, large, async { go.notify_one() });
    holder.await.unwrap().unwrap_or(());
    let error = large.unwrap_err();
    assert!(matches!(error, StoreError::Full), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("the disk of the ledger is full")
    );
    // Answered with what came of it, whether or not it shared the transaction that was given up.
    assert_eq!(
        small.is_ok(),
        ledger.setting("beside").await.unwrap().is_some()
    );
    assert_eq!(ledger.number("SELECT COUNT(*) FROM punches").await, 0);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM outbox").await, 0);

    limit(&ledger, 1_000_000).await;
    assert_eq!(
        ledger
            .ingest(Intake::of(terminal.id, minutes(500)), at(2))
            .await
            .unwrap()
            .queued,
        500
    );
}

async fn limit(ledger: &Ledger, pages: i64) {
    ledger
        .write(Weight::LIGHT, move |conn| {
            Box::pin(async move {
                let pragma = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
                let _: i64 = sqlx::query_scalar(pragma).fetch_one(conn).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_transaction_that_is_lost_answers_everybody_and_the_next_one_works() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    let first = ledger.set_setting("first", "1");
    // As SQLite does by itself on a failing disk.
    let killer = ledger.write(Weight::LIGHT, |conn| {
        Box::pin(async move {
            sqlx::query("ROLLBACK").execute(conn).await?;
            Ok(())
        })
    });
    let last = ledger.set_setting("last", "1");
    let (first, killer, last, ()) =
        tokio::join!(biased; first, killer, last, async { go.notify_one() });
    let _ = holder.await.unwrap();
    first.unwrap_err();
    killer.unwrap_err();
    last.unwrap_err();
    assert_eq!(ledger.number("SELECT COUNT(*) FROM settings").await, 0);
    ledger.set_setting("after", "1").await.unwrap();
    assert_eq!(
        ledger.text("SELECT group_concat(key) FROM settings").await,
        "after"
    );
}

#[tokio::test]
async fn a_commit_that_fails_answers_everybody_and_the_next_one_works() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    // `SQLite` looks at this at the commit only, refuses it, and keeps the transaction open.
    let orphan = ledger.write(Weight::LIGHT, |conn| {
        Box::pin(async move {
            sqlx::query("PRAGMA defer_foreign_keys = ON")
                .execute(&mut *conn)
                .await?;
            sqlx::query("INSERT INTO job_items (job_id, outbox_id) VALUES (99, 99)")
                .execute(conn)
                .await?;
            Ok(())
        })
    });
    let neighbour = ledger.set_setting("neighbour", "1");
    let (orphan, neighbour, ()) =
        tokio::join!(biased; orphan, neighbour, async { go.notify_one() });
    holder.await.unwrap().unwrap();
    orphan.unwrap_err();
    neighbour.unwrap_err();
    assert_eq!(ledger.number("SELECT COUNT(*) FROM settings").await, 0);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM job_items").await, 0);
    ledger.set_setting("after", "1").await.unwrap();
    assert_eq!(
        ledger.text("SELECT group_concat(key) FROM settings").await,
        "after"
    );
}

#[tokio::test]
async fn a_write_whose_caller_went_away_is_done() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    {
        let mut write = Box::pin(ledger.set_setting("orphan", "1"));
        // Once polled it is queued.
        assert!(futures_util::poll!(write.as_mut()).is_pending());
    }
    go.notify_one();
    holder.await.unwrap().unwrap();
    ledger.close().await.unwrap();
    assert_eq!(
        ledger
            .beside()
            .await
            .setting("orphan")
            .await
            .unwrap()
            .as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn closing_does_what_is_queued_and_takes_nothing_more() {
    let ledger = Ledger::new().await;
    let (go, holder) = hold(&ledger).await;
    let queued = ledger.set_setting("queued", "1");
    let (queued, closed, ()) =
        tokio::join!(biased; queued, ledger.close(), async { go.notify_one() });
    holder.await.unwrap().unwrap();
    queued.unwrap();
    closed.unwrap();
    assert!(matches!(
        ledger.set_setting("late", "1").await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(
        ledger.setting("queued").await,
        Err(StoreError::Closed)
    ));
    assert_eq!(
        ledger
            .beside()
            .await
            .setting("queued")
            .await
            .unwrap()
            .as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn readers_cannot_write() {
    let ledger = Ledger::new().await;
    sqlx::query("DELETE FROM settings")
        .execute(ledger.reader())
        .await
        .unwrap_err();
}
