//! Waiting records whose person changes, at destinations that ask for people.

use domain::{
    Destination, DestinationFilter, EmployeeNumber, MappingHow, Person, PersonChange,
    PersonDetails, Pin, Place, TerminalId, Validity,
};

use super::fixture::{Ledger, at, local, punch_at};
use crate::{DeliveryState, Intake, NewDestination, NewMapping};

struct World {
    ledger: Ledger,
    terminal: TerminalId,
    day: Destination,
    ann: Person,
}

/// A destination that wants the group Day, of which Ann is, and two punches of PIN 7, which is hers.
async fn world() -> World {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    let details = PersonDetails {
        name: "Ann".to_owned(),
        groups: vec!["Day".to_owned()],
        ..PersonDetails::numbered(EmployeeNumber::new("E7").unwrap())
    };
    let ann = ledger.create_person(details, at(0)).await.unwrap();
    let filter = DestinationFilter {
        groups: vec!["Day".to_owned()],
        ..DestinationFilter::since(local("2026-01-01 00:00:00"))
    };
    let new = NewDestination {
        filter,
        ..NewDestination::plain("day", "http://day.example/", local("2026-01-01 00:00:00"))
    };
    let day = ledger.create_destination(new, at(0)).await.unwrap();
    let world = World {
        ledger,
        terminal,
        day,
        ann,
    };
    world.map("7", &world.ann, None).await;
    let punches = ["08:00:00", "17:00:00"]
        .map(|time| punch_at("SN1", "7", &format!("2026-11-23 {time}"), 0))
        .to_vec();
    world
        .ledger
        .ingest(Intake::of(terminal, punches), at(1))
        .await
        .unwrap();
    assert_eq!(world.counts().await, (2, 0));
    world
}

impl World {
    async fn map(&self, pin: &str, person: &Person, from: Option<&str>) {
        let new = NewMapping {
            place: Place::Terminal(self.terminal),
            pin: Pin::new(pin).unwrap(),
            person: person.id,
            validity: Validity {
                from: from.map(local),
                until: None,
            },
            how: MappingHow::Hand,
        };
        self.ledger.map(new, "ann", at(2)).await.unwrap();
    }

    async fn change(&self, change: PersonChange) {
        self.ledger
            .update_person(self.ann.id, change, at(3))
            .await
            .unwrap();
    }

    /// What waits and what was withdrawn, after the queue is in line.
    async fn counts(&self) -> (u64, u64) {
        while self
            .ledger
            .step_queue(self.day.id, at(4))
            .await
            .unwrap()
            .is_some()
        {}
        let counts = self.ledger.outbox_counts(self.day.id).await.unwrap();
        (counts.waiting, counts.withdrawn)
    }

    async fn holds_back(&self) -> bool {
        let day = self.ledger.destination(self.day.id).await.unwrap().unwrap();
        day.queue_upto.is_some()
    }
}

fn groups(names: &[&str]) -> PersonChange {
    PersonChange {
        groups: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..PersonChange::default()
    }
}

#[tokio::test]
async fn somebody_who_leaves_a_group_leaves_its_queue() {
    let world = world().await;
    world.change(groups(&["Night"])).await;
    // Nothing is sent until the queue was looked through.
    assert!(world.holds_back().await);
    assert_eq!(world.counts().await, (0, 2));
    assert!(!world.holds_back().await);
    let withdrawn = world
        .ledger
        .deliveries(world.day.id, Some(DeliveryState::Withdrawn), None, None, 10)
        .await
        .unwrap();
    assert_eq!(withdrawn[0].cause.as_deref(), Some("filter"));
    // What is past comes back on request only.
    world.change(groups(&["Day"])).await;
    assert_eq!(world.counts().await, (0, 2));
    let since = local("2026-01-01 00:00:00");
    world
        .ledger
        .queue_past(world.day.id, since, at(5))
        .await
        .unwrap();
    assert_eq!(world.counts().await, (2, 0));
}

#[tokio::test]
async fn records_of_somebody_else_from_a_time_on_are_withdrawn_from_that_time_on() {
    let world = world().await;
    let details = PersonDetails::numbered(EmployeeNumber::new("E8").unwrap());
    let eve = world.ledger.create_person(details, at(2)).await.unwrap();
    world.map("7", &eve, Some("2026-11-23 12:00:00")).await;
    assert_eq!(world.counts().await, (1, 1));
}

#[tokio::test]
async fn what_changes_no_filters_answer_begins_no_work() {
    let world = world().await;
    world
        .change(PersonChange {
            name: Some("Ann Lee".to_owned()),
            ..PersonChange::default()
        })
        .await;
    assert!(!world.holds_back().await);
    world.map("7", &world.ann, None).await;
    assert!(!world.holds_back().await);
    assert_eq!(world.counts().await, (2, 0));
}

#[tokio::test]
async fn changes_one_after_another_are_one_work() {
    let world = world().await;
    for name in ["Night", "Day", "Night"] {
        world.change(groups(&[name])).await;
    }
    let works = world.ledger.queue_works(world.day.id, 10).await.unwrap();
    let unfinished = works.iter().filter(|work| work.finished_at.is_none());
    assert_eq!(unfinished.count(), 1);
    assert_eq!(world.counts().await, (0, 2));
}
