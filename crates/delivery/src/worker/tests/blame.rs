use domain::{BatchId, BatchShape, DestinationId, PunchId, TerminalId};
use jiff::Timestamp;
use storage::{Batch, BatchRole, Whose};

use crate::worker::{
    blame::{Blocked, Firsts, Verdict, company, is_decided_by_another, judge},
    choose::Company,
};

pub(super) fn batch(role: BatchRole, size: u32, server_errors: u32, others_passed: bool) -> Batch {
    Batch {
        id: BatchId(1),
        destination_id: DestinationId(1),
        terminal_id: TerminalId(1),
        shape: BatchShape::Batch,
        idempotency_key: String::new(),
        device_ip: String::new(),
        device_port: 4370,
        device_name: String::new(),
        device_serial: None,
        export_time: String::new(),
        size,
        holds_asked: false,
        attempts: server_errors,
        server_errors,
        in_doubt: false,
        role,
        others_passed,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// As if nobody had records in two of them.
fn judge_alone(open: &[Batch]) -> Verdict {
    judge(open, &Blocked::default())
}

fn firsts(of: &[(&str, i64)]) -> Firsts {
    of.iter()
        .map(|(pin, punch)| (Whose::Pin((*pin).to_owned()), PunchId(*punch)))
        .collect()
}

#[test]
fn nobodys_later_records_are_sent_while_earlier_ones_are_open() {
    let open = [
        batch(BatchRole::Suspected, 8, 1, false),
        batch(BatchRole::Plain, 8, 0, false),
        batch(BatchRole::Plain, 8, 0, false),
    ];
    let judged = |second: &[(&str, i64)], third: &[(&str, i64)]| {
        let first = firsts(&[("1", 17), ("2", 18)]);
        judge(
            &open,
            &Blocked::of(vec![first, firsts(second), firsts(third)]),
        )
    };
    let apart = [("5", 40)];
    assert_eq!(judged(&[("2", 33), ("3", 34)], &apart), Verdict::Send(2));
    assert_eq!(judged(&[("3", 33), ("4", 34)], &apart), Verdict::Send(1));
    // Behind one that is behind another.
    assert_eq!(
        judged(&[("2", 33), ("3", 34)], &[("3", 40)]),
        Verdict::Undecided
    );
}

#[test]
fn a_suspect_behind_another_is_no_company() {
    let open = [
        batch(BatchRole::Witness, 1, 1, false),
        batch(BatchRole::Suspected, 2, 0, false),
    ];
    let blocked = Blocked::of(vec![firsts(&[("1", 1)]), firsts(&[("1", 2)])]);
    assert_eq!(company(&open, &blocked, 0), Company::None);
    assert_eq!(judge(&open, &blocked), Verdict::Undecided);
}

#[test]
fn a_batch_is_halved_only_after_four_answers_500() {
    for errors in 0..4 {
        assert_eq!(
            judge_alone(&[batch(BatchRole::Plain, 500, errors, false)]),
            Verdict::Send(0)
        );
    }
    assert_eq!(
        judge_alone(&[batch(BatchRole::Plain, 500, 4, false)]),
        Verdict::Halve(0)
    );
}

#[test]
fn the_oldest_goes_first() {
    let open = [
        batch(BatchRole::Plain, 5, 0, false),
        batch(BatchRole::Plain, 5, 0, false),
    ];
    assert_eq!(judge_alone(&open), Verdict::Send(0));
}

#[test]
fn the_other_half_is_tried_before_anything_is_concluded() {
    let open = [
        batch(BatchRole::Suspected, 250, 1, false),
        batch(BatchRole::Suspected, 250, 0, false),
    ];
    assert_eq!(judge_alone(&open), Verdict::Send(1));
    let both = [
        batch(BatchRole::Suspected, 250, 0, false),
        batch(BatchRole::Suspected, 250, 0, false),
    ];
    assert_eq!(company(&both, &Blocked::default(), 0), Company::Untried);
    assert_eq!(company(&open, &Blocked::default(), 1), Company::None);
}

#[test]
fn a_half_is_guilty_when_the_other_passed() {
    assert_eq!(
        judge_alone(&[batch(BatchRole::Suspected, 250, 1, true)]),
        Verdict::Guilty(0)
    );
    assert_eq!(
        judge_alone(&[batch(BatchRole::Suspected, 250, 0, true)]),
        Verdict::Send(0)
    );
}

#[test]
fn when_neither_half_passed_nothing_is_decided() {
    let open = [
        batch(BatchRole::Suspected, 250, 1, false),
        batch(BatchRole::Suspected, 250, 1, false),
    ];
    assert_eq!(judge_alone(&open), Verdict::Undecided);
}

#[test]
fn a_single_record_answered_500_four_times_needs_a_witness() {
    assert_eq!(
        judge_alone(&[batch(BatchRole::Plain, 1, 4, false)]),
        Verdict::Undecided
    );
    assert_eq!(
        judge_alone(&[batch(BatchRole::Plain, 1, 4, true)]),
        Verdict::Guilty(0)
    );
}

#[test]
fn a_batch_that_cannot_be_halved_does_not_go_again_without_a_schedule() {
    assert!(is_decided_by_another(&batch(BatchRole::Plain, 9, 3, false)));
    assert!(!is_decided_by_another(&batch(
        BatchRole::Plain,
        9,
        4,
        false
    )));
    assert!(!is_decided_by_another(&batch(
        BatchRole::Plain,
        1,
        3,
        false
    )));
    assert!(!is_decided_by_another(&batch(
        BatchRole::Suspected,
        9,
        3,
        false
    )));
    assert!(is_decided_by_another(&batch(
        BatchRole::Suspected,
        9,
        0,
        true
    )));
}
