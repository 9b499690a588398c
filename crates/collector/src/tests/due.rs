use domain::{
    Address, ClockPolicy, LiveMode, StateVerifyOrder, Terminal, TerminalHealth, TerminalId,
    TerminalInfo, Transport,
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use zk_wire::{Counts, FreeSizes};

use crate::line::due::{Remembered, are_users};

pub(super) fn terminal() -> Terminal {
    Terminal {
        id: TerminalId(1),
        identity: Some("A1".to_owned()),
        serial: Some("A1".to_owned()),
        name: "Gate".to_owned(),
        address: Address::new("10.0.0.5", 4370).unwrap(),
        transport: Transport::Tcp,
        comm_key: None,
        zone: None,
        interval: None,
        connect_timeout: None,
        enabled: true,
        live: LiveMode::Auto,
        clock_policy: ClockPolicy::Measure,
        code_page: None,
        site: None,
        order16: StateVerifyOrder::StateFirst,
        is_default: false,
        registered_at: Timestamp::UNIX_EPOCH,
        closed_at: None,
        replaced_by: None,
        info: TerminalInfo::default(),
        health: TerminalHealth::default(),
    }
}

const COUNTS: Counts = Counts {
    users: 5,
    templates: 3,
    records: 100,
    operations: 7,
    admins: 1,
    passwords: 0,
    template_capacity: 1_000,
    user_capacity: 1_000,
    record_capacity: 1_000,
};

fn answer(counts: Counts) -> FreeSizes {
    FreeSizes::new(FreeSizes::encode(&counts, 23))
}

fn now() -> Timestamp {
    "2026-11-23T08:30:00Z".parse().unwrap()
}

/// They were read so long ago, when the counters were as in `COUNTS`.
fn due_after(age: SignedDuration, says: &FreeSizes) -> bool {
    let mut terminal = terminal();
    terminal.info.counters = Some(answer(COUNTS).raw().to_vec());
    terminal.info.users_says = Some(COUNTS.users);
    let read_at = Some(now() - age);
    are_users(
        &terminal,
        read_at,
        &Remembered::default(),
        Some(says),
        now(),
    )
}

#[rstest]
#[case::nothing_changed(COUNTS, false)]
#[case::one_more_punch(Counts { records: 101, ..COUNTS }, false)]
#[case::one_more_user(Counts { users: 6, ..COUNTS }, true)]
#[case::a_renamed_user_is_an_operation(Counts { operations: 8, ..COUNTS }, true)]
fn counters_tell_whether_users_may_have_changed(#[case] now: Counts, #[case] due: bool) {
    assert_eq!(due_after(SignedDuration::from_hours(1), &answer(now)), due);
}

#[test]
fn users_are_read_again_after_six_hours() {
    let says = answer(COUNTS);
    assert!(!due_after(SignedDuration::from_hours(6), &says));
    assert!(due_after(SignedDuration::from_mins(6 * 60 + 1), &says));
}

#[test]
fn users_that_were_never_read_are_due() {
    assert!(are_users(
        &terminal(),
        None,
        &Remembered::default(),
        Some(&answer(COUNTS)),
        now()
    ));
}

#[test]
fn what_was_asked_for_is_read() {
    let mut terminal = terminal();
    terminal.info.counters = Some(answer(COUNTS).raw().to_vec());
    let asked = Remembered {
        due: true,
        ..Remembered::default()
    };
    assert!(are_users(
        &terminal,
        Some(now()),
        &asked,
        Some(&answer(COUNTS)),
        now()
    ));
}

#[test]
fn a_terminal_that_counts_nothing_is_not_read_for_that() {
    let nothing = FreeSizes::new([0; 4]);
    let remembered = Remembered {
        counters: Some(nothing.raw().to_vec()),
        ..Remembered::default()
    };
    let read_at = Some(now());
    assert!(!are_users(
        &terminal(),
        read_at,
        &remembered,
        Some(&nothing),
        now()
    ));
}

#[test]
fn a_table_of_users_that_never_adds_up_is_not_read_every_time() {
    // The terminal counts one user more than its table has.
    let says = answer(Counts { users: 6, ..COUNTS });
    let mut terminal = terminal();
    terminal.info.users_says = Some(5);
    let remembered = Remembered {
        counters: Some(says.raw().to_vec()),
        ..Remembered::default()
    };
    assert!(!are_users(
        &terminal,
        Some(now()),
        &remembered,
        Some(&says),
        now()
    ));
}
