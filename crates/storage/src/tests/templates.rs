use domain::{Pin, Secret};

use super::fixture::{Ledger, at};
use crate::{Sealer, Store, StoreError, StoredTemplate};

fn pin(text: &str) -> Pin {
    Pin::new(text).unwrap()
}

fn finger(owner: &str, finger: u8) -> StoredTemplate {
    StoredTemplate {
        pin: pin(owner),
        finger,
        valid: 1,
        algorithm: Some("10".to_owned()),
        template: Secret::new(format!("ridges and valleys of {owner} {finger}").into_bytes()),
    }
}

#[tokio::test]
async fn a_fingerprint_comes_back_and_cannot_be_read_in_the_file() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    ledger
        .save_templates(terminal, vec![finger("0042", 6), finger("7", 0)], at(3))
        .await
        .unwrap();
    let bytes = ledger
        .template_bytes(terminal, &pin("0042"), 6)
        .await
        .unwrap();
    assert_eq!(bytes, Some(finger("0042", 6).template));
    let listed = ledger
        .templates(terminal, Some(&pin("0042")))
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].finger, listed[0].size, listed[0].read_at),
        (6, 28, at(3))
    );
    assert_eq!(ledger.templates(terminal, None).await.unwrap().len(), 2);
    ledger.close().await.unwrap();
    let file = std::fs::read(ledger.dir.path().join("ledger.db")).unwrap();
    let holds = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    assert!(holds(b"0042"), "the row is in the file");
    assert!(!holds(b"ridges and valleys"));
}

#[tokio::test]
async fn a_finger_read_again_is_kept_as_it_is_now() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    let again = StoredTemplate {
        valid: 3,
        template: Secret::new(vec![9; 900]),
        ..finger("1", 2)
    };
    for template in [finger("1", 2), again] {
        ledger
            .save_templates(terminal, vec![template], at(3))
            .await
            .unwrap();
    }
    let listed = ledger.templates(terminal, None).await.unwrap();
    assert_eq!((listed.len(), listed[0].valid, listed[0].size), (1, 3, 900));
}

#[tokio::test]
async fn what_is_not_in_a_whole_table_is_forgotten_and_other_terminals_keep_theirs() {
    let ledger = Ledger::new().await;
    let (one, two) = (
        ledger.first_terminal().await.id,
        ledger.terminal_at("10.0.0.2", "SN2").await.id,
    );
    let many = (0..120).flat_map(|owner| (0..10).map(move |each| finger(&owner.to_string(), each)));
    ledger
        .replace_templates(one, many.collect(), at(1))
        .await
        .unwrap();
    ledger
        .replace_templates(two, vec![finger("1", 1)], at(1))
        .await
        .unwrap();
    assert_eq!(ledger.templates(one, None).await.unwrap().len(), 1_200);
    ledger
        .replace_templates(one, vec![finger("1", 1)], at(2))
        .await
        .unwrap();
    assert_eq!(ledger.templates(one, None).await.unwrap().len(), 1);
    assert_eq!(ledger.templates(two, None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_finger_or_all_of_a_person_are_forgotten() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    let fingers = (0..4).map(|each| finger("1", each)).chain([finger("2", 0)]);
    ledger
        .save_templates(terminal, fingers.collect(), at(1))
        .await
        .unwrap();
    let delete = async |finger| {
        ledger
            .delete_template(terminal, &pin("1"), finger)
            .await
            .unwrap()
    };
    assert_eq!(delete(Some(2)).await, 1);
    assert_eq!(delete(Some(2)).await, 0);
    assert_eq!(delete(None).await, 3);
    assert_eq!(ledger.templates(terminal, None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lost_key_file_is_told() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await.id;
    ledger
        .save_templates(terminal, vec![finger("1", 0)], at(1))
        .await
        .unwrap();
    let other = Store::open(ledger.dir.path(), Sealer::new([9; 32]))
        .await
        .unwrap();
    let error = other
        .template_bytes(terminal, &pin("1"), 0)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    assert_eq!(other.templates(terminal, None).await.unwrap().len(), 1);
}
