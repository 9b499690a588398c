use serde::Deserialize;
use serde_json::Value;

use super::headline::Headline;
use crate::{
    actions::JobView,
    ui::{
        frame::{Pill, Tone, sentence_of},
        words::count,
    },
};

/// Each step in its order, and what it asks.
const STEPS: [(&str, &str); 9] = [
    ("reachability", "Does anybody answer at its address?"),
    ("protocol", "Is it a terminal of this kind, and free?"),
    ("key", "Does it take the communication key?"),
    ("model", "What is it?"),
    ("clock", "Is its clock right?"),
    ("counters", "Do its counters make sense?"),
    ("users", "Can its users be read?"),
    ("log", "Can its punches be read?"),
    ("live", "Does it tell punches as they happen?"),
];

/// A walk from the network to the last punch.
pub(super) struct Examination {
    pub(super) steps: Vec<Step>,
    pub(super) facts: Vec<(&'static str, String)>,
    /// Its conversation can be downloaded.
    pub(super) has_capture: bool,
    /// It was kept, and newer ones took its place.
    pub(super) lost_capture: bool,
    warnings: u64,
    failures: u64,
}

pub(super) struct Step {
    pub(super) question: &'static str,
    pub(super) pill: Pill,
    pub(super) remarks: Vec<Remark>,
}

pub(super) struct Remark {
    pub(super) tone: Tone,
    pub(super) text: String,
    pub(super) remedy: Option<String>,
}

/// As the job has it.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    steps: Vec<ToldStep>,
    serial_number: Option<String>,
    device_name: Option<String>,
    platform: Option<String>,
    firmware: Option<String>,
    #[serde(default)]
    captured: bool,
}

#[derive(Deserialize)]
struct ToldStep {
    step: String,
    outcome: String,
    remarks: Vec<ToldRemark>,
}

#[derive(Deserialize)]
struct ToldRemark {
    outcome: String,
    text: String,
    remedy: Option<String>,
}

impl Examination {
    pub(super) fn new(job: &JobView, result: &Value, has_capture: bool) -> Self {
        let told = Told::deserialize(result).unwrap_or_default();
        let count_of = |outcome| {
            let steps = told.steps.iter();
            steps.filter(|step| step.outcome == outcome).count() as u64
        };
        let (warnings, failures) = (count_of("warning"), count_of("failed"));
        let running = job.state == "running";
        let mut is_next = running;
        let steps = STEPS
            .into_iter()
            .filter_map(|(name, question)| {
                let done = told.steps.iter().find(|step| step.step == name);
                if done.is_none() && !running {
                    return None;
                }
                let pill = match done {
                    Some(step) => pill(&step.outcome),
                    None if std::mem::take(&mut is_next) => {
                        Pill::new(Tone::Busy, "Being looked at")
                    }
                    None => Pill::new(Tone::Idle, "To come"),
                };
                Some(Step {
                    question,
                    pill,
                    remarks: done.map(remarks).unwrap_or_default(),
                })
            })
            .collect();
        let facts = [
            ("Serial number", told.serial_number),
            ("Model", told.device_name),
            ("Platform", told.platform),
            ("Firmware", told.firmware),
        ];
        Self {
            steps,
            facts: facts
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            has_capture,
            lost_capture: told.captured && !has_capture,
            warnings,
            failures,
        }
    }

    pub(super) fn headline(&self, job: &JobView, result: &Value) -> Headline {
        let found = Headline::of(job, result, "Nothing is wrong with this terminal", "");
        if job.state != "done" {
            return found;
        }
        match (self.failures, self.warnings) {
            (0, 0) => found,
            (0, warnings) => Headline {
                tone: Tone::Warn,
                text: format!(
                    "It works, with {} to look after",
                    count(warnings, "thing", "things")
                ),
                ..found
            },
            (_, _) => Headline {
                tone: Tone::Bad,
                text: "Something is in the way".to_owned(),
                detail: "Begin with the first step that does not work.".to_owned(),
                ..found
            },
        }
    }
}

impl Remark {
    /// Known of its kind, but not seen now.
    pub(super) fn is_fine(&self) -> bool {
        self.tone == Tone::Good
    }
}

fn remarks(step: &ToldStep) -> Vec<Remark> {
    let remarks = step.remarks.iter();
    remarks
        .map(|remark| Remark {
            tone: tone(&remark.outcome),
            text: sentence_of(&remark.text),
            remedy: remark
                .remedy
                .as_deref()
                .map(on_a_page)
                .map(|text| sentence_of(&text)),
        })
        .collect()
}

/// Remedies are written for the command line; a page has a tick for the conversation.
fn on_a_page(remedy: &str) -> String {
    remedy
        .replace(
            "with a capture (doctor --capture FILE)",
            "with the conversation (tick it and check again)",
        )
        .replace(
            "a capture (doctor --capture FILE)",
            "the conversation (tick it and check again)",
        )
}

fn pill(outcome: &str) -> Pill {
    let word = match outcome {
        "ok" => "Fine",
        "warning" => "Look after it",
        "failed" => "Does not work",
        _ => "Not looked at",
    };
    Pill::new(tone(outcome), word)
}

fn tone(outcome: &str) -> Tone {
    match outcome {
        "ok" => Tone::Good,
        "warning" => Tone::Warn,
        "failed" => Tone::Bad,
        _ => Tone::Idle,
    }
}
