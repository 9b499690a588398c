use domain::{Punch, TimeRange};

use super::fixture::{Ledger, at, local, minutes, punch, punch_at};
use crate::{Intake, PunchCursor, PunchFilter, PunchTotal};

/// Two terminals, and punches at the same second among them, handed in out of order.
async fn filled() -> Ledger {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let mut here = minutes(20);
    here.reverse();
    ledger
        .ingest(Intake::of(one.id, here), at(1))
        .await
        .unwrap();
    let there = (0..10)
        .map(|pin| punch_at("SN2", &format!("0{pin}"), "2026-11-23 00:05:00", 1))
        .collect();
    ledger
        .ingest(Intake::of(two.id, there), at(2))
        .await
        .unwrap();
    ledger
}

async fn ascending(ledger: &Ledger, filter: &PunchFilter, limit: u32) -> Vec<Punch> {
    let mut all = Vec::new();
    let mut after: Option<PunchCursor> = None;
    loop {
        let page = ledger.punches(filter, after, limit).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.into());
        all.extend(page);
    }
}

async fn descending(ledger: &Ledger, filter: &PunchFilter, limit: u32) -> Vec<Punch> {
    let mut all = Vec::new();
    let mut before: Option<PunchCursor> = None;
    loop {
        let page = ledger.latest_punches(filter, before, limit).await.unwrap();
        let Some(last) = page.last() else { return all };
        before = Some(last.into());
        all.extend(page);
    }
}

#[tokio::test]
async fn pages_of_any_size_give_everything_once_in_order() {
    let ledger = filled().await;
    let filter = PunchFilter::default();
    let all = ledger.punches(&filter, None, 100).await.unwrap();
    assert_eq!(all.len(), 30);
    assert!(all.is_sorted_by_key(|punch| (punch.local_time, punch.id)));
    let mut newest_first = all.clone();
    newest_first.reverse();
    for limit in [1, 3, 7, 30] {
        assert_eq!(ascending(&ledger, &filter, limit).await, all);
        assert_eq!(descending(&ledger, &filter, limit).await, newest_first);
    }
}

#[tokio::test]
async fn a_filter_means_the_same_for_pages_and_for_the_count() {
    let ledger = filled().await;
    let two = ledger
        .terminal_by_identity("SN2")
        .await
        .unwrap()
        .unwrap()
        .id;
    let range = |from: &str, to: &str| TimeRange {
        from: Some(local(from)),
        to: Some(local(to)),
    };
    let cases = [
        (
            PunchFilter {
                range: range("2026-11-23 00:05:00", "2026-11-23 00:07:00"),
                ..PunchFilter::default()
            },
            13,
        ),
        (
            PunchFilter {
                range: range("2026-11-23 00:05:01", "2026-11-23 00:06:59"),
                ..PunchFilter::default()
            },
            1,
        ),
        (
            PunchFilter {
                range: TimeRange {
                    from: Some(local("2026-11-23 00:18:00")),
                    to: None,
                },
                ..PunchFilter::default()
            },
            2,
        ),
        (
            PunchFilter {
                people: vec!["1".to_owned()],
                ..PunchFilter::default()
            },
            7,
        ),
        (
            PunchFilter {
                people: vec!["1".to_owned(), "01".to_owned(), "nobody".to_owned()],
                ..PunchFilter::default()
            },
            8,
        ),
        (
            PunchFilter {
                terminal: Some(two),
                ..PunchFilter::default()
            },
            10,
        ),
        (
            PunchFilter {
                terminal: Some(two),
                people: vec!["1".to_owned()],
                ..PunchFilter::default()
            },
            0,
        ),
    ];
    for (filter, count) in cases {
        assert_eq!(
            ledger.count_punches(&filter).await.unwrap(),
            count,
            "{filter:?}"
        );
        assert_eq!(
            ascending(&ledger, &filter, 2).await.len() as u64,
            count,
            "{filter:?}"
        );
        assert_eq!(
            descending(&ledger, &filter, 2).await.len() as u64,
            count,
            "{filter:?}"
        );
    }
}

