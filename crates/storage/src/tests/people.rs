use domain::{
    EmployeeNumber, Enrolment, LocalTime, MappingHow, Person, PersonChange, PersonDetails, Pin,
    Place, PunchId, SuggestionReason, TerminalId, Validity, read_mappings, read_people,
    write_mappings, write_people,
};

use super::fixture::{Ledger, at, local, punch, punch_at};
use crate::{
    InboxAnswer, InboxAnswerKind, InboxFilter, InboxItem, InboxKind, Intake, MappingFilter,
    NewMapping, PersonFilter, StoreError,
};

fn details(number: &str, name: &str) -> PersonDetails {
    PersonDetails {
        name: name.to_owned(),
        ..PersonDetails::numbered(EmployeeNumber::new(number).unwrap())
    }
}

async fn person(ledger: &Ledger, number: &str, name: &str) -> Person {
    ledger
        .create_person(details(number, name), at(0))
        .await
        .unwrap()
}

fn mapping(place: Place, pin: &str, person: &Person, from: Option<&str>) -> NewMapping {
    NewMapping {
        place,
        pin: Pin::new(pin).unwrap(),
        person: person.id,
        validity: Validity {
            from: from.map(local),
            until: None,
        },
        how: MappingHow::Hand,
    }
}

fn user(pin: &str, name: &str) -> Enrolment {
    Enrolment {
        pin: Pin::new(pin).unwrap(),
        uid: 1,
        name: name.to_owned(),
        name_raw: name.as_bytes().to_vec(),
        privilege: 0,
        card: 0,
        group_id: "1".to_owned(),
        has_password: false,
    }
}

async fn take_in(ledger: &Ledger, terminal: TerminalId, serial: &str, rows: &[(&str, &str)]) {
    let punches = rows
        .iter()
        .map(|(pin, time)| punch_at(serial, pin, time, 0))
        .collect();
    ledger
        .ingest(Intake::of(terminal, punches), at(1))
        .await
        .unwrap();
}

/// The employee numbers behind punches, in their order.
async fn whose(ledger: &Ledger, punches: &[i64]) -> Vec<Option<String>> {
    let ids: Vec<PunchId> = punches.iter().map(|id| PunchId(*id)).collect();
    let found = ledger.people_of_punches(&ids).await.unwrap();
    ids.iter()
        .map(|id| {
            found
                .get(id)
                .map(|person| person.employee_number.to_string())
        })
        .collect()
}

fn some(numbers: &[&str]) -> Vec<Option<String>> {
    numbers
        .iter()
        .map(|each| Some((*each).to_owned()))
        .collect()
}

async fn open(ledger: &Ledger) -> Vec<InboxItem> {
    ledger
        .inbox(&InboxFilter::default(), None, 100)
        .await
        .unwrap()
}

fn kinds(items: &[InboxItem]) -> Vec<(InboxKind, &str)> {
    items
        .iter()
        .map(|item| (item.kind, item.pin.as_str()))
        .collect()
}

fn is_conflict<T>(result: Result<T, StoreError>) -> bool {
    matches!(result.err(), Some(StoreError::Conflict(_)))
}

#[tokio::test]
async fn a_person_comes_back_as_given_and_no_two_have_one_number() {
    let ledger = Ledger::new().await;
    let given = PersonDetails {
        groups: vec!["Night".to_owned(), "Day".to_owned(), "Day".to_owned()],
        site: Some(" Cairo ".to_owned()),
        ..details("007", "Mona")
    };
    let made = ledger.create_person(given, at(0)).await.unwrap();
    assert_eq!(made.groups, ["Day", "Night"]);
    assert_eq!(made.site.as_deref(), Some("Cairo"));
    assert!(is_conflict(
        ledger.create_person(details("007", "Eve"), at(0)).await
    ));
    // Zeros count.
    let other = person(&ledger, "7", "Eve").await;
    let change = PersonChange {
        employee_number: Some(EmployeeNumber::new("007").unwrap()),
        ..PersonChange::default()
    };
    assert!(is_conflict(
        ledger.update_person(other.id, change, at(1)).await
    ));
    let page = ledger
        .people(&PersonFilter::default(), Some(&made.employee_number), 10)
        .await
        .unwrap();
    assert_eq!(page, [other]);
    let of_group = PersonFilter {
        group: Some("Night".to_owned()),
        text: Some("mo".to_owned()),
        ..PersonFilter::default()
    };
    assert_eq!(ledger.people(&of_group, None, 10).await.unwrap(), [made]);
    assert_eq!(ledger.person_groups().await.unwrap(), ["Day", "Night"]);
}

