//! Rows of known layout.

use zk_wire::{RowLayout, UserFormat};

use super::{people::People, unknown};

pub(super) fn user(row: &mut [u8], format: UserFormat, people: &mut People) {
    let fields = People::user_fields(format);
    if let Some(field) = row.get_mut(fields.password) {
        People::password(field);
    }
    if let Some(field) = row.get_mut(fields.name) {
        people.name(field);
    }
    if let Some(field) = row.get_mut(fields.card) {
        People::number(&mut people.cards, field);
    }
    match format {
        UserFormat::B28 => {
            if let Some(field) = row.get_mut(24..28) {
                People::number(&mut people.pins, field);
            }
        }
        UserFormat::B72 => {
            if let Some(field) = row.get_mut(48..72) {
                people.pin(field);
            }
        }
    }
}

pub(super) fn punch(row: &mut [u8], layout: RowLayout, people: &mut People) {
    match layout {
        // A slot number, which is nobody's outside of the terminal.
        RowLayout::A8 | RowLayout::B8 => {}
        RowLayout::R16 | RowLayout::R16VerifyFirst => {
            if let Some(field) = row.get_mut(..4) {
                People::number(&mut people.pins, field);
            }
        }
        RowLayout::R40 | RowLayout::R49 => {
            if let Some(field) = row.get_mut(2..26) {
                people.pin(field);
            }
        }
        RowLayout::Unknown(_) => unknown::table(row, unknown::Names::AreNot, people),
        RowLayout::Long(_) => {
            if let Some(field) = row.get_mut(2..26) {
                people.pin(field);
            }
            if let Some(tail) = row.get_mut(40..) {
                unknown::table(tail, unknown::Names::AreNot, people);
            }
        }
    }
}

/// `u16` size of the row, `u16` slot, `u8` finger, `u8` validity, and the template, of which nothing stays.
pub(super) fn templates(mut rows: &mut [u8]) {
    const HEAD: usize = 6;
    loop {
        let size = rows
            .first_chunk()
            .map_or(0, |size| usize::from(u16::from_le_bytes(*size)));
        if size < HEAD || size > rows.len() {
            // Not the rows of templates: nothing is kept.
            rows.fill(0);
            return;
        }
        let (row, rest) = rows.split_at_mut(size);
        if let Some(template) = row.get_mut(HEAD..) {
            template.fill(0);
        }
        rows = rest;
    }
}
