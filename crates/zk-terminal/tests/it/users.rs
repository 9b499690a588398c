//! Users, written by clients and at the terminal.

use zk_terminal::{Contents, Error, LocalClock, TerminalConfig, User, VirtualTerminal};
use zk_wire::{UserFormat, UserRow, UserTable, code};

use crate::raw::{Over, Raw, announced, now, start_with};

fn user(uid: u16, pin: &str) -> User {
    User {
        uid,
        pin: pin.to_owned(),
        name: "Ana López".to_owned(),
        privilege: 0,
        password: String::new(),
        card: 0,
        group: 1,
    }
}

fn row(uid: u16, pin: &str) -> Vec<u8> {
    UserRow {
        uid,
        pin: pin.to_owned(),
        name: b"Ana".to_vec(),
        ..UserRow::default()
    }
    .encode(UserFormat::B72)
    .unwrap()
}

#[tokio::test]
async fn the_user_table_holds_everybody_in_order() {
    let terminal = start_with(TerminalConfig::default(), 80, 0).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    let size = announced(&client.prepare(code::USERS_READ, 5).await);
    let table = client.buffered(size, 16_384).await;
    let read = UserTable::decode(&table[4..], Some(80)).unwrap();
    let pins: Vec<_> = read
        .rows
        .iter()
        .map(|row| (row.uid, row.pin.clone()))
        .collect();
    let held: Vec<_> = terminal
        .users()
        .into_iter()
        .map(|user| (user.uid, user.pin))
        .collect();
    assert_eq!(pins, held);
}

#[tokio::test]
async fn a_row_for_a_known_slot_replaces_it() {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let reply = client.ask(code::USER_WRITE, &row(2, "A-77")).await;
    assert_eq!(reply.command, code::ACK_OK);
    let users = terminal.users();
    assert_eq!((users.len(), users[1].pin.as_str()), (3, "A-77"));
    assert_eq!(terminal.activity().user_writes, 1);
}

#[tokio::test]
async fn rows_that_make_no_sense_are_refused() {
    let config = TerminalConfig {
        user_capacity: 3,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 3, 0).await;
    let before = terminal.users();
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let of_28 = [0; 28];
    for (why, row) in [
        ("another format", of_28.as_slice()),
        ("slot 0", &row(0, "5")),
        ("the PIN of another", &row(2, "1001")),
        ("no room", &row(9, "9")),
        ("nothing", &[]),
    ] {
        assert_eq!(
            client.ask(code::USER_WRITE, row).await.command,
            code::ACK_ERROR,
            "{why}"
        );
    }
    assert_eq!(
        client.ask(code::DELETE_USER, &[99, 0]).await.command,
        code::ACK_ERROR
    );
    assert_eq!(
        client.ask(code::DELETE_USER, &[1]).await.command,
        code::ACK_ERROR
    );
    assert_eq!(terminal.users(), before);
}

#[tokio::test]
async fn a_deleted_users_slot_and_pin_are_free() {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(
        client.ask(code::DELETE_USER, &[1, 0]).await.command,
        code::ACK_OK
    );
    let pins: Vec<_> = terminal.users().into_iter().map(|user| user.pin).collect();
    assert_eq!(pins, ["1002", "1003"]);
    let reply = client.ask(code::USER_WRITE, &row(1, "1001")).await;
    assert_eq!(reply.command, code::ACK_OK);
    assert!(terminal.remove_user("1003"));
    assert!(!terminal.remove_user("1003"));
    assert_eq!(terminal.users().len(), 2);
}

#[tokio::test]
async fn a_user_added_at_the_terminal_must_fit_it() {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    terminal.add_user(&user(50, "0042")).unwrap();
    assert_eq!(terminal.users()[3], user(50, "0042"));
    assert!(matches!(
        terminal.add_user(&user(50, "7")),
        Err(Error::SlotTaken { uid: 50 })
    ));
    assert!(matches!(
        terminal.add_user(&user(51, "0042")),
        Err(Error::PinTaken { .. })
    ));
    assert!(matches!(
        terminal.add_user(&user(52, "two words")),
        Err(Error::UserInvalid { .. })
    ));
}

#[tokio::test]
async fn contents_that_do_not_fit_are_refused_at_the_start() {
    let contents = Contents {
        users: vec![user(1, "letters")],
        punches: Vec::new(),
    };
    let config = TerminalConfig {
        user_format: UserFormat::B28,
        ..TerminalConfig::default()
    };
    let listen = ([127, 0, 0, 1], 0).into();
    let started =
        VirtualTerminal::start(listen, config, contents, LocalClock::stopped_at(now())).await;
    assert!(matches!(started, Err(Error::UserInvalid { .. })));
}

#[tokio::test]
async fn names_are_cut_on_a_character_border() {
    let config = TerminalConfig {
        user_format: UserFormat::B28,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 0, 0).await;
    terminal.add_user(&user(1, "7")).unwrap();
    // Seven bytes would end inside of the ó.
    let mut long = user(2, "8");
    long.name = "Ana  Ló".to_owned();
    terminal.add_user(&long).unwrap();
    let names: Vec<_> = terminal.users().into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["Ana Ló", "Ana  L"]);
}

#[tokio::test]
async fn clears_leave_nothing_of_what_they_name() {
    let terminal = start_with(TerminalConfig::default(), 3, 30).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(
        client.ask(code::CLEAR_ADMIN, &[]).await.command,
        code::ACK_OK
    );
    assert!(terminal.users().iter().all(|user| user.privilege == 0));
    assert_eq!(
        client.ask(code::CLEAR_DATA, &[9]).await.command,
        code::ACK_ERROR
    );
    assert_eq!(
        client.ask(code::CLEAR_DATA, &[1]).await.command,
        code::ACK_OK
    );
    assert_eq!((terminal.users().len(), terminal.punches().len()), (3, 0));
    assert_eq!(
        client.ask(code::CLEAR_DATA, &[]).await.command,
        code::ACK_OK
    );
    assert_eq!(terminal.users(), []);
    assert_eq!(terminal.activity().clears, 2);
}
