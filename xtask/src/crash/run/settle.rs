//! Waiting until everything is where it belongs.

use std::time::Duration;

use anyhow::bail;

use super::{
    super::{
        clock, destinations,
        judge::{self, Log, Names},
        receiver::REFUSAL,
        request::Punch,
    },
    Run,
};

/// How long everything may take to arrive once nothing fails any more, also on a machine that has other work.
const SETTLE: Duration = Duration::from_mins(5);
/// So often a record that a receiver never takes is sent on purpose, until the server gives it up.
const HURRY_EVERY: Duration = Duration::from_secs(5);
/// So often the receivers' state is compared with the terminals'.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What need not have arrived yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Yet {
    Nothing,
    Parked,
}

impl Run {
    /// Waits until all that the terminals hold now has arrived, and answers what that was.
    pub(super) fn settle(&mut self, yet: Yet) -> anyhow::Result<Vec<Log>> {
        let logs = self.fleet.logs()?;
        let deadline = clock::now() + SETTLE;
        let mut hurried = None;
        loop {
            self.nudge()?;
            if yet == Yet::Parked && hurried.is_none_or(|at| clock::now() > at + HURRY_EVERY) {
                self.hurry()?;
                hurried = Some(clock::now());
            }
            let missing = self.missing(&logs, yet)?;
            if missing.is_empty() {
                return Ok(logs);
            }
            if clock::now() > deadline {
                let some: Vec<&str> = missing.iter().take(5).map(String::as_str).collect();
                bail!(
                    "{} records never arrived, such as {}",
                    missing.len(),
                    some.join("; ")
                );
            }
            self.serve.check_alive()?;
            clock::pause(LOOK_EVERY);
        }
    }

    /// Only for a record that is answered 500 for ever and that time has not parked yet.
    fn hurry(&self) -> anyhow::Result<()> {
        for destination in &self.destinations {
            let never = destination.receiver.manners().never().clone();
            if never.is_empty() {
                continue;
            }
            let parked = destination.parked(&self.serve)?;
            if never.iter().any(|id| !parked.contains_key(id)) {
                destinations::hurry(&self.serve)?;
            }
        }
        Ok(())
    }

    fn missing(&self, logs: &[Log], yet: Yet) -> anyhow::Result<Vec<String>> {
        let seen = self.seen();
        let roster = self.people.roster();
        let (names, _) = Names::read(seen.all(), roster);
        let mut missing = Vec::new();
        for (destination, events) in self.destinations.iter().zip(&seen.0) {
            let wanted = destination.wanted(logs, roster);
            let left = judge::missing(events, &names, &wanted);
            let name = destination.name;
            if yet == Yet::Nothing {
                missing.extend(left.iter().map(|punch| format!("{punch} at {name}")));
                continue;
            }
            let parked = destination.parked(&self.serve)?;
            let is_parked = |punch: &Punch| {
                parked
                    .keys()
                    .any(|id| names.punch(id).is_some_and(|other| other == punch))
            };
            let left = left.into_iter().filter(|punch| !is_parked(punch));
            missing.extend(left.map(|punch| format!("{punch} at {name}")));
            let manners = destination.receiver.manners();
            let bad = manners.bad().filter(|id| !parked.contains_key(*id));
            missing.extend(bad.map(|id| format!("{id}, which is to be parked, at {name}")));
        }
        Ok(missing)
    }

    /// What is parked was refused alone, and says why; what its receiver goes on refusing is parked.
    pub(super) fn check_parked(&self) -> anyhow::Result<usize> {
        let mut count = 0;
        for destination in &self.destinations {
            let name = destination.name;
            let events = destination.journal().events();
            let alone = judge::set_aside(&events);
            let parked = destination.parked(&self.serve)?;
            let manners = destination.receiver.manners();
            for (id, reason) in &parked {
                if !alone.contains(id.as_str()) {
                    bail!("{name}: the record {id} is parked, and was never refused alone");
                }
                let is_said = if manners.never().contains(id) {
                    reason.contains("fails on this record")
                } else {
                    reason.contains(REFUSAL)
                };
                if !is_said {
                    bail!("{name}: the record {id} is parked for {reason:?}");
                }
            }
            for id in manners.bad() {
                if !parked.contains_key(id) {
                    bail!("{name}: the record {id} is refused by its receiver, and not parked");
                }
            }
            count += parked.len();
        }
        Ok(count)
    }
}
