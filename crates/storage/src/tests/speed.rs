use std::time::Duration;

use super::fixture::{Ledger, at, local, minutes};
use crate::{Intake, NewDestination};

/// Far above what it takes, so that a busy machine does not fail it; a commit a row would.
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
        stored_in < Duration::from_secs(30),
        "stored in {stored_in:?}"
    );
    assert!(known_in < Duration::from_secs(30), "known in {known_in:?}");
}

/// A filter is looked up by key, however many people it names.
#[tokio::test]
async fn filters_that_name_many_people_cost_next_to_nothing() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    for number in 0..5 {
        let people = (0..2_000).map(|person| (person * 5 + number).to_string());
        let from = local("2026-01-01 00:00:00");
        let new = NewDestination {
            filter: domain::DestinationFilter {
                people: people.collect(),
                ..domain::DestinationFilter::since(from)
            },
            ..NewDestination::plain(format!("erp {number}"), "http://erp.example/", from)
        };
        ledger.create_destination(new, at(0)).await.unwrap();
    }
    let log = minutes(20_000);
    let start = tokio::time::Instant::now();
    let mut queued = 0;
    for some in log.chunks(Intake::AT_ONCE) {
        let intake = Intake::of(terminal.id, some.to_vec());
        queued += ledger.ingest(intake, at(1)).await.unwrap().queued;
    }
    let taken = start.elapsed();
    assert_eq!(queued, 20_000, "each of three people is wanted once");
    assert!(taken < Duration::from_secs(30), "stored in {taken:?}");
}
