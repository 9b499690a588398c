//! The packets of one answer over TCP.

/// Packets arrive in order, but some terminals and relays send each twice. One packet is held back, so that its copy is
/// recognised.
#[derive(Debug, Default)]
pub(super) struct InOrder {
    held: Option<(u16, Vec<u8>)>,
    bytes: usize,
}

impl InOrder {
    /// Bytes that came, copies apart.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes a packet and moves the one before it behind `ready`; `false` for a copy.
    pub(super) fn take(&mut self, index: u16, payload: Vec<u8>, ready: &mut Vec<u8>) -> bool {
        // Most terminals number the packets in the session field; where they do not, two equal packets in a row would
        // have to hold the same rows at the same places.
        if self
            .held
            .as_ref()
            .is_some_and(|(at, before)| *at == index && *before == payload)
        {
            return false;
        }
        self.bytes += payload.len();
        if let Some((_, before)) = self.held.replace((index, payload)) {
            append(ready, before);
        }
        true
    }

    /// Moves the last packet behind `ready`; the answer is complete.
    pub(super) fn finish(&mut self, ready: &mut Vec<u8>) {
        if let Some((_, last)) = self.held.take() {
            append(ready, last);
        }
        self.bytes = 0;
    }
}

fn append(ready: &mut Vec<u8>, bytes: Vec<u8>) {
    if ready.is_empty() {
        *ready = bytes;
    } else {
        ready.extend_from_slice(&bytes);
    }
}
