use std::{io, net::SocketAddr};

/// Why a terminal does not start, or does not take a user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another program, or another virtual terminal, listens there.
    #[error("the address {address} is taken by another program")]
    PortTaken {
        address: SocketAddr,
        source: io::Error,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    /// As many users as the terminal holds.
    #[error("the terminal holds {capacity} users, which is all it can")]
    UserTableFull { capacity: u32 },
    /// Two users cannot have one PIN.
    #[error("the PIN {pin:?} belongs to another user")]
    PinTaken { pin: String },
    /// Two users cannot have one slot number.
    #[error("the slot {uid} belongs to another user")]
    SlotTaken { uid: u16 },
    /// A field does not fit the row of this terminal's user format.
    #[error("the user with the PIN {pin:?} does not fit the terminal's user format")]
    UserInvalid {
        pin: String,
        source: zk_wire::WireError,
    },
}
