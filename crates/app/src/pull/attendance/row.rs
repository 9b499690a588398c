//! One row of the log as a line. Written by hand: a log has hundreds of thousands of them.

use domain::PunchState;
use zk_wire::{AttendanceRow, LogRow, PinText, RowLayout, Unreadable, Who, WireTime};

use super::Pins;
use crate::pull::output::Format;

/// What is known of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    who: Option<Who>,
    /// `None` for a row that cannot be read.
    time: Option<WireTime>,
    codes: Option<Codes>,
    /// Where the fields do not say it all.
    raw: Option<&'a [u8]>,
}

#[derive(Debug, Clone, Copy)]
struct Codes {
    state: u8,
    verify: u8,
    work_code: u32,
}

impl<'a> Row<'a> {
    /// With the reason where it cannot be read.
    pub(super) fn read(row: &LogRow<'a>, layout: RowLayout) -> (Self, Option<Unreadable>) {
        match row.read() {
            Ok(read) => (
                Self {
                    time: Some(read.time),
                    ..Self::of(&read)
                },
                None,
            ),
            Err(reason) => {
                let rest = match reason {
                    Unreadable::Time(_) => without_time(row.raw(), layout),
                    Unreadable::UserId
                    | Unreadable::Nobody
                    | Unreadable::Short
                    | Unreadable::Mixed
                    | Unreadable::Layout => None,
                };
                let known = rest.map_or(
                    Self {
                        who: None,
                        time: None,
                        codes: None,
                        raw: None,
                    },
                    |rest| Self::of(&rest),
                );
                (
                    Self {
                        raw: Some(row.raw()),
                        ..known
                    },
                    Some(reason),
                )
            }
        }
    }

    fn of(read: &AttendanceRow) -> Self {
        let codes = Codes {
            state: read.state,
            verify: read.verify,
            work_code: read.work_code,
        };
        Self {
            who: Some(read.who),
            time: None,
            codes: Some(codes),
            raw: None,
        }
    }

    pub(super) fn names_a_slot(&self) -> bool {
        matches!(self.who, Some(Who::Slot(_)))
    }

    /// Appends the line without its end.
    pub(super) fn write(&self, format: Format, pins: Option<&Pins>, buffer: &mut Vec<u8>) {
        let user_id = self.who.map(|who| match who {
            Who::Pin(pin) => pin,
            // A user who is not there any more: the slot number is all there is.
            Who::Slot(slot) => {
                let known = pins.and_then(|pins| pins.get(&slot)).copied();
                known.unwrap_or_else(|| PinText::from_number(u32::from(slot)))
            }
        });
        match format {
            Format::Csv => self.write_csv(user_id, buffer),
            Format::Json | Format::Jsonl => self.write_json(user_id, buffer),
        }
    }

    fn write_csv(&self, user_id: Option<PinText>, buffer: &mut Vec<u8>) {
        if let Some(user_id) = user_id {
            csv_text(user_id.as_str(), buffer);
        }
        buffer.push(b',');
        if let Some(time) = self.time {
            put_time(time, buffer);
        }
        buffer.push(b',');
        match self.codes {
            Some(codes) => {
                put_number(u32::from(codes.state), buffer);
                buffer.push(b',');
                buffer.extend_from_slice(codes.label());
                buffer.push(b',');
                put_number(u32::from(codes.verify), buffer);
                buffer.push(b',');
                put_number(codes.work_code, buffer);
            }
            None => buffer.extend_from_slice(b",,,"),
        }
        // The header has no name for it, as nearly no log has such a row.
        if let Some(raw) = self.raw {
            buffer.push(b',');
            put_hex(raw, buffer);
        }
    }

    fn write_json(&self, user_id: Option<PinText>, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(b"{\"user_id\":");
        match user_id {
            Some(user_id) => json_text(user_id.as_str(), buffer),
            None => buffer.extend_from_slice(b"null"),
        }
        buffer.extend_from_slice(b",\"timestamp\":");
        match self.time {
            Some(time) => {
                buffer.push(b'"');
                put_time(time, buffer);
                buffer.push(b'"');
            }
            None => buffer.extend_from_slice(b"null"),
        }
        match self.codes {
            Some(codes) => {
                buffer.extend_from_slice(b",\"state\":");
                put_number(u32::from(codes.state), buffer);
                buffer.extend_from_slice(b",\"punch_type\":\"");
                buffer.extend_from_slice(codes.label());
                buffer.extend_from_slice(b"\",\"verify_mode\":");
                put_number(u32::from(codes.verify), buffer);
                buffer.extend_from_slice(b",\"work_code\":");
                put_number(codes.work_code, buffer);
            }
            None => buffer.extend_from_slice(
                b",\"state\":null,\"punch_type\":null,\"verify_mode\":null,\"work_code\":null",
            ),
        }
        if let Some(raw) = self.raw {
            buffer.extend_from_slice(b",\"raw\":\"");
            put_hex(raw, buffer);
            buffer.push(b'"');
        }
        buffer.push(b'}');
    }
}

impl Codes {
    fn label(self) -> &'static [u8] {
        PunchState::new(self.state).label().as_bytes()
    }
}

/// What a row says beside its time, which is no date.
fn without_time(raw: &[u8], layout: RowLayout) -> Option<AttendanceRow> {
    let at = match layout {
        RowLayout::A8 => 3,
        RowLayout::B8 | RowLayout::R16 | RowLayout::R16VerifyFirst => 4,
        RowLayout::R40 | RowLayout::R49 | RowLayout::Long(_) | RowLayout::Unknown(_) => 27,
    };
    let mut row = raw.to_vec();
    row.get_mut(at..at + 4)?.fill(0);
    layout.decode(&row).ok()
}

/// User ids are printable ASCII without spaces, but that includes commas and quotes.
fn csv_text(text: &str, buffer: &mut Vec<u8>) {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"')) {
        buffer.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                buffer.push(b'"');
            }
            buffer.push(byte);
        }
        buffer.push(b'"');
    } else {
        buffer.extend_from_slice(text.as_bytes());
    }
}

/// As above.
fn json_text(text: &str, buffer: &mut Vec<u8>) {
    buffer.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            buffer.push(b'\\');
        }
        buffer.push(byte);
    }
    buffer.push(b'"');
}

/// `2026-11-23 08:30:00`
fn put_time(time: WireTime, buffer: &mut Vec<u8>) {
    let [century, year] =
        [time.year / 100, time.year % 100].map(|part| u8::try_from(part).unwrap_or(0));
    put_two(century, buffer);
    for (part, before) in [
        (year, None),
        (time.month, Some(b'-')),
        (time.day, Some(b'-')),
        (time.hour, Some(b' ')),
        (time.minute, Some(b':')),
        (time.second, Some(b':')),
    ] {
        buffer.extend(before);
        put_two(part, buffer);
    }
}

fn put_two(number: u8, buffer: &mut Vec<u8>) {
    buffer.extend_from_slice(&[b'0' + number / 10 % 10, b'0' + number % 10]);
}

fn put_number(number: u32, buffer: &mut Vec<u8>) {
    match number {
        0..=9 => buffer.extend(u8::try_from(number).map(|digit| b'0' + digit)),
        _ => buffer.extend_from_slice(PinText::from_number(number).as_str().as_bytes()),
    }
}

fn put_hex(bytes: &[u8], buffer: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            buffer.extend(DIGITS.get(usize::from(half)));
        }
    }
}
