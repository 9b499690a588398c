use crate::bytes::u32_at;

/// The answer to `GET_FREE_SIZES`: how much a terminal says that it holds.
///
/// A count of `None` is not told. Counts may be wrong on some firmware (zero records in a full log), so they never stand
/// for the table itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeSizes {
    raw: Vec<u8>,
}

/// The counts that an answer carries; for making one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Users enrolled.
    pub users: u32,
    /// Fingerprint templates of all users.
    pub templates: u32,
    /// Rows in the attendance log.
    pub records: u32,
    /// Rows in the log of operations.
    pub operations: u32,
    /// Users that may open the menu.
    pub admins: u32,
    /// Users with a password.
    pub passwords: u32,
    /// Templates that fit.
    pub template_capacity: u32,
    /// Users that fit.
    pub user_capacity: u32,
    /// Rows that fit into the attendance log.
    pub record_capacity: u32,
}

/// Shorter answers are the single zero of terminals that count nothing.
const SHORTEST: usize = 80;
const USERS: usize = 4;
const TEMPLATES: usize = 6;
const RECORDS: usize = 8;
const OPERATIONS: usize = 10;
const ADMINS: usize = 12;
const PASSWORDS: usize = 13;
const TEMPLATE_CAPACITY: usize = 14;
const USER_CAPACITY: usize = 15;
const RECORD_CAPACITY: usize = 16;

impl FreeSizes {
    /// Takes the payload of the answer, of any length.
    pub fn new(payload: impl Into<Vec<u8>>) -> Self {
        Self {
            raw: payload.into(),
        }
    }

    /// The answer byte for byte.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whether any count is told.
    pub fn are_known(&self) -> bool {
        self.raw.len() >= SHORTEST
    }

    /// Users enrolled.
    pub fn users(&self) -> Option<u32> {
        self.word(USERS)
    }

    /// Fingerprint templates of all users.
    pub fn templates(&self) -> Option<u32> {
        self.word(TEMPLATES)
    }

    /// Rows in the attendance log.
    pub fn records(&self) -> Option<u32> {
        self.word(RECORDS)
    }

    /// Users that may open the menu.
    pub fn admins(&self) -> Option<u32> {
        self.word(ADMINS)
    }

    /// Users that fit.
    pub fn user_capacity(&self) -> Option<u32> {
        self.word(USER_CAPACITY)
    }

    /// Rows that the attendance log can hold; `None` also where the terminal says zero.
    pub fn record_capacity(&self) -> Option<u32> {
        self.word(RECORD_CAPACITY).filter(|capacity| *capacity > 0)
    }

    fn word(&self, index: usize) -> Option<u32> {
        if self.are_known() {
            u32_at(&self.raw, index * 4)
        } else {
            None
        }
    }

    /// Makes an answer of `words` numbers: 20, 23 and 28 are seen on terminals.
    pub fn encode(counts: &Counts, words: usize) -> Vec<u8> {
        let mut table = vec![0_u32; words];
        let free = |capacity: u32, used: u32| capacity.saturating_sub(used);
        for (index, value) in [
            (USERS, counts.users),
            (TEMPLATES, counts.templates),
            (RECORDS, counts.records),
            (OPERATIONS, counts.operations),
            (ADMINS, counts.admins),
            (PASSWORDS, counts.passwords),
            (TEMPLATE_CAPACITY, counts.template_capacity),
            (USER_CAPACITY, counts.user_capacity),
            (RECORD_CAPACITY, counts.record_capacity),
            (17, free(counts.template_capacity, counts.templates)),
            (18, free(counts.user_capacity, counts.users)),
            (19, free(counts.record_capacity, counts.records)),
        ] {
            if let Some(word) = table.get_mut(index) {
                *word = value;
            }
        }
        table.into_iter().flat_map(u32::to_le_bytes).collect()
    }
}
