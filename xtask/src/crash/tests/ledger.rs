use super::{
    super::{judge::Log, ledger::compare},
    punch,
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
