//! Punches: row by row while they arrive.

mod row;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, io::Write};

use zk_client::Session;
use zk_wire::{FreeSizes, PinText, Unreadable};

use self::row::Row;
use super::{output::Lines, progress::Progress, warn};

pub(super) const HEADER: &str = "user_id,timestamp,state,punch_type,verify_mode,work_code";

/// What a pull came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: u64,
    unreadable: u64,
    first_reason: Option<Unreadable>,
    /// Rows, as the terminal counted them before.
    counted: Option<u32>,
}

/// User ids by the terminal's private slot numbers.
type Pins = HashMap<u16, PinText>;

/// How far a read of the log got.
enum Read {
    ToTheEnd,
    /// A row names a slot number only, and the users were not read yet.
    NeedsUsers,
}

pub(super) async fn pull<W: Write>(
    session: &mut Session,
    lines: &mut Lines<W>,
    progress: &mut Progress,
) -> anyhow::Result<Tally> {
    let counters = session.counters().await?;
    let mut tally = Tally {
        counted: counters.as_ref().and_then(FreeSizes::records),
        ..Tally::default()
    };
    let mut pins = None;
    loop {
        match read(
            session,
            counters.as_ref(),
            pins.as_ref(),
            lines,
            &mut tally,
            progress,
        )
        .await?
        {
            Read::ToTheEnd => return Ok(tally),
            // The terminal holds one prepared table at a time, so the log is asked for again afterwards.
            Read::NeedsUsers => pins = Some(read_pins(session).await?),
        }
    }
}

async fn read<W: Write>(
    session: &mut Session,
    counters: Option<&FreeSizes>,
    pins: Option<&Pins>,
    lines: &mut Lines<W>,
    tally: &mut Tally,
    progress: &mut Progress,
) -> anyhow::Result<Read> {
    let format = lines.format();
    let mut written_before = tally.rows;
    let mut log = session.attendance(counters).await?;
    while let Some(rows) = log.next_rows().await? {
        let Some(layout) = log.layout() else { continue };
        for row in rows.iter() {
            if written_before > 0 {
                written_before -= 1;
                continue;
            }
            let (row, reason) = Row::read(&row, layout);
            if row.names_a_slot() && pins.is_none() {
                return Ok(Read::NeedsUsers);
            }
            tally.take(reason);
            lines.add(|buffer| row.write(format, pins, buffer))?;
        }
        progress.show(
            tally.rows,
            log.bytes().map_or(0, |bytes| bytes / layout.size()),
        );
    }
    log.finish().await;
    Ok(Read::ToTheEnd)
}

async fn read_pins(session: &mut Session) -> anyhow::Result<Pins> {
    match session.users().await {
        Ok(users) => {
            let pins = users
                .rows
                .iter()
                .filter_map(|user| Some((user.uid, PinText::new(user.pin.as_bytes())?)));
            Ok(pins.collect())
        }
        Err(error) if error.is_about_the_request() => {
            warn(&format!(
                "the users cannot be read, so user_id is the terminal's slot number: {error}"
            ));
            Ok(Pins::new())
        }
        Err(error) => Err(error.into()),
    }
}

impl Tally {
    fn take(&mut self, reason: Option<Unreadable>) {
        self.rows += 1;
        if let Some(reason) = reason {
            self.unreadable += 1;
            self.first_reason.get_or_insert(reason);
        }
    }

    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let unreadable = self.first_reason.map(|reason| {
            format!(
                "{} of {} rows cannot be read and carry their bytes in hex instead (raw); the first: {reason}",
                self.unreadable, self.rows
            )
        });
        let counted = self
            .counted
            .filter(|counted| u64::from(*counted) > self.rows);
        let fewer = counted.map(|counted| {
            format!(
                "the terminal counts {counted} punches, but its log holds {}; some terminals count wrong, compare with \
                 its own menu",
                self.rows
            )
        });
        unreadable.into_iter().chain(fewer)
    }
}
