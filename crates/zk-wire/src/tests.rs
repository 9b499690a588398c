//! Vectors of the fact sheet ("computed" ones and those of real terminals), laws over random input, and conversations
//! with bad networks.

mod captures;
mod code_pages;
mod counters;
mod enrolling;
mod events;
mod framing;
mod garbage;
mod keys;
mod layouts;
mod logs;
mod lossy;
mod mischief;
mod names;
mod operations;
mod punches;
mod quirks;
mod ranges;
mod real_packets;
mod real_rows;
mod tables;
mod teller;
mod templates;
mod times;
mod uploads;
mod users;
mod vectors;
mod world;

use crate::{Packet, WireTime};

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "odd number of digits in {hex}");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn packet(command: u16, session: u16, reply: u16, payload: &[u8]) -> Packet {
    Packet {
        command,
        session,
        reply,
        payload: payload.to_vec(),
    }
}

/// Reads a TCP frame that must be whole and alone.
fn unframed(hex: &str) -> Packet {
    let mut reader = crate::FrameReader::default();
    reader.push(&bytes(hex));
    let packet = reader.next_packet().unwrap().expect("a whole frame");
    assert!(!reader.is_mid_frame(), "bytes are left");
    packet
}

fn time(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> WireTime {
    WireTime::new(year, month, day, hour, minute, second).unwrap()
}
