//! Tables in each of the shapes that firmware knows.

use rstest::rstest;
use zk_terminal::{AnswerShape, BulkShape, ChunkShape, EmptyShape, Handle, TerminalConfig};
use zk_wire::{PinText, RowLayout, Who, code, code::table};

use crate::raw::{Over, Raw, announced, data, known_punch, start_with};

fn answering(answers: AnswerShape) -> TerminalConfig {
    TerminalConfig {
        answers,
        ..TerminalConfig::default()
    }
}

/// The rows of `table`, whose length they must fill, are the terminal's punches.
fn assert_holds_all(table: &[u8], terminal: &Handle, layout: RowLayout) {
    let (length, rows) = table.split_at(4);
    assert_eq!(length, u32::try_from(rows.len()).unwrap().to_le_bytes());
    let punches = terminal.punches();
    assert_eq!(rows.len(), punches.len() * layout.size());
    for (row, punch) in rows.chunks(layout.size()).zip(&punches) {
        let row = layout.decode(row).unwrap();
        assert_eq!(
            row.time.to_string(),
            punch.time.strftime("%Y-%m-%d %H:%M:%S").to_string()
        );
        match row.who {
            Who::Pin(pin) => assert_eq!(pin, PinText::new(punch.pin.as_bytes()).unwrap()),
            Who::Slot(slot) => assert_eq!(slot, punch.uid),
        }
        assert_eq!(row.state, punch.state);
    }
}

#[rstest]
#[tokio::test]
async fn a_prepared_table_is_read_in_pieces(
    #[values(Over::Tcp, Over::Udp)] over: Over,
    #[values(
        RowLayout::A8,
        RowLayout::B8,
        RowLayout::R16,
        RowLayout::R40,
        RowLayout::R49,
        RowLayout::Long(52)
    )]
    record_format: RowLayout,
    #[values(ChunkShape::Prepared, ChunkShape::Single)] chunk: ChunkShape,
) {
    let config = TerminalConfig {
        record_format,
        ..answering(AnswerShape {
            chunk,
            ..AnswerShape::default()
        })
    };
    let terminal = start_with(config, 20, 999).await;
    let mut client = Raw::open(&terminal, over).await;
    let size = announced(&client.prepare_attendance().await);
    assert_eq!(size, 4 + 999 * record_format.size());
    let table = client.buffered(size, 4_000).await;
    assert_holds_all(&table, &terminal, record_format);
    assert_eq!(terminal.activity().record_reads, 1);
    assert_eq!(terminal.activity().table_bytes, size as u64);
}

#[rstest]
#[case::tcp(Over::Tcp, 65_528)]
#[case::udp(Over::Udp, 1_024)]
#[tokio::test]
async fn packets_of_a_piece_count_themselves(#[case] over: Over, #[case] packet: usize) {
    let terminal = start_with(TerminalConfig::default(), 20, 10_000).await;
    let mut client = Raw::open(&terminal, over).await;
    announced(&client.prepare_attendance().await);
    let first = client.piece(0, 131_072).await;
    let packets = client.rest(first).await;
    let [prepare, middle @ .., end] = packets.as_slice() else {
        panic!("no packets")
    };
    assert_eq!(prepare.command, code::PREPARE_DATA);
    assert_eq!(prepare.session, client.session);
    assert_eq!(prepare.payload[..4], 131_072_u32.to_le_bytes());
    for (index, data) in middle.iter().enumerate() {
        assert_eq!(
            (data.command, usize::from(data.session)),
            (code::DATA, index)
        );
        assert!(data.payload.len() <= packet);
    }
    assert_eq!(middle.len(), 131_072_usize.div_ceil(packet));
    assert_eq!(usize::from(end.session), middle.len() - 1);
    assert!(packets.iter().all(|packet| packet.reply == client.number));
}

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn the_older_commands_hand_out_whole_tables(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 30, 500).await;
    let mut client = Raw::open(&terminal, over).await;
    for (command, payload) in [
        (code::ATTENDANCE_READ, vec![]),
        (code::TABLE_READ, vec![table::ATTENDANCE]),
    ] {
        let first = client.ask(command, &payload).await;
        assert_eq!(first.command, code::PREPARE_DATA);
        let packets = client.rest(first).await;
        assert_holds_all(&data(&packets), &terminal, RowLayout::R40);
    }
    let first = client.ask(code::USERS_READ, &[table::USERS]).await;
    let users = data(&client.rest(first).await);
    assert_eq!(users.len(), 4 + 30 * 72);
    // A finger's template is something else, and there is none.
    assert_eq!(
        client.ask(code::USERS_READ, &[1, 0, 6]).await.command,
        code::ACK_ERROR
    );
}

#[tokio::test]
async fn packets_of_one_answer_arrive_together() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    announced(&client.prepare_attendance().await);
    let range = [0_u32.to_le_bytes(), 1_000_u32.to_le_bytes()].concat();
    client.tell(code::READ_BUFFER, &range).await;
    // PREPARE_DATA, DATA and ACK_OK.
    assert_eq!(client.at_once().await.len(), 24 + 1_016 + 16);
}

