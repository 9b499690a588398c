//! Faults by name.

use std::time::Duration;

use rstest::rstest;
use zk_terminal::{
    Busy, Checksum, EventInside, Faults, Lie, Order, Refusal, Repeat, Scope, Silence, Stall, Writes,
};

fn usual() -> Faults {
    Faults::default()
}

#[rstest]
#[case("cut=40000", Faults { cut_after: Some(40_000), ..usual() })]
#[case("cut-all=17", Faults { cut_connection_after: Some(17), ..usual() })]
#[case("stall=100:2.5", Faults { stall: Some(Stall { after: 100, lasting: Duration::from_millis(2_500) }), ..usual() })]
#[case("stall=0:forever", Faults { stall: Some(Stall { after: 0, lasting: Duration::MAX }), ..usual() })]
#[case("delay=80", Faults { answer_delay: Duration::from_millis(80), ..usual() })]
#[case("prepare-delay=80", Faults { prepare_delay: Duration::from_millis(80), ..usual() })]
#[case("silence=all", Faults { silence: Silence::Everything, ..usual() })]
#[case("silence=events", Faults { silence: Silence::Events, ..usual() })]
#[case("busy=reset", Faults { busy: Busy::Resets, ..usual() })]
#[case("busy=refuse", Faults { busy: Busy::Refuses, ..usual() })]
#[case("busy=unauth", Faults { busy: Busy::NeverUnlocks, ..usual() })]
#[case("scope=tables", Faults { scope: Scope::Tables, ..usual() })]
#[case("repeat=twice", Faults { replies: Repeat::Twice, ..usual() })]
#[case("repeat=previous", Faults { replies: Repeat::PreviousFirst, ..usual() })]
#[case("tcp-order=swapped", Faults { tcp_order: Order::Swapped, ..usual() })]
#[case("udp-order=swapped", Faults { udp_order: Order::Swapped, ..usual() })]
#[case("udp-loss=5", Faults { udp_loss_percent: 5, ..usual() })]
#[case("udp-request-loss=5", Faults { udp_request_loss_percent: 5, ..usual() })]
#[case("checksum=wrong", Faults { checksum: Checksum::Wrong, ..usual() })]
#[case("number=1", Faults { reply_number_off: 1, ..usual() })]
#[case("garbage=7", Faults { garbage: 7, ..usual() })]
#[case("frame-length=4294967295", Faults { frame_length: Lie::Says(u32::MAX), ..usual() })]
#[case("event=tables", Faults { event_inside_table: EventInside::AfterFirstPacket, ..usual() })]
#[case("event=answers", Faults { event_inside_table: EventInside::BeforeEveryAnswer, ..usual() })]
#[case("write-size=1", Faults { write_size: Some(1), ..usual() })]
#[case("truncate=1000", Faults { truncate: Some(1_000), ..usual() })]
#[case("announced=-400", Faults { announced_size: Lie::Off(-400), ..usual() })]
#[case("prepared=+1", Faults { prepared_size: Lie::Off(1), ..usual() })]
#[case("declared=0", Faults { declared_bytes: Lie::Says(0), ..usual() })]
#[case("refuse=1503:4989", Faults { refusal: Some(Refusal { command: 1_503, code: 4_989 }), ..usual() })]
#[case("writes=lost", Faults { writes: Writes::Lost, ..usual() })]
fn every_fault_has_a_name(#[case] text: &str, #[case] expected: Faults) {
    let mut faults = Faults::default();
    faults.change(text).unwrap();
    assert_eq!((faults, faults.to_string().as_str()), (expected, text));
    let name = text.split('=').next().unwrap();
    assert!(
        Faults::NAMES
            .iter()
            .any(|(form, _)| form.split('=').next() == Some(name))
    );
    faults.change("garbage=3").unwrap();
    faults.change(&format!("{name}=none")).unwrap();
    faults.change("garbage=none").unwrap();
    assert_eq!(faults, Faults::default());
}

#[test]
fn none_ends_all_faults() {
    let mut faults = Faults {
        garbage: 7,
        write_size: Some(1),
        ..Faults::default()
    };
    assert_eq!(faults.to_string(), "garbage=7 write-size=1");
    faults.change("none").unwrap();
    assert_eq!(
        (faults, faults.to_string().as_str()),
        (Faults::default(), "none")
    );
}

#[rstest]
#[case("cut", "write name=value")]
#[case("cutt=5", "the names are none, cut, cut-all")]
#[case("cut=five", "write cut=N, or cut=none")]
#[case("udp-loss=101", "write udp-loss=PERCENT")]
#[case("busy=very", "write busy=reset|refuse|unauth")]
#[case("stall=5", "write stall=N:SECONDS")]
#[case("stall=5:-1", "write stall=N:SECONDS")]
#[case("refuse=1503", "write refuse=COMMAND:CODE")]
fn what_is_no_fault_changes_nothing_and_is_explained(#[case] text: &str, #[case] reason: &str) {
    let mut faults = Faults::default();
    let error = faults.change(text).unwrap_err();
    assert!(error.reason.starts_with(reason), "{error}");
    assert_eq!((faults, error.text.as_str()), (Faults::default(), text));
}
