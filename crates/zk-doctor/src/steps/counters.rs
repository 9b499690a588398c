use zk_client::{Error, Session};

use crate::{examine::Knowledge, report::StepReport, spans::count};

pub(crate) async fn counters(
    session: &mut Session,
    knowledge: &mut Knowledge,
    report: &mut StepReport,
) -> Result<(), Error> {
    const COSTS: &str =
        "Nothing to do: its log is read at each contact instead of only when a counter changed.";
    let Some(counters) = session.counters().await? else {
        report.warn("refused", "It does not tell how much it holds.", COSTS);
        return Ok(());
    };
    if !counters.are_known() {
        report.warn(
            "unknown",
            format!(
                "Its counters are only {} bytes long and say nothing.",
                counters.raw().len()
            ),
            COSTS,
        );
        return Ok(());
    }
    let text = |used: Option<u32>, room: Option<u32>, one: &str, many: &str| {
        let used = count(used.unwrap_or(0), one, many);
        match room {
            Some(room) => format!("{used} of {}", crate::spans::grouped(u64::from(room))),
            None => used,
        }
    };
    report.ok(
        "told",
        format!(
            "It counts {} and {}.",
            text(counters.users(), counters.user_capacity(), "user", "users"),
            text(
                counters.records(),
                counters.record_capacity(),
                "punch",
                "punches"
            ),
        ),
    );
    for (what, used, room) in [
        ("users", counters.users(), counters.user_capacity()),
        ("punches", counters.records(), counters.record_capacity()),
    ] {
        if let (Some(used), Some(room)) = (used, room)
            && room > 0
            && used > room
        {
            report.warn(
                "more_than_fits",
                format!("It counts more {what} than fit: its counters cannot be trusted."),
                COSTS,
            );
        }
    }
    knowledge.counters = Some(counters);
    Ok(())
}
