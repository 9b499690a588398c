//! Datagrams get lost, doubled, swapped and damaged; the table is the same.

use std::time::Duration;

use zk_client::{Session, Target, Timeouts};

use crate::{
    peer::{self, ACK_OK, CONNECT, FREE_DATA, GET_TIME, PREPARE_BUFFER, Peer, Playing, SESSION},
    tables::{all, announce, asked, log, piece, read_from},
};

/// A reply that is missing is noticed soon.
fn hasty(terminal: &Playing) -> Target {
    let timeouts = Timeouts {
        reply: Duration::from_secs(8),
        prepare: Duration::from_secs(8),
        ..Timeouts::default()
    };
    Target {
        timeouts,
        ..terminal.target()
    }
}

/// Hands out a log of 100 rows; `spoil` does to the datagrams of each piece what a network does.
async fn hand_out(mut peer: Peer, mut spoil: impl FnMut(Vec<Vec<u8>>) -> Vec<Vec<u8>>) {
    let table = log(100);
    peer.greet().await;
    announce(&mut peer, &table).await;
    loop {
        let heard = peer.hear_any().await.unwrap();
        if heard.command == FREE_DATA {
            break;
        }
        let word =
            |at: usize| u32::from_le_bytes(heard.payload[at..at + 4].try_into().unwrap()) as usize;
        let frames = piece(&peer, &table[word(0)..word(0) + word(4)], 1_024);
        for frame in spoil(frames) {
            peer.say_frame(&frame).await;
        }
    }
    peer.say(ACK_OK, SESSION, &[]).await;
    peer.part().await;
}

#[tokio::test]
async fn a_log_comes_over_udp() {
    let terminal = peer::udp(|peer| hand_out(peer, |frames| frames)).await;
    assert_eq!(read_from(&terminal.target()).await.unwrap(), all(100));
    terminal.over().await;
}

#[tokio::test]
async fn a_datagram_that_gets_lost_is_asked_for_again() {
    for lost in 0..6 {
        let mut first = true;
        let terminal = peer::udp(|peer| {
            hand_out(peer, move |mut frames| {
                if std::mem::replace(&mut first, false) {
                    frames.remove(lost);
                }
                frames
            })
        })
        .await;
        assert_eq!(
            read_from(&hasty(&terminal)).await.unwrap(),
            all(100),
            "without datagram {lost}"
        );
        terminal.over().await;
    }
}

#[tokio::test]
async fn datagrams_that_come_twice_or_in_another_order_are_the_same_log() {
    let terminal = peer::udp(|peer| {
        hand_out(peer, |frames| {
            frames
                .into_iter()
                .flat_map(|frame| [frame.clone(), frame])
                .collect()
        })
    })
    .await;
    assert_eq!(read_from(&hasty(&terminal)).await.unwrap(), all(100));
    terminal.over().await;

    let terminal = peer::udp(|peer| {
        hand_out(peer, |mut frames| {
            for pair in frames.chunks_mut(2) {
                pair.reverse();
            }
            frames
        })
    })
    .await;
    assert_eq!(read_from(&hasty(&terminal)).await.unwrap(), all(100));
    terminal.over().await;
}

#[tokio::test]
async fn datagrams_that_are_damaged_or_nonsense_are_passed_over() {
    let terminal = peer::udp(|peer| {
        hand_out(peer, |frames| {
            let mut damaged = frames[1].clone();
            damaged[40] ^= 0x10;
            let mut spoilt = vec![damaged, vec![0; 8 + 3]];
            spoilt.extend(frames);
            spoilt
        })
    })
    .await;
    assert_eq!(read_from(&hasty(&terminal)).await.unwrap(), all(100));
    terminal.over().await;
}

#[tokio::test]
async fn an_unanswered_question_is_sent_again_under_its_number() {
    let terminal = peer::udp(|mut peer| async move {
        let connect = peer.hear(CONNECT).await;
        assert_eq!(peer.hear(CONNECT).await, connect);
        peer.say(ACK_OK, SESSION, &[]).await;
        let question = peer.hear(GET_TIME).await;
        assert_eq!(peer.hear(GET_TIME).await, question);
        peer.say(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]).await;
        // Both questions arrived after all.
        peer.say(ACK_OK, SESSION, &[0x88, 0x55, 0x85, 0x33]).await;
        let question = peer.hear(PREPARE_BUFFER).await;
        assert_eq!(peer.hear(PREPARE_BUFFER).await, question);
        peer.say(peer::DATA, SESSION, &log(2)).await;
        peer.hear(FREE_DATA).await;
        peer.say(ACK_OK, SESSION, &[]).await;
        peer.part().await;
    })
    .await;
    let mut target = hasty(&terminal);
    target.timeouts.connect = Duration::from_secs(8);
    let mut session = Session::connect(&target).await.unwrap();
    session.clock().await.unwrap().unwrap();
    assert_eq!(crate::tables::read(&mut session).await.unwrap(), all(2));
    session.close().await;
    terminal.over().await;
}

#[tokio::test]
async fn a_log_that_goes_on_losing_its_datagrams_is_given_up() {
    let terminal = peer::udp(|mut peer| async move {
        let table = log(100);
        peer.greet().await;
        announce(&mut peer, &table).await;
        let range = asked(&mut peer).await;
        peer.say_frame(&piece(&peer, &table[range], 1_024)[1]).await;
        // From now on nothing arrives.
        while let Some(heard) = peer.hear_any().await {
            if heard.command == peer::EXIT {
                break;
            }
        }
    })
    .await;
    let mut target = hasty(&terminal);
    target.timeouts.reply = Duration::from_millis(700);
    let error = read_from(&target).await.unwrap_err();
    assert!(error.to_string().contains("bytes are missing"), "{error}");
    terminal.over().await;
}