#[tokio::test]
async fn who_has_or_had_a_pin_cannot_be_removed() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let (mona, eve) = (
        person(&ledger, "E1", "Mona").await,
        person(&ledger, "E2", "Eve").await,
    );
    let new = mapping(Place::Terminal(terminal.id), "5", &mona, None);
    ledger.map(new, "ann", at(1)).await.unwrap();
    assert!(is_conflict(ledger.delete_person(mona.id).await));
    ledger.delete_person(eve.id).await.unwrap();
    assert_eq!(ledger.person(eve.id).await.unwrap(), None);
}

#[tokio::test]
async fn people_of_a_file_are_added_and_changed_and_a_dry_run_writes_nothing() {
    let ledger = Ledger::new().await;
    person(&ledger, "1", "Ann").await;
    person(&ledger, "2", "Bob").await;
    let file = b"employee_number,name,groups\n1,Anna,Day\n2,Bob,\n3,Eve,Day;Night\n";
    let dry = ledger
        .take_people(read_people(file).unwrap(), true, at(1))
        .await
        .unwrap();
    assert_eq!((dry.added, dry.changed, dry.unchanged), (1, 1, 1));
    let all = PersonFilter::default();
    assert_eq!(ledger.people(&all, None, 10).await.unwrap().len(), 2);
    let done = ledger
        .take_people(read_people(file).unwrap(), false, at(1))
        .await
        .unwrap();
    assert_eq!(done, dry);
    let people = ledger.people(&all, None, 10).await.unwrap();
    let names: Vec<_> = people.iter().map(|each| each.name.as_str()).collect();
    assert_eq!(names, ["Anna", "Bob", "Eve"]);
    // What is written is nothing new.
    let again = ledger
        .take_people(
            read_people(&write_people(true, &people)).unwrap(),
            false,
            at(2),
        )
        .await
        .unwrap();
    assert_eq!(again.unchanged, 3);
}

#[tokio::test]
async fn one_pin_at_two_terminals_can_be_two_people() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let (mona, eve) = (
        person(&ledger, "E1", "Mona").await,
        person(&ledger, "E2", "Eve").await,
    );
    take_in(&ledger, one.id, "SN1", &[("5", "2026-11-23 08:00:00")]).await;
    take_in(&ledger, two.id, "SN2", &[("5", "2026-11-23 08:00:00")]).await;
    for (terminal, person) in [(one, &mona), (two, &eve)] {
        let new = mapping(Place::Terminal(terminal.id), "5", person, None);
        ledger.map(new, "ann", at(1)).await.unwrap();
    }
    assert_eq!(whose(&ledger, &[1, 2]).await, some(&["E1", "E2"]));
    assert_eq!(open(&ledger).await, []);
}

