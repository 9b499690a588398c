//! Commands that write and delete templates, one by one and with their users all at once.

use std::sync::Arc;

use zk_wire::{BulkUpload, PinText, TemplateRow, code};

use crate::{
    commands::Command, error::Error, operations::Done, people::Rules, reply::Answer, upload::Upload,
};

// Commands that other clients send and zk-wire has no use for.
const TEMPLATE_WRITE: u16 = 10;
const DELETE_TEMPLATE_BY_PIN: u16 = 134;

/// `None` for commands that are about something else. `upload` is that of the session.
pub(crate) fn answer(command: &mut Command<'_>, upload: &mut Option<Upload>) -> Option<Answer> {
    let payload = command.packet.payload.as_slice();
    Some(match command.packet.command {
        code::PREPARE_DATA => {
            *upload = Upload::begin(payload);
            command.done(upload.is_some())
        }
        code::DATA => {
            let taken = upload.as_mut().is_some_and(|upload| upload.take(payload));
            command.done(taken)
        }
        code::CHECKSUM_BUFFER => match upload {
            Some(upload) => {
                let sum = u32::from(zk_wire::checksum(upload.bytes()));
                command.with(sum.to_le_bytes().to_vec())
            }
            None => command.done(false),
        },
        code::SAVE_TEMPLATES => {
            let saved = match upload.as_ref().and_then(Upload::whole) {
                Some(bytes) if payload == BulkUpload::SAVE => save(command, bytes),
                _ => false,
            };
            if saved {
                *upload = None;
            }
            command.done(saved)
        }
        code::TEMPLATE_STORE => {
            let row = upload
                .as_ref()
                .and_then(|upload| single(payload, upload.bytes()));
            let stored = row.is_some_and(|row| put(command, row));
            command.done(stored)
        }
        TEMPLATE_WRITE => {
            let row = zk_wire::TemplateTable::decode(payload)
                .rows
                .into_iter()
                .next();
            let stored = row.is_some_and(|row| put(command, row));
            command.done(stored)
        }
        code::DELETE_TEMPLATE => match *payload {
            [u0, u1, finger] => delete(command, Some(u16::from_le_bytes([u0, u1])), finger),
            _ => command.done(false),
        },
        DELETE_TEMPLATE_BY_PIN => match payload {
            [id @ .., finger] if id.len() == PinText::MAX => {
                let id = id.split(|byte| *byte == 0).next().unwrap_or_default();
                let uid = std::str::from_utf8(id)
                    .ok()
                    .and_then(|pin| command.state.people().slot_of(pin));
                delete(command, uid, *finger)
            }
            _ => command.done(false),
        },
        _ => return None,
    })
}

/// Slot, finger, validity and size, over what was uploaded.
fn single(payload: &[u8], upload: &[u8]) -> Option<TemplateRow> {
    let [u0, u1, finger, valid, s0, s1] = *payload else {
        return None;
    };
    let size = usize::from(u16::from_le_bytes([s0, s1]));
    Some(TemplateRow {
        uid: u16::from_le_bytes([u0, u1]),
        finger,
        valid,
        template: upload.get(..size)?.to_vec(),
    })
}

/// `false` where the user is not there or the finger is taken.
fn put(command: &mut Command<'_>, row: TemplateRow) -> bool {
    let (uid, finger) = (row.uid, row.finger);
    let allowed = command.state.people().has(uid)
        && command.state.templates.get(uid, finger).is_none()
        && !row.template.is_empty()
        && row.template.len() <= TemplateRow::LONGEST
        && command.state.templates.len() < usize::from(command.config.template_capacity);
    if allowed && command.keeps() {
        command.state.templates.put(row);
        command.state.activity.template_writes += 1;
        command.record(Done::FingerEnrolled, [uid, 0, 0, u16::from(finger)]);
    }
    allowed
}

fn delete(command: &mut Command<'_>, uid: Option<u16>, finger: u8) -> Answer {
    let Some(uid) = uid.filter(|uid| command.state.templates.get(*uid, finger).is_some()) else {
        return command.done(false);
    };
    if command.keeps() {
        command.state.templates.remove(uid, finger);
        command.state.activity.template_writes += 1;
    }
    command.done_as(true, Done::FingerDeleted, [uid, 0, 0, u16::from(finger)])
}

/// All of it, or nothing.
fn save(command: &mut Command<'_>, bytes: &[u8]) -> bool {
    match save_all(command, bytes) {
        Ok(()) => true,
        Err(error) => {
            tracing::debug!(%error, "upload refused");
            false
        }
    }
}

fn save_all(command: &mut Command<'_>, bytes: &[u8]) -> Result<(), Error> {
    let invalid = |source| Error::UserInvalid {
        pin: String::new(),
        source,
    };
    let upload = BulkUpload::parse(bytes).map_err(invalid)?;
    let rules = Rules::of(command.config);
    let mut people = command.state.people().clone();
    let mut enrolled = Vec::new();
    for user in &upload.users {
        let row = user.encode(upload.format).map_err(invalid)?;
        if !people.has(user.uid) {
            enrolled.push(user.uid);
        }
        people.write(&row, rules)?;
    }
    let mut templates = command.state.templates.clone();
    for row in upload.templates {
        if !people.has(row.uid) {
            return Err(Error::NobodyInSlot { uid: row.uid });
        }
        templates.put(row);
    }
    let capacity = command.config.template_capacity;
    if templates.len() > usize::from(capacity) {
        return Err(Error::TemplatesFull { capacity });
    }
    if !command.keeps() {
        return Ok(());
    }
    let (users, written) = (upload.users.len(), templates.len());
    let before = command.state.templates.len();
    command.state.set_people(Arc::new(people));
    command.state.templates = templates;
    command.state.activity.user_writes += users as u64;
    command.state.activity.template_writes += written.saturating_sub(before) as u64;
    command.state.activity.uploads += 1;
    for uid in enrolled {
        command.record(Done::UserEnrolled, [uid, 0, 0, 0]);
    }
    Ok(())
}
