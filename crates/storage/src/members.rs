//! The punches of a batch in a few bytes, so that what was sent can be shown after its records have moved on.
//!
//! Ascending row numbers, mostly one after the other: pairs of a gap and a length, each in groups of seven bits.

use crate::{Result, StoreError};

/// Most members that are read back; no batch is larger.
const MOST: u64 = 100_000;

/// `punches` ascend.
pub(crate) fn encode(punches: &[i64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut next = 0;
    let mut rest = punches;
    while let Some(first) = rest.first().copied() {
        let run = rest
            .iter()
            .zip(first..)
            .take_while(|(punch, expected)| *punch == expected)
            .count();
        put(&mut bytes, u64::try_from(first - next).unwrap_or(0));
        put(&mut bytes, u64::try_from(run).unwrap_or(0));
        next = first.saturating_add(i64::try_from(run).unwrap_or(i64::MAX));
        rest = rest.get(run..).unwrap_or_default();
    }
    bytes
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<i64>> {
    let mut bytes = bytes.iter();
    let mut punches = Vec::new();
    let mut next: i64 = 0;
    while let Some(gap) = take(&mut bytes)? {
        let run = take(&mut bytes)?.ok_or_else(damaged)?;
        let known = u64::try_from(punches.len()).unwrap_or(u64::MAX);
        if known.saturating_add(run) > MOST {
            return Err(damaged());
        }
        let gap = i64::try_from(gap).map_err(|_| damaged())?;
        let run = i64::try_from(run).map_err(|_| damaged())?;
        let first = next.checked_add(gap).ok_or_else(damaged)?;
        let end = first.checked_add(run).ok_or_else(damaged)?;
        punches.extend(first..end);
        next = end;
    }
    Ok(punches)
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// `None` at the end.
fn take<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Result<Option<u64>> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let Some(byte) = bytes.next() else {
            return if shift == 0 { Ok(None) } else { Err(damaged()) };
        };
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(Some(value));
        }
    }
    Err(damaged())
}

fn damaged() -> StoreError {
    StoreError::damaged("batches.punches is no list of punches")
}
