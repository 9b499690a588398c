use std::time::Duration;

use domain::{
    ClockPolicy, LiveMode, Secret, StateVerifyOrder, TerminalId, TerminalSelector, Transport,
};

use super::fixture::{Ledger, at, new_terminal};
use crate::{NewTerminal, StoreError, TerminalChange};

#[tokio::test]
async fn a_terminal_comes_back_as_registered() {
    let ledger = Ledger::new().await;
    let new = NewTerminal {
        transport: Transport::Udp,
        comm_key: Some(Secret::new(0)),
        zone: Some("Asia/Baghdad".to_owned()),
        interval: Some(Duration::from_secs(90)),
        connect_timeout: Some(Duration::from_millis(2_500)),
        enabled: false,
        ..new_terminal("gate.example:4371")
    };
    let terminal = ledger.register_terminal(new.clone(), at(3)).await.unwrap();
    assert_eq!(
        ledger.terminal(terminal.id).await.unwrap(),
        Some(terminal.clone())
    );
    assert_eq!(terminal.name, new.name);
    assert_eq!(terminal.address, new.address);
    assert_eq!(terminal.transport, Transport::Udp);
    assert_eq!(terminal.comm_key, new.comm_key);
    assert_eq!(terminal.zone, new.zone);
    assert_eq!(
        (terminal.interval, terminal.connect_timeout),
        (new.interval, new.connect_timeout)
    );
    assert!(!terminal.enabled);
    assert_eq!(terminal.registered_at, at(3));
    assert_eq!(
        (terminal.identity, terminal.serial, terminal.closed_at),
        (None, None, None)
    );
}

#[tokio::test]
async fn two_open_terminals_cannot_be_at_one_address() {
    let ledger = Ledger::new().await;
    let first = ledger
        .register_terminal(new_terminal("10.0.0.1"), at(0))
        .await
        .unwrap();
    let second = ledger
        .register_terminal(new_terminal("10.0.0.2"), at(0))
        .await
        .unwrap();
    let error = ledger
        .register_terminal(new_terminal("10.0.0.1"), at(1))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict(text) if text.contains("10.0.0.1:4370")),
        "{error}"
    );
    let there = TerminalChange {
        address: Some(first.address.clone()),
        ..TerminalChange::default()
    };
    assert!(matches!(
        ledger
            .update_terminal(second.id, there.clone(), at(0))
            .await,
        Err(StoreError::Conflict(_))
    ));

    ledger.close_terminal(first.id, at(2)).await.unwrap();
    assert_eq!(
        ledger
            .update_terminal(second.id, there, at(0))
            .await
            .unwrap()
            .address,
        first.address
    );
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let ledger = Ledger::new().await;
    let new = NewTerminal {
        comm_key: Some(Secret::new(5)),
        zone: Some("UTC".to_owned()),
        interval: Some(Duration::from_secs(30)),
        ..new_terminal("10.0.0.1")
    };
    let before = ledger.register_terminal(new, at(0)).await.unwrap();
    let unchanged = ledger
        .update_terminal(before.id, TerminalChange::default(), at(0))
        .await
        .unwrap();
    assert_eq!(unchanged, before);
    let change = TerminalChange {
        name: Some("Gate".to_owned()),
        comm_key: Some(None),
        zone: Some(None),
        enabled: Some(false),
        ..TerminalChange::default()
    };
    let after = ledger
        .update_terminal(before.id, change, at(0))
        .await
        .unwrap();
    assert_eq!(
        (
            after.name.as_str(),
            &after.comm_key,
            &after.zone,
            after.enabled
        ),
        ("Gate", &None, &None, false)
    );
    assert_eq!(
        (after.interval, after.address),
        (before.interval, before.address)
    );
}

#[tokio::test]
async fn the_first_terminal_is_the_default_until_another_is_chosen() {
    let ledger = Ledger::new().await;
    assert_eq!(ledger.default_terminal().await.unwrap(), None);
    let first = ledger
        .register_terminal(new_terminal("10.0.0.1"), at(0))
        .await
        .unwrap();
    let second = ledger
        .register_terminal(new_terminal("10.0.0.2"), at(0))
        .await
        .unwrap();
    let third = ledger
        .register_terminal(new_terminal("10.0.0.3"), at(0))
        .await
        .unwrap();
    assert_eq!((first.is_default, second.is_default), (true, false));
    let default = async || {
        ledger
            .default_terminal()
            .await
            .unwrap()
            .map(|terminal| terminal.id)
    };
    ledger.set_default_terminal(third.id).await.unwrap();
    assert_eq!(default().await, Some(third.id));
    assert_eq!(
        ledger
            .number("SELECT COUNT(*) FROM terminals WHERE is_default = 1")
            .await,
        1
    );
    ledger.close_terminal(third.id, at(1)).await.unwrap();
    assert_eq!(default().await, Some(first.id));
    assert!(matches!(
        ledger.set_default_terminal(third.id).await,
        Err(StoreError::NotFound(_))
    ));
    assert_eq!(default().await, Some(first.id));
}

