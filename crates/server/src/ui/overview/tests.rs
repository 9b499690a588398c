use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    cards::{DeliveryCard, TerminalCard},
    punch_row::PunchRow,
    terminal_names, terminal_pill,
    verdict::Verdict,
};
use crate::{
    actions::{
        AlarmView, DestinationState, DestinationStatus, PauseView, PunchView, SyncStatus,
        TerminalStatusView,
    },
    ui::frame::Tone,
};

fn now() -> Timestamp {
    "2026-11-25T08:30:00Z".parse().unwrap()
}

fn terminal() -> TerminalStatusView {
    TerminalStatusView {
        id: 1,
        name: "Front door".to_owned(),
        serial_number: Some("AB123".to_owned()),
        address: "192.168.1.201:4370".to_owned(),
        enabled: true,
        default: true,
        connected: true,
        busy: false,
        stale: false,
        last_seen: Some(now()),
        last_sync: Some(now()),
        next_sync: Some(now() + SignedDuration::from_secs(60)),
        records: 12,
        records_on_device: Some(12),
        last_record: None,
        clock_offset: Some(4),
        live_state: "on",
        live_reason: None,
        failures: 0,
        last_error: None,
        last_error_code: None,
        last_error_at: None,
    }
}

fn silent() -> TerminalStatusView {
    TerminalStatusView {
        name: "Gate".to_owned(),
        connected: false,
        stale: true,
        last_error: Some("nothing listens there".to_owned()),
        ..terminal()
    }
}

fn receiver() -> DestinationStatus {
    DestinationStatus {
        id: 1,
        name: "default".to_owned(),
        export_url: Some("https://hr.example/data".to_owned()),
        auto_export: true,
        state: DestinationState::Idle,
        paused: None,
        waiting: 0,
        delivered: 12,
        failed: 0,
        held: 0,
        withdrawn: 0,
        waiting_since: None,
        failures: 0,
        retry_at: None,
        single_records: false,
        last_attempt: None,
        last_success: None,
        last_status: None,
        last_error: None,
        last_error_at: None,
    }
}

fn status(devices: Vec<TerminalStatusView>, destinations: Vec<DestinationStatus>) -> SyncStatus {
    SyncStatus {
        last_sync: None,
        next_sync: None,
        interval: 60,
        records: devices.iter().map(|device| device.records).sum(),
        waiting: 0,
        delivered: 0,
        failed: 0,
        devices,
        destinations,
        alarms: Vec::new(),
    }
}

fn verdict(
    devices: Vec<TerminalStatusView>,
    destinations: Vec<DestinationStatus>,
) -> (Tone, String) {
    let verdict = Verdict::of(&status(devices, destinations), now());
    (verdict.tone, verdict.headline)
}

#[test]
fn all_is_delivered_when_nothing_waits_and_every_terminal_answers() {
    let (tone, headline) = verdict(vec![terminal()], vec![receiver()]);
    assert_eq!(
        (tone, headline.as_str()),
        (Tone::Good, "All punches are delivered")
    );
}

#[test]
fn without_terminals_there_is_nothing_to_say() {
    assert_eq!(verdict(vec![], vec![receiver()]).0, Tone::Idle);
}

#[test]
fn without_a_receiver_the_sentence_says_so() {
    let (tone, headline) = verdict(vec![terminal()], vec![]);
    assert_eq!(tone, Tone::Warn);
    assert_eq!(
        headline,
        "Nothing is delivered: 12 punches are here, and no receiver is set"
    );
}

#[test]
fn a_paused_receiver_is_red_whatever_else_holds() {
    let pause = PauseView {
        code: "unauthorized".to_owned(),
        reason: "it answered 401".to_owned(),
        since: now(),
        probe_at: None,
    };
    let paused = DestinationStatus {
        paused: Some(pause),
        waiting: 1,
        failed: 3,
        ..receiver()
    };
    let (tone, headline) = verdict(vec![terminal()], vec![paused]);
    assert_eq!(
        (tone, headline.as_str()),
        (Tone::Bad, "Delivery is paused: 1 punch waits")
    );
}

