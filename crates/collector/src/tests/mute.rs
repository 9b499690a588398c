use std::time::Duration;

use tokio::time::Instant;

use crate::mute::{Cause, Mute};

const MINUTE: Duration = Duration::from_mins(1);
const MOMENT: Duration = Duration::from_millis(1);

/// Minutes for which it is left alone from now on.
fn minutes(mute: &Mute, now: Instant) -> u64 {
    (0..2_000)
        .find(|minutes| !mute.is_left_alone(now + MINUTE * *minutes))
        .unwrap()
        .into()
}

#[test]
fn one_that_refused_once_is_asked_again_after_a_minute() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    assert!(!mute.is_left_alone(now));
    mute.refused(now);
    assert_eq!(mute.cause(), Some(Cause::Refused));
    assert!(mute.is_left_alone(now + MINUTE - MOMENT));
    assert!(!mute.is_left_alone(now + MINUTE));
}

#[test]
fn one_that_refuses_each_time_is_asked_ever_more_seldom_until_it_agrees() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    let pauses: Vec<u64> = (0..7)
        .map(|_| {
            mute.refused(now);
            minutes(&mute, now)
        })
        .collect();
    assert_eq!(pauses, [1, 5, 15, 60, 180, 360, 360]);
    mute.agreed();
    assert_eq!((mute.cause(), mute.is_left_alone(now)), (None, false));
    mute.refused(now);
    assert_eq!(minutes(&mute, now), 1);
}

#[test]
fn one_that_does_not_know_the_command_is_asked_again_after_a_day() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    mute.unknown(now);
    assert_eq!(
        (mute.cause(), minutes(&mute, now)),
        (Some(Cause::Unknown), 24 * 60)
    );
}

#[test]
fn one_that_agrees_and_tells_nothing_is_asked_ever_more_seldom_until_it_tells() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    let tells_nothing = |mute: &mut Mute| {
        mute.agreed();
        let asks_anew: Vec<bool> = (0..3).map(|_| mute.compared(0, 1, false, now)).collect();
        assert_eq!(asks_anew, [false, false, true]);
        assert_eq!(mute.cause(), Some(Cause::Silent));
        minutes(mute, now)
    };
    assert_eq!(tells_nothing(&mut mute), 1);
    // That it agrees proves nothing.
    assert_eq!(tells_nothing(&mut mute), 5);
    mute.told();
    assert_eq!(tells_nothing(&mut mute), 1);
}

#[test]
fn one_that_told_before_is_asked_anew_at_once() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    assert!(!mute.compared(0, 1, true, now));
    assert!(!mute.compared(0, 1, true, now));
    assert!(mute.compared(0, 1, true, now));
    assert!(!mute.is_left_alone(now));
}

#[test]
fn contacts_that_find_what_was_told_or_nothing_prove_no_silence() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    let contacts = [(0, 1), (0, 1), (0, 0), (1, 1), (0, 1), (0, 1)];
    assert!(
        contacts
            .iter()
            .all(|(told, new)| !mute.compared(*told, *new, false, now))
    );
}

#[test]
fn one_that_ends_open_sessions_gets_them_ever_more_seldom_until_one_lasts() {
    let (mut mute, now) = (Mute::default(), Instant::now());
    let ends_three = |mute: &mut Mute| {
        mute.agreed();
        (0..3).for_each(|_| mute.broke_off(MINUTE / 2, now));
        assert_eq!(mute.cause(), Some(Cause::HangsUp));
        minutes(mute, now)
    };
    assert_eq!((ends_three(&mut mute), ends_three(&mut mute)), (1, 5));
    mute.agreed();
    mute.broke_off(MINUTE, now);
    mute.broke_off(MINUTE / 2, now);
    assert!(!mute.is_left_alone(now));
}
