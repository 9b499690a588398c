use jiff::civil::DateTime;
use zk_client::{Error, Session};

use super::{civil, seconds_between};
use crate::{report::StepReport, spans::span};

/// Seconds of difference that nobody minds.
const FINE: i64 = 30;
/// Beyond this it is no drift: the clock was never set, or lost its battery.
const NEVER_SET: i64 = 2 * 86_400;
const REMEDY: &str = "Set it in the terminal's menu under System > Date Time, or let the server correct it. If it is wrong \
                      by whole hours, compare the terminal's time zone and summer time instead.";

pub(crate) async fn clock(
    session: &mut Session,
    local_time: &(dyn Fn() -> DateTime + Send + Sync),
    report: &mut StepReport,
) -> Result<(), Error> {
    let shown = session.clock().await?;
    let now = local_time();
    let Some((shown, civil)) = shown.and_then(|shown| Some((shown, civil(shown)?))) else {
        report.fail(
            "no_time",
            "It does not say the time, or shows a date that does not exist.",
            "Set its clock in its menu under System > Date Time. If it forgets it again, its battery is empty.",
        );
        return Ok(());
    };
    let ahead = seconds_between(now, civil);
    let direction = if ahead < 0 { "behind" } else { "ahead of" };
    let difference = format!(
        "{} {direction} the local time here",
        span(ahead.unsigned_abs())
    );
    if ahead.abs() <= FINE {
        report.ok("right", format!("The clock is right: {shown}."));
    } else if ahead.abs() >= NEVER_SET {
        report.fail(
            "impossible",
            format!("The clock shows {shown}, {difference}: punches get that time too."),
            "Set it in the terminal's menu under System > Date Time. If it forgets it again, its battery is empty. Punches \
             made meanwhile have to be shifted.",
        );
    } else {
        report.warn(
            "drifted",
            format!("The clock shows {shown}, {difference}: punches get that time too."),
            REMEDY,
        );
    }
    Ok(())
}
