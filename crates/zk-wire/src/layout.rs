use std::fmt;

/// How the rows of an attendance log are laid out. A terminal does not say; [`RowLayout::derive`] finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowLayout {
    /// 8 bytes: slot, verify, time, state.
    A8,
    /// 8 bytes: slot, flags, time (ZEM500, ZEM560, MA300).
    B8,
    /// 16 bytes: numeric user id, time, state, verify, work code; the order of the vendor's manual.
    R16,
    /// 16 bytes with verify before state, as other clients read them. Nothing in the bytes tells which is right, so this
    /// one is never derived, only chosen.
    R16VerifyFirst,
    /// 40 bytes: slot, textual user id, verify, time, state.
    R40,
    /// As 40, and 9 bytes of filler (face terminals).
    R49,
    /// As 40, and a tail of unknown meaning; the size in bytes.
    Long(usize),
    /// None that is known: pieces of so many bytes, none of which can be read. See [`RowLayout::unknown`].
    Unknown(usize),
}

/// No layout fits a log, or two fit it equally well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rows of a log of {bytes} bytes {}{}", found(*.tied), told(*.records))]
pub struct LayoutError {
    /// Bytes of all rows together.
    pub bytes: usize,
    /// The terminal's own count of rows.
    pub records: Option<u32>,
    /// Two layouts between which nothing decides.
    pub tied: Option<[RowLayout; 2]>,
}

fn found(tied: Option<[RowLayout; 2]>) -> String {
    match tied {
        None => "are in no layout that is known".to_owned(),
        Some([one, other]) => format!("may as well be in layout {one} as in layout {other}"),
    }
}

fn told(records: Option<u32>) -> String {
    records
        .map(|records| format!(" (the terminal counts {records} rows)"))
        .unwrap_or_default()
}

impl RowLayout {
    /// A row longer than this is no row.
    pub(crate) const LONGEST: usize = 1024;

    /// Whole rows of each common layout, and little enough to be looked at.
    const BLOCK: usize = 3_920;

    /// For a log that [`derive`](Self::derive) refuses, so that its bytes can be kept: pieces as long as a row is by the
    /// terminal's own count, where that may be; else of 3,920 bytes, which are whole rows of 8, 16, 40 or 49.
    pub fn unknown(bytes: usize, records: Option<u32>) -> Self {
        let counted = records
            .and_then(|records| usize::try_from(records).ok())
            .filter(|records| *records > 0 && bytes.is_multiple_of(*records))
            .map(|records| bytes / records)
            .filter(|size| (4..=Self::LONGEST).contains(size));
        Self::Unknown(counted.unwrap_or(Self::BLOCK))
    }

    /// Whether rows of this layout can be read.
    pub fn is_known(self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// Whether a log of so many bytes may have this layout. In one of layout B, rows of 4 bytes may stand among those of
    /// 8, and their number be odd.
    pub(crate) fn fits(self, bytes: usize) -> bool {
        bytes.is_multiple_of(self.size()) || (self == Self::B8 && bytes.is_multiple_of(4))
    }

    /// Bytes of one row.
    pub fn size(self) -> usize {
        match self {
            Self::A8 | Self::B8 => 8,
            Self::R16 | Self::R16VerifyFirst => 16,
            Self::R40 => 40,
            Self::R49 => 49,
            Self::Long(size) | Self::Unknown(size) => size,
        }
    }
}

impl fmt::Display for RowLayout {
    /// A short name that [`FromStr`](std::str::FromStr) takes back, where the layout is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A8 => f.write_str("8"),
            Self::B8 => f.write_str("8b"),
            Self::R16 => f.write_str("16"),
            Self::R16VerifyFirst => f.write_str("16v"),
            Self::R40 => f.write_str("40"),
            Self::R49 => f.write_str("49"),
            Self::Long(size) => write!(f, "{size}"),
            Self::Unknown(_) => f.write_str("unknown"),
        }
    }
}

impl std::str::FromStr for RowLayout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "8" => Ok(Self::A8),
            "8b" => Ok(Self::B8),
            "16" => Ok(Self::R16),
            "16v" => Ok(Self::R16VerifyFirst),
            "40" => Ok(Self::R40),
            "49" => Ok(Self::R49),
            other => match other.parse() {
                Ok(size) if (41..=Self::LONGEST).contains(&size) => Ok(Self::Long(size)),
                _ => Err(format!(
                    "{other:?} is no row format; use 8, 8b, 16, 40 or 49"
                )),
            },
        }
    }
}
