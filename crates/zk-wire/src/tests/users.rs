//! Users of section 8, and those of real terminals.

use proptest::prelude::*;

use super::{bytes, unframed, world::any_users};
use crate::{UserFormat, UserRow, UserTable};

#[test]
fn two_users_of_a_real_table_are_read() {
    let payload = unframed(
        "5050827d9c000000dd053c87582015009000000001000000000000000000006366756c616e6f0000000000000000000000000000000000000000000000000000000000003130303030316c70000000000000000000000000000000000200000000000000000000726d656e67616e6f0000000000000000000000000000000000000000000000000000000000323232323232636200000000000000000000000000000000",
    )
    .payload;
    for counted in [Some(2), None, Some(0), Some(3)] {
        let table = UserTable::decode(&payload[4..], counted).unwrap();
        assert_eq!(table.format, Some(UserFormat::B72));
        let users: Vec<_> = table
            .rows
            .iter()
            .map(|user| (user.uid, user.name.as_slice(), user.pin.as_str()))
            .collect();
        assert_eq!(
            users,
            [
                (1, b"cfulano".as_slice(), "100001lp"),
                (2, b"rmengano".as_slice(), "222222cb")
            ]
        );
    }
}

#[test]
fn a_real_row_keeps_its_time_zones_and_the_garbage_behind_its_password() {
    let row = bytes(
        "0d000034343400c69a807c4e6564000000000000000000000000000000000000000000de000000020100010002000000353535000000000000000000000000000000000000000000",
    );
    let user = UserRow::decode(UserFormat::B72, &row).unwrap();
    assert_eq!(
        (user.uid, user.privilege, user.password.as_slice()),
        (13, 0, b"444".as_slice())
    );
    assert_eq!(
        (
            user.name.as_slice(),
            user.card,
            user.group,
            user.pin.as_str()
        ),
        (b"Ned".as_slice(), 222, 2, "555")
    );
    assert_eq!(user.encode(UserFormat::B72).unwrap(), row);

    let renamed = UserRow {
        name: b"Ned Flanders".to_vec(),
        ..user
    };
    let written = renamed.encode(UserFormat::B72).unwrap();
    assert_eq!(
        UserRow {
            origin: row.clone(),
            ..UserRow::decode(UserFormat::B72, &written).unwrap()
        },
        renamed
    );
    assert_eq!(
        (&written[..11], &written[35..]),
        (&row[..11], &row[35..]),
        "nothing else changes"
    );
}

#[test]
fn a_field_that_does_not_fit_is_refused() {
    let user = UserRow {
        uid: 1,
        pin: "7".to_owned(),
        ..UserRow::default()
    };
    let refused = |user: &UserRow, format| user.encode(format).unwrap_err().to_string();
    let long_name = UserRow {
        name: vec![b'x'; 9],
        ..user.clone()
    };
    assert!(refused(&long_name, UserFormat::B28).contains("the name has 9 bytes; 8 fit"));
    assert!(long_name.encode(UserFormat::B72).is_ok());
    let long_pin = UserRow {
        pin: "1".repeat(25),
        ..user.clone()
    };
    assert!(refused(&long_pin, UserFormat::B72).contains("the user id"));
    let long_password = UserRow {
        password: b"123456".to_vec(),
        ..user.clone()
    };
    assert!(refused(&long_password, UserFormat::B28).contains("the password"));
    for pin in ["A1", "4294967296", "", "007", "+7"] {
        let user = UserRow {
            pin: pin.to_owned(),
            ..user.clone()
        };
        assert!(
            refused(&user, UserFormat::B28).contains("no number"),
            "{pin}"
        );
    }
}

#[test]
fn a_row_that_names_nobody_is_kept_and_spoils_no_other() {
    let user = UserRow {
        uid: 1,
        pin: "7".to_owned(),
        name: b"Ana".to_vec(),
        ..UserRow::default()
    };
    let good = user.encode(UserFormat::B72).unwrap();
    let other = UserRow {
        uid: 3,
        pin: "9".to_owned(),
        ..user.clone()
    }
    .encode(UserFormat::B72)
    .unwrap();
    let empty = vec![0; 72];
    let table = UserTable::decode(&[good.clone(), empty.clone(), other].concat(), Some(3)).unwrap();
    assert_eq!(
        table
            .rows
            .iter()
            .map(|user| user.pin.as_str())
            .collect::<Vec<_>>(),
        ["7", "9"]
    );
    assert_eq!(table.unreadable, [empty]);
}

#[test]
fn a_user_with_the_id_0_or_a_role_of_newer_firmware_may_be_alone() {
    for (pin, privilege) in [("0", 0), ("7", 0x4e)] {
        let user = UserRow {
            uid: 1,
            privilege,
            pin: pin.to_owned(),
            ..UserRow::default()
        };
        let table = UserTable::decode(&user.encode(UserFormat::B72).unwrap(), None).unwrap();
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0].privilege, privilege);
    }
}

#[test]
fn a_table_of_no_known_rows_is_refused_and_an_empty_one_is_empty() {
    assert_eq!(UserTable::decode(&[], Some(5)), Ok(UserTable::default()));
    assert!(
        UserTable::decode(&[1; 30], Some(1))
            .unwrap_err()
            .to_string()
            .contains("30 bytes")
    );
    assert!(UserTable::decode(&[0; 144], Some(2)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_table_of_either_format_is_read_whatever_the_counters_say(
        (format, users) in prop::sample::select(vec![UserFormat::B28, UserFormat::B72])
            .prop_flat_map(|format| (Just(format), any_users(format, 1..=40))),
        told in prop::sample::select(vec![0_u8, 1, 2, 3]),
    ) {
        let table: Vec<u8> = users.iter().flat_map(|user| user.encode(format).unwrap()).collect();
        let count = u32::try_from(users.len()).unwrap();
        let told = [None, Some(count), Some(0), Some(count + 1)][usize::from(told)];
        let read = UserTable::decode(&table, told).unwrap();
        prop_assert_eq!(read.format, Some(format));
        prop_assert!(read.unreadable.is_empty());
        let rows: Vec<_> = read.rows.into_iter().map(|user| UserRow { origin: Vec::new(), ..user }).collect();
        prop_assert_eq!(rows, users);
    }

    /// 504 bytes are 18 rows of 28 and 7 of 72.
    #[test]
    fn a_size_that_both_formats_divide_is_told_apart_by_its_rows(
        short in any_users(UserFormat::B28, 18..=18),
        long in any_users(UserFormat::B72, 7..=7),
    ) {
        for (format, users) in [(UserFormat::B28, short), (UserFormat::B72, long)] {
            let table: Vec<u8> = users.iter().flat_map(|user| user.encode(format).unwrap()).collect();
            for told in [None, Some(7), Some(18)] {
                prop_assert_eq!(UserFormat::derive(&table, told), Some(format));
            }
        }
    }
}