#[tokio::test]
async fn old_punches_keep_their_person_when_a_pin_goes_to_another() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let place = Place::Terminal(terminal.id);
    let (mona, eve) = (
        person(&ledger, "E1", "Mona").await,
        person(&ledger, "E2", "Eve").await,
    );
    let days = ["2026-11-01 08:00:00", "2026-11-10 00:00:00"];
    take_in(&ledger, terminal.id, "SN1", &days.map(|day| ("5", day))).await;
    let first = mapping(place, "5", &mona, None);
    ledger.map(first, "ann", at(1)).await.unwrap();
    let always = mapping(place, "5", &eve, None);
    assert!(is_conflict(ledger.map(always, "ann", at(2)).await));
    let later = mapping(place, "5", &eve, Some("2026-11-10 00:00:00"));
    assert_eq!(
        ledger.map(later.clone(), "bob", at(2)).await.unwrap().made,
        1
    );
    assert_eq!(ledger.map(later, "bob", at(3)).await.unwrap().made, 0);
    assert_eq!(whose(&ledger, &[1, 2]).await, some(&["E1", "E2"]));
    let history = ledger
        .mappings(&MappingFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].made_by, "ann");
    assert_eq!(history[1].ended_by.as_deref(), Some("bob"));
    // A mapping that was a mistake never held.
    ledger
        .end_mapping(history[0].id, None, "ann", at(4))
        .await
        .unwrap();
    assert_eq!(whose(&ledger, &[1, 2]).await, [Some("E1".to_owned()), None]);
}

#[tokio::test]
async fn terminals_of_a_group_share_their_pins_while_they_are_in_it() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let mona = person(&ledger, "E1", "Mona").await;
    take_in(&ledger, one.id, "SN1", &[("5", "2026-11-23 08:00:00")]).await;
    let days = ["2026-11-23 08:00:00", "2026-11-24 08:00:00"];
    take_in(&ledger, two.id, "SN2", &days.map(|day| ("5", day))).await;
    let group = ledger.create_pin_group("Harbour", at(0)).await.unwrap();
    let new = mapping(Place::Group(group), "5", &mona, None);
    ledger.map(new, "ann", at(1)).await.unwrap();
    assert_eq!(whose(&ledger, &[1]).await, [None]);
    for terminal in [one.id, two.id] {
        ledger
            .join_pin_group(group, terminal, None, "ann", at(1))
            .await
            .unwrap();
    }
    assert_eq!(whose(&ledger, &[1, 2, 3]).await, some(&["E1", "E1", "E1"]));
    let other = ledger.create_pin_group("Gate", at(0)).await.unwrap();
    assert!(is_conflict(
        ledger
            .join_pin_group(other, two.id, None, "ann", at(1))
            .await
    ));
    let until: LocalTime = local("2026-11-24 00:00:00");
    ledger
        .leave_pin_group(group, two.id, Some(until), "ann", at(2))
        .await
        .unwrap();
    let found = whose(&ledger, &[1, 2, 3]).await;
    assert_eq!(found, [some(&["E1", "E1"]), vec![None]].concat());
    ledger
        .join_pin_group(other, two.id, Some(until), "ann", at(2))
        .await
        .unwrap();
    assert!(is_conflict(ledger.delete_pin_group(group).await));
}

#[tokio::test]
async fn a_pin_that_equals_an_employee_number_is_mapped_by_itself() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let early = person(&ledger, "7", "Mona Said").await;
    let mut users = vec![user("7", "SAID MONA"), user("8", "")];
    ledger
        .replace_enrolments(terminal.id, users.clone(), at(1))
        .await
        .unwrap();
    let rows = [
        ("7", "2026-11-23 08:00:00"),
        ("8", "2026-11-23 08:00:00"),
        ("08", "2026-11-23 08:00:00"),
    ];
    take_in(&ledger, terminal.id, "SN1", &rows).await;
    assert_eq!(whose(&ledger, &[1]).await, some(&["7"]));
    let late = person(&ledger, "8", "Eve").await;
    assert_eq!(whose(&ledger, &[1, 2]).await, some(&["7", "8"]));
    assert_eq!(kinds(&open(&ledger).await), [(InboxKind::Unmapped, "08")]);
    let all = ledger
        .mappings(&MappingFilter::default(), None, 10)
        .await
        .unwrap();
    let made: Vec<_> = all.iter().map(|each| (each.person.id, each.how)).collect();
    assert_eq!(
        made,
        [(late.id, MappingHow::Auto), (early.id, MappingHow::Auto)]
    );
    users.push(user("9", "Bob"));
    ledger
        .replace_enrolments(terminal.id, users, at(2))
        .await
        .unwrap();
    person(&ledger, "9", "bob").await;
    assert_eq!(kinds(&open(&ledger).await), [(InboxKind::Unmapped, "08")]);
}

