use domain::{PunchId, TerminalId};

use super::fixture::{Ledger, at, implausible, local, minutes, punch, punch_at};
use crate::{Ingested, Intake, PunchFilter, RunKind, StoreError};

#[tokio::test]
async fn a_punch_is_stored_as_it_was_given() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let run = ledger
        .start_run(terminal.id, RunKind::Punches, at(0))
        .await
        .unwrap();
    let given = punch("0042", "2026-11-23 08:30:00");
    let done = ledger
        .ingest(
            Intake {
                run: Some(run),
                ..Intake::of(terminal.id, vec![given.clone()])
            },
            at(5),
        )
        .await
        .unwrap();
    assert_eq!(
        done,
        Ingested {
            stored: 1,
            known: 0,
            queued: 0,
            held: 0,
            ..Ingested::default()
        }
    );

    let stored = ledger
        .punches(&PunchFilter::default(), None, 10)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(stored.terminal_id, terminal.id);
    assert_eq!(stored.record_id, given.record_id);
    assert_eq!(stored.pin, given.pin);
    assert_eq!(stored.local_time, given.local_time);
    assert_eq!(stored.state, given.state);
    assert_eq!((stored.verify, stored.work_code), (1, 7));
    assert_eq!(
        (stored.zone.as_str(), stored.instant),
        ("UTC", given.instant)
    );
    assert_eq!((stored.flag, stored.source), (given.flag, given.source));
    assert_eq!(stored.person_name, "Person 0042");
    assert_eq!(stored.stored_at, at(5));
    assert_eq!(
        ledger.text("SELECT CAST(raw AS TEXT) FROM punches").await,
        "0042 2026-11-23 08:30:00 0"
    );
    assert_eq!(
        ledger.number("SELECT sync_run_id FROM punches").await,
        run.0
    );
}

#[tokio::test]
async fn the_same_punch_is_stored_once_whatever_else_differs() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let first = punch("1", "2026-11-23 08:30:00");
    let mut again = first.clone();
    again.verify = 15;
    again.raw = b"other bytes".to_vec();
    let done = ledger
        .ingest(
            Intake::of(terminal.id, vec![first.clone(), again.clone()]),
            at(1),
        )
        .await
        .unwrap();
    assert_eq!((done.stored, done.known), (1, 1));
    let done = ledger
        .ingest(Intake::of(terminal.id, vec![again, first]), at(2))
        .await
        .unwrap();
    assert_eq!((done.stored, done.known), (0, 2));
    assert_eq!(ledger.number("SELECT verify FROM punches").await, 1);
}

#[tokio::test]
async fn another_state_or_another_terminal_is_another_punch() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let time = "2026-11-23 08:30:00";
    let here = vec![punch_at("SN1", "1", time, 0), punch_at("SN1", "1", time, 1)];
    assert_eq!(
        ledger
            .ingest(Intake::of(one.id, here), at(1))
            .await
            .unwrap()
            .stored,
        2
    );
    let there = vec![punch_at("SN2", "1", time, 0)];
    assert_eq!(
        ledger
            .ingest(Intake::of(two.id, there), at(1))
            .await
            .unwrap()
            .stored,
        1
    );
}

#[tokio::test]
async fn each_new_punch_waits_for_the_destination_from_its_start_on() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let destination = ledger.default_receiver().await;
    let punches = vec![
        punch("1", "2025-12-31 23:59:59"),
        punch("1", "2026-01-01 00:00:00"),
        punch("2", "2026-11-23 08:30:00"),
    ];
    let done = ledger
        .ingest(Intake::of(terminal.id, punches), at(1))
        .await
        .unwrap();
    assert_eq!(
        done,
        Ingested {
            stored: 3,
            known: 0,
            queued: 2,
            held: 0,
            ..Ingested::default()
        }
    );
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.held), (2, 0));
    assert_eq!(counts.oldest_waiting, Some(at(1)));
}

#[tokio::test]
async fn a_punch_with_an_implausible_time_is_held() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let destination = ledger.default_receiver().await;
    let punches = vec![
        implausible(punch("1", "2099-01-01 00:00:00")),
        punch("2", "2026-11-23 08:30:00"),
    ];
    let done = ledger
        .ingest(Intake::of(terminal.id, punches), at(1))
        .await
        .unwrap();
    assert_eq!((done.queued, done.held), (1, 1));
    let counts = ledger.outbox_counts(destination.id).await.unwrap();
    assert_eq!((counts.waiting, counts.held), (1, 1));
    assert_eq!(
        ledger.count_punches(&PunchFilter::default()).await.unwrap(),
        2
    );
}

