use rstest::rstest;
use zk_terminal::{CounterShape, Handle, TerminalConfig};

use crate::world::{OFTEN, World, config, contents, in_ledger, in_terminal, terminal, until};

/// Waits until the terminal was contacted so many times more.
async fn contacts(terminal: &Handle, more: u64) {
    let wanted = terminal.activity().counter_reads + more;
    until("more contacts", async || {
        terminal.activity().counter_reads >= wanted
    })
    .await;
}

/// What the ledger has written so far.
fn written(world: &World) -> Vec<u64> {
    ["ledger.db", "ledger.db-wal"]
        .map(|name| {
            std::fs::metadata(world.ledger.dir().join(name))
                .unwrap()
                .len()
        })
        .to_vec()
}

#[tokio::test]
async fn the_log_is_read_once_while_the_counters_stay() {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    contacts(&gate, 5).await;
    let did = gate.activity();
    assert_eq!((did.record_reads, did.user_reads), (1, 1));
}

#[tokio::test]
async fn a_new_punch_arrives_at_the_next_contact_and_users_are_left_alone() {
    let gate = terminal(config("A1"), contents(5, 300)).await;
    let world = World::new(OFTEN).await;
    let id = world.register_polled(gate.address()).await;
    world.holds(id, 300).await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
    contacts(&gate, 3).await;
    let did = gate.activity();
    assert_eq!((did.record_reads, did.user_reads), (2, 1));
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[rstest]
#[case::counts_nothing(CounterShape::Unknown)]
#[case::says_none(CounterShape::NoRecords)]
#[case::says_one_too_many(CounterShape::OneTooMany)]
#[tokio::test]
async fn new_punches_are_noticed_whatever_the_counters_say(#[case] counters: CounterShape) {
    let gate = terminal(
        TerminalConfig {
            counters,
            ..config("A1")
        },
        contents(5, 300),
    )
    .await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    contacts(&gate, 3).await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 301).await;
}

#[tokio::test]
async fn a_terminal_that_always_says_none_is_believed_not_even_while_it_is_empty() {
    let make = TerminalConfig {
        counters: CounterShape::NoRecords,
        ..config("A1")
    };
    let gate = terminal(make, contents(2, 0)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    contacts(&gate, 3).await;
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 1).await;
}

#[tokio::test]
async fn a_full_log_that_rolls_over_loses_nothing() {
    let make = TerminalConfig {
        record_capacity: 100,
        ..config("A1")
    };
    let gate = terminal(make, contents(5, 100)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 100).await;
    contacts(&gate, 3).await;
    gate.punch_by("1001", 1).unwrap();
    assert_eq!(gate.punches().len(), 100);
    world.holds(id, 101).await;
}

#[rstest]
#[case::honest(CounterShape::B92)]
#[case::says_none(CounterShape::NoRecords)]
#[case::counts_nothing(CounterShape::Unknown)]
#[tokio::test]
async fn contacts_with_nothing_new_write_nothing(#[case] counters: CounterShape) {
    let gate = terminal(
        TerminalConfig {
            counters,
            ..config("A1")
        },
        contents(5, 300),
    )
    .await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 300).await;
    // The contact after the one that stored them may still learn something.
    contacts(&gate, 4).await;
    let before = written(&world);
    contacts(&gate, 6).await;
    assert_eq!(written(&world), before);
}

#[tokio::test]
async fn punches_during_a_read_are_not_forgotten() {
    let gate = terminal(config("A1"), contents(50, 5_000)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    until("the read of the log", async || {
        gate.activity().record_reads > 0
    })
    .await;
    gate.punch_by("1001", 1).unwrap();
    world.holds(id, 5_001).await;
}

#[tokio::test]
async fn people_who_come_and_go_at_the_terminal_are_noticed() {
    let gate = terminal(config("A1"), contents(3, 10)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 10).await;
    let people = async || {
        let people = world.ledger.enrolments(id).await.unwrap();
        people
            .into_iter()
            .map(|person| person.pin.to_string())
            .collect::<Vec<_>>()
    };
    assert!(gate.remove_user("1002"));
    until("two users", async || people().await == ["1001", "1003"]).await;
    let user = zk_terminal::User {
        uid: 900,
        pin: "5".to_owned(),
        ..gate.users()[0].clone()
    };
    gate.add_user(&user).unwrap();
    until("the new user", async || {
        people().await == ["5", "1001", "1003"]
    })
    .await;
}
