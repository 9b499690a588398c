use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::cards::{PAUSED_BY_HAND, is_paused_by_hand, is_silent};
use crate::{
    actions::{DestinationState, DestinationStatus, SyncStatus, TerminalStatusView, length},
    ui::{
        frame::{Tone, sentence_of},
        words::count,
    },
};

/// One sentence that answers: is everything delivered?
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) tone: Tone,
    pub(crate) headline: String,
    pub(crate) detail: String,
    pub(crate) next: Option<NextStep>,
}

/// Where to go about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextStep {
    pub(crate) href: Cow<'static, str>,
    pub(crate) word: &'static str,
}

/// Punches that wait no longer than that are simply on their way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(60);

const CONNECT: NextStep = NextStep {
    href: Cow::Borrowed("/terminals"),
    word: "Connect a terminal",
};
const EXPORT: NextStep = NextStep {
    href: Cow::Borrowed("/export"),
    word: "Open the export settings",
};
const TERMINALS: NextStep = NextStep {
    href: Cow::Borrowed("/terminals"),
    word: "See the terminals",
};
const HELD: NextStep = NextStep {
    href: Cow::Borrowed("/punches/held"),
    word: "See the held punches",
};
const INBOX: NextStep = NextStep {
    href: Cow::Borrowed("/people/inbox"),
    word: "Answer whose they are",
};
const REFUSED: NextStep = NextStep {
    href: Cow::Borrowed("/sync-status#refused"),
    word: "See which and why",
};

impl Verdict {
    pub(crate) fn of(status: &SyncStatus, now: Timestamp) -> Self {
        if status.devices.is_empty() && status.records == 0 {
            return Self::new(
                Tone::Idle,
                "There is nothing to deliver yet",
                "Connect the first terminal, and its punches come by themselves.",
                Some(CONNECT),
            );
        }
        let receivers: Vec<&DestinationStatus> = status
            .destinations
            .iter()
            .filter(|destination| {
                destination.export_url.is_some() || destination.state == DestinationState::Paused
            })
            .collect();
        if receivers.is_empty() {
            return Self::new(
                Tone::Warn,
                format!(
                    "Nothing is delivered: {} here, and no receiver is set",
                    count(status.records, "punch is", "punches are")
                ),
                "Set the address of the system that needs them.",
                Some(EXPORT),
            );
        }
        let troubles: Vec<Self> = receivers
            .iter()
            .filter_map(|receiver| {
                let trouble = Self::of_destination(receiver, now)?;
                Some(if receivers.len() == 1 {
                    trouble
                } else {
                    trouble.of_one_among_several(receiver)
                })
            })
            .collect();
        let worst = troubles
            .iter()
            .find(|trouble| trouble.tone == Tone::Bad)
            .or(troubles.first());
        worst
            .cloned()
            .unwrap_or_else(|| Self::of_terminals(status, &receivers))
    }

    /// Says which receiver it is about.
    fn of_one_among_several(self, receiver: &DestinationStatus) -> Self {
        Self {
            headline: format!("{}: {}", receiver.name, self.headline),
            next: Some(NextStep {
                href: format!("/destinations/{}", receiver.id).into(),
                word: "See this receiver",
            }),
            ..self
        }
    }

    fn resume(destination: &DestinationStatus) -> NextStep {
        NextStep {
            href: format!("/destinations/{}", destination.id).into(),
            word: "Look at it, and resume",
        }
    }

