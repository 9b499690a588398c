use super::{
    super::{
        judge::Log,
        ledger::{compare, order},
        request::Punch,
    },
    id, numbers, punch,
};

#[test]
fn a_ledger_is_told_what_it_lacks_what_it_made_up_and_what_it_holds_twice() {
    let log = vec![
        punch("1", "2026-01-01 08:00:00"),
        punch("2", "2026-01-01 08:01:00"),
    ];
    let expected = [Log(log[..1].to_vec())];
    let known = [Log(log.clone())];
    assert_eq!(compare(&log, &expected, &known), [""; 0]);
    assert_eq!(compare(&log[1..], &expected, &known).len(), 1);
    assert_eq!(compare(&log, &expected, &expected).len(), 1);
    let twice = [log.clone(), log].concat();
    assert_eq!(compare(&twice, &expected, &known).len(), 2);
}

#[test]
fn a_ledger_that_has_a_polled_log_in_another_order_is_told_but_for_a_clock_that_went_back() {
    let log = [
        punch("1", "2026-01-01 08:00:00"),
        punch("1", "2026-01-01 09:00:00"),
        punch("2", "2026-01-01 07:00:00"),
        punch("1", "2026-01-01 08:30:00"),
    ];
    let complaints = |ledger: &[Punch]| {
        let numbers = numbers(ledger);
        let mut complaints = Vec::new();
        let number = |punch: &Punch| numbers.get(&id(punch)).copied();
        order(&[Log(log.to_vec())], number, &mut complaints);
        complaints.len()
    };
    assert_eq!(complaints(&log), 0);
    let by_time = [&log[2], &log[0], &log[3], &log[1]].map(Clone::clone);
    assert_eq!(complaints(&by_time), 0);
    let swapped = [&log[1], &log[0], &log[2], &log[3]].map(Clone::clone);
    assert_eq!(complaints(&swapped), 1);
}
