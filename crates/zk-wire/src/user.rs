use crate::{
    PinText, WireError,
    bytes::{fill, u16_at, u32_at, until_nul},
};

/// Size of a user row. It does not follow from the transport: the table itself shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserFormat {
    /// Black-and-white terminals: numeric user ids, names of 8 bytes.
    B28,
    /// Later terminals: textual user ids, names of 24 bytes.
    B72,
}

/// A user as a terminal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserRow {
    /// The terminal's private slot number, 1 to 65535.
    pub uid: u16,
    /// Bit 0 disabled; bits 1 to 3 the role: 0 user, 2 enroller, 6 manager, 14 administrator.
    pub privilege: u8,
    /// ASCII, up to 8 bytes (5 in the short row); empty for none.
    pub password: Vec<u8>,
    /// As the terminal has it, see [`text::decode`](crate::text::decode).
    pub name: Vec<u8>,
    /// 0 for none.
    pub card: u32,
    /// Access group; a terminal puts users of group 0 into its first one.
    pub group: u8,
    /// The user id that people know.
    pub pin: String,
    /// The row as it came; what no field above names (time zones) is written back from here. Empty for a new user.
    pub origin: Vec<u8>,
}

/// A table of users, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserTable {
    /// In the order of the table.
    pub rows: Vec<UserRow>,
    /// `None` for an empty table.
    pub format: Option<UserFormat>,
    /// Rows that name no user, as they came.
    pub unreadable: Vec<Vec<u8>>,
}

impl UserFormat {
    const BOTH: [Self; 2] = [Self::B72, Self::B28];

    /// Bytes of one row.
    pub fn size(self) -> u16 {
        match self {
            Self::B28 => 28,
            Self::B72 => 72,
        }
    }

    fn bytes(self) -> usize {
        usize::from(self.size())
    }

    /// Finds the format of a table (without its length) of which the terminal counts `users` rows.
    ///
    /// The count decides where it divides the table into rows of a known size that also read well; else how the rows
    /// read does.
    pub fn derive(table: &[u8], users: Option<u32>) -> Option<Self> {
        let counted = users
            .and_then(|users| usize::try_from(users).ok())
            .filter(|users| *users > 0 && table.len().is_multiple_of(*users))
            .map(|users| table.len() / users);
        Self::BOTH
            .into_iter()
            .filter(|format| table.len().is_multiple_of(format.bytes()))
            .map(|format| {
                (
                    format,
                    format.score(table)
                        + if counted == Some(format.bytes()) {
                            20
                        } else {
                            0
                        },
                )
            })
            .filter(|(_, score)| *score >= 50)
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map(|(format, _)| format)
    }

    /// How well the rows read, in percent.
    fn score(self, table: &[u8]) -> usize {
        let (mut points, mut rows) = (0_usize, 0_usize);
        for row in table.chunks_exact(self.bytes()).take(200) {
            rows += 1;
            points += match UserRow::decode(self, row) {
                Ok(user) if self == Self::B28 && user.pin == "0" => 0,
                // Newer firmware has roles of its own in the upper bits, but seldom for everybody.
                Ok(user) if user.privilege >= 0x40 => 50,
                Ok(_) => 100,
                Err(_) => 0,
            };
        }
        points.checked_div(rows).unwrap_or(0)
    }
}

impl UserTable {
    /// Reads a table (without its length) of which the terminal counts `users` rows.
    pub fn decode(table: &[u8], users: Option<u32>) -> Result<Self, WireError> {
        if table.is_empty() {
            return Ok(Self::default());
        }
        let format = UserFormat::derive(table, users).ok_or_else(|| WireError::Payload {
            what: "the table of users",
            reason: format!(
                "{} bytes are no rows of 28 or 72 bytes that make sense",
                table.len()
            ),
        })?;
        let mut read = Self {
            format: Some(format),
            ..Self::default()
        };
        for row in table.chunks_exact(format.bytes()) {
            match UserRow::decode(format, row) {
                Ok(user) => read.rows.push(user),
                Err(_) => read.unreadable.push(row.to_vec()),
            }
        }
        Ok(read)
    }
}

