use super::fixture::{Ledger, at, minutes};
use crate::Intake;

#[tokio::test]
async fn unreadable_rows_are_listed_page_by_page() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    for (terminal, rows) in [(&one, 0..3), (&two, 3..5)] {
        let intake = Intake {
            unreadable: rows
                .map(|row| (vec![row], format!("reason {row}")))
                .collect(),
            ..Intake::of(terminal.id, Vec::new())
        };
        ledger.ingest(intake, at(1)).await.unwrap();
    }
    let first = ledger.unreadable_rows(None, None, 2).await.unwrap();
    let after = first.last().map(|row| row.id);
    let rest = ledger.unreadable_rows(None, after, 10).await.unwrap();
    let raws: Vec<_> = first.iter().chain(&rest).map(|row| row.raw[0]).collect();
    assert_eq!(raws, [0, 1, 2, 3, 4]);
    assert_eq!(rest[0].reason, "reason 2");
    let of_two = ledger
        .unreadable_rows(Some(two.id), None, 10)
        .await
        .unwrap();
    assert_eq!(ledger.count_unreadable(None).await.unwrap(), 5);
    assert_eq!(ledger.count_unreadable(Some(two.id)).await.unwrap(), 2);
    assert!(of_two.len() == 2 && of_two.iter().all(|row| row.terminal_id == two.id));
}

#[tokio::test]
async fn a_row_that_can_be_read_by_now_becomes_a_punch_and_leaves_the_list() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger.default_receiver().await;
    let punches = minutes(3);
    let intake = Intake {
        unreadable: punches
            .iter()
            .map(|punch| (punch.raw.clone(), "unknown layout".to_owned()))
            .collect(),
        ..Intake::of(terminal.id, Vec::new())
    };
    ledger.ingest(intake, at(1)).await.unwrap();
    let rows = ledger.unreadable_rows(None, None, 10).await.unwrap();
    let raw = punches[0].raw.clone();
    let of_rows = punches.into_iter().map(|punch| vec![punch]);
    let readable = rows.iter().take(2).map(|row| row.id).zip(of_rows).collect();
    let done = ledger
        .take_readable(terminal.id, readable, at(2))
        .await
        .unwrap();
    assert_eq!((done.stored, done.queued), (2, 2));
    let left = ledger.unreadable_rows(None, None, 10).await.unwrap();
    assert_eq!((left.len(), left[0].id), (1, rows[2].id));
    assert_eq!(
        ledger.known_rows(terminal.id, vec![raw]).await.unwrap(),
        [true]
    );
}

#[tokio::test]
async fn one_that_holds_many_punches_leaves_the_list_with_all_of_them() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let intake = Intake {
        unreadable: (0..3_u8)
            .map(|nth| (vec![nth; 3_920], "a piece".to_owned()))
            .collect(),
        ..Intake::of(terminal.id, Vec::new())
    };
    ledger.ingest(intake, at(1)).await.unwrap();
    let rows = ledger.unreadable_rows(None, None, 10).await.unwrap();
    let punches = minutes(1_470);
    let readable = rows
        .iter()
        .map(|row| row.id)
        .zip(punches.chunks(490).map(<[_]>::to_vec))
        .collect();
    let done = ledger
        .take_readable(terminal.id, readable, at(2))
        .await
        .unwrap();
    assert_eq!(done.stored, 1_470);
    assert_eq!(ledger.count_unreadable(None).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_kept_of_one_terminal_has_an_end() {
    let ledger = Ledger::new().await;
    let (full, other) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    ledger
        .alter(
            "INSERT INTO unreadable_rows (terminal_id, raw, reason, seen_at)
                VALUES (1, zeroblob(1000), 'a piece', 0), (1, zeroblob((64 << 20) - 1001), 'a piece', 0)",
        )
        .await;
    let keep = async |terminal, row| {
        let intake = Intake {
            unreadable: vec![(vec![row; 8], "a row".to_owned())],
            ..Intake::of(terminal, Vec::new())
        };
        ledger.ingest(intake, at(1)).await.unwrap();
        ledger.count_unreadable(None).await.unwrap()
    };
    assert_eq!(keep(full.id, 1).await, 3);
    assert_eq!(keep(full.id, 2).await, 3);
    assert_eq!(keep(other.id, 2).await, 4);
}
