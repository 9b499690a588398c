//! Whatever comes, nothing panics and nothing grows without end.

use proptest::{collection::vec, prelude::*, sample::select};

use super::packet;
use crate::{
    AttendanceEvent, BufferRequest, FrameReader, FreeSizes, Link, LogSplitter, Packet, Progress,
    RowLayout, Table, TableRead, UserFormat, UserRow, UserTable, checksum, code, option_value,
    text,
};

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..600)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_bytes_are_read_or_refused(noise in any_bytes(), records in any::<Option<u32>>(), total in 0..4_000_usize) {
        checksum(&noise);
        if let Ok(packet) = Packet::decode(&noise) {
            prop_assert_eq!(packet.to_datagram(), noise.clone());
        }
        let _ = AttendanceEvent::decode(&noise);
        let _ = BufferRequest::decode(&noise);
        let _ = option_value(&noise);
        let _ = text::decode(&noise, text::GBK);
        let _ = FreeSizes::new(noise.clone()).records();
        for layout in [RowLayout::A8, RowLayout::B8, RowLayout::R16, RowLayout::R40, RowLayout::R49, RowLayout::Long(90)] {
            let _ = layout.decode(&noise);
        }
        for format in [UserFormat::B28, UserFormat::B72] {
            let _ = UserRow::decode(format, &noise);
        }
        if let Ok(table) = UserTable::decode(&noise, records) {
            let size = table.format.map_or(1, |format| usize::from(format.size()));
            prop_assert_eq!((table.rows.len() + table.unreadable.len()) * size, noise.len());
        }
        let mut splitter = LogSplitter::new(total, records);
        if let Some(rows) = splitter.push(&noise) {
            prop_assert!(rows.iter().map(|row| row.raw().len()).sum::<usize>() <= noise.len().min(total));
            for row in rows.iter() {
                let _ = row.read();
            }
        }
    }

    #[test]
    fn a_random_stream_ends_in_an_error_or_waits(noise in any_bytes(), magic: bool) {
        let mut reader = FrameReader::default();
        if magic {
            reader.push(&[0x50, 0x50, 0x82, 0x7d]);
        }
        reader.push(&noise);
        for _ in 0..=noise.len() {
            match reader.next_packet() {
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return Ok(()),
            }
        }
        prop_assert!(false, "more packets than bytes");
    }

    #[test]
    fn a_terminal_that_answers_at_random_gets_no_table_of_more_than_it_sent(
        answers in vec(
            (
                select(vec![
                    code::DATA, code::DATA, code::ACK_OK, code::PREPARE_DATA, code::REG_EVENT, code::ACK_ERROR, 4_989,
                ]),
                0..4_u16,
                vec(select(vec![0_u8, 0, 0, 1, 4, 8, 20, 255]), 0..40),
            ),
            1..60,
        ),
        silences: u64,
        link in select(vec![Link::Stream, Link::Datagram]),
    ) {
        let mut read = TableRead::new(Table::Attendance, link);
        let (mut sent, mut came) = (0, 0);
        for (nth, (command, session, payload)) in answers.into_iter().enumerate() {
            sent += payload.len();
            let silent = silences >> (nth % 64) & 1 == 1;
            let progress = if silent { read.silence() } else { read.take(packet(command, session, 0, &payload)) };
            came += read.take_bytes().len();
            prop_assert!(came <= sent);
            match progress {
                Ok(Progress::Done) => {
                    prop_assert_eq!(read.declared(), Some(came));
                    break;
                }
                Ok(Progress::Ask) => prop_assert!(!read.request().payload.is_empty() || !read.is_preparing() || read.request().command == code::ATTENDANCE_READ),
                Ok(Progress::Wait | Progress::WaitBriefly) => {}
                Err(_) => break,
            }
        }
    }
}
