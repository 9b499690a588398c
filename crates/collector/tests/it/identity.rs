use collector::CommandError;

use rstest::rstest;

use crate::world::{
    OFTEN, SELDOM, World, address, config, connect_to, contents, in_ledger, in_terminal, terminal,
    terminal_on, until,
};

async fn by_serial(world: &World, serial: &str) -> Option<domain::Terminal> {
    world.ledger.terminal_by_identity(serial).await.unwrap()
}

#[tokio::test]
async fn another_terminal_at_the_address_is_read_under_its_own_name() {
    let old = terminal(config("A1"), contents(5, 50)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(old.address()).await;
    world.holds(id, 50).await;
    old.stop().await;
    let new = terminal_on(old.address(), config("B2"), contents(5, 20)).await;
    world.collector.sync_now(id);
    until("the successor", async || {
        by_serial(&world, "B2").await.is_some()
    })
    .await;
    let successor = by_serial(&world, "B2").await.unwrap();
    world.holds(successor.id, 20).await;
    assert_eq!(
        in_ledger(&world.punches(successor.id).await),
        in_terminal(&new)
    );
    let closed = world.terminal(id).await;
    assert!(closed.closed_at.is_some());
    assert_eq!(closed.replaced_by, Some(successor.id));
    assert_eq!(world.count(id).await, 50);
    assert_eq!(world.notices().await, ["terminal_replaced"]);
    assert!(
        successor.is_default,
        "it takes over the place of the old one"
    );
}

#[tokio::test]
async fn a_terminal_that_moved_keeps_its_ledger() {
    let before = terminal(config("A1"), contents(5, 50)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(before.address()).await;
    world.holds(id, 50).await;
    before.stop().await;
    let after = terminal(config("A1"), contents(5, 50)).await;
    after.punch_by("1001", 0).unwrap();
    world.register(after.address()).await;
    world.holds(id, 51).await;
    assert_eq!(world.terminal(id).await.address, address(&after));
    assert_eq!(world.notices().await, ["terminal_moved"]);
    let open = world.ledger.terminals().await.unwrap();
    assert_eq!(
        open.iter()
            .filter(|terminal| terminal.closed_at.is_none())
            .count(),
        1
    );
}

#[tokio::test]
async fn connecting_to_a_terminal_that_moved_finds_it_again() {
    let before = terminal(config("A1"), contents(5, 50)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(before.address()).await;
    world.holds(id, 50).await;
    before.stop().await;
    let after = terminal(config("A1"), contents(5, 50)).await;
    let connected = world.collector.connect(connect_to(&after)).await.unwrap();
    assert_eq!(connected.terminal.id, id);
    assert_eq!(world.terminal(id).await.address, address(&after));
}

#[tokio::test]
async fn the_same_serial_number_at_two_addresses_is_refused() {
    let first = terminal(config("A1"), contents(5, 50)).await;
    let second = terminal(config("A1"), contents(5, 20)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(first.address()).await;
    world.holds(id, 50).await;
    let answer = world.collector.connect(connect_to(&second)).await;
    assert!(
        matches!(answer, Err(CommandError::Conflict { .. })),
        "{answer:?}"
    );
    assert_eq!(world.ledger.terminals().await.unwrap().len(), 1);

    let twin = world.register(second.address()).await;
    world.has_failed(twin, "conflict").await;
    assert_eq!(world.count(twin).await, 0);
    assert_eq!(world.terminal(id).await.address, address(&first));
    assert_eq!(second.activity().record_reads, 0);
}

#[rstest]
#[case::the_first_is_asked_first(&[0])]
#[case::the_second_is_asked_first(&[1])]
#[case::both_are_asked(&[0, 1])]
#[tokio::test]
async fn two_terminals_that_changed_places_keep_their_ledgers(#[case] asked: &[usize]) {
    let (a, b) = (
        terminal(config("A1"), contents(5, 50)).await,
        terminal(config("B2"), contents(5, 20)).await,
    );
    let world = World::new(SELDOM).await;
    let (id_a, id_b) = (
        world.register(a.address()).await,
        world.register(b.address()).await,
    );
    for id in [id_a, id_b] {
        world
            .shows(id, "a good contact", |status| {
                status.connected && !status.busy
            })
            .await;
    }
    let (place_a, place_b) = (a.address(), b.address());
    a.stop().await;
    b.stop().await;
    let a = terminal_on(place_b, config("A1"), contents(5, 50)).await;
    let b = terminal_on(place_a, config("B2"), contents(5, 20)).await;
    a.punch_by("1001", 0).unwrap();
    b.punch_by("1002", 0).unwrap();
    b.punch_by("1003", 0).unwrap();
    for index in asked {
        world.collector.sync_now([id_a, id_b][*index]);
    }
    world.holds(id_a, 51).await;
    world.holds(id_b, 22).await;
    assert_eq!(world.terminal(id_a).await.address, address(&a));
    assert_eq!(world.terminal(id_b).await.address, address(&b));
    assert!(world.terminal(id_a).await.is_default, "as it was");
    assert_eq!(world.terminal(id_a).await.serial.as_deref(), Some("A1"));
    assert_eq!(world.terminal(id_b).await.serial.as_deref(), Some("B2"));
}

#[tokio::test]
async fn a_terminal_without_a_serial_number_keeps_the_id_that_it_was_given() {
    let gate = terminal(config(""), contents(5, 50)).await;
    let mut world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 50).await;
    let minted = world.terminal(id).await;
    assert_eq!(minted.identity.as_deref(), Some("minted-0123456789abcdef"));
    assert_eq!(minted.serial, None);
    world.restart().await;
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 51).await;
    assert_eq!(world.terminal(id).await.identity, minted.identity);
}

#[tokio::test]
async fn nothing_is_read_from_a_known_terminal_that_does_not_say_who_it_is() {
    let gate = terminal(config("A1"), contents(5, 50)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 50).await;
    gate.stop().await;
    let silent = terminal_on(gate.address(), config(""), contents(5, 60)).await;
    world.collector.sync_now(id);
    world.has_failed(id, "no_serial").await;
    assert_eq!(silent.activity().record_reads, 0);
    assert_eq!(world.count(id).await, 50);
}
