//! What settings of a terminal may be.

use std::time::Duration;

use domain::ClockPolicy;
use jiff::tz::TimeZone;

use crate::problem::Problem;

const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
const LONGEST_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) fn name(name: &str) -> Result<String, Problem> {
    const LONGEST: usize = 100;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(Problem::invalid(format!(
            "name must be a text of 1 to {LONGEST} characters in one line"
        )));
    }
    Ok(name.to_owned())
}

pub(super) fn check_zone(zone: Option<&str>) -> Result<(), Problem> {
    match zone {
        Some(zone) if TimeZone::get(zone).is_err() => Err(Problem::invalid(format!(
            "zone is {zone:?}, which is no time zone; give an IANA name, as in Asia/Karachi"
        ))),
        Some(_) | None => Ok(()),
    }
}

pub(super) fn check_interval(interval: Option<Duration>) -> Result<(), Problem> {
    match interval {
        Some(interval) if !(SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&interval) => {
            Err(Problem::invalid(
                "interval must be from 10 seconds to 24 hours; write seconds, as in 60, or 60s, 5m, 24h",
            ))
        }
        Some(_) | None => Ok(()),
    }
}

pub(in crate::actions) fn check_timeout(timeout: Option<Duration>) -> Result<(), Problem> {
    match timeout {
        Some(timeout) if timeout.is_zero() || timeout > LONGEST_TIMEOUT => Err(Problem::invalid(
            "timeout must be more than 0 and at most 60 seconds",
        )),
        Some(_) | None => Ok(()),
    }
}

/// The usual name of a code page, whatever it was called.
pub(super) fn code_page(label: &str) -> Result<String, Problem> {
    collector::code_page_name(label.trim())
        .map(str::to_owned)
        .ok_or_else(|| {
            let known: Vec<_> = collector::code_pages().map(|(name, _)| name).collect();
            Problem::invalid(format!(
                "code_page is {label:?}, which names cannot be written in; use one of {}",
                known.join(", ")
            ))
        })
}

pub(super) fn site(site: &str) -> Result<String, Problem> {
    const LONGEST: usize = 100;
    let site = site.trim();
    if site.chars().count() > LONGEST || site.chars().any(char::is_control) {
        return Err(Problem::invalid(format!(
            "site must be a text of at most {LONGEST} characters in one line"
        )));
    }
    Ok(site.to_owned())
}

pub(super) fn check_policy(policy: Option<ClockPolicy>) -> Result<(), Problem> {
    match policy {
        // Terminals count whole seconds, and an answer may take two.
        Some(ClockPolicy::Correct { over_secs }) if !(5..=86_400).contains(&over_secs) => Err(
            Problem::invalid("clock_correct_over must be from 5 seconds to 24 hours"),
        ),
        Some(ClockPolicy::Correct { .. } | ClockPolicy::Measure) | None => Ok(()),
    }
}
