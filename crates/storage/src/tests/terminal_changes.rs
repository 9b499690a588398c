use domain::{Secret, TerminalHealth, TerminalInfo, Transport};

use super::fixture::{Ledger, at, new_terminal};
use crate::{NewTerminal, StoreError};

#[tokio::test]
async fn two_terminals_cannot_have_one_serial_number() {
    let ledger = Ledger::new().await;
    let first = ledger.terminal_at("10.0.0.1", "SN1").await;
    assert_eq!(
        (first.identity.as_deref(), first.serial.as_deref()),
        (Some("SN1"), Some("SN1"))
    );
    let second = ledger
        .register_terminal(new_terminal("10.0.0.2"), at(0))
        .await
        .unwrap();
    let taken = ledger
        .identify_terminal(second.id, "SN1", Some("SN1"), at(1))
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))));
    ledger
        .identify_terminal(second.id, "minted-1", None, at(1))
        .await
        .unwrap();
    let found = ledger
        .terminal_by_identity("minted-1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.serial), (second.id, None));
    assert_eq!(ledger.terminal_by_identity("SN9").await.unwrap(), None);
}

#[tokio::test]
async fn another_terminal_at_the_address_takes_over_its_settings_and_is_linked() {
    let ledger = Ledger::new().await;
    let new = NewTerminal {
        name: "Gate".to_owned(),
        comm_key: Some(Secret::new(12)),
        zone: Some("Asia/Tehran".to_owned()),
        ..new_terminal("10.0.0.1")
    };
    let old = ledger.register_terminal(new, at(0)).await.unwrap();
    ledger
        .identify_terminal(old.id, "SN1", Some("SN1"), at(0))
        .await
        .unwrap();
    let next = ledger.replace_terminal(old.id, "SN2", at(5)).await.unwrap();
    assert_ne!(next.id, old.id);
    assert_eq!(
        (next.identity.as_deref(), next.serial.as_deref()),
        (Some("SN2"), Some("SN2"))
    );
    assert_eq!(
        (&next.name, &next.address, next.transport),
        (&old.name, &old.address, old.transport)
    );
    assert_eq!(
        (&next.comm_key, &next.zone, next.is_default),
        (&old.comm_key, &old.zone, true)
    );
    assert_eq!((next.registered_at, next.closed_at), (at(5), None));
    assert_eq!(next.info, TerminalInfo::default());
    let old = ledger.terminal(old.id).await.unwrap().unwrap();
    assert_eq!(
        (old.closed_at, old.replaced_by, old.is_default),
        (Some(at(5)), Some(next.id), false)
    );
}

#[tokio::test]
async fn a_replacement_with_a_known_serial_number_changes_nothing() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.terminal_at("10.0.0.1", "SN1").await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    ledger
        .replace_terminal(one.id, "SN2", at(5))
        .await
        .unwrap_err();
    assert_eq!(ledger.terminals().await.unwrap(), [one, two]);
}

#[tokio::test]
async fn a_terminal_that_moved_takes_the_place_of_the_one_registered_there() {
    let ledger = Ledger::new().await;
    let other = ledger
        .register_terminal(new_terminal("10.0.0.9"), at(0))
        .await
        .unwrap();
    let known = ledger.terminal_at("10.0.0.1", "SN1").await;
    let new = NewTerminal {
        transport: Transport::Udp,
        comm_key: Some(Secret::new(3)),
        ..new_terminal("10.0.0.2:4371")
    };
    let here = ledger.register_terminal(new, at(1)).await.unwrap();
    ledger.set_default_terminal(here.id).await.unwrap();
    let moved = ledger
        .move_terminal(known.id, here.id, at(5))
        .await
        .unwrap();
    assert_eq!(
        (moved.id, &moved.name, &moved.serial),
        (known.id, &known.name, &known.serial)
    );
    assert_eq!(
        (&moved.address, moved.transport),
        (&here.address, Transport::Udp)
    );
    assert_eq!(
        (moved.comm_key.clone(), moved.is_default),
        (Some(Secret::new(3)), true)
    );
    let here = ledger.terminal(here.id).await.unwrap().unwrap();
    assert_eq!(
        (here.closed_at, here.replaced_by, here.is_default),
        (Some(at(5)), Some(known.id), false)
    );
    assert_eq!(
        ledger.terminal(other.id).await.unwrap().unwrap().closed_at,
        None
    );
}

