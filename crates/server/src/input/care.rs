//! How a terminal is treated, and how its rows are understood; `None` for a blank.

use domain::{ClockPolicy, LiveMode, StateVerifyOrder};

use super::{Count, Word};
use crate::problem::Problem;

/// Seconds over which a clock is set where nothing else is said.
const CORRECT_OVER: u32 = 30;

pub(crate) fn live(word: Option<Word>) -> Result<Option<LiveMode>, Problem> {
    match lower(word).as_deref() {
        None => Ok(None),
        Some("auto") => Ok(Some(LiveMode::Auto)),
        Some("off") => Ok(Some(LiveMode::Off)),
        Some(other) => Err(Problem::invalid(format!(
            "live is {other:?}; use auto or off"
        ))),
    }
}

pub(crate) fn clock_policy(
    policy: Option<Word>,
    over: Option<Count>,
) -> Result<Option<ClockPolicy>, Problem> {
    let over = over.map(|Count(secs)| u32::try_from(secs).unwrap_or(u32::MAX));
    match (lower(policy).as_deref(), over) {
        (None, None) => Ok(None),
        (Some("measure"), None) => Ok(Some(ClockPolicy::Measure)),
        (Some("correct") | None, over) => Ok(Some(ClockPolicy::Correct {
            over_secs: over.unwrap_or(CORRECT_OVER),
        })),
        (Some("measure"), Some(_)) => Err(Problem::invalid(
            "clock_correct_over goes with the clock_policy correct; leave one of them out",
        )),
        (Some(other), _) => Err(Problem::invalid(format!(
            "clock_policy is {other:?}; use measure or correct"
        ))),
    }
}

pub(crate) fn order16(word: Option<Word>) -> Result<Option<StateVerifyOrder>, Problem> {
    match lower(word).as_deref() {
        None => Ok(None),
        Some("state_first") => Ok(Some(StateVerifyOrder::StateFirst)),
        Some("verify_first") => Ok(Some(StateVerifyOrder::VerifyFirst)),
        Some(other) => Err(Problem::invalid(format!(
            "order16 is {other:?}; use state_first or verify_first"
        ))),
    }
}

/// `Some(None)`: it is to be found out.
#[expect(
    clippy::option_option,
    reason = "missing, found out and a value are three things in a change"
)]
pub(crate) fn code_page(word: Option<Word>) -> Option<Option<String>> {
    let Word(label) = word?;
    Some(Some(label).filter(|label| !label.is_empty() && !label.eq_ignore_ascii_case("auto")))
}

fn lower(word: Option<Word>) -> Option<String> {
    word.and_then(Word::filled)
        .map(|text| text.to_ascii_lowercase())
}
