use domain::{Pin, Secret};
use zk_wire::{PinRules, UserRow, text};

use crate::{
    CommandError, Saved, UserChange,
    users::{Limits, Planned, plan},
};

const LARGE: Limits = Limits {
    pins: PinRules {
        width: 9,
        letters: true,
    },
    row_size: Some(72),
    code_page: text::UTF_8,
};
const SMALL: Limits = Limits {
    pins: PinRules {
        width: 9,
        letters: false,
    },
    row_size: Some(28),
    code_page: text::UTF_8,
};

fn change(pin: &str) -> UserChange {
    UserChange {
        pin: Pin::new(pin).unwrap(),
        name: None,
        privilege: None,
        password: None,
        card: None,
        group: None,
    }
}

fn named(pin: &str, name: &str) -> UserChange {
    UserChange {
        name: Some(name.to_owned()),
        ..change(pin)
    }
}

fn row(uid: u16, pin: &str) -> UserRow {
    UserRow {
        uid,
        pin: pin.to_owned(),
        name: b"Ana".to_vec(),
        password: b"123".to_vec(),
        card: 77,
        group: 1,
        privilege: 14,
        origin: vec![9; 72],
    }
}

fn reason(result: Result<Planned, CommandError>) -> String {
    match result {
        Err(CommandError::Invalid { reason }) => reason,
        other => panic!("expected an invalid request, got {other:?}"),
    }
}

#[test]
fn a_new_user_gets_the_slot_above_the_highest() {
    let planned = plan(&[row(4, "40"), row(2, "20")], &named("50", "Bo"), &LARGE).unwrap();
    assert_eq!(
        (planned.saved, planned.row.uid, planned.row.pin.as_str()),
        (Saved::Added, 5, "50")
    );
}

#[test]
fn below_the_last_slot_a_free_one_is_found() {
    let planned = plan(&[row(1, "1"), row(u16::MAX, "2")], &change("3"), &LARGE).unwrap();
    assert_eq!(planned.row.uid, 2);
}

#[test]
fn a_known_user_keeps_slot_and_all_that_is_not_changed() {
    let before = row(4, "40");
    let after = plan(std::slice::from_ref(&before), &named("40", "Bo"), &LARGE).unwrap();
    assert_eq!(after.saved, Saved::Updated);
    assert_eq!(
        after.row,
        UserRow {
            name: b"Bo".to_vec(),
            ..before
        }
    );
}

#[test]
fn saying_the_same_again_changes_nothing() {
    let same = plan(&[row(4, "40")], &named("40", "Ana"), &LARGE).unwrap();
    assert_eq!((same.saved, same.warning), (Saved::Unchanged, None));
}

#[test]
fn leading_zeros_make_another_user() {
    assert_eq!(
        plan(&[row(4, "40")], &change("040"), &LARGE).unwrap().saved,
        Saved::Added
    );
}

#[test]
fn a_user_id_is_as_wide_as_the_terminal_takes() {
    assert!(reason(plan(&[], &change("1234567890"), &LARGE)).contains("this terminal takes 9"));
}

#[test]
fn somebody_who_is_on_the_terminal_can_be_changed_whatever_their_user_id() {
    let planned = plan(
        &[row(4, "visitor-0001")],
        &named("visitor-0001", "Bo"),
        &SMALL,
    )
    .unwrap();
    assert_eq!((planned.saved, planned.row.uid), (Saved::Updated, 4));
}

#[test]
fn letters_are_taken_only_where_the_terminal_takes_them() {
    assert!(plan(&[], &change("A1"), &LARGE).is_ok());
    assert!(reason(plan(&[], &change("A1"), &SMALL)).contains("digits only"));
}

#[test]
fn a_small_row_has_no_place_for_leading_zeros() {
    assert!(reason(plan(&[], &change("007"), &SMALL)).contains("does not fit"));
}

#[test]
fn a_name_that_is_too_long_is_cut_between_letters_and_said_to_be() {
    let fits = plan(&[], &named("1", "12345678"), &SMALL).unwrap();
    assert_eq!(
        (fits.row.name.as_slice(), fits.warning),
        (b"12345678".as_slice(), None)
    );
    let cut = plan(&[], &named("1", "123456789"), &SMALL).unwrap();
    assert_eq!(cut.row.name, b"12345678");
    assert!(cut.warning.unwrap().contains("names of 8 bytes"));
    let cut = plan(&[], &named("1", "محمد رضا رضایی"), &LARGE).unwrap();
    assert_eq!(cut.row.name, "محمد رضا رضا".as_bytes());
    assert!(cut.warning.unwrap().contains("\"محمد رضا رضا\" instead"));
}

#[test]
fn a_name_is_written_in_the_code_page_of_the_terminal() {
    let arabic = Limits {
        code_page: text::WINDOWS_1256,
        ..LARGE
    };
    let planned = plan(&[], &named("1", "محمد رضا"), &arabic).unwrap();
    assert_eq!((planned.row.name.len(), planned.warning), (8, None));
    assert!(reason(plan(&[], &named("1", "王伟"), &arabic)).contains("cannot be written"));
}

#[test]
fn a_role_leaves_alone_whether_somebody_is_disabled() {
    let disabled = UserRow {
        privilege: 0b0100_0001,
        ..row(4, "40")
    };
    let admin = UserChange {
        privilege: Some(14),
        ..change("40")
    };
    let planned = plan(&[disabled], &admin, &LARGE).unwrap();
    assert_eq!(planned.row.privilege, 0b0100_1111);
}

#[test]
fn a_password_is_a_few_digits() {
    let with = |text: &str| UserChange {
        password: Some(Secret::new(text.to_owned())),
        ..change("1")
    };
    assert!(plan(&[], &with("12345"), &SMALL).is_ok());
    assert!(reason(plan(&[], &with("123456"), &SMALL)).contains("5 at most"));
    assert!(reason(plan(&[], &with("abc"), &LARGE)).contains("digits"));
}

#[test]
fn a_group_is_a_number() {
    let grouped = UserChange {
        group: Some("east".to_owned()),
        ..change("1")
    };
    assert!(reason(plan(&[], &grouped, &LARGE)).contains("group_id"));
}
