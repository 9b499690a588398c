use std::time::Duration;

use super::fixture::{Ledger, at, minutes};
use crate::Intake;

/// Far above what it takes, so that a busy machine does not fail it; a statement a row would.
#[tokio::test]
async fn a_large_log_is_stored_and_recognised_in_no_time() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger.default_receiver().await;
    let log = minutes(20_000);
    let rows: Vec<_> = log.iter().map(|punch| punch.raw.clone()).collect();

    let start = tokio::time::Instant::now();
    assert_eq!(
        ledger
            .ingest(Intake::of(terminal.id, log), at(1))
            .await
            .unwrap()
            .queued,
        20_000
    );
    let stored_in = start.elapsed();
    let start = tokio::time::Instant::now();
    let known = ledger.known_rows(terminal.id, rows).await.unwrap();
    let known_in = start.elapsed();

    assert!(known.len() == 20_000 && known.iter().all(|known| *known));
    assert!(
        stored_in < Duration::from_secs(10),
        "stored in {stored_in:?}"
    );
    assert!(known_in < Duration::from_secs(5), "known in {known_in:?}");
}
