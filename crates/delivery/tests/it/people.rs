//! As whom punches are told, and what waits until that is known.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say so at once"
)]

use domain::{
    BodySpec, DestinationFilter, DestinationId, EmployeeNumber, MappingHow, Order, Person,
    PersonChange, PersonDetails, Pin, Place, PunchId, RequestSpec, TemplateUnit, TerminalId,
    Validity,
};
use storage::{DestinationChange, ExportChange, NewDestination, NewMapping, Replay};
use test_kit::receiver::Reply;

use crate::bench::{Bench, local};

async fn person(bench: &Bench, number: &str, name: &str) -> Person {
    let details = PersonDetails {
        name: name.to_owned(),
        groups: vec!["Day".to_owned()],
        ..PersonDetails::numbered(EmployeeNumber::new(number).unwrap())
    };
    bench
        .store
        .create_person(details, bench.now())
        .await
        .unwrap()
}

async fn map(bench: &Bench, terminal: TerminalId, pin: &str, person: &Person) -> u64 {
    let new = NewMapping {
        place: Place::Terminal(terminal),
        pin: Pin::new(pin).unwrap(),
        person: person.id,
        validity: Validity::ALWAYS,
        how: MappingHow::Hand,
    };
    let done = bench.store.map(new, "ann", bench.now()).await.unwrap();
    bench.wake();
    done.released
}

async fn change(bench: &Bench, id: DestinationId, change: DestinationChange) {
    bench
        .store
        .update_destination(id, change, bench.now())
        .await
        .unwrap();
    bench.wake();
}

async fn need_mapping(bench: &Bench, needs_mapping: bool) -> DestinationId {
    let id = bench.destination().await.id;
    let wish = DestinationChange {
        needs_mapping: Some(needs_mapping),
        ..DestinationChange::default()
    };
    change(bench, id, wish).await;
    id
}

