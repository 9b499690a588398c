use domain::Terminal;

use super::due::terminal;
use crate::identity::{Verdict, judge};

fn known_as(identity: Option<&str>) -> Terminal {
    Terminal {
        identity: identity.map(str::to_owned),
        ..terminal()
    }
}

#[test]
fn the_registered_serial_number_is_the_same_terminal_whatever_surrounds_it() {
    assert_eq!(judge(&known_as(Some("A1")), Some(" A1 ")), Verdict::Same);
}

#[test]
fn a_terminal_that_was_never_reached_says_who_it_is() {
    assert_eq!(
        judge(&known_as(None), Some("A1")),
        Verdict::First {
            serial: "A1".to_owned()
        }
    );
}

#[test]
fn another_serial_number_is_another_terminal() {
    assert_eq!(
        judge(&known_as(Some("A1")), Some("B2")),
        Verdict::Other {
            serial: "B2".to_owned()
        }
    );
}

#[test]
fn a_minted_terminal_that_shows_a_serial_number_is_another_one() {
    let verdict = judge(&known_as(Some("minted-7")), Some("B2"));
    assert_eq!(
        verdict,
        Verdict::Other {
            serial: "B2".to_owned()
        }
    );
}

#[test]
fn a_terminal_without_a_serial_number_gets_an_id_once() {
    assert_eq!(judge(&known_as(None), Some("  ")), Verdict::Nameless);
    assert_eq!(judge(&known_as(Some("minted-7")), None), Verdict::Same);
}

#[test]
fn a_known_terminal_that_does_not_say_its_serial_number_is_not_taken_for_itself() {
    assert_eq!(judge(&known_as(Some("A1")), None), Verdict::Silent);
}
