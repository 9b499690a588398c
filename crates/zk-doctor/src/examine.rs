//! The examination: the steps in their order, and one session for all of them.

use std::{sync::Arc, time::Duration};

use jiff::civil::DateTime;
use zk_client::{Error, Session, Step as Wait, Target, Transport};
use zk_wire::{FreeSizes, UserRow};

use crate::{
    anonymise::anonymise,
    meet,
    quirks::sentence,
    recorder::Recorder,
    report::{Device, Outcome, Report, Step, StepReport},
    steps,
};

/// How to examine.
pub struct Options<'a> {
    /// The time that the terminal's clock should show: the local time where it hangs.
    pub local_time: &'a (dyn Fn() -> DateTime + Send + Sync),
    /// Waits so long for somebody to punch.
    pub live: Option<Duration>,
    /// Whether [`Report::capture`] is wanted.
    pub capture: bool,
}

/// What one step leaves for the next ones.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    pub(crate) device: Device,
    pub(crate) pin_width: Option<String>,
    pub(crate) counters: Option<FreeSizes>,
    pub(crate) users: Option<Vec<UserRow>>,
}

/// Examines a terminal; `on_step` gets each step as it ends.
///
/// Nothing is disabled, written or cleared. Steps that cannot be taken, because one before failed, are skipped. If the
/// future is dropped, EXIT is still sent where the socket takes it at once.
pub async fn examine(
    target: &Target,
    options: &Options<'_>,
    mut on_step: impl FnMut(&StepReport),
) -> Report {
    let recorder = Arc::new(Recorder::new(options.capture));
    let mut done = Vec::new();
    let mut finish = |step: StepReport| {
        on_step(&step);
        done.push(step);
    };
    let meeting = meet::meet(target, &recorder).await;
    finish(meeting.reachability);
    finish(meeting.protocol);
    finish(meeting.key);
    let mut knowledge = Knowledge::default();
    match meeting.session {
        Some(mut session) => {
            let mut broken = false;
            for step in Step::ALL.into_iter().skip(3) {
                if broken {
                    finish(StepReport::skipped(step, "The connection broke before."));
                    continue;
                }
                let mut report = StepReport::new(step);
                let taken = take(step, &mut session, options, &mut knowledge, &mut report).await;
                if let Err(error) = taken {
                    broken = !error.is_about_the_request();
                    broke_off(&mut report, &error);
                }
                finish(report);
            }
            session.close().await;
        }
        None => {
            for step in Step::ALL.into_iter().skip(3) {
                finish(StepReport::skipped(step, "There is no session."));
            }
        }
    }
    Report {
        address: target.address(),
        transport: meeting.transport.map(|transport| match transport {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        }),
        outcome: done
            .iter()
            .map(|step| step.outcome)
            .max()
            .unwrap_or(Outcome::Skipped),
        device: Some(knowledge.device).filter(|device| *device != Device::default()),
        steps: done,
        capture: options.capture.then(|| anonymise(recorder.capture())),
    }
}

async fn take(
    step: Step,
    session: &mut Session,
    options: &Options<'_>,
    knowledge: &mut Knowledge,
    report: &mut StepReport,
) -> Result<(), Error> {
    match step {
        // Taken before there was a session.
        Step::Reachability | Step::Protocol | Step::Key => Ok(()),
        Step::Model => steps::model(session, knowledge, report).await,
        Step::Clock => steps::clock(session, options.local_time, report).await,
        Step::Counters => steps::counters(session, knowledge, report).await,
        Step::Users => steps::users(session, knowledge, report).await,
        Step::Log => steps::log(session, options.local_time, knowledge, report).await,
        Step::Live => steps::live(session, options.live, report).await,
    }
}

/// The remedy for rows that nobody can read.
pub(crate) const LAYOUT_UNKNOWN: &str = "Please send a capture (doctor --capture FILE): with it this model can be taught to us without the hardware.";

fn broke_off(report: &mut StepReport, error: &Error) {
    let text = error.to_string();
    let remedy = match error {
        Error::Refused { .. } => {
            "If its menu has a device type (Access Control > Device Type), choose T&A. Please report model and firmware \
             with a capture (doctor --capture FILE)."
        }
        Error::LayoutUnknown { .. } => LAYOUT_UNKNOWN,
        Error::Timeout {
            step: Wait::PrepareTable,
            ..
        } => {
            "It answers otherwise, so the network is not the cause: it is busy, or its log is very long. Try again when \
             nobody uses it; restart it if that does not help, and clear its log once all of it is stored."
        }
        Error::Timeout { .. } | Error::ConnectionLost { .. } | Error::Damaged { .. } => {
            "Try again when nobody uses the terminal. If it goes on, check cable and switch, or restart the terminal."
        }
        _ => {
            "Try again. If it goes on, please report model and firmware with a capture (doctor --capture FILE)."
        }
    };
    report.fail(error.code(), sentence(&text), remedy);
}
