//! Templates, read and written one by one, and users with their templates all at once.

use rstest::rstest;
use zk_terminal::{Faults, Handle, PinLetters, TemplateAnswer, TerminalConfig, Writes};
use zk_wire::{
    BulkUpload, FreeSizes, TemplateAlgorithm, TemplateRow, TemplateTable, UserFormat, UserRow, code,
};

use crate::raw::{Over, Raw, announced, bytes, data, start_with};

const STORE_TEMPLATE: u16 = 87;
const DELETE_BY_PIN: u16 = 134;

fn with_fingers(fingers: u8) -> TerminalConfig {
    TerminalConfig {
        fingers,
        ..TerminalConfig::default()
    }
}

fn template(uid: u16, finger: u8) -> TemplateRow {
    TemplateRow {
        uid,
        finger,
        valid: 1,
        template: b"MxSS21 and more".to_vec(),
    }
}

fn user(uid: u16, pin: &str) -> UserRow {
    UserRow {
        uid,
        pin: pin.to_owned(),
        name: b"Ana".to_vec(),
        ..UserRow::default()
    }
}

fn upload(users: Vec<UserRow>, templates: Vec<TemplateRow>) -> Vec<u8> {
    let format = UserFormat::B72;
    BulkUpload {
        format,
        users,
        templates,
    }
    .to_bytes()
    .unwrap()
}

/// Sends `bytes` in pieces, and gives the last answer.
async fn send(client: &mut Raw, bytes: &[u8]) -> u16 {
    let size = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let mut answer = client.ask(code::PREPARE_DATA, &size).await.command;
    for piece in bytes.chunks(BulkUpload::PACKET) {
        answer = client.ask(code::DATA, piece).await.command;
    }
    answer
}

async fn save(client: &mut Raw, bytes: &[u8]) -> u16 {
    assert_eq!(send(client, bytes).await, code::ACK_OK);
    client
        .ask(code::SAVE_TEMPLATES, &BulkUpload::SAVE)
        .await
        .command
}

