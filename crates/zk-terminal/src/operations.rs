//! The log of what was done at the terminal, kept as it is done.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::civil::DateTime;
use zk_wire::OperationRow;

use crate::wall_clock;

/// Rows that are kept; the oldest give way.
const MOST: usize = 10_000;

/// What terminals write down, by the number that they give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Done {
    SwitchedOn = 0,
    SwitchedOff = 1,
    SettingChanged = 5,
    FingerEnrolled = 6,
    UserDeleted = 9,
    FingerDeleted = 10,
    DataCleared = 13,
    ClockSet = OperationRow::SET_TIME,
    AttendanceCleared = OperationRow::CLEARED_ATTENDANCE,
    AdministratorsCleared = 24,
    DoorUnlocked = 29,
    UserEnrolled = 30,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Operations(VecDeque<OperationRow>);

impl Operations {
    /// By nobody in particular: clients do not say who they are. A time that the wire cannot hold leaves no row.
    pub(crate) fn record(&mut self, done: Done, time: DateTime, values: [u16; 4]) {
        let Some(time) = wall_clock::to_wire(time) else {
            return;
        };
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(OperationRow {
            admin: 0,
            operation: done as u8,
            mark: 0,
            time,
            values,
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &OperationRow> {
        self.0.iter()
    }

    /// The table as it stands now: the length of its rows, and the rows.
    pub(crate) fn table(&self) -> Bytes {
        let length = u32::try_from(self.0.len() * OperationRow::SIZE).unwrap_or(u32::MAX);
        let rows = self.0.iter().flat_map(OperationRow::encode);
        length.to_le_bytes().into_iter().chain(rows).collect()
    }
}
