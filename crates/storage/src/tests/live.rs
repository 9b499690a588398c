use domain::{NewPunch, Punch, Source};

use super::fixture::{Ledger, at, punch, punch_at};
use crate::{Ingested, Intake, PunchFilter};

const NINE: &str = "2026-11-23 09:00:00";

fn live(mut punch: NewPunch) -> NewPunch {
    punch.source = Source::Live;
    punch.raw = b"event".to_vec();
    punch
}

async fn take(ledger: &Ledger, punches: Vec<NewPunch>) -> Ingested {
    let terminal = ledger.terminals().await.unwrap().remove(0).id;
    ledger
        .ingest(Intake::of(terminal, punches), at(1))
        .await
        .unwrap()
}

async fn shown(ledger: &Ledger) -> Vec<Punch> {
    ledger
        .punches(&PunchFilter::default(), None, 10)
        .await
        .unwrap()
}

async fn ready() -> Ledger {
    let ledger = Ledger::new().await;
    ledger.first_terminal().await;
    ledger.default_receiver().await;
    ledger
}

#[tokio::test]
async fn an_event_and_its_row_are_one_punch_that_is_queued_once() {
    let ledger = ready().await;
    let event = live(punch("1", NINE));
    assert_eq!(take(&ledger, vec![event.clone()]).await.queued, 1);
    let row = punch("1", NINE);
    let done = take(&ledger, vec![row.clone()]).await;
    assert_eq!(
        done,
        Ingested {
            known: 1,
            matched: 1,
            ..Ingested::default()
        }
    );
    let punches = shown(&ledger).await;
    assert_eq!(
        (punches.len(), &punches[0].record_id),
        (1, &event.record_id)
    );
    assert_eq!(ledger.number("SELECT COUNT(*) FROM outbox").await, 1);
    assert_eq!(ledger.number("SELECT COUNT(*) FROM corrections").await, 0);
    let terminal = punches[0].terminal_id;
    assert_eq!(
        ledger.known_rows(terminal, vec![row.raw]).await.unwrap(),
        [true]
    );
}

#[tokio::test]
async fn where_the_row_says_otherwise_it_is_believed_under_the_same_record_id() {
    let ledger = ready().await;
    let event = live(punch_at("SN1", "1", NINE, 0));
    take(&ledger, vec![event.clone()]).await;
    let row = NewPunch {
        verify: 15,
        work_code: 3,
        ..punch_at("SN1", "1", NINE, 1)
    };
    let done = take(&ledger, vec![row]).await;
    assert_eq!(
        (done.stored, done.matched, done.corrected, done.queued),
        (0, 1, 1, 0)
    );
    let punches = shown(&ledger).await;
    assert_eq!(
        (punches.len(), &punches[0].record_id),
        (1, &event.record_id)
    );
    assert_eq!(
        (
            punches[0].state.code(),
            punches[0].verify,
            punches[0].work_code
        ),
        (1, 15, 3)
    );
    assert_eq!(ledger.number("SELECT COUNT(*) FROM outbox").await, 1);
    assert_eq!(
        ledger.number("SELECT state FROM punches").await,
        0,
        "the ledger itself stays"
    );
}

#[tokio::test]
async fn of_two_rows_within_a_second_one_is_the_event_and_the_other_is_new() {
    for order in [[0, 1], [1, 0], [1, 4], [4, 1]] {
        let ledger = ready().await;
        let event = live(punch_at("SN1", "1", NINE, 0));
        take(&ledger, vec![event]).await;
        let rows = order.map(|state| punch_at("SN1", "1", NINE, state));
        let done = take(&ledger, rows.into()).await;
        assert_eq!((done.stored, done.matched, done.queued), (1, 1, 1));
        let mut states: Vec<_> = shown(&ledger)
            .await
            .iter()
            .map(|punch| punch.state.code())
            .collect();
        states.sort_unstable();
        let mut given = order;
        given.sort_unstable();
        assert_eq!(states, given);
    }
}

#[tokio::test]
async fn an_event_that_comes_after_its_row_is_nothing_new() {
    let ledger = ready().await;
    take(&ledger, vec![punch_at("SN1", "1", NINE, 1)]).await;
    let late = live(punch_at("SN1", "1", NINE, 0));
    let done = take(&ledger, vec![late.clone()]).await;
    assert_eq!((done.stored, done.known), (0, 1));
    let other = live(punch_at("SN1", "2", NINE, 0));
    assert_eq!(take(&ledger, vec![other.clone(), late]).await.stored, 1);
    assert_eq!(take(&ledger, vec![other]).await.known, 1);
}

#[tokio::test]
async fn a_row_that_was_matched_is_not_matched_again() {
    let ledger = ready().await;
    take(&ledger, vec![live(punch_at("SN1", "1", NINE, 0))]).await;
    take(&ledger, vec![punch_at("SN1", "1", NINE, 1)]).await;
    let done = take(&ledger, vec![punch_at("SN1", "1", NINE, 4)]).await;
    assert_eq!((done.stored, done.matched), (1, 0));
    assert_eq!(
        ledger.number("SELECT COUNT(*) FROM unmatched_live").await,
        0
    );
}

#[tokio::test]
async fn a_row_that_was_believed_is_nothing_new_in_other_bytes() {
    let ledger = ready().await;
    take(&ledger, vec![live(punch_at("SN1", "1", NINE, 0))]).await;
    let row = punch_at("SN1", "1", NINE, 1);
    take(&ledger, vec![row.clone()]).await;
    let longer = NewPunch {
        raw: b"a longer row".to_vec(),
        ..row
    };
    let done = take(&ledger, vec![longer]).await;
    assert_eq!((done.stored, done.known), (0, 1));
}

#[tokio::test]
async fn a_row_of_another_terminal_is_another_punch() {
    let ledger = ready().await;
    take(&ledger, vec![live(punch_at("SN1", "1", NINE, 0))]).await;
    let two = ledger.terminal_at("10.0.0.2", "SN2").await;
    let there = Intake::of(two.id, vec![punch_at("SN2", "1", NINE, 0)]);
    let done = ledger.ingest(there, at(1)).await.unwrap();
    assert_eq!((done.stored, done.matched), (1, 0));
}
