//! Column values made domain values. What does not fit was damaged outside of this program.

use domain::LocalTime;
use jiff::Timestamp;
use serde::Serialize;

use crate::{Result, StoreError};

/// Unix milliseconds.
pub(crate) fn moment(millis: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(millis)
        .map_err(|_| StoreError::damaged(format!("{millis} is no moment")))
}

/// Unix seconds.
pub(crate) fn second(seconds: i64) -> Result<Timestamp> {
    Timestamp::from_second(seconds)
        .map_err(|_| StoreError::damaged(format!("{seconds} is no moment")))
}

pub(crate) fn moment_opt(millis: Option<i64>) -> Result<Option<Timestamp>> {
    millis.map(moment).transpose()
}

pub(crate) fn local_time(text: &str) -> Result<LocalTime> {
    text.parse()
        .map_err(|_| StoreError::damaged(format!("{text:?} is no local time")))
}

pub(crate) fn narrow<T: TryFrom<i64>>(value: i64, column: &str) -> Result<T> {
    value
        .try_into()
        .map_err(|_| StoreError::damaged(format!("{column} holds {value}")))
}

/// A list as one parameter, for `json_each`.
pub(crate) fn json(list: &impl Serialize) -> Result<String> {
    serde_json::to_string(list).map_err(|error| StoreError::damaged(error.to_string()))
}

/// Bytes as a text, for `unhex` in a statement over `json_each`.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .map_or('0', |digit| char::from(*digit))
    };
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)])
        .collect()
}

/// What [`hex`] made of bytes.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let pairs = text.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
