//! Users and fingerprints, many at once, with the virtual terminal.

use zk_client::{Error, Session, Transport};
use zk_terminal::{Faults, Handle, Repeat, TerminalConfig};
use zk_wire::{TemplateRow, UserFormat, UserRow};

use crate::virtual_terminal::{start, target};

fn users(slots: std::ops::Range<u16>) -> Vec<UserRow> {
    slots
        .map(|uid| UserRow {
            uid,
            pin: (70_000 + u32::from(uid)).to_string(),
            name: format!("N {uid}").into_bytes(),
            // An administrator who is disabled, a manager, a common user.
            privilege: [15, 6, 0][usize::from(uid) % 3],
            password: b"4321".to_vec(),
            card: 4_242,
            group: 1,
            origin: Vec::new(),
        })
        .collect()
}

/// Fingers 0 and 6 of each user, in packets of all lengths.
fn fingers(users: &[UserRow]) -> Vec<TemplateRow> {
    let template = |uid: u16, finger: u8| {
        let mut template = b"MmSS21".to_vec();
        let length = 300 + usize::from(uid) * 37 % 1_400;
        template.extend((0..length).map(|at| u8::try_from(at % 251).unwrap() ^ finger | 1));
        template
    };
    users
        .iter()
        .flat_map(|user| [(user.uid, 0), (user.uid, 6)])
        .map(|(uid, finger)| TemplateRow {
            uid,
            finger,
            valid: 1,
            template: template(uid, finger),
        })
        .collect()
}

async fn open(terminal: &Handle, transport: Transport) -> Session {
    Session::connect(&target(terminal, transport))
        .await
        .unwrap()
}

#[tokio::test]
async fn users_and_fingers_are_uploaded_read_back_and_read() {
    for user_format in [UserFormat::B28, UserFormat::B72] {
        for transport in [Transport::Tcp, Transport::Udp] {
            let terminal = start(TerminalConfig {
                user_format,
                ..TerminalConfig::default()
            })
            .await;
            let mut session = open(&terminal, transport).await;
            let users = users(900..940);
            let fingers = fingers(&users);
            let uploaded = session.upload(&users, &fingers).await.unwrap();
            for verdict in uploaded.users.into_iter().chain(uploaded.templates) {
                verdict.unwrap();
            }
            assert_eq!(terminal.activity().uploads, 1);
            assert_eq!(terminal.templates(), fingers);
            let read = session.templates().await.unwrap();
            assert_eq!((read.rows, read.unreadable), (fingers.clone(), Vec::new()));
            let one = session.template(905, 6).await.unwrap();
            assert_eq!(one.as_ref(), Some(&fingers[11]));
            assert_eq!(session.template(905, 1).await.unwrap(), None);
            let rows = session.users().await.unwrap().rows;
            let privileges = rows
                .iter()
                .filter(|row| row.uid >= 900)
                .map(|row| row.privilege);
            assert!(privileges.eq(users.iter().map(|user| user.privilege)));
            session.close().await;
            terminal.stop().await;
        }
    }
}

#[tokio::test]
async fn a_finger_is_deleted_and_goes_with_its_user() {
    let terminal = start(TerminalConfig::default()).await;
    let mut session = open(&terminal, Transport::Tcp).await;
    let users = users(900..902);
    session.upload(&users, &fingers(&users)).await.unwrap();
    session.delete_template(900, 0).await.unwrap();
    let left = terminal.templates();
    assert_eq!(
        left.iter()
            .map(|row| (row.uid, row.finger))
            .collect::<Vec<_>>(),
        [(900, 6), (901, 0), (901, 6)]
    );
    session.delete_user(901).await.unwrap();
    assert_eq!(terminal.templates().len(), 1);
    assert_eq!(session.template(901, 0).await.unwrap(), None);
    session.close().await;
    terminal.stop().await;
}

#[tokio::test]
async fn a_finger_that_gives_a_silent_alarm_is_written_and_stays_one() {
    let terminal = start(TerminalConfig::default()).await;
    for (transport, uid) in [(Transport::Tcp, 900), (Transport::Udp, 901)] {
        let mut session = open(&terminal, transport).await;
        let users = users(uid..uid + 1);
        session.upload(&users, &[]).await.unwrap();
        let mut row = fingers(&users).swap_remove(0);
        row.valid = 3;
        session.set_template(&row).await.unwrap();
        // Also over one that is there.
        row.template.push(7);
        session.set_template(&row).await.unwrap();
        assert!(terminal.templates().contains(&row));
        let nobody = TemplateRow { uid: 999, ..row };
        let refused = session.set_template(&nobody).await.unwrap_err();
        assert!(matches!(refused, Error::Refused { .. }), "{refused}");
        session.clock().await.unwrap().unwrap();
        session.close().await;
    }
    terminal.stop().await;
}

#[tokio::test]
async fn an_upload_survives_replies_that_come_twice_and_datagrams_that_get_lost() {
    let lossy = Faults {
        udp_loss_percent: 4,
        ..Faults::default()
    };
    let doubled = Faults {
        replies: Repeat::Twice,
        ..Faults::default()
    };
    for faults in [doubled, lossy] {
        let terminal = start(TerminalConfig::default()).await;
        let mut target = target(&terminal, Transport::Udp);
        target.timeouts.reply = std::time::Duration::from_secs(2);
        let mut session = Session::connect(&target).await.unwrap();
        terminal.set_faults(faults);
        let users = users(900..915);
        let fingers = fingers(&users[..4]);
        match session.upload(&users, &fingers).await {
            Ok(uploaded) => {
                assert!(
                    uploaded
                        .users
                        .iter()
                        .chain(&uploaded.templates)
                        .all(Result::is_ok)
                );
                assert_eq!(terminal.templates(), fingers);
            }
            // Three transfers in a row may lose something.
            Err(Error::Timeout { .. }) if faults.udp_loss_percent > 0 => {}
            Err(error) => panic!("{error}"),
        }
        // Never a part of it.
        assert!([0, 8].contains(&terminal.templates().len()));
        terminal.set_faults(Faults::default());
        session.close().await;
        terminal.stop().await;
    }
}

#[tokio::test]
async fn users_without_room_are_told_and_those_who_fit_are_stored_one_by_one() {
    let terminal = start(TerminalConfig {
        user_capacity: 205,
        ..TerminalConfig::default()
    })
    .await;
    let mut session = open(&terminal, Transport::Tcp).await;
    let users = users(900..910);
    match session.upload(&users, &[]).await {
        Ok(uploaded) => assert!(uploaded.users.iter().any(Result::is_err)),
        Err(error) => assert!(matches!(error, Error::Refused { .. }), "{error}"),
    }
    let verdicts = session.set_users(&users).await.unwrap();
    assert_eq!(verdicts.iter().filter(|verdict| verdict.is_ok()).count(), 5);
    assert_eq!(terminal.users().len(), 205);
    session.close().await;
    terminal.stop().await;
}
