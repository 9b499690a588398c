//! The one terminal that all of its connections talk to.

use std::{
    collections::HashSet,
    mem,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, civil::DateTime};
use tokio::{sync::broadcast, time::Instant};

use crate::{
    activity::Activity,
    clock::LocalClock,
    config::{CounterShape, OffsetReads, TerminalConfig},
    contents::{Punch, SharedContents},
    counters,
    effects::Effects,
    error::Error,
    faults::{Busy, Faults},
    leash::Leash,
    live::{Event, LiveShape},
    log::Log,
    operations::Operations,
    options::Options,
    people::People,
    seed::Seeded,
    templates::Templates,
    traffic::Traffic,
};

/// Events that wait for a client that does not read; the oldest give way, for an event is only a hint.
const WAITING_EVENTS: usize = 64;
const PUNCHES: u64 = 11;
const LOSSES: u64 = 12;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: TerminalConfig,
    clock: LocalClock,
    state: Mutex<State>,
    events: broadcast::Sender<Event>,
}

/// What changes while the terminal runs.
#[derive(Debug)]
pub(crate) struct State {
    /// Shared with other terminals until something changes.
    people: Arc<People>,
    /// What the table of users is in place of their rows.
    pub(crate) users_instead: Option<Vec<u8>>,
    pub(crate) templates: Templates,
    pub(crate) log: Log,
    pub(crate) operations: Operations,
    pub(crate) effects: Effects,
    /// What `STATE` is answered with, where it is not what the terminal does.
    pub(crate) shown: Option<u16>,
    pub(crate) options: Options,
    pub(crate) counters: CounterShape,
    /// The answer to `GET_FREE_SIZES` since counters were frozen.
    pub(crate) frozen: Option<Vec<u8>>,
    pub(crate) offset_reads: OffsetReads,
    pub(crate) live: LiveShape,
    /// The conversation that hears of events, where only one does.
    pub(crate) listener: Option<u64>,
    /// The terminal's clock, ahead of the true time.
    pub(crate) offset: SignedDuration,
    pub(crate) disabled: Disabled,
    pub(crate) faults: Faults,
    pub(crate) activity: Activity,
    pub(crate) traffic: Traffic,
    /// Which datagrams get lost.
    pub(crate) losses: Seeded,
    leash: Leash,
    conversations: u64,
    next_session: u16,
    punching: Seeded,
    /// Slot numbers of people whose last random punch was a check-in.
    inside: HashSet<u16>,
}

/// Whether people can punch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Disabled {
    #[default]
    No,
    Until(Instant),
    UntilEnabled,
}

impl Shared {
    /// `address` is where the terminal listens, as its options tell it.
    pub(crate) fn new(
        config: TerminalConfig,
        contents: &SharedContents,
        clock: LocalClock,
        address: SocketAddr,
    ) -> Result<Self, Error> {
        let people = contents.people(&config)?;
        let mut state = State {
            templates: fingers(&config, &people),
            people,
            operations: Operations::default(),
            effects: Effects::default(),
            shown: None,
            log: Log::new(&config, contents.log(config.record_format)),
            options: Options::new(&config, address),
            counters: config.counters,
            frozen: None,
            offset_reads: config.offset_reads,
            live: config.live,
            users_instead: None,
            listener: None,
            offset: config.clock_offset,
            disabled: Disabled::No,
            faults: Faults::default(),
            activity: Activity::default(),
            traffic: Traffic::default(),
            leash: Leash::default(),
            conversations: 0,
            losses: Seeded::new(config.seed, LOSSES),
            next_session: config.first_session,
            punching: Seeded::new(config.seed, PUNCHES),
            inside: HashSet::new(),
        };
        counters::freeze(&config, &mut state);
        let (events, _) = broadcast::channel(WAITING_EVENTS);
        Ok(Self {
            config,
            clock,
            state: Mutex::new(state),
            events,
        })
    }