#[test]
fn what_is_held_is_told_with_its_cause() {
    let held = || DestinationStatus {
        held: 3,
        ..receiver()
    };
    let (tone, headline) = verdict(vec![terminal()], vec![held()]);
    assert_eq!(
        (tone, headline.as_str()),
        (
            Tone::Warn,
            "All is delivered, except 3 punches of people who are not known"
        )
    );
    let mut status = status(vec![terminal()], vec![held()]);
    status.alarms.push(AlarmView {
        code: "held_records",
        device: None,
        text: String::new(),
    });
    assert_eq!(
        Verdict::of(&status, now()).headline,
        "All is delivered, except that 3 punches have a time that cannot be right"
    );
}

#[test]
fn a_receiver_that_somebody_paused_is_told_so_even_without_an_address() {
    let paused = DestinationStatus {
        state: DestinationState::Paused,
        export_url: None,
        waiting: 2,
        ..receiver()
    };
    let card = DeliveryCard::new(&paused, now(), &TimeZone::UTC);
    assert_eq!(card.pill.word, "Paused");
    assert!(card.error.unwrap().starts_with("Somebody paused it."));
    assert_eq!(
        verdict(vec![terminal()], vec![paused]),
        (Tone::Warn, "Delivery is paused: 2 punches wait".to_owned())
    );
}

#[test]
fn of_several_receivers_the_worst_is_named() {
    let refusing = DestinationStatus {
        id: 2,
        name: "ERP".to_owned(),
        failed: 2,
        ..receiver()
    };
    let failing = DestinationStatus {
        id: 3,
        name: "Payroll".to_owned(),
        failures: 2,
        waiting: 5,
        ..receiver()
    };
    let (tone, headline) = verdict(vec![terminal()], vec![receiver(), refusing, failing]);
    assert_eq!(tone, Tone::Bad);
    assert!(
        headline.starts_with("Payroll: Not everything is delivered"),
        "{headline}"
    );
    let (tone, headline) = verdict(vec![terminal()], vec![receiver(), receiver()]);
    assert_eq!(
        (tone, headline.as_str()),
        (Tone::Good, "All punches are delivered")
    );
}

#[test]
fn a_receiver_that_fails_is_red() {
    let failing = DestinationStatus {
        failures: 2,
        waiting: 5,
        ..receiver()
    };
    assert_eq!(verdict(vec![terminal()], vec![failing]).0, Tone::Bad);
}

#[test]
fn punches_that_just_came_are_on_their_way_and_no_reason_to_worry() {
    let since = now() - SignedDuration::from_secs(20);
    let sending = DestinationStatus {
        waiting: 3,
        waiting_since: Some(since),
        ..receiver()
    };
    let (tone, headline) = verdict(vec![terminal()], vec![sending]);
    assert_eq!(
        (tone, headline.as_str()),
        (
            Tone::Good,
            "Delivery is well: 3 punches are just on the way"
        )
    );
}

#[test]
fn punches_that_wait_longer_are_amber() {
    let since = now() - SignedDuration::from_mins(10);
    let slow = DestinationStatus {
        waiting: 3,
        waiting_since: Some(since),
        ..receiver()
    };
    assert_eq!(verdict(vec![terminal()], vec![slow]).0, Tone::Warn);
}

#[test]
fn refused_punches_are_amber_and_counted() {
    let refusing = DestinationStatus {
        failed: 2,
        ..receiver()
    };
    let (tone, headline) = verdict(vec![terminal()], vec![refusing]);
    assert_eq!(tone, Tone::Warn);
    assert_eq!(
        headline,
        "Not everything is delivered: 2 punches were refused by the receiver"
    );
}

#[test]
fn punches_that_wait_while_delivery_is_off_are_not_delivered() {
    let off = DestinationStatus {
        auto_export: false,
        waiting: 2,
        ..receiver()
    };
    assert_eq!(
        verdict(vec![terminal()], vec![off]),
        (
            Tone::Warn,
            "Not everything is delivered: 2 punches wait".to_owned()
        )
    );
}

#[test]
fn a_silent_terminal_may_hold_punches_that_nobody_has_seen() {
    let (tone, headline) = verdict(vec![terminal(), silent()], vec![receiver()]);
    assert_eq!(
        (tone, headline.as_str()),
        (
            Tone::Warn,
            "All that arrived is delivered, but Gate does not answer"
        )
    );
}