#[tokio::test]
async fn a_terminal_may_answer_directly_what_it_was_asked_to_prepare() {
    let terminal = start_with(
        answering(AnswerShape {
            bulk: BulkShape::Direct,
            tcp_packet: 1_008,
            ..AnswerShape::default()
        }),
        5,
        100,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let first = client.prepare_attendance().await;
    assert_eq!(first.command, code::PREPARE_DATA);
    let packets = client.rest(first).await;
    assert!(packets.iter().all(|packet| packet.payload.len() <= 1_008));
    assert_holds_all(&data(&packets), &terminal, RowLayout::R40);
}

#[tokio::test]
async fn a_terminal_may_refuse_to_prepare_but_hand_out_directly() {
    let terminal = start_with(
        answering(AnswerShape {
            bulk: BulkShape::Refused(4_989),
            ..AnswerShape::default()
        }),
        5,
        100,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(client.prepare_attendance().await.command, 4_989);
    let first = client.ask(code::ATTENDANCE_READ, &[]).await;
    let packets = client.rest(first).await;
    assert_holds_all(&data(&packets), &terminal, RowLayout::R40);
}

#[rstest]
#[case::up_to_the_limit(25, true)]
#[case::above_it(26, false)]
#[tokio::test]
async fn short_tables_come_at_once(#[case] punches: usize, #[case] at_once: bool) {
    let terminal = start_with(
        answering(AnswerShape {
            inline_limit: 4 + 25 * 40,
            ..AnswerShape::default()
        }),
        5,
        punches,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let reply = client.prepare_attendance().await;
    assert_eq!(reply.command == code::DATA, at_once);
}

#[rstest]
#[case(EmptyShape::Inline, code::DATA, 4)]
#[case(EmptyShape::AckOfFour, code::ACK_OK, 13)]
#[case(EmptyShape::AckOfZero, code::ACK_OK, 13)]
#[case(EmptyShape::BareAck, code::ACK_OK, 0)]
#[tokio::test]
async fn an_empty_table_is_told_in_the_terminals_way(
    #[case] empty: EmptyShape,
    #[case] command: u16,
    #[case] bytes: usize,
) {
    let terminal = start_with(
        answering(AnswerShape {
            empty,
            ..AnswerShape::default()
        }),
        0,
        0,
    )
    .await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let reply = client.prepare_attendance().await;
    assert_eq!((reply.command, reply.payload.len()), (command, bytes));
    if empty == EmptyShape::AckOfFour {
        assert_eq!(client.buffered(4, 4).await, [0; 4]);
    }
}

#[tokio::test]
async fn a_prepared_table_is_a_snapshot() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&client.prepare_attendance().await);
    terminal.punch(known_punch());
    assert_eq!(client.buffered(size, 1_000).await.len(), 4 + 100 * 40);
    assert_eq!(announced(&client.prepare_attendance().await), 4 + 101 * 40);
}

#[tokio::test]
async fn what_is_not_prepared_cannot_be_read() {
    let terminal = start_with(TerminalConfig::default(), 5, 100).await;
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(client.piece(0, 100).await.command, code::ACK_ERROR);
    let size = announced(&client.prepare_attendance().await);
    for (start, length) in [
        (size, 1),
        (0, size + 1),
        (4_294_967_295, 4_294_967_295),
        (0, 0),
    ] {
        assert_eq!(client.piece(start, length).await.command, code::ACK_ERROR);
    }
    assert_eq!(client.piece(size - 1, 1).await.command, code::PREPARE_DATA);
    client.packet().await;
    client.packet().await;
    assert_eq!(client.ask(code::FREE_DATA, &[]).await.command, code::ACK_OK);
    assert_eq!(client.piece(0, 100).await.command, code::ACK_ERROR);
    assert_eq!(client.prepare(9_999, 0).await.command, code::ACK_ERROR);
}

#[tokio::test]
async fn in_a_full_log_the_oldest_gives_way() {
    let config = TerminalConfig {
        record_capacity: 100,
        ..TerminalConfig::default()
    };
    let terminal = start_with(config, 5, 100).await;
    let before = terminal.punches();
    for _ in 0..150 {
        terminal.punch(known_punch());
    }
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&client.prepare_attendance().await);
    let table = client.buffered(size, 65_472).await;
    assert_holds_all(&table, &terminal, RowLayout::R40);
    assert_eq!(terminal.punches().len(), 100);
    assert_ne!(terminal.punches()[0], before[0]);
}

#[tokio::test]
async fn a_time_that_cannot_be_written_is_a_row_with_an_impossible_date() {
    let terminal = start_with(TerminalConfig::default(), 5, 0).await;
    let mut punch = known_punch();
    punch.time = jiff::civil::date(1999, 12, 31).at(23, 59, 59, 0);
    terminal.punch(punch);
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let table = client.prepare_attendance().await.payload;
    let row = RowLayout::R40.decode(&table[4..]);
    assert_eq!(row, Err(zk_wire::Unreadable::Time(u32::MAX)));
}
