use crate::{
    Unreadable, WireTime,
    bytes::{u16_at, u32_at},
};

/// One row of the log of what was done at a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationRow {
    /// Slot number of who did it, 0 for nobody.
    pub admin: u16,
    /// What was done, see [`name`](Self::name).
    pub operation: u8,
    /// Of unknown meaning.
    pub mark: u8,
    /// By the terminal's own clock.
    pub time: WireTime,
    /// What it was done to; the meaning goes by the operation.
    pub values: [u16; 4],
}

/// A log of operations, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OperationTable {
    /// In the order of the table.
    pub rows: Vec<OperationRow>,
    /// Rows whose time is no date, and what is left at the end, as they came.
    pub unreadable: Vec<Vec<u8>>,
}

impl OperationRow {
    /// Bytes of a row.
    pub const SIZE: usize = 16;
    /// The attendance log was cleared.
    pub const CLEARED_ATTENDANCE: u8 = 23;
    /// The clock was set.
    pub const SET_TIME: u8 = 21;

    /// Reads one row.
    pub fn decode(row: &[u8]) -> Result<Self, Unreadable> {
        let word = |at: usize| u16_at(row, at).ok_or(Unreadable::Short);
        let byte = |at: usize| row.get(at).copied().ok_or(Unreadable::Short);
        let packed = u32_at(row, 4).ok_or(Unreadable::Short)?;
        Ok(Self {
            admin: word(0)?,
            operation: byte(2)?,
            mark: byte(3)?,
            time: WireTime::from_u32(packed).ok_or(Unreadable::Time(packed))?,
            values: [word(8)?, word(10)?, word(12)?, word(14)?],
        })
    }

    /// The row as the table has it.
    pub fn encode(&self) -> [u8; Self::SIZE] {
        let mut row = [0; Self::SIZE];
        let fields = self
            .admin
            .to_le_bytes()
            .into_iter()
            .chain([self.operation, self.mark])
            .chain(self.time.to_u32().to_le_bytes())
            .chain(self.values.into_iter().flat_map(u16::to_le_bytes));
        for (to, from) in row.iter_mut().zip(fields) {
            *to = from;
        }
        row
    }

    /// For people; `None` for an operation that is not known.
    pub fn name(&self) -> Option<&'static str> {
        Some(match self.operation {
            0 => "switched on",
            1 => "switched off",
            3 => "tampered with",
            4 => "menu opened",
            5 => "setting changed",
            6 => "fingerprint enrolled",
            7 => "password added",
            8 => "card added",
            9 => "user deleted",
            10 => "fingerprint deleted",
            13 => "data cleared",
            Self::SET_TIME => "clock set",
            22 => "reset to factory settings",
            Self::CLEARED_ATTENDANCE => "attendance log cleared",
            24 => "administrators cleared",
            29 => "door unlocked",
            30 => "user enrolled",
            _ => return None,
        })
    }
}

impl OperationTable {
    /// Reads a table without its length.
    pub fn decode(table: &[u8]) -> Self {
        let mut read = Self::default();
        for row in table.chunks(OperationRow::SIZE) {
            match OperationRow::decode(row) {
                Ok(operation) => read.rows.push(operation),
                Err(_) => read.unreadable.push(row.to_vec()),
            }
        }
        read
    }
}