#[test]
fn what_paused_leads_to_where_it_is_resumed() {
    let paused = DestinationStatus {
        id: 7,
        state: DestinationState::Paused,
        ..receiver()
    };
    let status = status(vec![terminal()], vec![paused]);
    let next = Verdict::of(&status, now()).next.unwrap();
    assert_eq!(next.href, "/destinations/7");
}

#[test]
fn a_terminal_that_answers_but_may_not_be_read_is_not_called_silent() {
    let doubled = TerminalStatusView {
        last_error: Some("two terminals cannot share one".to_owned()),
        last_error_code: Some("conflict".to_owned()),
        ..silent()
    };
    assert_eq!(terminal_pill(&doubled).word, "Cannot be read");
    let (tone, headline) = verdict(vec![terminal(), doubled], vec![receiver()]);
    assert_eq!(
        (tone, headline.as_str()),
        (
            Tone::Warn,
            "All that arrived is delivered, but Gate cannot be read"
        )
    );
}

#[test]
fn a_disabled_terminal_is_nobodys_worry() {
    let disabled = TerminalStatusView {
        enabled: false,
        ..silent()
    };
    assert_eq!(
        verdict(vec![terminal(), disabled], vec![receiver()]).0,
        Tone::Good
    );
}

#[test]
fn a_terminal_is_called_offline_only_while_it_should_answer() {
    assert_eq!(terminal_pill(&terminal()).word, "Online");
    assert_eq!(terminal_pill(&silent()).word, "Offline");
    assert_eq!(
        terminal_pill(&TerminalStatusView {
            enabled: false,
            ..silent()
        })
        .word,
        "Disabled"
    );
    let fresh = TerminalStatusView {
        connected: false,
        busy: true,
        last_seen: None,
        ..terminal()
    };
    assert_eq!(terminal_pill(&fresh).word, "Connecting");
}

#[test]
fn a_clock_that_is_off_by_minutes_stands_out() {
    let card = |offset| {
        let device = TerminalStatusView {
            clock_offset: Some(offset),
            ..terminal()
        };
        TerminalCard::new(&device, now(), &TimeZone::UTC)
            .drift
            .unwrap()
    };
    assert_eq!(
        (card(4).text.as_str(), card(4).is_bad),
        ("4 s ahead", false)
    );
    assert_eq!(
        (card(-200).text.as_str(), card(-200).is_bad),
        ("3 min behind", true)
    );
}

#[test]
fn a_punch_is_shown_with_the_name_of_its_terminal_and_what_is_odd_about_it() {
    let punch = PunchView {
        employee_id: "0042".to_owned(),
        employee_name: "Amina".to_owned(),
        timestamp: "2026-11-25 08:30:00".to_owned(),
        date: "2026-11-25".to_owned(),
        time: "08:30:00".to_owned(),
        punch_type: "Check In",
        record_id: "ab".to_owned(),
        state: 0,
        verify_mode: 1,
        work_code: 0,
        device: "AB123".to_owned(),
        source: "pull",
        flag: "implausible",
        user_id: "0042".to_owned(),
        number: 17,
    };
    let row = PunchRow::new(&punch, &terminal_names(&[terminal()]));
    assert_eq!(
        (row.terminal.as_str(), row.user_id.as_str()),
        ("Front door", "0042")
    );
    assert_eq!(
        row.odd.map(|odd| odd.word),
        Some("Time cannot be right".to_owned())
    );
    assert_eq!(PunchRow::new(&punch, &HashMap::new()).terminal, "AB123");
}

#[test]
fn the_feed_tells_the_date_only_of_other_days() {
    let row = PunchRow {
        href: String::new(),
        id: String::new(),
        date: "2026-11-25".to_owned(),
        time: "08:30:00".to_owned(),
        name: String::new(),
        user_id: String::new(),
        what: "Check In",
        terminal: String::new(),
        odd: None,
        sent: Vec::new(),
    };
    assert_eq!(row.clone().of_today("2026-11-25").date, "");
    assert_eq!(row.of_today("2026-11-26").date, "2026-11-25");
}
