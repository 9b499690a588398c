use std::sync::atomic::Ordering;

use domain::{Secret, TimeFlag, Transport};
use jiff::civil::date;
use rstest::rstest;
use storage::{Intake, NewTerminal, RunKind};
use test_kit::terminal_at;
use zk_terminal::{Contents, CounterShape, Punch, TerminalConfig};
use zk_wire::{CommKey, RowLayout, UserFormat};

use crate::world::{OFTEN, SELDOM, World, config, contents, in_ledger, in_terminal, terminal};

fn punch_of(uid: u16, pin: &str, time: jiff::civil::DateTime) -> Punch {
    Punch {
        uid,
        pin: pin.to_owned(),
        time,
        state: 0,
        verify: 1,
        work_code: 0,
    }
}

#[rstest]
#[tokio::test]
async fn a_whole_log_arrives_in_each_format(
    #[values(
        (RowLayout::A8, UserFormat::B28),
        (RowLayout::B8, UserFormat::B28),
        (RowLayout::R16, UserFormat::B28),
        (RowLayout::R40, UserFormat::B72),
        (RowLayout::R49, UserFormat::B72)
    )]
    formats: (RowLayout, UserFormat),
    #[values(Transport::Tcp, Transport::Udp)] transport: Transport,
) {
    let (record_format, user_format) = formats;
    let make = TerminalConfig {
        record_format,
        user_format,
        comm_key: Some(CommKey::new(271_828)),
        ..config("A1")
    };
    let gate = terminal(make, contents(200, 3_000)).await;
    let world = World::new(SELDOM).await;
    let id = world
        .register_as(NewTerminal {
            transport,
            comm_key: Some(Secret::new(271_828)),
            ..terminal_at(&gate.address().to_string())
        })
        .await;
    world.holds(id, 3_000).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
    assert_eq!(world.ledger.enrolments(id).await.unwrap().len(), 200);
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    let known = world.terminal(id).await;
    assert_eq!(known.serial.as_deref(), Some("A1"));
    assert_eq!(known.info.row_layout, Some(record_format.to_string()));
    assert_eq!(known.info.user_row_size, Some(user_format.size()));
}

#[tokio::test]
async fn people_have_their_names_at_once() {
    let gate = terminal(config("A1"), contents(3, 30)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 30).await;
    let users = gate.users();
    for punch in world.punches(id).await {
        let user = users
            .iter()
            .find(|user| user.pin == punch.pin.as_str())
            .unwrap();
        assert_eq!(punch.person_name, user.name);
    }
}

#[tokio::test]
async fn delivery_is_woken_for_what_is_stored_and_for_nothing_else() {
    let gate = terminal(config("A1"), contents(3, 6_000)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 6_000).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    let transactions = 6_000_usize.div_ceil(Intake::AT_ONCE);
    assert_eq!(world.wakes.load(Ordering::SeqCst), transactions as u64);
}

#[tokio::test]
async fn punches_of_one_read_are_stored_in_the_order_of_time() {
    let mut held = contents(5, 1_100);
    held.punches.reverse();
    let gate = terminal(config("A1"), held).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 1_100).await;
    let mut by_arrival = world.punches(id).await;
    by_arrival.sort_by_key(|punch| punch.id);
    assert!(by_arrival.is_sorted_by_key(|punch| punch.local_time));
}

#[tokio::test]
async fn exact_repeats_are_counted_and_not_stored() {
    let mut held = contents(5, 10);
    let repeated = held.punches[3].clone();
    held.punches.insert(4, repeated.clone());
    held.punches.push(repeated);
    let gate = terminal(config("A1"), held).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 10).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    let run = newest_punch_run(&world).await;
    assert_eq!((run.terminal_says, run.seen), (Some(12), 12));
    assert_eq!((run.stored, run.repeats, run.unreadable), (10, 2, 0));
}

#[tokio::test]
async fn a_row_without_a_date_is_kept_raw_and_spoils_nothing() {
    let mut held = contents(5, 20);
    held.punches
        .insert(7, punch_of(1, "1001", date(1999, 1, 1).at(8, 0, 0, 0)));
    let gate = terminal(config("A1"), held).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 20).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    let run = newest_punch_run(&world).await;
    assert_eq!((run.seen, run.stored, run.unreadable), (21, 20, 1));
}

#[tokio::test]
async fn a_punch_from_a_clock_that_was_reset_is_stored_and_marked() {
    let mut held = contents(5, 20);
    held.punches
        .push(punch_of(1, "1001", date(2000, 1, 1).at(0, 5, 0, 0)));
    let gate = terminal(config("A1"), held).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 21).await;
    assert_eq!(world.punches(id).await[0].flag, TimeFlag::Implausible);
}

