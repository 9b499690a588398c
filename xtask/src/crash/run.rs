use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::bail;
use serde_json::json;

use super::{
    CrashArgs, clock,
    destinations::{self, Destination},
    dice::Dice,
    fleet::Fleet,
    journal::{self, Event, Journal},
    judge::{self, Case, Log, Names},
    ledger,
    manners::Mood,
    receiver::REFUSAL,
    request::Punch,
    server::Serve,
};

/// How long everything may take to arrive once nothing fails any more.
const SETTLE: Duration = Duration::from_mins(2);
const LONGEST_WAIT_FOR_A_REQUEST: Duration = Duration::from_secs(2);
/// Long enough for receivers to read what the killed server had sent already.
const LAST_WORDS: Duration = Duration::from_millis(150);
/// So often the receivers' state is compared with the terminals'.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(super) struct Run {
    fleet: Fleet,
    destinations: Vec<Destination>,
    serve: Serve,
    dice: Dice,
    kills: u32,
    began: Instant,
}

/// What each receiver saw.
struct Seen(Vec<Vec<Event>>);

impl Run {
    pub(super) fn start(
        args: &CrashArgs,
        binary: &Path,
        folder: &Path,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let began = clock::now();
        let mut dice = Dice::new(seed);
        let fleet = Fleet::start(binary, folder, args.terminals, args.records, &mut dice)?;
        let destinations = destinations::start(&mut dice, &fleet.doors(), &fleet.ports())?;
        let run = Self {
            fleet,
            destinations,
            serve: Serve::start(binary, folder)?,
            dice,
            kills: args.kills,
            began,
        };
        run.configure()?;
        Ok(run)
    }

    fn configure(&self) -> anyhow::Result<()> {
        for (index, port) in self.fleet.ports().into_iter().enumerate() {
            // Both ways to register, and both transports.
            if index == 0 {
                self.serve.post(
                    "/api/connect",
                    &json!({ "ip": "127.0.0.1", "port": port, "timeout": 5 }),
                )?;
            } else {
                let protocol = if index % 2 == 1 { "udp" } else { "tcp" };
                self.serve.post(
                    "/api/v1/devices",
                    &json!({
                        "name": format!("Door {index}"),
                        "address": format!("127.0.0.1:{port}"),
                        "protocol": protocol,
                    }),
                )?;
            }
        }
        self.destinations
            .iter()
            .try_for_each(|destination| destination.add(&self.serve))
    }

    pub(super) fn finish(mut self) -> anyhow::Result<Vec<String>> {
        self.set_mood(Mood::Failing);
        for _ in 0..self.kills {
            self.wait_for_a_bad_moment()?;
            self.kill()?;
            clock::pause(LAST_WORDS);
            self.restart()?;
        }
        self.fleet.calm()?;
        self.set_mood(Mood::Healthy);
        let kills_took = self.began.elapsed();
        self.settle(Yet::Parked)?;
        let parked = self.check_parked()?;

        self.set_mood(Mood::Cured);
        for destination in &self.destinations {
            destination.replay(&self.serve)?;
        }
        self.settle(Yet::Nothing)?;

        // An end in good order, and a start after it: nothing may go out again but what is new.
        self.serve.stop()?;
        for journal in self.journals() {
            journal.add(Event::Stopped);
        }
        self.restart()?;
        let expected = self.settle(Yet::Nothing)?;
        let held = ledger::read(&self.serve, &self.fleet.doors())?;
        self.kill()?;
        self.judge(&expected, &held).map(|mut summary| {
            summary.push(format!(
                "{parked} parked records replayed; {} kills in {} s, all done in {} s",
                self.kills,
                kills_took.as_secs(),
                self.began.elapsed().as_secs()
            ));
            summary
        })
    }

    fn judge(&self, expected: &[Log], held: &[Punch]) -> anyhow::Result<Vec<String>> {
        let known = self.fleet.logs()?;
        let seen = self.seen();
        let logs: Vec<_> = self
            .destinations
            .iter()
            .map(|each| (each.wanted(expected), each.wanted(&known)))
            .collect();
        let cases: Vec<Case<'_>> = self
            .destinations
            .iter()
            .zip(&seen.0)
            .zip(&logs)
            .map(|((destination, events), (expected, known))| Case {
                receiver: destination.name,
                events,
                expected,
                known,
            })
            .collect();
        let mut verdict = judge::judge(&cases);
        verdict
            .complaints
            .extend(ledger::compare(held, expected, &known));
        for destination in &self.destinations {
            let turns: Vec<String> = destination
                .receiver
                .manners()
                .turns()
                .iter()
                .map(|(turn, count)| format!("{turn} × {count}"))
                .collect();
            let name = destination.name;
            verdict
                .summary
                .push(format!("{name} answered {}", turns.join(", ")));
        }
        if verdict.complaints.is_empty() {
            return Ok(verdict.summary);
        }
        let shown: Vec<&str> = verdict
            .complaints
            .iter()
            .take(20)
            .map(String::as_str)
            .collect();
        bail!(
            "{} complaints, beginning with:\n  {}\n{}",
            verdict.complaints.len(),
            shown.join("\n  "),
            verdict.summary.join("\n")
        );
    }

