//! What is wrong with the terminal at this address, in plain words.
//!
//! [`examine()`] walks from the network to the last punch, one step after the other: does anybody answer, is it a terminal
//! of this protocol, does it take the key, what is it, is its clock right, do its counters make sense, can its users and
//! its log be read, does it tell punches as they happen. Each [`StepReport`] says what was found and what to do about it.
//! Nothing is disabled, written or cleared; there is one connection at a time, and it ends with EXIT.
//!
//! [`Report::capture`] holds the whole conversation without the people in it, so that whoever gets it can answer it from
//! a virtual terminal. [`scan()`] finds terminals on a network, gently.

mod anonymise;
mod examine;
mod lookalike;
mod meet;
mod quirks;
mod ranges;
mod recorder;
mod render;
mod report;
mod scan;
mod spans;
mod steps;

pub use anonymise::anonymise;
pub use examine::{Options, examine};
pub use quirks::list_quirks;
pub use ranges::{RangeError, Ranges};
pub use render::{Style, headline, summary};
pub use report::{Device, Outcome, Remark, Report, Step, StepReport};
pub use scan::{Found, KeyState, ScanOptions, scan};
