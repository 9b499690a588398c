//! A ledger, a receiver, a worker for each destination, and what we know ourselves.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use domain::{
    DestinationFilter, DestinationId, EmployeeNumber, FilterFacts, LocalTime, MappingHow, Mode,
    NewPunch, Order, Person, PersonChange, PersonDetails, Pin, Place, PunchState, TerminalId,
    Validity,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use storage::{
    DestinationChange, FILE, Intake, NewDestination, NewMapping, Past, Replay, Sealer, Store,
    StoreError, TerminalChange,
};
use tempfile::TempDir;
use test_kit::{Gate, HandClock, Receiver};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    manners::Manners,
    script::{Deed, LANES, Script, Step, TERMINALS, Wish},
};
use crate::{
    DeliverySettings, OutboundPolicy,
    body::Apart,
    client::OutboundClient,
    handle::Shared,
    housekeeping::{House, Kept},
    worker::{Round, Worker},
};

/// More rounds at one moment would never end.
const MOST_ROUNDS: u32 = 4_000;
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
    /// Requests that were looked at.
    worker: Option<Worker>,
    wakes_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(super) struct Punch {
    pub(super) terminal: usize,
    pub(super) pin: u8,
    pub(super) state: PunchState,
    pub(super) local_time: LocalTime,
    pub(super) record_id: String,
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
                wakes_at: None,
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

    async fn punch(&mut self, terminal: usize, pins: &[u8]) {
        let serial = format!("SN{terminal}");
        let mut punches: Vec<NewPunch> = Vec::new();
        for pin in pins {
            let second = i64::try_from(self.punches.len()).unwrap();
            let start = test_kit::local("2026-11-23 06:00:00").civil();
            let time = LocalTime::from_civil(start + SignedDuration::from_secs(second));
            let state = u8::from(second % 3 == 0);
            let new =
                test_kit::punch_with_state(&serial, &pin.to_string(), &time.to_string(), state);
            self.punches.push(Punch {
                terminal,
                pin: *pin,
                state: new.state,
                local_time: new.local_time,
                record_id: new.record_id.as_str().to_owned(),
            });
            for lane in &mut self.lanes {
                lane.ever_unwanted.push(false);
            }
            punches.push(new);
        }
        let intake = Intake::of(self.terminals[terminal], punches);
        let stored = self.store.ingest(intake, self.now()).await.unwrap().stored;
        assert_eq!(stored, pins.len() as u64);
        self.note_wishes();
    }

    async fn act(&mut self, deed: &Deed) {
        let now = self.now();
        match deed {
            Deed::Spell(lane, spell, times) => self.manners().cast(*lane, *spell, *times),
            Deed::Filter(lane, wish) => {
                let filter = filter(*wish, &self.terminals);
                self.lanes[*lane].filter = filter.clone();
                let change = DestinationChange {
                    filter: Some(filter),
                    ..DestinationChange::default()
                };
                self.change(*lane, change).await;
            }
            Deed::Map {
                terminal,
                pin,
                person,
            } => self.map(*terminal, *pin, *person).await,
            Deed::Group(person, is_day) => {
                self.is_day[*person] = *is_day;
                let change = PersonChange {
                    groups: Some(groups(*is_day)),
                    ..PersonChange::default()
                };
                let id = self.people[*person].id;
                self.store.update_person(id, change, now).await.unwrap();
            }
            Deed::Site(terminal, is_north) => {
                self.is_north[*terminal] = *is_north;
                self.stand(*terminal).await;
            }
            Deed::Pause(lane) => self.set_mode(*lane, Mode::Paused).await,
            Deed::Off(lane) => self.set_mode(*lane, Mode::Off).await,
            Deed::On(lane) => self.set_mode(*lane, Mode::On).await,
            Deed::Resume(lane) => {
                let id = self.lanes[*lane].id;
                self.store.resume_destination(id, now).await.unwrap();
            }
            Deed::Size(lane, size) => {
                let change = DestinationChange {
                    batch_size: Some(*size),
                    ..DestinationChange::default()
                };
                self.change(*lane, change).await;
            }
            Deed::QueuePast(lane) => {
                let lane = &self.lanes[*lane];
                let since = lane.filter.from;
                self.store.queue_past(lane.id, since, now).await.unwrap();
            }
            Deed::Replay(lane) => {
                let id = self.lanes[*lane].id;
                self.store.replay(id, Replay::Parked, now).await.unwrap();
            }
            Deed::SetBack(secs) => self.clock.turn(SignedDuration::from_secs(-secs)),
        }
        self.note_wishes();
    }

    async fn map(&mut self, terminal: usize, number: u8, person: usize) {
        let new = NewMapping {
            place: Place::Terminal(self.terminals[terminal]),
            pin: pin(number),
            person: self.people[person].id,
            validity: Validity::ALWAYS,
            how: MappingHow::Hand,
        };
        match self.store.map(new, "ann", self.now()).await {
            Ok(_) => {
                if self.mapped.insert((terminal, number), person).is_none() {
                    self.remapped.insert(number);
                }
            }
            Err(StoreError::Conflict(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn stand(&self, terminal: usize) {
        let change = TerminalChange {
            site: Some(Some(site(self.is_north[terminal]).to_owned())),
            ..TerminalChange::default()
        };
        self.store
            .update_terminal(self.terminals[terminal], change, self.now())
            .await
            .unwrap();
    }

    async fn set_mode(&self, lane: usize, mode: Mode) {
        let change = DestinationChange {
            mode: Some(mode),
            ..DestinationChange::default()
        };
        self.change(lane, change).await;
    }

    async fn change(&self, lane: usize, change: DestinationChange) {
        let id = self.lanes[lane].id;
        self.store
            .update_destination(id, change, self.now())
            .await
            .unwrap();
    }

    /// A worker as after a start.
    async fn hire(&mut self, lane: usize) {
        let mut worker = Worker::new(Arc::clone(&self.shared), self.lanes[lane].id);
        worker.recover().await;
        self.lanes[lane].worker = Some(worker);
    }

    async fn run_for(&mut self, secs: i64) {
        let end = self.now() + SignedDuration::from_secs(secs);
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds < MOST_ROUNDS, "this never ends");
            if self.all_rounds().await {
                continue;
            }
            let now = self.now();
            let wakes = self.lanes.iter().filter_map(|lane| lane.wakes_at);
            // As the worker does: not at once again.
            let next = wakes.map(|at| at.max(now + SignedDuration::from_millis(5)));
            match next.min() {
                Some(next) if next <= end => {
                    if next.duration_since(now) > SignedDuration::from_millis(5) {
                        rounds = 0;
                    }
                    self.turn_to(next);
                }
                Some(_) | None => return self.turn_to(end),
            }
        }
    }

    /// One of each; whether anything was done.
    async fn all_rounds(&mut self) -> bool {
        let kept = self.house.keep(&self.shared, |_| true).await.unwrap();
        let mut is_busy = kept == Kept::Some;
        for lane in 0..LANES {
            let mut worker = self.lanes[lane].worker.take().unwrap();
            let round = worker.round().await;
            self.lanes[lane].worker = Some(worker);
            is_busy |= self.ended(lane, round);
        }
        is_busy
    }

    fn ended(&mut self, lane: usize, round: Result<Round, StoreError>) -> bool {
        match round {
            Ok(Round::Again) | Err(StoreError::Conflict(_)) => true,
            Ok(Round::Wait(until)) => {
                self.lanes[lane].wakes_at = until;
                false
            }
            Ok(Round::End) => panic!("a worker ended"),
            Err(error) => panic!("{error}"),
        }
    }

    fn turn_to(&self, at: Timestamp) {
        self.clock.turn(at.duration_since(self.now()));
    }

    /// Something happens while a request is in flight; nothing: the worker ends.
    async fn midway(&mut self, lane: usize, deed: Option<&Deed>) {
        let gate = Gate::default();
        self.manners().gate = Some(gate.clone());
        for _ in 0..4 {
            let mut worker = self.lanes[lane].worker.take().unwrap();
            let so_far = self.receiver.requests().len();
            let mut round = Box::pin(worker.round());
            let ended = tokio::select! {
                biased;
                ended = &mut round => Some(ended),
                _ = self.receiver.wait_for_requests(so_far + 1) => None,
            };
            let Some(ended) = ended else {
                match deed {
                    Some(deed) => {
                        self.act(deed).await;
                        gate.open();
                        let ended = round.await;
                        self.lanes[lane].worker = Some(worker);
                        self.ended(lane, ended);
                    }
                    None => {
                        drop(round);
                        drop(worker);
                        self.cuts += 1;
                        self.hire(lane).await;
                    }
                }
                return;
            };
            drop(round);
            self.lanes[lane].worker = Some(worker);
            if !self.ended(lane, ended) {
                break;
            }
        }
        self.manners().gate = None;
        if let Some(deed) = deed {
            self.act(deed).await;
        }
    }

    async fn cut(&mut self, lane: usize, turns: u16) {
        let mut worker = self.lanes[lane].worker.take().unwrap();
        let mut round = Box::pin(worker.round());
        let count_down = async {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::select! {
            biased;
            ended = &mut round => Some(ended),
            () = count_down => None,
        };
        drop(round);
        if let Some(ended) = ended {
            self.lanes[lane].worker = Some(worker);
            self.ended(lane, ended);
        } else {
            drop(worker);
            self.cuts += 1;
            self.hire(lane).await;
        }
    }
}

fn filter(wish: Wish, terminals: &[TerminalId]) -> DestinationFilter {
    let all = DestinationFilter::since(test_kit::local("2026-01-01 00:00:00"));
    match wish {
        Wish::All => all,
        Wish::Terminal(place) => DestinationFilter {
            terminals: vec![terminals[place]],
            ..all
        },
        Wish::North => DestinationFilter {
            sites: vec![site(true).to_owned()],
            ..all
        },
        Wish::Pins(one, other) => DestinationFilter {
            people: vec![one.to_string(), other.to_string(), "E0".to_owned()],
            ..all
        },
        Wish::State(state) => DestinationFilter {
            states: vec![PunchState::new(state)],
            ..all
        },
        Wish::Day => DestinationFilter {
            groups: groups(true),
            ..all
        },
    }
}

fn groups(is_day: bool) -> Vec<String> {
    vec![if is_day { "Day" } else { "Night" }.to_owned()]
}

fn site(is_north: bool) -> &'static str {
    if is_north { "North" } else { "South" }
}

fn pin(number: u8) -> Pin {
    Pin::new(number.to_string()).unwrap()
}

fn lock(manners: &Mutex<Manners>) -> MutexGuard<'_, Manners> {
    manners.lock().unwrap_or_else(PoisonError::into_inner)
}

fn policy() -> OutboundPolicy {
    OutboundPolicy {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
    }
}

/// One for all stories: it takes long to read the authorities that it trusts.
fn client() -> OutboundClient {
    static CLIENT: OnceLock<OutboundClient> = OnceLock::new();
    CLIENT
        .get_or_init(|| OutboundClient::new(policy()).unwrap())
        .clone()
}

async fn open(dir: &Path) -> Store {
    Store::open(dir, Sealer::new([7; 32])).await.unwrap()
}

/// In memory, where there is such a place: nobody pulls the plug here.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// An empty ledger, made once.
async fn template() -> &'static TempDir {
    static TEMPLATE: tokio::sync::OnceCell<TempDir> = tokio::sync::OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let dir = folder();
            open(dir.path()).await.close().await.unwrap();
            dir
        })
        .await
}