    fn kill(&mut self) -> anyhow::Result<()> {
        let journals: Vec<&Journal> = self.destinations.iter().map(Destination::journal).collect();
        journal::killing(&journals, || self.serve.kill())
    }

    fn restart(&mut self) -> anyhow::Result<()> {
        for journal in self.journals() {
            journal.add(Event::Started);
        }
        self.serve.restart()
    }

    /// Some moment, or the next arrival of a request after it: that is when most can go wrong.
    fn wait_for_a_bad_moment(&mut self) -> anyhow::Result<()> {
        let now = clock::now();
        let moment = now + Duration::from_millis(self.dice.between(100, 5_000));
        let latest = moment + LONGEST_WAIT_FOR_A_REQUEST;
        let in_flight = self.dice.chance(60);
        let mut seen = self.arrivals();
        while clock::now() < latest {
            if clock::now() < moment {
                seen = self.arrivals();
            } else if !in_flight {
                return Ok(());
            } else if self.arrivals() > seen {
                clock::pause(self.dice.wait(Duration::from_millis(400)));
                return Ok(());
            }
            if self.dice.chance(3) {
                self.fleet.stir(&mut self.dice)?;
            }
            // Otherwise most of a short life would be spent waiting for a receiver's next turn.
            if self.dice.chance(3) {
                self.nudge()?;
            }
            clock::pause(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Lets destinations try again at once, but for those whose receiver is just being found out to refuse everything.
    fn nudge(&self) -> anyhow::Result<()> {
        for destination in &self.destinations {
            if !destination.receiver.manners().refuses_all(clock::now()) {
                destination.nudge(&self.serve)?;
            }
        }
        Ok(())
    }

    /// Waits until all that the terminals hold now has arrived, and answers what that was.
    fn settle(&mut self, yet: Yet) -> anyhow::Result<Vec<Log>> {
        let logs = self.fleet.logs()?;
        let deadline = clock::now() + SETTLE;
        loop {
            self.nudge()?;
            let missing = self.missing(&logs, yet)?;
            if missing.is_empty() {
                return Ok(logs);
            }
            if clock::now() > deadline {
                let some: Vec<&str> = missing.iter().take(5).map(String::as_str).collect();
                bail!(
                    "{} punches never arrived, such as {}",
                    missing.len(),
                    some.join("; ")
                );
            }
            self.serve.check_alive()?;
            clock::pause(LOOK_EVERY);
        }
    }

    fn missing(&self, logs: &[Log], yet: Yet) -> anyhow::Result<Vec<String>> {
        let seen = self.seen();
        let (names, _) = Names::read(seen.all());
        let mut missing = Vec::new();
        for (destination, events) in self.destinations.iter().zip(&seen.0) {
            let wanted = destination.wanted(logs);
            let left = judge::missing(events, &names, &wanted);
            if left.is_empty() {
                continue;
            }
            let parked = match yet {
                Yet::Nothing => BTreeSet::new(),
                Yet::Parked => destination
                    .parked(&self.serve)?
                    .keys()
                    .filter_map(|id| names.punch(id).cloned())
                    .collect(),
            };
            let name = destination.name;
            missing.extend(
                left.into_iter()
                    .filter(|punch| !parked.contains(punch))
                    .map(|punch| format!("{punch} at {name}")),
            );
        }
        Ok(missing)
    }

    /// What is parked was refused alone, and says why; what its receiver goes on refusing is parked.
    fn check_parked(&self) -> anyhow::Result<usize> {
        let mut count = 0;
        for destination in &self.destinations {
            let name = destination.name;
            let events = destination.journal().events();
            let alone = judge::set_aside(&events);
            let parked = destination.parked(&self.serve)?;
            for (id, reason) in &parked {
                if !alone.contains(id.as_str()) {
                    bail!("{name}: the record {id} is parked, and was never refused alone");
                }
                if !reason.contains("422") || !reason.contains(REFUSAL) {
                    bail!("{name}: the record {id} is parked for {reason:?}");
                }
            }
            for id in destination.receiver.manners().refused() {
                if !parked.contains_key(id) {
                    bail!("{name}: the record {id} is refused by its receiver, and not parked");
                }
            }
            count += parked.len();
        }
        Ok(count)
    }

    fn seen(&self) -> Seen {
        Seen(self.journals().map(Journal::events).collect())
    }

    fn journals(&self) -> impl Iterator<Item = &Journal> {
        self.destinations.iter().map(Destination::journal)
    }

    fn arrivals(&self) -> usize {
        self.journals().map(Journal::arrivals).sum()
    }

    fn set_mood(&self, mood: Mood) {
        for destination in &self.destinations {
            destination.receiver.set_mood(mood);
        }
    }
}

/// What need not have arrived yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Yet {
    Nothing,
    Parked,
}

impl Seen {
    fn all(&self) -> impl Iterator<Item = &[Event]> + Clone {
        self.0.iter().map(Vec::as_slice)
    }
}
