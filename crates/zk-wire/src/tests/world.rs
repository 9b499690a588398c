//! Logs and users as real terminals hold them, at random.

use std::ops::RangeInclusive;

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{PunchRow, RowLayout, UserFormat, UserRow, WireTime};

/// The layouts that are derived, with some unusual lengths.
pub(super) const LAYOUTS: [RowLayout; 8] = [
    RowLayout::A8,
    RowLayout::B8,
    RowLayout::R16,
    RowLayout::R40,
    RowLayout::R49,
    RowLayout::Long(48),
    RowLayout::Long(52),
    RowLayout::Long(80),
];

/// A log of one layout.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub(super) layout: RowLayout,
    pub(super) punches: Vec<PunchRow>,
}

impl Log {
    pub(super) fn rows(&self) -> Vec<u8> {
        let mut rows = Vec::new();
        for punch in &self.punches {
            self.layout.encode(punch, &mut rows);
        }
        rows
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.punches.len()).unwrap()
    }
}

/// A table: its length, then its rows.
pub(super) fn table(rows: &[u8]) -> Vec<u8> {
    [&u32::try_from(rows.len()).unwrap().to_le_bytes(), rows].concat()
}

pub(super) fn any_layout() -> impl Strategy<Value = RowLayout> {
    select(LAYOUTS.to_vec())
}

/// A log whose times go forward, as in real logs, of a company that uses some of the states and ways to verify.
pub(super) fn any_log(
    layout: RowLayout,
    count: RangeInclusive<usize>,
) -> impl Strategy<Value = Log> {
    let states = select(vec![
        vec![0_u8],
        vec![0, 1],
        vec![0, 1, 2, 3, 4, 5],
        vec![255],
    ]);
    let verifies = select(vec![
        vec![1_u8],
        vec![0, 1, 3],
        vec![15],
        vec![1, 2, 4, 15, 25],
    ]);
    let people = select(vec![5_u16, 300, 9_000]);
    let first_pin = select(vec![1_u32, 1_000, 100_200, 900_000_000]);
    (states, verifies, people, first_pin, 0..400_u32).prop_flat_map(
        move |(states, verifies, people, pins, start)| {
            let start = WireTime::new(2012, 1, 1, 0, 0, 0).unwrap().to_u32() + start * 86_400 * 14;
            let punch = (
                1..=people,
                1..20_000_u32,
                select(states),
                select(verifies),
                select(vec![0_u32, 0, 0, 7, 9_999]),
            );
            vec(punch, count.clone()).prop_map(move |punches| Log {
                layout,
                punches: in_time(layout, start, pins, &punches),
            })
        },
    )
}

fn in_time(
    layout: RowLayout,
    start: u32,
    pins: u32,
    punches: &[(u16, u32, u8, u8, u32)],
) -> Vec<PunchRow> {
    let mut now = start;
    let punch = |&(uid, step, state, verify, work_code): &(u16, u32, u8, u8, u32)| {
        now += step;
        while WireTime::from_u32(now).is_none() {
            now += 86_400;
        }
        let has_code = matches!(layout, RowLayout::R16 | RowLayout::R16VerifyFirst);
        PunchRow {
            uid,
            pin: (pins + u32::from(uid)).to_string(),
            time: WireTime::from_u32(now).unwrap(),
            state: if layout == RowLayout::B8 {
                state & 7
            } else {
                state
            },
            verify: if layout == RowLayout::B8 {
                verify & 3
            } else {
                verify
            },
            work_code: if has_code { work_code } else { 0 },
        }
    };
    punches.iter().map(punch).collect()
}

/// Users as clients and terminals write them; user ids have no leading zeros in the short row.
pub(super) fn any_users(
    format: UserFormat,
    count: RangeInclusive<usize>,
) -> impl Strategy<Value = Vec<UserRow>> {
    let (name, password) = match format {
        UserFormat::B28 => ("[a-zA-Z ]{0,8}", "[0-9]{0,5}"),
        UserFormat::B72 => ("[a-zA-Z ]{0,24}", "[0-9]{0,8}"),
    };
    let pin = match format {
        UserFormat::B28 => "[1-9][0-9]{0,8}",
        UserFormat::B72 => "[0-9A-Z][0-9]{0,13}",
    };
    let user = (
        select(vec![0_u8, 0, 0, 2, 6, 14, 1]),
        password,
        name,
        select(vec![0_u32, 0, 4_242, u32::MAX]),
        0..5_u8,
        pin,
    );
    vec(user, count).prop_map(|users| {
        users
            .into_iter()
            .zip(1_u16..)
            .map(
                |((privilege, password, name, card, group, pin), uid)| UserRow {
                    uid,
                    privilege,
                    password: password.into_bytes(),
                    name: name.into_bytes(),
                    card,
                    group,
                    pin,
                    origin: Vec::new(),
                },
            )
            .collect()
    })
}
