//! Reading only what is new in a log, which the protocol has no word for. Pure: what to ask for, and what came.
//!
//! First the counters: byte for byte as before, and room for more rows, means that nothing happened (`need`). Else the
//! log is prepared and its end read: the last rows that we know, and what follows them (`approach`). Where they are not
//! in their place the log has moved, as a full one does, and a window at its end is searched for them (`search`). What
//! none of this explains is read whole.

mod approach;
mod ends;
mod need;
mod search;

pub(crate) use self::{
    approach::{Approach, approach},
    ends::Ends,
    need::{Need, Why, need},
    search::{Found, begins_as_known, search},
};

/// Known rows that are read again before what is new.
pub(crate) const OVERLAP: usize = 4;
/// Rows that a position remembers, and that must be found together in a log that has moved.
pub(crate) const LANDMARK: usize = 16;
/// The part at the end of a log that has moved in which they are looked for: 64 KiB, or what one request brings of it.
pub(crate) const WINDOW: usize = 65_472;

#[cfg(test)]
mod tests;
