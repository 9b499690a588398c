//! The packets of one answer over TCP.

/// Packets arrive in order, but some terminals and relays send each twice, and a bad one leaves one out or tells them in
/// another order. The last packet is held back, so that its copy is recognised; the others are, until their order is sure.
#[derive(Debug, Default)]
pub(super) struct InOrder {
    last: Option<(u16, Vec<u8>)>,
    /// What came before the last packet and was not handed on.
    earlier: Vec<u8>,
    bytes: usize,
    numbers: Numbers,
}

/// What the session field of the packets held so far.
#[derive(Debug, Default)]
struct Numbers {
    first: u16,
    lowest: u16,
    highest: u16,
    /// Neighbours.
    pairs: u32,
    /// Neighbours of which the second is the first plus one.
    counted: u32,
    /// The same without the first packet.
    counted_later: u32,
    /// Neighbours that are the same.
    same: u32,
    /// Neighbours that differ by the bytes of the first packet.
    offsets: u32,
}

impl InOrder {
    /// Bytes that came, copies apart.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes a packet; `false` for a copy.
    pub(super) fn take(&mut self, index: u16, payload: Vec<u8>) -> bool {
        // Most terminals number the packets in the session field; where they do not, two equal packets in a row would
        // have to hold the same rows at the same places.
        if self
            .last
            .as_ref()
            .is_some_and(|(at, before)| *at == index && *before == payload)
        {
            return false;
        }
        self.bytes += payload.len();
        match self.last.replace((index, payload)) {
            None => self.numbers = Numbers::starting_with(index),
            Some((before, bytes)) => {
                self.numbers.go_on(before, index, bytes.len());
                append(&mut self.earlier, bytes);
            }
        }
        true
    }

    /// Whether what came so far is surely in order and without a gap.
    pub(super) fn is_counted(&self) -> bool {
        let Numbers {
            first,
            pairs,
            counted,
            ..
        } = self.numbers;
        first == 0 && pairs > 0 && counted == pairs
    }

    /// Moves all but the last packet behind `ready`.
    pub(super) fn hand_on(&mut self, ready: &mut Vec<u8>) {
        append(ready, std::mem::take(&mut self.earlier));
    }

    /// Moves everything behind `ready`: the answer is complete. `false` where its numbers show that packets changed places
    /// or are missing; nothing is moved then.
    pub(super) fn finish(&mut self, ready: &mut Vec<u8>) -> bool {
        if self.numbers.show_disorder() {
            return false;
        }
        self.hand_on(ready);
        if let Some((_, last)) = self.last.take() {
            append(ready, last);
        }
        *self = Self::default();
        true
    }
}

impl Numbers {
    fn starting_with(index: u16) -> Self {
        Self {
            first: index,
            lowest: index,
            highest: index,
            ..Self::default()
        }
    }

    fn go_on(&mut self, before: u16, index: u16, bytes: usize) {
        self.lowest = self.lowest.min(index);
        self.highest = self.highest.max(index);
        let step = index.wrapping_sub(before);
        self.counted += u32::from(step == 1);
        self.counted_later += u32::from(step == 1 && self.pairs > 0);
        self.same += u32::from(step == 0);
        self.offsets += u32::from(usize::from(step) == bytes % 0x1_0000);
        self.pairs += 1;
    }

    /// Numbers that go by a rule, but not all of them. Where none does, what stands there means nothing.
    fn show_disorder(&self) -> bool {
        let pairs = self.pairs;
        let are_close = u32::from(self.highest - self.lowest) < (pairs + 1) * 2;
        let go_by_a_rule = [self.counted, self.same, self.offsets].contains(&pairs);
        // The session in the first is no disorder.
        let but_for_the_first = !are_close && self.counted_later + 1 == pairs;
        let some_do = self.counted.max(self.offsets) * 4 > pairs;
        !go_by_a_rule && !but_for_the_first && (are_close || some_do)
    }
}

fn append(ready: &mut Vec<u8>, bytes: Vec<u8>) {
    if ready.is_empty() {
        *ready = bytes;
    } else {
        ready.extend_from_slice(&bytes);
    }
}
