use domain::{Enrolment, Pin};

use super::fixture::{Ledger, at};

fn person(pin: &str, uid: u16, name: &str) -> Enrolment {
    Enrolment {
        pin: Pin::new(pin).unwrap(),
        uid,
        name: name.to_owned(),
        name_raw: vec![0xC3, 0x28, 0],
        privilege: 14,
        card: u32::MAX,
        group_id: "1".to_owned(),
        has_password: true,
    }
}

#[tokio::test]
async fn people_come_back_as_read_in_their_natural_order() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let pins = ["A9", "10", "2", "010", "A10", "1"];
    let given: Vec<_> = pins
        .iter()
        .zip(1..)
        .map(|(pin, uid)| person(pin, uid, "محمد \"M\""))
        .collect();
    ledger
        .replace_enrolments(terminal.id, given.clone(), at(1))
        .await
        .unwrap();
    let found = ledger.enrolments(terminal.id).await.unwrap();
    let order: Vec<_> = found.iter().map(|each| each.pin.as_str()).collect();
    assert_eq!(order, ["1", "2", "010", "10", "A10", "A9"]);
    assert!(given.iter().all(|each| found.contains(each)));
}

#[tokio::test]
async fn who_is_gone_is_kept_apart_and_may_come_back() {
    let ledger = Ledger::new().await;
    let terminal = ledger.first_terminal().await;
    let other = ledger.terminal_at("10.0.0.2", "SN2").await;
    let (ann, bob) = (person("1", 1, "Ann"), person("2", 2, "Bob"));
    ledger
        .replace_enrolments(other.id, vec![ann.clone()], at(1))
        .await
        .unwrap();
    ledger
        .replace_enrolments(terminal.id, vec![ann.clone(), bob.clone()], at(1))
        .await
        .unwrap();
    ledger
        .replace_enrolments(terminal.id, vec![ann.clone()], at(2))
        .await
        .unwrap();
    assert_eq!(
        ledger.enrolments(terminal.id).await.unwrap(),
        std::slice::from_ref(&ann)
    );
    assert_eq!(
        ledger
            .text("SELECT name FROM enrolments WHERE gone_at IS NOT NULL")
            .await,
        "Bob"
    );
    assert_eq!(
        ledger
            .number("SELECT gone_at FROM enrolments WHERE pin = '2'")
            .await,
        at(2).as_millisecond()
    );

    let renamed = person("2", 9, "Robert");
    ledger
        .replace_enrolments(terminal.id, vec![ann.clone(), renamed.clone()], at(3))
        .await
        .unwrap();
    assert_eq!(
        ledger.enrolments(terminal.id).await.unwrap(),
        [ann.clone(), renamed]
    );
    ledger
        .replace_enrolments(terminal.id, Vec::new(), at(4))
        .await
        .unwrap();
    assert!(ledger.enrolments(terminal.id).await.unwrap().is_empty());
    assert_eq!(ledger.enrolments(other.id).await.unwrap(), [ann]);
}
