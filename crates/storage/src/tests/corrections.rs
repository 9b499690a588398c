use domain::{Pin, Punch, TerminalId, TimeFlag, TimeRange};
use jiff::SignedDuration;

use super::{
    batches::open,
    fixture::{Ledger, at, begun, implausible, local, minutes, punch, punch_at},
};
use crate::{
    CorrectionKind, ExportChange, HeldFilter, Intake, PunchCursor, PunchFilter, Released, Resend,
};

/// The clock of the first terminal was 26 years, of which 6 are leap years, behind for three punches.
const BEHIND: i64 = 26 * 365 + 6;

async fn with_wrong_clock() -> (Ledger, TerminalId) {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    ledger.default_receiver().await;
    let mut punches = minutes(4);
    punches.extend(
        [
            "2000-11-22 23:58:30",
            "2000-11-22 23:59:30",
            "2000-11-23 00:00:30",
        ]
        .iter()
        .zip(["1", "2", "1"])
        .map(|(time, pin)| implausible(punch(pin, time))),
    );
    ledger
        .ingest(Intake::of(terminal, punches), at(1))
        .await
        .unwrap();
    (ledger, terminal)
}

async fn release(ledger: &Ledger, filter: HeldFilter, days: Option<i64>) -> Released {
    let shift = days.map(|days| SignedDuration::from_hours(24 * days));
    ledger
        .release(filter, shift, "Ada", "the battery was empty", at(9))
        .await
        .unwrap()
}

async fn all(ledger: &Ledger) -> Vec<Punch> {
    ledger
        .punches(&PunchFilter::default(), None, 100)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_waits_for_a_person_is_listed_by_filter() {
    let (ledger, terminal) = with_wrong_clock().await;
    let held = async |filter: HeldFilter| {
        let listed = ledger.held_punches(&filter, None, 10).await.unwrap();
        assert_eq!(
            ledger.count_held(&filter).await.unwrap(),
            listed.len() as u64
        );
        listed
    };
    let everything = held(HeldFilter::default()).await;
    assert_eq!(everything.len(), 3);
    let after = ledger
        .held_punches(&HeldFilter::default(), Some(everything[0].id), 1)
        .await
        .unwrap();
    assert_eq!(after[0], everything[1]);
    let of_one = HeldFilter {
        people: vec![Pin::new("1").unwrap()],
        ..HeldFilter::default()
    };
    assert_eq!(held(of_one).await.len(), 2);
    let elsewhere = HeldFilter {
        terminal: Some(TerminalId(terminal.0 + 1)),
        ..HeldFilter::default()
    };
    assert_eq!(held(elsewhere).await, []);
    let early = HeldFilter {
        range: TimeRange {
            from: None,
            to: Some(local("2000-11-22 23:58:30")),
        },
        ..HeldFilter::default()
    };
    assert_eq!(held(early).await, everything[..1]);
    let just_this = HeldFilter {
        punches: vec![everything[2].id],
        ..HeldFilter::default()
    };
    assert_eq!(held(just_this).await, everything[2..]);
}

#[tokio::test]
async fn released_punches_are_shown_and_queued_with_their_corrected_time() {
    let (ledger, _) = with_wrong_clock().await;
    let before = all(&ledger).await;
    let done = release(&ledger, HeldFilter::default(), Some(BEHIND)).await;
    assert_eq!((done.punches, done.queued, done.left), (3, 3, 0));
    let times: Vec<_> = all(&ledger)
        .await
        .iter()
        .map(|punch| (punch.local_time.to_string(), punch.flag))
        .collect();
    let expected = [
        "2026-11-22 23:58:30",
        "2026-11-22 23:59:30",
        "2026-11-23 00:00:00",
        "2026-11-23 00:00:30",
        "2026-11-23 00:01:00",
        "2026-11-23 00:02:00",
        "2026-11-23 00:03:00",
    ]
    .map(|time| (time.to_owned(), TimeFlag::Ok));
    assert_eq!(times, expected);
    let ids = |punches: &[Punch]| {
        let mut ids: Vec<_> = punches
            .iter()
            .map(|punch| punch.record_id.clone())
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&all(&ledger).await), ids(&before));
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM punches WHERE local_time LIKE '2000-%'")
            .await,
        3,
        "the ledger itself stays"
    );
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")
            .await,
        7
    );
    assert_eq!(
        release(&ledger, HeldFilter::default(), None).await,
        Released::default()
    );
}