#[tokio::test]
async fn a_pin_whose_terminal_has_another_name_for_it_is_asked_about() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let mona = person(&ledger, "7", "Mona Said").await;
    ledger
        .replace_enrolments(terminal.id, vec![user("7", "Bob Miller")], at(1))
        .await
        .unwrap();
    let items = open(&ledger).await;
    assert_eq!(kinds(&items), [(InboxKind::Number, "7")]);
    assert_eq!(items[0].asked.as_ref().map(|asked| asked.id), Some(mona.id));
    let decision = ledger
        .answer(items[0].id, InboxAnswer::SamePerson, "ann", at(5))
        .await
        .unwrap();
    let answered = decision.item.answered.unwrap();
    assert_eq!(answered.answer, InboxAnswerKind::SamePerson);
    assert_eq!((answered.by.as_str(), answered.at), ("ann", at(5)));
    take_in(&ledger, terminal.id, "SN1", &[("7", "2026-11-23 08:00:00")]).await;
    assert_eq!(whose(&ledger, &[1]).await, some(&["7"]));
}

#[tokio::test]
async fn an_employee_number_that_is_somebody_elses_pin_is_asked_about() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let mona = person(&ledger, "E1", "Mona").await;
    let new = mapping(Place::Terminal(terminal.id), "7", &mona, None);
    ledger.map(new, "ann", at(1)).await.unwrap();
    let eve = person(&ledger, "7", "Eve").await;
    let items = open(&ledger).await;
    assert_eq!(kinds(&items), [(InboxKind::Number, "7")]);
    assert_eq!(items[0].asked.as_ref().map(|asked| asked.id), Some(eve.id));
    assert_eq!(items[0].person.as_ref().map(|now| now.id), Some(mona.id));
    take_in(&ledger, terminal.id, "SN1", &[("7", "2026-11-23 08:00:00")]).await;
    assert_eq!(whose(&ledger, &[1]).await, some(&["E1"]));
}

#[tokio::test]
async fn a_name_that_changes_beyond_spelling_is_asked_about_and_mapped_from_then_on() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let mona = person(&ledger, "E1", "Mona Said").await;
    let new = mapping(Place::Terminal(terminal.id), "5", &mona, None);
    ledger.map(new, "ann", at(0)).await.unwrap();
    for (name, second) in [
        ("Mona Said", 1),
        ("SAÏD, MONA", 2),
        ("", 3),
        ("mona said", 4),
    ] {
        ledger
            .replace_enrolments(terminal.id, vec![user("5", name)], at(second))
            .await
            .unwrap();
    }
    assert_eq!(open(&ledger).await, []);
    ledger
        .replace_enrolments(terminal.id, vec![user("5", "Eve Stone")], at(5))
        .await
        .unwrap();
    let items = open(&ledger).await;
    assert_eq!(kinds(&items), [(InboxKind::Renamed, "5")]);
    assert_eq!(items[0].old_name.as_deref(), Some("mona said"));
    assert_eq!(items[0].new_name.as_deref(), Some("Eve Stone"));
    assert_eq!(
        (items[0].known_at, items[0].opened_at),
        (Some(at(4)), at(5))
    );
    let answer = |from: Option<&str>| InboxAnswer::NewPerson {
        person: details("E2", "Eve Stone"),
        from: from.map(local),
    };
    assert!(is_conflict(
        ledger.answer(items[0].id, answer(None), "ann", at(6)).await
    ));
    ledger
        .answer(
            items[0].id,
            answer(Some("2026-11-20 00:00:00")),
            "ann",
            at(6),
        )
        .await
        .unwrap();
    assert!(is_conflict(
        ledger
            .answer(items[0].id, InboxAnswer::Ignore, "bob", at(7))
            .await
    ));
    let days = ["2026-11-19 08:00:00", "2026-11-20 08:00:00"];
    take_in(&ledger, terminal.id, "SN1", &days.map(|day| ("5", day))).await;
    assert_eq!(whose(&ledger, &[1, 2]).await, some(&["E1", "E2"]));
}

