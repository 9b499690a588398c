//! Templates, bulk uploads and operations, with the vectors' bytes.

use std::time::Duration;

use zk_client::{Error, Session, Target, Timeouts};
use zk_wire::{TemplateRow, UserFormat, UserRow};

use crate::{
    peer::{
        self, ACK_ERROR, ACK_OK, DATA, DELETE_TEMPLATE, EXIT, FREE_DATA, PREPARE_BUFFER,
        PREPARE_DATA, Peer, Playing, REFRESH_DATA, SAVE_TEMPLATES, SESSION, TEMPLATE_READ,
    },
    tables::piece,
    writes::{ANA, hand_out_users},
};

/// Fact sheet, section 16: Ana Lopez in slot 7, and her finger 1.
const UPLOAD: &str = "4900000008000000060000000207000e3433323100000000416e61204c6f70657a0000000000000000000000000000009210000001320000000000000031303032333400000000000000000000000000000000000002070011000000000400deadbeef";

fn ana() -> UserRow {
    UserRow::decode(UserFormat::B72, &peer::bytes(ANA)).unwrap()
}

fn finger() -> TemplateRow {
    TemplateRow {
        uid: 7,
        finger: 1,
        valid: 1,
        template: peer::bytes("deadbeef"),
    }
}

fn hasty(terminal: &Playing) -> Target {
    let timeouts = Timeouts {
        reply: Duration::from_millis(1_500),
        prepare: Duration::from_millis(1_500),
        exit: Duration::from_millis(100),
        ..Timeouts::default()
    };
    Target {
        timeouts,
        ..terminal.target()
    }
}

/// Takes an upload up to its last packet.
async fn take_upload(peer: &mut Peer) -> Vec<u8> {
    peer.acknowledge(FREE_DATA).await;
    let length = peer.acknowledge(PREPARE_DATA).await.payload;
    let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
    let mut upload = Vec::new();
    while upload.len() < length {
        let packet = peer.acknowledge(DATA).await.payload;
        assert!(packet.len() == 1_024 || upload.len() + packet.len() == length);
        upload.extend(packet);
    }
    upload
}

async fn hand_out_template(peer: &mut Peer, answer: &[u8]) {
    assert_eq!(peer.hear(TEMPLATE_READ).await.payload, [7, 0, 1]);
    for frame in piece(peer, answer, 1_024) {
        peer.say_frame(&frame).await;
    }
    peer.acknowledge(FREE_DATA).await;
}

