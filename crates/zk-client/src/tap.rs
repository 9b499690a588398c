use std::{fmt, sync::Arc};

use zk_wire::{Packet, WireError};

use crate::Transport;

/// Sees everything that passes between a client and a terminal, without changing it; see
/// [`Session::connect_tapped`](crate::Session::connect_tapped).
pub trait Tap: Send + Sync {
    /// Called while the conversation waits, so it must not take long.
    fn see(&self, passing: Passing<'_>);
}

/// What passes.
#[derive(Debug, Clone, Copy)]
pub enum Passing<'a> {
    /// A connection was opened; over UDP a socket.
    Opened(Transport),
    /// A packet left.
    Sent(&'a Packet),
    /// A packet came, whole and right.
    Received(&'a Packet),
    /// Something came that is no packet.
    Garbled(&'a WireError),
    /// The terminal closed the connection.
    Closed,
}

/// A tap that may be there.
#[derive(Clone, Default)]
pub(crate) struct MaybeTap(Option<Arc<dyn Tap>>);

impl MaybeTap {
    pub(crate) fn new(tap: Arc<dyn Tap>) -> Self {
        Self(Some(tap))
    }

    pub(crate) fn see(&self, passing: Passing<'_>) {
        if let Some(tap) = &self.0 {
            tap.see(passing);
        }
    }
}

impl fmt::Debug for MaybeTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "tapped"
        } else {
            "not tapped"
        })
    }
}
