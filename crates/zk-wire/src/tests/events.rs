//! Section 11 of the fact sheet.

use rstest::rstest;

use super::{bytes, packet, time, unframed};
use crate::{Alarm, AlarmKind, AttendanceEvent, EnrollResult, Event, PinText, Unreadable, code};

#[test]
fn a_real_face_punch_is_read() {
    let event = AttendanceEvent::decode(&bytes(
        "3131343030363400000000000000000000000000000000000f00120b1d0c3703",
    ))
    .unwrap();
    assert_eq!(
        (event.who.to_string().as_str(), event.verify, event.state),
        ("1140064", 15, 0)
    );
    assert_eq!(event.time, time(2018, 11, 29, 12, 55, 3));
}

#[rstest]
#[case::zem560(10, "258")]
#[case::zem600(12, "50462978")]
#[case::zem300(14, "258")]
#[case::f19(32, "12")]
#[case::four_more(36, "12")]
#[case::uface(37, "12")]
#[case::newer(52, "12")]
#[case::newest(80, "12")]
fn an_event_of_each_length_seen_names_who_punched(#[case] length: usize, #[case] who: &str) {
    let id: &[u8] = match length {
        10 | 14 => &[2, 1],
        12 => &[2, 1, 2, 3],
        _ => b"12\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    };
    let mut payload = [id, &[1, 4, 26, 11, 23, 8, 30, 0]].concat();
    payload.resize(length, 0x77);
    let event = AttendanceEvent::decode(&payload).unwrap();
    assert_eq!(
        (event.who.to_string().as_str(), event.verify, event.state),
        (who, 1, 4)
    );
    assert_eq!(event.time, time(2026, 11, 23, 8, 30, 0));
}

#[rstest]
#[case(0)]
#[case(9)]
#[case(11)]
#[case(13)]
#[case(15)]
#[case(31)]
fn an_event_of_another_length_is_told_unreadable(#[case] length: usize) {
    let event = Event::decode(&packet(
        code::REG_EVENT,
        code::event::ATTENDANCE,
        0,
        &vec![1; length],
    ));
    assert_eq!(event, Some(Event::Attendance(Err(Unreadable::Short))));
}

#[test]
fn an_event_with_an_impossible_date_is_told_unreadable() {
    let payload = [7, 0, 1, 0, 26, 2, 31, 8, 30, 0];
    assert!(matches!(
        AttendanceEvent::decode(&payload),
        Err(Unreadable::Time(_))
    ));
}

#[rstest]
#[case::state(0x13, 3)]
#[case::none(255, 255)]
#[case::plain(5, 5)]
fn the_state_of_an_old_event_shares_its_byte_with_its_validity(
    #[case] byte: u8,
    #[case] state: u8,
) {
    let event = AttendanceEvent::decode(&[7, 0, 1, byte, 26, 11, 23, 8, 30, 0]).unwrap();
    assert_eq!(event.state, state);
}

/// A punch in `length` bytes.
fn told(length: usize, id: u8, second: u8) -> Vec<u8> {
    let id = match length {
        10 | 14 => vec![id, 0],
        12 => vec![id, 0, 0, 0],
        _ => [vec![b'0' + id], vec![0; 23]].concat(),
    };
    let mut payload = [id, vec![1, 0, 26, 11, 23, 8, 30, second]].concat();
    payload.resize(length, 0);
    payload
}

fn who(event: &Event) -> String {
    match event {
        Event::Attendance(Ok(punch)) => format!("{} at {}", punch.who, punch.time.second),
        other => format!("{other:?}"),
    }
}

#[rstest]
fn several_punches_of_one_packet_are_all_told(
    #[values(10, 12, 14, 32, 36, 37, 52)] length: usize,
    #[values(2, 3, 5)] count: u8,
) {
    let payload: Vec<u8> = (1..=count).flat_map(|nth| told(length, nth, nth)).collect();
    let events = Event::decode_all(&packet(
        code::REG_EVENT,
        code::event::ATTENDANCE,
        0,
        &payload,
    ));
    let told: Vec<_> = events.iter().map(who).collect();
    let expected: Vec<_> = (1..=count).map(|nth| format!("{nth} at {nth}")).collect();
    assert_eq!(told, expected);
    assert_eq!(
        Event::decode(&packet(
            code::REG_EVENT,
            code::event::ATTENDANCE,
            0,
            &payload
        ))
        .as_ref(),
        events.first()
    );
}

#[rstest]
fn a_long_event_with_a_tail_is_one_punch(#[values(60, 64, 72, 80, 104)] length: usize) {
    for filler in [0, 0x77, 0xff] {
        let mut payload = told(32, 4, 9);
        payload.resize(length, filler);
        let events = Event::decode_all(&packet(
            code::REG_EVENT,
            code::event::ATTENDANCE,
            0,
            &payload,
        ));
        assert_eq!(events.iter().map(who).collect::<Vec<_>>(), ["4 at 9"]);
    }
}

fn event(kind: u16, payload: &[u8]) -> Option<Event> {
    Event::decode(&packet(code::REG_EVENT, kind, 0, payload))
}

#[test]
fn a_real_score_of_a_finger_is_read() {
    let score = Event::decode(&unframed("5050827d09000000f401a7fc0001000064"));
    assert_eq!(score, Some(Event::FingerScore(100)));
}

#[rstest]
#[case::finger(2, "", Event::Finger)]
#[case::verified(128, "0700000001", Event::Verify { uid: Some(7), result: 1 })]
#[case::nobody_verified(128, "ffffffff00", Event::Verify { uid: None, result: 0 })]
#[case::bad_score(256, "00", Event::FingerScore(0))]
#[case::user(4, "2c01", Event::EnrollUser(300))]
#[case::user_in_four_bytes(4, "2c010000", Event::EnrollUser(300))]
#[case::finger_enrolled(8, "0000d404313030323334000000 06", enrolled(EnrollResult::Done))]
#[case::failed(8, "0400d404313030323334000000 06", enrolled(EnrollResult::Failed))]
#[case::duplicate(8, "0500d404313030323334000000 06", enrolled(EnrollResult::Duplicate))]
#[case::too_late(8, "0600d404313030323334000000 06", enrolled(EnrollResult::TooLate))]
#[case::unknown_result(8, "0900d404313030323334000000 06", enrolled(EnrollResult::Other(9)))]
#[case::button(16, "05", Event::Button(5))]
#[case::button_of_two_bytes(16, "0501", Event::Button(261))]
#[case::button_of_four_bytes(16, "05010000", Event::Button(261))]
#[case::unlock(32, "", Event::Unlock)]
#[case::misoperation(512, "3a000000", alarm(AlarmKind::Misoperation, None))]
#[case::tamper(512, "37000000", alarm(AlarmKind::Tamper, None))]
#[case::exit_button(512, "35000000", alarm(AlarmKind::ExitButton, None))]
#[case::door_closing(512, "5400000000000000", alarm(AlarmKind::DoorClosing, None))]
#[case::duress(512, "ffffffff2000070001000000", alarm(AlarmKind::Duress, Some(7)))]
#[case::passback(512, "ffffffff2200070001000000", alarm(AlarmKind::Passback, Some(7)))]
#[case::unknown_alarm(512, "99000000", alarm(AlarmKind::Other(0x99), None))]
#[case::unknown_long_alarm(512, "ffffffff2300000001000000", alarm(AlarmKind::Other(0x23), None))]
fn events_of_all_kinds_are_read(#[case] kind: u16, #[case] payload: &str, #[case] expected: Event) {
    assert_eq!(
        event(kind, &bytes(&payload.replace(' ', ""))),
        Some(expected)
    );
}

fn enrolled(result: EnrollResult) -> Event {
    Event::EnrollFinger {
        result,
        size: 0x4d4,
        pin: PinText::new(b"100234"),
        finger: 6,
    }
}

fn alarm(kind: AlarmKind, uid: Option<u16>) -> Event {
    Event::Alarm(Alarm { kind, uid })
}

#[rstest]
#[case::unknown_kind(64, "0102")]
#[case::no_kind(0, "")]
#[case::finger_with_bytes(2, "01")]
#[case::verify_of_another_length(128, "07000000")]
#[case::enrolled_of_another_length(8, "0000d404")]
#[case::alarm_of_another_length(512, "37")]
#[case::long_alarm_of_another_form(512, "070000002000070001000000")]
fn events_of_another_kind_or_length_keep_their_bytes(#[case] kind: u16, #[case] payload: &str) {
    let payload = bytes(payload);
    assert_eq!(event(kind, &payload), Some(Event::Other { kind, payload }));
}

#[test]
fn a_reply_is_no_event() {
    assert_eq!(Event::decode(&packet(code::ACK_OK, 1, 0, b"")), None);
    assert_eq!(Event::decode_all(&packet(code::ACK_OK, 1, 0, b"")), []);
}
