use domain::LogPosition;

use super::fixture::{Ledger, at, minutes};
use crate::{Intake, StoreError};

fn position(rows: u64) -> LogPosition {
    LogPosition {
        rows,
        row_size: 40,
        layout: "40".to_owned(),
        last_rows: (0..16).map(|row| vec![row, 0, 0xff, 0x0a]).collect(),
        counters: Some(vec![0, 1, 255]),
    }
}

#[tokio::test]
async fn a_position_comes_back_as_it_was_given_until_it_is_forgotten() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    assert_eq!(ledger.log_position(terminal.id).await.unwrap(), None);
    for rows in [3, 7] {
        let intake = Intake {
            position: Some(position(rows)),
            ..Intake::of(terminal.id, Vec::new())
        };
        ledger.ingest(intake, at(1)).await.unwrap();
        assert_eq!(
            ledger.log_position(terminal.id).await.unwrap(),
            Some(position(rows))
        );
    }
    ledger.forget_log_position(terminal.id).await.unwrap();
    assert_eq!(ledger.log_position(terminal.id).await.unwrap(), None);
}

#[tokio::test]
async fn only_the_last_rows_are_kept() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let mut long = position(40);
    long.last_rows = (0..40).map(|row| vec![row]).collect();
    let intake = Intake {
        position: Some(long),
        ..Intake::of(terminal.id, Vec::new())
    };
    ledger.ingest(intake, at(1)).await.unwrap();
    let kept = ledger.log_position(terminal.id).await.unwrap().unwrap();
    assert_eq!(
        kept.last_rows,
        (24..40).map(|row| vec![row]).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_position_is_never_ahead_of_the_punches_that_it_covers() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let fail = "CREATE TRIGGER no AFTER INSERT ON punches WHEN NEW.id > 11000 BEGIN SELECT RAISE(ABORT, 'no'); END";
    ledger.alter(fail).await;
    let intake = || Intake {
        unreadable: vec![(vec![1], "odd".to_owned())],
        position: Some(position(12_000)),
        ..Intake::of(terminal.id, minutes(12_000))
    };
    let error = ledger.ingest(intake(), at(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Database(_)), "{error}");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM punches").await, 10_000);
    assert_eq!(ledger.log_position(terminal.id).await.unwrap(), None);
    assert_eq!(
        ledger.number("SELECT COUNT(*) FROM unreadable_rows").await,
        0
    );
    ledger.alter("DROP TRIGGER no").await;
    let done = ledger.ingest(intake(), at(2)).await.unwrap();
    assert_eq!((done.stored, done.known), (2_000, 10_000));
    assert_eq!(
        ledger.log_position(terminal.id).await.unwrap(),
        Some(position(12_000))
    );
    assert_eq!(
        ledger.number("SELECT COUNT(*) FROM unreadable_rows").await,
        1
    );
}
