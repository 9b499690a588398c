//! The attendance log, kept as the rows that clients read.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use zk_wire::{PunchRow, RowLayout, WireTime};

use crate::{
    config::{TerminalConfig, WhenFull},
    contents::Punch,
    rope::Rope,
    wall_clock,
};

/// Punches and their rows: those of the start, which terminals share, and those that were made since. A row is made once,
/// when the punch happens.
#[derive(Debug)]
pub(crate) struct Log {
    layout: RowLayout,
    capacity: usize,
    pub(crate) when_full: WhenFull,
    start: Arc<StartLog>,
    /// Rows of the start that are no longer there.
    gone: usize,
    punches: VecDeque<Punch>,
    /// The rows of `punches`, behind `before` bytes of rows that gave way.
    rows: Vec<u8>,
    before: usize,
    /// The rows of `punches` as they were handed out last, until something changes.
    handed_out: Option<Bytes>,
    /// What the rows are in place of what was punched.
    instead: Option<Bytes>,
}

/// What a log begins with.
#[derive(Debug, Default)]
pub(crate) struct StartLog {
    punches: Arc<Vec<Punch>>,
    rows: Bytes,
}

/// No date: month and day are possible, the year is 2133.
const IMPOSSIBLE: [u8; 4] = [0xff; 4];

impl StartLog {
    pub(crate) fn new(layout: RowLayout, punches: Arc<Vec<Punch>>) -> Self {
        let mut rows = Vec::with_capacity(punches.len() * layout.size());
        for punch in punches.iter() {
            append_row(layout, punch, &mut rows);
        }
        Self {
            punches,
            rows: rows.into(),
        }
    }
}

impl Log {
    /// Of a longer start only its end is there, as if the log had rolled over.
    pub(crate) fn new(config: &TerminalConfig, start: Arc<StartLog>) -> Self {
        let mut log = Self {
            layout: config.record_format,
            capacity: usize::try_from(config.record_capacity).unwrap_or(usize::MAX),
            when_full: config.when_full,
            gone: 0,
            start,
            punches: VecDeque::new(),
            rows: Vec::new(),
            before: 0,
            handed_out: None,
            instead: None,
        };
        log.gone = log.start.punches.len().saturating_sub(log.capacity);
        log
    }

    /// Adds a punch; in a full log the oldest gives way, or nothing happens: then `false`.
    pub(crate) fn append(&mut self, punch: Punch) -> bool {
        if self.capacity == 0 {
            return false;
        }
        if self.len() >= self.capacity {
            match self.when_full {
                WhenFull::Refuse => return false,
                WhenFull::RollOver => self.drop_oldest(),
            }
        }
        self.handed_out = None;
        append_row(self.layout, &punch, &mut self.rows);
        self.punches.push_back(punch);
        true
    }

    fn drop_oldest(&mut self) {
        if self.gone < self.start.punches.len() {
            self.gone += 1;
            return;
        }
        self.punches.pop_front();
        self.before += self.layout.size();
        if self.before > self.rows.len() / 2 {
            self.rows.drain(..self.before);
            self.before = 0;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.start = Arc::default();
        self.gone = 0;
        self.punches.clear();
        self.rows.clear();
        self.before = 0;
        self.handed_out = None;
    }

    pub(crate) fn len(&self) -> usize {
        self.start.punches.len() - self.gone + self.punches.len()
    }

    pub(crate) fn capacity(&self) -> u32 {
        u32::try_from(self.capacity).unwrap_or(u32::MAX)
    }

    /// So many fit from now on; of more, the oldest are gone.
    pub(crate) fn set_capacity(&mut self, capacity: u32) {
        self.capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        while self.len() > self.capacity {
            self.drop_oldest();
        }
    }

    pub(crate) fn punches(&self) -> impl DoubleEndedIterator<Item = &Punch> {
        let start = self.start.punches.get(self.gone..).unwrap_or_default();
        start.iter().chain(&self.punches)
    }

    pub(crate) fn say_instead(&mut self, rows: Option<Bytes>) {
        self.instead = rows;
    }

    /// The table as it stands now: the length of its rows, and the rows.
    pub(crate) fn table(&mut self) -> Rope {
        let length = match &self.instead {
            Some(rows) => rows.len(),
            None => self.len() * self.layout.size(),
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let mut table = Rope::from(Bytes::copy_from_slice(&length.to_le_bytes()));
        if let Some(rows) = &self.instead {
            table.push(rows.clone());
            return table;
        }
        table.push(self.start.rows.slice(self.gone * self.layout.size()..));
        let rows = self.rows.get(self.before..).unwrap_or_default();
        let made_since = self
            .handed_out
            .get_or_insert_with(|| Bytes::copy_from_slice(rows));
        table.push(made_since.clone());
        table
    }
}

fn append_row(layout: RowLayout, punch: &Punch, rows: &mut Vec<u8>) {
    let time = wall_clock::to_wire(punch.time);
    let row = PunchRow {
        uid: punch.uid,
        pin: punch.pin.clone(),
        time: time.unwrap_or(NEW_YEAR),
        state: punch.state,
        verify: punch.verify,
        work_code: punch.work_code,
    };
    let at = rows.len() + time_offset(layout);
    layout.encode(&row, rows);
    if time.is_none()
        && let Some(field) = rows.get_mut(at..at + IMPOSSIBLE.len())
    {
        field.copy_from_slice(&IMPOSSIBLE);
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
        RowLayout::R40 | RowLayout::R49 | RowLayout::Long(_) | RowLayout::Unknown(_) => 27,
    }
}