#[tokio::test]
async fn a_pin_that_was_deleted_and_added_again_is_asked_about() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let mona = person(&ledger, "E1", "Mona").await;
    let new = mapping(Place::Terminal(terminal.id), "5", &mona, None);
    ledger.map(new, "ann", at(0)).await.unwrap();
    for (users, second) in [
        (vec![user("5", "Mona")], 1),
        (Vec::new(), 2),
        (vec![user("5", "Mona")], 3),
    ] {
        ledger
            .replace_enrolments(terminal.id, users, at(second))
            .await
            .unwrap();
    }
    let items = open(&ledger).await;
    assert_eq!(kinds(&items), [(InboxKind::Returned, "5")]);
    let done = ledger
        .answer_many(vec![items[0].id], InboxAnswerKind::SamePerson, "ann", at(4))
        .await
        .unwrap();
    assert_eq!((done, ledger.inbox_count().await.unwrap()), (1, 0));
}

#[tokio::test]
async fn unmapped_pins_are_listed_once_with_suggestions_until_they_are_answered() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let mona = person(&ledger, "0042", "Mona Said").await;
    let bob = person(&ledger, "E2", "Robert Miller").await;
    let known = mapping(Place::Terminal(one.id), "6", &bob, None);
    ledger.map(known, "ann", at(0)).await.unwrap();
    ledger
        .replace_enrolments(one.id, vec![user("6", "Bob the Builder")], at(1))
        .await
        .unwrap();
    let users = vec![
        user("42", ""),
        user("61", "bob the builder"),
        user("62", "Rob Miller"),
    ];
    ledger
        .replace_enrolments(two.id, users, at(1))
        .await
        .unwrap();
    for time in ["2026-11-23 08:00:00", "2026-11-23 17:00:00"] {
        take_in(&ledger, two.id, "SN2", &[("42", time), ("99", time)]).await;
    }
    let items = open(&ledger).await;
    let pins: Vec<_> = items.iter().map(|item| item.pin.as_str()).collect();
    assert_eq!(pins, ["99", "62", "61", "42"]);
    let suggested: Vec<Vec<_>> = items
        .iter()
        .map(|item| {
            item.suggestions
                .iter()
                .map(|(person, reason)| (person.id, *reason))
                .collect()
        })
        .collect();
    assert_eq!(suggested[1], [(bob.id, SuggestionReason::LikeName)]);
    assert_eq!(
        suggested[2],
        [(bob.id, SuggestionReason::SameNameElsewhere)]
    );
    assert_eq!(suggested[3], [(mona.id, SuggestionReason::NumberButZeros)]);
    assert_eq!(items[3].punches, 2);
    assert_eq!(items[3].last_punch, Some(local("2026-11-23 17:00:00")));
    let next = ledger
        .inbox(&InboxFilter::default(), Some(items[1].id), 1)
        .await
        .unwrap();
    assert_eq!(kinds(&next), [(InboxKind::Unmapped, "61")]);
    ledger
        .answer(items[0].id, InboxAnswer::Ignore, "ann", at(3))
        .await
        .unwrap();
    let answer = InboxAnswer::Person {
        person: mona.id,
        from: None,
    };
    ledger
        .answer(items[3].id, answer, "ann", at(3))
        .await
        .unwrap();
    let times = [("42", "2026-11-24 08:00:00"), ("99", "2026-11-24 08:00:00")];
    take_in(&ledger, two.id, "SN2", &times).await;
    assert_eq!(
        kinds(&open(&ledger).await),
        [(InboxKind::Unmapped, "62"), (InboxKind::Unmapped, "61")]
    );
    let answered = InboxFilter {
        answered: true,
        ..InboxFilter::default()
    };
    let answered = ledger.inbox(&answered, None, 10).await.unwrap();
    assert_eq!(
        kinds(&answered),
        [(InboxKind::Unmapped, "99"), (InboxKind::Unmapped, "42")]
    );
}

