//! The packets of one answer over UDP: some lost, some twice, some in the wrong order.

use std::collections::{BTreeMap, HashMap};

/// Datagrams of one answer. Terminals number them in the session field (0, 1, 2 …), so that a copy and a swap are
/// recognised; some terminals do not.
#[derive(Debug, Default)]
pub(super) struct Datagrams {
    /// In the order of arrival.
    arrived: Vec<(u16, Vec<u8>)>,
    /// Where the packet of a number stands in `arrived`.
    places: HashMap<u16, usize>,
    /// Two different packets had the same number.
    unnumbered: bool,
    bytes: usize,
    /// What earlier tries brought of the same answer, and this one did not yet.
    earlier: BTreeMap<u16, Vec<u8>>,
    earlier_bytes: usize,
}

/// An answer without gaps.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Vec<u8>,
    /// Number of the first packet.
    first: u16,
    /// Bytes of a full packet, where there were several.
    packet: Option<usize>,
}

impl Whole {
    /// Bytes of a full packet, where the answer shows that packets are numbered from 0.
    pub(super) fn packet_of_numbered(&self) -> Option<usize> {
        self.packet.filter(|_| self.first == 0)
    }
}

/// Unnumbered packets are compared with so many before them.
const COPIES_WITHIN: usize = 64;

impl Datagrams {
    pub(super) fn is_empty(&self) -> bool {
        self.arrived.is_empty()
    }

    /// Bytes that came, copies apart.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.earlier_bytes
    }

    /// Bytes of the longest packet, 0 before the first.
    pub(super) fn longest(&self) -> usize {
        self.arrived
            .iter()
            .map(|(_, payload)| payload.len())
            .max()
            .unwrap_or(0)
    }

    /// The only packet of this answer, where earlier ones brought no other.
    pub(super) fn lone(&self) -> Option<&[u8]> {
        match self.arrived.as_slice() {
            [(_, payload)] if self.earlier.is_empty() => Some(payload),
            _ => None,
        }
    }

    /// Whether the packets are known to carry no numbers.
    pub(super) fn are_unnumbered(&self) -> bool {
        self.unnumbered
    }

    /// Whether the packet of this number came.
    pub(super) fn has(&self, index: u16) -> bool {
        self.places.contains_key(&index)
    }

    /// Takes a packet; `false` for a copy.
    pub(super) fn take(&mut self, index: u16, payload: Vec<u8>) -> bool {
        let same = self
            .places
            .get(&index)
            .and_then(|at| self.arrived.get(*at))
            .map(|(_, before)| *before == payload);
        let copy = match same {
            None => false,
            Some(true) => true,
            Some(false) => {
                self.unnumbered = true;
                let equal = |(at, before): &&(u16, Vec<u8>)| *at == index && *before == payload;
                self.arrived
                    .iter()
                    .rev()
                    .take(COPIES_WITHIN)
                    .any(|before| equal(&before))
            }
        };
        if copy || payload.is_empty() {
            return false;
        }
        match self.earlier.get(&index) {
            Some(before) if *before == payload && !self.unnumbered => {
                self.earlier_bytes -= payload.len();
                self.earlier.remove(&index);
            }
            // The table is not the same any more, or the numbers mean nothing.
            Some(_) => self.forget_earlier(),
            None if self.unnumbered => self.forget_earlier(),
            None => {}
        }
        self.bytes += payload.len();
        self.places.entry(index).or_insert(self.arrived.len());
        self.arrived.push((index, payload));
        true
    }

    /// All bytes in order, if there are exactly `wanted` of them, without a gap and in numbered packets. Tries are only
    /// put together where the numbers begin with 0 in each; else what earlier ones brought is dropped.
    pub(super) fn whole(&mut self, wanted: usize) -> Option<Whole> {
        if self.unnumbered && self.arrived.len() > 1 {
            return None;
        }
        if !self.earlier.is_empty() {
            let mut together = self.arrived.clone();
            together.extend(
                self.earlier
                    .iter()
                    .map(|(index, payload)| (*index, payload.clone())),
            );
            if let Some(whole) = in_order(together, wanted)
                .ok()
                .filter(|whole| whole.first == 0)
            {
                *self = Self::default();
                return Some(whole);
            }
            self.forget_earlier();
        }
        if self.bytes != wanted {
            return None;
        }
        match in_order(std::mem::take(&mut self.arrived), wanted) {
            Ok(whole) => {
                *self = Self::default();
                Some(whole)
            }
            Err(arrived) => {
                *self = Self {
                    arrived,
                    bytes: wanted,
                    unnumbered: true,
                    ..Self::default()
                };
                None
            }
        }
    }

    /// All bytes in the order of arrival, if there are exactly `wanted` of them: for unnumbered packets of an answer that
    /// cannot be asked for in pieces.
    pub(super) fn as_they_came(&mut self, wanted: usize) -> Option<Vec<u8>> {
        if self.bytes != wanted || !are_full(&self.arrived) {
            return None;
        }
        let packets = std::mem::take(self).arrived;
        Some(joined(packets, wanted))
    }

    /// Offset and bytes of each packet of an incomplete answer of `wanted` bytes, given that packets are numbered from 0
    /// and full ones have `packet` bytes; `None` if they do not look so.
    pub(super) fn placed(&mut self, wanted: usize, packet: usize) -> Option<Vec<(usize, Vec<u8>)>> {
        let unnumbered = self.unnumbered;
        let packets = std::mem::take(self).arrived;
        let placed: Vec<_> = packets
            .into_iter()
            .map(|(index, payload)| (usize::from(index) * packet, payload))
            .collect();
        let fits = placed.iter().all(|(start, payload)| {
            let end = start + payload.len();
            (payload.len() == packet && end <= wanted) || (payload.len() < packet && end == wanted)
        });
        (fits && !unnumbered).then_some(placed)
    }

    /// The answer is asked for once more; what came of it is kept where packets are numbered.
    pub(super) fn keep_for_next_try(&mut self) {
        let Self {
            arrived,
            unnumbered,
            mut earlier,
            ..
        } = std::mem::take(self);
        if !unnumbered {
            earlier.extend(arrived);
            self.earlier_bytes = earlier.values().map(Vec::len).sum();
            self.earlier = earlier;
        }
    }

    /// Nothing of earlier tries belongs to this answer.
    pub(super) fn forget_earlier(&mut self) {
        self.earlier.clear();
        self.earlier_bytes = 0;
    }
}

