use domain::Secret;

use super::fixture::{Ledger, at, new_terminal};
use crate::{NewTerminal, Sealer, Store, TerminalChange};

#[test]
fn what_is_sealed_opens_with_the_same_key_only() {
    let ours = Sealer::new([1; 32]);
    for key in [0, 1, 123_456, u32::MAX] {
        let sealed = ours.seal_comm_key(&Secret::new(key)).unwrap();
        assert_eq!(ours.open_comm_key(&sealed), Some(Secret::new(key)));
        assert_eq!(Sealer::new([2; 32]).open_comm_key(&sealed), None);
    }
}

#[test]
fn what_was_changed_does_not_open() {
    let ours = Sealer::new([1; 32]);
    let sealed = ours.seal_comm_key(&Secret::new(123_456)).unwrap();
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert_eq!(ours.open_comm_key(&changed), None);
        assert_eq!(ours.open_comm_key(&sealed[..index]), None);
    }
}

#[tokio::test]
async fn a_comm_key_cannot_be_read_in_the_file() {
    let ledger = Ledger::new().await;
    let key = 0x5A17_C0DE;
    let new = NewTerminal {
        comm_key: Some(Secret::new(key)),
        ..new_terminal("10.0.0.1")
    };
    let terminal = ledger.register_terminal(new, at(0)).await.unwrap();
    assert_eq!(terminal.comm_key, Some(Secret::new(key)));
    ledger.close().await.unwrap();
    let file = std::fs::read(ledger.dir.path().join("ledger.db")).unwrap();
    let holds = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(b"at 10.0.0.1"), "the row is in the file");
    for bytes in [
        &key.to_be_bytes()[..],
        &key.to_le_bytes(),
        key.to_string().as_bytes(),
    ] {
        assert!(!holds(bytes));
    }
}

#[tokio::test]
async fn a_lost_sealing_key_costs_the_comm_keys_and_nothing_else() {
    let ledger = Ledger::new().await;
    let new = NewTerminal {
        comm_key: Some(Secret::new(7)),
        ..new_terminal("10.0.0.1")
    };
    let id = ledger.register_terminal(new, at(0)).await.unwrap().id;
    let other = Store::open(ledger.dir.path(), Sealer::new([9; 32]))
        .await
        .unwrap();
    let terminals = other.terminals().await.unwrap();
    assert_eq!((terminals.len(), &terminals[0].comm_key), (1, &None));
    let name = terminals[0].name.clone();
    assert_eq!(other.sealed_otherwise().await.unwrap(), [(id, name)]);
    let change = TerminalChange {
        comm_key: Some(Some(Secret::new(8))),
        ..TerminalChange::default()
    };
    assert_eq!(
        other
            .update_terminal(id, change, at(0))
            .await
            .unwrap()
            .comm_key,
        Some(Secret::new(8))
    );
    assert_eq!(other.sealed_otherwise().await.unwrap(), []);
}
