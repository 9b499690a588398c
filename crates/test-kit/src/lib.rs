//! What tests of several crates need: a receiver of deliveries, a clock to turn by hand, a ledger that goes away.
//! Only ever a dev-dependency.

mod clock;
mod ledger;
pub mod receiver;
mod samples;

pub use clock::HandClock;
pub use ledger::TempLedger;
pub use receiver::{Gate, Receiver, Reply, Request};
pub use samples::{implausible, local, punch, punch_with_state, punches, terminal_at};
