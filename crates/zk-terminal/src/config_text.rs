//! Shapes by name, for command lines.

use std::str::FromStr;

use crate::{
    config::{CounterShape, OffsetReads, WhenFull},
    live::{EventLength, EventsBegin, Listeners, LiveShape, Registration},
};

impl FromStr for CounterShape {
    type Err = String;

    /// `80`, `92`, `112`, `unknown`, `zero`, `one-too-many`, `frozen`, or `records=N`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(records) = text.strip_prefix("records=") {
            let records = records.parse();
            return records
                .map(Self::Records)
                .map_err(|_| format!("{text:?} names no number of records"));
        }
        Ok(match text {
            "80" => Self::B80,
            "92" => Self::B92,
            "112" => Self::B112,
            "unknown" => Self::Unknown,
            "zero" => Self::NoRecords,
            "one-too-many" => Self::OneTooMany,
            "frozen" => Self::Frozen,
            other => {
                return Err(format!(
                    "{other:?} is none of 80, 92, 112, unknown, zero, one-too-many, frozen and records=N"
                ));
            }
        })
    }
}

impl FromStr for OffsetReads {
    type Err = String;

    /// `yes`, `refused:CODE`, `ignored` or `short`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(code) = text.strip_prefix("refused:") {
            let code = code.parse();
            return code
                .map(Self::Refused)
                .map_err(|_| format!("{text:?} names no code from 0 to 65535"));
        }
        Ok(match text {
            "yes" => Self::Yes,
            "ignored" => Self::IgnoresOffset,
            "short" => Self::ShortAnswer,
            other => {
                return Err(format!(
                    "{other:?} is none of yes, refused:CODE, ignored and short"
                ));
            }
        })
    }
}

impl FromStr for WhenFull {
    type Err = String;

    /// `rollover` or `refuse`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "rollover" => Ok(Self::RollOver),
            "refuse" => Ok(Self::Refuse),
            other => Err(format!("{other:?} is neither rollover nor refuse")),
        }
    }
}

impl FromStr for LiveShape {
    type Err = String;

    /// `usual`, or what is not, separated by commas: `bytes=52`, `refused=CODE`, `when-enabled`, `newest`, `first`,
    /// `unacknowledged=N`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut shape = Self::default();
        if text == "usual" {
            return Ok(shape);
        }
        for part in text.split(',') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let wrong = || {
                format!(
                    "{part:?} is none of usual, bytes=N, refused=CODE, when-enabled, newest, first and unacknowledged=N"
                )
            };
            match (name, value) {
                ("bytes", bytes) => {
                    shape.length = EventLength::Bytes(bytes.parse().map_err(|_| wrong())?);
                }
                ("refused", code) => {
                    shape.registration = Registration::Refused(code.parse().map_err(|_| wrong())?);
                }
                ("when-enabled", "") => shape.begins = EventsBegin::WhenEnabled,
                ("newest", "") => shape.listeners = Listeners::Newest,
                ("first", "") => shape.listeners = Listeners::First,
                ("unacknowledged", most) => {
                    shape.unacknowledged = Some(most.parse().map_err(|_| wrong())?);
                }
                _ => return Err(wrong()),
            }
        }
        Ok(shape)
    }
}
