use domain::{LocalTime, Pin, TimeFlag};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    people::People,
    rows::{Decoded, Harvest, LogRow, Reading, Strangers, Who},
};

fn pin(text: &str) -> Pin {
    Pin::new(text).unwrap()
}

fn row(who: Who, time: &str) -> LogRow {
    let time: LocalTime = time.parse().unwrap();
    let raw = format!("{who:?} {time}").into_bytes();
    LogRow {
        raw,
        decoded: Ok(Decoded {
            who,
            time,
            state: 0,
            verify: 1,
            work_code: 0,
        }),
    }
}

fn by_pin(text: &str, time: &str) -> LogRow {
    row(Who::Pin(pin(text)), time)
}

fn people() -> People {
    let mut people = People::default();
    people.pins.insert(7, pin("1007"));
    people.names.insert(pin("1007"), "Ana".to_owned());
    people.names.insert(pin("1008"), String::new());
    people
}

/// Takes rows that the ledger does not know, and makes punches of them in Berlin on 2026-11-23.
fn harvest(rows: impl IntoIterator<Item = (LogRow, bool)>) -> Harvest {
    let mut harvest = Harvest::default();
    for (row, known) in rows {
        harvest.take(row, known);
    }
    harvest
}

fn punches(harvest: &mut Harvest) -> Vec<domain::NewPunch> {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    let people = people();
    let reading = Reading {
        identity: "A1",
        zone: &zone,
        zone_name: "Europe/Berlin",
        now,
        people: &people,
        source: domain::Source::Pull,
    };
    harvest
        .take_in_order()
        .into_iter()
        .map(|row| reading.punch(row).unwrap())
        .collect()
}

fn one(row: LogRow) -> domain::NewPunch {
    punches(&mut harvest([(row, false)])).remove(0)
}

#[test]
fn rows_that_the_ledger_knows_are_only_counted() {
    let harvest = harvest([(by_pin("1", "2026-11-23 08:00:00"), true)]);
    assert_eq!((harvest.seen, harvest.fresh.len()), (1, 0));
}

#[test]
fn exact_repeats_are_counted_whether_known_or_not() {
    let same = || by_pin("1", "2026-11-23 08:00:00");
    let harvest = harvest([(same(), true), (same(), true), (same(), false)]);
    assert_eq!((harvest.seen, harvest.repeats, harvest.known), (3, 2, 1));
}

#[test]
fn a_row_that_cannot_be_read_spoils_no_neighbour() {
    let broken = LogRow {
        raw: vec![1],
        decoded: Err("its time is no date".to_owned()),
    };
    let harvest = harvest([(broken, false), (by_pin("1", "2026-11-23 08:00:00"), false)]);
    assert_eq!(
        harvest.unreadable,
        [(vec![1], "its time is no date".to_owned())]
    );
    assert_eq!(harvest.fresh.len(), 1);
}

#[test]
fn punches_of_one_read_are_in_the_order_of_local_time() {
    let times = [
        "2026-11-23 09:00:00",
        "2026-11-23 07:00:00",
        "2026-11-23 08:00:00",
    ];
    let mut harvest = harvest(times.map(|time| (by_pin("1", time), false)));
    let hours: Vec<i8> = punches(&mut harvest)
        .iter()
        .map(|punch| punch.local_time.civil().hour())
        .collect();
    assert_eq!(hours, [7, 8, 9]);
}

#[test]
fn a_slot_number_becomes_the_pin_and_name_of_its_user() {
    let punch = one(row(Who::Slot(7), "2026-11-23 08:00:00"));
    assert_eq!(
        (punch.pin.as_str(), punch.person_name.as_str()),
        ("1007", "Ana")
    );
}

#[test]
fn the_slot_of_nobody_stays_a_number() {
    assert_eq!(
        one(row(Who::Slot(9), "2026-11-23 08:00:00")).pin.as_str(),
        "9"
    );
}

#[test]
fn a_person_without_a_name_goes_by_the_pin() {
    assert_eq!(
        one(by_pin("1008", "2026-11-23 08:00:00")).person_name,
        "1008"
    );
}

