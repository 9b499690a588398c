use zk_wire::{AttendanceEvent, Event, FreeSizes, Packet, Who, code, option_value};

/// What a terminal says by itself, and its short answers.
pub(crate) fn events(input: &[u8]) {
    let (session, payload) = match input {
        [low, high, payload @ ..] => (u16::from_le_bytes([*low, *high]), payload),
        short => (code::event::ATTENDANCE, short),
    };
    let packet = Packet {
        command: code::REG_EVENT,
        session,
        payload: payload.to_vec(),
        ..Packet::default()
    };
    assert!(
        Event::decode(&packet).is_some(),
        "an event was taken for something else"
    );
    if let Ok(event) = AttendanceEvent::decode(payload)
        && let Who::Pin(pin) = event.who
    {
        assert!(!pin.as_str().is_empty(), "a punch of nobody");
    }
    let sizes = FreeSizes::new(payload.to_vec());
    assert_eq!(sizes.raw(), payload);
    let _ = (
        sizes.users(),
        sizes.records(),
        sizes.record_capacity(),
        sizes.templates(),
    );
    assert!(option_value(payload).chars().count() <= payload.len());
}
