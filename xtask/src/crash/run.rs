mod settle;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::bail;
use serde_json::json;

use self::settle::Yet;
use super::{
    CrashArgs, clock,
    destinations::{self, Destination},
    dice::Dice,
    fleet::Fleet,
    journal::{self, Event, Journal},
    judge::{self, Case, Facts, Log, Names},
    ledger::{self, Numbers},
    manners::Mood,
    people::People,
    program,
    request::Punch,
    roster::Roster,
    server::Serve,
};

const LONGEST_WAIT_FOR_A_REQUEST: Duration = Duration::from_secs(2);
/// Long enough for receivers to read what the killed server had sent already.
const LAST_WORDS: Duration = Duration::from_millis(150);
/// Of a hundred kills, before which the disk is full for a while.
const FULL_DISK_PERCENT: u64 = 20;
/// Somebody at the server does something so seldom, in looks of about 10 ms.
const LOOKS_PER_DEED: u64 = 250;

pub(super) struct Run {
    fleet: Fleet,
    destinations: Vec<Destination>,
    people: People,
    serve: Serve,
    dice: Dice,
    kills: u32,
    /// How often the disk was full; `None` where it cannot be.
    full_disks: Option<u32>,
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
        let people = People::new(Roster::new(&fleet.ports()));
        let run = Self {
            fleet,
            destinations,
            people,
            full_disks: program::can_fill_disks().then_some(0),
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
        self.people.roster().add_people(&self.serve)?;
        self.destinations
            .iter()
            .try_for_each(|destination| destination.add(&self.serve))
    }

    pub(super) fn finish(mut self) -> anyhow::Result<Vec<String>> {
        self.set_mood(Mood::Failing);
        for _ in 0..self.kills {
            self.wait_for_a_bad_moment()?;
            self.fill_disk()?;
            self.kill()?;
            clock::pause(LAST_WORDS);
            self.restart()?;
        }
        self.fleet.calm()?;
        self.set_mood(Mood::Healthy);
        self.people
            .finish(&mut self.destinations, &mut self.dice, &self.serve)?;
        let kills_took = self.began.elapsed();
        self.settle(Yet::Parked)?;
        let settled_after = self.began.elapsed();
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
        let numbers = ledger::numbers(&self.serve, destinations::DEFAULT)?;
        self.kill()?;
        self.judge(&expected, &held, &numbers).map(|mut summary| {
            let full_disks = match self.full_disks {
                Some(count) => format!("the disk full {count} times"),
                None => "no prlimit here, so that the disk was never full".to_owned(),
            };
            summary.push(format!(
                "{} changes of a filter, {} logs cleared, {full_disks}",
                self.people.changes(),
                self.fleet.clears(),
            ));
            summary.push(format!(
                "{parked} parked records replayed; {} kills in {} s, settled after {} s, all done after {} s",
                self.kills,
                kills_took.as_secs(),
                settled_after.as_secs(),
                self.began.elapsed().as_secs()
            ));
            summary
        })
    }

    fn judge(
        &self,
        expected: &[Log],
        held: &[Punch],
        numbers: &Numbers,
    ) -> anyhow::Result<Vec<String>> {
        let known = self.fleet.ever()?;
        let seen = self.seen();
        let roster = self.people.roster();
        let logs: Vec<_> = self
            .destinations
            .iter()
            .map(|each| each.wanted(expected, roster))
            .collect();
        let cases: Vec<Case<'_>> = self
            .destinations
            .iter()
            .zip(&seen.0)
            .zip(&logs)
            .map(|((destination, events), expected)| Case {
                receiver: destination.name,
                events,
                expected,
            })
            .collect();
        let facts = Facts {
            known: &known,
            roster,
            numbers,
        };
        let mut verdict = judge::judge(&cases, &facts);
        verdict
            .complaints
            .extend(ledger::compare(held, expected, &known));
        let (names, _) = Names::read(seen.all(), roster);
        let places = names.places(numbers);
        let polled = self.fleet.ever_polled()?;
        ledger::order(
            &polled,
            |punch| places.get(punch).copied(),
            &mut verdict.complaints,
        );
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
            if self.dice.between(0, LOOKS_PER_DEED) == 0 {
                self.people
                    .meddle(&mut self.destinations, &mut self.dice, &self.serve)?;
            }
            // Otherwise most of a short life would be spent waiting for a receiver's next turn.
            if self.dice.chance(3) {
                self.nudge()?;
            }
            clock::pause(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Now and then nothing can be written for a while: people hear why, punches go on, and either there is room again or
    /// the server dies so.
    fn fill_disk(&mut self) -> anyhow::Result<()> {
        let Some(count) = &mut self.full_disks else {
            return Ok(());
        };
        if !self.dice.chance(FULL_DISK_PERCENT) {
            return Ok(());
        }
        *count += 1;
        self.serve.fill_disk()?;
        let until = clock::now() + Duration::from_millis(self.dice.between(200, 2_000));
        while clock::now() < until {
            if self.dice.chance(10) {
                self.fleet.stir(&mut self.dice)?;
            }
            clock::pause(Duration::from_millis(10));
        }
        if let Some(destination) = self.destinations.first() {
            self.serve.expect_full(&destination.path())?;
        }
        if self.dice.chance(50) {
            self.serve.free_disk()?;
            clock::pause(self.dice.wait(Duration::from_millis(1_500)));
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

impl Seen {
    fn all(&self) -> impl Iterator<Item = &[Event]> + Clone {
        self.0.iter().map(Vec::as_slice)
    }
}
