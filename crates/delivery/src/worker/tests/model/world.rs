//! A ledger, a receiver, a worker for each destination, and what we know ourselves.

mod deeds;
mod ground;
mod rounds;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    DestinationFilter, DestinationId, EmployeeNumber, FilterFacts, LocalTime, Order, Person,
    PersonDetails, PunchState, TerminalId,
};
use jiff::{Timestamp, tz::TimeZone};
use storage::{FILE, NewDestination, Past, Store};
use tempfile::TempDir;
use test_kit::{HandClock, Receiver};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    deeds::{filter, groups, pin, site},
    ground::{client, folder, open, policy, template},
};
use super::{
    manners::Manners,
    script::{Deed, LANES, Script, Step, TERMINALS, Wish},
};
use crate::{DeliverySettings, body::Apart, handle::Shared, housekeeping::House, worker::Worker};

const PEOPLE: usize = 3;
/// PINs that are somebody's from the start, and stay so: terminal, PIN, person.
const KNOWN_FROM_THE_START: [(usize, u8, usize); 2] = [(0, 1, 0), (1, 2, 0)];

pub(super) struct World {
    pub(super) store: Store,
    pub(super) lanes: Vec<Lane>,
    pub(super) punches: Vec<Punch>,
    /// PINs that were mapped while the story went on.
    pub(super) remapped: HashSet<u8>,
    /// Requests that a worker was cut off from.
    pub(super) cuts: u64,
    manners: Arc<Mutex<Manners>>,
    receiver: Receiver,
    clock: Arc<HandClock>,
    shared: Arc<Shared>,
    house: House,
    /// Nothing is left for it to do.
    is_kept: bool,
    terminals: Vec<TerminalId>,
    is_north: Vec<bool>,
    people: Vec<Person>,
    is_day: Vec<bool>,
    mapped: HashMap<(usize, u8), usize>,
    _dir: TempDir,
}

pub(super) struct Lane {
    pub(super) id: DestinationId,
    pub(super) filter: DestinationFilter,
    pub(super) needs_mapping: bool,
    pub(super) order: Order,
    /// Of each punch: whether the filter has ever not wanted it.
    pub(super) ever_unwanted: Vec<bool>,
    worker: Option<Worker>,
    sleeps: Sleep,
}

#[derive(Debug, Clone)]
pub(super) struct Punch {
    pub(super) terminal: usize,
    pub(super) pin: u8,
    pub(super) state: PunchState,
    pub(super) local_time: LocalTime,
    pub(super) record_id: String,
}

/// When a worker looks again.
#[derive(Debug, Clone, Copy)]
enum Sleep {
    Not,
    Until(Timestamp),
    UntilCalled,
}

impl Sleep {
    fn is_on(self, now: Timestamp) -> bool {
        match self {
            Self::Not => false,
            Self::Until(at) => at > now,
            Self::UntilCalled => true,
        }
    }
}

/// Whose a punch is, as far as anybody can say all through the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Somebody {
    Person(usize),
    Pin(u8),
    PinAt(usize, u8),
}

impl World {
    pub(super) async fn new(script: &Script) -> Self {
        let dir = folder();
        std::fs::copy(template().await.path().join(FILE), dir.path().join(FILE)).unwrap();
        let store = open(dir.path()).await;
        let clock = Arc::new(HandClock::at("2026-11-23T08:00:00Z".parse().unwrap()));
        let manners = Arc::new(Mutex::new(Manners::new(script.seed, &script.characters)));
        let receiver = Receiver::start().await;
        let answering = Arc::clone(&manners);
        receiver.answer(move |request| lock(&answering).answer(request));
        let tracker = TaskTracker::new();
        let shared = Arc::new(Shared {
            settings: DeliverySettings {
                timeout: Duration::from_millis(300),
                policy: policy(),
                jitter_seed: script.seed,
                zone: TimeZone::UTC,
            },
            store: store.clone(),
            client: client(),
            clock: Arc::<HandClock>::clone(&clock),
            apart: Apart::new(&tracker),
            tracker,
            stop: CancellationToken::new(),
            wake: watch::Sender::new(0),
            progress: watch::Sender::new(0),
        });
        let mut world = Self {
            store,
            lanes: Vec::new(),
            punches: Vec::new(),
            remapped: HashSet::new(),
            cuts: 0,
            manners,
            receiver,
            clock,
            shared,
            house: House::default(),
            is_kept: false,
            terminals: Vec::new(),
            is_north: vec![true, false],
            people: Vec::new(),
            is_day: vec![true, true, false],
            mapped: HashMap::new(),
            _dir: dir,
        };
        world.furnish(script).await;
        world
    }

