//! Commands that people see and hear at the terminal, and what it writes down of what is done.

use std::time::Duration;

use zk_terminal::{Door, Effect, TerminalConfig};
use zk_wire::{Event, OperationRow, OperationTable, code};

use crate::raw::{Over, Raw, start_with, until};

const CLEAR_OPERATIONS: u16 = 33;

#[tokio::test]
async fn the_door_is_unlocked_for_a_while_and_people_are_told() {
    let terminal = start_with(TerminalConfig::default(), 2, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let mut listening = Raw::open(&terminal, Over::Tcp).await;
    listening
        .ask(code::REG_EVENT, &0xffff_u32.to_le_bytes())
        .await;
    assert_eq!(client.ask(code::DOOR_STATE, &[]).await.payload, [0]);
    let reply = client.ask(code::UNLOCK, &600_u32.to_le_bytes()).await;
    assert_eq!(reply.command, code::ACK_OK);
    assert_eq!(client.ask(code::DOOR_STATE, &[]).await.payload, [1]);
    assert_eq!(
        terminal.effects(),
        [Effect::Unlocked(Duration::from_mins(1))]
    );
    assert_eq!(terminal.activity().unlocks, 1);
    let event = listening.packet().await;
    assert_eq!(
        (event.command, event.session),
        (code::REG_EVENT, code::event::UNLOCK)
    );
    assert!(Event::decode(&event).is_some());
    assert_eq!(
        client.ask(code::UNLOCK, &[1]).await.command,
        code::ACK_ERROR
    );
    terminal.set_door(Door::Unknown);
    assert!(client.ask(code::DOOR_STATE, &[]).await.payload.is_empty());
    terminal.set_door(Door::Open);
    assert_eq!(client.ask(code::DOOR_STATE, &[]).await.payload, [1]);
}

#[tokio::test]
async fn sounds_and_lines_are_noted() {
    let terminal = start_with(TerminalConfig::default(), 2, 0).await;
    let mut client = Raw::open(&terminal, Over::Udp).await;
    client.ask(code::TEST_VOICE, &10_u32.to_le_bytes()).await;
    client.ask(code::WRITE_LCD, b"\x01\0\0\x20Hi").await;
    client.ask(code::CLEAR_LCD, &[]).await;
    assert_eq!(
        client.ask(code::WRITE_LCD, b"Hi").await.command,
        code::ACK_ERROR
    );
    assert_eq!(
        terminal.effects(),
        [
            Effect::Played(10),
            Effect::Written {
                line: 1,
                text: b"Hi".to_vec()
            },
            Effect::DisplayCleared
        ]
    );
}

#[tokio::test]
async fn a_terminal_tells_the_state_that_it_is_in() {
    let terminal = start_with(TerminalConfig::default(), 2, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(client.ask(code::STATE, &[]).await.session, 2);
    client
        .ask(code::DISABLE_DEVICE, &30_u32.to_le_bytes())
        .await;
    assert_eq!(client.ask(code::STATE, &[]).await.session, 4);
    terminal.set_state(Some(3));
    assert_eq!(client.ask(code::STATE, &[]).await.session, 3);
}

#[tokio::test]
async fn what_is_done_is_written_down() {
    let terminal = start_with(TerminalConfig::default(), 3, 5).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let user = terminal.users().remove(0);
    let time = terminal.time();
    client.ask(code::UNLOCK, &10_u32.to_le_bytes()).await;
    client.ask(code::DELETE_USER, &[1, 0]).await;
    client.ask(code::DELETE_USER, &[1, 0]).await;
    terminal.enrol(&user).unwrap();
    client.ask(code::CLEAR_ATTENDANCE, &[]).await;
    let noon = zk_wire::WireTime::new(2026, 1, 1, 12, 0, 0).unwrap();
    client
        .ask(code::SET_TIME, &noon.to_u32().to_le_bytes())
        .await;
    client.ask(code::OPTIONS_WRITE, b"LockOn=9\0").await;
    let table = client.prepare(code::OPERATION_LOG_READ, 0).await.payload;
    let read = OperationTable::decode(&table[4..]);
    assert_eq!(
        (&read.rows, read.unreadable.len()),
        (&terminal.operations(), 0)
    );
    let done: Vec<_> = read.rows.iter().map(|row| row.operation).collect();
    assert_eq!(
        done,
        [
            29,
            9,
            30,
            OperationRow::CLEARED_ATTENDANCE,
            OperationRow::SET_TIME,
            5
        ]
    );
    assert_eq!(read.rows[1].values[0], 1);
    let stamp = |row: &OperationRow| row.time.to_string();
    assert_eq!(stamp(&read.rows[3]), time.strftime("%F %T").to_string());
    assert_eq!(read.rows[4].time, noon);
    let sizes = client.ask(code::GET_FREE_SIZES, &[]).await.payload;
    assert_eq!(sizes[40..44], 6_u32.to_le_bytes());
    client.ask(CLEAR_OPERATIONS, &[]).await;
    assert!(terminal.operations().is_empty());
}

#[tokio::test]
async fn a_restart_is_switching_off_and_on() {
    let config = TerminalConfig {
        restart: zk_terminal::Restart {
            away: Duration::ZERO,
            ..zk_terminal::Restart::default()
        },
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 3, 5).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::RESTART, &[]).await;
    until(|| terminal.operations().len() == 2).await;
    let done: Vec<_> = terminal
        .operations()
        .iter()
        .map(|row| row.operation)
        .collect();
    assert_eq!(done, [1, 0]);
}