#[tokio::test]
async fn users_and_templates_go_out_as_the_vectors_and_are_read_back() {
    for transport in [peer::tcp_with, peer::udp_with] {
        let terminal = transport(Box::new(|mut peer| {
            Box::pin(async move {
                peer.greet().await;
                hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
                assert_eq!(take_upload(&mut peer).await, peer::bytes(UPLOAD));
                let save = peer.acknowledge(SAVE_TEMPLATES).await.payload;
                assert_eq!(save, peer::bytes("0c00000000000800"));
                peer.acknowledge(REFRESH_DATA).await;
                peer.acknowledge(FREE_DATA).await;
                hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
                hand_out_template(&mut peer, &peer::bytes("deadbeef00000000000001")).await;
                peer.part().await;
            })
        }))
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        let uploaded = session.upload(&[ana()], &[finger()]).await.unwrap();
        assert!(uploaded.users.iter().all(Result::is_ok), "{uploaded:?}");
        assert!(uploaded.templates.iter().all(Result::is_ok), "{uploaded:?}");
        assert_eq!((uploaded.users.len(), uploaded.templates.len()), (1, 1));
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn many_users_go_out_in_packets_of_a_kilobyte_and_those_that_are_missing_are_told() {
    let rows: Vec<Vec<u8>> = (1..=200_u16)
        .map(|uid| {
            let mut row = peer::bytes(ANA);
            row[..2].copy_from_slice(&uid.to_le_bytes());
            row[48..54].copy_from_slice(format!("{uid:06}").as_bytes());
            row
        })
        .collect();
    let users: Vec<_> = rows
        .iter()
        .map(|row| UserRow::decode(UserFormat::B72, row).unwrap())
        .collect();
    let terminal = peer::tcp(move |mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        assert_eq!(take_upload(&mut peer).await.len(), 12 + 200 * 73);
        peer.acknowledge(SAVE_TEMPLATES).await;
        peer.acknowledge(REFRESH_DATA).await;
        peer.acknowledge(FREE_DATA).await;
        let mut stored = rows;
        stored.remove(99);
        // Another name.
        stored[10][11] = b'E';
        hand_out_users(&mut peer, &stored).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let uploaded = session.upload(&users, &[]).await.unwrap();
    let failed: Vec<_> = uploaded
        .users
        .iter()
        .zip(1..)
        .filter_map(|(verdict, uid)| Some((uid, verdict.as_ref().err()?.to_string())))
        .collect();
    assert_eq!(
        failed.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(),
        [11, 100]
    );
    assert!(failed[0].1.contains("another name"), "{}", failed[0].1);
    assert!(failed[1].1.contains("not stored"), "{}", failed[1].1);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_packet_that_may_have_arrived_is_not_sent_again_but_all_of_them_are() {
    let terminal = peer::udp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        peer.acknowledge(FREE_DATA).await;
        peer.acknowledge(PREPARE_DATA).await;
        // Taken, but the acknowledgement gets lost.
        peer.hear(DATA).await;
        assert_eq!(take_upload(&mut peer).await, peer::bytes(UPLOAD));
        peer.acknowledge(SAVE_TEMPLATES).await;
        peer.acknowledge(REFRESH_DATA).await;
        peer.acknowledge(FREE_DATA).await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        hand_out_template(&mut peer, &peer::bytes("deadbeef01")).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    let uploaded = session.upload(&[ana()], &[finger()]).await.unwrap();
    assert!(uploaded.users[0].is_ok() && uploaded.templates[0].is_ok());
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn an_upload_whose_storing_is_not_answered_is_judged_by_what_is_there() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        take_upload(&mut peer).await;
        peer.hear(SAVE_TEMPLATES).await;
        peer.acknowledge(REFRESH_DATA).await;
        peer.acknowledge(FREE_DATA).await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        peer.hear(TEMPLATE_READ).await;
        peer.say(ACK_ERROR, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    let uploaded = session.upload(&[ana()], &[finger()]).await.unwrap();
    assert!(uploaded.users[0].is_ok(), "{uploaded:?}");
    assert!(
        matches!(uploaded.templates[0], Err(Error::Timeout { .. })),
        "{uploaded:?}"
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_terminal_that_takes_no_uploads_says_so_and_its_buffer_is_freed() {
    for refused in [PREPARE_DATA, DATA, SAVE_TEMPLATES] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
            peer.acknowledge(FREE_DATA).await;
            loop {
                let heard = peer.hear_any().await.unwrap();
                if heard.command == refused {
                    peer.say(ACK_ERROR, SESSION, &[]).await;
                    break;
                }
                peer.say(ACK_OK, SESSION, &[]).await;
            }
            peer.acknowledge(FREE_DATA).await;
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        let error = session.upload(&[ana()], &[finger()]).await.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn templates_without_their_user_are_not_sent() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let stray = TemplateRow { uid: 8, ..finger() };
    for error in [
        session.upload(&[ana()], &[stray]).await.unwrap_err(),
        session.upload(&[], &[finger()]).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Invalid { .. }), "{error}");
    }
    let nothing = session.upload(&[], &[]).await.unwrap();
    assert!(nothing.users.is_empty() && nothing.templates.is_empty());
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn all_templates_come_in_one_table() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        let request = peer.hear(PREPARE_BUFFER).await.payload;
        assert_eq!(request, peer::bytes("0107000200000000000000"));
        // The head of a real row (zk-protocol, data-user.md), and one behind which nothing can be read.
        let mut rows = peer::bytes("c4040e0004014dfd535332310000");
        rows.resize(0x4c4, 0x55);
        rows.extend([3, 0, 1]);
        let table = [&u32::try_from(rows.len()).unwrap().to_le_bytes()[..], &rows].concat();
        peer.say(DATA, SESSION, &table).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let templates = session.templates().await.unwrap();
    let [row] = templates.rows.as_slice() else {
        panic!("{templates:?}");
    };
    assert_eq!((row.uid, row.finger, row.valid), (14, 4, 1));
    assert_eq!(row.template.len(), 0x4c4 - 6);
    assert_eq!(templates.unreadable, [3, 0, 1]);
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_finger_is_deleted_and_looked_for_afterwards() {
    #[derive(Clone, Copy, PartialEq)]
    enum Course {
        Gone,
        Stays,
        AskedTwice,
    }
    for course in [Course::Gone, Course::Stays, Course::AskedTwice] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            assert_eq!(peer.hear(DELETE_TEMPLATE).await.payload, [7, 0, 1]);
            let answer = match course {
                Course::Gone | Course::Stays => ACK_OK,
                Course::AskedTwice => ACK_ERROR,
            };
            peer.say(answer, SESSION, &[]).await;
            peer.acknowledge(REFRESH_DATA).await;
            if course == Course::Stays {
                hand_out_template(&mut peer, &peer::bytes("deadbeef01")).await;
            } else {
                peer.hear(TEMPLATE_READ).await;
                peer.say(ACK_ERROR, SESSION, &[]).await;
            }
            peer.part().await;
        })
        .await;
        let mut session = Session::connect(&terminal.target()).await.unwrap();
        match (course, session.delete_template(7, 1).await) {
            (Course::Gone | Course::AskedTwice, Ok(()))
            | (Course::Stays, Err(Error::NotStored { .. })) => {}
            (_, other) => panic!("{other:?}"),
        }
        session.close().await;
        terminal.over().await;
    }
}

#[tokio::test]
async fn what_was_done_at_the_terminal_is_read() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        let request = peer.hear(PREPARE_BUFFER).await.payload;
        assert_eq!(request, peer::bytes("0122000000000000000000"));
        // zk-protocol, data-record.md.
        let table = [16, 0, 0, 0]
            .into_iter()
            .chain(peer::bytes("0000062ac29b68230300000007000205"));
        peer.say(DATA, SESSION, &table.collect::<Vec<_>>()).await;
        peer.acknowledge(FREE_DATA).await;
        peer.part().await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let operations = session.operations().await.unwrap();
    let [row] = operations.rows.as_slice() else {
        panic!("{operations:?}");
    };
    assert_eq!(
        (row.name(), row.time.to_string().as_str()),
        (Some("fingerprint enrolled"), "2018-06-25 16:09:38")
    );
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn an_upload_that_is_cut_off_is_no_success() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        hand_out_users(&mut peer, &[peer::bytes(ANA)]).await;
        peer.acknowledge(FREE_DATA).await;
        peer.acknowledge(PREPARE_DATA).await;
        peer.hear(DATA).await;
        peer.hear(EXIT).await;
    })
    .await;
    let mut session = Session::connect(&hasty(&terminal)).await.unwrap();
    let error = session.upload(&[ana()], &[finger()]).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    session.close().await;
    terminal.over().await;
}
