use domain::{Address, Terminal, TerminalHealth, TerminalId, TerminalInfo, Transport};
use jiff::{SignedDuration, Timestamp};
use zk_wire::{Counts, FreeSizes};

use crate::line::due::{Due, Remembered};

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
        live: domain::LiveMode::default(),
        clock_policy: domain::ClockPolicy::default(),
        code_page: None,
        order16: domain::StateVerifyOrder::default(),
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

/// All was read an hour ago, when the counters said `counts`.
fn due(counts: Counts, says: Option<&FreeSizes>) -> Due {
    due_after(SignedDuration::from_hours(1), counts, says)
}

fn due_after(age: SignedDuration, counts: Counts, says: Option<&FreeSizes>) -> Due {
    let mut terminal = terminal();
    terminal.info.counters = Some(answer(counts).raw().to_vec());
    terminal.info.users_says = Some(counts.users);
    let read_at = Some(now() - age);
    let health = TerminalHealth {
        users_read_at: read_at,
        punches_read_at: read_at,
        ..TerminalHealth::default()
    };
    Due::of(&terminal, &health, &Remembered::default(), says, now())
}

const NOTHING: Due = Due {
    users: false,
    log: false,
};
const LOG_ONLY: Due = Due {
    users: false,
    log: true,
};
const BOTH: Due = Due {
    users: true,
    log: true,
};

#[test]
fn unchanged_counters_mean_that_nothing_is_read() {
    assert_eq!(due(COUNTS, Some(&answer(COUNTS))), NOTHING);
}

#[test]
fn one_more_punch_has_the_log_read_but_not_the_users() {
    let more = Counts {
        records: 101,
        ..COUNTS
    };
    assert_eq!(due(COUNTS, Some(&answer(more))), LOG_ONLY);
}

#[test]
fn one_more_user_has_both_read() {
    let more = Counts { users: 6, ..COUNTS };
    assert_eq!(due(COUNTS, Some(&answer(more))), BOTH);
}

#[test]
fn a_renamed_user_shows_in_the_count_of_operations() {
    let more = Counts {
        operations: 8,
        ..COUNTS
    };
    assert!(due(COUNTS, Some(&answer(more))).users);
}

#[test]
fn a_full_log_is_read_although_its_count_stays() {
    let full = Counts {
        records: 1_000,
        ..COUNTS
    };
    assert_eq!(due(full, Some(&answer(full))), LOG_ONLY);
}

#[test]
fn a_terminal_that_refuses_its_counters_is_read_every_time() {
    assert_eq!(due(COUNTS, None), LOG_ONLY);
}

#[test]
fn a_terminal_that_counts_nothing_is_read_every_time() {
    let nothing = FreeSizes::new([0; 4]);
    let mut terminal = terminal();
    terminal.info.counters = Some(nothing.raw().to_vec());
    let at = Some(now());
    let health = TerminalHealth {
        users_read_at: at,
        punches_read_at: at,
        ..TerminalHealth::default()
    };
    let remembered = Remembered {
        due: false,
        counters: Some(nothing.raw().to_vec()),
    };
    assert_eq!(
        Due::of(&terminal, &health, &remembered, Some(&nothing), now()),
        LOG_ONLY
    );
}

#[test]
fn users_are_read_again_after_six_hours_and_the_log_after_a_day() {
    let says = answer(COUNTS);
    let six = SignedDuration::from_mins(6 * 60 + 1);
    assert_eq!(
        due_after(six, COUNTS, Some(&says)),
        Due {
            users: true,
            log: false
        }
    );
    let day = SignedDuration::from_mins(24 * 60 + 1);
    assert_eq!(due_after(day, COUNTS, Some(&says)), BOTH);
}

#[test]
fn a_terminal_that_was_never_read_is_read_whole() {
    let health = TerminalHealth::default();
    let says = answer(COUNTS);
    assert_eq!(
        Due::of(
            &terminal(),
            &health,
            &Remembered::default(),
            Some(&says),
            now()
        ),
        BOTH
    );
}

#[test]
fn what_was_asked_for_is_read() {
    let mut terminal = terminal();
    terminal.info.counters = Some(answer(COUNTS).raw().to_vec());
    let at = Some(now());
    let health = TerminalHealth {
        users_read_at: at,
        punches_read_at: at,
        ..TerminalHealth::default()
    };
    let asked = Remembered {
        due: true,
        counters: None,
    };
    let due = Due::of(&terminal, &health, &asked, Some(&answer(COUNTS)), now());
    assert_eq!(
        due,
        Due {
            users: true,
            log: false
        }
    );
}

#[test]
fn a_table_of_users_that_never_adds_up_is_not_read_every_time() {
    // The terminal counts one user more than its table has.
    let says = answer(Counts { users: 6, ..COUNTS });
    let mut terminal = terminal();
    terminal.info.users_says = Some(5);
    let at = Some(now());
    let health = TerminalHealth {
        users_read_at: at,
        punches_read_at: at,
        ..TerminalHealth::default()
    };
    let remembered = Remembered {
        due: false,
        counters: Some(says.raw().to_vec()),
    };
    assert!(!Due::of(&terminal, &health, &remembered, Some(&says), now()).users);
}
