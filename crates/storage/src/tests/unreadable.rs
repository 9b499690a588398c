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
    let readable = rows.iter().take(2).map(|row| row.id).zip(punches).collect();
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
