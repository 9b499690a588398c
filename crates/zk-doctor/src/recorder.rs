//! Keeps what passes between the doctor and the terminal.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;
use zk_client::{Passing, Tap, Transport};
use zk_wire::{
    Link, Packet, WireError,
    capture::{Capture, Happened, Moment},
    code,
};

/// Sees every packet; keeps all where a capture is wanted, and always what tells strangers apart.
#[derive(Debug)]
pub(crate) struct Recorder {
    began: Instant,
    keeps: bool,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    link: Option<Link>,
    asked_for_key: bool,
    echoed: bool,
    noise: Option<Vec<u8>>,
    moments: Vec<Moment>,
    /// Bytes of all packets that were kept.
    kept: usize,
}

/// A conversation is kept up to so many bytes: more than the largest table, read whole and in part.
const MOST: usize = 160 << 20;

impl Recorder {
    pub(crate) fn new(keeps: bool) -> Self {
        Self {
            began: Instant::now(),
            keeps,
            seen: Mutex::default(),
        }
    }

    /// Whether the terminal asked for a key since [`forget`](Self::forget).
    pub(crate) fn asked_for_key(&self) -> bool {
        self.with(|seen| seen.asked_for_key)
    }

    /// Whether the other side sent back what it got.
    pub(crate) fn was_echoed(&self) -> bool {
        self.with(|seen| seen.echoed)
    }

    /// The first bytes of what was no packet.
    pub(crate) fn noise(&self) -> Option<Vec<u8>> {
        self.with(|seen| seen.noise.clone())
    }

    /// Begins anew with what is told of the other side; the packets stay.
    pub(crate) fn forget(&self) {
        self.with(|seen| {
            seen.asked_for_key = false;
            seen.echoed = false;
            seen.noise = None;
        });
    }

    /// All that was kept.
    pub(crate) fn capture(&self) -> Capture {
        Capture {
            notes: Vec::new(),
            moments: self.with(|seen| std::mem::take(&mut seen.moments)),
        }
    }

    fn with<T>(&self, read: impl FnOnce(&mut Seen) -> T) -> T {
        read(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Tap for Recorder {
    fn see(&self, passing: Passing<'_>) {
        let at = self.began.elapsed();
        self.with(|seen| {
            seen.judge(passing);
            let what = match passing {
                Passing::Opened(_) => Happened::Opened,
                Passing::Sent(packet) => Happened::Sent(packet.clone()),
                Passing::Received(packet) => Happened::Received(packet.clone()),
                Passing::Garbled(_) => Happened::Noise(seen.noise.clone().unwrap_or_default()),
                Passing::Closed => Happened::Closed,
            };
            seen.kept += size(&what);
            if self.keeps && seen.kept <= MOST {
                let link = seen.link.unwrap_or(Link::Stream);
                seen.moments.push(Moment { at, link, what });
            }
        });
    }
}

impl Seen {
    fn judge(&mut self, passing: Passing<'_>) {
        match passing {
            Passing::Opened(Transport::Tcp) => self.link = Some(Link::Stream),
            Passing::Opened(Transport::Udp) => self.link = Some(Link::Datagram),
            Passing::Received(packet) if packet.command == code::ACK_UNAUTH => {
                self.asked_for_key = true;
            }
            Passing::Received(packet) if packet.command == code::CONNECT => self.echoed = true,
            Passing::Garbled(
                WireError::OtherProtocol { first_bytes, .. } | WireError::OutOfStep { first_bytes },
            ) => self.noise = bytes(first_bytes),
            Passing::Garbled(
                WireError::FrameTooLong { .. }
                | WireError::TooShort { .. }
                | WireError::Checksum { .. }
                | WireError::Payload { .. },
            )
            | Passing::Sent(_)
            | Passing::Received(_)
            | Passing::Closed => {}
        }
    }
}

fn size(what: &Happened) -> usize {
    match what {
        Happened::Sent(packet) | Happened::Received(packet) => {
            Packet::HEADER + packet.payload.len()
        }
        Happened::Opened | Happened::Noise(_) | Happened::Closed => 0,
    }
}

/// Bytes out of the hexadecimal digits of an error.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect()
}
