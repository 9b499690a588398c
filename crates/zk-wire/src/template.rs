use std::fmt;

use crate::{WireError, bytes::u16_at};

/// A fingerprint as a terminal keeps it: personal data that its person cannot change. `Debug` leaves the template out.
#[derive(Clone, PartialEq, Eq)]
pub struct TemplateRow {
    /// Slot number of the user.
    pub uid: u16,
    /// 0 to 9; 16 and more are faces and palms on some terminals.
    pub finger: u8,
    /// 0 invalid, 1 valid, 3 gives a silent alarm (duress).
    pub valid: u8,
    /// In the form of the terminal's algorithm, see [`TemplateAlgorithm::of`].
    pub template: Vec<u8>,
}

/// A table of templates, read. Rows differ in length, so nothing can be read behind a broken one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateTable {
    /// In the order of the table.
    pub rows: Vec<TemplateRow>,
    /// The rest of the table, from the first row on whose length is impossible.
    pub unreadable: Vec<u8>,
}

/// What made a template: one algorithm does not read what another made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateAlgorithm {
    /// `ZKFinger` 10.0; 300 to 1,700 bytes.
    ZkFinger10,
}

/// Bytes before the template.
const HEAD: usize = 6;

impl TemplateRow {
    /// Bytes of the longest template that a row can tell.
    pub const LONGEST: usize = u16::MAX as usize - HEAD;

    /// Reads the answer to [`code::TEMPLATE_READ`](crate::code::TEMPLATE_READ): the template, on some terminals six zeros,
    /// and its validity. `None` for an answer without a template.
    pub fn from_answer(uid: u16, finger: u8, answer: &[u8]) -> Option<Self> {
        let (valid, template) = answer.split_last()?;
        let template = template.strip_suffix(&[0; 6]).unwrap_or(template);
        (!template.is_empty()).then(|| Self {
            uid,
            finger,
            valid: *valid,
            template: template.to_vec(),
        })
    }

    /// Appends the row as the table has it; fails for a template that is too long.
    pub fn encode(&self, table: &mut Vec<u8>) -> Result<(), WireError> {
        let size = u16::try_from(self.template.len() + HEAD)
            .map_err(|_| too_long("a template row", self.template.len()))?;
        table.extend_from_slice(&size.to_le_bytes());
        table.extend_from_slice(&self.uid.to_le_bytes());
        table.extend_from_slice(&[self.finger, self.valid]);
        table.extend_from_slice(&self.template);
        Ok(())
    }
}

pub(crate) fn too_long(what: &'static str, length: usize) -> WireError {
    WireError::Payload {
        what,
        reason: format!(
            "the template has {length} bytes; {} fit",
            TemplateRow::LONGEST
        ),
    }
}

impl TemplateTable {
    /// Reads a table without its length.
    pub fn decode(table: &[u8]) -> Self {
        let mut read = Self::default();
        let mut rest = table;
        while let Some((row, others)) = first_row(rest) {
            read.rows.push(row);
            rest = others;
        }
        read.unreadable = rest.to_vec();
        read
    }
}

fn first_row(table: &[u8]) -> Option<(TemplateRow, &[u8])> {
    let size = usize::from(u16_at(table, 0)?);
    let (row, others) = table.split_at_checked(size)?;
    let [_, _, u0, u1, finger, valid, template @ ..] = row else {
        return None;
    };
    let row = TemplateRow {
        uid: u16::from_le_bytes([*u0, *u1]),
        finger: *finger,
        valid: *valid,
        template: template.to_vec(),
    };
    Some((row, others))
}

impl TemplateAlgorithm {
    /// What made this template; `None` where it is not known.
    pub fn of(template: &[u8]) -> Option<Self> {
        // The second byte differs from template to template.
        match template {
            [b'M', _, b'S', b'S', b'2', b'1', ..] => Some(Self::ZkFinger10),
            _ => None,
        }
    }
}

impl fmt::Display for TemplateAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZkFinger10 => f.write_str("ZKFinger 10.0"),
        }
    }
}

impl fmt::Debug for TemplateRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateRow")
            .field("uid", &self.uid)
            .field("finger", &self.finger)
            .field("valid", &self.valid)
            .field("bytes", &self.template.len())
            .finish_non_exhaustive()
    }
}