/// Whether all packets but the last have the same length, and the last is not longer.
fn are_full(packets: &[(u16, Vec<u8>)]) -> bool {
    let Some(((_, last), others)) = packets.split_last() else {
        return true;
    };
    let full = others
        .first()
        .map_or(last.len(), |(_, payload)| payload.len());
    last.len() <= full && others.iter().all(|(_, payload)| payload.len() == full)
}

/// Puts numbered packets in order; gives them back if there is a gap.
fn in_order(mut packets: Vec<(u16, Vec<u8>)>, wanted: usize) -> Result<Whole, Vec<(u16, Vec<u8>)>> {
    packets.sort_by_key(|(index, _)| *index);
    let first = packets.first().map_or(0, |(index, _)| *index);
    let gapless = packets
        .iter()
        .zip(first..=u16::MAX)
        .all(|((index, _), nth)| *index == nth);
    let bytes: usize = packets.iter().map(|(_, payload)| payload.len()).sum();
    if !gapless || bytes != wanted || !are_full(&packets) {
        return Err(packets);
    }
    let packet = packets
        .first()
        .filter(|_| packets.len() > 1)
        .map(|(_, payload)| payload.len());
    Ok(Whole {
        bytes: joined(packets, wanted),
        first,
        packet,
    })
}

fn joined(packets: Vec<(u16, Vec<u8>)>, wanted: usize) -> Vec<u8> {
    let mut whole = Vec::with_capacity(wanted);
    for (_, payload) in packets {
        whole.extend_from_slice(&payload);
    }
    whole
}
