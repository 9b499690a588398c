//! How an answer goes out: pauses, faults, and the bytes of a table that were sent so far.

use std::{mem, time::Duration};

use zk_wire::{Link, Packet, code};

use crate::{
    faults::{EventInside, Faults, Order, Repeat},
    live::Event,
    reply::{Answer, AnswerKind, Part, Reply},
    shared::{Shared, State},
};

/// One thing to do on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Packet(Reply),
    /// The head of a packet and so many bytes of its payload; TCP only.
    Beginning(Reply, usize),
    /// The bytes of its payload that are left; TCP only.
    Rest(Reply, usize),
    Wait(Duration),
    /// The connection ends here; over UDP, this answer.
    Cut,
}

impl Step {
    /// Packets and bytes that it puts on the wire; the rest of a packet belongs to its beginning.
    pub(crate) fn size(&self, link: Link) -> (u64, usize) {
        let head = prefix(link) + Packet::HEADER;
        match self {
            Self::Packet(reply) => (1, head + reply.payload.len()),
            Self::Beginning(_, bytes) => (1, head + bytes),
            Self::Rest(reply, before) => (0, reply.payload.len() - before),
            Self::Wait(_) | Self::Cut => (0, 0),
        }
    }
}

/// Bytes before each packet.
pub(crate) fn prefix(link: Link) -> usize {
    match link {
        Link::Stream => Reply::PREFIX,
        Link::Datagram => 0,
    }
}

/// How far the table that is being read has got.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    sent: u64,
    told_event: bool,
}

/// A packet on its way, and whether its bytes count: those of a repetition do not.
struct Outgoing {
    reply: Reply,
    repetition: bool,
}

pub(crate) fn plan(
    shared: &Shared,
    link: Link,
    progress: &mut Progress,
    answer: Answer,
) -> Vec<Step> {
    let mut state = shared.state();
    let faults = state.faults;
    let mut steps = Vec::with_capacity(answer.packets.len() * 2);
    let is_table = match answer.kind {
        AnswerKind::Plain => false,
        AnswerKind::Announcement | AnswerKind::Table(Part::Whole) => {
            *progress = Progress::default();
            if !faults.prepare_delay.is_zero() {
                steps.push(Step::Wait(faults.prepare_delay));
            }
            matches!(answer.kind, AnswerKind::Table(_))
        }
        AnswerKind::Table(Part::Piece) => true,
    };
    let mut packets = answer.packets;
    if is_table
        && faults.event_inside_table == EventInside::AfterFirstPacket
        && !mem::replace(&mut progress.told_event, true)
    {
        let event = Reply::event(Event::of_nobody(shared.config.record_format));
        packets.insert(packets.len().min(1), event);
    }
    let packets = disturb(packets, link, &faults, &mut state);
    let pause = Some(shared.config.packet_pause).filter(|pause| is_table && !pause.is_zero());
    for Outgoing { reply, repetition } in packets {
        steps.extend(pause.map(Step::Wait));
        if is_table && !repetition && reply.command == code::DATA {
            if !send_data(reply, link, progress, &mut state, &mut steps) {
                break;
            }
        } else {
            steps.push(Step::Packet(reply));
        }
    }
    steps
}

/// Swaps, doubles and loses packets.
fn disturb(
    mut packets: Vec<Reply>,
    link: Link,
    faults: &Faults,
    state: &mut State,
) -> Vec<Outgoing> {
    if link == Link::Datagram && faults.udp_order == Order::Swapped {
        for pair in packets.chunks_exact_mut(2) {
            pair.reverse();
        }
    }
    let loss = match link {
        Link::Stream => 0,
        Link::Datagram => u64::from(faults.udp_loss_percent),
    };
    let mut outgoing = Vec::with_capacity(packets.len());
    for reply in packets {
        if faults.replies == Repeat::Twice {
            let reply = reply.clone();
            outgoing.push(Outgoing {
                reply,
                repetition: false,
            });
        }
        outgoing.push(Outgoing {
            reply,
            repetition: faults.replies == Repeat::Twice,
        });
    }
    outgoing.retain(|_| loss == 0 || state.losses.below(100) >= loss);
    outgoing
}

/// Plans one packet of a table; `false` where the table is cut off.
fn send_data(
    reply: Reply,
    link: Link,
    progress: &mut Progress,
    state: &mut State,
    steps: &mut Vec<Step>,
) -> bool {
    let bytes = reply.payload.len();
    let (before, after) = (progress.sent, progress.sent + bytes as u64);
    // Where in this packet a fault strikes that strikes after so many bytes of the table.
    let within = |limit: u64| {
        (before..after)
            .contains(&limit)
            .then(|| usize::try_from(limit - before).unwrap_or(bytes))
    };
    if let Some(at) = state.faults.cut_after.and_then(within) {
        state.faults.cut_after = None;
        state.activity.table_bytes += at as u64;
        if link == Link::Stream {
            steps.push(Step::Beginning(reply, at));
        }
        steps.push(Step::Cut);
        return false;
    }
    progress.sent = after;
    state.activity.table_bytes += bytes as u64;
    let stall = state.faults.stall;
    match stall.and_then(|stall| Some((within(stall.after)?, stall.lasting))) {
        Some((at, lasting)) => {
            state.faults.stall = None;
            match link {
                Link::Stream => {
                    steps.push(Step::Beginning(reply.clone(), at));
                    steps.push(Step::Wait(lasting));
                    steps.push(Step::Rest(reply, at));
                }
                Link::Datagram => {
                    steps.push(Step::Wait(lasting));
                    steps.push(Step::Packet(reply));
                }
            }
        }
        None => steps.push(Step::Packet(reply)),
    }
    true
}
