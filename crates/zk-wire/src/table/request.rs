use crate::{code, code::table as number};

/// A command and its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// One of [`code`].
    pub command: u16,
    /// Empty for many commands.
    pub payload: Vec<u8>,
}

/// The tables that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// Whom the terminal knows.
    Users,
    /// The punches.
    Attendance,
    /// Fingerprints.
    Templates,
    /// What was done at the terminal.
    Operations,
    /// One fingerprint of one user: a template without any length, see
    /// [`TemplateRow::from_answer`](crate::TemplateRow::from_answer).
    Template {
        /// Slot number of the user.
        uid: u16,
        /// 0 to 9.
        finger: u8,
    },
}

impl Table {
    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Attendance => "punches",
            Self::Templates | Self::Template { .. } => "templates",
            Self::Operations => "operations",
        }
    }

    /// Bytes of its own length, with which it begins.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Users | Self::Attendance | Self::Templates | Self::Operations => 4,
            Self::Template { .. } => 0,
        }
    }

    /// Asks the terminal to prepare the table.
    pub(crate) fn prepare(self) -> Request {
        let (command, table) = match self {
            Self::Users => (code::USERS_READ, number::USERS),
            Self::Attendance => (code::ATTENDANCE_READ, 0),
            Self::Templates => (code::TABLE_READ, number::TEMPLATES),
            Self::Operations => (code::OPERATION_LOG_READ, 0),
            Self::Template { .. } => return self.direct(),
        };
        let request = BufferRequest {
            command,
            table: u32::from(table),
            extra: 0,
        };
        Request {
            command: code::PREPARE_BUFFER,
            payload: request.encode().to_vec(),
        }
    }

    /// The older way: the whole table at once.
    pub(crate) fn direct(self) -> Request {
        let (command, payload) = match self {
            Self::Users => (code::USERS_READ, vec![number::USERS]),
            Self::Attendance => (code::ATTENDANCE_READ, Vec::new()),
            Self::Templates => (code::TABLE_READ, vec![number::TEMPLATES]),
            Self::Operations => (code::OPERATION_LOG_READ, Vec::new()),
            Self::Template { uid, finger } => {
                let [low, high] = uid.to_le_bytes();
                (code::TEMPLATE_READ, vec![low, high, finger])
            }
        };
        Request { command, payload }
    }
}

/// Payload of `PREPARE_BUFFER`: which table is to be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferRequest {
    /// The command that would read the table directly.
    pub command: u16,
    /// Its table number, 0 where the command says it all.
    pub table: u32,
    /// 0 in every request that was seen.
    pub extra: u32,
}

impl BufferRequest {
    const VERSION: u8 = 1;

    /// The payload.
    pub fn encode(self) -> [u8; 11] {
        let mut payload = [0; 11];
        let fields = [Self::VERSION]
            .into_iter()
            .chain(self.command.to_le_bytes())
            .chain(self.table.to_le_bytes())
            .chain(self.extra.to_le_bytes());
        for (to, from) in payload.iter_mut().zip(fields) {
            *to = from;
        }
        payload
    }

    /// `None` for a payload of another shape.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let [Self::VERSION, c0, c1, t0, t1, t2, t3, e0, e1, e2, e3] = *payload else {
            return None;
        };
        Some(Self {
            command: u16::from_le_bytes([c0, c1]),
            table: u32::from_le_bytes([t0, t1, t2, t3]),
            extra: u32::from_le_bytes([e0, e1, e2, e3]),
        })
    }
}

/// Asks for a piece of the prepared table.
pub(crate) fn read_piece(start: usize, size: usize) -> Request {
    // Both are bounded by the largest table.
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    let payload = number(start).into_iter().chain(number(size)).collect();
    Request {
        command: code::READ_BUFFER,
        payload,
    }
}