#[test]
fn local_time_is_an_instant_in_the_terminals_zone() {
    let punch = one(by_pin("1", "2026-11-23 08:00:00"));
    assert_eq!(punch.instant, "2026-11-23T07:00:00Z".parse().unwrap());
    assert_eq!(punch.flag, TimeFlag::Ok);
}

#[test]
fn gap_and_fold_are_flagged() {
    assert_eq!(one(by_pin("1", "2026-03-29 02:30:00")).flag, TimeFlag::Gap);
    assert_eq!(one(by_pin("1", "2026-10-25 02:30:00")).flag, TimeFlag::Fold);
}

#[test]
fn the_far_past_and_the_future_are_implausible() {
    assert_eq!(
        one(by_pin("1", "2009-12-31 23:59:59")).flag,
        TimeFlag::Implausible
    );
    assert_eq!(
        one(by_pin("1", "2026-11-24 10:00:00")).flag,
        TimeFlag::Implausible
    );
}

#[test]
fn a_row_far_behind_the_known_row_before_it_is_implausible() {
    let known = (by_pin("1", "2026-11-20 08:00:00"), true);
    let late = (by_pin("1", "2026-10-01 08:00:00"), false);
    assert_eq!(
        punches(&mut harvest([known.clone(), late.clone()]))[0].flag,
        TimeFlag::Implausible
    );
    assert_eq!(punches(&mut harvest([late, known]))[0].flag, TimeFlag::Ok);
}

#[test]
fn strangers_by_slot_weigh_more_than_strangers_by_pin() {
    let time = "2026-11-23 08:00:00";
    let known = harvest([
        (by_pin("1007", time), false),
        (row(Who::Slot(7), time), false),
    ]);
    assert_eq!(known.strangers(&people()), Strangers::None);
    let named = harvest([(by_pin("2", time), false), (by_pin("1007", time), false)]);
    assert_eq!(named.strangers(&people()), Strangers::Named);
    let numbered = harvest([(row(Who::Slot(8), time), false), (by_pin("2", time), false)]);
    assert_eq!(numbered.strangers(&people()), Strangers::Numbered);
}

#[test]
fn strangers_in_rows_that_are_known_do_not_count() {
    let known = harvest([(by_pin("2", "2026-11-23 08:00:00"), true)]);
    assert_eq!(known.strangers(&people()), Strangers::None);
}

#[test]
fn the_same_log_has_the_same_fingerprint_and_another_row_changes_it() {
    let first = || (by_pin("1", "2026-11-23 08:00:00"), false);
    let other = (by_pin("1", "2026-11-23 08:00:01"), false);
    assert_eq!(
        harvest([first()]).fingerprint(),
        harvest([first()]).fingerprint()
    );
    assert_ne!(
        harvest([first()]).fingerprint(),
        harvest([other]).fingerprint()
    );
}

#[test]
fn rows_that_name_a_slot_are_set_aside_and_counted_once_each() {
    let by_slot = |slot| row(Who::Slot(slot), "2026-11-23 08:00:00");
    let known = by_slot(7);
    let mut harvest = harvest([
        (known.clone(), true),
        (known, false),
        (by_slot(8), false),
        (by_slot(8), false),
        (by_pin("1007", "2026-11-23 08:00:00"), false),
    ]);
    harvest.set_slots_aside("nobody says whose it is");
    assert_eq!((harvest.seen, harvest.known, harvest.repeats), (5, 1, 0));
    assert_eq!((harvest.unreadable.len(), harvest.fresh.len()), (3, 1));
    assert!(!harvest.names_slots());
}

#[test]
fn what_one_read_keeps_of_unreadable_rows_has_an_end() {
    let piece = |nth: u32| LogRow {
        raw: [nth.to_le_bytes().to_vec(), vec![0; 3_916]].concat(),
        decoded: Err("nobody knows its layout".to_owned()),
    };
    let harvest = harvest((0..4_000).map(|nth| (piece(nth), false)));
    let kept: usize = harvest.unreadable.iter().map(|(raw, _)| raw.len()).sum();
    assert!((7 << 20..8 << 20).contains(&kept), "{kept}");
    assert_eq!(harvest.unreadable.len() as u64 + harvest.not_kept, 4_000);
}