    async fn furnish(&mut self, script: &Script) {
        let now = self.now();
        for place in 0..TERMINALS {
            let address = format!("10.0.0.{}", place + 1);
            let serial = format!("SN{place}");
            let new = test_kit::terminal_at(&address);
            let id = self.store.register_terminal(new, now).await.unwrap().id;
            self.store
                .identify_terminal(id, &serial, Some(&serial), now)
                .await
                .unwrap();
            self.terminals.push(id);
            self.stand(place).await;
        }
        for place in 0..PEOPLE {
            let number = EmployeeNumber::new(format!("E{place}")).unwrap();
            let details = PersonDetails {
                name: format!("Person {place}"),
                groups: groups(self.is_day[place]),
                ..PersonDetails::numbered(number)
            };
            self.people
                .push(self.store.create_person(details, now).await.unwrap());
        }
        for (terminal, pin, person) in KNOWN_FROM_THE_START {
            self.map(terminal, pin, person).await;
        }
        self.remapped.clear();
        let settings = [
            (Wish::All, false, Order::PerPerson),
            (Wish::All, false, Order::Any),
            (Wish::Day, true, Order::PerPerson),
        ];
        for (place, (wish, needs_mapping, order)) in settings.into_iter().enumerate() {
            let url = format!("http://{}/{place}", self.receiver.address());
            let filter = filter(wish, &self.terminals);
            let new = NewDestination {
                filter: filter.clone(),
                batch_size: script.sizes[place],
                order,
                keep_days: 10_000,
                with_record_id: true,
                needs_mapping,
                past: Past::Leave,
                ..NewDestination::plain(format!("lane {place}"), url, filter.from)
            };
            let id = self.store.create_destination(new, now).await.unwrap().id;
            self.lanes.push(Lane {
                id,
                filter,
                needs_mapping,
                order,
                ever_unwanted: Vec::new(),
                worker: None,
                sleeps: Sleep::Not,
            });
            self.hire(place).await;
        }
    }

    pub(super) fn manners(&self) -> MutexGuard<'_, Manners> {
        lock(&self.manners)
    }

    pub(super) fn now(&self) -> Timestamp {
        domain::Clock::now(self.clock.as_ref())
    }

    pub(super) async fn take(&mut self, step: &Step) {
        match step {
            Step::Punch { terminal, pins } => self.punch(*terminal, pins).await,
            Step::Turn(secs) => self.run_for(*secs).await,
            Step::Deed(deed) => self.act(deed).await,
            Step::Midway(lane, deed) => self.midway(*lane, Some(deed)).await,
            Step::Kill(lane) => self.midway(*lane, None).await,
            Step::Cut(lane, turns) => self.cut(*lane, *turns).await,
        }
    }

    /// Notes what is not wanted, or cannot be told of yet.
    fn note_wishes(&mut self) {
        for lane in 0..LANES {
            let mut unwanted = BTreeSet::new();
            for (place, punch) in self.punches.iter().enumerate() {
                let is_wanted = self.wants(lane, punch);
                if !is_wanted {
                    self.lanes[lane].ever_unwanted[place] = true;
                }
                if !is_wanted || (self.lanes[lane].needs_mapping && !self.is_mapped(punch)) {
                    unwanted.insert(punch.record_id.clone());
                }
            }
            self.manners().unwanted[lane] = unwanted;
        }
    }

    /// The receiver turns good, people are content, and time runs on.
    pub(super) async fn end_well(&mut self) {
        self.manners().be_good();
        for lane in 0..LANES {
            self.act(&Deed::Resume(lane)).await;
            self.act(&Deed::On(lane)).await;
            self.act(&Deed::QueuePast(lane)).await;
        }
        self.run_for(60 * 24 * 60 * 60).await;
    }

    /// What stands aside is asked for once more: now nothing is left of it.
    pub(super) async fn end_of_all(&mut self) {
        for lane in 0..LANES {
            self.act(&Deed::Replay(lane)).await;
        }
        self.run_for(60 * 24 * 60 * 60).await;
        for lane in &self.lanes {
            let counts = self.store.outbox_counts(lane.id).await.unwrap();
            assert_eq!(
                (counts.waiting, counts.batched, counts.parked),
                (0, 0, 0),
                "of a good receiver: {counts:?}"
            );
        }
    }

    pub(super) fn wants(&self, lane: usize, punch: &Punch) -> bool {
        let lane = &self.lanes[lane];
        let person = self.mapped.get(&(punch.terminal, punch.pin)).copied();
        let groups = person.map_or_else(Vec::new, |person| groups(self.is_day[person]));
        let number = person.map(|person| self.people[person].employee_number.to_string());
        let facts = FilterFacts {
            terminal: self.terminals[punch.terminal],
            site: Some(site(self.is_north[punch.terminal])),
            pin: &pin(punch.pin),
            employee_number: number.as_deref(),
            person_site: None,
            groups: &groups,
            is_open: lane.needs_mapping && person.is_none(),
            state: punch.state,
            local_time: punch.local_time,
        };
        lane.filter.refuses(&facts).is_none()
    }

    pub(super) fn is_mapped(&self, punch: &Punch) -> bool {
        self.mapped.contains_key(&(punch.terminal, punch.pin))
    }

    pub(super) fn whose(&self, punch: &Punch) -> Somebody {
        let known = KNOWN_FROM_THE_START
            .iter()
            .find(|(terminal, pin, _)| (*terminal, *pin) == (punch.terminal, punch.pin));
        let other_place = self.remapped.contains(&punch.pin)
            || KNOWN_FROM_THE_START
                .iter()
                .any(|(_, pin, _)| *pin == punch.pin);
        match known {
            Some((_, _, person)) => Somebody::Person(*person),
            None if other_place => Somebody::PinAt(punch.terminal, punch.pin),
            None => Somebody::Pin(punch.pin),
        }
    }
}

fn lock(manners: &Mutex<Manners>) -> MutexGuard<'_, Manners> {
    manners.lock().unwrap_or_else(PoisonError::into_inner)
}
