//! How an answer goes out: pauses, faults, and the bytes of a table that were sent so far.

use std::{mem, time::Duration};

use zk_wire::{Link, code};

use crate::{
    faults::{EventInside, Faults, Order, Repeat, Scope},
    frame::{Bend, Frame},
    live::Event,
    reply::{Answer, AnswerKind, Part, Reply},
    shared::{Shared, State},
};

/// One thing to do on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Packet(Frame),
    /// The head of a packet and so many bytes of its payload; TCP only.
    Beginning(Frame, usize),
    /// The bytes of its payload that are left; TCP only.
    Rest(Frame, usize),
    Wait(Duration),
    /// The connection ends here; over UDP, this answer.
    Cut,
}

impl Step {
    /// Packets and bytes that it puts on the wire; the rest of a packet belongs to its beginning.
    pub(crate) fn size(&self, link: Link) -> (u64, usize) {
        match self {
            Self::Packet(frame) => (1, frame.before_payload(link) + frame.payload.len()),
            Self::Beginning(frame, bytes) => (1, frame.before_payload(link) + bytes),
            Self::Rest(frame, before) => (0, frame.payload.len() - before),
            Self::Wait(_) | Self::Cut => (0, 0),
        }
    }
}

/// How far the table that is being read has got.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    sent: u64,
    told_event: bool,
    /// The last packet of the answer before.
    previous: Option<Reply>,
}

/// Bytes of the longest packet that is kept to be sent again.
const KEPT: usize = 1_024;

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
    let struck = match faults.scope {
        Scope::Everything => faults,
        Scope::Tables if answer.kind != AnswerKind::Plain => faults,
        Scope::Tables => faults.without_what_strikes_packets(),
    };
    let mut steps = Vec::with_capacity(answer.packets.len() * 2);
    wait(faults.answer_delay, &mut steps);
    let is_table = match answer.kind {
        AnswerKind::Plain => false,
        AnswerKind::Announcement | AnswerKind::Table(Part::Whole) => {
            progress.sent = 0;
            progress.told_event = false;
            wait(faults.prepare_delay, &mut steps);
            matches!(answer.kind, AnswerKind::Table(_))
        }
        AnswerKind::Table(Part::Piece) => true,
    };
    let mut packets = answer.packets;
    let before = progress.previous.take();
    progress.previous = packets
        .last()
        .filter(|packet| packet.payload.len() <= KEPT)
        .cloned();
    let event_at = match faults.event_inside_table {
        EventInside::Never => None,
        EventInside::AfterFirstPacket => {
            (is_table && !mem::replace(&mut progress.told_event, true)).then_some(1)
        }
        EventInside::BeforeEveryAnswer => Some(0),
    };
    if let Some(at) = event_at {
        let event = Reply::event(Event::of_nobody(shared.config.record_format));
        packets.insert(packets.len().min(at), event);
    }
    let packets = disturb(packets, before, link, &struck, &mut state);
    let bend = Bend::of(&struck);
    let pause = Some(shared.config.packet_pause).filter(|pause| is_table && !pause.is_zero());
    for Outgoing { reply, repetition } in packets {
        steps.extend(pause.map(Step::Wait));
        let is_data = is_table && !repetition && reply.command == code::DATA;
        let frame = Frame::new(reply, bend);
        if !is_data {
            steps.push(Step::Packet(frame));
        } else if !send_data(frame, link, progress, &mut state, &mut steps) {
            break;
        }
    }
    steps
}

fn wait(time: Duration, steps: &mut Vec<Step>) {
    if !time.is_zero() {
        steps.push(Step::Wait(time));
    }
}

/// Swaps, doubles and loses packets. `before` is the last packet of the answer before.
fn disturb(
    mut packets: Vec<Reply>,
    before: Option<Reply>,
    link: Link,
    faults: &Faults,
    state: &mut State,
) -> Vec<Outgoing> {
    let (order, loss) = match link {
        Link::Stream => (faults.tcp_order, 0),
        Link::Datagram => (faults.udp_order, u64::from(faults.udp_loss_percent)),
    };
    match order {
        Order::Kept => {}
        Order::Swapped => packets.chunks_exact_mut(2).for_each(<[Reply]>::reverse),
    }
    let mut outgoing = Vec::with_capacity(packets.len());
    let mut send = |reply: Reply, repetition: bool| outgoing.push(Outgoing { reply, repetition });
    if faults.replies == Repeat::PreviousFirst
        && let Some(before) = before
    {
        send(before, true);
    }
    for reply in packets {
        if faults.replies == Repeat::Twice {
            send(reply.clone(), false);
        }
        send(reply, faults.replies == Repeat::Twice);
    }
    outgoing.retain(|_| loss == 0 || state.losses.below(100) >= loss);
    outgoing
}

/// Plans one packet of a table; `false` where the table is cut off.
fn send_data(
    frame: Frame,
    link: Link,
    progress: &mut Progress,
    state: &mut State,
    steps: &mut Vec<Step>,
) -> bool {
    let bytes = frame.payload.len();
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
            steps.push(Step::Beginning(frame, at));
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
                    steps.push(Step::Beginning(frame.clone(), at));
                    steps.push(Step::Wait(lasting));
                    steps.push(Step::Rest(frame, at));
                }
                Link::Datagram => {
                    steps.push(Step::Wait(lasting));
                    steps.push(Step::Packet(frame));
                }
            }
        }
        None => steps.push(Step::Packet(frame)),
    }
    true
}
