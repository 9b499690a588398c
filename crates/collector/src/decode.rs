//! Between the words of the wire and ours.

use domain::{Enrolment, LocalTime, LocalTimeError, Pin, StateVerifyOrder};
use zk_wire::{AttendanceEvent, AttendanceRow, RowLayout, UserRow, WireTime, text::CodePage};

use crate::rows::{Decoded, LogRow, Who};

/// The layout that rows are read by: of two that look alike, the one that people chose.
pub(crate) fn as_set(layout: RowLayout, order: StateVerifyOrder) -> RowLayout {
    match (layout, order) {
        (RowLayout::R16, StateVerifyOrder::VerifyFirst) => RowLayout::R16VerifyFirst,
        (layout, StateVerifyOrder::StateFirst | StateVerifyOrder::VerifyFirst) => layout,
    }
}

/// A row of the log, with all that its bytes alone tell.
pub(crate) fn log_row(raw: &[u8], layout: RowLayout) -> LogRow {
    let decoded = layout
        .decode(raw)
        .map_err(|reason| reason.to_string())
        .and_then(|read| decoded(&read));
    LogRow {
        raw: raw.to_vec(),
        decoded,
    }
}

fn decoded(row: &AttendanceRow) -> Result<Decoded, String> {
    Ok(Decoded {
        who: who(&row.who)?,
        time: local_time(row.time).map_err(|error| error.to_string())?,
        state: row.state,
        verify: row.verify,
        work_code: row.work_code,
    })
}

/// A punch as it was told; `None` where only the log can explain it.
pub(crate) fn event(event: &AttendanceEvent) -> Option<Decoded> {
    Some(Decoded {
        who: who(&event.who).ok()?,
        time: local_time(event.time).ok()?,
        state: event.state,
        verify: event.verify,
        work_code: 0,
    })
}

fn who(who: &zk_wire::Who) -> Result<Who, String> {
    Ok(match who {
        zk_wire::Who::Pin(pin) => {
            Who::Pin(Pin::new(pin.as_str()).map_err(|error| error.to_string())?)
        }
        zk_wire::Who::Slot(slot) => Who::Slot(*slot),
    })
}

/// A person as the terminal knows them; `None` where the user id is none.
pub(crate) fn enrolment(user: &UserRow, code_page: CodePage) -> Option<Enrolment> {
    Some(Enrolment {
        pin: Pin::new(user.pin.as_str()).ok()?,
        uid: user.uid,
        name: zk_wire::text::decode(&user.name, code_page),
        name_raw: user.name.clone(),
        privilege: user.privilege,
        card: user.card,
        group_id: user.group.to_string(),
        has_password: !user.password.is_empty(),
    })
}

pub(crate) fn local_time(time: WireTime) -> Result<LocalTime, LocalTimeError> {
    let small = |value: u8| i8::try_from(value).unwrap_or(i8::MAX);
    LocalTime::new(
        i16::try_from(time.year).unwrap_or(i16::MAX),
        small(time.month),
        small(time.day),
        small(time.hour),
        small(time.minute),
        small(time.second),
    )
}

/// `None` outside of what a terminal's clock can show: 2000 to 2099.
pub(crate) fn wire_time(time: LocalTime) -> Option<WireTime> {
    let time = time.civil();
    let small = |value: i8| u8::try_from(value).ok();
    WireTime::new(
        u16::try_from(time.year()).ok()?,
        small(time.month())?,
        small(time.day())?,
        small(time.hour())?,
        small(time.minute())?,
        small(time.second())?,
    )
}