#[tokio::test]
async fn pages_and_counts_find_corrected_punches_where_they_are_now() {
    let (ledger, terminal) = with_wrong_clock().await;
    release(&ledger, HeldFilter::default(), Some(BEHIND)).await;
    let everything = all(&ledger).await;
    for limit in 1..=8 {
        let (mut up, mut down) = (Vec::new(), Vec::new());
        let (mut after, mut before): (Option<PunchCursor>, Option<PunchCursor>) = (None, None);
        let filter = PunchFilter::default();
        loop {
            let page = ledger.punches(&filter, after, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.into());
            up.extend(page);
        }
        loop {
            let page = ledger.latest_punches(&filter, before, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.into());
            down.extend(page);
        }
        down.reverse();
        assert_eq!(up, everything);
        assert_eq!(down, everything);
    }
    let old = PunchFilter {
        range: TimeRange {
            from: None,
            to: Some(local("2010-01-01 00:00:00")),
        },
        ..PunchFilter::default()
    };
    let cases = [
        (old, 0),
        (PunchFilter::default(), 7),
        (
            PunchFilter {
                people: vec!["1".to_owned()],
                terminal: Some(terminal),
                range: TimeRange {
                    from: Some(local("2026-11-22 23:58:30")),
                    to: Some(local("2026-11-23 00:00:30")),
                },
                meant: None,
            },
            3,
        ),
    ];
    for (filter, count) in cases {
        assert_eq!(ledger.count_punches(&filter).await.unwrap(), count);
        let found = ledger.punches(&filter, None, 10).await.unwrap();
        assert_eq!(found.len() as u64, count);
    }
}

#[tokio::test]
async fn what_no_destination_wants_with_its_time_as_it_is_now_is_withdrawn() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    let destination = ledger.default_receiver().await.id;
    let ahead = ["2099-01-01 00:00:00", "2099-02-01 00:00:00"];
    let punches = ahead.map(|time| implausible(punch("1", time))).into();
    ledger
        .ingest(Intake::of(terminal, punches), at(1))
        .await
        .unwrap();
    assert_eq!(ledger.outbox_counts(destination).await.unwrap().held, 2);
    // To 2025-12-08 and 2026-01-08; the destination begins with 2026.
    let done = release(&ledger, HeldFilter::default(), Some(-26_687)).await;
    assert_eq!((done.punches, done.queued), (2, 1));
    let counts = ledger.outbox_counts(destination).await.unwrap();
    assert_eq!((counts.held, counts.waiting, counts.withdrawn), (0, 1, 1));
}

#[tokio::test]
async fn a_shift_out_of_all_time_leaves_the_punch_held() {
    let (ledger, _) = with_wrong_clock().await;
    let done = release(&ledger, HeldFilter::default(), Some(4_000_000)).await;
    assert_eq!((done.punches, done.left), (0, 3));
    assert_eq!(ledger.count_held(&HeldFilter::default()).await.unwrap(), 3);
}

#[tokio::test]
async fn a_record_says_for_good_what_it_said_in_its_first_batch() {
    let (ledger, _, destination) = Ledger::with_waiting(2).await;
    let batch = open(&ledger, destination.id, 1).await.id;
    ledger.begin_attempt(batch, begun(), at(2)).await.unwrap();
    let sent = ledger.batch_records(batch).await.unwrap();
    correct_states(&ledger).await;
    assert_eq!(ledger.batch_records(batch).await.unwrap(), sent);
    let next = open(&ledger, destination.id, 1).await.id;
    let records = ledger.batch_records(next).await.unwrap();
    assert_eq!(
        (sent[0].state.code(), records[0].state.code()),
        (0, 4),
        "one that was not sent yet goes as it is known by now"
    );
}

#[tokio::test]
async fn a_record_that_is_sent_again_on_purpose_says_what_it_said_before() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    let first = open(&ledger, destination.id, 1).await;
    ledger
        .begin_attempt(first.id, begun(), at(2))
        .await
        .unwrap();
    let sent = ledger.batch_records(first.id).await.unwrap();
    ledger
        .settle_accepted(super::outcomes::note(&first, 3), Vec::new())
        .await
        .unwrap();
    correct_states(&ledger).await;
    ledger
        .queue_for_sending(
            destination.id,
            &PunchFilter::default(),
            Resend::Force,
            at(4),
        )
        .await
        .unwrap();
    let again = open(&ledger, destination.id, 1).await;
    let records = ledger.batch_records(again.id).await.unwrap();
    assert_eq!(
        (records[0].state, &records[0].record_id),
        (sent[0].state, &sent[0].record_id)
    );
    assert_eq!(
        all(&ledger).await[0].state.code(),
        4,
        "people see it corrected"
    );
}

