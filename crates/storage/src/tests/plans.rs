//! What is asked again and again must not walk through what was delivered before.

use super::fixture::Ledger;

async fn plan(ledger: &Ledger, statement: &str) -> Vec<String> {
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "EXPLAIN QUERY PLAN {statement}"
    )))
    .fetch_all(ledger.reader())
    .await
    .unwrap();
    plan.into_iter().map(|row| row.3).collect()
}

#[tokio::test]
async fn claims_look_at_waiting_records_only() {
    let (ledger, ..) = Ledger::with_waiting(3).await;
    for statement in crate::outbox::CLAIMS {
        let plan = plan(&ledger, statement).await;
        let of_outbox: Vec<_> = plan.iter().filter(|step| step.contains(" o ")).collect();
        assert!(
            of_outbox.iter().any(|step| {
                ["outbox_waiting", "outbox_asked", "outbox_own_schedule"]
                    .iter()
                    .any(|index| step.contains(index))
            }),
            "{statement}: {plan:#?}"
        );
        assert!(
            !plan.iter().any(|step| step.starts_with("SCAN")),
            "{plan:#?}"
        );
        assert!(
            !plan.iter().any(|step| step.contains("TEMP B-TREE")),
            "{plan:#?}"
        );
    }
}

#[tokio::test]
async fn queues_and_attempts_are_looked_at_by_their_indexes() {
    let (ledger, ..) = Ledger::with_waiting(3).await;
    for statement in crate::batches::LOOKS
        .into_iter()
        .chain(crate::attempt_log::LOOKS)
        .chain(crate::deliveries::LOOKS)
        .chain(crate::queue_works::LOOKS)
        .chain(crate::queueing::LOOKS)
    {
        let plan = plan(&ledger, statement).await;
        let is_of_table = |step: &String| {
            let name = step.split(' ').nth(1).unwrap_or_default();
            [
                "o",
                "p",
                "a",
                "b",
                "s",
                "outbox",
                "punches",
                "attempts",
                "batches",
                "queue_works",
            ]
            .contains(&name)
        };
        assert!(
            !plan
                .iter()
                .any(|step| step.starts_with("SCAN") && is_of_table(step)),
            "{statement}: {plan:#?}"
        );
        assert!(
            !plan.iter().any(|step| step.contains("AUTOMATIC")),
            "{statement}: {plan:#?}"
        );
        assert!(
            statement.starts_with("UPDATE")
                || !plan
                    .iter()
                    .any(|step| step.contains("TEMP B-TREE FOR ORDER")),
            "{statement}: {plan:#?}"
        );
    }
}
