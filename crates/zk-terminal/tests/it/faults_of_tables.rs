//! Tables that are shorter than they say, or longer.

use rstest::rstest;
use zk_terminal::{AnswerShape, BulkShape, Faults, Lie, TerminalConfig};
use zk_wire::code;

use crate::raw::{Over, Raw, announced, data, start_with};

/// 1,000 punches of 40 bytes, and their length.
const WHOLE: usize = 40_004;

#[rstest]
#[case(Over::Tcp)]
#[case(Over::Udp)]
#[tokio::test]
async fn the_end_of_a_table_is_missing(#[case] over: Over) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    let mut client = Raw::open(&terminal, over).await;
    terminal.set_faults(Faults {
        truncate: Some(1_000),
        ..Faults::default()
    });
    let size = announced(&client.prepare_attendance().await);
    assert_eq!(size, WHOLE);
    let first = client.piece(0, 10_000).await;
    assert_eq!(data(&client.rest(first).await).len(), 10_000);
    let first = client.piece(30_004, 10_000).await;
    assert_eq!(first.payload[..4], 10_000_u32.to_le_bytes());
    assert_eq!(data(&client.rest(first).await).len(), 9_000);
    let first = client.piece(39_904, 100).await;
    assert_eq!(client.rest(first).await.len(), 2);
}

#[tokio::test]
async fn the_end_of_a_table_is_missing_where_it_comes_at_once() {
    let inline = AnswerShape {
        inline_limit: WHOLE,
        ..AnswerShape::default()
    };
    let direct = AnswerShape {
        bulk: BulkShape::Direct,
        ..AnswerShape::default()
    };
    for answers in [inline, direct] {
        let config = TerminalConfig {
            answers,
            ..TerminalConfig::default()
        };
        let terminal = start_with(config, 5, 1_000).await;
        terminal.set_faults(Faults {
            truncate: Some(1_000),
            ..Faults::default()
        });
        let mut client = Raw::open(&terminal, Over::Tcp).await;
        let first = client.prepare_attendance().await;
        let table = if first.command == code::DATA {
            first.payload
        } else {
            data(&client.rest(first).await)
        };
        assert_eq!(table.len(), WHOLE - 1_000);
        assert_eq!(table[..4], 40_000_u32.to_le_bytes());
    }
}

#[rstest]
#[case(Lie::Off(-400), WHOLE - 400)]
#[case(Lie::Off(400), WHOLE + 400)]
#[case(Lie::Says(u32::MAX), u32::MAX as usize)]
#[tokio::test]
async fn the_announced_size_is_a_lie(#[case] lie: Lie, #[case] told: usize) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        announced_size: lie,
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    assert_eq!(announced(&client.prepare_attendance().await), told);
    // Who believes it gets what there is.
    let first = client.piece(0, told.min(WHOLE + 200)).await;
    assert_eq!(data(&client.rest(first).await).len(), told.min(WHOLE));
}

#[rstest]
#[case(Lie::Says(u32::MAX), u32::MAX)]
#[case(Lie::Off(-1), 999)]
#[tokio::test]
async fn the_size_of_what_follows_is_a_lie(#[case] lie: Lie, #[case] told: u32) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        prepared_size: lie,
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    announced(&client.prepare_attendance().await);
    let first = client.piece(0, 1_000).await;
    assert_eq!(first.payload[..4], told.to_le_bytes());
    assert_eq!(data(&client.rest(first).await).len(), 1_000);
}

#[rstest]
#[case(Lie::Says(u32::MAX), u32::MAX)]
#[case(Lie::Says(0), 0)]
#[case(Lie::Off(40), 40_040)]
#[tokio::test]
async fn the_bytes_of_all_rows_are_a_lie(#[case] lie: Lie, #[case] told: u32) {
    let terminal = start_with(TerminalConfig::default(), 5, 1_000).await;
    terminal.set_faults(Faults {
        declared_bytes: lie,
        ..Faults::default()
    });
    let mut client = Raw::open(&terminal, Over::Tcp).await;
    let size = announced(&client.prepare_attendance().await);
    let table = client.buffered(size, 7_000).await;
    assert_eq!(table[..4], told.to_le_bytes());
    terminal.set_faults(Faults::default());
    announced(&client.prepare_attendance().await);
    let right = client.buffered(size, 7_000).await;
    assert_eq!((&right[4..], right.len()), (&table[4..], WHOLE));
}