#[tokio::test]
async fn mappings_of_a_file_are_taken_whole_or_not_at_all() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    person(&ledger, "E1", "Mona").await;
    person(&ledger, "E2", "Eve").await;
    ledger.create_pin_group("Harbour", at(0)).await.unwrap();
    let head = "terminal,pin_group,pin,employee_number,valid_from,valid_until\n";
    let sound = format!("{head}SN1,,5,E1,,\n,Harbour,5,E2,,\nSN1,,5,E2,2026-11-10,\n");
    let bad = format!("{sound}SN9,,5,E1,,\nSN1,,6,E9,,\nSN1,,5,E1,,2026-12-01\n");
    let take = async |file: &str, dry_run| {
        let rows = read_mappings(file.as_bytes()).unwrap();
        ledger
            .take_mappings(rows, dry_run, "ann", at(1))
            .await
            .unwrap()
    };
    let refused = take(&bad, false).await;
    let lines: Vec<u64> = refused.faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [5, 6, 7], "{:?}", refused.faults);
    let none = ledger
        .mappings(&MappingFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(none, []);
    let dry = take(&sound, true).await;
    let done = take(&sound, false).await;
    assert_eq!((dry.made, done.made), (3, 3));
    let days = ["2026-11-09 08:00:00", "2026-11-10 08:00:00"];
    take_in(&ledger, terminal.id, "SN1", &days.map(|day| ("5", day))).await;
    assert_eq!(whose(&ledger, &[1, 2]).await, some(&["E1", "E2"]));
    let made = ledger
        .mappings(&MappingFilter::default(), None, 10)
        .await
        .unwrap();
    let file = write_mappings(true, &ledger.mapping_rows(&made).await.unwrap());
    let again = take(std::str::from_utf8(&file).unwrap(), false).await;
    assert_eq!((again.made, again.unchanged), (0, 3));
}

#[tokio::test]
async fn a_ledger_without_people_only_lists_its_pins() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let punches = vec![punch("1", "2026-11-23 08:00:00")];
    ledger
        .ingest(Intake::of(terminal.id, punches), at(1))
        .await
        .unwrap();
    assert_eq!(kinds(&open(&ledger).await), [(InboxKind::Unmapped, "1")]);
}

#[tokio::test]
async fn a_terminal_in_the_place_of_another_is_in_its_group_of_pins() {
    let ledger = Ledger::new().await;
    let old = ledger.first_terminal().await;
    let group = ledger.create_pin_group("Harbour", at(0)).await.unwrap();
    ledger
        .join_pin_group(group, old.id, None, "ann", at(0))
        .await
        .unwrap();
    let mona = person(&ledger, "E-1", "Mona").await;
    ledger
        .map(mapping(Place::Group(group), "7", &mona, None), "ann", at(0))
        .await
        .unwrap();

    let next = ledger.replace_terminal(old.id, "SN9", at(1)).await.unwrap();
    take_in(&ledger, next.id, "SN9", &[("7", "2026-11-23 08:00:00")]).await;
    assert_eq!(whose(&ledger, &[1]).await, some(&["E-1"]));
    assert_eq!(open(&ledger).await, []);
}