fn fingers(terminal: &Handle) -> Vec<(u16, u8)> {
    let rows = terminal.templates();
    rows.iter().map(|row| (row.uid, row.finger)).collect()
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn the_table_of_templates_holds_every_finger(#[case] over: Over) {
    let terminal = start_with(with_fingers(2), 5, 0).await;
    let mut client = Raw::open(&terminal, over).await;
    let size = announced(&client.prepare(code::TABLE_READ, 2).await);
    let table = client.buffered(size, 5_000).await;
    let read = TemplateTable::decode(&table[4..]);
    assert_eq!(
        (&read.rows, read.unreadable.len()),
        (&terminal.templates(), 0)
    );
    assert_eq!(read.rows.len(), 10);
    for row in &read.rows {
        let algorithm = TemplateAlgorithm::of(&row.template);
        assert_eq!(algorithm, Some(TemplateAlgorithm::ZkFinger10));
    }
    let counters = client.ask(code::GET_FREE_SIZES, &[]).await.payload;
    assert_eq!(FreeSizes::new(counters).templates(), Some(10));
}

#[rstest]
#[case(TemplateAnswer::Plain)]
#[case(TemplateAnswer::Padded)]
#[tokio::test]
async fn one_finger_is_read_by_itself(#[case] template_answer: TemplateAnswer) {
    let config = TerminalConfig {
        template_answer,
        ..with_fingers(2)
    };
    let terminal = start_with(config, 2, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let held = terminal.templates().remove(1);
    let first = client.ask(code::TEMPLATE_READ, &[1, 0, 1]).await;
    let answer = data(&client.rest(first).await);
    assert_eq!(
        TemplateRow::from_answer(1, 1, &answer).as_ref(),
        Some(&held)
    );
    let padding = answer.len() - held.template.len() - 1;
    assert_eq!(
        padding,
        if template_answer == TemplateAnswer::Plain {
            0
        } else {
            6
        }
    );
    let first = client.ask(code::USERS_READ, &[1, 0, 1]).await;
    assert_eq!(data(&client.rest(first).await), held.template);
    for nobodys in [[1, 0, 2], [9, 0, 0]] {
        let reply = client.ask(code::TEMPLATE_READ, &nobodys).await;
        assert_eq!(reply.command, code::ACK_ERROR);
    }
}

#[tokio::test]
async fn templates_are_deleted_one_by_one_and_with_their_user() {
    let terminal = start_with(with_fingers(3), 3, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let gone = client.ask(code::DELETE_TEMPLATE, &[1, 0, 1]).await;
    assert_eq!(gone.command, code::ACK_OK);
    let again = client.ask(code::DELETE_TEMPLATE, &[1, 0, 1]).await;
    assert_eq!(again.command, code::ACK_ERROR);
    let mut by_pin = b"1001".to_vec();
    by_pin.resize(24, 0);
    by_pin.push(2);
    assert_eq!(
        client.ask(DELETE_BY_PIN, &by_pin).await.command,
        code::ACK_OK
    );
    assert_eq!(fingers(&terminal)[..2], [(1, 0), (2, 0)]);
    client.ask(code::DELETE_USER, &[2, 0]).await;
    terminal.remove_user("1003");
    assert_eq!(fingers(&terminal), [(1, 0)]);
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn users_and_templates_are_stored_all_at_once(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    let mut client = Raw::open(&terminal, over).await;
    let users = vec![user(2, "77"), user(9, "99")];
    let templates = vec![template(2, 0), template(9, 5), template(9, 6)];
    let bytes = upload(users, templates.clone());
    assert_eq!(save(&mut client, &bytes).await, code::ACK_OK);
    let pins: Vec<_> = terminal.users().into_iter().map(|user| user.pin).collect();
    assert_eq!(pins, ["1001", "77", "1003", "99"]);
    assert_eq!(terminal.templates(), templates);
    let activity = terminal.activity();
    assert_eq!((activity.uploads, activity.template_writes), (1, 3));
}

#[tokio::test]
async fn the_upload_of_the_fact_sheet_is_stored() {
    let terminal = start_with(TerminalConfig::default(), 0, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    client.ask(code::PREPARE_DATA, &bytes("63000000")).await;
    let packet = "4900000008000000060000000207000e3433323100000000416e61204c6f70657a00000000000000000000000000\
                  00009210000001320000000000000031303032333400000000000000000000000000000000000002070011000000\
                  000400deadbeef";
    assert_eq!(
        client.ask(code::DATA, &bytes(packet)).await.command,
        code::ACK_OK
    );
    let saved = client
        .ask(code::SAVE_TEMPLATES, &bytes("0c00000000000800"))
        .await;
    assert_eq!(saved.command, code::ACK_OK);
    let users = terminal.users();
    assert_eq!(
        (users[0].uid, users[0].name.as_str(), users[0].pin.as_str()),
        (7, "Ana Lopez", "100234")
    );
    let templates = terminal.templates();
    assert_eq!(
        (templates[0].finger, templates[0].template.as_slice()),
        (1, &[0xde, 0xad, 0xbe, 0xef][..])
    );
}

#[tokio::test]
async fn of_an_upload_that_cannot_be_stored_nothing_is() {
    let config = TerminalConfig {
        user_capacity: 4,
        template_capacity: 1,
        pin_width: Some(5),
        pin_letters: PinLetters::Refused,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 3, 0).await;
    let before = terminal.users();
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let good = upload(vec![user(8, "8")], vec![]);
    for (why, bytes) in [
        ("no room", upload(vec![user(8, "8"), user(9, "9")], vec![])),
        (
            "the PIN of another",
            upload(vec![user(8, "8"), user(9, "1001")], vec![]),
        ),
        ("a PIN too long", upload(vec![user(8, "123456")], vec![])),
        ("a PIN with letters", upload(vec![user(8, "A1")], vec![])),
        (
            "two templates",
            upload(vec![user(8, "8")], vec![template(8, 0), template(8, 1)]),
        ),
        ("half of it", good[..50].to_vec()),
    ] {
        assert_eq!(save(&mut client, &bytes).await, code::ACK_ERROR, "{why}");
    }
    // Not all of what was announced, more than that, and nothing at all.
    client
        .ask(code::PREPARE_DATA, &1_000_u32.to_le_bytes())
        .await;
    client.ask(code::DATA, &good).await;
    let saved = client.ask(code::SAVE_TEMPLATES, &BulkUpload::SAVE).await;
    assert_eq!(saved.command, code::ACK_ERROR);
    assert_eq!(
        client.ask(code::DATA, &[0; 1_000]).await.command,
        code::ACK_ERROR
    );
    client.ask(code::FREE_DATA, &[]).await;
    assert_eq!(client.ask(code::DATA, &[0]).await.command, code::ACK_ERROR);
    let huge = client
        .ask(code::PREPARE_DATA, &u32::MAX.to_le_bytes())
        .await;
    assert_eq!(huge.command, code::ACK_ERROR);
    assert_eq!((terminal.users(), terminal.templates()), (before, vec![]));
    assert_eq!(save(&mut client, &good).await, code::ACK_OK);
}

#[tokio::test]
async fn one_template_is_uploaded_for_a_free_finger_of_somebody_who_is_there() {
    let terminal = start_with(with_fingers(1), 2, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let row = template(1, 3);
    send(&mut client, &row.template).await;
    assert_eq!(
        client.ask(code::CHECKSUM_BUFFER, &[]).await.payload.len(),
        4
    );
    let size = u8::try_from(row.template.len()).unwrap();
    for (slot, finger, answer) in [
        (9, 3, code::ACK_ERROR),
        (1, 0, code::ACK_ERROR),
        (1, 3, code::ACK_OK),
    ] {
        let reply = client
            .ask(STORE_TEMPLATE, &[slot, 0, finger, 1, size, 0])
            .await;
        assert_eq!(reply.command, answer, "slot {slot}, finger {finger}");
    }
    assert!(terminal.templates().contains(&row));
    assert_eq!(
        client.ask(code::CLEAR_DATA, &[2]).await.command,
        code::ACK_OK
    );
    assert_eq!((terminal.templates(), terminal.users().len()), (vec![], 2));
}

#[tokio::test]
async fn pins_are_as_wide_as_the_terminal_says() {
    let config = TerminalConfig {
        pin_width: Some(5),
        pin_letters: PinLetters::Refused,
        fingerprint_version: "9".to_owned(),
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 1, 0).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    for (option, told) in [
        ("~PIN2Width", "5"),
        ("~IsABCPinEnable", "0"),
        ("~ZKFPVersion", "9"),
    ] {
        let reply = client.ask(code::OPTIONS_READ, option.as_bytes()).await;
        assert_eq!(reply.payload, format!("{option}={told}\0").into_bytes());
    }
    assert_eq!(client.ask(code::PIN_WIDTH, &[]).await.payload, [5]);
    for (pin, answer) in [
        ("99999", code::ACK_OK),
        ("123456", code::ACK_ERROR),
        ("A1", code::ACK_ERROR),
    ] {
        let row = user(7, pin).encode(UserFormat::B72).unwrap();
        assert_eq!(
            client.ask(code::USER_WRITE, &row).await.command,
            answer,
            "{pin}"
        );
    }
}

#[tokio::test]
async fn names_are_bytes_of_any_code_page() {
    let terminal = start_with(TerminalConfig::default(), 3, 0).await;
    let name = bytes("e3e5d1c7e420d2e3c7e4ed");
    assert!(terminal.set_raw_name("1002", &name));
    assert!(!terminal.set_raw_name("1002", &[b'x'; 25]));
    assert!(!terminal.set_raw_name("nobody", &name));
    assert_eq!(terminal.raw_name("1002"), Some(name.clone()));
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let table = client.prepare(code::USERS_READ, 5).await.payload;
    assert_eq!(table[4 + 72 + 11..][..name.len()], name);
}

#[tokio::test]
async fn names_are_written_in_the_terminals_code_page() {
    let config = TerminalConfig {
        code_page: "windows-1256".parse().unwrap(),
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 1, 0).await;
    let mut somebody = terminal.users().remove(0);
    for (pin, name, written, read) in [
        (
            "1",
            "\u{645}\u{62d}\u{645}\u{62f}",
            "e3cde3cf",
            "\u{645}\u{62d}\u{645}\u{62f}",
        ),
        ("2", "Ana \u{738b}", "416e61203f", "Ana ?"),
    ] {
        somebody.pin = pin.to_owned();
        somebody.name = name.to_owned();
        terminal.enrol(&somebody).unwrap();
        assert_eq!(terminal.raw_name(pin), Some(bytes(written)));
        assert_eq!(terminal.users().last().unwrap().name, read);
    }
}

#[tokio::test]
async fn a_terminal_may_say_done_and_store_nothing() {
    let terminal = start_with(with_fingers(1), 3, 10).await;
    let before = (
        terminal.users(),
        terminal.templates(),
        terminal.punches(),
        terminal.time(),
    );
    terminal.set_faults(Faults {
        writes: Writes::Lost,
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let row = user(7, "7").encode(UserFormat::B72).unwrap();
    let noon = zk_wire::WireTime::new(2026, 1, 1, 12, 0, 0)
        .unwrap()
        .to_u32();
    for (command, payload) in [
        (code::USER_WRITE, row.as_slice()),
        (code::DELETE_USER, &[1, 0]),
        (code::DELETE_TEMPLATE, &[1, 0, 0]),
        (code::CLEAR_ATTENDANCE, &[]),
        (code::CLEAR_DATA, &[]),
        (code::SET_TIME, &noon.to_le_bytes()),
    ] {
        assert_eq!(client.ask(command, payload).await.command, code::ACK_OK);
    }
    let bytes = upload(vec![user(8, "8")], vec![template(8, 0)]);
    assert_eq!(save(&mut client, &bytes).await, code::ACK_OK);
    let after = (
        terminal.users(),
        terminal.templates(),
        terminal.punches(),
        terminal.time(),
    );
    assert_eq!(after, before);
}
