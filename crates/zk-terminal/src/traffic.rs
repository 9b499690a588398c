//! What went over the wire, so that a test can say what a poll costs.

use std::collections::BTreeMap;

use zk_wire::code;

/// Packets and bytes since the terminal was started, or since they were reset. Bytes are those of whole frames (with their
/// eight bytes before the packet) and of whole datagrams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// From clients.
    pub packets_in: u64,
    /// To clients.
    pub packets_out: u64,
    /// From clients.
    pub bytes_in: u64,
    /// To clients.
    pub bytes_out: u64,
    /// The same by the command that was asked and answered. Events stand under
    /// [`REG_EVENT`](zk_wire::code::REG_EVENT), their acknowledgements under [`ACK_OK`](zk_wire::code::ACK_OK).
    pub by_command: BTreeMap<u16, CommandTraffic>,
}

/// The share of one command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CommandTraffic {
    /// From clients.
    pub packets_in: u64,
    /// To clients.
    pub packets_out: u64,
    /// From clients.
    pub bytes_in: u64,
    /// To clients.
    pub bytes_out: u64,
}

impl Traffic {
    /// Requests, which a client waits for the answer of: everything that came in but acknowledgements.
    pub fn round_trips(&self) -> u64 {
        self.packets_in - self.of(code::ACK_OK).packets_in
    }

    /// The share of `command`.
    pub fn of(&self, command: u16) -> CommandTraffic {
        self.by_command.get(&command).copied().unwrap_or_default()
    }

    pub(crate) fn received(&mut self, command: u16, bytes: usize) {
        let share = self.by_command.entry(command).or_default();
        share.packets_in += 1;
        share.bytes_in += bytes as u64;
        self.packets_in += 1;
        self.bytes_in += bytes as u64;
    }

    /// Bytes in answer to `command`; the beginning of a packet that is cut counts as one.
    pub(crate) fn sent(&mut self, command: u16, packets: u64, bytes: usize) {
        let share = self.by_command.entry(command).or_default();
        share.packets_out += packets;
        share.bytes_out += bytes as u64;
        self.packets_out += packets;
        self.bytes_out += bytes as u64;
    }
}