#[tokio::test]
async fn repeats_get_no_second_outbox_row() {
    let (ledger, terminal, destination) = Ledger::with_waiting(4).await;
    let done = ledger
        .ingest(Intake::of(terminal.id, minutes(6)), at(2))
        .await
        .unwrap();
    assert_eq!(
        done,
        Ingested {
            stored: 2,
            known: 4,
            queued: 2,
            held: 0,
            ..Ingested::default()
        }
    );
    assert_eq!(
        ledger.outbox_counts(destination.id).await.unwrap().waiting,
        6
    );
}

#[tokio::test]
async fn ids_follow_the_order_given() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger.default_receiver().await;
    let mut punches = minutes(1_203);
    punches.reverse();
    let done = ledger
        .ingest(Intake::of(terminal.id, punches.clone()), at(1))
        .await
        .unwrap();
    assert_eq!((done.stored, done.queued), (1_203, 1_203));
    let stored: Vec<String> = sqlx::query_scalar("SELECT record_id FROM punches ORDER BY id")
        .fetch_all(ledger.reader())
        .await
        .unwrap();
    let given: Vec<_> = punches
        .iter()
        .map(|punch| punch.record_id.to_string())
        .collect();
    assert_eq!(stored, given);
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM outbox a JOIN outbox b ON b.id = a.id + 1 AND b.punch_id <= a.punch_id")
            .await,
        0
    );
}

#[tokio::test]
async fn nothing_of_a_chunk_stays_when_its_outbox_rows_cannot_be_written() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger.default_receiver().await;
    ledger
        .alter("CREATE TRIGGER no BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await;
    let error = ledger
        .ingest(Intake::of(terminal.id, minutes(3)), at(1))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Database(_)), "{error}");
    assert_eq!(ledger.number("SELECT COUNT(*) FROM punches").await, 0);
    ledger.alter("DROP TRIGGER no").await;
    assert_eq!(
        ledger
            .ingest(Intake::of(terminal.id, minutes(3)), at(2))
            .await
            .unwrap()
            .stored,
        3
    );
}

#[tokio::test]
async fn punches_of_an_unknown_terminal_are_refused() {
    let ledger = Ledger::new().await;
    ledger
        .ingest(Intake::of(TerminalId(99), minutes(1)), at(1))
        .await
        .unwrap_err();
    assert_eq!(ledger.number("SELECT COUNT(*) FROM punches").await, 0);
}

#[tokio::test]
async fn what_rows_refer_to_is_looked_for_by_the_commit() {
    let ledger = Ledger::new().await;
    let tables = ledger
        .text("SELECT group_concat(sql) FROM sqlite_schema WHERE name IN ('punches', 'outbox')")
        .await;
    let (all, deferred) = ("REFERENCES", ") DEFERRABLE INITIALLY DEFERRED");
    assert_eq!(tables.matches(all).count(), 5, "{tables}");
    assert_eq!(tables.matches(deferred).count(), 5, "{tables}");
}

#[tokio::test]
async fn no_list_is_made_a_table_of_for_each_row_that_is_written() {
    let ledger = Ledger::new().await;
    let lists = "SELECT COALESCE(group_concat(sql), '') FROM sqlite_schema
        WHERE tbl_name IN ('punches', 'outbox', 'known_rows') AND sql LIKE '% IN (%'";
    assert_eq!(ledger.text(lists).await, "");
}

#[tokio::test]
async fn a_word_that_is_none_is_refused() {
    let ledger = Ledger::with_waiting(1).await.0;
    for wrong in [
        "UPDATE outbox SET state = 'lost'",
        "UPDATE punches SET flag = 'fine'",
        "UPDATE punches SET source = 'rumour'",
    ] {
        let done = ledger
            .write(crate::Weight::LIGHT, move |conn| {
                Box::pin(async move {
                    sqlx::query(wrong).execute(conn).await?;
                    Ok(())
                })
            })
            .await;
        assert!(matches!(done, Err(StoreError::Database(_))), "{done:?}");
    }
}

