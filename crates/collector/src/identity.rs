//! Whether the terminal that answers is the one that is registered: a terminal is its serial number, not its address.

use domain::Terminal;

/// What the serial number that was just read means for the terminal registered at this address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the one.
    Same,
    /// It was never reached before and now says who it is.
    First { serial: String },
    /// It was never reached before and has no serial number: an id is minted for it.
    Nameless,
    /// Another terminal answers at this address.
    Other { serial: String },
    /// It has a serial number but did not say it; nothing is stored until it does.
    Silent,
}

/// Identities of terminals without a serial number start so.
pub(crate) const MINTED: &str = "minted-";

pub(crate) fn judge(registered: &Terminal, serial: Option<&str>) -> Verdict {
    let serial = serial.map(str::trim).filter(|serial| !serial.is_empty());
    match (registered.identity.as_deref(), serial) {
        (None, Some(serial)) => Verdict::First {
            serial: serial.to_owned(),
        },
        (None, None) => Verdict::Nameless,
        (Some(known), None) if known.starts_with(MINTED) => Verdict::Same,
        (Some(_), None) => Verdict::Silent,
        (Some(known), Some(serial)) if known == serial => Verdict::Same,
        (Some(_), Some(serial)) => Verdict::Other {
            serial: serial.to_owned(),
        },
    }
}
