//! Section 11 of the fact sheet.

use rstest::rstest;

use super::{bytes, packet, time, unframed};
use crate::{AttendanceEvent, Event, Unreadable, code};

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

#[test]
fn other_events_keep_their_kind_and_bytes() {
    let score = Event::decode(&unframed("5050827d09000000f401a7fc0001000064"));
    assert_eq!(
        score,
        Some(Event::Other {
            kind: code::event::FINGER_SCORE,
            payload: vec![100]
        })
    );
}

#[test]
fn a_reply_is_no_event() {
    assert_eq!(Event::decode(&packet(code::ACK_OK, 1, 0, b"")), None);
}
