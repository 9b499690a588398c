use std::{io, net::SocketAddr};

/// Why a terminal does not start, or does not take a user.
///
/// Where another error is the cause it is the source: print the whole chain for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program, or another virtual terminal, listens there.
    #[error("the address {address} is taken by another program")]
    PortTaken {
        /// Where it should have listened, over TCP and UDP.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where it should have listened, over TCP and UDP.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// As many users as the terminal holds.
    #[error("the terminal holds {capacity} users, which is all it can")]
    UserTableFull {
        /// [`TerminalConfig::user_capacity`](crate::TerminalConfig::user_capacity).
        capacity: u32,
    },
    /// Two users cannot have one PIN.
    #[error("the PIN {pin:?} belongs to another user")]
    PinTaken {
        /// The PIN that was asked for.
        pin: String,
    },
    /// Two users cannot have one slot number.
    #[error("the slot {uid} belongs to another user")]
    SlotTaken {
        /// The slot number that was asked for.
        uid: u16,
    },
    /// A field does not fit the row of this terminal's user format.
    #[error("the user with the PIN {pin:?} does not fit the terminal's user format")]
    UserInvalid {
        /// The user's PIN.
        pin: String,
        /// Which field, and why.
        source: zk_wire::WireError,
    },
    /// Longer than the terminal's PINs are, or with letters where it takes only digits.
    #[error("the PIN {pin:?} has more than {width} characters, or letters")]
    PinRefused {
        /// The PIN that was asked for.
        pin: String,
        /// Characters that the terminal takes.
        width: u8,
    },
    /// As many templates as the terminal holds.
    #[error("the terminal holds {capacity} templates, which is all it can")]
    TemplatesFull {
        /// [`TerminalConfig::template_capacity`](crate::TerminalConfig::template_capacity).
        capacity: u16,
    },
    /// A template is of somebody who is not there.
    #[error("nobody has the slot {uid} that a template is for")]
    NobodyInSlot {
        /// The slot number.
        uid: u16,
    },
    /// Nobody said anything in it.
    #[error("the capture holds no conversation with a terminal")]
    EmptyCapture,
}
