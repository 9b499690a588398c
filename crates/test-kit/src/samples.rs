//! Terminals and punches with everything filled in, for tests that care about one or two fields.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say so at once"
)]

use domain::{
    Address, LocalTime, NewPunch, Pin, PunchState, RecordId, Source, TimeFlag, Transport,
};
use jiff::tz::TimeZone;
use storage::NewTerminal;

/// A terminal to be registered at `host` or `host:port`, by TCP, without a key, enabled.
pub fn terminal_at(address: &str) -> NewTerminal {
    let address: Address = address.parse().expect("an address");
    NewTerminal {
        name: address.host.clone(),
        address,
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
    }
}

/// `2026-11-23 08:30:00`
pub fn local(time: &str) -> LocalTime {
    time.parse().expect("a local time")
}

/// A check-in by fingerprint at this local time, in UTC, of a person without a name. `serial` is the terminal's.
pub fn punch(serial: &str, pin: &str, time: &str) -> NewPunch {
    punch_with_state(serial, pin, time, 0)
}

/// Like [`punch`], with another punch key: 0 check in, 1 check out, 2 to 5 breaks and overtime.
pub fn punch_with_state(serial: &str, pin: &str, time: &str, state: u8) -> NewPunch {
    let (pin, local_time) = (Pin::new(pin).expect("a PIN"), local(time));
    let state = PunchState::new(state);
    let resolved = local_time.resolve(&TimeZone::UTC).expect("an instant");
    NewPunch {
        record_id: RecordId::derive(serial, &pin, local_time, state),
        person_name: pin.as_str().to_owned(),
        local_time,
        state,
        verify: 1,
        work_code: 0,
        zone: "UTC".to_owned(),
        instant: resolved.instant,
        flag: resolved.flag,
        source: Source::Pull,
        raw: format!("{pin} {local_time} {}", state.code()).into_bytes(),
        pin,
    }
}

/// So many check-ins, a minute apart from 2026-11-23 00:00:00 on, of as many persons in turn as given.
pub fn punches(serial: &str, count: usize, people: usize) -> Vec<NewPunch> {
    let start = local("2026-11-23 00:00:00").civil();
    (0..count)
        .map(|index| {
            let minutes = i64::try_from(index).expect("a small number");
            let time = LocalTime::from_civil(start + jiff::SignedDuration::from_mins(minutes));
            punch(
                serial,
                &(1 + index % people.max(1)).to_string(),
                &time.to_string(),
            )
        })
        .collect()
}

/// A punch whose time cannot be right.
pub fn implausible(punch: NewPunch) -> NewPunch {
    NewPunch {
        flag: TimeFlag::Implausible,
        ..punch
    }
}
