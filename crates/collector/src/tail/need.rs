use domain::LogPosition;
use zk_wire::FreeSizes;

/// What a contact does about the log before anything of it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing happened since it was read.
    Nothing,
    /// Its end is enough, by what is known so far.
    End,
    Whole(Why),
}

/// Why a log is read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It was never read.
    Unknown,
    /// Once a day: the proof that reading only its end missed nothing.
    Proof,
    /// A person asked for it.
    Asked,
    /// The terminal cannot be asked for a part of it.
    NoParts,
    /// Its rows have different lengths, or their length changed.
    Rows,
    /// It came at once, as short ones do.
    Inline,
    /// What we know is not where it should be.
    Moved,
}

impl Why {
    /// Whether a read is recorded although it brings nothing new.
    pub(crate) fn is_told(self) -> bool {
        match self {
            Self::Unknown | Self::Proof | Self::Asked => true,
            Self::NoParts | Self::Rows | Self::Inline | Self::Moved => false,
        }
    }
}

/// `parts` says that the terminal can be asked for any part of its log; `whole` that it is to be read whole anyhow.
pub(crate) fn need(
    position: Option<&LogPosition>,
    counters: Option<&FreeSizes>,
    parts: bool,
    whole: Option<Why>,
) -> Need {
    let Some(position) = position else {
        return Need::Whole(Why::Unknown);
    };
    if let Some(why) = whole {
        return Need::Whole(why);
    }
    if nothing_happened(position, counters) {
        return Need::Nothing;
    }
    if !parts {
        return Need::Whole(Why::NoParts);
    }
    if position.row_size == 0 && position.rows > 0 {
        return Need::Whole(Why::Rows);
    }
    Need::End
}

/// A full log takes new rows in the place of old ones and its count stays, so its counters say nothing.
fn nothing_happened(position: &LogPosition, counters: Option<&FreeSizes>) -> bool {
    let Some(counters) = counters else {
        return false;
    };
    let room = match (counters.records(), counters.record_capacity()) {
        (Some(records), Some(capacity)) => records < capacity,
        (Some(_), None) => true,
        (None, _) => false,
    };
    room && position.counters.as_deref() == Some(counters.raw())
}
