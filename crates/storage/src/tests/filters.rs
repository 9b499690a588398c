use domain::{DestinationFilter, FilterFacts, Pin, PunchState, TerminalId, Unwanted};

use super::fixture::{Ledger, at, local, minutes, punch_at};
use crate::{DeliveryState, Intake, NewDestination, TerminalChange};

fn everything() -> DestinationFilter {
    DestinationFilter::since(local("2026-01-01 00:00:00"))
}

/// Two terminals, of which the second stands at a site, and eight punches of everything.
async fn with_punches(filter: DestinationFilter) -> (Ledger, domain::Destination) {
    let ledger = Ledger::new().await;
    let first = ledger.first_terminal().await;
    let second = ledger.terminal_at("10.0.0.2", "SN2").await;
    let change = TerminalChange {
        site: Some(Some("Harbour".to_owned())),
        ..TerminalChange::default()
    };
    ledger
        .update_terminal(second.id, change, at(0))
        .await
        .unwrap();
    let new = NewDestination {
        filter,
        ..NewDestination::plain("erp", "http://erp.example/", local("2026-01-01 00:00:00"))
    };
    let destination = ledger.create_destination(new, at(0)).await.unwrap();
    for (terminal, serial) in [(first, "SN1"), (second, "SN2")] {
        let punches = [("1", 0), ("1", 1), ("2", 0), ("007", 4)]
            .into_iter()
            .map(|(pin, state)| punch_at(serial, pin, "2026-11-23 08:00:00", state))
            .chain([punch_at(serial, "1", "2025-11-23 08:00:00", 0)])
            .collect();
        ledger
            .ingest(Intake::of(terminal.id, punches), at(1))
            .await
            .unwrap();
    }
    (ledger, destination)
}

/// What each queued record is: terminal, PIN, state.
async fn queued(ledger: &Ledger, destination: &domain::Destination) -> Vec<(i64, String)> {
    let mut found: Vec<_> = ledger
        .deliveries(
            destination.id,
            Some(DeliveryState::Waiting),
            None,
            None,
            100,
        )
        .await
        .unwrap()
        .into_iter()
        .map(|record| (record.terminal_id.0, record.pin.to_string()))
        .collect();
    found.reverse();
    found
}

