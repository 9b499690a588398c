//! Section 1 of the fact sheet: a stream is cut anywhere.

use proptest::{collection::vec, prelude::*};
use rstest::rstest;

use super::{bytes, packet};
use crate::{FrameReader, Packet, WireError, code};

fn any_packet() -> impl Strategy<Value = Packet> {
    (
        any::<u16>(),
        any::<u16>(),
        any::<u16>(),
        vec(any::<u8>(), 0..300),
    )
        .prop_map(|(command, session, reply, payload)| Packet {
            command,
            session,
            reply,
            payload,
        })
}

fn read_all(reader: &mut FrameReader, into: &mut Vec<Packet>) {
    while let Some(packet) = reader.next_packet().unwrap() {
        into.push(packet);
    }
}

proptest! {
    #[test]
    fn any_split_of_a_stream_gives_the_same_packets(
        packets in vec(any_packet(), 1..8),
        cuts in vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let stream: Vec<u8> = packets.iter().flat_map(Packet::to_frame).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let (mut reader, mut found) = (FrameReader::default(), Vec::new());
        for cut in cuts.windows(2) {
            reader.push(&stream[cut[0]..cut[1]]);
            read_all(&mut reader, &mut found);
        }
        prop_assert_eq!(found, packets);
        prop_assert!(!reader.is_mid_frame());
    }

    #[test]
    fn a_packet_survives_its_datagram(packet in any_packet()) {
        prop_assert_eq!(Packet::decode(&packet.to_datagram()), Ok(packet));
    }

    #[test]
    fn one_wrong_bit_is_seen(packet in any_packet(), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut datagram = packet.to_datagram();
        let at = at.index(datagram.len());
        datagram[at] ^= 1 << bit;
        prop_assert!(
            matches!(Packet::decode(&datagram), Err(WireError::Checksum { .. })),
            "bit {bit} of byte {at} was not missed"
        );
    }

    #[test]
    fn the_checksum_is_the_definition(packet in vec(any::<u8>(), 0..200)) {
        // Section 2, word by word.
        let mut zeroed = packet.clone();
        zeroed.iter_mut().skip(2).take(2).for_each(|byte| *byte = 0);
        let mut sum: u32 = zeroed.chunks(2).map(|word| u32::from(word[0]) + 256 * u32::from(*word.get(1).unwrap_or(&0))).sum();
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        let expected = if packet.len() < 4 { None } else { Some(!u16::try_from(sum).unwrap()) };
        let found = crate::checksum(&packet);
        prop_assert!(expected.is_none_or(|expected| expected == found));
    }
}

#[test]
fn a_stream_of_single_bytes_gives_its_packets() {
    let packets = [
        packet(code::ACK_OK, 1, 2, b"abc"),
        packet(code::DATA, 0, 3, &[7; 2000]),
    ];
    let (mut reader, mut found) = (FrameReader::default(), Vec::new());
    for byte in packets.iter().flat_map(Packet::to_frame) {
        reader.push(&[byte]);
        read_all(&mut reader, &mut found);
    }
    assert_eq!(found, packets);
}

#[rstest]
#[case::panel("aa010000", "C3")]
#[case::desktop("55aa0100", "55 aa")]
#[case::web_server("485454502f312e31", "HTTP")]
#[case::shell("5353482d322e30", "SSH")]
#[case::something("00010203", "none that is known")]
fn another_protocol_is_named(#[case] first: &str, #[case] name: &str) {
    let mut reader = FrameReader::default();
    reader.push(&bytes(first));
    let Err(WireError::OtherProtocol {
        looks_like,
        first_bytes,
    }) = reader.next_packet()
    else {
        panic!("{first} passed as a frame")
    };
    assert!(looks_like.contains(name), "{looks_like}");
    assert_eq!(first_bytes, first);
}

#[test]
fn garbage_behind_a_packet_is_no_other_protocol() {
    let mut reader = FrameReader::default();
    reader.push(&packet(code::ACK_OK, 1, 2, b"").to_frame());
    reader.push(&[1, 2, 3]);
    assert!(matches!(reader.next_packet(), Ok(Some(_))));
    assert_eq!(
        reader.next_packet(),
        Err(WireError::OutOfStep {
            first_bytes: "010203".to_owned()
        })
    );
}

#[test]
fn a_frame_that_claims_4_gib_is_refused_before_it_comes() {
    let mut reader = FrameReader::default();
    reader.push(&bytes("5050827dffffffff"));
    assert_eq!(
        reader.next_packet(),
        Err(WireError::FrameTooLong {
            length: u32::MAX,
            max: FrameReader::MAX_PACKET
        })
    );
}

#[test]
fn a_frame_shorter_than_a_header_is_refused() {
    let mut reader = FrameReader::default();
    reader.push(&bytes("5050827d04000000d0070000"));
    assert_eq!(reader.next_packet(), Err(WireError::TooShort { length: 4 }));
}

#[test]
fn a_frame_with_a_wrong_checksum_is_refused() {
    let mut reader = FrameReader::default();
    reader.push(&bytes("5050827d08000000d007fefc2ffb0000"));
    assert!(matches!(
        reader.next_packet(),
        Err(WireError::Checksum { .. })
    ));
}