#[tokio::test]
async fn a_punch_that_arrives_between_pages_disturbs_no_page() {
    let ledger = filled().await;
    let one = ledger
        .terminal_by_identity("SN1")
        .await
        .unwrap()
        .unwrap()
        .id;
    let first = ledger
        .latest_punches(&PunchFilter::default(), None, 5)
        .await
        .unwrap();
    ledger
        .ingest(
            Intake::of(one, vec![punch("9", "2026-11-24 00:00:00")]),
            at(9),
        )
        .await
        .unwrap();
    let next = ledger
        .latest_punches(
            &PunchFilter::default(),
            first.last().map(PunchCursor::from),
            100,
        )
        .await
        .unwrap();
    assert_eq!(first.len() + next.len(), 30);
    assert!(next.iter().all(|punch| !first.contains(punch)));
}

#[tokio::test]
async fn totals_tell_what_is_held_of_each_terminal() {
    let ledger = filled().await;
    let totals = ledger.punch_totals().await.unwrap();
    let total = |terminal_id, count, last: &str| PunchTotal {
        terminal_id: domain::TerminalId(terminal_id),
        count,
        last_local_time: local(last),
    };
    assert_eq!(
        totals,
        [
            total(1, 20, "2026-11-23 00:19:00"),
            total(2, 10, "2026-11-23 00:05:00")
        ]
    );
}

#[tokio::test]
async fn totals_follow_the_ledger() {
    let ledger = filled().await;
    let before = ledger.punch_totals().await.unwrap();
    let one = before.first().unwrap().terminal_id;
    let late = vec![
        punch("9", "2026-11-24 00:00:00"),
        punch("9", "2026-01-01 00:00:00"),
    ];
    ledger.ingest(Intake::of(one, late), at(9)).await.unwrap();
    let after = ledger.punch_totals().await.unwrap();
    assert_eq!(after.first().map(|total| total.count), Some(22));
    assert_eq!(
        after.first().map(|total| total.last_local_time),
        Some(local("2026-11-24 00:00:00"))
    );
    assert_eq!(after.get(1), before.get(1));
}

#[tokio::test]
async fn many_people_are_found_as_few_are() {
    let ledger = filled().await;
    let people = |count: u32| (1..=count).map(|pin| pin.to_string()).collect();
    let (few, many) = (
        PunchFilter {
            people: people(3),
            ..PunchFilter::default()
        },
        PunchFilter {
            people: people(300),
            ..PunchFilter::default()
        },
    );
    assert_eq!(
        ascending(&ledger, &few, 4).await,
        ascending(&ledger, &many, 4).await
    );
    assert_eq!(
        descending(&ledger, &few, 4).await,
        descending(&ledger, &many, 4).await
    );
    assert_eq!(ledger.count_punches(&few).await.unwrap(), 20);
    assert_eq!(ledger.count_punches(&many).await.unwrap(), 20);
}

#[tokio::test]
async fn pages_walk_along_an_index_to_their_place() {
    let ledger = filled().await;
    for statement in crate::punch_list::PAGES {
        let plan = plan(&ledger, statement).await;
        assert!(
            plan[0]
                .contains("SEARCH p USING INDEX punches_by_time (local_time>? AND local_time<?)"),
            "{plan:?}"
        );
        assert!(
            !plan.iter().any(|step| step.contains("TEMP B-TREE")),
            "{plan:?}"
        );
    }
    for statement in crate::punch_list::PAGES_OF_MOVED {
        let plan = plan(&ledger, statement).await;
        assert!(
            plan[0].contains("SEARCH c USING INDEX corrections_moved ((local_time,punch_id)>"),
            "{plan:?}"
        );
        assert!(
            !plan.iter().any(|step| step.contains("TEMP B-TREE")),
            "{plan:?}"
        );
    }
    for statement in crate::punch_list::PAGES_OF_FEW {
        let plan = plan(&ledger, statement).await;
        assert!(
            plan[0]
                .contains("USING INDEX punches_identity (terminal_id=? AND pin=? AND local_time>?"),
            "{plan:?}"
        );
    }
}

async fn plan(ledger: &Ledger, statement: &str) -> Vec<String> {
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "EXPLAIN QUERY PLAN {statement}"
    )))
    .fetch_all(ledger.reader())
    .await
    .unwrap();
    plan.into_iter().map(|row| row.3).collect()
}
