use std::time::Duration;

use jiff::civil::DateTime;
use tokio::time::Instant;
use zk_client::{AttendanceLog, Error, LogSummary, Session};
use zk_wire::{FreeSizes, RowLayout, UserRow, quirks::quirk};

use super::{log_offsets, log_tally::Tally, slow};
use crate::{
    examine::{Knowledge, LAYOUT_UNKNOWN},
    quirks::sentence,
    report::StepReport,
    spans::{count, grouped},
};

/// Percent of the log's room after which somebody should think of it.
const NEARLY_FULL: u64 = 90;

pub(crate) async fn log(
    session: &mut Session,
    local_time: &(dyn Fn() -> DateTime + Send + Sync),
    knowledge: &Knowledge,
    report: &mut StepReport,
) -> Result<(), Error> {
    let counters = knowledge.counters.as_ref();
    let Read {
        tally,
        summary,
        waited,
        in_one_piece,
    } = read(session, counters, local_time()).await?;
    slow(waited, "its log", report);
    if let Some(refused) = summary.refused {
        report.fail(
            "layout_unknown",
            sentence(&refused.to_string()),
            LAYOUT_UNKNOWN,
        );
        return Ok(());
    }
    describe(&tally, summary.layout, report);
    if tally.unreadable > 0 {
        unreadable(&tally, report);
    }
    if tally.implausible > 0 {
        report.warn(
            "implausible_times",
            format!(
                "{} a time before 2010 or more than a day ahead: the clock was wrong then.",
                count(tally.implausible, "row has", "rows have")
            ),
            "They are stored and held back, until somebody releases them with the right shift.",
        );
    }
    if summary.layout == Some(RowLayout::R16) {
        disputed(&tally, report);
    }
    if let Some(users) = &knowledge.users {
        strangers(&tally, users, report);
    }
    compare(&tally, counters, report);
    if in_one_piece {
        log_offsets::refused(report);
        return Ok(());
    }
    if let Some(layout) = summary.layout {
        log_offsets::check(session, &tally, layout, report).await?;
    }
    Ok(())
}

struct Read {
    tally: Tally,
    summary: LogSummary,
    /// Until the first rows came.
    waited: Duration,
    in_one_piece: bool,
}

/// The whole log; in one piece where the terminal takes no other way.
async fn read(
    session: &mut Session,
    counters: Option<&FreeSizes>,
    now: DateTime,
) -> Result<Read, Error> {
    match tally(session.attendance(counters).await?, now).await {
        Err(Error::OffsetRefused { .. }) => {
            let log = session.attendance_in_one_piece(counters).await?;
            let read = tally(log, now).await?;
            Ok(Read {
                in_one_piece: true,
                ..read
            })
        }
        read => read,
    }
}

async fn tally(mut log: AttendanceLog<'_>, now: DateTime) -> Result<Read, Error> {
    let (begun, mut waited) = (Instant::now(), None);
    let mut tally = Tally::new(now);
    loop {
        let rows = log.next_rows().await?;
        waited.get_or_insert(begun.elapsed());
        let Some(rows) = rows else { break };
        for row in rows.iter() {
            tally.take(&row);
        }
    }
    Ok(Read {
        tally,
        summary: log.finish().await,
        waited: waited.unwrap_or_default(),
        in_one_piece: false,
    })
}

fn describe(tally: &Tally, layout: Option<RowLayout>, report: &mut StepReport) {
    let Some(layout) = layout else {
        report.ok("empty", "The log is empty.");
        return;
    };
    let when = match (tally.first, tally.last) {
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    report.ok(
        "read",
        format!(
            "The log can be read: {} in rows of {} bytes (layout {layout}){when}.",
            count(tally.rows, "punch", "punches"),
            layout.size()
        ),
    );
    if tally.repeats > 0 {
        report.ok(
            "repeats",
            format!(
                "{} exactly as another: counted, and stored once.",
                count(tally.repeats, "row is", "rows are")
            ),
        );
    }
    if tally.backwards > 0 {
        report.ok(
            "out_of_order",
            format!(
                "{} older than the one before, as after a change of the clock.",
                count(tally.backwards, "row is", "rows are")
            ),
        );
    }
}

fn unreadable(tally: &Tally, report: &mut StepReport) {
    let reasons: Vec<String> = tally
        .reasons
        .values()
        .map(|(number, example)| format!("{}: {example}", count(*number, "row", "rows")))
        .collect();
    let text = format!(
        "{} of {} cannot be read ({}).",
        grouped(tally.unreadable),
        count(tally.rows, "row", "rows"),
        reasons.join("; ")
    );
    let remedy = "They are kept as they came, and the others are not touched by them. Please send a capture (doctor \
                  --capture FILE) if it is more than a few.";
    if tally.unreadable == tally.rows {
        report.fail("unreadable", text, remedy);
    } else {
        report.warn("unreadable", text, remedy);
    }
}

/// In rows of 16 bytes, two fields may stand the other way round.
fn disputed(tally: &Tally, report: &mut StepReport) {
    if tally.states.len() == 1 && tally.verifies.len() > 1 {
        report.warn(
            "state_may_be_verify",
            "All punches have the same state, but not the same way of verification: the two may stand the other way round.",
            quirk("state-and-verify-disputed")
                .map(|quirk| sentence(quirk.remedy))
                .unwrap_or_default(),
        );
    }
}

/// Rows that name a slot which nobody has.
fn strangers(tally: &Tally, users: &[UserRow], report: &mut StepReport) {
    let gone = tally
        .slots
        .iter()
        .filter(|slot| !users.iter().any(|user| user.uid == **slot))
        .count();
    if gone > 0 {
        report.warn(
            "slots_without_user",
            format!(
                "Its rows name people only by slot number, and {} to nobody.",
                count(gone, "of these slots belongs", "of these slots belong")
            ),
            "These users were deleted at the terminal; their old punches come without a user id. Delete nobody before the \
             punches are collected.",
        );
    }
}

/// What the counters say beside what the log holds.
fn compare(tally: &Tally, counters: Option<&FreeSizes>, report: &mut StepReport) {
    const COSTS: &str = "Nothing is lost: such counters are not trusted, and the log is read at each contact. If its menu \
                         has Access Control > Device Type, T&A may make it count.";
    let records = counters.and_then(FreeSizes::records).map(u64::from);
    match records {
        Some(0) if tally.rows > 0 => report.warn(
            "counts_nothing",
            format!(
                "It counts 0 punches although its log holds {}.",
                grouped(tally.rows)
            ),
            COSTS,
        ),
        // Somebody may have punched meanwhile.
        Some(records) if records > tally.rows || records + 2 < tally.rows => report.warn(
            "counts_wrong",
            format!(
                "It counts {}, but its log holds {}.",
                count(records, "punch", "punches"),
                grouped(tally.rows)
            ),
            COSTS,
        ),
        _ => {}
    }
    let room = counters.and_then(FreeSizes::record_capacity).map(u64::from);
    if let Some(room) = room
        && tally.rows * 100 >= room * NEARLY_FULL
    {
        report.warn(
            "nearly_full",
            format!(
                "The log is {} % full ({} of {}).",
                tally.rows * 100 / room,
                grouped(tally.rows),
                grouped(room)
            ),
            "Once full, some terminals overwrite the oldest punches and some take none any more. Collect them, then clear \
             the log with the server's guarded clear.",
        );
    }
}