#[tokio::test]
async fn a_restart_stores_nothing_twice_and_misses_nothing() {
    let gate = terminal(config("A1"), contents(20, 2_000)).await;
    let mut world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 2_000).await;
    world.restart().await;
    for _ in 0..5 {
        gate.punch_random().unwrap();
    }
    world.holds(id, 2_005).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn a_collector_that_is_cut_off_in_the_middle_of_storing_goes_on_where_it_was() {
    let gate = terminal(config("A1"), contents(50, 20_000)).await;
    let mut world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    crate::world::until("the first punches", async || world.count(id).await > 0).await;
    world.restart().await;
    world.holds(id, 20_000).await;
    assert_eq!(in_ledger(&world.punches(id).await), in_terminal(&gate));
}

#[tokio::test]
async fn a_punch_by_somebody_who_was_just_enrolled_carries_the_right_pin() {
    let make = TerminalConfig {
        record_format: RowLayout::A8,
        user_format: UserFormat::B28,
        ..config("A1")
    };
    let gate = terminal(make, contents(3, 30)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 30).await;
    let mut user = gate.users()[0].clone();
    user.uid = 900;
    user.pin = "777".to_owned();
    user.name = "Neu".to_owned();
    gate.add_user(&user).unwrap();
    gate.punch_by("777", 0).unwrap();
    world.holds(id, 31).await;
    let punches = world.punches(id).await;
    let new = punches.last().unwrap();
    assert_eq!((new.pin.as_str(), new.person_name.as_str()), ("777", "Neu"));
}

#[tokio::test]
async fn a_punch_in_a_slot_that_was_given_to_somebody_else_is_theirs() {
    // Its counters show no change of users.
    let make = TerminalConfig {
        record_format: RowLayout::A8,
        user_format: UserFormat::B28,
        counters: CounterShape::Unknown,
        ..config("A1")
    };
    let gate = terminal(make, contents(3, 30)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 30).await;
    let before = in_ledger(&world.punches(id).await);
    let gone = gate.users()[1].clone();
    assert!(gate.remove_user(&gone.pin));
    let heir = zk_terminal::User {
        pin: "777".to_owned(),
        name: "Neu".to_owned(),
        ..gone
    };
    gate.add_user(&heir).unwrap();
    gate.punch_by("777", 0).unwrap();
    world.holds(id, 31).await;
    let punches = world.punches(id).await;
    let new = punches.last().unwrap();
    assert_eq!((new.pin.as_str(), new.person_name.as_str()), ("777", "Neu"));
    assert!(before.is_subset(&in_ledger(&punches)));
}

#[tokio::test]
async fn the_ledger_keeps_what_is_cleared_on_the_terminal() {
    let gate = terminal(config("A1"), contents(5, 40)).await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 40).await;
    clear_log(gate.address()).await;
    assert!(gate.punches().is_empty());
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 41).await;
}

#[tokio::test]
async fn a_terminal_without_punches_is_read_without_complaint() {
    let gate = terminal(
        config("A1"),
        Contents {
            punches: Vec::new(),
            ..contents(2, 0)
        },
    )
    .await;
    let world = World::new(OFTEN).await;
    let id = world.register(gate.address()).await;
    world
        .shows(id, "a good contact", |status| status.connected)
        .await;
    gate.punch_by("1001", 0).unwrap();
    world.holds(id, 1).await;
}

#[tokio::test]
async fn a_terminal_is_never_disabled_or_cleared() {
    let gate = terminal(config("A1"), contents(5, 3_000)).await;
    let world = World::new(SELDOM).await;
    let id = world.register(gate.address()).await;
    world.holds(id, 3_000).await;
    world.stop().await;
    let did = gate.activity();
    assert_eq!((did.disables, did.clears, did.user_writes), (0, 0, 0));
    assert_eq!((did.exits, did.ended_without_exit), (did.sessions, 0));
}

async fn newest_punch_run(world: &World) -> storage::SyncRun {
    let runs = world.ledger.sync_runs(None, None, 50).await.unwrap();
    runs.into_iter()
        .find(|run| run.kind == RunKind::Punches)
        .unwrap()
}

/// As another program does.
async fn clear_log(address: std::net::SocketAddr) {
    use zk_wire::{Packet, code};
    let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    socket.connect(address).await.unwrap();
    let (mut session, mut buffer) = (0, [0; 2_048]);
    for (number, command) in [code::CONNECT, code::CLEAR_ATTENDANCE, code::EXIT]
        .into_iter()
        .enumerate()
    {
        let reply = u16::try_from(number).unwrap();
        let packet = Packet {
            command,
            session,
            reply,
            payload: Vec::new(),
        };
        socket.send(&packet.to_datagram()).await.unwrap();
        let length = socket.recv(&mut buffer).await.unwrap();
        let answer = Packet::decode(&buffer[..length]).unwrap();
        assert_eq!(answer.command, code::ACK_OK);
        session = answer.session;
    }
}