/// Number and name in every record that arrived, in order.
fn told(bench: &Bench) -> Vec<(String, String)> {
    bench
        .receiver
        .requests()
        .iter()
        .flat_map(test_kit::receiver::Request::records)
        .map(|record| {
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            (text("employee_id"), text("employee_name"))
        })
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_mapped_punch_is_told_as_its_person_and_any_other_by_its_pin_and_the_terminals_name() {
    let mut bench = Bench::new().await;
    let mona = person(&bench, "E1", "Mona Said").await;
    let unnamed = person(&bench, "E2", "").await;
    map(&bench, bench.terminal, "1", &mona).await;
    map(&bench, bench.terminal, "2", &unnamed).await;
    bench.punch(&["1", "2", "3"]).await;
    bench.start();
    bench.deliver_all().await;
    let told = told(&bench);
    assert_eq!(told[0], ("E1".to_owned(), "Mona Said".to_owned()));
    // The terminal's own name stands in; a missing name blocks nothing.
    assert_eq!((told[1].0.as_str(), told[2].0.as_str()), ("E2", "3"));
    assert!(!told[1].1.is_empty() && !told[2].1.is_empty());
}

#[tokio::test]
async fn one_pin_of_two_people_at_two_terminals_is_told_as_each() {
    let mut bench = Bench::new().await;
    let other = bench.register("192.168.37.11", "SN2").await;
    let (mona, eve) = (
        person(&bench, "E1", "Mona").await,
        person(&bench, "E2", "Eve").await,
    );
    map(&bench, bench.terminal, "7", &mona).await;
    map(&bench, other, "7", &eve).await;
    bench.punch(&["7"]).await;
    bench.punch_at(other, &["7"]).await;
    bench.start();
    bench.deliver_all().await;
    assert_eq!(told(&bench), pairs(&[("E1", "Mona"), ("E2", "Eve")]));
}

#[tokio::test]
async fn a_batch_goes_again_with_the_same_bytes_whatever_became_of_the_person() {
    let mut bench = Bench::new().await;
    let mona = person(&bench, "E1", "Mona").await;
    map(&bench, bench.terminal, "1", &mona).await;
    bench.receiver.answer(|request| {
        if request.number == 0 {
            Reply::status(503)
        } else {
            Reply::ok()
        }
    });
    bench.punch(&["1", "2"]).await;
    bench.start();
    bench.settled(1).await;
    let renamed = PersonChange {
        name: Some("Mona Stone".to_owned()),
        ..PersonChange::default()
    };
    bench
        .store
        .update_person(mona.id, renamed, bench.now())
        .await
        .unwrap();
    let eve = person(&bench, "E2", "Eve").await;
    map(&bench, bench.terminal, "2", &eve).await;
    bench.turn(60);
    bench.deliver_all().await;
    let requests = bench.receiver.requests();
    assert_eq!(requests[0].body, requests[1].body);
    // What is new is told as it is now, under an id of its own.
    bench.punch(&["1", "2"]).await;
    bench.deliver_all().await;
    let told = told(&bench);
    assert_eq!(told[4..], pairs(&[("E1", "Mona Stone"), ("E2", "Eve")]));
}

#[tokio::test]
async fn an_unmapped_punch_waits_only_where_the_destination_says_so_and_goes_by_itself_once_mapped()
{
    let mut bench = Bench::new().await;
    let id = need_mapping(&bench, true).await;
    let mona = person(&bench, "E1", "Mona").await;
    map(&bench, bench.terminal, "1", &mona).await;
    bench.punch(&["2", "1", "2"]).await;
    bench.start();
    bench
        .drive("two to wait", |counts| {
            (counts.delivered, counts.unmapped, counts.held) == (1, 2, 0)
        })
        .await;
    let why = bench
        .delivery()
        .explain(id, PunchId(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(why.standing, delivery::Standing::Unmapped);
    let run = bench.delivery().dry_run(id).await.unwrap().unwrap();
    assert_eq!(run.held_back, [delivery::HeldBack::Unmapped { records: 2 }]);
    let record = why.record.unwrap();
    let eve = person(&bench, "E2", "Eve").await;
    assert_eq!(map(&bench, bench.terminal, "2", &eve).await, 2);
    bench.deliver_all().await;
    let expected = [("E1", "Mona"), ("E2", "Eve"), ("E2", "Eve")];
    assert_eq!(told(&bench), pairs(&expected));
    let after = bench.store.delivery(id, PunchId(1)).await.unwrap().unwrap();
    assert_eq!(after.record_id, record.record_id);
}

#[tokio::test]
async fn what_waits_for_a_mapping_goes_as_it_is_when_none_is_needed_any_more() {
    let mut bench = Bench::new().await;
    need_mapping(&bench, true).await;
    bench.punch(&["1", "2"]).await;
    bench.start();
    bench
        .drive("two to wait", |counts| counts.unmapped == 2)
        .await;
    need_mapping(&bench, false).await;
    bench.deliver_all().await;
    assert_eq!(bench.counts().await.delivered, 2);
}

#[tokio::test]
async fn a_group_gets_what_is_mapped_to_its_people_and_waits_for_who_the_others_are() {
    let mut bench = Bench::new().await;
    let mona = person(&bench, "E1", "Mona").await;
    let outsider = person(&bench, "E2", "Eve").await;
    let no_group = PersonChange {
        groups: Some(Vec::new()),
        ..PersonChange::default()
    };
    bench
        .store
        .update_person(outsider.id, no_group, bench.now())
        .await
        .unwrap();
    let filter = DestinationFilter {
        groups: vec!["Day".to_owned()],
        ..DestinationFilter::since(local("2020-01-01 00:00:00"))
    };
    let new = NewDestination {
        filter,
        needs_mapping: true,
        order: Order::PerPerson,
        ..NewDestination::plain("day", bench.receiver.url(), local("2020-01-01 00:00:00"))
    };
    let day = bench
        .store
        .create_destination(new, bench.now())
        .await
        .unwrap()
        .id;
    map(&bench, bench.terminal, "1", &mona).await;
    bench.punch(&["1", "2", "3"]).await;
    bench.start();
    bench.deliver_all().await;
    let counts = async || bench.store.outbox_counts(day).await.unwrap();
    while counts().await.unmapped < 2 {
        tokio::task::yield_now().await;
    }
    map(&bench, bench.terminal, "2", &mona).await;
    map(&bench, bench.terminal, "3", &outsider).await;
    bench.until_settled(day).await;
    let counts = counts().await;
    assert_eq!(
        (counts.delivered, counts.withdrawn, counts.unmapped),
        (2, 1, 0)
    );
}

#[tokio::test]
async fn a_refused_punch_that_is_mapped_then_is_told_anew_when_it_is_replayed() {
    let mut bench = Bench::new().await;
    bench.receiver.answer(|request| {
        let known = request
            .records()
            .iter()
            .all(|record| record["employee_id"] == "E1");
        if known {
            Reply::ok()
        } else {
            Reply::status(422)
        }
    });
    bench.punch(&["1"]).await;
    bench.start();
    bench
        .drive("it to be parked", |counts| counts.parked == 1)
        .await;
    let mona = person(&bench, "E1", "Mona").await;
    map(&bench, bench.terminal, "1", &mona).await;
    let id = bench.destination().await.id;
    bench.delivery().replay(id, Replay::Parked).await.unwrap();
    bench.deliver_all().await;
    assert_eq!(bench.counts().await.delivered, 1);
    // The receiver may remember what it answered to an id.
    let requests = bench.receiver.requests();
    let (taken, refused): (Vec<_>, Vec<_>) = requests.iter().partition(|sent| sent.is_taken());
    assert!(!refused.is_empty());
    for sent in refused {
        assert_ne!(sent.key(), taken[0].key());
    }
}

#[tokio::test]
async fn a_persons_punches_leave_in_order_over_terminals_where_they_have_other_pins() {
    let mut bench = Bench::new().await;
    let other = bench.register("192.168.37.11", "SN2").await;
    let mona = person(&bench, "E1", "Mona").await;
    map(&bench, bench.terminal, "1", &mona).await;
    map(&bench, other, "901", &mona).await;
    for _ in 0..5 {
        bench.punch(&["1", "2"]).await;
        bench.punch_at(other, &["901", "3"]).await;
    }
    bench.start();
    bench.deliver_all().await;
    let times: Vec<String> = bench
        .receiver
        .requests()
        .iter()
        .flat_map(test_kit::receiver::Request::records)
        .filter(|record| record["employee_id"] == "E1")
        .map(|record| record["timestamp"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(times.len(), 10);
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn a_preview_tells_of_people_as_a_request_does() {
    let mut bench = Bench::running().await;
    let ann = person(&bench, "E-7", "Ann").await;
    bench.punch(&["7", "8"]).await;
    let terminal = bench.store.terminals().await.unwrap()[0].id;
    map(&bench, terminal, "7", &ann).await;
    let spec = RequestSpec {
        body: BodySpec::Template {
            unit: TemplateUnit::Batch,
            content_type: "text/csv".to_owned(),
            source: "{% for r in records %}{{ r.employee_id }}/{{ r.pin }};{% endfor %}".to_owned(),
        },
        ..RequestSpec::default()
    };
    let url = "https://hr.example.com/";
    let preview = bench.delivery().preview(&spec, url, false).await.unwrap();
    assert_eq!(preview.request.unwrap().body, "E-7/7;8/8;");
}

#[tokio::test]
async fn a_witness_is_nobody_whose_earlier_record_bears_the_pin_of_a_batch_that_fails() {
    let mut bench = Bench::new().await;
    let other = bench.register("192.168.37.11", "SN2").await;
    let mona = person(&bench, "E1", "Mona").await;
    map(&bench, bench.terminal, "1", &mona).await;
    map(&bench, other, "2", &mona).await;
    let one_by_one = ExportChange {
        batch_size: Some(1),
        ..ExportChange::default()
    };
    bench.save(one_by_one).await;
    // Here the PIN 2 is somebody else's.
    bench.punch(&["2"]).await;
    bench.punch_at(other, &["2"]).await;
    bench.punch(&["1"]).await;
    bench.receiver.answer(|request| match request.number {
        0..4 => Reply::status(500),
        _ => Reply::ok(),
    });
    bench.start();
    bench.deliver_all().await;
    let taken = bench.receiver.taken();
    let hers: Vec<_> = taken
        .iter()
        .filter(|name| name.starts_with("E1 "))
        .collect();
    assert!(hers.len() == 2 && hers.is_sorted(), "{taken:?}");
}