impl UserRow {
    /// Reads one row; fails where it names no user.
    pub fn decode(format: UserFormat, row: &[u8]) -> Result<Self, WireError> {
        let wrong = |reason: &str| WireError::Payload {
            what: "a user row",
            reason: reason.to_owned(),
        };
        if row.len() != format.bytes() {
            return Err(wrong("it has another size"));
        }
        let uid = u16_at(row, 0)
            .filter(|uid| *uid > 0)
            .ok_or_else(|| wrong("its slot number is 0"))?;
        let field = |at: usize, length: usize| row.get(at..at + length).unwrap_or_default();
        let byte = |at: usize| row.get(at).copied().unwrap_or_default();
        let text = |at: usize, length: usize| until_nul(field(at, length)).to_vec();
        let origin = row.to_vec();
        Ok(match format {
            UserFormat::B28 => Self {
                uid,
                privilege: byte(2),
                password: text(3, 5),
                name: text(8, 8),
                card: u32_at(row, 16).unwrap_or_default(),
                group: byte(21),
                pin: u32_at(row, 24).unwrap_or_default().to_string(),
                origin,
            },
            UserFormat::B72 => {
                let pin = PinText::new(until_nul(field(48, 24)).trim_ascii_end())
                    .ok_or_else(|| wrong("its user id is not printable"))?;
                Self {
                    uid,
                    privilege: byte(2),
                    password: text(3, 8),
                    name: text(11, 24),
                    card: u32_at(row, 35).unwrap_or_default(),
                    group: written_group(row).unwrap_or(byte(39)),
                    pin: pin.as_str().to_owned(),
                    origin,
                }
            }
        })
    }

    /// The row in `format`. Fails where a field does not fit.
    pub fn encode(&self, format: UserFormat) -> Result<Vec<u8>, WireError> {
        let size = format.bytes();
        let mut row = if self.origin.len() == size {
            self.origin.clone()
        } else {
            vec![0; size]
        };
        put_number(&mut row, 0, &self.uid.to_le_bytes());
        put_number(&mut row, 2, &[self.privilege]);
        match format {
            UserFormat::B28 => {
                put_text(&mut row, "password", 3..8, &self.password)?;
                put_text(&mut row, "name", 8..16, &self.name)?;
                put_number(&mut row, 16, &self.card.to_le_bytes());
                put_number(&mut row, 21, &[self.group]);
                put_number(&mut row, 24, &self.number()?.to_le_bytes());
            }
            UserFormat::B72 => {
                put_text(&mut row, "password", 3..11, &self.password)?;
                put_text(&mut row, "name", 11..35, &self.name)?;
                put_number(&mut row, 35, &self.card.to_le_bytes());
                if written_group(&row).is_some() {
                    put_text(&mut row, "group", 40..47, self.group.to_string().as_bytes())?;
                } else {
                    put_number(&mut row, 39, &[self.group]);
                }
                put_text(&mut row, "user id", 48..72, self.pin.as_bytes())?;
            }
        }
        Ok(row)
    }

    /// The user id as a number that reads as the same text again: `007` would come back as `7`.
    fn number(&self) -> Result<u32, WireError> {
        let number = self
            .pin
            .parse()
            .ok()
            .filter(|number| PinText::from_number(*number).as_str() == self.pin);
        number.ok_or_else(|| WireError::Payload {
            what: "a user row",
            reason: format!(
                "the user id {:?} is no number of 32 bits without leading zeros, which this row needs",
                self.pin
            ),
        })
    }
}

fn put_number(row: &mut [u8], at: usize, value: &[u8]) {
    if let Some(field) = row.get_mut(at..at + value.len()) {
        field.copy_from_slice(value);
    }
}

/// A field that did not change keeps also what stands behind its end.
fn put_text(
    row: &mut [u8],
    what: &str,
    field: std::ops::Range<usize>,
    value: &[u8],
) -> Result<(), WireError> {
    if value.len() > field.len() {
        return Err(WireError::Payload {
            what: "a user row",
            reason: format!("the {what} has {} bytes; {} fit", value.len(), field.len()),
        });
    }
    if let Some(field) = row.get_mut(field)
        && until_nul(field) != value
    {
        fill(field, value);
    }
    Ok(())
}

/// Some clients write the group as digits where the terminal keeps time zones; terminals leave it there.
fn written_group(row: &[u8]) -> Option<u8> {
    let digits = until_nul(row.get(40..47)?);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
