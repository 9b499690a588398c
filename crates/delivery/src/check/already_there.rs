//! Answers that say that a record is there already.

use domain::AlreadyThere;

use super::SpecFault;

const MOST_RULES: usize = 10;
const LONGEST_TEXT: usize = 200;

pub(super) fn check(rules: &[AlreadyThere]) -> Result<(), SpecFault> {
    if rules.len() > MOST_RULES {
        return Err(fault(format!("there are more than {MOST_RULES}")));
    }
    rules.iter().try_for_each(one)
}

fn one(rule: &AlreadyThere) -> Result<(), SpecFault> {
    let AlreadyThere { status, text } = rule;
    match status {
        // These say nothing of a record.
        401 | 403 | 404 | 408 | 410 | 413 | 425 | 429 => Err(fault(format!(
            "an answer {status} says nothing of a record; give the status with which the receiver refuses one that it has"
        ))),
        200..=299 | 400..=499 | 500 => match text.chars().count() {
            0 => Err(fault(format!(
                "say which text an answer {status} has in it when the record is there already; without one, other refusals would count as delivered"
            ))),
            length if length > LONGEST_TEXT => Err(fault(format!(
                "a text has more than {LONGEST_TEXT} characters; a few words that are always there are enough"
            ))),
            _ if text.trim().is_empty() => {
                Err(fault("a text is empty; give a few words".to_owned()))
            }
            _ => Ok(()),
        },
        _ => Err(fault(format!(
            "{status} is no status with which records are refused; give 200 to 299, 400 to 499, or 500"
        ))),
    }
}

fn fault(message: String) -> SpecFault {
    SpecFault::new("already_there", message)
}
