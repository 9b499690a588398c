use domain::Role;

use super::fixture::{Ledger, at};
use crate::StoreError;

#[tokio::test]
async fn a_key_is_found_by_its_hash_until_it_is_revoked() {
    let ledger = Ledger::new().await;
    let id = ledger
        .add_key("till", Role::Operator, &[1; 32], "wxyz", at(1))
        .await
        .unwrap();
    let found = ledger.key_by_hash(&[1; 32]).await.unwrap().unwrap();
    assert_eq!(
        (
            found.id,
            found.name.as_str(),
            found.role,
            found.hint.as_str()
        ),
        (id, "till", Role::Operator, "wxyz")
    );
    assert_eq!(
        (found.created_at, found.last_used_at, found.revoked_at),
        (at(1), None, None)
    );
    assert_eq!(ledger.key_by_hash(&[2; 32]).await.unwrap(), None);
    ledger.touch_key(id, at(2)).await.unwrap();
    assert_eq!(
        ledger
            .key_by_hash(&[1; 32])
            .await
            .unwrap()
            .unwrap()
            .last_used_at,
        Some(at(2))
    );

    let revoked = ledger.revoke_key("till", at(3)).await.unwrap();
    assert_eq!((revoked.id, revoked.revoked_at), (id, Some(at(3))));
    assert_eq!(ledger.key_by_hash(&[1; 32]).await.unwrap(), None);
    assert_eq!(ledger.keys().await.unwrap(), [revoked]);
}

#[tokio::test]
async fn a_key_revoked_by_another_process_stops_at_once() {
    let ledger = Ledger::new().await;
    let beside = ledger.beside().await;
    let id = beside
        .add_key("till", Role::Viewer, &[1; 32], "wxyz", at(1))
        .await
        .unwrap();
    assert!(ledger.key_by_hash(&[1; 32]).await.unwrap().is_some());
    beside.revoke_key(&id.to_string(), at(2)).await.unwrap();
    assert!(ledger.key_by_hash(&[1; 32]).await.unwrap().is_none());
}

#[tokio::test]
async fn revoking_asks_back_where_the_name_is_no_answer() {
    let ledger = Ledger::new().await;
    let one = ledger
        .add_key("till", Role::Viewer, &[1; 32], "aaaa", at(1))
        .await
        .unwrap();
    let two = ledger
        .add_key("till", Role::Viewer, &[2; 32], "bbbb", at(1))
        .await
        .unwrap();
    assert!(matches!(
        ledger.revoke_key("door", at(2)).await,
        Err(StoreError::NotFound(_))
    ));
    let error = ledger.revoke_key("till", at(2)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict(text) if text.ends_with("1, 2")),
        "{error}"
    );
    assert_eq!(
        ledger.revoke_key(&two.to_string(), at(2)).await.unwrap().id,
        two
    );
    assert_eq!(ledger.revoke_key("till", at(3)).await.unwrap().id, one);
    assert!(matches!(
        ledger.revoke_key("till", at(4)).await,
        Err(StoreError::NotFound(_))
    ));
}

#[tokio::test]
async fn a_number_means_the_row_before_it_means_a_name() {
    let ledger = Ledger::new().await;
    let one = ledger
        .add_key("2", Role::Viewer, &[1; 32], "aaaa", at(1))
        .await
        .unwrap();
    let two = ledger
        .add_key("till", Role::Viewer, &[2; 32], "bbbb", at(1))
        .await
        .unwrap();
    assert_eq!(ledger.revoke_key("2", at(2)).await.unwrap().id, two);
    assert_eq!(ledger.revoke_key("2", at(2)).await.unwrap().id, one);
}
