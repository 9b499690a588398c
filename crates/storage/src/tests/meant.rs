use domain::{
    EmployeeNumber, LocalTime, MappingHow, NewPunch, Person, PersonDetails, Pin, Place, TerminalId,
    TimeFlag, Validity,
};

use super::fixture::{Ledger, at, local, punch_at};
use crate::{HeldFilter, Intake, NewMapping, PunchFilter};

async fn person(ledger: &Ledger, number: &str) -> Person {
    let details = PersonDetails::numbered(EmployeeNumber::new(number).unwrap());
    ledger.create_person(details, at(0)).await.unwrap()
}

async fn terminal(ledger: &Ledger, serial: &str) -> TerminalId {
    ledger
        .terminal_at(&format!("{serial}.example"), serial)
        .await
        .id
}

async fn map(ledger: &Ledger, terminal: TerminalId, pin: &str, person: &Person, from: &str) {
    let mapping = NewMapping {
        place: Place::Terminal(terminal),
        pin: Pin::new(pin).unwrap(),
        person: person.id,
        validity: Validity {
            from: Some(local(from)),
            until: None,
        },
        how: MappingHow::Hand,
    };
    ledger.map(mapping, "test", at(1)).await.unwrap();
}

/// Local times of the punches that some words mean, in order; counted and in pages the same.
async fn times(ledger: &Ledger, words: &[&str]) -> Vec<String> {
    let filter = PunchFilter {
        people: words.iter().map(|&word| word.to_owned()).collect(),
        ..PunchFilter::default()
    };
    let filter = ledger.of_people(filter).await.unwrap();
    let punches = ledger.punches(&filter, None, 100).await.unwrap();
    let count = ledger.count_punches(&filter).await.unwrap();
    assert_eq!(usize::try_from(count).unwrap(), punches.len());
    let time = |time: LocalTime| time.to_string().replace("2026-11-", "");
    punches.iter().map(|punch| time(punch.local_time)).collect()
}

#[tokio::test]
async fn an_employee_number_means_whatever_its_person_punched_under_any_pin_in_their_time() {
    let ledger = Ledger::new().await;
    let (front, back) = (terminal(&ledger, "A").await, terminal(&ledger, "B").await);
    let anna = person(&ledger, "100").await;
    let others = person(&ledger, "200").await;
    for (terminal, serial, pin, time) in [
        (front, "A", "7", "2026-11-01 08:00:00"),
        (front, "A", "7", "2026-11-02 08:00:00"),
        (back, "B", "7", "2026-11-02 09:00:00"),
        (back, "B", "100", "2026-11-03 08:00:00"),
        (front, "A", "100", "2026-11-04 08:00:00"),
    ] {
        let punch = punch_at(serial, pin, time, 0);
        ledger
            .ingest(Intake::of(terminal, vec![punch]), at(1))
            .await
            .unwrap();
    }
    map(&ledger, front, "7", &anna, "2026-11-02 00:00:00").await;
    map(&ledger, back, "100", &others, "2026-11-01 00:00:00").await;

    assert_eq!(
        times(&ledger, &["100"]).await,
        ["02 08:00:00", "04 08:00:00"],
        "what she punched as 7, and what nobody else punched under her number"
    );
    assert_eq!(
        times(&ledger, &["7"]).await,
        ["01 08:00:00", "02 08:00:00", "02 09:00:00"],
        "nobody has the number 7, so it is a PIN"
    );
    assert_eq!(times(&ledger, &["200"]).await, ["03 08:00:00"]);
    assert_eq!(times(&ledger, &["100", "7"]).await.len(), 4);
    assert!(times(&ledger, &["300"]).await.is_empty());
}

#[tokio::test]
async fn held_punches_of_a_person_are_not_those_of_others_with_their_pin() {
    let ledger = Ledger::new().await;
    let (front, back) = (terminal(&ledger, "A").await, terminal(&ledger, "B").await);
    let anna = person(&ledger, "100").await;
    for (terminal, serial) in [(front, "A"), (back, "B")] {
        let punch = NewPunch {
            flag: TimeFlag::Implausible,
            ..punch_at(serial, "7", "2000-01-01 08:00:00", 0)
        };
        ledger
            .ingest(Intake::of(terminal, vec![punch]), at(1))
            .await
            .unwrap();
    }
    map(&ledger, front, "7", &anna, "1999-01-01 00:00:00").await;
    let filter = PunchFilter {
        people: vec!["100".to_owned()],
        ..PunchFilter::default()
    };
    let meant = ledger.of_people(filter).await.unwrap();
    let held = HeldFilter {
        people: vec![Pin::new("7").unwrap()],
        meant: meant.meant,
        ..HeldFilter::default()
    };
    assert_eq!(ledger.count_held(&held).await.unwrap(), 1);
    let punches = ledger.held_punches(&held, None, 10).await.unwrap();
    assert_eq!(punches[0].terminal_id, front);
}
