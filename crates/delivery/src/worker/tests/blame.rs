use domain::{BatchId, BatchShape, DestinationId, TerminalId};
use jiff::Timestamp;
use storage::{Batch, BatchRole};

use crate::worker::{
    blame::{Verdict, company, is_decided_by_another, judge},
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

#[test]
fn a_batch_is_halved_only_after_four_answers_500() {
    for errors in 0..4 {
        assert_eq!(
            judge(&[batch(BatchRole::Plain, 500, errors, false)]),
            Verdict::Send(0)
        );
    }
    assert_eq!(
        judge(&[batch(BatchRole::Plain, 500, 4, false)]),
        Verdict::Halve(0)
    );
}

#[test]
fn the_oldest_goes_first() {
    let open = [
        batch(BatchRole::Plain, 5, 0, false),
        batch(BatchRole::Plain, 5, 0, false),
    ];
    assert_eq!(judge(&open), Verdict::Send(0));
}

#[test]
fn the_other_half_is_tried_before_anything_is_concluded() {
    let open = [
        batch(BatchRole::Suspected, 250, 1, false),
        batch(BatchRole::Suspected, 250, 0, false),
    ];
    assert_eq!(judge(&open), Verdict::Send(1));
    let both = [
        batch(BatchRole::Suspected, 250, 0, false),
        batch(BatchRole::Suspected, 250, 0, false),
    ];
    assert_eq!(company(&both, 0), Company::Untried);
    assert_eq!(company(&open, 1), Company::None);
}

#[test]
fn a_half_is_guilty_when_the_other_passed() {
    assert_eq!(
        judge(&[batch(BatchRole::Suspected, 250, 1, true)]),
        Verdict::Guilty(0)
    );
    assert_eq!(
        judge(&[batch(BatchRole::Suspected, 250, 0, true)]),
        Verdict::Send(0)
    );
}

#[test]
fn when_neither_half_passed_nothing_is_decided() {
    let open = [
        batch(BatchRole::Suspected, 250, 1, false),
        batch(BatchRole::Suspected, 250, 1, false),
    ];
    assert_eq!(judge(&open), Verdict::Undecided);
}

#[test]
fn a_single_record_answered_500_four_times_needs_a_witness() {
    assert_eq!(
        judge(&[batch(BatchRole::Plain, 1, 4, false)]),
        Verdict::Undecided
    );
    assert_eq!(
        judge(&[batch(BatchRole::Plain, 1, 4, true)]),
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