    /// What stands in the way of delivery, if anything does.
    fn of_destination(destination: &DestinationStatus, now: Timestamp) -> Option<Self> {
        let waiting = count(destination.waiting, "punch waits", "punches wait");
        if let Some(pause) = &destination.paused {
            let headline = format!("Delivery is paused: {waiting}");
            return Some(Self::new(
                Tone::Bad,
                headline,
                sentence_of(&pause.reason),
                Some(Self::resume(destination)),
            ));
        }
        if is_paused_by_hand(destination) {
            let headline = format!("Delivery is paused: {waiting}");
            return Some(Self::new(
                Tone::Warn,
                headline,
                PAUSED_BY_HAND,
                Some(Self::resume(destination)),
            ));
        }
        if destination.failures > 0 {
            let again = destination.retry_at.map_or_else(String::new, |at| {
                format!(
                    " It is tried again in {}.",
                    length((at.as_second() - now.as_second()).max(1))
                )
            });
            let error = destination
                .last_error
                .as_deref()
                .map(sentence_of)
                .unwrap_or_default();
            let headline = format!("Not everything is delivered: the receiver fails, {waiting}");
            return Some(Self::new(
                Tone::Bad,
                headline,
                format!("{error}{again}"),
                Some(EXPORT),
            ));
        }
        if !destination.auto_export && destination.waiting > 0 {
            let detail = "Delivery is switched off, so they wait until it is switched on or a range is sent on purpose.";
            return Some(Self::new(
                Tone::Warn,
                format!("Not everything is delivered: {waiting}"),
                detail,
                Some(EXPORT),
            ));
        }
        if destination.failed > 0 {
            let refused = count(
                destination.failed,
                "punch was refused",
                "punches were refused",
            );
            let headline = format!("Not everything is delivered: {refused} by the receiver");
            let detail = if destination.waiting > 0 {
                format!("{waiting} besides.")
            } else {
                "All others are delivered.".to_owned()
            };
            return Some(Self::new(Tone::Warn, headline, detail, Some(REFUSED)));
        }
        let since = destination
            .waiting_since
            .filter(|_| destination.waiting > 0);
        if let Some(since) = since.filter(|since| now.duration_since(*since) > ON_ITS_WAY) {
            let age = length(now.duration_since(since).as_secs());
            let detail = format!(
                "They are being delivered in the order of arrival; the oldest has waited {age}."
            );
            return Some(Self::new(
                Tone::Warn,
                format!("Not everything is delivered yet: {waiting}"),
                detail,
                None,
            ));
        }
        None
    }

    /// Some terminals do not give what they have.
    fn of_unread(unread: &[&TerminalStatusView]) -> Self {
        let are_silent = unread.iter().all(|device| is_silent(device));
        let (headline, next) = match unread {
            [one] => {
                let what = if are_silent {
                    "does not answer"
                } else {
                    "cannot be read"
                };
                let next = NextStep {
                    href: format!("/terminals/{}", one.id).into(),
                    word: "See why",
                };
                (format!("{} {what}", one.name), next)
            }
            several => {
                let what = if are_silent {
                    "do not answer"
                } else {
                    "cannot be read"
                };
                (format!("{} terminals {what}", several.len()), TERMINALS)
            }
        };
        let detail = if are_silent {
            "What people punch there meanwhile comes when the terminal answers again."
        } else {
            "What people punch there stays on the terminal until that is mended."
        };
        Self::new(
            Tone::Warn,
            format!("All that arrived is delivered, but {headline}"),
            detail,
            Some(next),
        )
    }

    /// Delivery is well; do the terminals give what they have?
    fn of_terminals(status: &SyncStatus, receivers: &[&DestinationStatus]) -> Self {
        let silent: Vec<&TerminalStatusView> = status
            .devices
            .iter()
            .filter(|device| device.enabled && device.stale && device.last_error.is_some())
            .collect();
        if !silent.is_empty() {
            return Self::of_unread(&silent);
        }
        // The same punches are held for all of them.
        let held = receivers.iter().map(|receiver| receiver.held).max();
        if let Some(held) = held.filter(|held| *held > 0) {
            return Self::of_held(held, status);
        }
        let delivered = receivers.iter().map(|receiver| receiver.delivered).sum();
        let detail = format!(
            "{} went to the {}.",
            count(delivered, "punch", "punches"),
            if receivers.len() == 1 {
                "receiver"
            } else {
                "receivers"
            }
        );
        let waiting = receivers.iter().map(|receiver| receiver.waiting).sum();
        if waiting > 0 {
            let waiting = count(waiting, "punch is", "punches are");
            return Self::new(
                Tone::Good,
                format!("Delivery is well: {waiting} just on the way"),
                detail,
                None,
            );
        }
        Self::new(Tone::Good, "All punches are delivered", detail, None)
    }

    /// Held back for their time, or because nobody is known behind their user ids.
    fn of_held(held: u64, status: &SyncStatus) -> Self {
        if status
            .alarms
            .iter()
            .any(|alarm| alarm.code == "held_records")
        {
            let held = count(held, "punch has", "punches have");
            let headline =
                format!("All is delivered, except that {held} a time that cannot be right");
            let detail = "They are held back; set the terminal's clock, and release them if they are wanted.";
            return Self::new(Tone::Warn, headline, detail, Some(HELD));
        }
        let held = count(held, "punch", "punches");
        let headline = format!("All is delivered, except {held} of people who are not known");
        let detail = "They are held back until somebody is mapped to their user ids; then they go by themselves.";
        Self::new(Tone::Warn, headline, detail, Some(INBOX))
    }

    fn new(
        tone: Tone,
        headline: impl Into<String>,
        detail: impl Into<String>,
        next: Option<NextStep>,
    ) -> Self {
        Self {
            tone,
            headline: headline.into(),
            detail: detail.into(),
            next,
        }
    }
}
