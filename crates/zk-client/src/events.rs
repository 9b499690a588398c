//! Events that wait for somebody to take them.

use std::collections::VecDeque;

use zk_wire::{Event, Packet};

/// What a terminal told by itself, the oldest first; empty while nobody listens.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    is_wanted: bool,
    waiting: VecDeque<Event>,
    lost: u64,
}

/// More than a terminal tells while a large log is read.
const MOST_WAITING: usize = 512;
/// Bytes of an event that is kept; the longest seen has 52.
const MOST_BYTES: usize = 1024;

impl EventQueue {
    pub(crate) fn want(&mut self, wanted: bool) {
        self.is_wanted = wanted;
    }

    /// Whether the packet is an event. It is kept while somebody listens; where the queue is full, the oldest makes room.
    pub(crate) fn takes(&mut self, packet: &Packet) -> bool {
        let events = Event::decode_all(packet);
        if events.is_empty() {
            return false;
        }
        if !self.is_wanted {
            tracing::debug!(?events, "an event is acknowledged and passed over");
        } else if packet.payload.len() > MOST_BYTES {
            self.lost += 1;
        } else {
            for event in events {
                self.keep(event);
            }
        }
        true
    }

    fn keep(&mut self, event: Event) {
        if self.waiting.len() == MOST_WAITING {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(event);
    }

    pub(crate) fn next(&mut self) -> Option<Event> {
        self.waiting.pop_front()
    }

    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }
}
