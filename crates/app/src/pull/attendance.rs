//! Punches: row by row while they arrive.

mod row;

#[cfg(test)]
mod tests;

use std::{collections::HashMap, io::Write};

use zk_client::Session;
use zk_wire::{
    FreeSizes, LayoutError, PinText, Unreadable,
    quirks::{self, Act},
};

use self::row::Row;
use super::{output::Lines, progress::Progress, warn};

pub(super) const HEADER: &str = "user_id,timestamp,state,punch_type,verify_mode,work_code";

/// What a pull came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: u64,
    unreadable: u64,
    first_reason: Option<Unreadable>,
    /// Why no row can be read.
    refused: Option<LayoutError>,
    /// Rows that the terminal says it has; `None` where that is not known, or not to be believed.
    says: Option<u64>,
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
    let mut tally = Tally::default();
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
            Read::ToTheEnd => {
                tally.says = says(session, counters.as_ref(), tally.rows).await;
                return Ok(tally);
            }
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
    tally.refused = log.finish().await.refused;
    Ok(Read::ToTheEnd)
}

/// How many rows the terminal says that it has, `counters` being from before the read. It is asked again where that differs:
/// somebody may have punched meanwhile.
async fn says(session: &mut Session, counters: Option<&FreeSizes>, rows: u64) -> Option<u64> {
    let before = u64::from(counters.and_then(FreeSizes::records)?);
    if before == rows {
        return Some(rows);
    }
    // All rows are here: nothing that happens now makes them less.
    let after = session.counters().await.ok().flatten();
    let after = after
        .as_ref()
        .and_then(FreeSizes::records)
        .map_or(before, u64::from);
    let says = rows.clamp(before.min(after), before.max(after));
    // Some always say none, and some are known to miscount.
    let counts = (before, after) != (0, 0) && (says == rows || !miscounts(session).await);
    counts.then_some(says)
}

/// Whether terminals of this model are known to.
async fn miscounts(session: &mut Session) -> bool {
    let told = session.device_info().await.unwrap_or_default();
    let model = [told.name, told.platform].map(Option::unwrap_or_default);
    let firmware = told.firmware.unwrap_or_default();
    quirks::must(&model.join(" "), &firmware, Act::CountersUntrusted)
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

    pub(super) fn warning(&self) -> Option<String> {
        self.first_reason.filter(|_| self.refused.is_none()).map(|reason| {
            format!(
                "{} of {} rows cannot be read and carry their bytes in hex instead (raw); the first: {reason}",
                self.unreadable, self.rows
            )
        })
    }

    /// Why what came is no answer: nobody can read it, or the rows differ from what the terminal says that it has.
    pub(super) fn difference(&self) -> Option<String> {
        if let Some(refused) = self.refused {
            return Some(format!(
                "{refused}: its bytes are written as they came, in hex (raw). Please send a capture (zk-attendance doctor \
                 ADDRESS --capture FILE), with which this model can be taught to us"
            ));
        }
        let says = self.says.filter(|says| *says != self.rows)?;
        let differs = says.abs_diff(self.rows);
        let which = if says > self.rows {
            format!("{differs} did not come")
        } else {
            format!("{differs} more than that")
        };
        Some(format!(
            "the log does not add up: the terminal says that it holds {says} punches, and its log came as {} rows, {which} \
             ({} unreadable). What came is written. Try again; where it stays so, compare with the count in the \
             terminal's own menu, and do not clear its log before the two agree",
            self.rows, self.unreadable
        ))
    }
}
