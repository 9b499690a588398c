use std::time::Duration;

use tokio::time::Instant;

use crate::pace::Pace;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_end_is_read_two_seconds_after_the_last_event() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    assert_eq!(pace.due(), None);
    pace.event(start);
    assert_eq!(pace.due(), Some(start + 2 * SECOND));
    pace.event(start + SECOND);
    assert_eq!(pace.due(), Some(start + 3 * SECOND));
}

#[test]
fn a_steady_stream_does_not_put_it_off_for_more_than_ten_seconds() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    for second in 0..9 {
        pace.event(start + second * SECOND);
    }
    assert_eq!(pace.due(), Some(start + 10 * SECOND));
}

#[test]
fn what_only_the_log_explains_is_looked_up_at_once() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    pace.event(start);
    pace.at_once(start + SECOND);
    pace.event(start + SECOND);
    assert_eq!(pace.due(), Some(start + SECOND));
}

#[test]
fn it_begins_anew_once_the_end_was_read() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    pace.event(start);
    pace.taken(start + SECOND);
    assert_eq!(pace.due(), None);
    pace.event(start + 9 * SECOND);
    assert_eq!(pace.due(), Some(start + 11 * SECOND));
}

#[test]
fn many_unclear_events_leave_the_terminal_as_long_in_peace_as_a_read_takes() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    let rests: Vec<u128> = [1, 200, 30_000]
        .map(|took| {
            let over = start + Duration::from_millis(took);
            pace.at_once(start);
            pace.taken(start);
            pace.read(over);
            pace.at_once(over);
            pace.due().unwrap().duration_since(over).as_millis()
        })
        .to_vec();
    assert_eq!(rests, [50, 200, 250]);
    pace.taken(start + 40 * SECOND);
    pace.read(start + 40 * SECOND);
    pace.at_once(start + 50 * SECOND);
    assert_eq!(pace.due(), Some(start + 50 * SECOND));
}

#[test]
fn what_is_unclear_during_a_read_is_looked_up_after_it() {
    let (mut pace, start) = (Pace::default(), Instant::now());
    pace.taken(start);
    pace.at_once(start + SECOND / 10);
    pace.read(start + SECOND / 5);
    assert_eq!(pace.due(), Some(start + 2 * SECOND / 5));
}
