//! Rows of no known layout: texts and known user ids are replaced, other numbers stay.

use super::people::People;

/// Whether names may stand in the rows, in whatever code page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    MayBeThere,
    AreNot,
}

/// Characters in a row that are no accident.
const TEXT: usize = 4;
const DIGITS: usize = 3;
/// The filler that newer face terminals put behind each row.
const FILLER: &[u8] = b"255";
/// Numbers below this occur everywhere.
const SMALL: u32 = 1_000;

pub(super) fn table(rows: &mut [u8], names: Names, people: &mut People) {
    numbers(rows, people);
    if names == Names::MayBeThere {
        high_bytes(rows);
    }
    texts(rows, people);
}

/// Numbers of 32 bits that are the user id of somebody who was met before.
fn numbers(rows: &mut [u8], people: &People) {
    let mut at = 0;
    while let Some(field) = rows.get_mut(at..at + 4) {
        let number = field
            .first_chunk()
            .map_or(0, |field| u32::from_le_bytes(*field));
        let replaced = (number >= SMALL)
            .then(|| people.pins.known(number.to_string().as_bytes()))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u32>().ok());
        if let Some(replaced) = replaced {
            field.copy_from_slice(&replaced.to_le_bytes());
            at += 4;
        } else {
            at += 1;
        }
    }
}

/// Two and more bytes in a row beyond ASCII may be a name: what they say goes, what code page they are in stays.
fn high_bytes(rows: &mut [u8]) {
    for run in rows.chunk_by_mut(|one, next| (*one >= 0x80) == (*next >= 0x80)) {
        if run.len() >= 2 && run.first().is_some_and(|byte| *byte >= 0x80) {
            for (at, byte) in run.iter_mut().enumerate() {
                *byte = *byte & 0xf0 | u8::try_from(at % 16).unwrap_or(0);
            }
        }
    }
}

fn texts(rows: &mut [u8], people: &mut People) {
    let is_text = |byte: &u8| byte.is_ascii_graphic();
    for run in rows.chunk_by_mut(|one, next| is_text(one) == is_text(next)) {
        let is_digits = run.iter().all(u8::is_ascii_digit);
        let least = if is_digits { DIGITS } else { TEXT };
        if !run.first().is_some_and(is_text) || run == FILLER {
            continue;
        }
        let replaced = if run.len() >= least {
            Some(people.pins.text(run))
        } else {
            // Too short to be a text for sure, but somebody's name or user id.
            let known = people.names.known(run).or_else(|| people.pins.known(run));
            known.filter(|_| run.len() > 1).map(<[u8]>::to_vec)
        };
        if let Some(replaced) = replaced {
            run.copy_from_slice(&replaced);
        }
    }
}
