use std::time::Duration;

use jiff::SignedDuration;

use crate::world::{OFTEN, SELDOM, World, config, contents, now, terminal, terminal_on};

#[tokio::test]
async fn each_failure_doubles_the_pause() {
    let world = World::new(OFTEN).await;
    let id = world.register(([127, 0, 0, 1], 9).into()).await;
    for (failures, pause) in [(1, 2), (2, 4), (3, 8)] {
        let longest = SignedDuration::from_secs(pause);
        world
            .shows(id, "the pause", |status| {
                let next = status.next_poll_at.map(|at| at.duration_since(now()));
                status.consecutive_failures == failures
                    && !status.busy
                    && next.is_some_and(|next| next <= longest && next > longest / 2)
            })
            .await;
        world.collector.sync_now(id);
    }
}

#[tokio::test]
async fn a_terminal_that_comes_back_is_read_by_itself() {
    let gate = terminal(config("A1"), contents(3, 30)).await;
    let address = gate.address();
    gate.stop().await;
    let world = World::new(SELDOM).await;
    let id = world.register(address).await;
    world.has_failed(id, "unreachable").await;
    let _back = terminal_on(address, config("A1"), contents(3, 30)).await;
    world.holds(id, 30).await;
    world
        .shows(id, "the usual pause", |status| {
            status.consecutive_failures == 0
                && status.next_poll_at.is_some_and(|at| {
                    at.duration_since(now()) > SignedDuration::try_from(SELDOM / 2).unwrap()
                })
        })
        .await;
}

#[tokio::test]
async fn terminals_are_first_contacted_one_after_the_other() {
    let ledger = test_kit::TempLedger::new().await;
    let mut ids = Vec::new();
    for last in 1..=5 {
        let address = format!("127.0.0.{last}:9");
        let terminal = test_kit::terminal_at(&address);
        ids.push(ledger.register_terminal(terminal, now()).await.unwrap().id);
    }
    let world = World::with(ledger, Duration::from_mins(1)).await;
    let first: Vec<_> = ids
        .iter()
        .map(|id| world.status(*id).next_poll_at)
        .collect();
    // Tasks that did not begin yet show nothing.
    assert!(first.iter().all(Option::is_none) || first.is_sorted());
    world
        .shows(ids[4], "the last first contact", |status| {
            status.consecutive_failures == 1
        })
        .await;
}