    /// Never held over an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    pub(crate) fn true_time(&self) -> DateTime {
        self.clock.now()
    }

    /// By the terminal's own clock.
    pub(crate) fn time(&self) -> DateTime {
        let offset = self.state().offset;
        self.true_time().saturating_add(offset)
    }

    /// `false` where a full log refuses it.
    pub(crate) fn punch(&self, punch: Punch) -> bool {
        let mut state = self.state();
        let event = Event::punch(self.config.record_format, state.live.length, &punch);
        let stored = state.log.append(punch);
        drop(state);
        if stored && let Some(event) = event {
            self.tell(event);
        }
        stored
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody listening is no error.
        let _ = self.events.send(event);
    }

    /// Somebody who has not punched yet in this second punches now; `None` if there is nobody, or nobody can.
    pub(crate) fn punch_random(&self) -> Option<Punch> {
        let time = self.time();
        let punch = self.state().random_punch(time)?;
        self.punch(punch.clone()).then_some(punch)
    }
}

impl State {
    pub(crate) fn people(&self) -> &People {
        &self.people
    }

    /// For a change: what other terminals began with stays as it is.
    pub(crate) fn people_mut(&mut self) -> &mut People {
        Arc::make_mut(&mut self.people)
    }

    /// Other people and another log, as if another terminal stood there.
    pub(crate) fn replace(&mut self, config: &TerminalConfig, people: Arc<People>, log: Log) {
        self.templates = fingers(config, &people);
        self.operations.clear();
        self.people = people;
        self.log = log;
        self.inside.clear();
    }

    /// Whether this datagram gets lost on its way.
    pub(crate) fn loses_request(&mut self) -> bool {
        let loss = u64::from(self.faults.udp_request_loss_percent);
        self.faults.busy == Busy::Resets || (loss > 0 && self.losses.below(100) < loss)
    }

    /// Counts the conversations, so that each has a number of its own.
    pub(crate) fn new_conversation(&mut self) -> u64 {
        self.conversations += 1;
        self.conversations
    }

    pub(crate) fn set_people(&mut self, people: Arc<People>) {
        self.people = people;
    }

    /// With their templates; `false` where the slot is free.
    pub(crate) fn remove_user(&mut self, uid: u16) -> bool {
        let removed = self.people.has(uid) && self.people_mut().remove(uid);
        if removed {
            self.templates.remove_user(uid);
            self.inside.remove(&uid);
        }
        removed
    }

    pub(crate) fn leash(&self) -> Leash {
        self.leash.clone()
    }

    /// The leash of all conversations that run now.
    pub(crate) fn take_leash(&mut self) -> Leash {
        mem::take(&mut self.leash)
    }

    pub(crate) fn open_session(&mut self) -> u16 {
        let session = self.next_session.max(1);
        self.next_session = session.wrapping_add(1);
        self.activity.sessions += 1;
        session
    }

    pub(crate) fn is_disabled(&self) -> bool {
        match self.disabled {
            Disabled::No => false,
            Disabled::Until(end) => Instant::now() < end,
            Disabled::UntilEnabled => true,
        }
    }

    pub(crate) fn disable_for(&mut self, time: Duration) {
        self.disabled = match Instant::now().checked_add(time) {
            Some(end) if !time.is_zero() => Disabled::Until(end),
            _ => Disabled::UntilEnabled,
        };
    }

    fn random_punch(&mut self, time: DateTime) -> Option<Punch> {
        if self.is_disabled() {
            return None;
        }
        let just_now: HashSet<u16> = self
            .log
            .punches()
            .rev()
            .take_while(|punch| same_second(punch.time, time))
            .map(|punch| punch.uid)
            .collect();
        let count = self.people.len();
        let first = self.punching.index(count);
        let (uid, pin) = (0..count)
            .filter_map(|more| self.people.nth((first + more) % count))
            .find(|(uid, _)| !just_now.contains(uid))
            .map(|(uid, pin)| (uid, pin.to_owned()))?;
        let state = u8::from(!self.inside.insert(uid));
        if state == 1 {
            self.inside.remove(&uid);
        }
        let verify = if self.punching.below(3) == 0 { 15 } else { 1 };
        Some(Punch {
            uid,
            pin,
            time,
            state,
            verify,
            work_code: 0,
        })
    }
}

fn fingers(config: &TerminalConfig, people: &People) -> Templates {
    let slots = people.everybody().into_iter().map(|(uid, _)| uid);
    Templates::generate(slots, config.fingers, config.seed)
}

fn same_second(one: DateTime, other: DateTime) -> bool {
    one.date() == other.date()
        && (one.hour(), one.minute(), one.second())
            == (other.hour(), other.minute(), other.second())
}
