//! The attendance log, kept as the rows that clients read.

use std::collections::VecDeque;

use bytes::{BufMut as _, Bytes, BytesMut};
use zk_wire::{PunchRow, RowLayout, WireTime};

use crate::{contents::Punch, wall_clock};

/// Punches and their rows. A row is made once, when the punch happens, so that handing out the table is one copy.
#[derive(Debug)]
pub(crate) struct Log {
    layout: RowLayout,
    capacity: usize,
    punches: VecDeque<Punch>,
    /// The rows of `punches`, behind `start` bytes of rows that gave way.
    rows: Vec<u8>,
    start: usize,
    /// The table as it was handed out last, until something changes.
    table: Option<Bytes>,
}

/// No date: month and day are possible, the year is 2133.
const IMPOSSIBLE: [u8; 4] = [0xff; 4];

impl Log {
    pub(crate) fn new(layout: RowLayout, capacity: u32) -> Self {
        Self {
            layout,
            capacity: usize::try_from(capacity).unwrap_or(usize::MAX),
            punches: VecDeque::new(),
            rows: Vec::new(),
            start: 0,
            table: None,
        }
    }

    /// Adds a punch; in a full log the oldest gives way.
    pub(crate) fn append(&mut self, punch: Punch) {
        self.table = None;
        if self.capacity == 0 {
            return;
        }
        if self.punches.len() >= self.capacity {
            self.punches.pop_front();
            self.start += self.layout.size();
            if self.start > self.rows.len() / 2 {
                self.rows.drain(..self.start);
                self.start = 0;
            }
        }
        let time = wall_clock::to_wire(punch.time);
        let row = PunchRow {
            uid: punch.uid,
            pin: punch.pin.clone(),
            time: time.unwrap_or(NEW_YEAR),
            state: punch.state,
            verify: punch.verify,
            work_code: punch.work_code,
        };
        let begin = self.rows.len();
        self.layout.encode(&row, &mut self.rows);
        let at = begin + time_offset(self.layout);
        if time.is_none()
            && let Some(field) = self.rows.get_mut(at..at + IMPOSSIBLE.len())
        {
            field.copy_from_slice(&IMPOSSIBLE);
        }
        self.punches.push_back(punch);
    }

    pub(crate) fn clear(&mut self) {
        self.punches.clear();
        self.rows.clear();
        self.start = 0;
        self.table = None;
    }

    pub(crate) fn len(&self) -> usize {
        self.punches.len()
    }

    pub(crate) fn punches(&self) -> &VecDeque<Punch> {
        &self.punches
    }

    /// The table as it stands now: the length of its rows, and the rows.
    pub(crate) fn table(&mut self) -> Bytes {
        if let Some(table) = &self.table {
            return table.clone();
        }
        let rows = self.rows.get(self.start..).unwrap_or_default();
        let mut table = BytesMut::with_capacity(4 + rows.len());
        table.put_u32_le(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        table.put_slice(rows);
        let table = table.freeze();
        self.table = Some(table.clone());
        table
    }
}

/// Stands where a time cannot be written, until it is overwritten.
const NEW_YEAR: WireTime = WireTime {
    year: 2000,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
};

fn time_offset(layout: RowLayout) -> usize {
    match layout {
        RowLayout::A8 => 3,
        RowLayout::B8 | RowLayout::R16 | RowLayout::R16VerifyFirst => 4,
        RowLayout::R40 | RowLayout::R49 | RowLayout::Long(_) => 27,
    }
}