#[tokio::test]
async fn a_terminal_is_found_by_number_serial_or_address() {
    let ledger = Ledger::new().await;
    let gate = ledger.terminal_at("10.0.0.1", "AB12").await;
    let door = ledger.terminal_at("10.0.0.1:4371", "CD34").await;
    let name = ledger.terminal_at("gate.example:5005", "1").await;
    let six = ledger.terminal_at("fe80::1", "EF56").await;
    let find = async |text: &str| {
        ledger
            .find_terminal(&TerminalSelector::new(text))
            .await
            .unwrap()
            .map(|terminal| terminal.id)
    };
    assert_eq!(find(&door.id.to_string()).await, Some(door.id));
    assert_eq!(find(" AB12 ").await, Some(gate.id));
    assert_eq!(find("10.0.0.1").await, Some(gate.id));
    assert_eq!(find("10.0.0.1:4371").await, Some(door.id));
    assert_eq!(find("gate.example:5005").await, Some(name.id));
    assert_eq!(find("GATE.example").await, Some(name.id));
    assert_eq!(find("[fe80::1]:4370").await, Some(six.id));
    // A row number goes before a serial number.
    assert_eq!(find("1").await, Some(gate.id));
    assert_eq!(find("10.0.0.9").await, None);
    assert_eq!(find("").await, None);
}

#[tokio::test]
async fn a_host_of_several_terminals_means_the_default_one_or_nobody() {
    let ledger = Ledger::new().await;
    let gate = ledger.terminal_at("10.0.0.1:5001", "AB12").await;
    let door = ledger.terminal_at("10.0.0.1:5002", "CD34").await;
    let other = ledger.terminal_at("10.0.0.2", "EF56").await;
    let host = TerminalSelector::new("10.0.0.1");
    ledger.set_default_terminal(door.id).await.unwrap();
    let found = ledger.find_terminal(&host).await.unwrap().unwrap();
    assert_eq!(found.id, door.id);
    ledger.set_default_terminal(other.id).await.unwrap();
    let error = ledger.find_terminal(&host).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    assert!(error.to_string().contains("10.0.0.1:5002"), "{error}");
    ledger.close_terminal(door.id, at(1)).await.unwrap();
    let found = ledger.find_terminal(&host).await.unwrap().unwrap();
    assert_eq!(found.id, gate.id);
}

#[tokio::test]
async fn a_closed_terminal_is_found_by_number_and_serial_but_not_by_address() {
    let ledger = Ledger::new().await;
    let old = ledger.terminal_at("10.0.0.1", "AB12").await;
    ledger.close_terminal(old.id, at(1)).await.unwrap();
    let find = async |text: &str| {
        ledger
            .find_terminal(&TerminalSelector::new(text))
            .await
            .unwrap()
            .map(|terminal| terminal.id)
    };
    assert_eq!(find("10.0.0.1").await, None);
    assert_eq!(find("AB12").await, Some(old.id));
    assert_eq!(find(&old.id.to_string()).await, Some(old.id));
    let closed = ledger.terminal(old.id).await.unwrap().unwrap();
    assert_eq!((closed.closed_at, closed.is_default), (Some(at(1)), false));
    ledger.close_terminal(old.id, at(9)).await.unwrap();
    assert_eq!(ledger.terminal(old.id).await.unwrap(), Some(closed));
}

#[tokio::test]
async fn what_is_not_registered_is_not_found() {
    let ledger = Ledger::new().await;
    let nobody = TerminalId(5);
    assert_eq!(ledger.terminal(nobody).await.unwrap(), None);
    assert!(matches!(
        ledger.close_terminal(nobody, at(0)).await,
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        ledger
            .update_terminal(nobody, TerminalChange::default(), at(0))
            .await,
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        ledger
            .save_terminal_info(nobody, &domain::TerminalInfo::default())
            .await,
        Err(StoreError::NotFound(_))
    ));
}

#[tokio::test]
async fn how_a_terminal_is_treated_comes_back_as_set_and_goes_to_its_successor() {
    let ledger = Ledger::new().await;
    let new = NewTerminal {
        live: LiveMode::Off,
        clock_policy: ClockPolicy::Correct { over_secs: 30 },
        code_page: Some("windows-1256".to_owned()),
        order16: StateVerifyOrder::VerifyFirst,
        ..new_terminal("10.0.0.1")
    };
    let first = ledger.register_terminal(new.clone(), at(0)).await.unwrap();
    let treated = |terminal: &domain::Terminal| {
        (
            terminal.live,
            terminal.clock_policy,
            terminal.code_page.clone(),
            terminal.order16,
        )
    };
    let set = (new.live, new.clock_policy, new.code_page, new.order16);
    assert_eq!(treated(&first), set);
    let next = ledger
        .replace_terminal(first.id, "SN2", at(1))
        .await
        .unwrap();
    assert_eq!(treated(&next), set);
    let change = TerminalChange {
        live: Some(LiveMode::Auto),
        clock_policy: Some(ClockPolicy::Measure),
        code_page: Some(None),
        order16: Some(StateVerifyOrder::StateFirst),
        ..TerminalChange::default()
    };
    let changed = ledger
        .update_terminal(next.id, change, at(0))
        .await
        .unwrap();
    assert_eq!(
        treated(&changed),
        (
            LiveMode::Auto,
            ClockPolicy::Measure,
            None,
            StateVerifyOrder::StateFirst
        )
    );
}
