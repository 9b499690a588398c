use serde::Deserialize;
use serde_json::Value;

use super::headline::Headline;
use crate::{
    actions::JobView,
    ui::{frame::sentence_of, words::count},
};

/// A log that is being cleared.
pub(super) struct Clearing {
    /// What was made sure of, and what was found.
    pub(super) guards: Vec<(&'static str, String)>,
    rows: u64,
}

#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    rows: u64,
    #[serde(default)]
    guards: Vec<ToldGuard>,
}

#[derive(Deserialize)]
struct ToldGuard {
    guard: String,
    found: String,
}

impl Clearing {
    pub(super) fn new(result: &Value) -> Self {
        let told = Told::deserialize(result).unwrap_or_default();
        Self {
            rows: told.rows,
            guards: told
                .guards
                .iter()
                .map(|guard| (name(&guard.guard), sentence_of(&guard.found)))
                .collect(),
        }
    }

    pub(super) fn headline(&self, job: &JobView, result: &Value) -> Headline {
        let punches = count(self.rows, "punch", "punches");
        let text = format!("Its log is empty: {punches} were cleared");
        Headline::of(
            job,
            result,
            &text,
            "All of them are in the ledger here, and byte for byte in a file beside it.",
        )
    }
}

fn name(guard: &str) -> &'static str {
    match guard {
        "serial_number" => "The right terminal",
        "read" => "Read whole",
        "reconciled" => "Adds up with the ledger",
        "copied" => "Copied raw",
        "counted_before" => "Counted right before",
        "counted_after" => "Counted after",
        _ => "Made sure of",
    }
}
