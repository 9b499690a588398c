//! The shapes in which terminals hand out a log, and every way in which the network cuts and joins them.

use zk_client::{Session, Target};
use zk_wire::{RowLayout, Who};

use crate::peer::{
    self, ACK_OK, ATTENDANCE_READ, DATA, EVENT, FREE_DATA, PREPARE_BUFFER, PREPARE_DATA, Peer,
    READ_BUFFER, SESSION,
};

/// A 40-byte row of an F19 (zk-protocol, data-record.md): uid 13, id 999111333.
const ROW: &str =
    "0d00393939313131333333000000000000000000000000000000016bb368230000000000ff000000";

/// A log of `rows` rows with its length, each row with another uid.
pub(crate) fn log(rows: u16) -> Vec<u8> {
    let mut table = (u32::from(rows) * 40).to_le_bytes().to_vec();
    for uid in 1..=rows {
        let mut row = peer::bytes(ROW);
        row[..2].copy_from_slice(&uid.to_le_bytes());
        table.extend(row);
    }
    table
}

/// The uids of all rows, which are all the row above otherwise.
pub(crate) async fn read(session: &mut Session) -> Result<Vec<u16>, zk_client::Error> {
    let mut uids = Vec::new();
    let mut log = session.attendance(None).await?;
    while let Some(rows) = log.next_rows().await? {
        for row in rows.iter() {
            let row = row.read().unwrap();
            assert!(matches!(row.who, Who::Pin(pin) if pin.as_str() == "999111333"));
            assert_eq!(row.time.to_string(), "2018-06-25 17:50:35");
            uids.push(row.uid.unwrap());
        }
    }
    let summary = log.finish().await;
    assert_eq!(summary.rows, uids.len() as u64);
    assert_eq!(summary.layout, (!uids.is_empty()).then_some(RowLayout::R40));
    Ok(uids)
}

pub(crate) async fn read_from(target: &Target) -> Result<Vec<u16>, zk_client::Error> {
    let mut session = Session::connect(target).await?;
    let rows = read(&mut session).await;
    session.close().await;
    rows
}

pub(crate) fn all(rows: u16) -> Vec<u16> {
    (1..=rows).collect()
}

/// Announces the prepared table.
pub(crate) async fn announce(peer: &mut Peer, table: &[u8]) {
    peer.hear(PREPARE_BUFFER).await;
    let size = u32::try_from(table.len()).unwrap().to_le_bytes();
    let payload = [&[0][..], &size, &size, &[0; 4]].concat();
    peer.say(ACK_OK, SESSION, &payload).await;
}

/// The range that the next request asks for.
pub(crate) async fn asked(peer: &mut Peer) -> std::ops::Range<usize> {
    let payload = peer.hear(READ_BUFFER).await.payload;
    let number = |at: usize| u32::from_le_bytes(payload[at..at + 4].try_into().unwrap()) as usize;
    assert!(number(4) > 0, "nothing is asked for");
    number(0)..number(0) + number(4)
}

/// The frames that hand out a piece in packets of `packet` bytes.
pub(crate) fn piece(peer: &Peer, bytes: &[u8], packet: usize) -> Vec<Vec<u8>> {
    let words = [bytes.len(), packet]
        .map(|word| u32::try_from(word).unwrap().to_le_bytes())
        .concat();
    let mut frames = vec![peer.answer(PREPARE_DATA, SESSION, &words)];
    for (index, part) in bytes.chunks(packet).enumerate() {
        frames.push(peer.answer(DATA, u16::try_from(index).unwrap(), part));
    }
    frames.push(peer.answer(ACK_OK, SESSION, &[]));
    frames
}

async fn free(peer: &mut Peer) {
    peer.hear(FREE_DATA).await;
    peer.say(ACK_OK, SESSION, &[]).await;
    peer.part().await;
}

/// Hands out a prepared log, each piece through `send`.
async fn hand_out<F>(
    mut peer: Peer,
    rows: u16,
    packet: usize,
    send: impl Fn(Peer, Vec<Vec<u8>>) -> F,
) where
    F: Future<Output = Peer>,
{
    let table = log(rows);
    peer.greet().await;
    announce(&mut peer, &table).await;
    let mut end = 0;
    while end < table.len() {
        let range = asked(&mut peer).await;
        assert_eq!(range.start, end);
        end = range.end;
        let frames = piece(&peer, &table[range], packet);
        peer = send(peer, frames).await;
    }
    free(&mut peer).await;
}

async fn one_by_one(mut peer: Peer, frames: Vec<Vec<u8>>) -> Peer {
    for frame in frames {
        peer.say_frame(&frame).await;
    }
    peer
}

#[tokio::test]
async fn a_log_comes_inline() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        assert_eq!(
            peer.hear(PREPARE_BUFFER).await.payload,
            peer::bytes("010d000000000000000000")
        );
        peer.say(DATA, SESSION, &log(3)).await;
        free(&mut peer).await;
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(3));
    terminal.over().await;
}