#[tokio::test]
async fn names_and_bytes_of_any_kind_come_back_unchanged() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let mut odd = punch("1", "2026-11-23 08:30:00");
    odd.person_name = "علی \"O'Hara\" \\ \u{0} \u{202e}\n".to_owned();
    odd.raw = (0..=255).collect();
    odd.work_code = u32::MAX;
    ledger
        .ingest(Intake::of(terminal.id, vec![odd.clone()]), at(1))
        .await
        .unwrap();
    let stored = ledger
        .punches(&PunchFilter::default(), None, 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(stored.person_name, odd.person_name);
    assert_eq!(stored.work_code, u32::MAX);
    assert_eq!(
        ledger.known_rows(terminal.id, vec![odd.raw]).await.unwrap(),
        [true]
    );
}

#[tokio::test]
async fn rows_are_known_by_their_bytes_within_their_terminal() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let stored = minutes(2_500);
    ledger
        .ingest(Intake::of(one.id, stored.clone()), at(1))
        .await
        .unwrap();
    let mut asked: Vec<_> = stored.iter().map(|punch| punch.raw.clone()).collect();
    asked.insert(1_999, b"new".to_vec());
    asked.push(Vec::new());
    let known = ledger.known_rows(one.id, asked.clone()).await.unwrap();
    let unknown: Vec<_> = known
        .iter()
        .enumerate()
        .filter(|(_, known)| !**known)
        .map(|(index, _)| index)
        .collect();
    assert_eq!((known.len(), unknown), (2_502, vec![1_999, 2_501]));
    assert!(
        !ledger
            .known_rows(two.id, asked)
            .await
            .unwrap()
            .contains(&true)
    );
    assert!(
        ledger
            .known_rows(one.id, Vec::new())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn unreadable_rows_are_kept_raw_once_with_the_reason() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let row = (vec![0, 255, 7], "the month is 13".to_owned());
    for (rows, now) in [(vec![row.clone(), row.clone()], at(1)), (vec![row], at(2))] {
        let intake = Intake {
            unreadable: rows,
            ..Intake::of(terminal.id, Vec::new())
        };
        ledger.ingest(intake, now).await.unwrap();
    }
    assert_eq!(
        ledger.number("SELECT COUNT(*) FROM unreadable_rows").await,
        1
    );
    assert_eq!(
        ledger
            .text("SELECT hex(raw) || ' ' || reason FROM unreadable_rows")
            .await,
        "00FF07 the month is 13"
    );
    assert_eq!(
        ledger
            .known_rows(terminal.id, vec![vec![0, 255, 7]])
            .await
            .unwrap(),
        [false]
    );
}

#[tokio::test]
async fn a_second_destination_gets_its_own_rows() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    ledger.default_receiver().await;
    ledger.alter("INSERT INTO destinations (name, start_from, created_at) VALUES ('erp', '2026-11-23 00:01:00', 0)").await;
    let done = ledger
        .ingest(Intake::of(terminal.id, minutes(2)), at(1))
        .await
        .unwrap();
    assert_eq!((done.stored, done.queued), (2, 3));
    let punches = ledger
        .latest_punches(&PunchFilter::default(), None, 1)
        .await
        .unwrap();
    assert_eq!(
        (punches[0].id, punches[0].local_time),
        (PunchId(2), local("2026-11-23 00:01:00"))
    );
}

#[tokio::test]
async fn rows_of_any_length_are_known_again() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let raws: Vec<Vec<u8>> = (0..60).map(|length| vec![0xff; length]).collect();
    let punches = minutes(60)
        .into_iter()
        .zip(&raws)
        .map(|(punch, raw)| domain::NewPunch {
            raw: raw.clone(),
            ..punch
        })
        .collect();
    ledger
        .ingest(Intake::of(terminal.id, punches), at(1))
        .await
        .unwrap();
    let known = ledger.known_rows(terminal.id, raws).await.unwrap();
    assert_eq!(known, [true; 60]);
}

#[tokio::test]
async fn any_number_of_punches_is_stored() {
    for count in [1, 9, 10, 11, 99, 100, 1_111, 2_345] {
        let ledger = Ledger::new().await;
        let terminal = ledger.first_terminal().await;
        let done = ledger
            .ingest(Intake::of(terminal.id, minutes(count)), at(1))
            .await
            .unwrap();
        assert_eq!(done.stored, count as u64);
    }
}
