//! What people do, and what we remember of it.

use domain::{
    DestinationFilter, LocalTime, MappingHow, Mode, NewPunch, PersonChange, Pin, Place, PunchState,
    TerminalId, Validity,
};
use jiff::SignedDuration;
use storage::{DestinationChange, Intake, NewMapping, Replay, StoreError, TerminalChange};

use super::{
    super::script::{Deed, Wish},
    Punch, World,
};

impl World {
    pub(super) async fn punch(&mut self, terminal: usize, pins: &[u8]) {
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
        self.wake();
    }

    pub(super) async fn act(&mut self, deed: &Deed) {
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
        self.wake();
    }

    pub(super) async fn map(&mut self, terminal: usize, number: u8, person: usize) {
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

    pub(super) async fn stand(&self, terminal: usize) {
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
}

pub(super) fn filter(wish: Wish, terminals: &[TerminalId]) -> DestinationFilter {
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

pub(super) fn groups(is_day: bool) -> Vec<String> {
    vec![if is_day { "Day" } else { "Night" }.to_owned()]
}

pub(super) fn site(is_north: bool) -> &'static str {
    if is_north { "North" } else { "South" }
}

pub(super) fn pin(number: u8) -> Pin {
    Pin::new(number.to_string()).unwrap()
}
