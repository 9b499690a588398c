//! The client against recorded bytes, against peers that misbehave, and against the virtual terminal.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, stopping is the report"
)]

mod cancels;
mod commands;
mod connecting;
mod cuts;
mod faults;
mod live;
mod live_terminal;
mod losses;
mod matrix;
mod peer;
mod people;
mod prepared;
mod recorded;
mod tables;
mod taps;
mod udp;
mod uploads;
mod virtual_terminal;
mod writes;