fn pairs(list: &[(i64, &str)]) -> Vec<(i64, String)> {
    list.iter()
        .map(|(terminal, pin)| (*terminal, (*pin).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_filter_of_nothing_wants_everything_from_its_start_on() {
    let (ledger, destination) = with_punches(everything()).await;
    assert_eq!(queued(&ledger, &destination).await.len(), 8);
    assert_eq!(ledger.count_matching(&destination.filter).await.unwrap(), 8);
}

#[tokio::test]
async fn terminals_and_sites_are_one_question() {
    let filter = DestinationFilter {
        sites: vec!["Harbour".to_owned()],
        ..everything()
    };
    let (ledger, destination) = with_punches(filter.clone()).await;
    assert_eq!(
        queued(&ledger, &destination).await,
        pairs(&[(2, "1"), (2, "1"), (2, "2"), (2, "007")])
    );
    assert_eq!(ledger.count_matching(&filter).await.unwrap(), 4);
    let both = DestinationFilter {
        terminals: vec![TerminalId(1)],
        ..filter
    };
    assert_eq!(ledger.count_matching(&both).await.unwrap(), 8);
    let (ledger, destination) = with_punches(both).await;
    assert_eq!(queued(&ledger, &destination).await.len(), 8);
}

#[tokio::test]
async fn people_and_states_are_questions_of_their_own_and_zeros_count() {
    let filter = DestinationFilter {
        people: vec!["1".to_owned(), "7".to_owned()],
        states: vec![PunchState::new(0), PunchState::new(4)],
        ..everything()
    };
    let (ledger, destination) = with_punches(filter.clone()).await;
    assert_eq!(
        queued(&ledger, &destination).await,
        pairs(&[(1, "1"), (2, "1")])
    );
    assert_eq!(ledger.count_matching(&filter).await.unwrap(), 2);
}

#[tokio::test]
async fn a_filter_comes_back_as_it_was_given() {
    let filter = DestinationFilter {
        terminals: vec![TerminalId(1), TerminalId(2)],
        sites: vec!["Harbour".to_owned(), "Ölmühle".to_owned()],
        groups: vec!["night".to_owned()],
        people: vec!["007".to_owned(), "7".to_owned()],
        states: vec![PunchState::new(0), PunchState::new(255)],
        from: local("2026-05-04 00:00:00"),
    };
    let (_, destination) = with_punches(filter.clone()).await;
    assert_eq!(destination.filter, filter);
}

#[tokio::test]
async fn sql_and_rust_agree_on_what_is_wanted() {
    let filters = [
        everything(),
        DestinationFilter {
            terminals: vec![TerminalId(1)],
            ..everything()
        },
        DestinationFilter {
            sites: vec!["Harbour".to_owned()],
            people: vec!["2".to_owned()],
            ..everything()
        },
        DestinationFilter {
            states: vec![PunchState::new(1)],
            ..everything()
        },
        DestinationFilter::since(local("2026-11-23 08:00:01")),
    ];
    for filter in filters {
        let (ledger, destination) = with_punches(filter.clone()).await;
        let mut wanted = 0;
        for id in 1..=10 {
            let punch = domain::PunchId(id);
            let unwanted = ledger
                .why_unwanted(&filter, false, punch)
                .await
                .unwrap()
                .unwrap();
            let record = ledger.delivery(destination.id, punch).await.unwrap();
            assert_eq!(unwanted.is_none(), record.is_some(), "{id} {filter:?}");
            wanted += u64::from(unwanted.is_none());
        }
        assert_eq!(ledger.count_matching(&filter).await.unwrap(), wanted);
    }
}

#[test]
fn a_refusal_says_which_question_was_answered_no() {
    let pin = Pin::new("1").unwrap();
    let facts = FilterFacts {
        terminal: TerminalId(1),
        site: Some("Harbour"),
        pin: &pin,
        employee_number: None,
        person_site: None,
        groups: &["night".to_owned()],
        is_open: false,
        state: PunchState::new(0),
        local_time: local("2026-11-23 08:00:00"),
    };
    let refuses = |filter: DestinationFilter| filter.refuses(&facts);
    assert_eq!(refuses(everything()), None);
    assert_eq!(
        refuses(DestinationFilter::since(local("2026-11-24 00:00:00"))),
        Some(Unwanted::Earlier)
    );
    assert_eq!(
        refuses(DestinationFilter {
            terminals: vec![TerminalId(2)],
            ..everything()
        }),
        Some(Unwanted::Terminal)
    );
    assert_eq!(
        refuses(DestinationFilter {
            groups: vec!["day".to_owned()],
            ..everything()
        }),
        Some(Unwanted::Person)
    );
    assert_eq!(
        refuses(DestinationFilter {
            groups: vec!["night".to_owned()],
            states: vec![PunchState::new(1)],
            ..everything()
        }),
        Some(Unwanted::State)
    );
}

#[tokio::test]
async fn every_destination_that_wants_a_punch_gets_it_in_the_same_transaction() {
    let (ledger, _, first) = Ledger::with_waiting(1).await;
    let terminal = ledger.default_terminal().await.unwrap().unwrap();
    let narrow = DestinationFilter {
        people: vec!["2".to_owned()],
        ..everything()
    };
    let new = NewDestination {
        filter: narrow,
        ..NewDestination::plain("erp", "http://erp.example/", local("2026-01-01 00:00:00"))
    };
    let second = ledger.create_destination(new, at(2)).await.unwrap();
    let done = ledger
        .ingest(Intake::of(terminal.id, minutes(3)), at(3))
        .await
        .unwrap();
    assert_eq!((done.stored, done.queued), (2, 3));
    for (destination, waiting) in [(first, 3), (second, 1)] {
        let counts = ledger.outbox_counts(destination.id).await.unwrap();
        assert_eq!(counts.waiting, waiting, "{}", destination.name);
    }
}

#[tokio::test]
async fn who_wants_a_terminal_wants_the_one_in_its_place() {
    let ledger = Ledger::new().await;
    let old = ledger.first_terminal().await;
    let filter = DestinationFilter {
        terminals: vec![old.id],
        ..everything()
    };
    let new = NewDestination {
        filter,
        ..NewDestination::plain("erp", "http://erp.example/", local("2026-01-01 00:00:00"))
    };
    let destination = ledger.create_destination(new, at(0)).await.unwrap();

    let next = ledger.replace_terminal(old.id, "SN9", at(1)).await.unwrap();
    let punch = punch_at("SN9", "1", "2026-11-23 08:00:00", 0);
    ledger
        .ingest(Intake::of(next.id, vec![punch]), at(1))
        .await
        .unwrap();
    assert_eq!(
        queued(&ledger, &destination).await,
        pairs(&[(next.id.0, "1")])
    );
}

async fn at_site(ledger: &Ledger, terminal: TerminalId, site: &str) {
    let change = TerminalChange {
        site: Some(Some(site.to_owned())),
        ..TerminalChange::default()
    };
    ledger
        .update_terminal(terminal, change, at(2))
        .await
        .unwrap();
}

async fn in_line(ledger: &Ledger, destination: &domain::Destination) -> u64 {
    let mut touched = 0;
    while let Some(work) = ledger.step_queue(destination.id, at(3)).await.unwrap() {
        touched = work.touched;
    }
    touched
}

#[tokio::test]
async fn a_terminal_at_another_site_takes_what_waits_of_it_with_it() {
    let harbour = DestinationFilter {
        sites: vec!["Harbour".to_owned()],
        ..everything()
    };
    let (ledger, destination) = with_punches(harbour).await;
    let (first, second) = (TerminalId(1), TerminalId(2));
    at_site(&ledger, second, "Hill").await;
    let held = ledger.destination(destination.id).await.unwrap().unwrap();
    assert!(
        held.queue_upto.is_some(),
        "nothing goes that was not looked at"
    );
    assert_eq!(in_line(&ledger, &destination).await, 4);
    assert_eq!(queued(&ledger, &destination).await, []);
    let withdrawn = Some(DeliveryState::Withdrawn);
    let withdrawn = ledger
        .deliveries(destination.id, withdrawn, Some("filter"), None, 10)
        .await
        .unwrap();
    assert_eq!(withdrawn.len(), 4);

    // What is wanted since then is past: only what comes now goes by itself.
    at_site(&ledger, first, "Harbour").await;
    assert_eq!(in_line(&ledger, &destination).await, 0);
    let punch = punch_at("SN1", "1", "2026-11-23 09:00:00", 0);
    ledger
        .ingest(Intake::of(first, vec![punch]), at(4))
        .await
        .unwrap();
    assert_eq!(queued(&ledger, &destination).await, pairs(&[(1, "1")]));
    ledger
        .queue_past(destination.id, local("2026-01-01 00:00:00"), at(5))
        .await
        .unwrap();
    in_line(&ledger, &destination).await;
    assert_eq!(queued(&ledger, &destination).await.len(), 5);
}

#[tokio::test]
async fn a_terminal_that_stays_where_it_is_disturbs_no_queue() {
    let harbour = DestinationFilter {
        sites: vec!["Harbour".to_owned()],
        ..everything()
    };
    let (ledger, destination) = with_punches(harbour).await;
    at_site(&ledger, TerminalId(2), "Harbour").await;
    let renamed = TerminalChange {
        name: Some("Gate".to_owned()),
        ..TerminalChange::default()
    };
    ledger
        .update_terminal(TerminalId(2), renamed, at(2))
        .await
        .unwrap();
    assert_eq!(ledger.unfinished_queues().await.unwrap(), []);
    assert_eq!(queued(&ledger, &destination).await.len(), 4);
}

#[tokio::test]
async fn who_waits_for_mappings_still_wants_nothing_of_other_terminals() {
    let ledger = Ledger::new().await;
    let first = ledger.first_terminal().await;
    let second = ledger.terminal_at("10.0.0.2", "SN2").await;
    let filter = DestinationFilter {
        terminals: vec![first.id],
        ..everything()
    };
    let new = NewDestination {
        needs_mapping: true,
        filter: filter.clone(),
        ..NewDestination::plain("erp", "http://erp.example/", local("2026-01-01 00:00:00"))
    };
    let destination = ledger.create_destination(new, at(0)).await.unwrap();
    for (terminal, serial) in [(first.id, "SN1"), (second.id, "SN2")] {
        let punch = punch_at(serial, "1", "2026-11-23 08:00:00", 0);
        ledger
            .ingest(Intake::of(terminal, vec![punch]), at(1))
            .await
            .unwrap();
    }
    assert_eq!(queued(&ledger, &destination).await, pairs(&[(1, "1")]));
    let why = async |punch| {
        let why = ledger.why_unwanted(&filter, true, domain::PunchId(punch));
        why.await.unwrap().unwrap()
    };
    assert_eq!(why(1).await, None);
    assert_eq!(why(2).await, Some(Unwanted::Terminal));
}