#[tokio::test]
async fn an_empty_log_comes_in_every_form() {
    for (command, payload) in [
        (DATA, &[0, 0, 0, 0][..]),
        (ACK_OK, &[]),
        (ACK_OK, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (ACK_OK, &[0, 4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        let terminal = peer::tcp(move |mut peer| async move {
            peer.greet().await;
            peer.hear(PREPARE_BUFFER).await;
            peer.say(command, SESSION, payload).await;
            free(&mut peer).await;
        })
        .await;
        assert_eq!(read_from(&terminal.target()).await.unwrap(), all(0));
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_log_comes_in_pieces_of_large_and_of_small_packets() {
    for packet in [65_528, 1_008] {
        let terminal = peer::tcp(move |peer| hand_out(peer, 4_000, packet, one_by_one)).await;
        assert_eq!(read_from(&terminal.target()).await.unwrap(), all(4_000));
        terminal.over().await;
    }
}

#[tokio::test]
async fn a_piece_comes_as_one_packet_without_announcement() {
    let terminal = peer::tcp(|peer| {
        hand_out(peer, 4_000, 65_528, |mut peer, frames| async move {
            peer.say_frame(&frames[1]).await;
            peer
        })
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(4_000));
    terminal.over().await;
}

#[tokio::test]
async fn a_log_comes_directly_from_a_terminal_that_prepares_none() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(peer::ACK_ERROR, SESSION, &[]).await;
        peer.say_model("X628").await;
        peer.hear(ATTENDANCE_READ).await;
        for frame in piece(&peer, &log(100), 1_008) {
            peer.say_frame(&frame).await;
        }
        free(&mut peer).await;
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(100));
    terminal.over().await;
}

#[tokio::test]
async fn bytes_that_come_one_by_one_are_the_same_log() {
    let terminal = peer::tcp(|peer| {
        hand_out(peer, 60, 1_008, |mut peer, frames| async move {
            for byte in frames.concat() {
                peer.say_bytes(&[byte]).await;
            }
            peer
        })
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(60));
    terminal.over().await;
}

#[tokio::test]
async fn packets_that_come_all_at_once_are_the_same_log() {
    let terminal = peer::tcp(|peer| {
        hand_out(peer, 4_000, 1_008, |mut peer, frames| async move {
            peer.say_bytes(&frames.concat()).await;
            peer
        })
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(4_000));
    terminal.over().await;
}

#[tokio::test]
async fn replies_that_come_twice_are_the_same_log() {
    let terminal = peer::tcp(|peer| {
        hand_out(peer, 4_000, 1_008, |mut peer, frames| async move {
            for frame in frames {
                peer.say_frame(&frame).await;
                peer.say_frame(&frame).await;
            }
            peer
        })
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(4_000));
    terminal.over().await;
}

#[tokio::test]
async fn an_event_inside_a_log_is_acknowledged_and_does_no_harm() {
    let terminal = peer::tcp(|mut peer| async move {
        peer.greet().await;
        let table = log(100);
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        let mut frames = piece(&peer, &table[range], 1_008);
        // QF-001, kurenai-ryu/pyzk#8; its kind stands in the session field, its number is 0.
        let punch = peer::bytes("3131343030363400000000000000000000000000000000000f00120b1d0c3703");
        frames.insert(2, peer::frame(EVENT, 1, 0, &punch));
        peer.say_bytes(&frames.concat()).await;
        let acknowledged = peer.hear(ACK_OK).await;
        assert_eq!(
            (
                acknowledged.session,
                acknowledged.number,
                acknowledged.payload.len()
            ),
            (SESSION, 0, 0)
        );
        free(&mut peer).await;
    })
    .await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(100));
    terminal.over().await;
}

#[tokio::test]
async fn rows_come_out_before_the_rest_is_there() {
    let (seen, wait) = tokio::sync::oneshot::channel();
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(4_000);
        peer.greet().await;
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        for frame in piece(&peer, &table[range], 65_528) {
            peer.say_frame(&frame).await;
        }
        let range = asked(&mut peer).await;
        // Only once the client has rows does the terminal go on.
        wait.await.unwrap();
        for frame in piece(&peer, &table[range], 65_528) {
            peer.say_frame(&frame).await;
        }
        let range = asked(&mut peer).await;
        for frame in piece(&peer, &table[range], 65_528) {
            peer.say_frame(&frame).await;
        }
        free(&mut peer).await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut log = session.attendance(None).await.unwrap();
    let first = log.next_rows().await.unwrap().unwrap();
    assert!(first.len() > 1_000);
    seen.send(()).unwrap();
    let mut rows = first.len();
    while let Some(more) = log.next_rows().await.unwrap() {
        rows += more.len();
    }
    assert_eq!(rows, 4_000);
    log.finish().await;
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_log_that_is_left_halfway_is_freed_before_the_next_one() {
    let terminal = peer::tcp(|mut peer| async move {
        let table = log(4_000);
        peer.greet().await;
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        for frame in piece(&peer, &table[range], 65_528) {
            peer.say_frame(&frame).await;
        }
        let range = asked(&mut peer).await;
        // The answer comes when nobody wants it any more.
        let late = piece(&peer, &table[range], 65_528);
        peer.hear(FREE_DATA).await;
        for frame in late {
            peer.say_frame(&frame).await;
        }
        peer.say(ACK_OK, SESSION, &[]).await;
        peer.hear(PREPARE_BUFFER).await;
        peer.say(DATA, SESSION, &log(5)).await;
        free(&mut peer).await;
    })
    .await;
    let mut session = Session::connect(&terminal.target()).await.unwrap();
    let mut log = session.attendance(None).await.unwrap();
    log.next_rows().await.unwrap().unwrap();
    drop(log);
    assert_eq!(read(&mut session).await.unwrap(), all(5));
    session.close().await;
    terminal.over().await;
}