#[tokio::test]
async fn a_batch_that_was_never_tried_lets_its_records_be_corrected() {
    let (ledger, _, destination) = Ledger::with_waiting(1).await;
    open(&ledger, destination.id, 1).await;
    correct_states(&ledger).await;
    let smaller = ExportChange {
        start_from: Some(local("2026-11-24 00:00:00")),
        ..ExportChange::default()
    };
    let back = ExportChange {
        start_from: Some(local("2026-01-01 00:00:00")),
        ..ExportChange::default()
    };
    for change in [smaller, back] {
        ledger
            .save_export_settings(change, at(3), local("2026-01-01 00:00:00"))
            .await
            .unwrap();
    }
    let next = open(&ledger, destination.id, 1).await;
    let records = ledger.batch_records(next.id).await.unwrap();
    assert_eq!(records[0].state.code(), 4);
}

/// As if the log had said so of every punch.
async fn correct_states(ledger: &Ledger) {
    ledger
        .alter(
            "INSERT INTO corrections (punch_id, kind, local_time, state, verify, work_code, zone, instant, flag, moved, by,
                reason, made_at)
            SELECT id, 'log', local_time, 4, verify, work_code, zone, instant, flag, 0, 'log', '', 0 FROM punches",
        )
        .await;
}

#[tokio::test]
async fn a_change_of_zone_corrects_instants_from_its_day_on_and_nothing_else() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    let other = ledger.terminal_at("10.0.0.2", "SN2").await.id;
    ledger.default_receiver().await;
    let times = [
        "2026-03-29 01:30:00",
        "2026-03-29 02:30:00",
        "2026-11-23 08:00:00",
    ];
    let punches = times.map(|time| punch("1", time)).into();
    ledger
        .ingest(Intake::of(terminal, punches), at(1))
        .await
        .unwrap();
    ledger
        .ingest(
            Intake::of(other, vec![punch_at("SN2", "1", times[2], 0)]),
            at(1),
        )
        .await
        .unwrap();
    let change = async || {
        ledger
            .change_zone(
                terminal,
                "Europe/Berlin",
                local("2026-03-29 02:00:00"),
                "Ada",
                at(2),
            )
            .await
            .unwrap()
    };
    assert_eq!(change().await, 2);
    assert_eq!(change().await, 0, "it is done already");
    let shown: Vec<_> = all(&ledger)
        .await
        .into_iter()
        .map(|punch| {
            (
                punch.local_time.to_string(),
                punch.zone,
                punch.instant.to_string(),
                punch.flag,
            )
        })
        .collect();
    let row = |time: &str, zone: &str, instant: &str, flag| {
        (time.to_owned(), zone.to_owned(), instant.to_owned(), flag)
    };
    assert_eq!(
        shown,
        [
            row(times[0], "UTC", "2026-03-29T01:30:00Z", TimeFlag::Ok),
            row(
                times[1],
                "Europe/Berlin",
                "2026-03-29T01:30:00Z",
                TimeFlag::Gap
            ),
            row(
                times[2],
                "Europe/Berlin",
                "2026-11-23T07:00:00Z",
                TimeFlag::Ok
            ),
            row(times[2], "UTC", "2026-11-23T08:00:00Z", TimeFlag::Ok),
        ]
    );
    let zone = ledger.terminal(terminal).await.unwrap().unwrap().zone;
    assert_eq!(zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM outbox WHERE state <> 'waiting'")
            .await,
        0
    );
}

#[tokio::test]
async fn corrections_are_listed_newest_first_with_what_the_terminal_gave() {
    let (ledger, terminal) = with_wrong_clock().await;
    release(&ledger, HeldFilter::default(), Some(BEHIND)).await;
    let all = ledger.corrections(None, None, 10).await.unwrap();
    let times: Vec<_> = all
        .iter()
        .map(|one| (one.given_time.to_string(), one.local_time.to_string()))
        .collect();
    assert_eq!(
        times[0],
        (
            "2000-11-23 00:00:30".to_owned(),
            "2026-11-23 00:00:30".to_owned()
        )
    );
    assert_eq!(
        (all[0].kind, all[0].by.as_str()),
        (CorrectionKind::Release, "Ada")
    );
    let rest = ledger
        .corrections(Some(terminal), Some(all[0].id), 10)
        .await
        .unwrap();
    assert_eq!(rest, all[1..]);
    let elsewhere = TerminalId(terminal.0 + 1);
    assert_eq!(
        ledger.corrections(Some(elsewhere), None, 10).await.unwrap(),
        []
    );
}