#[tokio::test]
async fn a_closed_terminal_that_is_met_again_is_open_again() {
    let ledger = Ledger::new().await;
    let known = ledger.terminal_at("10.0.0.1", "SN1").await;
    let next = ledger
        .replace_terminal(known.id, "SN2", at(1))
        .await
        .unwrap();
    let back = ledger
        .move_terminal(known.id, next.id, at(2))
        .await
        .unwrap();
    assert_eq!(
        (back.closed_at, back.replaced_by, back.is_default),
        (None, None, true)
    );
    let next = ledger.terminal(next.id).await.unwrap().unwrap();
    assert_eq!(
        (next.closed_at, next.replaced_by),
        (Some(at(2)), Some(known.id))
    );

    let address = "10.0.0.3".parse().unwrap();
    let again = ledger
        .readdress_terminal(next.id, &address, Transport::Udp, at(3))
        .await
        .unwrap();
    assert_eq!(
        (again.closed_at, again.replaced_by, again.address),
        (None, None, address)
    );
    let taken = ledger
        .readdress_terminal(next.id, &back.address, back.transport, at(4))
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn what_a_terminal_says_of_itself_is_kept() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let info = TerminalInfo {
        model: Some("K40".to_owned()),
        platform: Some("ZMM220_TFT".to_owned()),
        firmware: Some("Ver 6.60".to_owned()),
        mac: Some("00:17:61:00:00:01".to_owned()),
        user_row_size: Some(72),
        row_layout: Some("40".to_owned()),
        counters: Some(vec![0, 1, 255]),
        users_says: Some(12),
        punches_says: Some(u32::MAX),
        punches_capacity: Some(100_000),
        learned: [("no_offset_reads".to_owned(), "answered from 0".to_owned())].into(),
    };
    ledger.save_terminal_info(terminal.id, &info).await.unwrap();
    assert_eq!(
        ledger.terminal(terminal.id).await.unwrap().unwrap().info,
        info
    );
}

#[tokio::test]
async fn the_health_of_many_terminals_is_written_at_once_and_forgets_no_time() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await,
        ledger.terminal_at("10.0.0.2", "SN2").await,
    );
    let well = TerminalHealth {
        last_contact_at: Some(at(10)),
        users_read_at: Some(at(11)),
        punches_read_at: Some(at(12)),
        clock_offset_secs: Some(-75),
        ..TerminalHealth::default()
    };
    let ill = TerminalHealth {
        last_error_code: Some("wrong_key".to_owned()),
        last_error: Some("the key \"1\" is wrong".to_owned()),
        last_error_at: Some(at(13)),
        ..TerminalHealth::default()
    };
    ledger
        .flush_health(vec![(one.id, well.clone()), (two.id, ill.clone())])
        .await
        .unwrap();
    let health = async |id| ledger.terminal(id).await.unwrap().unwrap().health;
    assert_eq!(health(one.id).await, well);
    assert_eq!(
        health(two.id).await,
        TerminalHealth {
            last_contact_at: Some(at(0)),
            ..ill.clone()
        }
    );

    ledger
        .flush_health(vec![(one.id, ill.clone())])
        .await
        .unwrap();
    let both = TerminalHealth {
        last_error_code: ill.last_error_code,
        last_error: ill.last_error,
        last_error_at: ill.last_error_at,
        ..well.clone()
    };
    assert_eq!(health(one.id).await, both);
    ledger
        .flush_health(vec![(one.id, well.clone())])
        .await
        .unwrap();
    assert_eq!(health(one.id).await, well);
    ledger.flush_health(Vec::new()).await.unwrap();
}
