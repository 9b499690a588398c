use std::time::Duration;

use zk_client::{Error, Session, TerminalState};
use zk_wire::Event;

use crate::{
    report::{Outcome, StepReport},
    spans::span,
};

pub(crate) async fn live(
    session: &mut Session,
    wait: Option<Duration>,
    report: &mut StepReport,
) -> Result<(), Error> {
    let state = session.state().await?;
    if let Some(busy) = state.and_then(at_work) {
        report.add(
            "in_use",
            Outcome::Skipped,
            format!("{busy}, so that it was not disturbed."),
            None,
        );
        return Ok(());
    }
    if !session.start_live().await?.agrees() {
        report.warn(
            "refused",
            "It does not tell punches as they happen.",
            "Nothing to do: its log is read from time to time instead.",
        );
        return Ok(());
    }
    report.ok("accepted", "It agrees to tell punches as they happen.");
    if let Some(wait) = wait {
        hear(session, wait, report).await?;
    }
    session.stop_live().await
}

/// Somebody is at the terminal, whom a registration would interrupt.
fn at_work(state: TerminalState) -> Option<&'static str> {
    match state {
        TerminalState::Enrolling => Some("Somebody is being enrolled at it"),
        TerminalState::Menu => Some("Somebody is in its menu"),
        TerminalState::WritingCard => Some("It is writing a card"),
        TerminalState::Idle
        | TerminalState::Identifying
        | TerminalState::Busy
        | TerminalState::Other(_) => None,
    }
}

async fn hear(session: &mut Session, wait: Duration, report: &mut StepReport) -> Result<(), Error> {
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        match session.next_event(left).await? {
            Some(Event::Attendance(Ok(punch))) => {
                report.ok(
                    "heard",
                    format!(
                        "Somebody punched at {} by its clock, and it told.",
                        punch.time
                    ),
                );
                return Ok(());
            }
            Some(Event::Attendance(Err(reason))) => {
                report.warn(
                    "unreadable_event",
                    format!("It told a punch in a form that cannot be read ({reason})."),
                    "Please send a capture (doctor --live 60 --capture FILE). Nothing is lost: the log has the punch.",
                );
                return Ok(());
            }
            Some(_) => {}
            None => {
                report.warn(
                    "heard_nothing",
                    format!("It told nothing within {}.", span(wait.as_secs())),
                    "If somebody punched meanwhile, another program may be the one that it tells, or its events do not \
                     work: end that program, or leave live off for this terminal.",
                );
                return Ok(());
            }
        }
    }
}
